/*
 * trapasm.S - the entries of the 256 vectors, and of SYSCALL.
 */

/*
 * Each entry pushes an error code where the CPU pushed none, then its vector,
 * and is 16 bytes long: desc.c computes their addresses. The CPU pushes an
 * error code for 8, 10 to 14, 17, 21, 29 and 30 (SDM volume 3A, table 6-1).
 */
	.text
	.balign	16
	.globl	trapentries
trapentries:
	.set	vector, 0
	.rept	256
	.balign	16
	.if (vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17) || (vector == 21) || (vector == 29) || (vector == 30)
	.else
	push	$0
	.endif
	push	$vector
	jmp	trapcommon
	.set	vector, vector + 1
	.endr

/*
 * Save all registers as struct Ureg (trap.h) has them, call trap(ureg) with an
 * aligned stack and the 32 bytes its callee may use, and return. The pc and
 * the frame pointer of the interrupted code are pushed once more, as a frame
 * like any other: a back trace goes on there.
 */
	.cfi_sections .debug_frame
	.balign	16
trapcommon:
	.cfi_startproc simple
	push	%rax
	push	%rbx
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%rbp
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	push	$2			/* no flag set: DF, AC of a program */
	popfq
	mov	%rsp, %rcx
	mov	%rsp, %rbx
	/* For gdb: where each register of the interrupted code lies. */
	.cfi_def_cfa %rbx, 8*22
	.cfi_offset %r15, 8*0-8*22
	.cfi_offset %r14, 8*1-8*22
	.cfi_offset %r13, 8*2-8*22
	.cfi_offset %r12, 8*3-8*22
	.cfi_offset %rbp, 8*8-8*22
	.cfi_offset %rdi, 8*9-8*22
	.cfi_offset %rsi, 8*10-8*22
	.cfi_offset %rbx, 8*13-8*22
	.cfi_offset %rip, 8*17-8*22
	.cfi_offset %rsp, 8*20-8*22
	push	8*17(%rbx)
	push	%rbp
	mov	%rsp, %rbp
	and	$-16, %rsp
	sub	$32, %rsp
	call	trap
	mov	%rbx, %rsp
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
	.cfi_endproc

/*
 * SYSCALL: a trap's frame is made of it, on the stack that userenter said
 * (usermode.h, Userstack).
 *
 * In the first instructions the stack is the program's, whatever that is.
 * Interrupts are off by then, and so are TF, DF, NT and AC (the flag mask); an
 * NMI, a machine check and a debug exception have stacks of their own (desc.c),
 * and use no GS. Nothing here touches the program's stack. With DR7 cleared, and
 * no gate for INT3 open to programs, nothing waits for a MOV SS.
 */
	.set	UDATA3, 0x23		/* desc.h, for ring 3 */
	.set	UCODE3, 0x2b
	.set	SYSCALLVECTOR, 256	/* usermode.h */

	.balign	16
	.globl	syscallentry
syscallentry:
	swapgs
	mov	%rsp, %gs:8
	mov	%gs:0, %rsp
	push	$UDATA3
	push	%gs:8
	swapgs
	push	%r11			/* flags */
	push	$UCODE3
	push	%rcx			/* where it goes on */
	push	$0
	push	$SYSCALLVECTOR
	jmp	trapcommon
