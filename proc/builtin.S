/*
 * builtin.S - the built-in programs, as user/ makes them, and their list.
 */
	.macro	program name
	.section .rdata, "dr"
	.balign	8
\name\()_image:
	.incbin	"build/user/\name\().bin"
\name\()_end:
	.section .rdata$n, "dr"
\name\()_name:
	.asciz	"\name"
	.section .rdata$p, "dr"
	.quad	\name\()_name, \name\()_image, \name\()_end
	.endm

	.section .rdata$p, "dr"
	.balign	8
	.globl	builtins
builtins:
	program	init
	program	tree
	program	stack
	program	memory
	program	spin
	program	turns
	program	nap
	program	share
	program	screen
	program	forbid
	program	eater
	program	cost
	program	calls
	.section .rdata$p, "dr"
	.quad	0, 0, 0
