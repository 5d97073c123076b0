/* The capture of one live port, in the order of time. What we send is known at once, but what arrived before it may be fetched
 * after it; so frames sent are held back until nothing earlier can come. Part of live_loop.h. */
#ifndef LK_FILES_LIVE_RECORD_H
#define LK_FILES_LIVE_RECORD_H

#include "conformance/files/capture.h"

struct lk_live_record {
    struct lk_capture_writer *to; /* NULL: nothing is recorded, and all calls do nothing */
    uint8_t *held;                /* frames sent, each behind a struct of its time and length */
    size_t from, len, room;       /* the bytes of `held` that are in use: from..len */
    lk_time last;                 /* written */
};

/* Times are ns since 1970. All: 0, or -1 and a fault when the file cannot be written. */
int lk_live_record_sent(struct lk_live_record *record, const uint8_t *bytes, size_t len, lk_time at, struct lk_fault *fault);
int lk_live_record_arrived(struct lk_live_record *record, const uint8_t *bytes, size_t len, lk_time at, struct lk_fault *fault);
/* Nothing that arrived before `at` will be told any more. LK_NEVER: writes all, before the end. */
int lk_live_record_until(struct lk_live_record *record, lk_time at, struct lk_fault *fault);
void lk_live_record_free(struct lk_live_record *record);

#endif
