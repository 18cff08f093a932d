/*
 * birth.h - the image's variables, kept and put back.
 *
 * The memory system expects them as they were when the image was started: what
 * went through it once begins anew only from there.
 */
#ifndef BIRTH_H
#define BIRTH_H

/* All that can be written of the image, in pool memory; NULL: there is none. */
void *birthkeep(void);

/* All of it as it was then; what is kept stays good. */
void birthagain(const void *kept);

#endif
