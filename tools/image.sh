#!/bin/sh
#
# image.sh - write a bootable image with the files: of a stick, or of a CD.
#
# A stick has one FAT32 partition, named by a GPT and by the MBR:
#
#	0          1 MiB                             SIZE - 1 MiB   SIZE
#	| MBR, GPT | FAT32, the files                |         GPT |
#
# Some firmware reads only one of the two. In the MBR the partition has type
# 0xEF, not 0x0C: some boards list no other; what is before it has 0xEE, as a
# GPT must be announced. A CD has the files for people, and El Torito's image
# for firmware: a FAT16 volume with the same files.
#
# The same files give the same bytes: serial numbers, GUIDs and all dates are
# fixed. No root needed.
#
set -eu

usage() {
	cat <<'END'
usage: tools/image.sh OUT [VOLUMEPATH=FILE ...]

Write OUT, a 40 MiB stick image that holds each FILE at VOLUMEPATH, for
instance EFI/BOOT/BOOTX64.EFI=build/mem9.efi; or a CD, if OUT ends in .iso.
Directories are made. A path that ends in .TXT, .INI, .NSH or .MAN gets CRLF
line ends. FILE may be -.
END
}

MIB=40                 # FAT32 needs 65525 clusters: 34 MiB of 512 bytes
START=2048             # sectors: 1 MiB, at both ends
SERIAL=6d656d39        # "mem9"
ALL=$((MIB * 2048))
SIZE=$((ALL - 2 * START))
DISK=6d656d39-0000-4000-8000-000000000000
PARTITION=6d656d39-0000-4000-8000-000000000001
CDMIB=8                # of the volume on a CD
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-315532800}" # FAT's first day
umask 022
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
	entry="\\000$(chs 1)\\356$(chs $((START - 1)))"
	printf "$entry$(le32 1)$(le32 $((START - 1)))" | poke 446
	# 0x80: some BIOSes read no boot code without an active partition.
	entry="\\200$(chs $START)\\357$(chs $((START + SIZE - 1)))"
	printf "$entry$(le32 $START)$(le32 $SIZE)" | poke 462
	printf '\125\252' | poke 510
}

gpt() {
	sgdisk -a 1 -n 1:$START:$((START + SIZE - 1)) -t 1:ef00 -c 1:mem9 \
		-u 1:$PARTITION -U $DISK "$out" >/dev/null
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
	mkdir -p "$(dirname "$tree/$path")"
	cat "$file" >"$tree/$path"
	case $path in
	*.TXT | *.INI | *.NSH | *.MAN | *.txt | *.ini | *.nsh | *.man)
		sed -i 's/\r*$/\r/' "$tree/$path"
		;;
	esac
	mkdirs "$path"
	mcopy -o -i "$fs" "$tree/$path" "::/$path"
}

# A FAT volume with the files: volume BITS MIB FILE..., more of them in $format.
volume() {
	truncate -s "$2M" "$fs"
	mkfs.vfat --invariant -F "$1" -s 1 -i $SERIAL -n MEM9 $format "$fs" \
		>/dev/null
	shift 2
	for f in "$@"; do
		add "$f"
	done
}

stick() {
	format="-g 255/63 -h $START"
	volume 32 $((SIZE / 2048)) "$@"
	truncate -s "${MIB}M" "$out"
	gpt
	mbr
	dd if="$fs" of="$out" bs=1M seek=1 conv=notrunc status=none
}

disc() {
	format=
	volume 16 $CDMIB "$@"
	mv "$fs" "$tree/EFI.IMG"
	find "$tree" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
	# It has a word to say each time.
	xorriso -as mkisofs -quiet -V MEM9 -uid 0 -gid 0 -e EFI.IMG \
		-no-emul-boot -o "$out" "$tree" 2>"$work/said" || {
		cat "$work/said" >&2
		exit 1
	}
}

case ${1:--h} in
-*) usage && exit ;;
esac
here=$(dirname "$0")
out=$1.part
work=$(mktemp -d)
fs=$work/volume tree=$work/tree
mkdir "$tree"
trap 'rm -rf "$work" "$out"' EXIT
shift
rm -f "$out"
case $out in
*.iso.part) disc "$@" ;;
*) stick "$@" ;;
esac
mv "$out" "${out%.part}"
