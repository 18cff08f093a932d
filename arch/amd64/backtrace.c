/*
 * backtrace.c - the chain of frames, and where it starts.
 *
 *	push %rbp		offset 0: no frame yet, the caller is at 0(sp)
 *	mov  %rsp, %rbp		offset 1: the caller is at 8(sp)
 *	...			8(fp) is the caller, 0(fp) its frame
 *	pop  %rbp
 *	ret			the frame is gone, the caller is at 0(sp)
 *
 * The flags in the Makefile make every C function look like this, however
 * large its frame is (tests/pe looks at each); one that begins otherwise is
 * assembly and leaves the stack as it found it. The outermost frame has 0 for
 * its caller's (switch.S) and nobody to return to.
 */
#include "backtrace.h"
#include "../mates.h"
#include "hooks.h"
#include "symbol.h"
#include "stack.h"

enum { MAXLINES = 24 };

enum { PUSHRBP = 0x55, RET = 0xc3 };

/*
 * Is there a word of one of our stacks at va? Firmware is called by the first
 * CPU alone.
 */
static bool
onstack(uintptr_t va)
{
	bool guard = false;
	size_t cpu = cpuofsp(va);
	enum stack s = stackof(va, &guard);

	return va % 8 == 0 && s != NSTACK && !guard && cpu < nmates() &&
	       (cpu == 0 || s != STACKRT);
}

static uintptr_t
word(uintptr_t va)
{
	return *(const uintptr_t *)va;
}

/*
 * Where the return address lies if pc is in a function that has no frame there
 * yet, or no more; NOADDR if it has one. A pc outside the code is where a call
 * went wrong.
 */
static uintptr_t
frameless(const Context *c)
{
	size_t offset = 0;

	if (symbolname(c->pc, &offset) == NULL)
		return c->sp;
	const uint8_t *code = (const uint8_t *)c->pc;
	if (code[-(ptrdiff_t)offset] != PUSHRBP || offset == 0 || *code == RET)
		return c->sp;
	return offset == 1 ? c->sp + 8 : NOADDR;
}

static bool
iscode(uintptr_t pc)
{
	size_t offset = 0;

	return symbolname(pc, &offset) != NULL;
}

/* An outer frame is at a higher address, or on another stack: the end. */
bool
unwind(Context *c)
{
	uintptr_t at = c->calls || c->pc == 0 ? NOADDR : frameless(c);

	c->calls = true;
	if (at != NOADDR && onstack(at) && iscode(word(at) - 1)) {
		c->pc = word(at);
		c->sp = at + 8;
		return true;
	}
	if (!onstack(c->fp) || !onstack(c->fp + 8) || word(c->fp) == 0)
		return false;
	c->pc = word(c->fp + 8);
	c->sp = c->fp + 16;
	c->fp = word(c->fp) > c->fp ? word(c->fp) : 0;
	return true;
}

void
pcprint(uintptr_t pc)
{
	size_t offset = 0;
	const char *name = symbolname(pc, &offset);

	if (name != NULL)
		print(" %s+%#zx", name, offset);
}

/*
 * A return address may be the first of another function, after a call that
 * never returns: the name is that of the byte before.
 */
static void
contextprint(const Context *c, size_t times)
{
	size_t offset = 0;
	size_t back = c->calls ? 1 : 0;
	const char *name = symbolname(c->pc - back, &offset);

	print("  %#jx", (uintmax_t)c->pc);
	if (name != NULL)
		print(" %s+%#zx", name, offset + back);
	if (times > 1)
		print(" (%zu times)", times);
	print("\n");
}

void
backtrace(Context c)
{
	bool more = c.pc != 0 || unwind(&c);

	if (more)
		print("back trace:\n");
	for (size_t i = 0; more; i++) {
		Context same = c;
		size_t times = 0;

		if (i == MAXLINES) {
			print("  and more\n");
			return;
		}
		do {
			times++;
			more = unwind(&c);
		} while (more && c.pc == same.pc && same.calls);
		contextprint(&same, times);
	}
}
