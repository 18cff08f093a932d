/*
 * installed.c - see installed.h.
 */
#include "installed.h"
#include "../firmware.h"
#include "smbios.h"

uint64_t
installedmemory(void)
{
	EFI_GUID guid[] = {SMBIOS3_TABLE_GUID, SMBIOS_TABLE_GUID};
	Smbios at;

	for (size_t i = 0; i < nelem(guid); i++) {
		const uint8_t *entry = configtable(guid[i]);

		if (entry == NULL || !smbiosentry(entry, &at))
			continue;
		/* Firmware maps memory where it is. */
		uint64_t bytes =
		    smbiosmemory((const uint8_t *)(uintptr_t)at.table, at.size);
		if (bytes != 0)
			return bytes;
	}
	return 0;
}
