/*
 * exec.c - the memory that a built-in program begins with.
 *
 *	UTZERO	text	the image's; shared by all who run it
 *		data	copied when it is written
 *		bss	zeros; SYSBRK moves its end
 *		...
 *		stack	zeros, as it is used
 *	USTKTOP
 */
#include "process.h"
#include "pool.h"

const char Enoent[] = "no program of that name";

/* A program's image as a file: the Chan is the name that its cache goes by. */
typedef struct Imagefile Imagefile;
struct Imagefile {
	Chan chan;
	const Builtin *b;
};

enum { MOSTBUILTINS = 32 };

static Imagefile files[MOSTBUILTINS];

/* Of a run that begins with one that is not built in. */
static Imagefile given;

static size_t
readimage(Chan *c, void *to, size_t n, uint64_t off)
{
	const Builtin *b = ((Imagefile *)c)->b;
	size_t size = (size_t)(b->end - b->image);

	n = MIN(n, size - off);
	memcpy(to, b->image + off, n);
	return n;
}

static Chan *
fileof(const Builtin *b)
{
	return b == given.b ? &given.chan : &files[b - builtins].chan;
}

bool
samename(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

const Builtin *
findbuiltin(const char *name)
{
	for (const Builtin *b = builtins; b->name != NULL; b++)
		if (samename(b->name, name))
			return b;
	return NULL;
}

Proc *
newmem(void)
{
	Proc *mem = malloc(sizeof *mem);

	if (mem != NULL && procmeminit(mem) == 0)
		return mem;
	if (mem != NULL)
		free(mem);
	return NULL;
}

void
freemem(Proc *mem)
{
	procmemfree(mem);
	free(mem);
}

static const char *
give(Proc *mem, int n, Segment *s)
{
	if (s == NULL)
		return Enomem;
	/* an image is far below the stack, so that it fails cannot be reached
	 */
	if (setseg(mem, n, s) != NULL)
		panic("segment %d: another is there", n);
	return NULL;
}

/* Its segments, as far as there is memory. */
static const char *
segments(Proc *mem, const Builtin *b, const Userimage *u)
{
	Filepart text = {fileof(b), 0, u->text};
	Filepart data = {fileof(b), u->text, u->data};
	uintptr_t va = UTZERO + u->text;
	size_t ndata = PGROUND(u->data) / BY2PG;
	const char *why = give(
	    mem, TSEG, attachimage(SG_TEXT, &text, UTZERO, u->text / BY2PG));

	if (why == NULL && ndata > 0)
		why = give(mem, DSEG, attachimage(SG_DATA, &data, va, ndata));
	va += ndata * BY2PG;
	if (why == NULL)
		why = give(
		    mem, BSEG, newseg(SG_BSS, va, PGROUND(u->bss) / BY2PG));
	if (why == NULL)
		why = give(mem, SSEG,
		    newseg(SG_STACK, USTKTOP - USTKSIZE, USTKSIZE / BY2PG));
	return why;
}

static const Userimage *
header(const Builtin *b)
{
	return (const Userimage *)b->image;
}

static void
checkheader(const Builtin *b)
{
	const Userimage *u = header(b);

	if (u->magic != USERMAGIC || u->text % BY2PG != 0 ||
	    u->entry >= u->text ||
	    (size_t)u->text + u->data > (size_t)(b->end - b->image))
		panic("%s is no program", b->name);
}

static Imagefile
openfile(const Builtin *b)
{
	checkheader(b);
	return (Imagefile){{b->name, readimage}, b};
}

/* What is cached of a given one is not of the next. */
void
initfiles(const Builtin *b1)
{
	size_t n = 0;

	for (const Builtin *b = builtins; b->name != NULL; b++, n++) {
		if (n == MOSTBUILTINS)
			panic("%s is one program too many", b->name);
		files[n] = openfile(b);
	}
	given = (Imagefile){{NULL, NULL}, NULL};
	if (findbuiltin(b1->name) != b1) {
		putimages();
		given = openfile(b1);
	}
}

const char *
loadprogram(const Builtin *b, uint64_t arg, Proc **mem, Ureg *ur)
{
	const Userimage *u = header(b);

	*mem = newmem();
	if (*mem == NULL)
		return Enomem;
	const char *why = segments(*mem, b, u);
	if (why != NULL) {
		freemem(*mem);
		*mem = NULL;
		return why;
	}
	userstart(ur, UTZERO + u->entry, USTKTOP - 8, arg);
	return NULL;
}
