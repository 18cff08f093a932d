/*
 * linuxtype.c - see linuxtype.h: setup_e820 of drivers/firmware/efi/libstub, by
 * the specification's numbers (UEFI 2.10, 7.2.3).
 */
#include "linuxtype.h"

enum {
	EfiReserved = 0,
	EfiLoaderCode = 1,
	EfiLoaderData = 2,
	EfiBootServicesCode = 3,
	EfiBootServicesData = 4,
	EfiRuntimeServicesCode = 5,
	EfiRuntimeServicesData = 6,
	EfiConventional = 7,
	EfiUnusable = 8,
	EfiACPIReclaim = 9,
	EfiACPINVS = 10,
	EfiMemoryMappedIO = 11,
	EfiMemoryMappedIOPort = 12,
	EfiPalCode = 13,
	EfiPersistent = 14,
};

#define EFI_MEMORY_SP (1ull << 18)

uint32_t
linuxtypeof(uint32_t type, uint64_t attr)
{
	switch (type) {
	case EfiReserved:
	case EfiRuntimeServicesCode:
	case EfiRuntimeServicesData:
	case EfiMemoryMappedIO:
	case EfiMemoryMappedIOPort:
	case EfiPalCode:
		return E820RESERVED;
	case EfiLoaderCode:
	case EfiLoaderData:
	case EfiBootServicesCode:
	case EfiBootServicesData:
	case EfiConventional:
		return attr & EFI_MEMORY_SP ? E820SOFT : E820RAM;
	case EfiUnusable:
		return E820UNUSABLE;
	case EfiACPIReclaim:
		return E820ACPI;
	case EfiACPINVS:
		return E820NVS;
	case EfiPersistent:
		return E820PMEM;
	case EFIUNACCEPTED:
		return E820RAM;
	default:
		return NOTYPE;
	}
}
