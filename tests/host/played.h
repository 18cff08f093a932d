/*
 * played.h - processes that run programs which are played: a function that is a
 * step further each time its process is run. What it touches is looked up in
 * its tables, as the CPU does.
 */
#ifndef PLAYED_H
#define PLAYED_H

#include "procs.h"
#include "syscall.h"
#include "../../proc/process.h"

typedef struct Played Played;
typedef Userevent Playedstep(Process *p);

enum {
	NPROGRAM = 4,
	TOOMANY = 33,
	DATAWORD = 0x1234,
	ENTRY = 0x40,
	MOSTRAN = 4000
};

struct Played {
	Playedstep *program[NPROGRAM]; /* by number: a, b, c, d */
	const char *notready;
	int ran[MOSTRAN]; /* whose turns they were */
	size_t nran;
	size_t slices, ends, idles;
	uint64_t ms;             /* by the clock */
	size_t cpu;              /* that this is */
	void (*meanwhile)(void); /* once, at the end of a slice */
	void (*again)(void *);   /* what each CPU does */
	size_t most;
};
extern Played play;

/* The images: each begins with its header; its data with a word. */
extern _Alignas(8) uint8_t images[NPROGRAM][2 * BY2PG];
extern Builtin list[TOOMANY + 1] __asm__("builtins");
void makeimages(void);

/* ---- what programs do: RBX counts their steps, RAX has results ---- */

Userevent ask(Process *p, uint64_t n, uint64_t a, uint64_t b, uint64_t c);
Userevent exits(Process *p, int64_t status);
int64_t result(const Process *p);

/* The word at va; NULL, and the fault that it takes, or of a device's page. */
uint64_t *word(Process *p, uintptr_t va, enum access access, Userevent *e);

/* A buffer in the bss that has these bytes. */
bool spell(Process *p, const char *text, Userevent *e);

#define DATAVA (UTZERO + BY2PG)
#define BSSVA (DATAVA + BY2PG)
#define BSSEND (BSSVA + 3 * BY2PG)
#define STACKVA (USTKTOP - 16)

/* ---- runs ---- */

int playsetup(void **state);
int playgone(void **state);

/* Of a, with 77; what came of it. */
Processrun run(Playedstep *a);

/* Another CPU takes what there is; true, if it has nothing to do at last. */
bool othercpu(void);

#define PLAYED(f) cmocka_unit_test_setup_teardown(f, playsetup, playgone)

#endif
