"""A PC in QEMU with real firmware and a stick to boot, under a test's hand.

    with Machine("name", mem="5G", firmware=UBOOT) as m:
        m.run_to_end()

The serial port is m.serial, the screen is looked at with m.screen(), and
m.monitor() talks to QEMU itself. What came out of the serial port is in
build/qemu/NAME.log, byte for byte, also after a failure.
"""

import ctypes
import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

import screen
import varstore
from facts import Range, total
from port import Port

LIBC = ctypes.CDLL(None)

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOGS = ROOT / "build/qemu"
IMAGE = ROOT / "build/mem9.efi"
STICK = ROOT / "build/mem9-usb.img"
CD = ROOT / "build/mem9.iso"
HOSTILE = ROOT / "build/hostile.efi"

OVMF = "ovmf"
UBOOT = "uboot"
SEABIOS = "seabios"  # no UEFI at all
SECURE = "secure"  # OVMF with system management; no keys are enrolled
SNAKEOIL = "snakeoil"  # the same, with a key that Debian's packages have
MICROSOFT = "microsoft"  # the same, with Microsoft's
OVMF_CODE = "/usr/share/OVMF/OVMF_CODE_4M.fd"
SECURE_CODE = "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd"
OVMF_VARS = {
    OVMF: "/usr/share/OVMF/OVMF_VARS_4M.fd",
    SECURE: "/usr/share/OVMF/OVMF_VARS_4M.fd",
    SNAKEOIL: "/usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd",
    MICROSOFT: "/usr/share/OVMF/OVMF_VARS_4M.ms.fd",
}
UBOOT_ROM = "/usr/lib/u-boot/qemu-x86_64/u-boot.rom"

# What the stick is to the machine: a controller, unless there is one; and it.
DISKS = {
    "usb": ("qemu-xhci", "usb-storage"),
    "readonly": ("qemu-xhci", "usb-storage"),
    "usb2": ("usb-ehci", "usb-storage"),
    "ide": (None, "ide-hd,bus=ide.0"),  # AHCI on q35
    "nvme": (None, "nvme,serial=1"),
    "virtio": (None, "virtio-blk-pci"),
    "cd": (None, "ide-cd,bus=ide.0"),
    "none": (None, None),
}

# The quickest machine there is.
QUICK = {"firmware": UBOOT, "machine": "pc", "disk": "ide", "mem": "64M"}
# An instruction takes 256 ns, and nobody waits while the machine does: all
# times are the machine's own, whatever else this one has to do.
COUNTED = {**QUICK, "args": ["-icount", "shift=8,sleep=off"]}
REMOVABLE = "removable"  # \EFI\BOOT\BOOTX64.EFI, started by the firmware
SHELL = "shell"  # \MEM9.EFI, started by \STARTUP.NSH in the UEFI shell
LOADER = "loader"  # \MEM9.EFI, started by whatever the files hold
PROMPT = r"mem9> "
CURSOR = "\N{FULL BLOCK}"  # on the screen, where the next character goes
UNITS = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}

# Longest a boot may take, here with other work on two cores (s); and a second
# more for each GiB, as firmware may go through all of it. On an idle one the
# largest machine takes 60.
PATIENCE = 300


PR_SET_THP_DISABLE = 41


def small_pages():
    """A page of the guest's costs a page here, and not the 2 MiB of a huge
    one that QEMU asks for: a boot tries one of every 2 MiB."""
    LIBC.prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)


def sized(width, height):
    """A graphics card whose screen firmware takes to be so large."""
    card = f"VGA,xres={width},yres={height},refresh_rate=30000,vgamem_mb=64"
    return {"vga": "none", "args": ["-device", card]}


def size(text):
    """Bytes that QEMU understands by 512M, 5G, ..."""
    return int(text[:-1]) * UNITS[text[-1]]


KiB, MiB, GiB, TiB = 2**10, 2**20, 2**30, 2**40
HOLE = Range(640 * KiB, 1 * MiB, "hole")


def ram_of(machine):
    """Where QEMU 7.2 puts a machine's RAM (hw/i386/pc_q35.c, pc_piix.c)."""
    if machine.machine == "q35":
        low = 2 * GiB if machine.mem >= 0xB0000000 else machine.mem
    else:
        low = 3 * GiB if machine.mem >= 0xE0000000 else machine.mem
    ranges = [
        Range(0, HOLE.base, "RAM"),
        Range(HOLE.end, low, "RAM"),
    ]
    high = machine.mem - low
    if high > 0:
        # AMD's HyperTransport hole below 1 TiB: then all of it goes above.
        base = 4 * GiB if high < 900 * GiB else TiB
        ranges.append(Range(base, base + high, "RAM"))
    assert total(ranges) == machine.mem - HOLE.size
    return ranges


def apicids_of(machine):
    """The ids of its CPUs, sorted: of a thread, a core, a socket, each in as
    many bits as the most of its kind take."""
    n, *kinds = str(machine.smp).split(",")
    most = {"cores": n, "threads": 1}
    most.update(kind.split("=") for kind in kinds)
    cores, threads = int(most["cores"]), int(most["threads"])
    low, bits = (threads - 1).bit_length(), (cores - 1).bit_length()
    ids = []
    for i in range(int(n)):
        core, thread = divmod(i, threads)
        socket, core = divmod(core, cores)
        ids.append((socket << bits | core) << low | thread)
    return ids


def nodes_of(machine):
    """What RAM is in each node: QEMU fills them from below, and the hole below
    1 MiB is taken from the first."""
    if not machine.numa:
        return [ram_of(machine)]
    pieces = [Range(0, ram_of(machine)[1].end, "RAM"), *ram_of(machine)[2:]]
    nodes = []
    for mem, _ in machine.numa:
        left, mine = size(mem), []
        while left > 0:
            base, end, _ = pieces.pop(0)
            cut = min(end, base + left)
            mine.append(Range(base, cut, "RAM"))
            left -= cut - base
            if cut < end:
                pieces.insert(0, Range(cut, end, "RAM"))
        nodes.append(mine)
    return nodes


def press(m, keys):
    """Keys of QEMU's names, one after the other."""
    for key in keys.split():
        m.monitor(f"sendkey {key}")


class Machine:
    """One machine, from power on (enter) to power off (leave)."""

    def __init__(
        self,
        name,
        *,
        mem="512M",
        cpu="qemu64",
        machine="q35",
        firmware=OVMF,
        start=REMOVABLE,
        disk="usb",
        stick=None,
        vga="std",
        serial=True,
        port=None,
        smp=1,
        numa=(),  # nodes: (RAM, its CPUs as QEMU wants them or None)
        dist=(),  # (from, to, how far)
        ini=("*end=poweroff",),
        files=(),
        report=False,
        reboot=False,
        variables=(),  # of OVMF's, more (varstore.py)
        args=(),
    ):
        self.name = name
        self.mem = size(mem)
        self.patience = PATIENCE + self.mem // GiB
        self.cpu = cpu
        self.machine = machine.split(",")[0]
        self.machine_options = machine
        self.firmware = firmware
        self.start = start
        self.disk = disk
        self.stick = stick
        self.vga = vga
        self.has_serial = serial
        self.port = port
        self.smp = smp
        self.numa = list(numa)
        self.dist = list(dist)
        self.ini = ini if report else (*ini, "*report=off")
        self.reboot = reboot
        self.variables = list(variables)
        self.files = dict(files)
        self.args = list(args)
        self.log = LOGS / f"{name}.log"
        self.shutdown_reason = None
        self.serial = None
        self.process = None

    def __enter__(self):
        LOGS.mkdir(parents=True, exist_ok=True)
        self.log.unlink(missing_ok=True)
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="mem9-"))
        try:
            self._power_on()
        except BaseException:
            self._clean_up()
            raise
        return self

    def __exit__(self, *failure):
        if failure[0] is not None:
            print(f"serial log: {self.log}")
            if self.process.poll() is None:
                self._keep_screen()
        self._clean_up()

    # ---- what a test does with it ----

    def run_to_end(self):
        """Wait until the machine is off; how it ended is shutdown_reason."""
        if self.serial is not None:
            self.serial.wait_closed(self.patience)
        self.process.wait(self.patience)
        self._events()

    def expect(self, pattern):
        """Wait for a pattern on the serial port; what came before it."""
        return self.serial.expect(pattern, self.patience)

    def text(self):
        """What came out of the serial port so far."""
        return self.log.read_bytes().decode("ascii", "backslashreplace")

    def hurry_shell(self):
        """Skip the five seconds in which the shell waits for a key."""
        self.expect("any other key to continue")
        self.serial.send("\r")

    def monitor(self, line):
        """Give QEMU's monitor a line; return what it says."""
        return self._qmp("human-monitor-command", {"command-line": line})

    def file(self, name):
        """A file of the stick, as it is now."""
        return subprocess.run(
            ["mtype", "-i", f"{self.work}/stick.img@@1M", f"::/{name}"],
            check=True,
            capture_output=True,
        ).stdout

    def screendump(self, path):
        self._qmp("screendump", {"filename": str(path)})
        return path

    def screen(self):
        """The text on the screen, as a list of lines."""
        return screen.read(self.screendump(self.work / "screen.ppm"))

    def wait_until(self, holds, what):
        """Ask until holds(); what: the complaint that it never does."""
        end = time.monotonic() + self.patience
        while not holds():
            assert time.monotonic() < end, what
            time.sleep(0.1)

    def wait_halted(self):
        """Until CPU 0 has halted."""
        self.wait_until(
            lambda: "HLT=1" in self.monitor("info registers"),
            "it does not halt",
        )

    def wait_stopped(self):
        """Until the machine has ended, and QEMU keeps it as it was."""
        self.wait_until(
            lambda: "running" not in self.monitor("info status"), "it goes on"
        )

    def wait_screen(self, found):
        """Look at the screen until found(lines) holds; return the lines."""
        end = time.monotonic() + self.patience
        lines = []
        while time.monotonic() < end:
            lines = self.screen()
            if found(lines):
                return lines
            time.sleep(0.5)
        raise AssertionError("not on the screen:\n" + "\n".join(lines))

    # ---- the machine ----

    def _power_on(self):
        stick = self._stick()
        self.complaints = open(self.work / "stderr", "w+")
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", *self._options(stick)],
            stdin=subprocess.DEVNULL,
            stderr=self.complaints,
            preexec_fn=small_pages,
        )
        if self.has_serial:
            self.serial = Port(self._connected("com"), self.log)
        self._connect()

    def _connected(self, name):
        """A connection to QEMU's socket of that name, once it listens."""
        while self.process.poll() is None:
            link = socket.socket(socket.AF_UNIX)
            try:
                link.connect(f"{self.work}/{name}")
                return link
            except (FileNotFoundError, ConnectionRefusedError):
                link.close()
                time.sleep(0.02)
        self.complaints.seek(0)
        raise AssertionError(f"QEMU: {self.complaints.read()}")

    def _stick(self):
        """A stick's image of this machine's own, that it may write to."""
        path = self.work / "stick.img"
        if self.stick is not None:
            shutil.copy(self.stick, path)
            return path
        ini = self.work / "mem9.ini"
        ini.write_text("\n".join(self.ini) + "\n")
        if self.start == REMOVABLE:
            files = {"EFI/BOOT/BOOTX64.EFI": IMAGE, "EFI/BOOT/MEM9.INI": ini}
        else:
            files = {"MEM9.EFI": IMAGE, "MEM9.INI": ini}
        if self.start == SHELL:
            files["STARTUP.NSH"] = ROOT / "startup.nsh"
        files.update(self.files)
        subprocess.run(
            [ROOT / "tools/image.sh", path]
            + [f"{name}={file}" for name, file in files.items()],
            check=True,
        )
        return path

    # reserve=off: RAM larger than this machine's, as long as the guest touches
    # little of it.

    def _ram(self):
        return [
            "-object",
            f"memory-backend-ram,id=ram,size={self.mem},reserve=off",
            *("-machine", f"{self.machine_options},memory-backend=ram"),
        ]

    def _numa(self):
        options = ["-machine", self.machine_options]
        for i, (mem, cpus) in enumerate(self.numa):
            node = f"node,nodeid={i}"
            if size(mem) > 0:
                ram = f"memory-backend-ram,id=ram{i},size={size(mem)}"
                options += ["-object", f"{ram},reserve=off"]
                node += f",memdev=ram{i}"
            if cpus is not None:
                node += f",cpus={cpus}"
            options += ["-numa", node]
        for src, dst, far in self.dist:
            options += ["-numa", f"dist,src={src},dst={dst},val={far}"]
        return options

    def _options(self, stick):
        options = [
            *(self._numa() if self.numa else self._ram()),
            *("-m", f"{self.mem // 2**20}M", "-cpu", self.cpu),
            *("-smp", str(self.smp), "-nodefaults"),
            *([] if self.reboot else ["-no-reboot"]),
            *("-display", "none", "-vga", self.vga),
            *("-qmp", f"unix:{self.work}/qmp,server=on,wait=off"),
            "-drive",
            f"if=none,id=stick,format=raw,file={stick}"
            + (",readonly=on" if self.disk == "readonly" else ""),
        ]
        if self.has_serial:
            path = self.work / "com"
            options += ["-chardev", f"socket,id=com,path={path},server=on"]
            if self.port is None:
                options += ["-serial", "chardev:com"]
            else:
                options += ["-serial", "none", "-device"]
                options += [f"isa-serial,chardev=com,iobase={self.port}"]
        else:
            options += ["-serial", "none"]
        return options + self._firmware() + self._disk() + self.args

    def _firmware(self):
        if self.firmware == UBOOT:
            return ["-bios", UBOOT_ROM]
        if self.firmware == SEABIOS:
            return []
        variables = self.work / "vars.fd"
        store = bytearray(pathlib.Path(OVMF_VARS[self.firmware]).read_bytes())
        for each in self.variables:
            varstore.add(store, *each)
        variables.write_bytes(store)
        code = OVMF_CODE
        flash = "if=pflash,format=raw"
        options = ["-drive", f"{flash},unit=1,file={variables}"]
        if self.firmware != OVMF:
            code = SECURE_CODE
            options += ["-global", "driver=cfi.pflash01,property=secure,value=on"]
            options += ["-global", "ICH9-LPC.disable_s3=1"]
        return [
            *("-drive", f"{flash},unit=0,readonly=on,file={code}"),
            *options,
        ]

    def _disk(self):
        controller, device = DISKS[self.disk]
        options = ["-device", f"{device},drive=stick"] if device else []
        return ["-device", controller, *options] if controller else options

    # ---- QEMU's own socket ----

    def _connect(self):
        self.qmp = self._connected("qmp")
        self.answers = self.qmp.makefile("r")
        self.answers.readline()
        self._qmp("qmp_capabilities")

    def _qmp(self, command, arguments=None):
        message = {"execute": command, "arguments": arguments or {}}
        self.qmp.sendall(json.dumps(message).encode() + b"\n")
        for line in self.answers:
            answer = json.loads(line)
            if "error" in answer:
                raise AssertionError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]
            self._event(answer)
        raise AssertionError(f"{command}: the machine is gone")

    def _event(self, answer):
        if answer.get("event") == "SHUTDOWN":
            self.shutdown_reason = answer["data"]["reason"]

    def _events(self):
        for line in self.answers:
            self._event(json.loads(line))

    def _keep_screen(self):
        """For whoever reads a failure: what the screen showed."""
        try:
            ppm = self.screendump(self.work / "screen.ppm")
            picture = LOGS / f"{self.name}.png"
            screen.write_png(ppm, picture)
            print(f"screen: {picture}")
        except (AssertionError, OSError, ValueError):
            pass

    def _clean_up(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.complaints.close()
        shutil.rmtree(self.work, ignore_errors=True)
