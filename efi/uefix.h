/*
 * uefix.h - what gnu-efi's headers do not have yet.
 *
 * UEFI Specification 2.10: 4.6 (memory-attributes table), 7.2 (attributes);
 * UEFI Shell Specification 2.2, appendix (shell parameters).
 */
#ifndef UEFIX_H
#define UEFIX_H

#include <efi.h>

#include <efi.h>

#define SHELLPARAMETERS                                                        \
	{                                                                      \
		0x752f3136, 0x4e16, 0x4fdc,                                    \
		{                                                              \
			0xa2, 0x2a, 0xe5, 0xf4, 0x68, 0x12, 0xf4, 0xca         \
		}                                                              \
	}

typedef struct Shellparameters Shellparameters;
struct Shellparameters {
	CHAR16 **argv;
	UINTN argc;
	VOID *stdin;
	VOID *stdout;
	VOID *stderr;
};

#define MEMORYATTRIBUTES                                                       \
	{                                                                      \
		0xdcfa911d, 0x26eb, 0x469f,                                    \
		{                                                              \
			0xa2, 0x20, 0x38, 0xb7, 0xdc, 0x46, 0x12, 0x20         \
		}                                                              \
	}

typedef struct Memoryattributes Memoryattributes;
struct Memoryattributes {
	UINT32 version;
	UINT32 n;
	UINT32 stride;
	UINT32 flags;
	/* n descriptors, stride bytes apart */
};

#define RNGPROTOCOL                                                            \
	{                                                                      \
		0x3152bca5, 0xeade, 0x433d,                                    \
		{                                                              \
			0x86, 0x2e, 0xc0, 0x1c, 0xdc, 0x29, 0x1f, 0x44         \
		}                                                              \
	}

#define EFI_MEMORY_RO 0x0000000000020000ull

#endif
