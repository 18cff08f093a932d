#!/bin/sh
#
# dist.sh - write a release: an archive of files, with their SHA-256 sums.
#
#	mem9-0.1.tar.gz
#	    mem9-0.1/SHA256SUMS    of all the others: sha256sum -c says if they are
#	    mem9-0.1/...           those, by name
#
# The same files give the same bytes, whoever makes it, wherever and when: names
# are sorted, and dates, owners and modes are not the files'.
#
set -eu

usage() {
	cat <<'END'
usage: tools/dist.sh OUT.tar.gz NAME=FILE ...

Write an archive that holds each FILE as OUT/NAME.
END
}

case ${1:--h} in
-*) usage && exit ;;
esac
out=$1
shift
name=$(basename "$out" .tar.gz)
work=$(mktemp -d)
trap 'rm -rf "$work" "$out.part"' EXIT
export LC_ALL=C TZ=UTC
umask 022
mkdir "$work/$name"
for f in "$@"; do
	cat "${f#*=}" >"$work/$name/${f%%=*}"
done
(cd "$work/$name" && sha256sum -- * >../sums && mv ../sums SHA256SUMS)
tar -C "$work" --format=ustar --sort=name --mtime=@315532800 --owner=0 \
	--group=0 --numeric-owner --mode=u=rwX,go=rX -cf "$work/tar" "$name"
gzip -n -9 <"$work/tar" >"$out.part"
mv "$out.part" "$out"
