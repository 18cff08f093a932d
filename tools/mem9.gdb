# mem9.gdb - gdb on a mem9 that runs in QEMU.
#
#	make debug		(QEMU, waiting; then in a second terminal)
#	gdb -x tools/mem9.gdb build/mem9.debug.efi
#	(gdb) hbreak newpage
#	(gdb) continue
#	(gdb) backtrace
#
# Start gdb where the Makefile is, and it finds the sources. `make debug' sets
# *nokaslr=1, so mem9 runs where it is linked from main() on. Elsewhere, tell
# gdb where that is:
#
#	(gdb) image ADDRESS	(as `mem9: paging ... image=' says)
#
# What runs under firmware, before main(), is wherever firmware has loaded it.

set confirm off
set pagination off
target remote localhost:1234

define image
  set $slide = (unsigned long long)$arg0 - 0xffffffff80000000
  symbol-file
  add-symbol-file build/mem9.debug.efi -o $slide
end

document image
Read mem9's symbols for an image at ADDRESS.
usage: image ADDRESS

Where it is stands in its log: mem9: paging ... image=ADDRESS
end
