/*
 * borrow.h - the machine below mm/ while firmware is alive and stays so.
 */
#ifndef BORROW_H
#define BORROW_H

/*
 * Stand on page tables that have firmware's lower half and our windows, at
 * stage SMMU: kaddr is the identity. The memmap gives the tables.
 */
void borrow(void);

/* Back on firmware's own, at stage SFIRMWARE, as if nothing had been. */
void unborrow(void);

#endif
