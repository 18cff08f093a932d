/*
 * reportfile.h - the report as a file: none that is not mem9's is written to,
 * but for one that has nothing in it.
 */
#ifndef REPORTFILE_H
#define REPORTFILE_H

#include "firmware.h"

/* A file is mem9's if it begins so. */
#define REPORTFIRST "mem9: report version="

/* And is no longer than this. What was made, and no more, is empty. */
enum { REPORTMOST = 4 * 1024 * 1024 };

/*
 * Write this text, and nothing else, to the file, which is made, or replaced if
 * it is mem9's, or empty. NULL, or what is wrong: then one that is not mem9's
 * is as it was, and of mem9's there is none, and no part of one.
 */
const char *reportreplace(
    EFI_FILE_HANDLE root, const char *path, const char *text, size_t n);

/*
 * Write it behind what mem9's file has, which is on the disk then; no text at
 * all is fine. NULL, or what is wrong: then the file is as it was, if firmware
 * can cut one off. U-Boot cannot: there a part of the text may be behind it, or
 * all of it, of which nobody knows whether it is on the disk.
 */
const char *reportappend(
    EFI_FILE_HANDLE root, const char *path, const char *text, size_t n);

/*
 * How mem9's file begins, or ends: at most size bytes of it, with a 0 behind
 * them; "" if there is none, or an empty one, if it is not mem9's, or if
 * firmware cannot say: then it may be anything.
 */
enum reportpart { REPORTHEAD, REPORTTAIL };
enum reportgot { REPORTREAD, REPORTNONE, REPORTFOREIGN, REPORTUNREAD };
enum reportgot reportread(EFI_FILE_HANDLE root, const char *path,
    enum reportpart part, char *text, size_t size);

#endif
