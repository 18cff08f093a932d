/*
 * mbr.S - what a PC without UEFI runs when it is told to boot the stick.
 *
 * It says what the stick needs and stops; without it such a machine shows a
 * blinking cursor. 16-bit code at 0x7c00, at most 440 bytes: the disk
 * signature and the partition table follow in the same sector.
 */
	.code16
	.globl _start
_start:
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movw	$0x7c00, %sp
	sti
	cld
	movw	$0x7c00 + (text - _start), %si
next:
	lodsb
	testb	%al, %al
	jz	stop
	movb	$0x0e, %ah		/* BIOS: write %al as on a teletype */
	movw	$0x0007, %bx		/* page 0, light grey */
	int	$0x10
	jmp	next
stop:
	hlt
	jmp	stop
text:
	.asciz	"\r\nmem9: this stick needs UEFI. Choose its UEFI entry in the boot menu.\r\n"
