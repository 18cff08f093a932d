/*
 * callunder.S - call firmware under its own page tables and stack.
 */

/*
 * uint64_t callunder(uint64_t cr3, void *fn, const uint64_t args[4],
 * uintptr_t stack): both sets of tables have our upper half, so stack and
 * arguments may lie there. SSE is usable with its default modes, the direction
 * flag is clear and the stack is aligned, as UEFI Specification 2.3.4 asks.
 */
	.text
	.globl	callunder
callunder:
	push	%rbp
	mov	%rsp, %rbp
	push	%rbx
	push	%rsi
	push	%rdi
	push	%r12
	mov	%cr3, %rbx
	mov	%rdx, %rax
	mov	%r9, %rsp
	and	$-16, %rsp
	mov	%rcx, %cr3
	fninit
	sub	$48, %rsp
	movl	$0x1f80, 32(%rsp)
	ldmxcsr	32(%rsp)
	cld
	mov	0(%r8), %rcx
	mov	8(%r8), %rdx
	mov	24(%r8), %r9
	mov	16(%r8), %r8
	call	*%rax
	cli			/* whatever firmware thinks */
	cld
	mov	%rbx, %cr3
	lea	-32(%rbp), %rsp
	pop	%r12
	pop	%rdi
	pop	%rsi
	pop	%rbx
	pop	%rbp
	ret
