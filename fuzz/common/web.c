/* An HTTP machine of ours against a socket that says what the input says. */
#include "fuzz/common/web.h"

#include "fuzz/common/verdict.h"
#include "stack/base/error.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES_MAX 200000 /* of one run: far more than any input of 64 KiB can cause */

static void build(struct lk_web *web, int i)
{
    struct lk_config config;
    uint8_t mac[2][6] = {{2, 0, 0, 0, 9, 1}, {2, 0, 0, 0, 9, 2}};
    uint8_t seed[32] = {(uint8_t)(i + 1)};
    lk_config_init(&config, "linux");
    memcpy(config.iface[0].mac, mac[i], 6);
    config.tcp.connections = 12;
    config.tcp.active = 12;
    config.tcp.listeners = 1;
    config.tcp.send_buffer = 4096;
    config.tcp.receive_buffer = 4096;
    config.tcp.msl = LK_SECOND;
    size_t size = lk_stack_footprint(&config);
    web->memory[i] = aligned_alloc(64, (size + 63) / 64 * 64);
    if (web->memory[i] == NULL || lk_stack_init(web->memory[i], size, &config, 0, seed) != 0)
        lk_fuzz_fail(web->target, "no stack");
    web->stack[i] = web->memory[i];
    lk_addr_add(web->stack[i], 0, lk_addr_from_ip4(0x0a090001u + (uint32_t)i), 24, LK_ADDR_PREFERRED, 0);
    lk_neighbour_set(web->stack[i], 0, lk_addr_from_ip4(0x0a090002u - (uint32_t)i), mac[1 - i], 0);
}

void lk_web_begin(struct lk_web *web, const char *target, bool listens)
{
    struct lk_endpoint local = {.iface = LK_ANY, .port = 80};
    memset(web, 0, sizeof *web);
    web->target = target;
    build(web, 0);
    build(web, 1);
    if (!listens)
        return;
    lk_sock_open(web->stack[0], LK_TCP, &web->listener, 0);
    lk_sock_bind(web->stack[0], web->listener, &local, 0);
    lk_sock_listen(web->stack[0], web->listener, 8, 0);
}

void lk_web_end(struct lk_web *web)
{
    free(web->memory[0]);
    free(web->memory[1]);
    free(web->heard);
}

void lk_web_connect(struct lk_web *web)
{
    struct lk_endpoint remote = {.address = lk_addr_from_ip4(0x0a090002u), .iface = LK_ANY, .port = 80};
    lk_sock_open(web->stack[0], LK_TCP, &web->socket, web->now);
    lk_sock_set(web->stack[0], web->socket, LK_OPT_NODELAY, 1, web->now);
    lk_sock_connect(web->stack[0], web->socket, &remote, web->now);
    lk_web_settle(web);
}

static bool pass_frames(struct lk_web *web)
{
    uint8_t bytes[2048];
    bool moved = false;
    for (int from = 0; from < 2; from++) {
        struct lk_frame out = {.size_of = sizeof out, .bytes = bytes, .cap = sizeof bytes};
        int n;
        while ((n = lk_stack_tx(web->stack[from], LK_ANY, &out, web->now)) > 0) {
            struct lk_frame in = {.size_of = sizeof in, .bytes = bytes, .len = (size_t)n};
            lk_fuzz_seen(from == 0, web->now, bytes, (size_t)n);
            lk_stack_rx(web->stack[1 - from], &in, web->now);
            out = (struct lk_frame){.size_of = sizeof out, .bytes = bytes, .cap = sizeof bytes};
            moved = true;
            if (++web->frames > FRAMES_MAX)
                lk_fuzz_fail(web->target, "more frames than any input can be worth");
        }
    }
    return moved;
}

static void hear(struct lk_web *web)
{
    struct lk_event_sock event;
    lk_socket socket;
    const uint8_t *run;
    int64_t n;
    while (lk_stack_event(web->stack[0], &event))
        continue;
    while (web->listener != 0 && lk_sock_accept(web->stack[0], web->listener, &socket, NULL, web->now) == 0) {
        if (web->socket != 0)
            lk_sock_abort(web->stack[0], web->socket, web->now);
        web->socket = socket;
        web->closed = false;
        lk_sock_set(web->stack[0], socket, LK_OPT_NODELAY, 1, web->now);
    }
    while (web->socket != 0 && (n = lk_sock_peek(web->stack[0], web->socket, &run, web->now)) != LK_E_AGAIN) {
        if (n <= 0) {
            web->closed = true;
            return;
        }
        if (web->heard_len + (size_t)n > web->heard_cap) {
            web->heard_cap = 2 * (web->heard_len + (size_t)n);
            web->heard = realloc(web->heard, web->heard_cap);
        }
        memcpy(web->heard + web->heard_len, run, (size_t)n);
        web->heard_len += (size_t)n;
        lk_sock_consume(web->stack[0], web->socket, (size_t)n, web->now);
    }
}

void lk_web_settle(struct lk_web *web)
{
    struct lk_event_sock event;
    bool moved = true;
    while (moved) {
        lk_stack_tick(web->stack[0], web->now);
        lk_stack_tick(web->stack[1], web->now);
        web->tick(web->self, web->stack[1], web->now);
        while (lk_stack_event(web->stack[1], &event))
            web->event(web->self, web->stack[1], &event, web->now);
        web->work(web);
        hear(web);
        moved = pass_frames(web);
    }
    for (int i = 0; i < 2; i++) {
        const char *where = "?";
        if (lk_stack_check(web->stack[i], &where) != 0)
            lk_fuzz_fail(web->target, where);
    }
}

size_t lk_web_say(struct lk_web *web, const uint8_t *bytes, size_t len)
{
    size_t said = 0;
    for (int i = 0; i < 64 && said < len; i++) {
        int64_t n = web->socket == 0 ? LK_E_BADF : lk_sock_send(web->stack[0], web->socket, bytes + said, len - said, web->now);
        if (n < 0 && n != LK_E_AGAIN)
            break;
        said += n > 0 ? (size_t)n : 0;
        lk_web_settle(web);
    }
    return said;
}

void lk_web_sleep(struct lk_web *web, lk_time until)
{
    uint32_t wakes = 0;
    while (web->now < until) {
        lk_time next = lk_time_min(lk_stack_deadline(web->stack[0]), lk_stack_deadline(web->stack[1]));
        next = lk_time_min(lk_time_min(next, web->deadline(web->self)), until);
        if (next <= web->now && ++wakes > 10000)
            lk_fuzz_fail(web->target, "a deadline that makes no progress");
        web->now = next > web->now ? next : web->now;
        lk_web_settle(web);
    }
}

/* ---- the naive reader ---- */

static size_t line_end(const uint8_t *bytes, size_t len, size_t at)
{
    while (at + 1 < len && !(bytes[at] == '\r' && bytes[at + 1] == '\n'))
        at++;
    return at + 1 < len ? at : len;
}

/* The same for a field line, which goes on behind a fold. */
static size_t field_end(const uint8_t *bytes, size_t len, size_t at)
{
    size_t end = line_end(bytes, len, at);
    while (end != at && end + 2 < len && (bytes[end + 2] == ' ' || bytes[end + 2] == '\t'))
        end = line_end(bytes, len, end + 2);
    return end;
}

static bool begins(const uint8_t *bytes, size_t len, const char *lower)
{
    size_t i = 0;
    for (; lower[i] != 0; i++)
        if (i >= len || (bytes[i] | 0x20) != (uint8_t)lower[i])
            return false;
    return true;
}

/* The number after the colon; skips whatever is no digit before it. */
static uint64_t number(const uint8_t *bytes, size_t len, size_t at, int base)
{
    char text[32] = "";
    size_t n = 0;
    while (at < len && (bytes[at] <= ' ' || bytes[at] == ','))
        at++;
    while (at < len && n < sizeof text - 1 && bytes[at] > ' ' && bytes[at] != ';' && bytes[at] != ',')
        text[n++] = (char)bytes[at++];
    return strtoull(text, NULL, base);
}

static bool read_chunks(const uint8_t *bytes, size_t len, size_t at, struct lk_naive *out)
{
    for (;;) {
        size_t end = line_end(bytes, len, at);
        uint64_t size = number(bytes, len, at, 16);
        if (end == len)
            return false;
        at = end + 2;
        if (size == 0)
            break;
        if (size > len - at || len - at - size < 2)
            return false;
        out->octets += size;
        at += (size_t)size + 2;
    }
    for (;;) {
        size_t end = line_end(bytes, len, at);
        if (end == len)
            return false;
        bool empty = end == at;
        at = end + 2;
        if (empty)
            break;
    }
    out->end = at;
    return true;
}

bool lk_naive_read(const uint8_t *bytes, size_t len, size_t at, bool response, bool without_body, struct lk_naive *out)
{
    uint64_t length = 0;
    bool chunked = false, counted = false;
    if (at + 1 < len && bytes[at] == '\r' && bytes[at + 1] == '\n')
        at += 2;
    *out = (struct lk_naive){.begin = at};
    size_t line = at;
    size_t end = line_end(bytes, len, line);
    bool bare = response && (without_body || (len - at > 9 && (bytes[at + 9] == '1' || memcmp(bytes + at + 9, "204", 3) == 0 || memcmp(bytes + at + 9, "304", 3) == 0)));
    for (; end != len && end != line; end = field_end(bytes, len, line)) {
        if (begins(bytes + line, end - line, "content-length:")) {
            length = number(bytes, end, line + 15, 10);
            counted = true;
        }
        chunked |= begins(bytes + line, end - line, "transfer-encoding:");
        line = end + 2;
    }
    if (end == len)
        return false;
    out->content = end + 2;
    out->end = out->content;
    out->whole = true;
    if (bare)
        return true;
    if (chunked) {
        out->whole = read_chunks(bytes, len, out->content, out);
    } else if (counted || !response) {
        out->whole = length <= len - out->content;
        out->octets = length;
        out->end = out->whole ? out->content + (size_t)length : len;
    } else {
        out->until_close = true;
        out->octets = len - out->content;
        out->end = len;
    }
    return true;
}
