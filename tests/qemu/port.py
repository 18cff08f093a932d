"""The machine's serial port, read as fast as it writes.

QEMU drops characters when nobody takes them, and pexpect takes them only
while it waits for something; so a thread reads all the time. Every byte goes
to the log, and expect() looks through what came since the last match.
"""

import re
import threading
import time


class Gone(AssertionError):
    """What was waited for did not come."""


class Port:
    """A connection to a serial port that QEMU serves on a Unix socket."""

    def __init__(self, link, log):
        self.socket = link
        self.log = log
        self.data = bytearray()
        self.seen = 0
        self.closed = False
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def send(self, text):
        self.socket.sendall(text.encode())

    def expect(self, pattern, patience):
        """Wait for a match; returns what came before it since the last."""
        end = time.monotonic() + patience
        wanted = re.compile(pattern.encode())
        with self.news:
            while True:
                found = wanted.search(self.data, self.seen)
                if found:
                    before = self.data[self.seen : found.start()]
                    self.seen = found.end()
                    return before.decode("ascii", "backslashreplace")
                left = end - time.monotonic()
                if self.closed or left <= 0:
                    why = "machine ended" if self.closed else "too late"
                    tail = bytes(self.data[-400:])
                    raise Gone(f"{why}: no {pattern!r} after {tail}")
                self.news.wait(left)

    def wait_closed(self, patience):
        """Wait until the machine is off."""
        self.reader.join(patience)
        if not self.closed:
            raise Gone(f"still on, after {bytes(self.data[-400:])}")

    def _read(self):
        with open(self.log, "wb", buffering=0) as log:
            while True:
                try:
                    more = self.socket.recv(1 << 16)
                except OSError:
                    more = b""
                log.write(more)
                with self.news:
                    self.data += more
                    self.closed = not more
                    self.news.notify_all()
                if not more:
                    return
