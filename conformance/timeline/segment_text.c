/* A segment on one line in tcpdump's notation, numbers relative to the two ISNs: lk_segment_text() of event.h. */
#include "conformance/timeline/event.h"
#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/base/seq.h"

#include <stdarg.h>
#include <stdio.h>

struct line {
    char *out;
    size_t cap, len; /* len < cap as long as not full */
    bool full;
};

__attribute__((format(printf, 2, 3))) static void put(struct line *line, const char *format, ...)
{
    if (line->full)
        return;
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(line->out + line->len, line->cap - line->len, format, arguments);
    va_end(arguments);
    if (len < 0 || (size_t)len >= line->cap - line->len)
        line->full = true;
    else
        line->len += (size_t)len;
}

static void put_flags(struct line *line, uint8_t control)
{
    static const char letters[] = "FSRP.UEW"; /* from bit 0 upward */
    put(line, "Flags [");
    for (unsigned bit = 0; bit < 8; bit++)
        if (control & 1u << bit)
            put(line, "%c", letters[bit]);
    put(line, control == 0 ? "none]" : "]");
}

static void put_sack(struct line *line, const struct lk_option *option, uint32_t base)
{
    put(line, "sack %zu ", option->value_len / 8);
    for (size_t at = 0; at + 8 <= option->value_len; at += 8)
        put(line, "{%u:%u}", (unsigned)seq_sub(lk_load_be32(option->value + at), base),
            (unsigned)seq_sub(lk_load_be32(option->value + at + 4), base));
}

static void put_unknown(struct line *line, const struct lk_option *option)
{
    put(line, "unknown-%u", option->kind);
    for (size_t at = 0; at < option->value_len; at++)
        put(line, "%s%02x", at == 0 ? " 0x" : "", option->value[at]);
}

/* The value has the length its RFC asks for, or tcpdump's "unknown" with the raw bytes is shown. */
static void put_option(struct line *line, const struct lk_option *option, uint32_t base_sack)
{
    const uint8_t *value = option->value;
    size_t len = option->value_len;
    if (option->kind == LK_TCP_OPT_END)
        put(line, "eol");
    else if (option->kind == LK_TCP_OPT_NOP)
        put(line, "nop");
    else if (option->kind == LK_TCP_OPT_MSS && len == 2)
        put(line, "mss %u", lk_load_be16(value));
    else if (option->kind == LK_TCP_OPT_WINDOW_SCALE && len == 1)
        put(line, "wscale %u", value[0]);
    else if (option->kind == LK_TCP_OPT_SACK_PERMITTED && len == 0)
        put(line, "sackOK");
    else if (option->kind == LK_TCP_OPT_SACK && len != 0 && len % 8 == 0)
        put_sack(line, option, base_sack);
    else if (option->kind == LK_TCP_OPT_TIMESTAMPS && len == 8)
        put(line, "TS val %u ecr %u", (unsigned)lk_load_be32(value), (unsigned)lk_load_be32(value + 4));
    else if (option->kind == LK_TCP_OPT_USER_TIMEOUT && len == 2)
        put(line, "uto 0x%x", lk_load_be16(value));
    else
        put_unknown(line, option);
}

static void put_options(struct line *line, const struct lk_tcp *tcp, uint32_t base_sack)
{
    size_t at = 0;
    struct lk_option option;
    int found;
    const char *between = "";
    put(line, ", options [");
    while ((found = lk_tcp_option_next(tcp, &at, &option)) > 0) {
        put(line, "%s", between);
        put_option(line, &option, base_sack);
        between = ",";
    }
    if (found < 0)
        put(line, "%s[bad opt]", between);
    put(line, "]");
}

/* As tcpdump: the number is left out of a segment that occupies no sequence space, except on a RST. */
static void put_tcp(struct line *line, const struct lk_segment *segment, uint32_t base_seq, uint32_t base_ack)
{
    const struct lk_tcp *tcp = &segment->tcp;
    uint32_t flags_len = lk_tcp_segment_length(tcp) - (uint32_t)tcp->payload_len;
    uint32_t length = segment->seg_len - flags_len; /* of the payload, also where the capture cut it */
    uint32_t seq = seq_sub(tcp->sequence_number, base_seq);
    put_flags(line, tcp->control);
    if (length != 0)
        put(line, ", seq %u:%u", (unsigned)seq, (unsigned)seq_add(seq, length));
    else if (tcp->control & (LK_TCP_SYN | LK_TCP_FIN | LK_TCP_RST))
        put(line, ", seq %u", (unsigned)seq);
    if (tcp->control & LK_TCP_ACK)
        put(line, ", ack %u", (unsigned)seq_sub(tcp->acknowledgment_number, base_ack));
    put(line, ", win %u", tcp->window);
    if (tcp->control & LK_TCP_URG)
        put(line, ", urg %u", tcp->urgent_pointer);
    if (tcp->options_len != 0)
        put_options(line, tcp, base_ack);
    put(line, ", length %u", (unsigned)length);
}

int lk_segment_text(const struct lk_segment *segment, uint32_t base_seq, uint32_t base_ack, char *out, size_t cap)
{
    if (cap == 0)
        return LK_E_NOSPACE;
    struct line line = {.out = out, .cap = cap};
    out[0] = 0;
    if (segment->is_tcp)
        put_tcp(&line, segment, base_seq, base_ack);
    else if (segment->error < 0)
        put(&line, "malformed: %s", lk_error_name(segment->error));
    else if (segment->is_ip)
        put(&line, "IP, protocol %u", segment->protocol);
    else
        put(&line, "not IPv4");
    if (line.full) {
        out[0] = 0;
        return LK_E_NOSPACE;
    }
    return (int)line.len;
}
