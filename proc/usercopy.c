/*
 * usercopy.c - the kernel at a process's memory: page by page, as the process's
 * tables say, through the kernel's own window.
 *
 * Never at the address that the process knows: that a program's pages are out
 * of the kernel's reach (SMAP) need not be lifted, and an address that is not
 * the process's is found out before anything is touched.
 */
#include "process.h"
#include "segs.h"

/* s is locked: the page that is mapped there for that access, or NULL. */
static Page *
mapped(Proc *p, uintptr_t va, enum access access)
{
	const pte_t *pte = mmuwalk(&p->space, va, 0, LOOKUP);

	if (pte == NULL || (*pte & PTEVALID) == 0)
		return NULL;
	if (access == FAULTWRITE && (*pte & PTEWRITE) == 0)
		return NULL;
	return papage(PTEADDR(*pte));
}

/* Within a page; to or from buf. */
static void
touch(Page *pg, uintptr_t va, enum access access, void *buf, size_t size)
{
	uint8_t *window = kmap(pg);
	uint8_t *at = window + va % BY2PG;

	if (access == FAULTWRITE)
		memcpy(at, buf, size);
	else
		memcpy(buf, at, size);
	kunmap(window);
}

/* The same; what is mapped stays so while the segment is locked. */
static const char *
piece(Proc *p, uintptr_t va, enum access access, void *buf, size_t size)
{
	Segment *s = seg(p, va);

	for (;;) {
		qlock(&s->lock);
		Page *pg = mapped(p, va, access);
		if (pg != NULL)
			touch(pg, va, access, buf, size);
		qunlock(&s->lock);
		if (pg != NULL)
			return NULL;
		const char *why = fault(p, va, access);
		if (why != NULL)
			return why;
	}
}

/* A device's memory is no buffer. */
static bool
device(const Proc *p, uintptr_t va)
{
	return seg(p, va)->type == SG_PHYSICAL;
}

static const char *
copy(Proc *p, uintptr_t va, enum access access, uint8_t *buf, size_t size)
{
	const char *why = validaddr(p, va, size, access);

	for (size_t n; why == NULL && size > 0; size -= n) {
		n = MIN(size, BY2PG - va % BY2PG);
		why = device(p, va) ? Ebadarg : piece(p, va, access, buf, n);
		va += n;
		buf += n;
	}
	return why;
}

const char *
copyin(Proc *p, void *to, uintptr_t va, size_t size)
{
	return copy(p, va, FAULTREAD, to, size);
}

const char *
copyout(Proc *p, uintptr_t va, const void *from, size_t size)
{
	return copy(p, va, FAULTWRITE, (void *)from, size);
}
