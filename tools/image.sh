#!/bin/sh
#
# image.sh - write a bootable stick image: MBR, one FAT32 partition, files.
#
#	0        1 MiB                                    SIZE
#	| MBR |  | FAT32, type 0xEF, the files            |
#
# The same files give the same bytes: the volume's serial number, the disk
# signature and all dates are fixed. Type 0xEF, not 0x0C: some boards list no
# other. No root needed.
#
set -eu

usage() {
	cat <<'END'
usage: tools/image.sh OUT [VOLUMEPATH=FILE ...]

Write OUT, a 40 MiB stick image that holds each FILE at VOLUMEPATH, for
instance EFI/BOOT/BOOTX64.EFI=build/mem9.efi. Directories are made. A path
that ends in .TXT, .INI, .NSH or .MAN gets CRLF line ends. FILE may be -.
END
}

MIB=40                 # FAT32 needs 65525 clusters: 34 MiB of 512 bytes
START=2048             # sectors: 1 MiB
SERIAL=6d656d39        # "mem9"
ALL=$((MIB * 2048))
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-315532800}" # FAT's first day
export TZ=UTC MTOOLS_SKIP_CHECK=1
export PATH="$PATH:/usr/sbin:/sbin"

# The three CHS bytes of a partition table entry, as printf escapes.
chs() {
	c=$(($1 / 16065)) h=$(($1 / 63 % 255)) s=$(($1 % 63 + 1))
	printf '\\%03o\\%03o\\%03o' $h $((s | c / 256 * 64)) $((c % 256))
}

# A 32-bit number, least byte first, as printf escapes.
le32() {
	printf '\\%03o\\%03o\\%03o\\%03o' $(($1 & 255)) $(($1 >> 8 & 255)) \
		$(($1 >> 16 & 255)) $(($1 >> 24))
}

mbr() {
	code=$work/mbr
	clang --target=i386-unknown-none -c "$here/mbr.S" -o "$code.o"
	llvm-objcopy -O binary -j .text "$code.o" "$code"
	if [ "$(wc -c <"$code")" -gt 440 ]; then
		echo "image.sh: the boot code is longer than 440 bytes" >&2
		exit 1
	fi
	poke 0 <"$code"
	printf 'mem9' | poke 440
	# 0x80: some BIOSes read no boot code without an active partition.
	entry="\\200$(chs $START)\\357$(chs $((ALL - 1)))"
	printf "$entry$(le32 $START)$(le32 $((ALL - START)))" | poke 446
	printf '\125\252' | poke 510
}

# Standard input over the bytes of the image from an offset on.
poke() {
	dd of="$out" bs=1 seek="$1" conv=notrunc status=none
}

# Every directory of path $1, outermost first.
mkdirs() {
	dir=
	old=$IFS
	IFS=/
	for part in $(dirname "$1"); do
		[ "$part" = . ] && continue
		dir=$dir/$part
		# One that is there already is no error, nor a question.
		mmd -D s -i "$fs" "::$dir" </dev/null >/dev/null 2>&1 || true
	done
	IFS=$old
}

add() {
	path=${1%%=*} file=${1#*=}
	cat "$file" >"$work/file"
	case $path in
	*.TXT | *.INI | *.NSH | *.MAN | *.txt | *.ini | *.nsh | *.man)
		sed -i 's/\r*$/\r/' "$work/file"
		;;
	esac
	mkdirs "$path"
	mcopy -o -i "$fs" "$work/file" "::/$path"
}

case ${1:--h} in
-*) usage && exit ;;
esac
here=$(dirname "$0")
out=$1.part fs=$1.part@@1M
work=$(mktemp -d)
trap 'rm -rf "$work" "$out"' EXIT
shift
rm -f "$out"
truncate -s "${MIB}M" "$out"
mkfs.vfat --invariant -F 32 -s 1 -g 255/63 -h $START -i $SERIAL -n MEM9 --offset $START \
	"$out" $(((ALL - START) / 2)) >/dev/null
mbr
for f in "$@"; do
	add "$f"
done
mv "$out" "${out%.part}"
