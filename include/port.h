/*
 * port.h - I/O ports, for those outside arch/amd64/ who must touch one.
 */
#ifndef PORT_H
#define PORT_H

#include "types.h"

uint8_t portread8(uint16_t port);
uint16_t portread16(uint16_t port);
uint32_t portread32(uint16_t port);
void portwrite8(uint16_t port, uint8_t v);
void portwrite16(uint16_t port, uint16_t v);
void portwrite32(uint16_t port, uint32_t v);

#endif
