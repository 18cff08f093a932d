/*
 * parking.S - what a CPU does that has nothing to do: see park.c, which copies
 * this to the start of a page below 1 MiB and fills in the data behind it.
 *
 * Real mode, where a CPU is after INIT and a startup IPI, with CS the page: no
 * table is needed but the vectors, 4 bytes each. Interrupts are off; an NMI or
 * a machine check comes back here.
 *
 * Any number of CPUs share the stack. They may, as nothing is ever read from
 * it that is not the same for all: a handler does not return to where it came
 * from but takes the frame that lies ready in the page, to parkloop; and an NMI
 * between that iret and the next instruction stores the very same frame. What
 * comes before that iret stores below the frame, where nothing is. SDM
 * volume 3A, 6.7.1 (NMIs are off until an iret), 9.1.4 (state after INIT),
 * 21.1.4 (vectors in real mode).
 */

/* struct Parking, park.c */
	.set	IDTR, 640
	.set	GDTR, 648
	.set	MCE, 655
	.set	FRAME, 672
	.set	STACK, 768
	.set	COUNT, 768
	.set	IDS, 772
	.set	NIDS, 831

	.set	CR4MCE, 1 << 6
	.set	MCGSTATUS, 0x17a

	.section .rdata, "dr"
	.balign	16
	.code16
	.globl	parkcode
parkcode:
	cli
	cld
	mov	%cs, %ax
	mov	%ax, %ds
	mov	%ax, %ss
	mov	$STACK, %sp
	lidt	IDTR
	lgdt	GDTR
	cmpb	$0, MCE
	je	1f
	mov	%cr4, %eax
	or	$CR4MCE, %eax		/* off, it is a reset */
	mov	%eax, %cr4

/* Its id: SDM volume 3A, 9.4.5; leaf 0xb has all of it, where there is one. */
1:	xor	%eax, %eax
	cpuid
	cmp	$0xb, %eax
	jb	2f
	mov	$0xb, %eax
	xor	%ecx, %ecx
	cpuid
	test	%ebx, %ebx
	jnz	3f
2:	mov	$1, %eax
	cpuid
	shr	$24, %ebx
	mov	%ebx, %edx
3:	mov	$1, %eax
	lock xadd %eax, COUNT
	cmp	$NIDS, %eax
	jae	parkloop
	mov	%edx, IDS(, %eax, 4)

	.globl	parkloop
parkloop:
	mov	$STACK, %sp
4:	hlt
	jmp	4b

/* MCIP is cleared: with it, one more machine check is a reset. */
	.globl	parkmcheck
parkmcheck:
	mov	$MCGSTATUS, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr
	.globl	parkother
parkother:
	mov	$FRAME, %sp
	iret
	.globl	parkend
parkend:
	.code64
