/*
 * userback.c - from a trap back to who ran the program: the end of userrun's
 * call of userenter (user.c), which knows what to look at.
 */
#include "usermode.h"
#include "mach.h"

void
userback(const Ureg *ur, uintptr_t cr2)
{
	Mach *m = mach();

	*m->user = *ur;
	m->usercr2 = cr2;
	userreturn(m->userstack.sp);
}
