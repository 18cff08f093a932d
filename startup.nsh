@echo -off
# Started by the UEFI shell after its countdown: finds mem9.efi on the first
# file system that has one, runs it there and says what it returned, if it
# does (mem9 map comes back, mem9 boot does not).
for %i in FS0 FS1 FS2 FS3 FS4 FS5 FS6 FS7 FS8 FS9
  if exist %i:\mem9.efi then
    %i:
    cd \
    goto found
  endif
  if exist %i:\build\mem9.efi then
    %i:
    cd \build
    goto found
  endif
endfor
echo startup.nsh: no mem9.efi on FS0: to FS9:
goto end
:found
mem9.efi
echo startup.nsh: mem9 returned rc=%lasterror%
:end
