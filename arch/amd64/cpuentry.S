/*
 * cpuentry.S - where a CPU comes to from the page it started in (parking.S),
 * with its number in edi and no stack.
 */
	.text
	.globl	cpuentry
cpuentry:
	mov	%edi, %edi
	lea	machs(%rip), %rcx
	mov	(%rcx, %rdi, 8), %rcx
	mov	(%rcx), %rsp
	push	$2			/* no flag set */
	popfq
	xor	%ebp, %ebp
	jmp	machstart
