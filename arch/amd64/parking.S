/*
 * parking.S - where a CPU starts, and what it does that has nothing to do: see
 * park.c, which copies this to the start of a page below 1 MiB and fills in the
 * data behind it. One that finds a ticket there goes on to the kernel, as
 * startcpus.c says; every other one stays.
 *
 * Real mode, where a CPU is after INIT and a startup IPI, with CS the page: no
 * table is needed but the vectors, 4 bytes each. Interrupts are off; an NMI or
 * a machine check comes back here.
 *
 * Any number of CPUs share the stack. They may, as nothing is ever read from
 * it that is not the same for all: a handler does not return to where it came
 * from but takes the frame that lies ready in the page, to parkloop; and an NMI
 * between that iret and the next instruction stores the very same frame. What
 * comes before that iret stores below the frame, where nothing is. SDM
 * volume 3A, 6.7.1 (NMIs are off until an iret), 9.1.4 (state after INIT),
 * 21.1.4 (vectors in real mode).
 *
 * On the way to the kernel there are no vectors that could be used between real
 * mode and the kernel's IDT: what comes there, an NMI too, is a reset. Nobody
 * sends one, and it is some hundred instructions.
 */

/* struct Parking, parkpage.h */
	.set	IDTR, 640
	.set	GDTR, 648
	.set	MCE, 655
	.set	FRAME, 672
	.set	STACK, 768
	.set	COUNT, 768
	.set	TICKET, 772
	.set	CR0V, 776
	.set	CR3V, 780
	.set	CR4V, 784
	.set	EFERV, 788
	.set	FAR32, 792
	.set	ENTRY, 800
	.set	FAR64, 808
	.set	IDS, 848
	.set	NIDS, 812

	.set	KDATA, 0x10		/* desc.h */
	.set	CR0PG, 1 << 31
	.set	MSREFER, 0xc0000080

	.set	CR4MCE, 1 << 6
	.set	MCGSTATUS, 0x17a

	.section .rdata, "dr"
	.balign	16
	.code16
	.globl	parkcode
parkcode:
	cli
	cld
	mov	%cs, %ax
	mov	%ax, %ds
	mov	%ax, %ss
	mov	$STACK, %sp
	lidt	IDTR
	lgdt	GDTR
	cmpb	$0, MCE
	je	1f
	mov	%cr4, %eax
	or	$CR4MCE, %eax		/* off, it is a reset */
	mov	%eax, %cr4

/* Whoever takes the ticket, takes it from all others. */
1:	xor	%eax, %eax
	xchg	%eax, TICKET		/* call: take */
	test	%eax, %eax
	jnz	parkleave

/* Its id: SDM volume 3A, 9.4.5; leaf 0xb has all of it, where there is one. */
	xor	%eax, %eax
	cpuid
	cmp	$0xb, %eax
	jb	2f
	mov	$0xb, %eax
	xor	%ecx, %ecx
	cpuid
	test	%ebx, %ebx
	jnz	3f
2:	mov	$1, %eax
	cpuid
	shr	$24, %ebx
	mov	%ebx, %edx
3:	mov	$1, %eax
	lock xadd %eax, COUNT		/* call: park */
	cmp	$NIDS, %eax
	jae	parkloop
	mov	%edx, IDS(, %eax, 4)

	.globl	parkloop
parkloop:
	mov	$STACK, %sp
4:	hlt
	jmp	4b

/* MCIP is cleared: with it, one more machine check is a reset. */
	.globl	parkmcheck
parkmcheck:
	mov	$MCGSTATUS, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr
	.globl	parkother
parkother:
	mov	$FRAME, %sp
	iret

/*
 * With the ticket in edi and the page's address in ebx: protected mode, then
 * long mode at once (SDM volume 3A, 9.9.1, 9.8.5). CR0 loses CD and NW, which
 * are on after INIT.
 */
parkleave:
	mov	%eax, %edi
	xor	%ebx, %ebx
	mov	%cs, %bx
	shl	$4, %ebx
	mov	CR4V, %eax
	mov	%eax, %cr4
	mov	CR3V, %eax
	mov	%eax, %cr3
	mov	$MSREFER, %ecx
	mov	EFERV, %eax
	xor	%edx, %edx
	wrmsr
	mov	CR0V, %eax
	and	$~CR0PG, %eax
	mov	%eax, %cr0
	ljmpl	*FAR32

	.code32
	.globl	park32
park32:
	mov	$KDATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	CR0V(%ebx), %eax
	mov	%eax, %cr0
	ljmpl	*FAR64(%ebx)

	.code64
	.globl	park64
park64:
	mov	%ebx, %ebx
	jmp	*ENTRY(%rbx)
	.globl	parkend
parkend:
