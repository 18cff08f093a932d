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

/* The last of the table is no function. */
const char *
symbolword(size_t i)
{
	if (nsymbols == 0 || i >= nsymbols - 1)
		return NULL;
	return symbolnames + symbols[i].name;
}

size_t
symboladdr(const char *name, size_t n, uintptr_t *va)
{
	const char *word;
	size_t found = 0;

	for (size_t i = 0; (word = symbolword(i)) != NULL; i++) {
		size_t k = 0;

		while (k < n && word[k] != '\0' && word[k] == name[k])
			k++;
		if (k < n || word[k] != '\0')
			continue;
		if (found++ == 0)
			*va = (uintptr_t)imagebase + symbols[i].rva;
	}
	return found;
}
