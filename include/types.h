/*
 * types.h - addresses, sizes and the arithmetic on them, for every folder.
 *
 * Never `long` here or anywhere: it is 4 bytes in the image (COFF) and 8 on
 * the test host. A physical address is a number; only kaddr, kmap and vmap
 * turn one into a pointer.
 */
#ifndef TYPES_H
#define TYPES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uintmax_t paddr_t; /* so that %#jx prints it everywhere */
typedef uint64_t pte_t;    /* one entry of any page table level */

#define NOADDR ((paddr_t)-1) /* no address; 0 is RAM */

#define KiB (1ull << 10)
#define MiB (1ull << 20)
#define GiB (1ull << 30)
#define TiB (1ull << 40)

#define PGSHIFT 12
#define BY2PG (1ull << PGSHIFT)

#define ROUNDUP(x, size) (((x) + ((size)-1)) & ~((size)-1))
#define ROUNDDOWN(x, size) ((x) & ~((size)-1))
#define PGROUND(x) ROUNDUP(x, BY2PG)
/* One of the two is looked at twice: give no call whose answer may change. */
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define nelem(a) (sizeof(a) / sizeof((a)[0]))

_Static_assert(sizeof(paddr_t) == 8, "a physical address has 64 bits");
_Static_assert(sizeof(size_t) == 8, "sizes have 64 bits");

#endif
