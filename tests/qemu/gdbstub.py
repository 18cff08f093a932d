"""QEMU's gdb stub, by its own protocol: stops, steps, registers.

For tests that stop a thousand times, where gdb would take a second each.
"""

import socket

HBREAK = 1  # Z1: QEMU has as many as one wants
TRAP = ("T05", "S05")
NAMES = (
    "rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip".split()
)
SHORT = "eflags cs ss ds es fs gs".split()


class Stub:
    """A connection, which stops the machine; it goes on with resume().

    One that is running says that it has stopped."""

    def __init__(self, path, patience, running=False):
        self.link = socket.socket(socket.AF_UNIX)
        self.link.settimeout(patience)
        self.link.connect(str(path))
        self.data = b""
        if running:
            assert self._answer().startswith("T02")
        self.ask("QStartNoAckMode")
        # Only whoever has read what registers there are may set one.
        self.ask("qXfer:features:read:target.xml:0,1000")
        # Single steps let interrupts in, as if nobody stepped.
        assert self.ask("Qqemu.sstep=1") == "OK"

    def close(self):
        self.link.close()

    def hbreak(self, address):
        assert self.ask(f"Z{HBREAK},{address:x},1") == "OK"

    def unbreak(self, address):
        assert self.ask(f"z{HBREAK},{address:x},1") == "OK"

    def resume(self):
        """Go on to the next stop; the address it stopped at."""
        self.go()
        return self.stopped()

    def go(self):
        """Go on, while something else is asked of the machine."""
        self._send("c")

    def stopped(self):
        """Wait for the stop after go(); the address it stopped at."""
        return self._stopped(self._answer())

    def step(self):
        """One instruction, or into a handler; the address after it.

        Now and then QEMU stops again before it has done anything.
        """
        was = now = self.registers()["rip"]
        for _ in range(8):
            if now == was:
                now = self._stopped(self.ask("s"))
        return now

    def let_go(self):
        """Go on for good."""
        self.ask("D")

    def registers(self):
        raw = bytes.fromhex(self.ask("g"))
        sizes = [8] * len(NAMES) + [4] * len(SHORT)
        values, at = {}, 0
        for name, size in zip(NAMES + SHORT, sizes):
            values[name] = int.from_bytes(raw[at : at + size], "little")
            at += size
        return values

    def set_registers(self, values):
        """Those that are not as they should be."""
        now = self.registers()
        for i, name in enumerate(NAMES + SHORT):
            if values[name] != now[name]:
                size = 8 if name in NAMES else 4
                text = values[name].to_bytes(size, "little").hex()
                assert self.ask(f"P{i:x}={text}") == "OK", name

    def write(self, address, data):
        """Bytes to memory as the machine sees it now."""
        packet = f"M{address:x},{len(data):x}:{data.hex()}"
        assert self.ask(packet) == "OK"

    def read(self, address, n):
        """So many words of 64 bits."""
        raw = bytes.fromhex(self.ask(f"m{address:x},{8 * n:x}"))
        return [
            int.from_bytes(raw[i : i + 8], "little")
            for i in range(0, 8 * n, 8)
        ]

    def ask(self, packet):
        self._send(packet)
        return self._answer()

    def _send(self, packet):
        summed = sum(packet.encode()) & 0xFF
        self.link.sendall(f"${packet}#{summed:02x}".encode())

    def _stopped(self, answer):
        assert answer.startswith(TRAP), f"not stopped but {answer}"
        return self.registers()["rip"]

    def _answer(self):
        while True:
            start = self.data.find(b"$")
            end = self.data.find(b"#", start)
            if start >= 0 and 0 <= end <= len(self.data) - 3:
                text = self.data[start + 1 : end].decode()
                self.data = self.data[end + 3 :]
                return text
            more = self.link.recv(1 << 16)
            assert more, "the stub is gone"
            self.data += more
