/*
 * checks.c - the table of all checks: what is asked, who else asks it, and what
 * a failure means for an operating system or whoever runs before one.
 *
 * docs/audit.md has the same names side by side. One check more is a row here,
 * a judge in judge.h, and a row there.
 */
#include "hooks.h"
#include "judge.h"

#define MU "Mu "
#define SHIM "shim "
#define FWTS "fwts "

static const Auditcheck checks[] = {
    {"null-page", AUDITPAGES, MU "NullCheck", nullpage,
	"A null pointer reads or writes memory there, and nobody notices."},
    {"write-execute", AUDITPAGES, MU "NoReadWriteExecute", writeexecute,
	"Whoever can write a byte too far can run what he wrote."},
    {"free-memory", AUDITPAGES, MU "UnallocatedMemoryIsRP", freememory,
	"Pointers to memory that was freed go on working, until it is "
	"somebody else's."},
    {"mmio-execute", AUDITPAGES, MU "MmioIsXp", mmioexecute,
	"What a device puts into its registers can be run as code."},
    {"outside-map", AUDITPAGES, MU "MemoryOutsideEfiMemoryMapIsInaccessible",
	outsidemap,
	"A stray pointer reaches devices, or nothing: no fault says so."},
    {"images", AUDITPAGES, MU "ImageCodeSectionsRoDataSectionsXp",
	imagesections,
	"Code of drivers and loaders can be changed, or their data run."},
    {"ro-sections", AUDITPAGES, SHIM "ro-sections-are-writable",
	readonlysections,
	"What a loader's file calls read-only can be written when it is "
	"loaded."},
    {"stack-execute", AUDITPAGES,
	SHIM "stack-is-executable, Mu BspStackIsXpAndHasGuardPage",
	stackexecute, "What overflows into the stack can be run."},
    {"stack-guard", AUDITPAGES, MU "BspStackIsXpAndHasGuardPage", stackguard,
	"A stack that grows too long writes over what lies below it."},
    {"heap-execute", AUDITPAGES, SHIM "heap-is-executable", heapexecute,
	"What is put into data memory can be run. A loader need not say which "
	"of its memory is code, and fails where that matters."},
    {"allocations", AUDITPAGES, MU "AllocatedPagesAndPoolsAreProtected",
	allocations,
	"Memory comes writable and executable, whatever it is "
	"asked for."},
    {"attribute-protocol", AUDITPAGES,
	MU "IsMemoryAttributeProtocolPresent, shim "
	   "has-memory-attribute-protocol",
	attributeprotocol,
	"A loader cannot protect what it loads, nor make its code run where "
	"data may not."},
    {"write-protect", AUDITPAGES, NULL, writeprotect,
	"Read-only pages can be written all the same."},
    {"no-execute", AUDITPAGES, NULL, noexecute,
	"All that is mapped can be run; an entry that forbids it faults as "
	"damaged."},
    {"identity", AUDITPAGES, NULL, identity,
	"Memory is not at its own address, as whoever runs before the "
	"operating system takes for granted."},

    {"map-entries", AUDITMAP, MU "NumEntries", mapentries,
	"Loaders with a table of a fixed size lose the rest of so long a map."},
    {"map-size", AUDITMAP, MU "MemMapSize", mapsize,
	"Where descriptors begin and end is anybody's guess."},
    {"map-empty", AUDITMAP, MU "MemMapZeroSizeEntries", mapempty,
	"Descriptors of no pages have made loaders loop or stop."},
    {"map-aligned", AUDITMAP, MU "MemMapAlignment", mapaligned,
	"Memory is handed out in whole pages: which part is meant is unclear."},
    {"map-overlap", AUDITMAP, MU "MemMapEntryOverlap", mapoverlap,
	"The same memory is two things, and may be used as the wrong one."},
    {"map-sorted", AUDITMAP, NULL, mapsorted,
	"Kernels that read it in order see gaps and overlaps that are none."},
    {"map-wrap", AUDITMAP, NULL, mapwrap,
	"Its end computes to less than its start: kernels drop it, or more."},
    {"map-width", AUDITMAP, NULL, mapwidth,
	"An address there faults, or means another place."},
    {"map-types", AUDITMAP, NULL, maptypes,
	"Kernels reserve what they do not know, or stop."},
    {"map-attributes", AUDITMAP, NULL, mapattributes,
	"Nobody knows what these bits ask for."},
    {"map-runtime", AUDITMAP, NULL, mapruntime,
	"Runtime services fault where they are not mapped; and RAM that is "
	"said to be theirs is lost."},
    {"map-virtual", AUDITMAP, NULL, mapvirtual,
	"ACPI's tables must not be moved with SetVirtualAddressMap."},
    {"map-write-back", AUDITMAP, NULL, mapwriteback,
	"Kernels leave such RAM out, or run slowly in it."},
    {"map-stable", AUDITMAP, NULL, mapstable,
	"With nothing asked between, the map was another one: the key that "
	"ExitBootServices wants may never be right."},

    {"table-present", AUDITTABLE, NULL, tablepresent,
	"An operating system has to map runtime services writable and "
	"executable."},
    {"table-version", AUDITTABLE, NULL, tableversion,
	"Kernels do not read a version that they do not know."},
    {"table-stride", AUDITTABLE, MU "DescriptorSize", tablestride,
	"Whoever reads it by the map's distance reads nonsense."},
    {"table-size", AUDITTABLE, MU "Size", tablesize,
	"Its end is in somebody else's memory."},
    {"table-empty", AUDITTABLE, MU "MatZeroSizeEntries", tableempty,
	"Kernels stop reading there, or loop."},
    {"table-aligned", AUDITTABLE, MU "MatPageAligned, 4kAlign", tablealigned,
	"Permissions are for whole pages: two would have to hold in one."},
    {"table-types", AUDITTABLE, MU "RtMemoryType", tabletypes,
	"It may speak of runtime code and data only."},
    {"table-runtime", AUDITTABLE, MU "RtAttributes", tableruntime,
	"Kernels leave such an entry out, and its memory unprotected."},
    {"table-protects", AUDITTABLE, MU "XPorRO", tableprotects,
	"Code that runs in the kernel's name stays writable."},
    {"table-sorted", AUDITTABLE, MU "EntryOrder", tablesorted,
	"Kernels that read it in order reject it."},
    {"table-overlap", AUDITTABLE, MU "MatEntryOverlap", tableoverlap,
	"Two permissions for the same memory."},
    {"table-crosses", AUDITTABLE, MU "EntryOverlap", tablecrosses,
	"An entry belongs to two descriptors: kernels reject it."},
    {"table-within", AUDITTABLE, MU "EntriesWithinMemMap", tablewithin,
	"It speaks of memory that the map does not give to runtime services: "
	"kernels reject it."},
    {"table-complete", AUDITTABLE, MU "AllRtCodeInMat", tablecomplete,
	"The rest is mapped writable and executable, or not at all: then a "
	"service faults."},

    {"mtrr-on", AUDITMTRR, NULL, mtrrsareon,
	"All memory is uncached: everything is a hundred times slower."},
    {"mtrr-ram", AUDITMTRR, FWTS "MTRRLackingAttr", mtrrram,
	"Kernels leave such RAM out, or run slowly in it."},
    {"mtrr-devices", AUDITMTRR, FWTS "MTRRIncorrectAttr", mtrrdevices,
	"A device's registers come from a cache, if page tables do not forbid "
	"it."},
    {"mtrr-overlap", AUDITMTRR, NULL, mtrroverlaps,
	"What such memory is, the manual leaves undefined."},
    {"mtrr-fixed-alike", AUDITMTRR, FWTS "MTRRCPUsMisconfigured", fixedalike,
	"CPUs see different memory below 1 MiB: kernels mend it, or crash."},
    {"mtrr-variable-alike", AUDITMTRR, FWTS "MTRRCPUsMisconfigured",
	variablealike,
	"CPUs cache the same memory in different ways: kernels mend it, or "
	"crash."},
    {"mtrr-default-alike", AUDITMTRR, FWTS "MTRRCPUsMisconfigured",
	deftypealike,
	"CPUs cache the same memory in different ways: kernels mend it, or "
	"crash."},
    {"mtrr-dram-off", AUDITMTRR, FWTS "MTRRFixDramModEnBit", fixeddramoff,
	"Fixed ranges can be sent elsewhere than to RAM; kernels clear the "
	"bit."},
    {"pat-alike", AUDITMTRR, NULL, patalike,
	"The same page is cached in different ways, by who looks at it."},

    {"acpi-root", AUDITACPI, NULL, acpiroot,
	"Kernels find no ACPI: one CPU, no power off, devices missing."},
    {"acpi-sums", AUDITACPI, NULL, acpisums,
	"Kernels warn, or do without the table."},
    {"acpi-memory", AUDITACPI, NULL, acpiplace,
	"A kernel may write over the table before it has read it."},
    {"acpi-pointers", AUDITACPI, NULL, acpipointers,
	"Which table is meant depends on who looks."},
    {"facs", AUDITACPI,
	FWTS "FACSNotReserved, FACSInvalidAlignment, "
	     "FACSInvalidLength",
	facsplace,
	"Waking from sleep fails, or another system's memory is "
	"written to."},
    {"madt", AUDITACPI, NULL, madtcpus,
	"Kernels start other CPUs than there are."},
    {"ecam-reserved", AUDITACPI, FWTS "MCFGMMIONotReserved", ecamreserved,
	"Linux does without PCI Express's configuration space, unless the "
	"DSDT reserves it."},
    {"srat", AUDITACPI, NULL, sratsays,
	"Kernels take all memory for one node."},
    {"srat-memory", AUDITACPI, NULL, sratmemory,
	"Kernels guess which node this RAM is of, or give nodes up."},
    {"srat-cpus", AUDITACPI, NULL, sratcpus,
	"Kernels guess which node these CPUs are of."},
    {"smbios", AUDITACPI, FWTS "SMBIOSBadChecksum", smbiosgood,
	"Nobody can tell which machine this is: no quirks, no inventory."},
    {"smbios-memory", AUDITACPI, NULL, smbiosplace,
	"A kernel may write over the table before it has read it."},
    {"installed", AUDITACPI, NULL, installedram,
	"RAM that was paid for is not to be had; or what the map has is not "
	"all RAM."},
};

const Auditcheck *
auditchecks(size_t *n)
{
	*n = nelem(checks);
	return checks;
}

const char *
auditgroupname(enum auditgroup g)
{
	static const char *const names[NAUDITGROUP] = {
	    [AUDITPAGES] = "Page tables that firmware runs on",
	    [AUDITMAP] = "Memory map",
	    [AUDITTABLE] = "Memory attributes table",
	    [AUDITMTRR] = "Memory type range registers",
	    [AUDITACPI] = "ACPI and SMBIOS"};

	return names[g];
}
