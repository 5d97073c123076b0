/* A frame on one line: who says what to whom. Everything in it comes from the named fields. */
#include "conformance/dissect/dissect.h"

#include "stack/wire/arp.h"

struct line {
    const struct lk_dissection *d;
    char *at;
    size_t cap, len;
};

static void put(struct line *l, const char *words)
{
    for (; *words != 0 && l->len + 1 < l->cap; words++)
        l->at[l->len++] = *words;
}

static void put_field(struct line *l, const char *before, const char *name, uint32_t from)
{
    const struct lk_field *field = lk_dissection_find(l->d, name, from);
    if (field == NULL)
        return;
    char text[160];
    lk_field_text(field, text, sizeof text);
    put(l, before);
    put(l, text);
}

static uint64_t number(const struct line *l, const char *name, uint32_t from)
{
    const struct lk_field *field = lk_dissection_find(l->d, name, from);
    return field == NULL ? 0 : field->number;
}

static bool has(const struct line *l, const char *name, uint32_t from)
{
    return lk_dissection_find(l->d, name, from) != NULL;
}

static void put_kind(struct line *l, const struct lk_field *kind)
{
    static const struct { uint64_t kind; const char *word; } known[] = {
        {0, "eol"}, {1, "nop"}, {2, "mss"}, {3, "wscale"}, {4, "sackOK"}, {5, "sack"}, {8, "ts"}, {28, "uto"}, {34, "tfo"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].kind == kind->number) {
            put(l, known[i].word);
            return;
        }
    char text[LK_FIELD_TEXT(1)];
    lk_field_text(kind, text, sizeof text);
    put(l, "opt-");
    put(l, text);
}

/* The values of one option: the fields from its kind to the next one's. */
static void put_values(struct line *l, const struct lk_field *kind, const struct lk_field *end)
{
    static const struct { const char *name, *before; } values[] = {
        {"tcp.options.mss_val", " "}, {"tcp.options.wscale.shift", " "}, {"tcp.options.timestamp.tsval", " "}, {"tcp.options.timestamp.tsecr", ":"},
        {"tcp.options.sack_le", " "}, {"tcp.options.sack_re", ".."}, {"tcp.options.user_to_val", " "}, {"tcp.options.tfo.cookie", " "},
    };
    for (const struct lk_field *f = kind; f < end; f++)
        for (size_t i = 0; i < sizeof values / sizeof *values; i++)
            if (lk_field_is(f, values[i].name)) {
                char text[96];
                lk_field_text(f, text, sizeof text);
                put(l, values[i].before);
                put(l, text);
            }
}

static void put_options(struct line *l, uint32_t from)
{
    const struct lk_field *last = l->d->fields + l->d->field_count;
    const struct lk_field *kind = lk_dissection_find(l->d, "tcp.option_kind", from);
    if (kind == NULL)
        return;
    for (const char *before = " <"; kind != NULL; before = ",") {
        const struct lk_field *next = lk_dissection_find(l->d, "tcp.option_kind", (uint32_t)(kind - l->d->fields) + 1);
        put(l, before);
        put_kind(l, kind);
        put_values(l, kind, next != NULL ? next : last);
        kind = next;
    }
    put(l, ">");
}

static void put_tcp(struct line *l, uint32_t from)
{
    static const struct { const char *name, *letter; } flags[] = {
        {"tcp.flags.syn", "S"}, {"tcp.flags.fin", "F"}, {"tcp.flags.reset", "R"}, {"tcp.flags.push", "P"},
        {"tcp.flags.urg", "U"}, {"tcp.flags.ece", "E"}, {"tcp.flags.cwr", "W"},   {"tcp.flags.ack", "."},
    };
    put(l, " tcp");
    if (has(l, "tcp.flags", from)) {
        put(l, " [");
        for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
            put(l, number(l, flags[i].name, from) ? flags[i].letter : "");
        put(l, "]");
    }
    put_field(l, " seq ", has(l, "tcp.seq", from) ? "tcp.seq" : "tcp.seq_raw", from);
    if (number(l, "tcp.flags.ack", from))
        put_field(l, " ack ", has(l, "tcp.ack", from) ? "tcp.ack" : "tcp.ack_raw", from);
    put_field(l, " win ", has(l, "tcp.window_size", from) ? "tcp.window_size" : "tcp.window_size_value", from);
    put_field(l, " len ", "tcp.len", from);
    put_options(l, from);
}

/* What is asked, or how it was answered. */
static void put_dns(struct line *l, uint32_t from)
{
    bool answer = number(l, "dns.flags.response", from) != 0;
    if (!has(l, "dns.flags", from))
        return;
    put(l, answer ? " dns answer" : " dns query");
    put_field(l, " ", "dns.qry.name", from);
    put_field(l, " type ", "dns.qry.type", from);
    if (answer) {
        put_field(l, " rcode ", "dns.flags.rcode", from);
        put_field(l, " records ", "dns.count.answers", from);
    }
    for (const struct lk_field *f = lk_dissection_find(l->d, "dns.a", from); f != NULL;
         f = lk_dissection_find(l->d, "dns.a", (uint32_t)(f - l->d->fields) + 1)) {
        char text[LK_FIELD_TEXT(4)];
        lk_field_text(f, text, sizeof text);
        put(l, " ");
        put(l, text);
    }
}

static void put_ip(struct line *l, uint32_t from)
{
    bool tcp = has(l, "tcp.srcport", from), udp = !tcp && has(l, "udp.srcport", from);
    put_field(l, "", "ip.src", from);
    put_field(l, ":", tcp ? "tcp.srcport" : udp ? "udp.srcport" : "", from);
    put_field(l, " > ", "ip.dst", from);
    put_field(l, ":", tcp ? "tcp.dstport" : udp ? "udp.dstport" : "", from);
    if (has(l, "icmp.type", from)) {
        put_field(l, " icmp type ", "icmp.type", from);
        put_field(l, " code ", "icmp.code", from);
        put_field(l, " id ", "icmp.ident", from);
        put_field(l, " seq ", "icmp.seq", from);
        put_field(l, " mtu ", "icmp.mtu", from);
        put_field(l, " gateway ", "icmp.redir_gw", from);
    } else if (tcp) {
        put_tcp(l, from);
    } else if (udp) {
        put_field(l, " udp len ", "udp.length", from);
        put_dns(l, from);
    } else {
        put_field(l, " ip proto ", "ip.proto", from);
        put_field(l, " len ", "ip.len", from);
    }
    if (number(l, "ip.flags.mf", from) || number(l, "ip.frag_offset", from))
        put_field(l, " fragment at 8*", "ip.frag_offset", from);
}

/* An ICMP error: its own addresses, what it says, then whose datagram it speaks of. */
static void put_icmp_error(struct line *l, uint32_t quoted)
{
    put_field(l, "", "ip.src", 0);
    put_field(l, " > ", "ip.dst", 0);
    put_field(l, " icmp type ", "icmp.type", 0);
    put_field(l, " code ", "icmp.code", 0);
    put_field(l, " mtu ", "icmp.mtu", 0);
    put_field(l, " gateway ", "icmp.redir_gw", 0);
    put(l, " about ");
    put_ip(l, quoted);
}

static void put_arp(struct line *l)
{
    uint64_t op = number(l, "arp.opcode", 0);
    if (op == LK_ARP_REQUEST) {
        put_field(l, "arp who has ", "arp.dst.proto_ipv4", 0);
        put_field(l, " tell ", "arp.src.proto_ipv4", 0);
    } else if (op == LK_ARP_REPLY) {
        put_field(l, "arp ", "arp.src.proto_ipv4", 0);
        put_field(l, " is at ", "arp.src.hw_mac", 0);
    } else {
        put_field(l, "arp operation ", "arp.opcode", 0);
    }
}

size_t lk_dissection_line(const struct lk_dissection *d, char *text, size_t cap)
{
    struct line l = {d, text, cap, 0};
    const struct lk_field *icmp = lk_dissection_find(d, "icmp.type", 0);
    const struct lk_field *quoted = icmp == NULL ? NULL : lk_dissection_find(d, "ip.version", (uint32_t)(icmp - d->fields));
    if (quoted != NULL)
        put_icmp_error(&l, (uint32_t)(quoted - d->fields));
    else if (has(&l, "ip.version", 0))
        put_ip(&l, 0);
    else if (has(&l, "arp.opcode", 0))
        put_arp(&l);
    else {
        put_field(&l, "", "eth.src", 0);
        put_field(&l, " > ", "eth.dst", 0);
        put_field(&l, " type ", "eth.type", 0);
        put_field(&l, " 802.3 len ", "eth.len", 0);
    }
    if (cap > 0)
        text[l.len] = 0;
    return l.len;
}
