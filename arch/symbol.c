/*
 * symbol.c - from an address to a name: see symbol.h.
 *
 *	rva	efi_main   getoptions ...           end of .text
 *		[ first    [ second   ...   [ last  )
 *
 * A function ends where the next one starts, as COFF keeps no sizes.
 */
#include "symbol.h"
#include "pe.h"

const char *
symbolname(uintptr_t pc, size_t *offset)
{
	size_t rva = pc - (uintptr_t)imagebase;
	size_t low = 0;
	size_t high = nsymbols;

	if (nsymbols == 0 || rva < symbols[0].rva ||
	    rva >= symbols[nsymbols - 1].rva)
		return NULL;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (symbols[middle].rva <= rva)
			low = middle;
		else
			high = middle;
	}
	*offset = rva - symbols[low].rva;
	return symbolnames + symbols[low].name;
}
