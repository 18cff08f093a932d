"""Variables of UEFI firmware in its flash, as edk2 keeps them.

    firmware volume  | store: GUID, size, state | variable | variable | 0xff...

A variable is a header, its name in UTF-16 and its data, aligned to 4 bytes
(edk2, MdeModulePkg/Include/Guid/VariableFormat.h: those with time stamps).
"""

import struct
import uuid

GLOBAL = uuid.UUID("8be4df61-93ca-11d2-aa0d-00e098032b8c")
SHIM = uuid.UUID("605dab50-e046-4300-abb6-3dd810dd8b23")
X509 = uuid.UUID("a5c059a1-94e4-4aa7-87b5-ab155c2bf072")
AUTHENTICATED = uuid.UUID("aaf32c78-947b-439a-a180-2e144ec37792")
NONVOLATILE, BOOTSERVICE, RUNTIME = 1, 2, 4

HEADERLENGTH = 48  # where a firmware volume says how long its header is
STORE = struct.Struct("<16sIBBHI")
VARIABLE = struct.Struct("<HBBIQ16sIII16s")
START, ADDED = 0x55AA, 0x3F


def _after(flash):
    """Where the next variable goes, and the end of the store."""
    (store,) = struct.unpack_from("<H", flash, HEADERLENGTH)
    guid, size, *_ = STORE.unpack_from(flash, store)
    assert guid == AUTHENTICATED.bytes_le, uuid.UUID(bytes_le=guid)
    at = store + STORE.size
    while struct.unpack_from("<H", flash, at)[0] == START:
        *_, name, data, _ = VARIABLE.unpack_from(flash, at)
        at += -(-(VARIABLE.size + name + data) // 4) * 4
    return at, store + size


def add(flash, name, guid, attributes, data):
    """Put a variable that is not there yet into flash, a bytearray."""
    at, end = _after(flash)
    name = (name + "\0").encode("utf-16-le")
    head = (START, ADDED, 0, attributes, 0, bytes(16), 0, len(name), len(data))
    whole = VARIABLE.pack(*head, guid.bytes_le) + name + data
    assert at + len(whole) <= end, "no room for it"
    flash[at : at + len(whole)] = whole


def certificates(owner, *ders):
    """A signature list of each certificate (UEFI 32.4.1)."""
    lists = b""
    for der in ders:
        entry = owner.bytes_le + der
        head = struct.pack("<III", 28 + len(entry), 0, len(entry))
        lists += X509.bytes_le + head + entry
    return lists


# ---- what starts at a boot ----

HARDDRIVE, FILEPATH, ENDPATH = (4, 1), (4, 4), (0x7F, 0xFF)
# The partition of tools/image.sh.
FIRST, SECTORS = 2048, 77824
PARTITION = uuid.UUID("6d656d39-0000-4000-8000-000000000001")
BYGPT, BYGUID = 2, 2


def _node(kind, data):
    return struct.pack("<BBH", *kind, 4 + len(data)) + data


def bootoption(program, options):
    """An entry of the boot manager, of a program on the stick (UEFI 3.1.3)."""
    place = struct.pack(
        "<IQQ16sBB", 1, FIRST, SECTORS, PARTITION.bytes_le, BYGPT, BYGUID
    )
    name = (program + "\0").encode("utf-16-le")
    path = _node(HARDDRIVE, place) + _node(FILEPATH, name) + _node(ENDPATH, b"")
    head = struct.pack("<IH", 1, len(path)) + "mem9\0".encode("utf-16-le")
    return head + path + options


def startsfirst(program, options):
    """The variables that make firmware start it in place of all else."""
    lasting = NONVOLATILE | BOOTSERVICE | RUNTIME
    entry = bootoption(program, options)
    return [
        ("Boot0009", GLOBAL, lasting, entry),
        ("BootNext", GLOBAL, lasting, struct.pack("<H", 9)),
    ]
