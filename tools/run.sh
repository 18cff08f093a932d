#!/bin/sh
#
# run.sh - boot mem9.efi in QEMU on UEFI firmware, serial port on the terminal.
#
# On a terminal mem9 ends in its monitor. Without one (a pipe, a CI machine) it
# powers off by itself, and the exit code says whether every check passed.
#
set -eu

usage() {
	cat <<'END'
usage: tools/run.sh [-h] [-m SIZE] [-c CPU] [-M MACHINE] [-s CPUS]
                    [-k KEY=VALUE]... [-u] [IMAGE.EFI] [-- QEMU OPTION...]

Boot IMAGE.EFI (build/mem9.efi) from a USB stick's image in QEMU.

  -m SIZE      memory: 512M, 5G, ...               (environment: MEM, 512M)
  -c CPU       qemu64, max, qemu64,-nx, ...        (environment: CPU, qemu64)
  -M MACHINE   q35 or pc                           (environment: MACHINE, q35)
  -s CPUS      how many processors                 (environment: SMP, 1)
  -k KEY=VALUE a line for mem9.ini, for instance -k '*maxmem=256M'
  -u           U-Boot as the firmware in place of OVMF (use with -M pc)
  --           what follows goes to QEMU, for instance -- -display gtk

`make run MEM=5G CPU=max` passes these through the environment.

Exit code without a terminal: 0 when the log has `mem9: done ... failed=0`,
otherwise 1. The log is then $LOG (build/run.log).
END
}

die() {
	echo "run.sh: $*" >&2
	exit 1
}

mem=${MEM:-512M} cpu=${CPU:-qemu64} machine=${MACHINE:-q35} smp=${SMP:-1}
firmware=ovmf keys= here=$(dirname "$0")
nl='
'
while getopts hm:c:M:s:k:u opt; do
	case $opt in
	h) usage && exit ;;
	m) mem=$OPTARG ;;
	c) cpu=$OPTARG ;;
	M) machine=$OPTARG ;;
	s) smp=$OPTARG ;;
	k) keys=$keys$OPTARG$nl ;;
	u) firmware=uboot ;;
	*) usage >&2 && exit 2 ;;
	esac
done
shift $((OPTIND - 1))
efi=build/mem9.efi
if [ $# -gt 0 ] && [ "$1" != -- ]; then
	efi=$1
	shift
fi
[ "${1:-}" = -- ] && shift
[ -r "$efi" ] || die "no $efi: run make first"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
tty=no
[ -t 0 ] && [ -t 1 ] && tty=yes
[ $tty = yes ] && end=monitor || end=poweroff
printf '*end=%s\n%s' $end "$keys" >"$work/ini"
"$here/image.sh" "$work/stick.img" EFI/BOOT/BOOTX64.EFI="$efi" \
	EFI/BOOT/MEM9.INI="$work/ini"

ovmf=/usr/share/OVMF/OVMF_CODE_4M.fd
if [ $firmware = uboot ]; then
	set -- -bios /usr/lib/u-boot/qemu-x86_64/u-boot.rom \
		-drive format=raw,file="$work/stick.img" "$@"
else
	[ -r $ovmf ] || die "no $ovmf: install Debian's ovmf"
	cp /usr/share/OVMF/OVMF_VARS_4M.fd "$work/vars.fd"
	set -- -drive if=pflash,format=raw,unit=0,readonly=on,file=$ovmf \
		-drive if=pflash,format=raw,unit=1,file="$work/vars.fd" \
		-drive if=none,id=stick,format=raw,file="$work/stick.img" \
		-device qemu-xhci -device usb-storage,drive=stick "$@"
fi
# A boot tries a page of every 2 MiB, which must not cost as much here: memory
# that is a file has no huge pages.
case $mem in
*[MG])
	set -- -object "memory-backend-memfd,id=ram,size=$mem,reserve=off" "$@"
	machine=$machine,memory-backend=ram
	;;
esac
set -- -machine "$machine" -m "$mem" -cpu "$cpu" -smp "$smp" -nodefaults \
	-vga std -display none "$@"

if [ $tty = yes ]; then
	echo "run.sh: $mem, $cpu, $machine; to leave: Ctrl-A, then X"
	qemu-system-x86_64 -serial mon:stdio "$@"
	exit
fi
log=${LOG:-build/run.log}
mkdir -p "$(dirname "$log")"
echo "run.sh: $mem, $cpu, $machine; no terminal: powers off at the end"
timeout "${TIMEOUT:-300}" qemu-system-x86_64 -no-reboot -monitor none \
	-serial stdio "$@" </dev/null | tee "$log"
grep -aq '^mem9: done .*failed=0\b' "$log" || die "no \`done' with failed=0 in $log"
