/*
 * thunk.S - every boot service by way of a counter, and another stack.
 *
 * A service's thunk leaves its number in %eax, a scratch register of the
 * calling convention, and all arguments where they are. While `watching' is
 * set, the number goes to forbidden() first.
 */
	.text
	.globl thunks
	.p2align 4
thunks:
	.irp i, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,\
	23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,\
	46,47
	movl	$\i, %eax
	jmp	service
	.p2align 4
	.endr

service:
	cmpl	$0, watching(%rip)
	je	1f
	push	%rbp
	movq	%rsp, %rbp
	push	%rax
	push	%rcx
	push	%rdx
	push	%r8
	push	%r9
	andq	$-16, %rsp
	subq	$32, %rsp
	movl	%eax, %ecx
	call	forbidden
	movq	-8(%rbp), %rax
	movq	-16(%rbp), %rcx
	movq	-24(%rbp), %rdx
	movq	-32(%rbp), %r8
	movq	-40(%rbp), %r9
	leave
1:
	movq	real(%rip), %r10
	jmp	*24(%r10,%rax,8)	/* after the table's 24-byte header */

/* start(image, NULL, NULL) on the stack whose top is given first. */
	.globl onstack
onstack:
	push	%rbp
	movq	%rsp, %rbp
	leaq	-32(%rcx), %rsp
	movq	%rdx, %rcx
	movq	%r8, %rax
	xorl	%edx, %edx
	xorl	%r8d, %r8d
	call	*%rax
	leave
	ret
