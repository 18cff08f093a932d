/*
 * userasm.S - into user mode, and back.
 *
 *	userenter	keeps the kernel's registers on this stack; says in the
 *			TSS, for traps, and in Userstack, for SYSCALL, that
 *			entries push below; leaves by iretq, always: so SYSRET's
 *			troubles with an address that cannot be are none
 *	trapasm.S	pushes a Ureg there; trap() calls userback, which copies
 *			it
 *	userreturn	takes the kernel's registers, and returns to who called
 *			userenter
 */

	.set	UDATA3, 0x23		/* desc.h, for ring 3 */
	.set	KDATA, 0x10
	.set	UREGWORDS, 22
	.set	TSSSP0, 4

	.macro	segments selector
	mov	$\selector, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %fs
	mov	%eax, %gs
	.endm

	.text
	.globl	userenter
userenter:
	push	%rbp
	mov	%rsp, %rbp
	push	%rbx
	push	%rsi
	push	%rdi
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	pushfq
	cli
	mov	%rsp, (%rdx)		/* at a multiple of 16, as it has to be */
	mov	%rsp, TSSSP0(%r8)
	sub	$8*UREGWORDS, %rsp
	mov	%rcx, %rsi
	mov	%rsp, %rdi
	mov	$UREGWORDS, %ecx
	cld
	rep movsq
	segments UDATA3
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rbp
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rbx
	pop	%rax
	add	$16, %rsp
	iretq

	.globl	userreturn
userreturn:
	mov	%rcx, %rsp
	segments KDATA
	popfq
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rdi
	pop	%rsi
	pop	%rbx
	pop	%rbp
	ret
