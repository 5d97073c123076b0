#include "conformance/compose/stream.h"
#include <string.h>

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };
#define HEADERS 54 /* Ethernet, IPv4 and TCP without options */
#define BUFFER (4u << 20)

static uint32_t load16(const uint8_t *b)
{
    return (uint32_t)b[0] << 8 | b[1];
}

static uint32_t load32(const uint8_t *b)
{
    return load16(b) << 16 | load16(b + 2);
}

static void store16(uint8_t *b, uint32_t value)
{
    b[0] = (uint8_t)(value >> 8);
    b[1] = (uint8_t)value;
}

static void store32(uint8_t *b, uint32_t value)
{
    store16(b, value >> 16);
    store16(b + 2, value);
}

static uint32_t sum_of(const uint8_t *b, size_t len, uint32_t sum)
{
    for (size_t i = 0; i < len; i++)
        sum += (uint32_t)b[i] << (i % 2 == 0 ? 8 : 0);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* ---- the caller's side ---- */

void lk_end_connect(struct lk_tcp_end *end, uint32_t iss)
{
    end->iss = iss;
    end->state = LK_END_SYN_SENT;
    end->owes_ack = true; /* the SYN */
}

void lk_end_listen(struct lk_tcp_end *end, uint32_t iss)
{
    end->iss = iss;
    end->state = LK_END_LISTEN;
}

static bool append(struct lk_tcp_end *end, uint8_t **buffer, size_t *count, size_t *cap, const uint8_t *bytes, size_t len)
{
    if (len > BUFFER - *count) {
        end->no_memory = true;
        return false;
    }
    if (*count + len > *cap) {
        size_t more = (*count + len) * 2 < 4096 ? 4096 : (*count + len) * 2;
        uint8_t *grown = lk_bump_take(end->memory, more);
        if (grown == NULL) {
            end->no_memory = true;
            return false;
        }
        if (*count > 0)
            memcpy(grown, *buffer, *count);
        *buffer = grown;
        *cap = more;
    }
    if (len > 0)
        memcpy(*buffer + *count, bytes, len);
    *count += len;
    return true;
}

void lk_end_write(struct lk_tcp_end *end, const uint8_t *bytes, size_t len)
{
    append(end, &end->out, &end->out_len, &end->out_cap, bytes, len);
}

void lk_end_close(struct lk_tcp_end *end)
{
    end->wants_fin = true;
}

void lk_end_reset(struct lk_tcp_end *end)
{
    end->owes_rst = true;
}

/* ---- frames in ---- */

static bool is_ours(const struct lk_tcp_end *end, const uint8_t *f, size_t len)
{
    if (end->state == LK_END_CLOSED || len < HEADERS || load16(f + 12) != 0x0800 || f[14] != 0x45 || f[23] != 6)
        return false;
    const uint8_t *tcp = f + 34;
    return load32(f + 26) == end->peer && load32(f + 30) == end->address && load16(tcp + 2) == end->port &&
           (end->peer_port == 0 || load16(tcp) == end->peer_port);
}

static void take_synchronized(struct lk_tcp_end *end, const uint8_t *tcp, size_t payload_at, size_t len)
{
    uint32_t seq = load32(tcp + 4);
    uint8_t flags = tcp[13];
    if ((flags & ACK) && load32(tcp + 8) - end->iss - 1 <= end->sent + 1) {
        uint64_t acked = load32(tcp + 8) - end->iss - 1;
        end->acked = acked > end->acked ? acked : end->acked;
        end->window = load16(tcp + 14);
    }
    uint32_t expected = end->irs + 1 + (uint32_t)end->in_len + (end->fin_received ? 1u : 0u);
    size_t payload = len - payload_at;
    if (payload == 0 && !(flags & (FIN | SYN)))
        return;
    end->owes_ack = true;
    if (seq != expected || end->fin_received || (flags & SYN))
        return;
    if (append(end, &end->in, &end->in_len, &end->in_cap, tcp + payload_at, payload) && (flags & FIN))
        end->fin_received = true;
}

static void take_syn(struct lk_tcp_end *end, const uint8_t *f, const uint8_t *tcp)
{
    end->irs = load32(tcp + 4);
    end->window = load16(tcp + 14);
    end->mss = 536; /* RFC 9293 3.7.1, when none is said */
    end->peer_port = (uint16_t)load16(tcp);
    memcpy(end->peer_mac, f + 6, 6);
    for (size_t at = 20, header = (size_t)(tcp[12] >> 4) * 4; at + 1 < header && tcp[at] != 0;) {
        if (tcp[at] == 1) {
            at++;
            continue;
        }
        if (tcp[at] == 2 && tcp[at + 1] == 4 && at + 4 <= header)
            end->mss = load16(tcp + at + 2);
        at += tcp[at + 1] < 2 ? header : tcp[at + 1];
    }
    end->mss = end->mss > LK_END_MSS ? LK_END_MSS : end->mss < 1 ? 1 : end->mss;
}

bool lk_end_take(struct lk_tcp_end *end, const uint8_t *f, size_t len)
{
    if (!is_ours(end, f, len))
        return false;
    size_t whole = 14 + load16(f + 16), header = (size_t)(f[46] >> 4) * 4;
    if (whole > len || whole < 34 + header || header < 20)
        return true; /* ours, and of no use */
    const uint8_t *tcp = f + 34;
    uint8_t flags = tcp[13];
    uint32_t sum = sum_of(f + 26, 8, 6 + (uint32_t)(whole - 34));
    if (sum_of(tcp, whole - 34, sum) != 0xffff)
        return true;
    if (flags & RST) {
        end->was_reset = end->state != LK_END_LISTEN;
    } else if (end->state == LK_END_LISTEN && (flags & (SYN | ACK)) == SYN) {
        take_syn(end, f, tcp);
        end->state = LK_END_SYN_RECEIVED;
        end->owes_ack = true; /* SYN and ACK */
    } else if (end->state == LK_END_SYN_SENT && (flags & (SYN | ACK)) == (SYN | ACK) && load32(tcp + 8) == end->iss + 1) {
        take_syn(end, f, tcp);
        end->state = LK_END_OPEN;
        end->owes_ack = true;
    } else if (end->state == LK_END_SYN_RECEIVED || end->state == LK_END_OPEN) {
        if ((flags & (SYN | ACK)) == ACK)
            end->state = LK_END_OPEN;
        take_synchronized(end, tcp, header, whole - 34);
    }
    return true;
}

/* ---- frames out ---- */

static size_t write_frame(struct lk_tcp_end *end, uint8_t *f, uint8_t flags, uint64_t from, size_t payload)
{
    size_t option = (flags & SYN) ? 4 : 0, len = HEADERS + option + payload;
    uint8_t *ip = f + 14, *tcp = f + 34;
    bool before_syn = !(flags & SYN);
    memset(f, 0, HEADERS + option);
    memcpy(f, end->peer_mac, 6);
    memcpy(f + 6, end->mac, 6);
    store16(f + 12, 0x0800);
    ip[0] = 0x45;
    store16(ip + 2, (uint32_t)(len - 14));
    ip[6] = 0x40;
    ip[8] = 64;
    ip[9] = 6;
    store32(ip + 12, end->address);
    store32(ip + 16, end->peer);
    store16(ip + 10, (uint16_t)~sum_of(ip, 20, 0));
    store16(tcp, end->port);
    store16(tcp + 2, end->peer_port);
    store32(tcp + 4, end->iss + (before_syn ? 1 + (uint32_t)from : 0));
    if (flags & ACK)
        store32(tcp + 8, end->irs + 1 + (uint32_t)end->in_len + (end->fin_received ? 1u : 0u));
    tcp[12] = (uint8_t)((20 + option) / 4 << 4);
    tcp[13] = flags;
    store16(tcp + 14, 65535);
    if (option != 0)
        store32(tcp + 20, 0x02040000u | LK_END_MSS);
    if (payload > 0)
        memcpy(tcp + 20 + option, end->out + from, payload);
    uint32_t sum = sum_of(ip + 12, 8, 6 + (uint32_t)(len - 34));
    store16(tcp + 16, (uint16_t)~sum_of(tcp, len - 34, sum));
    end->owes_ack = false;
    return len;
}

size_t lk_end_next(struct lk_tcp_end *end, uint8_t frame[LK_END_FRAME])
{
    if (end->state == LK_END_CLOSED || end->state == LK_END_LISTEN || end->was_reset)
        return 0;
    if (end->state == LK_END_SYN_SENT)
        return end->owes_ack ? write_frame(end, frame, SYN, 0, 0) : 0;
    if (end->owes_rst) {
        end->owes_rst = false;
        end->was_reset = true;
        return write_frame(end, frame, RST | ACK, end->sent + (end->fin_sent ? 1 : 0), 0);
    }
    if (end->state == LK_END_SYN_RECEIVED)
        return end->owes_ack ? write_frame(end, frame, SYN | ACK, 0, 0) : 0;
    uint64_t room = end->acked + end->window > end->sent ? end->acked + end->window - end->sent : 0, left = end->out_len - end->sent;
    size_t part = (size_t)(left < room ? left : room);
    part = part < end->mss ? part : end->mss;
    if (part > 0) {
        uint64_t from = end->sent;
        end->sent += part;
        return write_frame(end, frame, ACK | PSH, from, part);
    }
    if (end->wants_fin && !end->fin_sent && left == 0) {
        end->fin_sent = true;
        return write_frame(end, frame, FIN | ACK, end->sent, 0);
    }
    return end->owes_ack ? write_frame(end, frame, ACK, end->sent + (end->fin_sent ? 1 : 0), 0) : 0;
}
