/*
 * menu.h - what to do, for who started mem9 without a shell.
 */
#ifndef MENU_H
#define MENU_H

#include "types.h"

enum menuchoice {
	MENUBOOT,
	MENUMAP,
	MENUAUDIT,
	MENUREHEARSE,
	MENUREPORT,
	MENUEXIT,
	NMENU
};

/*
 * Show what there is and wait for a choice, by letter or by arrows and Enter,
 * on firmware's keyboard. The first is taken if nobody touches a key that means
 * something for so many seconds; 0: it is waited for, and so becomes *seconds
 * where somebody does. Without a keyboard the first is taken at once. news is a
 * line above the choices, or NULL.
 */
enum menuchoice menu(unsigned *seconds, const char *news);

/*
 * Wait for a key, if there is a keyboard: l shows the log a screen at a time,
 * and waits again.
 */
void menupause(void);

#endif
