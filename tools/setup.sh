#!/bin/sh
#
# setup.sh - install the Debian packages that a make target needs, if missing.
#
# Says what and why first. Where there is no apt-get it names the packages and
# stops; MEM9_SETUP=off skips all of this, for those who have them otherwise.
#
set -eu

usage() {
	cat <<'END'
usage: tools/setup.sh run|test|bench

Install what `make run`, `make test` or `make bench` needs (each includes the
one before) with apt-get, through sudo when not root. Nothing happens when
everything is there.
END
}

packages() {
	cat <<'END'
run clang               compiles mem9.efi
run lld                 links it
run llvm                strips it, lists its symbols, makes the boot code
run gnu-efi             headers of the UEFI interfaces
run console-setup-linux the font drawn on the screen
run qemu-system-x86     the machine it runs on
run ovmf                that machine's UEFI firmware
run dosfstools          makes the FAT file system on the stick
run gdisk               names it in a GPT
run xorriso             makes a CD of the same files
run mtools              puts files on it without being root
test python3            runs the tests of the image and of whole boots
test python3-pytest     collects and reports them
test python3-pytest-xdist runs two boots at a time
test gdb                follows tools/mem9.gdb on a running mem9
test python3-pefile     reads the headers of mem9.efi
test u-boot-qemu        a second, unrelated UEFI firmware
test libc6-dev          the C library, for unit tests on this machine
test libcmocka-dev      the unit tests' assertions
test libclang-rt-14-dev ASan, UBSan, libFuzzer, and an allocator to compare with
test spin               tries all states of models of what CPUs do together
bench chromium          shows a page of replay, light and dark
bench libmimalloc-dev   an allocator to compare with
bench libjemalloc-dev   an allocator to compare with
bench openssl           makes a key to sign with
bench valgrind          lists what two CPUs store to
END
}

case ${1:--h} in
run) levels='run' ;;
test) levels='run test' ;;
bench) levels='run test bench' ;;
-h) usage && exit ;;
*) usage >&2 && exit 2 ;;
esac
[ "${MEM9_SETUP:-on}" = off ] && exit 0

wanted=$(packages | while read -r level name why; do
	case " $levels " in
	*" $level "*) echo "$name" ;;
	esac
done)

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
	echo "setup: this is no Debian; these Debian packages are needed:"
	echo "$wanted" | sed 's/^/    /'
	echo "setup: with all of that installed, set MEM9_SETUP=off"
	exit 1
fi >&2

have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted \
	2>/dev/null | sed -n 's/^installed //p')
missing=$(echo "$wanted" | grep -vxF "${have:-none}" || true)
[ -z "$missing" ] && exit 0

echo "setup: missing here, to be installed with apt-get:"
for name in $missing; do
	packages | sed -n "s/^[a-z]* \($name  *\)\(.*\)/    \1 \2/p"
done
root=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "setup: not root and no sudo: run as root:"
		echo "    apt-get install" $missing
		exit 1
	fi >&2
	root='sudo'
	echo "setup: this asks for root through sudo"
fi
$root apt-get update -q
$root env DEBIAN_FRONTEND=noninteractive \
	apt-get install -y -q --no-install-recommends $missing
