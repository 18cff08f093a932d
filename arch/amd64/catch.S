/*
 * catch.S - the ways out of a function other than returning from it.
 */

/*
 * callcatching(fn, arg, uintptr_t *sp): call fn(arg) and return 0. Before the
 * call the registers a function must keep are pushed, the flags last, and *sp
 * says where; catchreturn(sp) goes back there, interrupts as they were, and
 * makes callcatching return 1.
 */
	.text
	.globl	callcatching
callcatching:
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
	mov	%rsp, (%r8)
	sub	$32, %rsp
	mov	%rcx, %rax
	mov	%rdx, %rcx
	call	*%rax
	add	$40, %rsp		/* the flags too */
	xor	%eax, %eax
restored:
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rdi
	pop	%rsi
	pop	%rbx
	pop	%rbp
	ret

/*
 * By iretq, as nothing else lets the next NMI in after one that was caught.
 */
	.globl	catchreturn
catchreturn:
	mov	%ss, %eax
	push	%rax
	lea	8(%rcx), %rax
	push	%rax
	push	(%rcx)
	mov	%cs, %eax
	push	%rax
	lea	restored(%rip), %rax
	push	%rax
	mov	$1, %eax
	iretq

/*
 * restack(sp, fn): leave everything on the stack behind and go on in fn, which
 * does not return, with an empty one. By iretq too: it may be an NMI's report
 * that ends here.
 */
	.globl	restack
restack:
	lea	-40(%rcx), %rcx
	movq	$0, (%rcx)		/* nobody to return to */
	xor	%ebp, %ebp
	mov	%ss, %eax
	push	%rax
	push	%rcx
	pushfq
	mov	%cs, %eax
	push	%rax
	push	%rdx
	iretq
