/*
 * switch.S - the one page of code that runs under both sets of page tables.
 */

/*
 * switchto(const Switch *s), in rcx: load what s holds (takeover.c) and jump,
 * never to return. It lies at the same address, identity, in the tables it
 * leaves and in the ones it loads. Everything is in registers before CR3
 * changes, as nothing else needs to be mapped after that.
 *
 * Order: interrupts off; EFER first, as the new tables may use NX; CR4 before
 * CR3, as PCIDE would give the low bits of CR3 a meaning; CR0 with WP last.
 */
	.text
	.balign 128
	.globl	switchto
switchto:
	cli
	cld
	mov	%rcx, %rbx
	mov	$0xc0000080, %ecx
	mov	8*0(%rbx), %eax
	mov	8*0+4(%rbx), %edx
	wrmsr
	mov	8*1(%rbx), %rsi		/* cr4 */
	mov	8*2(%rbx), %rdi		/* cr3 */
	mov	8*3(%rbx), %r8		/* cr0 */
	mov	8*4(%rbx), %r9		/* sp */
	mov	8*5(%rbx), %r10		/* pc */
	mov	8*6(%rbx), %rcx		/* its first argument */
	mov	%rsi, %cr4
	mov	%rdi, %cr3
	mov	%r8, %cr0
	mov	%r9, %rsp
	push	$2			/* no flag set: NT, AC, TF too */
	popfq
	xor	%ebp, %ebp
	jmp	*%r10
	.globl	switchend
switchend:

/*
 * setsegments(uint16_t code, uint16_t data): after lgdt, reload every segment
 * register; FS and GS bases become 0 with them.
 */
	.globl	setsegments
setsegments:
	mov	%edx, %ds
	mov	%edx, %es
	mov	%edx, %ss
	mov	%edx, %fs
	mov	%edx, %gs
	pop	%rax
	movzwl	%cx, %ecx
	push	%rcx
	push	%rax
	lretq
