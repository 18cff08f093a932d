/*
 * switch.S - the code that runs under both sets of page tables, and what it
 * stands on meanwhile.
 *
 *	page of code	handlers, interimload, switchto		r-x
 *	page of data	GDT, IDT, a count, a stack		rw-
 *
 * Both lie in the image as firmware loaded it, and in the tables that are left
 * and the ones that are loaded at the same address, identity. From interimload
 * on an NMI or a machine check finds all it needs there, whichever tables are
 * in force: an NMI is counted and left by iretq; anything else is a line on the
 * serial port, and the end. interim.c fills the page of data.
 */

/* struct Interim, interim.c */
	.set	INTERIMSIZE, 4096
	.set	NMIS, 1024
	.set	UARTMEM, 1032
	.set	UARTPORT, 1040
	.set	UARTWIDTH, 1042
	.set	UARTSTRIDE, 1043
	.set	HASMCA, 1044

	.bss
	.balign	4096
	.globl	interim
interim:
	.skip	INTERIMSIZE

	.text
	.balign	128
	.globl	switchstart
switchstart:

/*
 * The entries of 32 vectors, 16 bytes apart: an error code, which the CPU
 * pushes for some (SDM volume 3A, table 6-1), then the vector.
 */
	.globl	interimentries
interimentries:
	.set	vector, 0
	.rept	32
	.balign	16
	.if vector == 2
	incq	interim+NMIS(%rip)
	iretq
	.else
	.if (vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17) || (vector == 21) || (vector == 29) || (vector == 30)
	.else
	push	$0
	.endif
	push	$vector
	jmp	interimdead
	.endif
	.set	vector, vector + 1
	.endr

/*
 * Say what came and where, and stop for good. MCIP is cleared, where there is
 * one, as another machine check would reset the machine. The stack is begun
 * anew, lest it ends.
 */
	.set	MCGSTATUS, 0x17a
	.balign	16
interimdead:
	cld
	mov	(%rsp), %ebp		/* vector */
	mov	16(%rsp), %r9		/* pc */
	lea	interim+INTERIMSIZE(%rip), %rsp
	lea	.Lfault(%rip), %rsi
	cmp	$18, %ebp
	jne	1f
	lea	.Lmcheck(%rip), %rsi
	cmpb	$0, interim+HASMCA(%rip)
	je	1f
	mov	$MCGSTATUS, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr
1:	call	interimsay
	mov	%rbp, %r10
	mov	$2, %ebx
	call	interimhex
	lea	.Lat(%rip), %rsi
	call	interimsay
	mov	%r9, %r10
	mov	$16, %ebx
	call	interimhex
	lea	.Lstopped(%rip), %rsi
	call	interimsay
	.globl	interimhalt
interimhalt:
	hlt
	jmp	interimhalt

/* The string at rsi. */
interimsay:
	lodsb
	test	%al, %al
	jz	1f
	call	interimput
	jmp	interimsay
1:	ret

/* The lowest ebx hexadecimal digits of r10. */
interimhex:
	lea	-4(,%rbx,4), %ecx
	mov	%r10, %rax
	shr	%cl, %rax
	and	$15, %eax
	lea	.Ldigits(%rip), %rsi
	mov	(%rsi, %rax), %al
	call	interimput
	dec	%ebx
	jnz	interimhex
	ret

/*
 * al to the 16550, if there is one, as soon as it takes it, with a bound for
 * one that never does. The registers that are changed: rax, rcx, rdx, r8, r11.
 */
	.set	LSR, 5
	.set	LSREMPTY, 0x20
	.set	PATIENCE, 1000000
interimput:
	movzbl	%al, %r8d
	mov	$PATIENCE, %ecx
1:	mov	$LSR, %edx
	call	interimreg
	jc	3f
	call	interimin
	test	$LSREMPTY, %al
	jnz	2f
	pause
	dec	%ecx
	jnz	1b
	ret
2:	xor	%edx, %edx
	call	interimreg
	mov	%r8d, %eax
	jmp	interimout
3:	ret

/* The port or the address of register edx into rdx; carry if there is none. */
interimreg:
	movzbl	interim+UARTSTRIDE(%rip), %eax
	imul	%eax, %edx
	mov	interim+UARTMEM(%rip), %r11
	test	%r11, %r11
	jnz	1f
	movzwl	interim+UARTPORT(%rip), %r11d
	cmp	$1, %r11d
1:	lea	(%rdx, %r11), %rdx
	ret

/* What is at rdx into eax, at most as wide as the registers are. */
interimin:
	cmpq	$0, interim+UARTMEM(%rip)
	je	8f
	cmpb	$2, interim+UARTWIDTH(%rip)
	je	2f
	ja	4f
	movzbl	(%rdx), %eax
	ret
2:	movzwl	(%rdx), %eax
	ret
4:	mov	(%rdx), %eax
	ret
8:	in	(%dx), %al
	ret

/* eax to what is at rdx. */
interimout:
	cmpq	$0, interim+UARTMEM(%rip)
	je	8f
	cmpb	$2, interim+UARTWIDTH(%rip)
	je	2f
	ja	4f
	mov	%al, (%rdx)
	ret
2:	mov	%ax, (%rdx)
	ret
4:	mov	%eax, (%rdx)
	ret
8:	out	%al, (%dx)
	ret

.Lfault:
	.asciz	"\r\nfault 0x"
.Lmcheck:
	.asciz	"\r\nmachine check 0x"
.Lat:
	.asciz	" at 0x"
.Lstopped:
	.asciz	", between firmware's page tables and mem9's: stopped\r\n"
.Ldigits:
	.ascii	"0123456789abcdef"

/*
 * interimload(const Tableptr *gdt, const Tableptr *idt, uint16_t code): from
 * here on all is caught. The IDT first, whose gates have firmware's code
 * segment, which the GDT has too; SS is null before that, which an iretq to
 * ring 0 takes in any GDT. In the end the code segment is the one given.
 */
	.balign	16
	.globl	interimload
interimload:
	xor	%eax, %eax
	mov	%eax, %ss
	lidt	(%rdx)
	lgdt	(%rcx)
	pop	%rax
	movzwl	%r8w, %r8d
	push	%r8
	push	%rax
	lretq

/*
 * switchto(const Switch *s), in rcx: load what s holds (takeover.c) and
 * jump, never to return. Everything is in registers before CR3 changes, as
 * nothing but these two pages needs to be mapped after that.
 *
 * Order: interrupts off; a stack that both tables have; EFER first, as the new
 * tables may use NX; CR4 before CR3, as PCIDE would give the low bits of CR3 a
 * meaning; CR0 with WP last.
 */
	.globl	switchto
switchto:
	cli
	cld
	mov	%rcx, %rbx
	lea	interim+INTERIMSIZE(%rip), %rsp
	mov	$0xc0000080, %ecx
	mov	8*0(%rbx), %eax
	mov	8*0+4(%rbx), %edx
	wrmsr
	mov	8*1(%rbx), %rsi		/* cr4 */
	mov	8*2(%rbx), %rdi		/* cr3 */
	mov	8*3(%rbx), %r8		/* cr0 */
	mov	8*4(%rbx), %r9		/* sp */
	mov	8*5(%rbx), %r10		/* pc */
	mov	8*6(%rbx), %rcx		/* its first argument */
	mov	%rsi, %cr4
	mov	%rdi, %cr3
	mov	%r8, %cr0
	mov	%r9, %rsp
	push	$2			/* no flag set: NT, AC, TF too */
	popfq
	xor	%ebp, %ebp
	jmp	*%r10
	.globl	switchend
switchend:

/*
 * setsegments(uint16_t code, uint16_t data): after lgdt, reload every segment
 * register; FS and GS bases become 0 with them.
 */
	.globl	setsegments
setsegments:
	mov	%edx, %ds
	mov	%edx, %es
	mov	%edx, %ss
	mov	%edx, %fs
	mov	%edx, %gs
	pop	%rax
	movzwl	%cx, %ecx
	push	%rcx
	push	%rax
	lretq
