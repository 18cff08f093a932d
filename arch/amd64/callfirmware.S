/*
 * callfirmware.S - call firmware as it wants to be called.
 */

/*
 * uint64_t callfirmware(void *fn, const uint64_t args[4], uintptr_t sp): SSE
 * is usable with its default modes, the direction flag is clear and the stack
 * is aligned, as UEFI Specification 2.3.4 asks. Whatever firmware does to the
 * flags, interrupts are off and the direction is up afterwards.
 */
	.text
	.globl	callfirmware
callfirmware:
	push	%rbp
	mov	%rsp, %rbp
	mov	%rcx, %rax
	mov	%rdx, %r10
	mov	%r8, %rsp
	and	$-16, %rsp
	sub	$48, %rsp
	fninit
	movl	$0x1f80, 32(%rsp)
	ldmxcsr	32(%rsp)
	cld
	mov	0(%r10), %rcx
	mov	8(%r10), %rdx
	mov	16(%r10), %r8
	mov	24(%r10), %r9
	call	*%rax
	cli
	cld
	mov	%rbp, %rsp
	pop	%rbp
	ret
