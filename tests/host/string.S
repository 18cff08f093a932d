/*
 * string.S - the image's own four under other names, as this machine's C
 * library has them already.
 */
#define memcpy imagememcpy
#define memmove imagememmove
#define memset imagememset
#define memcmp imagememcmp
#include "../../arch/amd64/string.S"

	.section .note.GNU-stack,"",@progbits
