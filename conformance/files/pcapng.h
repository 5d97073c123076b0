/* libpcap refuses a pcapng whose interfaces were captured with different snapshot lengths, though nothing depends on
 * them: each packet says how much of it is there. This stream gives every interface the same one. Inside this room only. */
#ifndef LK_FILES_PCAPNG_H
#define LK_FILES_PCAPNG_H

#include <stdio.h>

/* Takes `file` over and returns a stream with its content; `file` itself when it is no pcapng. NULL: out of memory. */
FILE *lk_pcapng_even(FILE *file);

#endif
