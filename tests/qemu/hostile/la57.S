/*
 * la57.S - five levels of page tables, turned on under a firmware that has
 * four.
 *
 * la57on(uint64_t top), in ecx: the new top table. CR4.LA57 changes only while
 * paging is off, and paging goes off only in 32 bits: so all here, the stack
 * and the table are below 4 GiB, where they are mapped at their own addresses.
 * Afterwards all is as it was but for CR3 and CR4.
 */
	.set	CODE32, 0x08
	.set	DATA, 0x10
	.set	CODE64, 0x18
	.set	PG, 1 << 31
	.set	LA57, 1 << 12

	.data
	.balign	8
gdt:
	.quad	0
	.quad	0x00cf9a000000ffff
	.quad	0x00cf92000000ffff
	.quad	0x00af9a000000ffff
gdtend:
newgdt:
	.word	gdtend - gdt - 1
	.quad	0
oldgdt:
	.skip	10
	.balign	8
sp:
	.quad	0

	.text
	.globl	la57on
la57on:
	pushfq
	cli
	push	%rbx
	push	%rbp
	push	%rsi
	push	%rdi
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%cs, %eax
	push	%rax
	mov	%ss, %eax
	push	%rax
	mov	%rsp, sp(%rip)
	sgdt	oldgdt(%rip)
	lea	gdt(%rip), %rax
	mov	%rax, newgdt+2(%rip)
	lgdt	newgdt(%rip)
	lea	2f(%rip), %rbx
	lea	1f(%rip), %rax
	push	$CODE32
	push	%rax
	lretq
	.code32
1:	mov	$DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%cr0, %edx
	mov	%edx, %eax
	and	$~PG, %eax
	mov	%eax, %cr0
	mov	%cr4, %eax
	or	$LA57, %eax
	mov	%eax, %cr4
	mov	%ecx, %cr3
	mov	%edx, %cr0
	push	$CODE64
	push	%ebx
	lretl
	.code64
2:	lgdt	oldgdt(%rip)
	mov	sp(%rip), %rsp
	pop	%rax
	mov	%eax, %ss
	mov	%eax, %ds
	mov	%eax, %es
	pop	%rax
	lea	3f(%rip), %rcx
	push	%rax
	push	%rcx
	lretq
3:	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rdi
	pop	%rsi
	pop	%rbp
	pop	%rbx
	popfq
	ret
