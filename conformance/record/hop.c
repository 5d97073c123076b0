/* The network between two recorded hosts: takes frames from one interface and puts them on the other, after the
 * link's rate and delay, and with the fates that the rules name. One hop, two directions, no address of its own.
 *
 *   hop IF-OUT IF-IN [rate=BITS] [delay=MS] [back=MS] [queue=FRAMES] [RULE...]
 *
 * IF-OUT faces the device under test, IF-IN the peer; "out" is from the device under test. rate is in bit/s of the
 * frame without FCS, both ways; delay and back are the one-way delays out and in, in milliseconds; queue is how many
 * frames may wait for the link before a new one is lost. A RULE is one argument:
 *
 *   DIR WHAT COPIES FATE      "out bytes 2897..4345 0 lose"   "in synack 0-1 lose"   "in ack 1449 * late 40"
 *   DIR time FROM..TO FATE    "out time 0.61..1.10 lose", seconds since the first TCP segment seen
 *
 * WHAT: syn, synack, fin, rst, bytes A..B (SYN is 0..1, the first data byte 1; a segment counts that carries byte A),
 * ack N (a segment without data that acknowledges N, relative as well), pure (any segment without data, SYN, FIN, RST),
 * data (any segment with data). COPIES counts the segments that match, from 0: N, N-M or *.
 * FATE: lose, again MS (a second copy that much later), late MS (this frame alone waits, others pass), corrupt (one bit of the last
 * byte), hold (with time only: the frame waits until TO).
 *
 * Ends by SIGTERM. Exit status 2: wrong arguments or no such interface. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { OUT = 0, IN = 1, MAX_RULES = 64, MAX_FLOWS = 32, MAX_FRAME = 2048 };
enum { SYN = 2, FIN = 1, RST = 4, ACK = 16 };
enum what { W_SYN, W_SYNACK, W_FIN, W_RST, W_BYTES, W_ACK, W_PURE, W_DATA, W_TIME };
enum fate { LOSE, AGAIN, LATE, CORRUPT, HOLD };

struct rule {
    int dir;
    enum what what;
    enum fate fate;
    uint32_t from, to;      /* bytes, or an acknowledgement number in from */
    int64_t begin, end;     /* W_TIME: nanoseconds */
    long first, last, seen; /* copies */
    int64_t delay;          /* nanoseconds of AGAIN and LATE */
};

struct segment {
    bool is_tcp;
    uint16_t port[2];
    uint32_t seq, ack, length; /* length: sequence space taken, SYN and FIN included */
    uint32_t payload;
    uint8_t flags;
};

struct flow { /* the initial sequence numbers of a connection, by the two ports */
    uint16_t port[2];          /* of the device under test, of the peer */
    uint32_t isn[2];           /* of the device under test, of the peer */
};

struct frame {
    struct frame *next;
    int64_t due;
    int to;
    size_t length;
    uint8_t bytes[MAX_FRAME];
};

struct hop {
    int socket[2], index[2];
    int64_t rate, delay[2], free_at[2], start;
    long queue;
    struct rule rules[MAX_RULES];
    size_t rule_count;
    struct flow flows[MAX_FLOWS];
    size_t flow_count;
    struct frame *waiting;
};

static _Noreturn void fail(const char *what, const char *about)
{
    fprintf(stderr, "hop: %s: %s\n", what, about);
    exit(2);
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }

/* Ethernet II, IPv4 without fragments, TCP; anything else passes without rules. */
static struct segment read_segment(const uint8_t *bytes, size_t length)
{
    struct segment s = {0};
    if (length < 54 || get16(bytes + 12) != ETH_P_IP || bytes[14] >> 4 != 4 || bytes[23] != IPPROTO_TCP) return s;
    size_t header = (size_t)(bytes[14] & 15) * 4, total = get16(bytes + 16);
    if (14 + header + 20 > length || 14 + total > length) return s;
    const uint8_t *tcp = bytes + 14 + header;
    size_t tcp_header = (size_t)(tcp[12] >> 4) * 4;
    if (header + tcp_header > total) return s;
    s.is_tcp = true;
    s.port[0] = get16(tcp);
    s.port[1] = get16(tcp + 2);
    s.seq = get32(tcp + 4);
    s.ack = get32(tcp + 8);
    s.flags = tcp[13];
    s.payload = (uint32_t)(total - header - tcp_header);
    s.length = s.payload + !!(s.flags & SYN) + !!(s.flags & FIN);
    return s;
}

/* The connection a segment belongs to; a SYN sets the initial sequence number of its side. */
static struct flow *find_flow(struct hop *hop, int dir, const struct segment *s)
{
    uint16_t ours = s->port[dir == OUT ? 0 : 1], theirs = s->port[dir == OUT ? 1 : 0];
    struct flow *flow = NULL;
    for (size_t i = 0; i < hop->flow_count && !flow; i++)
        if (hop->flows[i].port[0] == ours && hop->flows[i].port[1] == theirs) flow = &hop->flows[i];
    if (!flow) {
        if (hop->flow_count == MAX_FLOWS) fail("too many connections", "32 at most");
        flow = &hop->flows[hop->flow_count++];
        *flow = (struct flow){.port = {ours, theirs}};
    }
    if (s->flags & SYN) flow->isn[dir] = s->seq;
    return flow;
}

static bool matches(const struct rule *r, const struct segment *s, const struct flow *flow)
{
    bool plain = !(s->flags & (SYN | FIN | RST));
    uint32_t seq = s->seq - flow->isn[r->dir], ack = s->ack - flow->isn[!r->dir];
    switch (r->what) {
    case W_SYN: return (s->flags & (SYN | ACK)) == SYN;
    case W_SYNACK: return (s->flags & (SYN | ACK)) == (SYN | ACK);
    case W_FIN: return s->flags & FIN;
    case W_RST: return s->flags & RST;
    case W_BYTES: return s->length > 0 && (int32_t)(r->from - seq) >= 0 && (int32_t)(seq + s->length - r->from) > 0;
    case W_ACK: return plain && s->payload == 0 && ack == r->from;
    case W_PURE: return plain && s->payload == 0;
    case W_DATA: return s->payload > 0;
    case W_TIME: return true;
    }
    return false;
}

/* The rule that decides about this segment, or NULL. Every rule that matches counts its copy. */
static const struct rule *decide(struct hop *hop, int dir, const struct segment *s, int64_t now)
{
    const struct rule *decided = NULL;
    if (!s->is_tcp) return NULL;
    if (hop->start == 0) hop->start = now;
    struct flow *flow = find_flow(hop, dir, s);
    for (size_t i = 0; i < hop->rule_count; i++) {
        struct rule *r = &hop->rules[i];
        if (r->dir != dir || !matches(r, s, flow)) continue;
        int64_t at = now - hop->start;
        bool applies = r->what == W_TIME ? at >= r->begin && at < r->end : r->seen >= r->first && r->seen <= r->last;
        r->seen++;
        if (applies && !decided) decided = r;
    }
    return decided;
}

static void enqueue(struct hop *hop, int to, const uint8_t *bytes, size_t length, int64_t due)
{
    struct frame *frame = malloc(sizeof *frame), **place = &hop->waiting;
    if (!frame) fail("out of memory", "frame");
    *frame = (struct frame){.due = due, .to = to, .length = length};
    memcpy(frame->bytes, bytes, length);
    while (*place && (*place)->due <= due) place = &(*place)->next;
    frame->next = *place;
    *place = frame;
}

static long waiting_for(const struct hop *hop, int to, int64_t after)
{
    long count = 0;
    for (const struct frame *f = hop->waiting; f; f = f->next) count += f->to == to && f->due > after;
    return count;
}

/* One frame arrived from side `dir`: the link's queue, rate and delay, then its fate. A lost frame takes the link's time too. */
static void forward(struct hop *hop, int dir, uint8_t *bytes, size_t length)
{
    int64_t now = now_ns();
    struct segment s = read_segment(bytes, length);
    const struct rule *r = decide(hop, dir, &s, now);
    if (hop->queue && waiting_for(hop, !dir, now + hop->delay[dir]) >= hop->queue) return;
    int64_t begin = hop->free_at[dir] > now ? hop->free_at[dir] : now;
    int64_t sent = begin + (hop->rate ? (int64_t)length * 8 * 1000000000 / hop->rate : 0);
    hop->free_at[dir] = sent;
    int64_t due = sent + hop->delay[dir];
    if (r && r->fate == LOSE) return;
    if (r && r->fate == AGAIN) enqueue(hop, !dir, bytes, length, due + r->delay);
    if (r && r->fate == LATE) due += r->delay;
    if (r && r->fate == HOLD && due < hop->start + r->end) due = hop->start + r->end;
    if (r && r->fate == CORRUPT) bytes[length - 1] ^= 1;
    enqueue(hop, !dir, bytes, length, due);
}

static void receive(struct hop *hop, int dir)
{
    uint8_t bytes[MAX_FRAME];
    struct sockaddr_ll from;
    socklen_t size = sizeof from;
    ssize_t length;
    while ((length = recvfrom(hop->socket[dir], bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&from, &size)) > 0)
        if (from.sll_pkttype != PACKET_OUTGOING) forward(hop, dir, bytes, (size_t)length);
}

static void send_due(struct hop *hop)
{
    while (hop->waiting && hop->waiting->due <= now_ns()) {
        struct frame *frame = hop->waiting;
        hop->waiting = frame->next;
        if (send(hop->socket[frame->to], frame->bytes, frame->length, 0) < 0 && errno != ENOBUFS) perror("hop: send");
        free(frame);
    }
}

static void run(struct hop *hop)
{
    struct pollfd fds[2] = {{.fd = hop->socket[OUT], .events = POLLIN}, {.fd = hop->socket[IN], .events = POLLIN}};
    for (;;) {
        int64_t rest = hop->waiting ? hop->waiting->due - now_ns() : 1000000000;
        if (rest < 0) rest = 0;
        struct timespec wait = {.tv_sec = rest / 1000000000, .tv_nsec = rest % 1000000000};
        if (ppoll(fds, 2, &wait, NULL) < 0 && errno != EINTR) fail("poll", strerror(errno));
        send_due(hop);
        receive(hop, OUT);
        receive(hop, IN);
    }
}

static int open_interface(const char *name)
{
    int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(name)};
    if (fd < 0) fail("socket", strerror(errno));
    if (address.sll_ifindex == 0) fail("no such interface", name);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("bind", strerror(errno));
    return fd;
}

static void parse_copies(struct rule *r, const char *text, const char *rule)
{
    r->last = 1 << 30;
    if (strcmp(text, "*") == 0) return;
    int got = sscanf(text, "%ld-%ld", &r->first, &r->last);
    if (got < 1) fail("copies are N, N-M or *", rule);
    if (got == 1) r->last = r->first;
}

static void parse_fate(struct rule *r, const char *fate, double ms, const char *rule)
{
    static const char *const names[] = {"lose", "again", "late", "corrupt", "hold"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(fate, names[i]) == 0) {
            r->fate = (enum fate)i;
            r->delay = (int64_t)(ms * 1e6);
            return;
        }
    fail("a fate is lose, again MS, late MS, corrupt or hold", rule);
}

/* Reads what the rule is about; returns the rest of the text, where copies and fate stand. */
static const char *parse_what(struct rule *r, const char *text, const char *rule)
{
    static const char *const names[] = {"syn", "synack", "fin", "rst", "bytes", "ack", "pure", "data", "time"};
    char word[16];
    int used = 0;
    if (sscanf(text, " %15s%n", word, &used) != 1) fail("what is it about?", rule);
    size_t i = 0, count = sizeof names / sizeof *names;
    while (i < count && strcmp(word, names[i]) != 0) i++;
    if (i == count) fail("unknown kind of segment", rule);
    r->what = (enum what)i;
    text += used;
    used = 0;
    double begin = 0, end = 0;
    if (r->what == W_BYTES && sscanf(text, " %u..%u%n", &r->from, &r->to, &used) != 2) fail("bytes A..B", rule);
    if (r->what == W_ACK && sscanf(text, " %u%n", &r->from, &used) != 1) fail("ack N", rule);
    if (r->what == W_TIME && sscanf(text, " %lf..%lf%n", &begin, &end, &used) != 2) fail("time FROM..TO", rule);
    r->begin = (int64_t)(begin * 1e9);
    r->end = (int64_t)(end * 1e9);
    return text + used;
}

static void parse_rule(struct hop *hop, const char *rule)
{
    if (hop->rule_count == MAX_RULES) fail("too many rules", rule);
    struct rule *r = &hop->rules[hop->rule_count++];
    char dir[4], copies[32] = "*", fate[16] = "";
    int used = 0;
    double ms = 0;
    if (sscanf(rule, " %3s%n", dir, &used) != 1 || (strcmp(dir, "out") != 0 && strcmp(dir, "in") != 0)) fail("starts with out or in", rule);
    r->dir = strcmp(dir, "in") == 0 ? IN : OUT;
    const char *rest = parse_what(r, rule + used, rule);
    int got = r->what == W_TIME ? sscanf(rest, " %15s %lf", fate, &ms) : sscanf(rest, " %31s %15s %lf", copies, fate, &ms);
    if (got < 1) fail("no fate", rule);
    parse_copies(r, copies, rule);
    parse_fate(r, fate, ms, rule);
}

static void parse_argument(struct hop *hop, const char *text)
{
    const char *value = strchr(text, '=');
    if (!value) {
        parse_rule(hop, text);
        return;
    }
    double number = strtod(value + 1, NULL);
    size_t name = (size_t)(value - text);
    if (name == 4 && memcmp(text, "rate", 4) == 0) hop->rate = (int64_t)number;
    else if (name == 5 && memcmp(text, "delay", 5) == 0) hop->delay[OUT] = (int64_t)(number * 1e6);
    else if (name == 4 && memcmp(text, "back", 4) == 0) hop->delay[IN] = (int64_t)(number * 1e6);
    else if (name == 5 && memcmp(text, "queue", 5) == 0) hop->queue = (long)number;
    else fail("unknown setting", text);
}

int main(int argc, char **argv)
{
    static struct hop hop;
    if (argc < 3) fail("usage", "hop IF-OUT IF-IN [rate=BITS] [delay=MS] [back=MS] [queue=FRAMES] [RULE...]");
    for (int i = 3; i < argc; i++) parse_argument(&hop, argv[i]);
    for (int side = 0; side < 2; side++) hop.socket[side] = open_interface(argv[1 + side]);
    prctl(PR_SET_TIMERSLACK, 1UL);
    run(&hop);
}
