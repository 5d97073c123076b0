/* The ladder: the device at the left, the peer at the right, time downward.
 *
 *      time               device                                     peer
 *     0.000000    connect |                                          |
 *     0.000000            |--- S 0 win 64240 ----------------------->|  active open
 *     0.040133            |<------------------ S. 0 ack 1 win 65160 -|
 *     0.040133            |--- . 1:1449 ack 1 ----------X lost       |  new data
 *
 * Sequence numbers are relative to the ISN of their sender. */
#include "conformance/report/out.h"
#include "conformance/dissect/dissect.h"
#include "stack/base/seq.h"

#include <stdio.h>
#include <string.h>

struct ladder { struct lk_report *report; size_t lane, width, reason; uint32_t isn[2]; bool known[2]; };

static struct ladder ladder_for(struct lk_report *report)
{
    size_t columns = columns_of(report), lane = columns < 100 ? 11 : 15, width = columns < 100 ? 42 : 48;
    return (struct ladder){.report = report, .lane = lane, .width = width, .reason = columns - 11 - lane - width - 5};
}

/* A SYN tells the ISN; without one the first segment stands for it. */
static void note_isn(struct ladder *ladder, const struct lk_event *event)
{
    const struct lk_segment *segment = &event->segment;
    unsigned dir = event->dir == LK_OUT ? LK_OUT : LK_IN;
    if (event->kind != LK_EVENT_FRAME || !segment->is_tcp || (segment->tcp.control & LK_TCP_RST))
        return;
    bool syn = segment->tcp.control & LK_TCP_SYN;
    if (syn)
        ladder->isn[dir] = segment->tcp.sequence_number;
    else if (!ladder->known[dir])
        ladder->isn[dir] = seq_sub(segment->tcp.sequence_number, 1);
    ladder->known[dir] = true;
}

/* Adds a part of the label if it still fits. */
static void add(char *label, size_t cap, const char *part)
{
    size_t len = strlen(label);
    if (len + strlen(part) < cap)
        memcpy(label + len, part, strlen(part) + 1);
}

static void label_sack(char *label, size_t cap, const struct lk_tcp_options *options, uint32_t base)
{
    if (!(options->present & LK_TCP_HAS(LK_TCP_OPT_SACK)))
        return;
    char part[40];
    add(label, cap, " sack");
    for (unsigned i = 0; i < options->sack_count && i < LK_TCP_SACK_MAX; i++) {
        snprintf(part, sizeof part, "%s%u:%u", i == 0 ? " " : ",", (unsigned)seq_sub(options->sack[i].left, base), (unsigned)seq_sub(options->sack[i].right, base));
        add(label, cap, part);
    }
}

static void label_flags(char *label, uint8_t control)
{
    static const char letters[] = "FSRP.UEW";
    size_t len = 0;
    for (unsigned bit = 0; bit < 8; bit++)
        if (control & 1u << bit)
            label[len++] = letters[bit];
    if (len == 0)
        label[len++] = '-';
    label[len] = '\0';
}

static void label_tcp(const struct ladder *ladder, const struct lk_event *event, char *label, size_t cap)
{
    const struct lk_segment *segment = &event->segment;
    const struct lk_tcp *tcp = &segment->tcp;
    unsigned own = event->dir == LK_OUT ? LK_OUT : LK_IN, other = own == LK_OUT ? LK_IN : LK_OUT;
    uint32_t seq = ladder->known[own] ? seq_sub(tcp->sequence_number, ladder->isn[own]) : tcp->sequence_number;
    char part[48];
    label_flags(label, tcp->control);
    snprintf(part, sizeof part, " %u", (unsigned)seq);
    add(label, cap, part);
    if (tcp->payload_len != 0) {
        snprintf(part, sizeof part, ":%u", (unsigned)(seq + (uint32_t)tcp->payload_len));
        add(label, cap, part);
    }
    if (tcp->control & LK_TCP_ACK) {
        snprintf(part, sizeof part, " ack %u", (unsigned)(ladder->known[other] ? seq_sub(tcp->acknowledgment_number, ladder->isn[other]) : tcp->acknowledgment_number));
        add(label, cap, part);
    }
    label_sack(label, cap, &segment->options, ladder->isn[other]);
    snprintf(part, sizeof part, " win %u", (unsigned)tcp->window);
    add(label, cap, part);
}

/* The line of the dissection behind the addresses, as far as there is room: "udp len 13". */
static void label_datagram(const struct lk_event *event, char *label, size_t cap)
{
    struct lk_layer layers[LK_DISSECT_DEPTH];
    struct lk_field fields[256];
    const struct lk_dissect_frame frame = {.bytes = event->bytes, .captured = event->len, .length = event->len, .link = LK_LINK_ETHERNET, .number = 1};
    struct lk_dissection d = {.layers = layers, .fields = fields, .layer_cap = LK_DISSECT_DEPTH, .field_cap = 256};
    char line[200];
    (void)lk_dissect(&frame, NULL, &d);
    lk_dissection_line(&d, line, sizeof line);
    const char *arrow = strstr(line, " > "), *rest = arrow == NULL ? NULL : strchr(arrow + 3, ' ');
    snprintf(label, cap, "%s", rest == NULL ? event->segment.protocol == 1 ? "icmp" : "udp" : rest + 1);
}

static void label_of(const struct ladder *ladder, const struct lk_event *event, char *label, size_t cap)
{
    const struct lk_segment *segment = &event->segment;
    label[0] = '\0';
    if (segment->is_tcp)
        label_tcp(ladder, event, label, cap);
    else if (segment->is_ip && (segment->protocol == 1 || segment->protocol == 17))
        label_datagram(event, label, cap);
    else if (event->len >= 14 && event->bytes != NULL && event->bytes[12] == 8 && event->bytes[13] == 6)
        add(label, cap, "ARP");
    else
        snprintf(label, cap, "frame, %u bytes", (unsigned)event->len);
}

static const char *fate_word(const struct lk_event *event)
{
    static const char *const words[] = {[LK_FATE_LOST] = "lost", [LK_FATE_DUPLICATED] = "doubled", [LK_FATE_CORRUPTED] = "damaged", [LK_FATE_LATE] = "late"};
    return event->fate == 0 || event->fate > LK_FATE_LATE ? NULL : words[event->fate];
}

/* The arrow, exactly ladder->width columns. */
static void draw_out(const struct ladder *ladder, char *arrow, const char *label, const char *fate, bool lost)
{
    size_t width = ladder->width, end = lost ? width - strlen(fate) - 4 : width - 1;
    memset(arrow, '-', width);
    arrow[3] = ' ';
    memcpy(arrow + 4, label, strlen(label));
    arrow[4 + strlen(label)] = ' ';
    if (lost)
        memset(arrow + end, ' ', width - end);
    arrow[end] = lost ? 'X' : '>';
    if (fate != NULL)
        memcpy(lost ? arrow + end + 2 : arrow + width - 3 - strlen(fate), fate, strlen(fate));
}

static void draw_in(const struct ladder *ladder, char *arrow, const char *label, const char *fate, bool lost)
{
    size_t width = ladder->width, start = lost ? strlen(fate) + 3 : 0, at = width - 2 - strlen(label);
    memset(arrow, '-', width);
    if (lost)
        memset(arrow, ' ', start);
    arrow[start] = lost ? 'X' : '<';
    arrow[at - 1] = ' ';
    memcpy(arrow + at, label, strlen(label));
    arrow[width - 2] = ' ';
    if (fate != NULL)
        memcpy(lost ? arrow + start - 1 - strlen(fate) : arrow + 3, fate, strlen(fate));
}

static void put_time(const struct ladder *ladder, lk_time at)
{
    put_colour(ladder->report, DIM);
    putf(ladder->report, "%10.6f ", seconds_of(at));
    put_colour(ladder->report, PLAIN);
}

static void put_reason(const struct ladder *ladder, const char *reason)
{
    const struct lk_report *report = ladder->report;
    if (reason != NULL && *reason != '\0') {
        bool fits = strlen(reason) <= ladder->reason;
        if (fits)
            put(report, "  ");
        else {
            putf(report, "\n%*s|", (int)(12 + ladder->lane), "");
            put_spaces(report, 4);
        }
        put_colour(report, DIM);
        put(report, reason);
        put_colour(report, PLAIN);
    }
    put(report, "\n");
}

static void row_frame(const struct ladder *ladder, const struct lk_event *event)
{
    char label[128], arrow[160];
    const char *fate = fate_word(event);
    size_t room = ladder->width - 8 - (fate == NULL ? 0 : strlen(fate) + 4);
    bool lost = event->fate == LK_FATE_LOST;
    label_of(ladder, event, label, room < sizeof label ? room : sizeof label);
    if (event->dir == LK_OUT)
        draw_out(ladder, arrow, label, fate, lost);
    else
        draw_in(ladder, arrow, label, fate, lost);
    put_time(ladder, event->at);
    put_spaces(ladder->report, ladder->lane + 1);
    put(ladder->report, "|");
    if (lost)
        put_colour(ladder->report, YELLOW);
    put_len(ladder->report, arrow, ladder->width);
    put_colour(ladder->report, PLAIN);
    put(ladder->report, "|");
    put_reason(ladder, event->dir == LK_OUT ? event->text : NULL);
}

static const char *call_word(uint8_t op)
{
    static const char *const words[] = {[LK_DO_LISTEN] = "listen", [LK_DO_CONNECT] = "connect", [LK_DO_ACCEPT] = "accept", [LK_DO_SEND] = "send",
        [LK_DO_RECV] = "recv", [LK_DO_SHUTDOWN] = "shutdown", [LK_DO_CLOSE] = "close", [LK_DO_ABORT] = "abort", [LK_DO_OPTION] = "option"};
    return op == 0 || op > LK_DO_OPTION ? "call" : words[op];
}

static void call_text(const struct lk_event *event, char *text, size_t cap)
{
    if (event->kind == LK_EVENT_CALL && event->requested != 0)
        snprintf(text, cap, "%s %llu", call_word(event->op), (unsigned long long)event->requested);
    else if (event->kind == LK_EVENT_CALL)
        snprintf(text, cap, "%s", call_word(event->op));
    else if (event->error != NULL)
        snprintf(text, cap, "%s: %s", call_word(event->op), event->error);
    else
        snprintf(text, cap, "%s = %lld", call_word(event->op), (long long)event->result);
}

static void row_text(const struct ladder *ladder, lk_time at, const char *left, const char *inside)
{
    put_time(ladder, at);
    putf(ladder->report, "%*s |", (int)ladder->lane, left);
    if (inside != NULL) {
        put(ladder->report, "  ");
        put(ladder->report, inside);
    } else {
        put_spaces(ladder->report, ladder->width);
        put(ladder->report, "|");
    }
    put(ladder->report, "\n");
}

static void row(const struct ladder *ladder, const struct lk_event *event)
{
    char text[64];
    switch (event->kind) {
    case LK_EVENT_FRAME: row_frame(ladder, event); break;
    case LK_EVENT_CALL:
    case LK_EVENT_RETURN:
        call_text(event, text, sizeof text);
        row_text(ladder, event->at, text, NULL);
        break;
    case LK_EVENT_DEATH: row_text(ladder, event->at, "death", event->text == NULL ? "" : event->text); break;
    case LK_EVENT_FATE: row_text(ladder, event->at, "", event->text == NULL ? "fate" : event->text); break;
    case LK_EVENT_END: row_text(ladder, event->at, "end", NULL); break;
    default: break;
    }
}

void ladder_part(struct lk_report *report, const struct lk_timeline *timeline, size_t first, size_t last)
{
    struct ladder ladder = ladder_for(report);
    for (size_t i = 0; i < timeline->count && i <= last; i++) {
        note_isn(&ladder, &timeline->events[i]);
        if (i >= first)
            row(&ladder, &timeline->events[i]);
    }
}

void lk_report_ladder(struct lk_report *report, const struct lk_timeline *timeline)
{
    struct ladder ladder = ladder_for(report);
    if (timeline->count == 0)
        return;
    put_colour(report, BOLD);
    putf(report, "%10s %*s%*s", "time", (int)ladder.lane + 5, "device", (int)ladder.width - 4, "peer");
    put_colour(report, PLAIN);
    put(report, "\n");
    ladder_part(report, timeline, 0, timeline->count - 1);
}
