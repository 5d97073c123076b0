/* A host's TCP driven by events: segments with numbers relative to the connection, application calls, steps of time, and how
 * often what is owed is pulled. The input is an event file (conformance/timeline/record.h, stimulus.h). */
#include "fuzz/common/endpoint.h"

#define RECORDS 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lk_record_cursor cursor = lk_record_start(data, size);
    struct lk_endpoint_run run;
    struct lk_record r;
    uint32_t pull = 1, steps = 0;
    lk_endpoint_start(&run, "tcp_endpoint", size & 1 ? "linux" : "rfc");
    for (uint32_t n = 0; n < RECORDS && lk_record_next(&cursor, &r); n++) {
        if (r.kind == LK_STIMULUS_PULL) pull = r.len ? r.payload[0] : 1;
        lk_endpoint_step(&run, &r);
        if (pull && ++steps % pull == 0) lk_world_drain(&run.world);
    }
    lk_endpoint_end(&run);
    return 0;
}
