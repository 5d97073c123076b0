/* Several frames into one host, with steps of time and application calls between them. The input is an event file: raw
 * frames (flag bit 0: repair lengths and checksums; bit 1: address it to the host), LK_STIMULUS_PASS, and every record's
 * own microseconds. Other kinds are skipped, so that any trace's event file is an input too. */
#include "conformance/timeline/stimulus.h"
#include "fuzz/common/world.h"
#include <stdlib.h>
#include <string.h>

#define RECORDS 64

static void frame(struct lk_world *world, const struct lk_record *r)
{
    static const uint8_t own_mac[6] = {2, 0, 0, 0, 0, 1};
    uint8_t *copy = malloc(r->len ? r->len : 1);
    if (!copy) return;
    if (r->len) memcpy(copy, r->payload, r->len);
    if (r->flags & 2 && r->len >= 6) memcpy(copy, own_mac, 6);
    if (r->flags & 1) lk_world_repair(copy, r->len);
    lk_world_frame(world, copy, r->len);
    free(copy);
}

static lk_time further(const struct lk_record *r)
{
    uint32_t ms = 0;
    for (size_t i = 0; i < 4 && i < r->len; i++) ms |= (uint32_t)r->payload[i] << 8 * i;
    return (lk_time)ms * LK_MILLISECOND;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lk_record_cursor cursor = lk_record_start(data, size);
    struct lk_record r;
    struct lk_world world;
    uint32_t pull = 1, steps = 0;
    lk_world_reset(&world, "host_events", size & 1 ? "linux" : "rfc");
    lk_world_drain(&world);
    for (uint32_t n = 0; n < RECORDS && lk_record_next(&cursor, &r); n++) {
        if (r.microseconds) lk_world_pass(&world, (lk_time)r.microseconds * LK_MICROSECOND);
        if (r.kind == LK_STIMULUS_FRAME) frame(&world, &r);
        else if (r.kind == LK_STIMULUS_PASS) lk_world_pass(&world, further(&r));
        else if (r.kind == LK_STIMULUS_PULL) pull = r.len ? r.payload[0] : 1;
        else continue;
        if (pull && ++steps % pull == 0) lk_world_drain(&world);
        if (r.flags & 4) lk_world_application(&world);
    }
    lk_world_pass(&world, 300 * LK_SECOND);
    lk_world_application(&world);
    return 0;
}
