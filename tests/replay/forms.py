"""forms - the same map in every form that a map is saved in.

efiforms(entries) and e820forms(entries) yield a Written each. A form that
cannot say all of a map (a type without a name, an attribute without one) is
left out for that map.
"""
from random import Random

from model import PAGE

EFINAMES = """ReservedMemoryType LoaderCode LoaderData BootServicesCode
BootServicesData RuntimeServicesCode RuntimeServicesData ConventionalMemory
UnusableMemory ACPIReclaimMemory ACPIMemoryNVS MemoryMappedIO
MemoryMappedIOPortSpace PalCode PersistentMemory UnacceptedMemoryType""".split()
SHELLNAMES = """Reserved LoaderCode LoaderData BS_Code BS_Data RT_Code RT_Data
Available Unusable ACPI_Recl ACPI_NVS MMIO MMIO_Port PalCode Persistent
Unaccepted""".split()
SFONAMES = """Reserved LoaderCode LoaderData BootServiceCode BootServiceData
RuntimeCode RuntimeData Available UnusableMemory ACPIReclaimMemory
ACPIMemoryNVS MemoryMappedIO MemoryMappedIOPortSpace PalCode Persistent
Unaccepted""".split()
EFISHELL1 = """reserved LoaderCode LoaderData BS_code BS_data RT_code RT_data
available Unusable ACPI_recl ACPI_NVS MemMapIO MemPortIO PAL_code""".split()
GRUBNAMES = """reserved ldr-code ldr-data BS-code BS-data RT-code RT-data
conv-mem unusable ACPI-rec ACPI-nvs MMIO IO-ports PAL-code persist""".split()
UBOOTNAMES = ["RESERVED", "LOADER CODE", "LOADER DATA", "BOOT CODE",
              "BOOT DATA", "RUNTIME CODE", "RUNTIME DATA", "CONVENTIONAL",
              "UNUSABLE MEM", "ACPI RECLAIM MEM", "ACPI NVS", "IO", "IO PORT",
              "PAL", "PERSISTENT"]
OLDLINUX = ["Reserved", "Loader Code", "Loader Data", "Boot Code", "Boot Data",
            "Runtime Code", "Runtime Data", "Conventional Memory",
            "Unusable Memory", "ACPI Reclaim Memory", "ACPI Memory NVS",
            "Memory Mapped I/O", "MMIO Port Space", "PAL Code",
            "Persistent Memory"]
NEWLINUX = ["Reserved", "Loader Code", "Loader Data", "Boot Code", "Boot Data",
            "Runtime Code", "Runtime Data", "Conventional", "Unusable",
            "ACPI Reclaim", "ACPI Mem NVS", "MMIO", "MMIO Port", "PAL Code",
            "Persistent", "Unaccepted"]
ATTRS = [("RUN", 63), ("HP", 20), ("MR", 16), ("CC", 19), ("SP", 18),
         ("NV", 15), ("XP", 14), ("RP", 13), ("WP", 12), ("RO", 17),
         ("UCE", 4), ("WB", 3), ("WT", 2), ("WC", 1), ("UC", 0)]
GRUBATTRS = [("RT", 63), ("UC", 0), ("WC", 1), ("WT", 2), ("WB", 3),
             ("UCE", 4), ("WP", 12), ("RP", 13), ("XP", 14), ("NV", 15),
             ("MR", 16), ("RO", 17)]
UBOOTATTRS = [("UC", 0), ("WC", 1), ("WT", 2), ("WB", 3), ("UCE", 4),
              ("WP", 12), ("RP", 13), ("XP", 14), ("NV", 15), ("REL", 16),
              ("RO", 17), ("SP", 18), ("CRYPT", 19), ("HOTPL", 20), ("RT", 63)]
BSDATTRS = [("UC", 0), ("WC", 1), ("WT", 2), ("WB", 3), ("UCE", 4),
            ("WP", 12), ("RP", 13), ("XP", 14), ("NV", 15),
            ("MORE_RELIABLE", 16), ("RO", 17), ("RUNTIME", 63)]
E820NAMES = {1: "usable", 2: "reserved", 3: "ACPI data", 4: "ACPI NVS",
             5: "unusable", 7: "persistent (type 7)",
             12: "persistent (type 12)", 0xefffffff: "soft reserved"}
E820LATER = {1: "System RAM", 2: "device reserved",
             7: "persistent RAM (type 7)", 12: "persistent RAM (type 12)"}
RESOURCES = {1: "System RAM", 2: "Reserved", 3: "ACPI Tables",
             4: "ACPI Non-volatile Storage", 5: "Unusable memory",
             7: "Persistent Memory", 12: "Persistent Memory (legacy)",
             0xefffffff: "Soft Reserved"}


class Written:
    """A map in one form: its lines, and which of them are its entries.

    where: which form replay should find, by a word of its name. knows: the
    entries without which the list must be refused.
    """

    def __init__(self, what, where, rows, before=(), after=(), knows=(),
                 end="\n"):
        self.what, self.where, self.knows, self.end = what, where, knows, end
        self.rows, self.before, self.after = rows, list(before), list(after)

    def lines(self):
        return self.before + self.rows + self.after

    def text(self):
        return "".join(line + self.end for line in self.lines())

    def instead(self, row, others):
        """The text with these lines instead of an entry."""
        rows = self.rows[:row] + others + self.rows[row + 1:]
        return "".join(line + self.end
                       for line in self.before + rows + self.after)


def columns(attr):
    if attr & ~sum(1 << bit for _, bit in ATTRS):
        return "|attr=0x%016x]" % attr
    return "|" + "|".join((name if attr >> bit & 1 else "").rjust(len(name))
                          for name, bit in ATTRS) + "]"


def called(names, number):
    return names[number] if number < len(names) else "type=%d" % number


def stamped(lines):
    return ["[    0.000000] " + line for line in lines]


def nameable(entries, names, attrs=None):
    known = sum(1 << bit for _, bit in attrs) if attrs else (1 << 64) - 1
    return all(number < len(names) and not attr & ~known
               for _, number, _, _, attr in entries)


def bits(attrs, attr, between):
    return between.join(name for name, bit in attrs if attr >> bit & 1)


# ---- EFI maps ----

def mem9(entries):
    rows = []
    for _, number, base, end, attr in entries:
        name = (EFINAMES[number] if number < len(EFINAMES)
                else "0x%08x" % number)
        rows.append("mem9: efi type=%s base=0x%x pages=%d attr=0x%x as=x"
                    % (name, base, (end - base) // PAGE, attr))
    start = ("mem9: start version=1 command=map firmware=\"x\" "
             "descriptors=%d stride=48" % len(rows))
    again = ["mem9: total ram=1",
             "mem9: cpus present=2 up=2 parked=0 mode=xapic",
             'mem9: cpu n=1 apicid=1 node=0 result=up detail="TSC +5 within 9"',
             rows[0], "mem9: start version=2",
             "mem9: efi type=LoaderCode base=0x0 pages=1 attr=0x0 as=x"]
    yield Written("mem9", "mem9 log", rows, [start],
                  knows=range(len(rows)), end="\r\n")
    yield Written("mem9 twice", "mem9 log", rows, [start], again,
                  range(len(rows)))


def madeof(entries):
    """The e820 lines that a kernel shows of an EFI map: its RAM."""
    return ["BIOS-e820: [mem 0x%016x-0x%016x] usable" % (base, end - 1)
            for _, number, base, end, attr in entries
            if number == 7 and base < end]


def linux(entries):
    bare, old, mid, new = [], [], [], []
    for i, (_, number, base, end, attr) in enumerate(entries):
        size = "(%dMB)" % ((end - base) >> 20)
        bare.append("mem%02d: type=%d, attr=0x%x, range=[0x%016x-0x%016x) %s"
                    % (i, number, attr, base, end, size))
        old.append("EFI: " + bare[-1])
        mid.append("efi: mem%02d: [%s%s range=[0x%016x-0x%016x) %s"
                   % (i, called(OLDLINUX, number).ljust(19), columns(attr),
                      base, end, size))
        new.append("efi: mem%02d: [%s%s range=[0x%016x-0x%016x] %s"
                   % (i, called(NEWLINUX, number).ljust(12), columns(attr),
                      base, end - 1, size))
    own = ["e820: update [mem 0x00000000-0x00000fff] usable ==> reserved",
           "efi: Remove mem62: MMIO range=[0xe0000000-0xefffffff] (256MB) "
           "from e820 map",
           "efi: mem47: [Reserved|  ] range=[0x0-0x0] (invalid)"]
    numbered = range(len(new) - 1)
    last = [len(new) - 1] if new and entries[-1][1] == 7 else []
    yield Written("linux bare", "efi: mem", bare, knows=numbered)
    yield Written("linux old", "efi: mem", old, end="\r\n")
    yield Written("linux mid", "efi: mem", mid)
    yield Written("linux new", "efi: mem", new, own, own)
    yield Written("linux stamped", "efi: mem", stamped(new),
                  stamped(madeof(entries)), stamped(own), [*numbered, *last])
    yield Written("linux syslog", "efi: mem",
                  ["Jan  1 00:00:00 host kernel: <6>[    0.000000] " + line
                   for line in mid])


def shelltotals(entries, names):
    total = [0] * len(names)
    for _, number, base, end, attr in entries:
        if number < len(names):
            total[number] += (end - base) // PAGE
    lines = [""] + ["  %-10s: %14s Pages (%s Bytes)"
                    % (name, "{:,}".format(n), "{:,}".format(n * PAGE))
                    for name, n in zip(names, total)]
    return lines + ["", "Total Memory: 511 MB (535,953,408 Bytes)"]


def shells(entries):
    table, sfo = [], []
    for _, number, base, end, attr in entries:
        npages = (end - base) // PAGE
        short = called(SHELLNAMES, number).replace("type=", "")
        if short.isdigit():
            short = "%08X" % number
        table.append("%-10s %016X-%016X %016X %016X"
                     % (short, base, end - 1, npages, attr))
        long = SFONAMES[number] if number < len(SFONAMES) else short
        sfo.append('MemoryMap,"%s","%X","%X","%X","%X"'
                   % (long, base, end - 1, npages, attr))
    head = ["Type       Start            End              # Pages          "
            "Attributes"]
    pages = [i for i, e in enumerate(entries)
             if e[3] > e[2] and e[1] < len(SHELLNAMES)]
    counted = [i for i in pages if entries[i][1] not in (0, 8, 11, 12)]
    summary = ['MemoryMapSummary,"%d","2", "3"' % sum(
        e - b for _, t, b, e, _ in entries if t not in (0, 8, 11, 12))]
    yield Written("shell", "UEFI Shell", table, head,
                  shelltotals(entries, SHELLNAMES), pages, "\r\n")
    yield Written("shell, no totals", "UEFI Shell", table, head, ["FS0:\\>"])
    yield Written("shell, no heading", "UEFI Shell", table)
    yield Written("sfo", "-sfo", sfo, ['ShellCommand,"memmap"'], summary,
                  counted, "\r\n")
    if nameable(entries, EFISHELL1):
        rows = ["%-10s %016X-%016X  %016X  %016X"
                % (EFISHELL1[n], b, e - 1, (e - b) // PAGE, a)
                for _, n, b, e, a in entries]
        yield Written("efi shell", "UEFI Shell", rows)
        yield Written("efi shell, headed", "UEFI Shell", rows, head,
                      shelltotals(entries, EFISHELL1), pages)


def loaders(entries):
    if nameable(entries, GRUBNAMES + [""] * 10, GRUBATTRS):
        rows = []
        for _, number, base, end, attr in entries:
            name = (GRUBNAMES[number].ljust(8) if number < len(GRUBNAMES)
                    else "Unk %02x  " % number)
            kib = (end - base) >> 10
            size = "%6dKiB" % kib if kib % 1024 else "%6dMiB" % (kib >> 10)
            rows.append("%s  %016x-%016x %08x %s %s"
                        % (name, base, end - 1, (end - base) // PAGE, size,
                           bits(GRUBATTRS, attr, " ")))
        yield Written("lsefimmap", "lsefimmap", rows, [
            "grub> lsefimmap", "Type      Physical start  - end            "
            " #Pages        Size Attributes"], ["grub> "])
    if nameable(entries, UBOOTNAMES, UBOOTATTRS):
        rows = ["%-16s %016x-%016x %s"
                % (UBOOTNAMES[n], b, e, bits(UBOOTATTRS, a, "|"))
                for _, n, b, e, a in entries]
        yield Written("efidebug", "efidebug", rows, [
            "=> efidebug memmap", "Type             Start            End      "
            "        Attributes",
            "================ ================ ================ =========="],
            ["=> "])
        yield Written("efidebug, no heading", "efidebug", rows)
    if nameable(entries, EFINAMES[:15], BSDATTRS):
        names = ["Reserved"] + EFINAMES[1:]
        rows = ["%23s %012x %12s %08x %s"
                % (names[n], b, "0x0" if n % 2 else "%012x" % b,
                   (e - b) // PAGE, bits(BSDATTRS, a, " "))
                for _, n, b, e, a in entries]
        yield Written("freebsd", "FreeBSD", rows, [
            "%23s %12s %12s %8s %4s"
            % ("Type", "Physical", "Virtual", "#Pages", "Attr")], ["OK "])
        yield Written("freebsd, no heading", "FreeBSD", rows)


def xen(entries):
    rows = []
    for _, number, base, end, attr in entries:
        rows.append("(XEN)  %013x-%013x type=%d attr=%016x"
                    % (base, end - 1, number, attr))
    rows[-1:-1] = ["(XEN) Unknown cachability for MFNs 0xfeffc-0xfefff"]
    yield Written("xen", "EFI memory map", rows, [
        "(XEN) Xen version 4.14", "(XEN) EFI RAM map:",
        "(XEN)  [0000000000000000, 000000000009ffff] (usable)",
        "(XEN) EFI memory map:"], ["(XEN) done"], end="\r\n")
    yield Written("xen stamped", "EFI memory map", [
        row.replace("(XEN)", "(XEN) [0000001b4a3297f3]") for row in rows])


def efiforms(entries):
    for forms in mem9, linux, shells, loaders, xen:
        yield from forms(entries)


# ---- e820 maps ----

def gaps(entries):
    lines, before = [], 0
    for _, number, base, end, attr in entries:
        name = E820NAMES.get(number, "type %d" % number)
        if base < before:
            lines.append("[Firmware Bug]: out of order E820 entry!")
        if base > before:
            lines.append("BIOS-e820: [gap 0x%016x-0x%016x]"
                         % (before, base - 1))
        lines.append("BIOS-e820: [mem 0x%016x-0x%016x]  %s"
                     % (base, end - 1, E820LATER.get(number, name)))
        before = end
    return lines


def lastpfn(entries):
    """What the kernel says of it, and which entry that shows."""
    ram = [end // PAGE if number == 1 else 0
           for _, number, _, end, _ in entries]
    top = max(ram)
    return (["last_pfn = %#x max_arch_pfn = 0x400000000" % top],
            [ram.index(top)] if top and ram.count(top) == 1 else [])


def e820linux(entries):
    old, new = [], []
    for _, number, base, end, attr in entries:
        name = E820NAMES.get(number, "type %d" % number)
        new.append("[mem 0x%016x-0x%016x] %s" % (base, end - 1, name))
        old.append("%016x - %016x (%s)" % (base, end, name))
    head = ["Linux version 6.1", "BIOS-provided physical RAM map:"]
    own = ["e820 update range: 0000000000000000 - 0000000000001000 (usable) "
           "==> (reserved)", "e820: remove [mem 0x000a0000-0x000fffff] usable"]
    last, shows = lastpfn(entries)
    bios = ["BIOS-e820: " + row for row in new]
    yield Written("linux e820 new", "BIOS-e820", bios, ["x"], ["y"])
    yield Written("linux e820 with gaps", "BIOS-e820",
                  stamped(gaps(entries)))
    yield Written("linux e820 stamped", "BIOS-e820", stamped(bios),
                  stamped(head), stamped(own + last), shows)
    yield Written("linux e820 old", "BIOS-e820",
                  ["<6> BIOS-e820: " + row for row in old], head, own)
    yield Written("bios-efi", "BIOS-EFI",
                  [" BIOS-EFI: " + row for row in old], head)
    yield Written("dom0", "domain of Xen", stamped(["Xen: " + row
                                                    for row in new]),
                  stamped(["Linux version 6.1",
                           "e820: BIOS-provided physical RAM map:"]), own)
    yield Written("xen ram", "RAM map",
                  ["(XEN)  [%016x, %016x] (%s)"
                   % (b, e - 1, E820NAMES.get(n, "type %d" % n))
                   for _, n, b, e, _ in entries],
                  ["(XEN) Xen version 4.14", "(XEN) Xen-e820 RAM map:"],
                  ["(XEN) System RAM: 2046MB (2095152kB)"])
    yield Written("xen ram old", "RAM map",
                  ["(XEN)  " + row for row in old],
                  ["(XEN) Xen-e820 RAM map:"])


def iomem(entries):
    rows = []
    for _, number, base, end, attr in entries:
        rows.append("%08x-%08x : %s"
                    % (base, end - 1, RESOURCES.get(number, "Reserved")))
        if number == 1:
            rows.append("  %08x-%08x : Kernel code" % (base, base + 4095))
            rows.append("  %08x-%08x : Reserved" % (base, base + 8191))
    rows += ["f0000000-f7ffffff : PCI Bus 0000:00",
             "  f0000000-f0ffffff : 0000:01:00.0",
             "    f0000000-f0ffffff : vga"]
    return rows


def nested(entries):
    """The same, with all but the first below a bus."""
    rows = [row for row in iomem(entries) if not row.startswith(" ")]
    return (rows[:1] + ["00000000-ffffffff : PCI Bus 0000:00"]
            + ["  " + row for row in rows[1:]])


def sysfiles(entries):
    rows = []
    for i, (_, number, base, end, attr) in enumerate(entries):
        dir = "/sys/firmware/memmap/%d/" % i
        rows += [dir + "end:0x%x" % (end - 1), dir + "start:0x%x" % base,
                 dir + "type:" + RESOURCES.get(number, "Reserved")]
    Random(len(rows)).shuffle(rows)
    return rows


def plan9(entries):
    line = ["%d %x %x" % (number if number < 10 else 2, base, end)
            for _, number, base, end, _ in entries]
    yield Written("plan9.ini", "*e820=", ["*e820=" + " ".join(line)],
                  ["bootfile=9pc64"], ["x=1"])
    if all(entry[1] == 1 for entry in entries):
        yield Written("plan9.ini, no types", "*e820=", [
            "*e820=" + " ".join("%08x %x" % e[2:4] for e in entries)])


def e820forms(entries):
    yield from e820linux(entries)
    yield Written("iomem", "/proc/iomem", iomem(entries), end="\r\n")
    yield Written("iomem nested", "/proc/iomem", nested(entries))
    yield Written("iomem grepped", "/proc/iomem",
                  ["/proc/iomem:" + row for row in iomem(entries)])
    yield Written("sysfs", "/sys/firmware/memmap", sysfiles(entries),
                  ["$ grep -r . /sys/firmware/memmap"],
                  knows=range(3 * len(entries)))
    yield from plan9(entries)
