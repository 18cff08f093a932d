#!/bin/sh
#
# symbols.sh - the linker's map as a table to be linked into the image.
#
#	objects + empty table --link--> map --symbols.sh--> table
#	objects + table       --link--> map --symbols.sh--> the same table
#
# The table is in a section of its own that the linker puts behind all others
# in use, so nothing that has a name moves; the Makefile makes sure of it.
#
set -eu

usage() {
	cat <<'END'
usage: tools/symbols.sh [MAP]

Write assembly with every function in lld-link's MAP, sorted by address, on
standard output; without MAP, a table with none. include/symbol.h says what is
in it.
END
}

[ "${1:-}" = -h ] && usage && exit
map=${1:-/dev/null}

# SEGMENT:OFFSET NAME ADDRESS OBJECT, with .text for segment 0001. Of two names
# for one place the first in the alphabet is kept.
functions=$(awk '$1 ~ /^0001:/ && NF == 4 && length($3) == 16 {
	print $3, $2
}' "$map" | LC_ALL=C sort -u | awk '$1 != last { print; last = $1 }')
# START LENGTH NAME CLASS; of all addresses only the low half is given.
size=$(awk '$1 == "0001:00000000" && $3 == ".text" {
	print substr($2, 1, 8)
}' "$map")

printf '%s\n' "$functions" | awk -v size="$size" '
BEGIN { n = 0 }
NF == 2 {
	address[n] = "0x" substr($1, 9) " - 0x80000000"
	name[n++] = $2
}
END {
	print "\t.section .names,\"dr\""
	print "\t.globl nsymbols, symbols, symbolnames"
	print "nsymbols:\n\t.long " (n == 0 ? 0 : n + 1)
	print "symbols:"
	for (i = 0; i < n; i++)
		print "\t.long " address[i] ", .L" i " - symbolnames"
	if (n > 0)
		print "\t.long 0x" size " + " address[0] ", 0"
	print "symbolnames:"
	for (i = 0; i < n; i++)
		print ".L" i ":\t.asciz \"" name[i] "\""
}'
