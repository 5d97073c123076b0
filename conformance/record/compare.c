/* Compares the two captures of one recorded connection and prints what the network did, and what the two ends are.
 *
 *   compare DUT.pcap PEER.pcap DUT-ADDRESS PEER-ADDRESS [rate=BITS] [delay=MS] [back=MS] [windows] [window=A..B] [held] [calls] [required]
 *
 * A frame is the same in both captures when its bytes are; of several alike, an arrival belongs to the latest one sent
 * early enough. Sent and never arrived: lost. Arrived twice: duplicated. Arrived changed (same IP identification,
 * sequence and length): corrupted. Arrived after one that was sent later: late, by as much as a link of that rate and delay
 * does not explain; with `held` also when it is 100 ms or more without being overtaken. Output, for a shell to read:
 *
 *   fact NAME VALUE                                        addresses, ports, options and windows of both ends, counts
 *   call {when: established, do: send, bytes: 81}          with `calls`: the application calls that the device's segments show
 *   fate {dir: out, bytes: 2897..4345, copy: 0, is: lost}  one line each, in order of sending
 *
 * With `windows`, three or more frames of one direction lost in a row are one fate by time (from, to), its ends halfway to the
 * neighbours, or at `window` (seconds) when it lies in there. With `required`, a lost fate of the device under test's bytes carries `required: true`.
 * Exit status 2: unreadable capture, or one without TCP between the two addresses. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16, MAX_FLOWS = 64, MAX_ARRIVALS = 4, FORGED_WINDOW = 8191 };
enum { OUT = 0, IN = 1 };

struct frame {
    double time;
    int dir;
    uint8_t *bytes;
    size_t length;
    uint16_t port[2]; /* of the device under test, of the peer */
    uint16_t id;
    uint32_t seq, ack, payload, from, to, rel_ack; /* from..to, rel_ack: relative to the initial sequence numbers */
    uint16_t window;
    uint8_t flags;
    const uint8_t *options;
    size_t options_length;
    bool taken, corrupted; /* an arrival matched; a sent frame that arrived changed */
    double arrivals[MAX_ARRIVALS];
    size_t arrived;
};

struct capture {
    struct frame *frames;
    size_t count;
};

static _Noreturn void fail(const char *what, const char *about)
{
    fprintf(stderr, "compare: %s: %s\n", what, about);
    exit(2);
}

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }

/* ---- reading ---- */

/* Fills `f` when the bytes are TCP between the two addresses. */
static bool read_frame(struct frame *f, const uint8_t *bytes, size_t length, const uint8_t dut[4], const uint8_t peer[4])
{
    if (length < 54 || get16(bytes + 12) != 0x0800 || bytes[14] >> 4 != 4 || bytes[23] != IPPROTO_TCP) return false;
    bool out = memcmp(bytes + 26, dut, 4) == 0 && memcmp(bytes + 30, peer, 4) == 0;
    bool in = memcmp(bytes + 26, peer, 4) == 0 && memcmp(bytes + 30, dut, 4) == 0;
    size_t header = (size_t)(bytes[14] & 15) * 4, total = get16(bytes + 16);
    if ((!out && !in) || 14 + total > length || header + 20 > total) return false;
    const uint8_t *tcp = bytes + 14 + header;
    size_t tcp_header = (size_t)(tcp[12] >> 4) * 4;
    if (tcp_header < 20 || header + tcp_header > total) return false;
    f->dir = out ? OUT : IN;
    f->port[out ? 0 : 1] = get16(tcp);
    f->port[out ? 1 : 0] = get16(tcp + 2);
    f->id = get16(bytes + 18);
    f->seq = get32(tcp + 4);
    f->ack = get32(tcp + 8);
    f->flags = tcp[13];
    f->window = get16(tcp + 14);
    f->payload = (uint32_t)(total - header - tcp_header);
    f->options = f->bytes + (tcp + 20 - bytes);
    f->options_length = tcp_header - 20;
    return true;
}

static struct capture read_capture(const char *path, const uint8_t dut[4], const uint8_t peer[4])
{
    char error[PCAP_ERRBUF_SIZE];
    pcap_t *file = pcap_open_offline(path, error);
    if (!file) fail(path, error);
    if (pcap_datalink(file) != DLT_EN10MB) fail(path, "not Ethernet");
    struct capture c = {0};
    struct pcap_pkthdr *header;
    const u_char *bytes;
    int got;
    while ((got = pcap_next_ex(file, &header, &bytes)) == 1) {
        c.frames = realloc(c.frames, (c.count + 1) * sizeof *c.frames);
        uint8_t *copy = malloc(header->caplen);
        if (!c.frames || !copy) fail("out of memory", path);
        memcpy(copy, bytes, header->caplen);
        struct frame f = {.time = (double)header->ts.tv_sec + (double)header->ts.tv_usec / 1e6, .bytes = copy, .length = header->caplen};
        if (read_frame(&f, copy, header->caplen, dut, peer)) c.frames[c.count++] = f;
        else free(copy);
    }
    if (got == PCAP_ERROR) fail(path, pcap_geterr(file));
    pcap_close(file);
    if (c.count == 0) fail(path, "no TCP between the two addresses");
    return c;
}

/* ---- sequence numbers relative to the connection's first ones ---- */

struct flow { uint16_t port[2]; uint32_t isn[2]; bool known[2]; };

static struct flow *find_flow(struct flow *flows, size_t *count, const struct frame *f)
{
    for (size_t i = 0; i < *count; i++)
        if (flows[i].port[0] == f->port[0] && flows[i].port[1] == f->port[1]) return &flows[i];
    if (*count == MAX_FLOWS) fail("too many connections", "64 at most");
    flows[*count] = (struct flow){.port = {f->port[0], f->port[1]}};
    return &flows[(*count)++];
}

static void make_relative(struct capture *c)
{
    struct flow flows[MAX_FLOWS];
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++) {
        struct frame *f = &c->frames[i];
        struct flow *flow = find_flow(flows, &count, f);
        if ((f->flags & SYN) || !flow->known[f->dir]) flow->isn[f->dir] = f->seq;
        if ((f->flags & ACK) && !flow->known[!f->dir]) flow->isn[!f->dir] = f->ack - 1;
        flow->known[f->dir] = true;
        f->from = f->seq - flow->isn[f->dir];
        f->to = f->from + f->payload + !!(f->flags & SYN) + !!(f->flags & FIN);
        f->rel_ack = f->ack - flow->isn[!f->dir];
    }
}

/* ---- which arrival belongs to which sending ---- */

static bool same(const struct frame *a, const struct frame *b)
{
    return a->dir == b->dir && a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

static void arrive(struct frame *sent, struct frame *arrival)
{
    arrival->taken = true;
    if (sent->arrived < MAX_ARRIVALS) sent->arrivals[sent->arrived++] = arrival->time;
}

/* The least time from one capture to the other, over frames that are unlike all others. */
static double least_delay(const struct capture *sent, const struct capture *seen, int dir)
{
    double least = 1e9;
    for (size_t i = 0; i < seen->count; i++) {
        size_t alike = 0;
        double delay = 0;
        for (size_t j = 0; j < sent->count && seen->frames[i].dir == dir; j++)
            if (same(&sent->frames[j], &seen->frames[i])) {
                alike++;
                delay = seen->frames[i].time - sent->frames[j].time;
            }
        if (alike == 1 && delay < least) least = delay;
    }
    return least > 1e8 ? 0 : least;
}

static void match(struct capture *sent, struct capture *seen, int dir)
{
    double least = least_delay(sent, seen, dir);
    for (size_t i = 0; i < seen->count; i++) {
        struct frame *best = NULL;
        for (size_t j = 0; j < sent->count && seen->frames[i].dir == dir; j++)
            if (same(&sent->frames[j], &seen->frames[i]) && sent->frames[j].time + least <= seen->frames[i].time + 1e-5) best = &sent->frames[j];
        if (best) arrive(best, &seen->frames[i]);
    }
    for (size_t i = 0; i < seen->count; i++)
        for (size_t j = 0; j < sent->count && seen->frames[i].dir == dir && !seen->frames[i].taken; j++) {
            struct frame *s = &sent->frames[j], *r = &seen->frames[i];
            if (s->dir != dir || s->arrived || s->id != r->id || s->seq != r->seq || s->length != r->length) continue;
            s->corrupted = true;
            arrive(s, r);
        }
}

/* ---- fates ---- */

/* How often the peer or the device under test had sent this before: the same first byte, or the same acknowledgement without data. */
static size_t copy_of(const struct capture *c, size_t index)
{
    const struct frame *f = &c->frames[index];
    size_t copies = 0;
    for (size_t i = 0; i < index; i++) {
        const struct frame *g = &c->frames[i];
        if (g->dir != f->dir || g->port[0] != f->port[0] || g->port[1] != f->port[1]) continue;
        if (f->to > f->from) copies += g->from <= f->from && g->to > f->from;
        else copies += g->to == g->from && !(g->flags & RST) && g->rel_ack == f->rel_ack;
    }
    return copies;
}

static void print_fate(const struct capture *c, size_t index, const char *is, bool required)
{
    const struct frame *f = &c->frames[index];
    size_t copy = copy_of(c, index);
    printf("fate {dir: %s, ", f->dir == OUT ? "out" : "in");
    if (f->to > f->from) printf("bytes: %u..%u", f->from, f->to);
    else printf("ack: %u", f->rel_ack);
    printf(", copy: %zu, is: %s%s}\n", copy, is, required && f->dir == OUT && f->to > f->from ? ", required: true" : "");
}

/* The link as it was set up, and what to print. */
struct settings {
    double rate, delay[2];        /* bit/s, seconds; 0: not told */
    double window_from, window_to;
    bool windows, held, required, calls;
};

static double end_of_run(const struct capture *c, size_t index, size_t *last)
{
    *last = index;
    for (size_t i = index + 1; i < c->count; i++) {
        if (c->frames[i].dir != c->frames[index].dir) continue;
        if (c->frames[i].arrived) return (c->frames[*last].time + c->frames[i].time) / 2;
        *last = i;
    }
    return c->frames[*last].time + 0.5;
}

static size_t lost_in_a_row(const struct capture *c, size_t index)
{
    size_t count = 0;
    for (size_t i = index; i < c->count; i++) {
        if (c->frames[i].dir != c->frames[index].dir) continue;
        if (c->frames[i].arrived) break;
        count++;
    }
    return count;
}

/* Prints a run of losses as a window of time; returns the index of its last frame. An edge is where the scenario set it up,
 * unless a frame got through on its wrong side; without one, halfway to the neighbour. */
static size_t print_window(const struct capture *c, size_t index, double start, const struct settings *set)
{
    const struct frame *first = &c->frames[index];
    double before = first->time - 0.02;
    size_t last;
    for (size_t i = index; i-- > 0;)
        if (c->frames[i].dir == first->dir) {
            before = c->frames[i].time;
            break;
        }
    double from = (before + first->time) / 2 - start, to = end_of_run(c, index, &last) - start;
    double last_lost = c->frames[last].time - start, first_after = 2 * to - last_lost;
    if (first->time - start >= set->window_from - 0.005 && last_lost <= set->window_to + 0.005) {
        if (before - start < set->window_from) from = set->window_from;
        if (first_after >= set->window_to) to = set->window_to;
    }
    printf("fate {dir: %s, from: %.4fs, to: %.4fs, is: lost}\n", first->dir == OUT ? "out" : "in", from, to);
    return last;
}

/* Whether one that was sent later arrived earlier. */
static bool overtaken(const struct capture *c, size_t index)
{
    const struct frame *f = &c->frames[index];
    for (size_t i = index + 1; i < c->count; i++)
        if (c->frames[i].dir == f->dir && c->frames[i].arrived && c->frames[i].arrivals[0] < f->arrivals[0]) return true;
    return false;
}

/* How much later than in its turn the frame arrived; *in_turn is when the last frame in turn did, and is brought up to date. */
static double lateness(const struct capture *c, size_t index, const struct settings *set, double *in_turn)
{
    const struct frame *f = &c->frames[index];
    double turn = f->time + set->delay[f->dir];
    if (turn < *in_turn) turn = *in_turn;
    if (set->rate > 0) turn += (double)f->length * 8 / set->rate;
    double late = f->arrivals[0] - turn;
    if (!overtaken(c, index) && (!set->held || late < 0.1)) {
        *in_turn = f->arrivals[0];
        return 0;
    }
    return late > 1e-4 ? late : 1e-4;
}

/* Prints the fate of one frame, if it had any; returns the index of the last frame told. */
static size_t print_one(const struct capture *c, size_t i, double start, const struct settings *set, double *in_turn)
{
    const struct frame *f = &c->frames[i];
    double late = f->arrived ? lateness(c, i, set, in_turn) : 0;
    char is[32];
    snprintf(is, sizeof is, "late %.1fms", late * 1e3);
    if (!f->arrived && set->windows && lost_in_a_row(c, i) >= 3) return print_window(c, i, start, set);
    if (!f->arrived) print_fate(c, i, "lost", set->required);
    else if (f->corrupted) print_fate(c, i, "corrupted", set->required);
    else if (f->arrived > 1) print_fate(c, i, "duplicated", set->required);
    else if (late > 0) print_fate(c, i, is, set->required);
    return i;
}

/* `sent[dir]` is the capture at the end that sends in that direction. */
static void print_fates(struct capture *const sent[2], double start, const struct settings *set)
{
    for (int dir = OUT; dir <= IN; dir++) {
        double in_turn = 0;
        for (size_t i = 0; i < sent[dir]->count; i++)
            if (sent[dir]->frames[i].dir == dir) i = print_one(sent[dir], i, start, set, &in_turn);
    }
}

/* ---- facts ---- */

static void print_mac(const char *name, const uint8_t *mac)
{
    printf("fact %s %02x:%02x:%02x:%02x:%02x:%02x\n", name, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static void print_options(const char *end, const struct frame *f)
{
    unsigned mss = 0, wscale = 255;
    bool sack = false, timestamps = false;
    for (size_t i = 0; i < f->options_length && f->options[i] != 0;) {
        uint8_t kind = f->options[i];
        size_t length = kind == 1 ? 1 : i + 1 < f->options_length ? f->options[i + 1] : 0;
        if (length == 0 || i + length > f->options_length) break;
        if (kind == 2 && length == 4) mss = get16(f->options + i + 2);
        if (kind == 3 && length == 3) wscale = f->options[i + 2];
        sack |= kind == 4;
        timestamps |= kind == 8;
        i += length;
    }
    if (mss) printf("fact %s.mss %u\n", end, mss);
    if (wscale != 255) printf("fact %s.wscale %u\n", end, wscale);
    printf("fact %s.sack %s\nfact %s.timestamps %s\n", end, sack ? "true" : "false", end, timestamps ? "true" : "false");
}

static bool wscale_of(const struct frame *f, unsigned *shift)
{
    for (size_t i = 0; i + 2 < f->options_length && f->options[i] != 0;) {
        if (f->options[i] == 3) {
            *shift = f->options[i + 2];
            return true;
        }
        i += f->options[i] == 1 ? 1 : f->options[i + 1] ? f->options[i + 1] : 40;
    }
    return false;
}

static void print_end(const struct capture *c, int dir, const char *end, bool scaled)
{
    unsigned shift = 0;
    uint32_t window = 0, first = 0;
    size_t frames = 0, bytes = 0;
    const struct frame *syn = NULL, *any = NULL;
    for (size_t i = 0; i < c->count; i++) {
        const struct frame *f = &c->frames[i];
        if (f->dir != dir) continue;
        if ((f->flags & SYN) && !syn) syn = f;
        if (syn == f && scaled) wscale_of(f, &shift);
        if (!any) any = f;
        uint32_t w = (uint32_t)f->window << ((f->flags & SYN) ? 0 : shift);
        if (w > window && !(f->flags & (RST | SYN))) window = w;
        if (syn == f) first = w;
        frames++;
        bytes += f->payload;
    }
    if (!any) return;
    printf("fact %s.port %u\n", end, any->port[dir == OUT ? 0 : 1]);
    print_mac(dir == OUT ? "dut.mac" : "peer.mac", any->bytes + 6);
    if (syn) print_options(end, syn);
    printf("fact %s.window %u\nfact %s.syn_window %u\nfact %s.frames %zu\nfact %s.bytes %zu\n", end, window ? window : first, end, first, end, frames, end, bytes);
}

/* Forged segments with data, which are no part of the peer's stream: their numbers, where the capture holds only TCP. */
static void print_forged(const struct capture *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->frames[i].dir == IN && c->frames[i].window == FORGED_WINDOW && c->frames[i].payload > 0) printf("fact forged %zu\n", i + 1);
}

static bool both_scale(const struct capture *c)
{
    bool scales[2] = {false, false};
    unsigned shift;
    for (size_t i = 0; i < c->count; i++)
        if ((c->frames[i].flags & SYN) && wscale_of(&c->frames[i], &shift)) scales[c->frames[i].dir] = true;
    return scales[0] && scales[1];
}

/* ---- the calls of a program that made none of its own known ---- */

/* What the device's application has done so far, by what its segments show. */
struct program {
    double last_at;                /* of the segment that the next call answers */
    uint32_t received, read, sent; /* bytes that came in order, that were read, that were sent */
    uint32_t pending;              /* bytes of the send call that is being put together */
    bool peer_closed;
    char when[64];                 /* its condition */
};

static void flush_send(struct program *p)
{
    if (p->pending > 0) printf("call {%s, do: send, bytes: %u}\n", p->when, p->pending);
    p->pending = 0;
}

static void set_condition(struct program *p, double now, char *out, size_t cap)
{
    char after[24] = "";
    if (now - p->last_at > 0.002) snprintf(after, sizeof after, " + %.1fms", (now - p->last_at) * 1e3);
    if (p->peer_closed) snprintf(out, cap, "when: peer closed%s", after);
    else if (p->received > 0) snprintf(out, cap, "when: received %u%s", p->received, after);
    else snprintf(out, cap, "when: established%s", after);
}

static void read_up_to_now(struct program *p)
{
    if (p->received == p->read) return;
    printf("call {when: received %u, do: recv, bytes: %u}\n", p->received, p->received - p->read);
    p->read = p->received;
}

static void device_sent(struct program *p, const struct frame *f, uint32_t full)
{
    bool more = p->pending > 0 && p->pending % full == 0 && f->time - p->last_at < 0.001;
    if (f->payload > 0 && f->from == p->sent + 1) {
        if (!more) {
            flush_send(p);
            read_up_to_now(p);
            set_condition(p, f->time, p->when, sizeof p->when);
        }
        p->pending += f->payload;
        p->sent += f->payload;
        p->last_at = f->time;
    }
    if (!(f->flags & FIN) || f->to != p->sent + 2) return;
    char when[64];
    flush_send(p);
    read_up_to_now(p);
    set_condition(p, f->time, when, sizeof when);
    printf("call {%s, do: close}\n", when);
    p->sent++;
}

/* Prints the calls that would make a device send what this one sent, when it did: `call {when: received 81, do: send, bytes: 900}`. */
static void print_calls(const struct capture *c, uint32_t full)
{
    struct program p = {.last_at = c->frames[0].time};
    for (size_t i = 0; i < c->count; i++) {
        const struct frame *f = &c->frames[i];
        if (f->dir == OUT) {
            device_sent(&p, f, full);
        } else if (f->from == p.received + 1 && (f->payload > 0 || (f->flags & FIN))) {
            flush_send(&p);
            p.received += f->payload;
            p.peer_closed |= f->flags & FIN;
            p.last_at = f->time;
        } else if (f->flags & (SYN | ACK) && p.sent == 0 && p.received == 0) {
            p.last_at = f->time;
        }
    }
    flush_send(&p);
    read_up_to_now(&p);
}

static void read_setting(struct settings *set, const char *word)
{
    double number;
    if (sscanf(word, "rate=%lf", &number) == 1) set->rate = number;
    else if (sscanf(word, "delay=%lf", &number) == 1) set->delay[OUT] = number / 1e3;
    else if (sscanf(word, "back=%lf", &number) == 1) set->delay[IN] = number / 1e3;
    else if (sscanf(word, "window=%lf..%lf", &set->window_from, &set->window_to) == 2) set->windows = true;
    else if (strcmp(word, "windows") == 0) set->windows = true;
    else if (strcmp(word, "held") == 0) set->held = true;
    else if (strcmp(word, "calls") == 0) set->calls = true;
    else if (strcmp(word, "required") == 0) set->required = true;
    else fail("unknown setting", word);
}

int main(int argc, char **argv)
{
    uint8_t dut[4], peer[4];
    struct settings set = {.window_from = 1e9};
    if (argc < 5 || inet_pton(AF_INET, argv[3], dut) != 1 || inet_pton(AF_INET, argv[4], peer) != 1)
        fail("usage", "compare DUT.pcap PEER.pcap DUT-ADDRESS PEER-ADDRESS [SETTING...]");
    for (int i = 5; i < argc; i++) read_setting(&set, argv[i]);
    struct capture at_dut = read_capture(argv[1], dut, peer), at_peer = read_capture(argv[2], dut, peer);
    make_relative(&at_dut);
    make_relative(&at_peer);
    match(&at_dut, &at_peer, OUT);
    match(&at_peer, &at_dut, IN);
    double start = at_dut.frames[0].time;
    printf("fact start %.6f\nfact seconds %.3f\n", start, at_dut.frames[at_dut.count - 1].time - start);
    print_end(&at_dut, OUT, "dut", both_scale(&at_dut));
    print_end(&at_peer, IN, "peer", both_scale(&at_peer));
    print_forged(&at_dut);
    if (set.calls) print_calls(&at_dut, 1448);
    print_fates((struct capture *const[2]){&at_dut, &at_peer}, start, &set);
    return 0;
}
