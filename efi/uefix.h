/*
 * uefix.h - what gnu-efi's headers do not have yet.
 *
 * UEFI Specification 2.10: 4.6 (memory-attributes table), 7.2 (attributes);
 * UEFI Shell Specification 2.2, 2 (the shell's protocol), appendix (shell
 * parameters).
 */
#ifndef UEFIX_H
#define UEFIX_H

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

#define SHELLPROTOCOL                                                          \
	{                                                                      \
		0x6302d008, 0x7f9b, 0x4f30,                                    \
		{                                                              \
			0x87, 0xac, 0x60, 0xc9, 0xfe, 0xf5, 0xda, 0x4e         \
		}                                                              \
	}

/* Of its functions those that read a file, by a name as its user types one. */
typedef struct Shell Shell;
struct Shell {
	VOID *before[22];
	EFI_FILE_INFO *(EFIAPI *getfileinfo)(VOID *file); /* to be freed */
	VOID *setfileinfo;
	EFI_STATUS(EFIAPI *openfilebyname)
	(const CHAR16 *name, VOID **file, UINT64 mode);
	EFI_STATUS(EFIAPI *closefile)(VOID *file);
	VOID *createfile;
	EFI_STATUS(EFIAPI *readfile)(VOID *file, UINTN *size, VOID *p);
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

/* 37.1.5: protection of memory; of it only whether it is there matters here. */
#define MEMORYATTRIBUTEPROTOCOL                                                \
	{                                                                      \
		0xf4560cf6, 0x40ec, 0x4b4a,                                    \
		{                                                              \
			0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89         \
		}                                                              \
	}

/*
 * PI Specification 1.7, volume 2, 3.3.2 (the list of hand-off blocks as a
 * configuration table) and volume 3, 5.4.1 (the stack's name in it).
 */
#define HOBLIST                                                                \
	{                                                                      \
		0x7739f24c, 0x93d7, 0x11d4,                                    \
		{                                                              \
			0x9a, 0x3a, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d         \
		}                                                              \
	}
#define STACKHOB                                                               \
	{                                                                      \
		0x4ed4bf27, 0x4092, 0x42e9,                                    \
		{                                                              \
			0x80, 0x7d, 0x52, 0x7b, 0x1d, 0x00, 0xc9, 0xbd         \
		}                                                              \
	}

/* PI Specification 1.7, volume 2, 13.4: the first of its functions. */
#define MPSERVICES                                                             \
	{                                                                      \
		0x3fdda605, 0xa76e, 0x4f46,                                    \
		{                                                              \
			0xad, 0x29, 0x12, 0xf4, 0x53, 0x1b, 0x3d, 0x08         \
		}                                                              \
	}

typedef struct Mpservices Mpservices;
struct Mpservices {
	EFI_STATUS(EFIAPI *getnumber)
	(Mpservices *mp, UINTN *n, UINTN *enabled);
	VOID *getinfo;
	/* Returns when all have, if event is NULL; failed may be NULL. */
	EFI_STATUS(EFIAPI *startall)
	(Mpservices *mp, VOID(EFIAPI *fn)(VOID *arg), BOOLEAN oneatatime,
	    EFI_EVENT event, UINTN us, VOID *arg, UINTN **failed);
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
