/* The stateful targets' interpretation of their inputs. See stateful.h. */
#include "fuzz/common/stateful.h"
#include "conformance/timeline/stimulus.h"
#include "fuzz/common/endpoint.h"
#include "fuzz/common/pair.h"
#include "fuzz/common/verdict.h"
#include "fuzz/common/world.h"
#include <stdlib.h>
#include <string.h>

#define HOST_RECORDS 64
#define ENDPOINT_RECORDS 256

void lk_fuzz_frame(const uint8_t *data, size_t size)
{
    static const uint8_t own_mac[6] = {2, 0, 0, 0, 0, 1};
    struct lk_world world;
    uint8_t *frame;
    size_t len = size - 1;
    if (size < 1 || size > 2000) return;
    if (!(frame = malloc(size))) return;
    memcpy(frame, data + 1, len);
    if (data[0] & 2 && len >= 6) memcpy(frame, own_mac, 6);
    if (data[0] & 1) lk_world_repair(frame, len);
    lk_world_reset(&world, "frame", data[0] & 4 ? "linux" : "rfc");
    lk_world_drain(&world);
    lk_world_frame(&world, frame, len);
    lk_world_drain(&world);
    lk_world_application(&world);
    lk_world_pass(&world, 120 * LK_SECOND);
    free(frame);
}

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

void lk_fuzz_host_events(const uint8_t *data, size_t size)
{
    struct lk_record_cursor cursor = lk_record_start(data, size);
    struct lk_record r;
    struct lk_world world;
    uint32_t pull = 1, steps = 0;
    lk_world_reset(&world, "host_events", size & 1 ? "linux" : "rfc");
    lk_world_drain(&world);
    for (uint32_t n = 0; n < HOST_RECORDS && lk_record_next(&cursor, &r); n++) {
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
}

void lk_fuzz_tcp_endpoint(const uint8_t *data, size_t size)
{
    struct lk_record_cursor cursor = lk_record_start(data, size);
    struct lk_endpoint_run run;
    struct lk_record r;
    uint32_t pull = 1, steps = 0;
    lk_endpoint_start(&run, "tcp_endpoint", size & 1 ? "linux" : "rfc");
    for (uint32_t n = 0; n < ENDPOINT_RECORDS && lk_record_next(&cursor, &r); n++) {
        if (r.kind == LK_STIMULUS_PULL) pull = r.len ? r.payload[0] : 1;
        lk_endpoint_step(&run, &r);
        if (pull && ++steps % pull == 0) lk_world_drain(&run.world);
    }
    lk_endpoint_end(&run);
}

void lk_fuzz_tcp_pair(const uint8_t *data, size_t size)
{
    struct lk_pair_config config;
    struct lk_pair_result result;
    struct lk_bump *memory;
    uint64_t seed = 0;
    int e;
    if (size < 8 || size > 4096) return;
    for (int i = 0; i < 8; i++) seed = seed << 8 | data[i];
    lk_pair_config_from_seed(&config, seed);
    config.script = data + 8;
    config.script_len = size - 8;
    config.steps = 200000;
    config.check_often = true;
    if (!(memory = lk_bump_new((size_t)256 << 20))) return;
    e = lk_pair_run(&config, &result, memory);
    if (e < 0 && e != LK_E_NOMEM) lk_fuzz_fail("tcp_pair", "could not start");
    if (e == 0 && result.failure) lk_fuzz_fail("tcp_pair", result.failure);
    lk_bump_free(memory);
}
