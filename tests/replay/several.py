"""several - texts with several maps: (text, lines of -l, notes).

A line of -l is (what, n, line, entries, a word of the form).
"""

RAM = "BIOS-e820: [mem 0x0-0xfff] usable\n"
RAM2 = "BIOS-e820: [mem 0x0-0x1fff] usable\n"
EFI = "efi: mem00: type=7, attr=0xf, range=[0x0-0x2000)\n"
RUN = "efi: mem00: type=7, attr=0x8000000000000000, range=[0x0-0x1000)\n"
DOM0 = "Xen: [mem 0x0-0xfff] usable\n"
XEN = "(XEN)  [0000000000000000, 0000000000000fff] (usable)\n"
XENEFI = "(XEN)  0000000000000-0000000000fff type=7 attr=000000000000000f\n"
MEM9 = "mem9: efi type=LoaderCode base=0x0 pages=1 attr=0xf\n"
TABLE = ("Type       Start  End  # Pages  Attributes\n"
         "Available  0-FFF 1 F\n")
BOOT = "[    0.000000] Linux version 6.1\n"
SYS = "%d/end:0xfff\n%d/start:0x0\n%d/type:System RAM\n"

NONE = ["the first of 2 maps"]

SEVERAL = [
    (RAM, [("map", 1, 1, 1, "BIOS")], []),
    ("x\n" + RAM + "y\n" + RAM, [("map", 1, 2, 1, "BIOS")], []),
    (RAM + "y\n" + RAM2, [("map", 1, 1, 1, "BIOS"), ("map", 2, 3, 1, "BIOS")],
     NONE),
    (RAM + "e820: BIOS-provided physical RAM map:\n" + RAM2,
     [("map", 1, 1, 1, "BIOS"), ("map", 2, 3, 1, "BIOS")], NONE),
    (BOOT + RAM + BOOT + RAM,
     [("map", 1, 2, 1, "BIOS"), ("map", 2, 4, 1, "BIOS")], NONE),
    (RAM + "-- Reboot --\n" + RAM,
     [("map", 1, 1, 1, "BIOS"), ("map", 2, 3, 1, "BIOS")], NONE),
    (RAM + EFI, [("also", 1, 1, 1, "BIOS"), ("map", 1, 2, 1, "efi: mem")], []),
    (EFI + RAM, [("map", 1, 1, 1, "efi: mem"), ("also", 1, 2, 1, "BIOS")], []),
    (EFI + "x\n" + RUN, [("map", 1, 1, 1, "efi: mem")], []),
    (RUN + "x\n" + EFI, [("map", 1, 1, 1, "efi: mem"),
                         ("map", 2, 3, 1, "efi: mem")], NONE),
    (RUN + EFI, [("map", 1, 1, 1, "efi: mem"), ("map", 2, 2, 1, "efi: mem")],
     NONE),
    ("(XEN) Xen version 4.14\n" + XEN + XENEFI + BOOT + DOM0 +
     "00000000-0009fbff : System RAM\n",
     [("also", 1, 2, 1, "RAM map"), ("map", 1, 3, 1, "EFI memory map"),
      ("also", 1, 5, 1, "domain"), ("also", 1, 6, 1, "iomem")], []),
    ("(XEN) Xen version 4.14\n" + XEN + BOOT + DOM0 + BOOT + DOM0,
     [("map", 1, 2, 1, "RAM map"), ("also", 1, 4, 1, "domain"),
      ("map", 2, 6, 1, "domain")], NONE),
    (2 * ("(XEN) Xen version 4.14\n" + XEN),
     [("map", 1, 2, 1, "RAM map"), ("map", 2, 4, 1, "RAM map")], NONE),
    (MEM9 + "*e820=1 0 1000\n",
     [("map", 1, 1, 1, "mem9"), ("also", 1, 2, 0, "*e820=")], []),
    (TABLE + RAM, [("map", 1, 2, 1, "UEFI Shell"), ("map", 2, 3, 1, "BIOS")],
     NONE),
    (TABLE + TABLE, [("map", 1, 2, 1, "UEFI Shell")], []),
    (TABLE + TABLE.replace("0-FFF 1", "0-1FFF 2"),
     [("map", 1, 2, 1, "UEFI Shell"), ("map", 2, 4, 1, "UEFI Shell")], NONE),
    (TABLE + "Available : 1 Pages\n" + "Available  0000000000000000-"
     "0000000000001FFF 0000000000000002 F\n",
     [("map", 1, 2, 1, "UEFI Shell"), ("map", 2, 4, 1, "UEFI Shell")], NONE),
    (SYS % (0, 0, 0) + SYS % (0, 0, 0),
     [("map", 1, 1, 1, "/sys/firmware")], []),
    (RAM + "y\n" + RAM2 + "BIOS-e820: damage\n",
     [("map", 1, 1, 1, "BIOS"), ("map", 2, 3, 1, "BIOS")], NONE),
    ("efi: mem00: [Boot Data|WX|WX| |YZ] range=[0x0-0xfff]\n",
     [("map", 1, 1, 1, "efi: mem")],
     ["no attribute is known as 'WX'", "no attribute is known as 'YZ'"]),
    ("efi: mem00: [Boot Data|A1|A2|A3|A4|A5|A6|A7|A8|A9] range=[0x0-0xfff]\n",
     [("map", 1, 1, 1, "efi: mem")],
     ["'A%d'" % i for i in range(1, 9)] + ["and 1 more notes"]),
    ("efi 7 0x0 1 0xf", [("map", 1, 1, 1, "'efi'")], ["has no end"]),
    (RAM + "and", [("map", 1, 1, 1, "BIOS")], ["the middle of the next line"]),
    (RAM[:-1], [("map", 1, 1, 1, "BIOS")], []),
]
