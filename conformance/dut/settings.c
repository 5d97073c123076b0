/* The keys of a trace's `config:` and the fields of a stack's config that they set: one table. */
#include "conformance/dut/builtin.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum kind { U8, U16, U32, TIME, BOOL };
struct key { const char *name; enum kind kind; size_t at; };
#define TOP(field, kind) {#field, kind, offsetof(struct lk_config, field)}
#define TCP(field, kind) {#field, kind, offsetof(struct lk_config, tcp) + offsetof(struct lk_tcp_config, field)}

static const struct key keys[] = {
    TOP(neighbours, U32), TOP(neighbour_queue, U32), TOP(udp_sockets, U32), TOP(udp_queue, U32), TOP(udp_queue_bytes, U32), TOP(intents, U32),
    TOP(arp_retry, TIME), TOP(arp_tries, U32), TOP(arp_expiry, TIME), TOP(ttl, U8), TOP(icmp_echo, BOOL),
    TCP(connections, U32), TCP(listeners, U32), TCP(active, U32), TCP(segments, U32), TCP(out_of_order, U32), TCP(send_buffer, U32), TCP(receive_buffer, U32),
    TCP(timestamps, BOOL), TCP(sack, BOOL), TCP(wscale, BOOL), TCP(wscale_shift, U8), TCP(mss, U16),
    TCP(rto_initial, TIME), TCP(rto_min, TIME), TCP(rto_max, TIME), TCP(rto_granularity, TIME), TCP(rttvar_floor_linux, BOOL),
    TCP(r1, U32), TCP(r2, U32), TCP(r2_time, TIME), TCP(syn_retries, U32), TCP(synack_retries, U32), TCP(syn_time, TIME),
    TCP(initial_window, U32), TCP(initial_cwnd_bytes, U32), TCP(limited_transmit, BOOL), TCP(dup_threshold, U8),
    TCP(ack_delay, TIME), TCP(ack_every, U8), TCP(quick_acks, U8), TCP(psh_on_last, BOOL), TCP(nagle, BOOL), TCP(sws_receiver, BOOL),
    TCP(persist_min, TIME), TCP(persist_max, TIME), TCP(keepalive_idle, TIME), TCP(keepalive_interval, TIME), TCP(keepalive_count, U32),
    TCP(msl, TIME), TCP(fin_wait_2, TIME), TCP(time_wait_reuse, BOOL), TCP(challenge_limit, U32), TCP(challenge_window, TIME),
    TCP(port_first, U16), TCP(port_last, U16), TCP(rst_on_unread_close, BOOL),
};

/* A number with an optional unit of time; false when it does not read. */
static bool read_number(const char *text, bool time, int64_t *out)
{
    static const struct { const char *unit; int64_t ns; } units[] = {{"", 1}, {"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
    char *end;
    double value;
    if (time && !strcmp(text, "never")) { *out = LK_NEVER; return true; }
    value = strtod(text, &end);
    if (end == text || value < 0) return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(end, units[i].unit)) continue;
        if (!time && i > 0) return false;
        value *= (double)units[i].ns;
        if (value > 9e18) return false;
        *out = (int64_t)(value + 0.5);
        return true;
    }
    return false;
}

static bool read_bool(const char *text, int64_t *out)
{
    *out = !strcmp(text, "true") || !strcmp(text, "yes") || !strcmp(text, "on") || !strcmp(text, "1");
    return *out || !strcmp(text, "false") || !strcmp(text, "no") || !strcmp(text, "off") || !strcmp(text, "0");
}

static int store(uint8_t *at, enum kind kind, int64_t value)
{
    uint8_t u8 = (uint8_t)value; uint16_t u16 = (uint16_t)value; uint32_t u32 = (uint32_t)value; bool b = value != 0; lk_time t = value;
    switch (kind) {
    case U8: if (value > UINT8_MAX) return LK_E_INVALID; memcpy(at, &u8, sizeof u8); return 0;
    case U16: if (value > UINT16_MAX) return LK_E_INVALID; memcpy(at, &u16, sizeof u16); return 0;
    case U32: if (value > UINT32_MAX) return LK_E_INVALID; memcpy(at, &u32, sizeof u32); return 0;
    case TIME: memcpy(at, &t, sizeof t); return 0;
    case BOOL: memcpy(at, &b, sizeof b); return 0;
    }
    return LK_E_INVALID;
}

int lk_builtin_setting(struct lk_config *config, const char *name, const char *value)
{
    int64_t number;
    if (!strcmp(name, "profile")) return lk_config_init(config, value);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(name, keys[i].name)) continue;
        if (!(keys[i].kind == BOOL ? read_bool(value, &number) : read_number(value, keys[i].kind == TIME, &number))) return LK_E_INVALID;
        return store((uint8_t *)config + keys[i].at, keys[i].kind, number);
    }
    return LK_E_INVALID;
}
