/*
 * sbat.c - section .sbat, without which shim starts no image.
 *
 * Lines of a table (shim's SBAT.md). The first says which form it has, the
 * second who we are: component, generation, vendor, package, version, where to
 * ask. The generation goes up with each mended hole by which what is not signed
 * could be run: who distributes signed images can then revoke all before it.
 *
 * The section is the text and nothing else: no 0 ends it.
 */
#include <stddef.h>

#define TEXT                                                                   \
	"sbat,1,SBAT Version,sbat,1,"                                          \
	"https://github.com/rhboot/shim/blob/main/SBAT.md\n"                   \
	"mem9,1,mem9,mem9," VERSION ",see README.md\n"

/* Nobody refers to it. */
extern const char sbat[sizeof TEXT - 1];
const char sbat[sizeof TEXT - 1] __attribute__((section(".sbat"), used)) = TEXT;
