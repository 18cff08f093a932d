/*
 * font.S - the console font, a PSF file of Debian's console-setup-linux that
 * the Makefile unpacks.
 */
	.section .rdata, "dr"
	.globl	font
	.globl	fontend
	.balign	8
font:
	.incbin	"build/font.psf"
fontend:
