"""Secrets and the pages of processes are gone before the machine is: read from
outside, in all of its RAM, once it has been reset or switched off."""

import os

import pytest

from faulty import image
from machine import PROMPT, UBOOT, Machine

QUICK = {"firmware": UBOOT, "machine": "pc", "disk": "ide", "mem": "96M"}
MATRIX = pytest.mark.matrix
SECRET = 0x5EC7E75EC7E7D00D

# The image has no process yet, and no secret: here it gets some. In its text
# the secret stands complemented. With *nswap=7 it panics then.
CHECK = "\tcheck(CHECKALL, tellcheck); /* every promise, on this machine */\n"
PLANT = f"""
	extern struct Pool *const secrmem;
	void *poolalloc(struct Pool *pool, size_t size);
	volatile uint64_t other = ~{SECRET:#x}ull;
	Page *pg[] = {{newpage(NOCLEAR, 0x400000), newpage(NOCLEAR, 0x401000),
	    newhugepage(2 * MiB, NOCLEAR, 0x600000)}};
	for (size_t i = 0; i < 3; i++) {{
		uint64_t *w = kaddr(pagepa(pg[i]));
		for (size_t k = 0; k < pagesize(pg[i]) / 8; k++)
			w[k] = ~other;
	}}
	putpage(pg[1]);
	for (size_t size = 64; size < 1 * MiB; size *= 8) {{
		uint64_t *w = poolalloc(secrmem, size);
		for (size_t k = 0; k < size / 8; k++)
			w[k] = ~other;
	}}
	print("planted\\n");
	if (conf.nswap == 7)
		panic("now");
"""


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    path = tmp_path_factory.mktemp("wipe") / "mem9.efi"
    name = f"secrets-{os.getpid()}"  # there are two of us
    with image(name, "kern/main.c", CHECK, PLANT + CHECK) as built:
        path.write_bytes(built.read_bytes())
    return path


def secrets(m):
    """How often the secret is in RAM, two words of it side by side."""
    ram = m.work / "ram"
    m.monitor(f'pmemsave 0 {m.mem} "{ram}"')
    word = SECRET.to_bytes(8, "little")
    return ram.read_bytes().count(word + word)


@pytest.mark.parametrize(
    "end, command, panics",
    [
        ("monitor", "reset", False),
        ("poweroff", None, True),
        pytest.param("monitor", "poweroff", False, marks=MATRIX),
        pytest.param("poweroff", None, False, marks=MATRIX),
        pytest.param("reset", None, False, marks=MATRIX),
        pytest.param("reset", None, True, marks=MATRIX),
    ],
)
def test_no_secret_is_left_in_ram(planted, end, command, panics):
    ini = [f"*end={end}", "*checks=none"] + ["*nswap=7"] * panics
    with Machine(
        f"wipe-{end}-{command}-{panics}",
        ini=ini,
        files={"EFI/BOOT/BOOTX64.EFI": planted},
        args=("-no-shutdown",),
        **QUICK,
    ) as m:
        m.expect("planted\r\n")
        if command:
            m.expect(PROMPT)
            # As a control: it is there, and would be found.
            assert secrets(m) > 2 * 2**20 // 16
            m.serial.send(command + "\r")
        if panics:
            m.expect("panic: main: now")
        m.wait_stopped()
        assert secrets(m) == 0
