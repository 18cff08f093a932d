/*
 * string.S - the four functions a compiler may call on its own, by the string
 * instructions: fast where it matters here (whole pages), short everywhere.
 */
	.text
	.globl	memcpy
memcpy:
	mov	%rdi, %r9
	mov	%rsi, %r10
	mov	%rcx, %rax
	mov	%rcx, %rdi
	mov	%rdx, %rsi
	mov	%r8, %rcx
	rep movsb
	mov	%r9, %rdi
	mov	%r10, %rsi
	ret

	.globl	memmove
memmove:
	mov	%rcx, %rax
	sub	%rdx, %rax		/* to - from, unsigned: below n only */
	cmp	%r8, %rax		/* if to lies inside from's bytes */
	jae	memcpy
	mov	%rdi, %r9
	mov	%rsi, %r10
	mov	%rcx, %rax
	lea	-1(%rcx, %r8), %rdi
	lea	-1(%rdx, %r8), %rsi
	mov	%r8, %rcx
	std
	rep movsb
	cld
	mov	%r9, %rdi
	mov	%r10, %rsi
	ret

	.globl	memset
memset:
	mov	%rdi, %r9
	mov	%rcx, %r10
	mov	%rcx, %rdi
	mov	%edx, %eax
	mov	%r8, %rcx
	rep stosb
	mov	%r10, %rax
	mov	%r9, %rdi
	ret

	.globl	memcmp
memcmp:
	xor	%eax, %eax
	xor	%r9d, %r9d
1:	cmp	%r8, %r9
	je	2f
	movzbl	(%rcx, %r9), %eax
	movzbl	(%rdx, %r9), %r10d
	inc	%r9
	sub	%r10d, %eax
	je	1b
2:	ret
