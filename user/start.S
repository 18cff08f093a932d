/*
 * start.S - what a program begins with, and how it asks the kernel.
 */
	.section .head, "a"
	.quad	0x72657375396d656d	/* USERMAGIC */
	.long	textsize
	.long	datasize
	.long	bsssize
	.long	entry

	.text
	.globl	start
start:
	xor	%ebp, %ebp
	call	main			/* the argument is in rdi */
	mov	%eax, %edi
	mov	$0, %eax		/* SYSEXIT */
	syscall
	ud2

/* ask(number, a, b, c) */
	.globl	ask
ask:
	mov	%rdi, %rax
	mov	%rsi, %rdi
	mov	%rdx, %rsi
	mov	%rcx, %rdx
	syscall
	ret
