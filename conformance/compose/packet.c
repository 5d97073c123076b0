/* Ethernet, ARP, IPv4, ICMP, UDP and TCP out of words. */
#include "conformance/compose/packet.h"
#include "conformance/compose/compose.h"
#include <string.h>

#define SHOWN(span) (int)((span).len < 60 ? (span).len : 60), (span).text
#define DEPTH 4 /* of quoted packets */

enum proto { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_RAW = 256 };
enum sum { SUM_RIGHT = 0, SUM_BAD, SUM_NONE };

struct packet {
    unsigned proto;
    uint32_t address[2];
    uint16_t port[2];
    struct lk_span ip, upper, rest; /* blocks, and what is carried */
};

static uint32_t sum_of(const uint8_t *bytes, size_t len, uint32_t sum)
{
    for (size_t i = 0; i < len; i++)
        sum += (uint32_t)bytes[i] << (i % 2 == 0 ? 8 : 0);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static void store16(uint8_t *at, uint64_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* ---- values of a block ---- */

struct key { const char *name; uint64_t most; uint64_t *into; };

static bool read_keys(struct lk_composer *c, const char *what, struct lk_span inside, const struct key *keys, size_t count)
{
    struct lk_span word, key, value;
    while (lk_word_next(&inside, &word)) {
        size_t i = 0;
        lk_word_pair(word, &key, &value);
        while (i < count && !lk_span_is(key, keys[i].name))
            i++;
        if (i == count)
            return lk_compose_refuse(c, "%s{}: there is no \"%.*s\"", what, SHOWN(key));
        if (value.text == NULL)
            *keys[i].into = 1;
        else if (lk_span_is(key, "sum"))
            *keys[i].into = lk_span_is(value, "bad") ? SUM_BAD : lk_span_is(value, "none") ? SUM_NONE : SUM_RIGHT;
        else if (!lk_word_number(c, key, value, keys[i].most, keys[i].into))
            return false;
    }
    return true;
}

/* ---- what UDP and TCP carry ---- */

static bool compose_payload(struct lk_composer *c, struct lk_span rest, struct lk_paper *p)
{
    struct lk_span word, inside;
    while (lk_word_next(&rest, &word)) {
        size_t len = 0;
        bool ok = lk_word_block(word, "dns", &inside)    ? lk_compose_dns(c, inside, p)
                  : lk_word_block(word, "dhcp", &inside) ? lk_compose_dhcp(c, inside, p)
                                                         : lk_word_bytes(c, word, p->bytes + p->len, p->cap - p->len, &len);
        if (!ok)
            return false;
        p->len += len;
    }
    return true;
}

/* ---- the layers above IP: header, then what it carries, then length and checksum ---- */

static uint32_t pseudo_sum(const struct packet *k, size_t len)
{
    uint32_t sum = k->proto + (uint32_t)len;
    for (unsigned i = 0; i < 2; i++)
        sum += (k->address[i] >> 16) + (k->address[i] & 0xffff);
    return sum;
}

static void finish_sum(uint8_t *at, uint32_t sum, uint64_t how, bool zero_is_none)
{
    uint16_t value = (uint16_t)~sum;
    if (zero_is_none && value == 0)
        value = 0xffff;
    if (how == SUM_BAD)
        value = (uint16_t)(value ^ 0x0101) == 0 ? 0x0202 : value ^ 0x0101;
    store16(at, how == SUM_NONE ? 0 : value);
}

static bool compose_udp(struct lk_composer *c, const struct packet *k, struct lk_paper *p)
{
    size_t start = p->len;
    uint64_t len = UINT64_MAX, sum = SUM_RIGHT;
    const struct key keys[] = {{"len", 65535, &len}, {"sum", 0, &sum}};
    if (!read_keys(c, "udp", k->upper, keys, 2))
        return false;
    lk_put16(p, k->port[0]);
    lk_put16(p, k->port[1]);
    lk_put32(p, 0);
    if (!compose_payload(c, k->rest, p) || p->full)
        return false;
    uint8_t *udp = p->bytes + start;
    store16(udp + 4, len == UINT64_MAX ? p->len - start : len);
    finish_sum(udp + 6, sum_of(udp, p->len - start, pseudo_sum(k, p->len - start)), sum, true);
    return true;
}

static uint8_t tcp_flags(struct lk_span letters)
{
    static const char known[] = "FSRP.UEW";
    uint8_t bits = 0;
    for (size_t i = 0; i < letters.len; i++) {
        const char *found = letters.text[i] == 0 ? NULL : strchr(known, letters.text[i]);
        bits |= found == NULL ? 0 : (uint8_t)(1u << (found - known));
    }
    return bits;
}

/* flags=S. stands first in the block. */
static bool compose_tcp(struct lk_composer *c, const struct packet *k, struct lk_paper *p)
{
    size_t start = p->len;
    uint64_t seq = 1, ack = 0, win = 65535, sum = SUM_RIGHT, mss = 0, wscale = 256, sackok = 0, tsval = 0, tsecr = 0, urgent = 0;
    const struct key keys[] = {{"seq", UINT32_MAX, &seq}, {"ack", UINT32_MAX, &ack}, {"win", 65535, &win}, {"sum", 0, &sum}, {"mss", 65535, &mss},
                               {"wscale", 255, &wscale}, {"sackok", 1, &sackok}, {"tsval", UINT32_MAX, &tsval}, {"tsecr", UINT32_MAX, &tsecr}, {"urg", 65535, &urgent}};
    struct lk_span inside = k->upper, word, key, value = {".", 1};
    if (lk_word_next(&inside, &word)) {
        lk_word_pair(word, &key, &value);
        if (!lk_span_is(key, "flags") || value.text == NULL)
            return lk_compose_refuse(c, "tcp{}: begins with flags=, letters of FSRP.UEW");
    }
    if (!read_keys(c, "tcp", inside, keys, sizeof keys / sizeof *keys))
        return false;
    lk_put16(p, k->port[0]);
    lk_put16(p, k->port[1]);
    lk_put32(p, seq);
    lk_put32(p, ack);
    lk_put8(p, 0);
    lk_put8(p, tcp_flags(value));
    lk_put16(p, win);
    lk_put16(p, 0);
    lk_put16(p, urgent);
    if (mss != 0)
        lk_put32(p, UINT32_C(0x02040000) | mss);
    if (sackok)
        lk_put32(p, 0x01010402);
    if (tsval != 0 || tsecr != 0) {
        lk_put32(p, 0x0101080a);
        lk_put32(p, tsval);
        lk_put32(p, tsecr);
    }
    if (wscale < 256)
        lk_put32(p, UINT32_C(0x01030300) | wscale);
    size_t header = p->len - start;
    if (!compose_payload(c, k->rest, p) || p->full)
        return false;
    uint8_t *tcp = p->bytes + start;
    tcp[12] = (uint8_t)(header / 4 << 4);
    finish_sum(tcp + 16, sum_of(tcp, p->len - start, pseudo_sum(k, p->len - start)), sum, false);
    return true;
}

static bool compose_packet(struct lk_composer *c, struct lk_span words, struct lk_paper *p, uint32_t address[2], unsigned depth);

/* `quoting [BYTES] PACKET`: its IP header and BYTES more (8; RFC 1812 4.3.2.3 allows up to 548). */
static bool compose_quoted(struct lk_composer *c, struct lk_span rest, struct lk_paper *p, unsigned depth)
{
    size_t start = p->len;
    uint64_t most = 8;
    uint32_t address[2];
    struct lk_span ahead = rest, word;
    if (lk_word_next(&ahead, &word) && word.text[0] >= '0' && word.text[0] <= '9') {
        if (!lk_word_number(c, (struct lk_span){"quoting", 7}, word, 65535, &most))
            return false;
        rest = ahead;
    }
    if (!compose_packet(c, rest, p, address, depth + 1) || p->full)
        return false;
    size_t keep = (size_t)(p->bytes[start] & 15u) * 4 + (size_t)most;
    if (p->len - start > keep)
        p->len = start + keep;
    return true;
}

static bool compose_icmp(struct lk_composer *c, const struct packet *k, struct lk_paper *p, unsigned depth)
{
    size_t start = p->len;
    uint64_t type = 8, code = 0, id = 0, seq = 0, mtu = 0, gateway = 0, pointer = 0, sum = SUM_RIGHT, word32 = UINT64_MAX;
    const struct key keys[] = {{"type", 255, &type}, {"code", 255, &code}, {"id", 65535, &id}, {"seq", 65535, &seq}, {"mtu", 65535, &mtu},
                               {"gateway", UINT32_MAX, &gateway}, {"pointer", 255, &pointer}, {"sum", 0, &sum}, {"word", UINT32_MAX, &word32}};
    struct lk_span rest = k->rest;
    if (!read_keys(c, "icmp", k->upper, keys, sizeof keys / sizeof *keys))
        return false;
    lk_put8(p, type);
    lk_put8(p, code);
    lk_put16(p, 0);
    lk_put32(p, word32 != UINT64_MAX ? word32 : type == 5 ? gateway : type == 12 ? pointer << 24 : id << 16 | (type == 3 ? mtu : seq));
    bool ok = lk_word_take(&rest, "quoting") ? compose_quoted(c, rest, p, depth) : compose_payload(c, rest, p);
    if (!ok || p->full)
        return false;
    finish_sum(p->bytes + start + 2, sum_of(p->bytes + start, p->len - start, 0), sum, false);
    return true;
}

/* ---- IPv4 ---- */

static bool read_end(struct lk_composer *c, struct lk_span *rest, struct packet *k, unsigned side)
{
    struct lk_span word, host, port;
    uint64_t number = 0;
    if (!lk_word_next(rest, &word))
        return lk_compose_refuse(c, "an address is missing");
    lk_span_cut(word, ':', &host, &port);
    if (!lk_word_ip4(c, host, &k->address[side]))
        return false;
    bool ports = k->proto == PROTO_UDP || k->proto == PROTO_TCP;
    if (ports != (port.text != NULL))
        return lk_compose_refuse(c, ports ? "\"%.*s\" has no port" : "\"%.*s\" has a port", SHOWN(word));
    if (ports && !lk_word_number(c, (struct lk_span){"port", 4}, port, 65535, &number))
        return false;
    k->port[side] = (uint16_t)number;
    return true;
}

static bool read_packet(struct lk_composer *c, struct lk_span words, struct packet *k)
{
    struct lk_span word, ahead;
    const char *name;
    if (!lk_word_next(&words, &word))
        return lk_compose_refuse(c, "a packet is missing");
    k->proto = lk_span_is(word, "udp") ? PROTO_UDP : lk_span_is(word, "tcp") ? PROTO_TCP : lk_span_is(word, "icmp") ? PROTO_ICMP : PROTO_RAW;
    if (k->proto == PROTO_RAW && !lk_span_is(word, "ip"))
        return lk_compose_refuse(c, "\"%.*s\" is none of udp, tcp, icmp, ip, arp, hex, frame", SHOWN(word));
    name = k->proto == PROTO_UDP ? "udp" : k->proto == PROTO_TCP ? "tcp" : "icmp";
    if (!read_end(c, &words, k, 0))
        return false;
    if (!lk_word_take(&words, ">"))
        return lk_compose_refuse(c, "\">\" is missing between the addresses");
    if (!read_end(c, &words, k, 1))
        return false;
    for (ahead = words; lk_word_next(&ahead, &word); words = ahead)
        if (!lk_word_block(word, "ip", &k->ip) && (k->proto == PROTO_RAW || !lk_word_block(word, name, &k->upper)))
            break;
    k->rest = words;
    return true;
}

static void put_options(struct lk_composer *c, struct lk_span value, struct lk_paper *p)
{
    uint8_t bytes[40];
    size_t len = 0;
    if (!lk_word_bytes(c, value, bytes, sizeof bytes, &len))
        return;
    lk_put(p, bytes, len);
    while (len++ % 4 != 0)
        lk_put8(p, 0);
}

static bool take_options(struct lk_composer *c, struct lk_span *inside, struct lk_span *options)
{
    struct lk_span word, key, value, ahead = *inside;
    *options = (struct lk_span){NULL, 0};
    if (!lk_word_next(&ahead, &word))
        return true;
    lk_word_pair(word, &key, &value);
    if (!lk_span_is(key, "options"))
        return true;
    *inside = ahead;
    *options = value;
    return value.text != NULL || lk_compose_refuse(c, "ip{}: options=hex:...");
}

/* A whole IP packet; options=hex:.. stands first in its block. */
static bool compose_packet(struct lk_composer *c, struct lk_span words, struct lk_paper *p, uint32_t address[2], unsigned depth)
{
    size_t start = p->len;
    struct packet k = {0};
    uint64_t ttl = 64, id = 0, tos = 0, df = 0, mf = 0, offset = 0, evil = 0, proto, len = UINT64_MAX, version = 4, ihl = UINT64_MAX, sum = SUM_RIGHT;
    struct lk_span options;
    if (depth > DEPTH)
        return lk_compose_refuse(c, "packets quoted more than %d deep", DEPTH);
    if (!read_packet(c, words, &k) || !take_options(c, &k.ip, &options))
        return false;
    proto = k.proto == PROTO_RAW ? 253 : k.proto; /* RFC 3692: for experiments */
    const struct key keys[] = {{"ttl", 255, &ttl}, {"id", 65535, &id}, {"tos", 255, &tos}, {"df", 1, &df}, {"mf", 1, &mf}, {"offset", 65528, &offset},
                               {"evil", 1, &evil}, {"proto", 255, &proto}, {"len", 65535, &len}, {"version", 15, &version}, {"ihl", 15, &ihl}, {"sum", 0, &sum}};
    if (!read_keys(c, "ip", k.ip, keys, sizeof keys / sizeof *keys))
        return false;
    lk_put8(p, 0);
    lk_put8(p, tos);
    lk_put16(p, 0);
    lk_put16(p, id);
    lk_put16(p, offset / 8 | mf << 13 | df << 14 | evil << 15);
    lk_put8(p, ttl);
    lk_put8(p, proto);
    lk_put16(p, 0);
    lk_put32(p, k.address[0]);
    lk_put32(p, k.address[1]);
    if (options.text != NULL)
        put_options(c, options, p);
    size_t header = p->len - start;
    bool ok = !c->failed && (k.proto == PROTO_UDP ? compose_udp(c, &k, p) : k.proto == PROTO_TCP ? compose_tcp(c, &k, p)
                             : k.proto == PROTO_ICMP ? compose_icmp(c, &k, p, depth) : compose_payload(c, k.rest, p));
    if (!ok || p->full)
        return p->full ? lk_compose_refuse(c, "a frame of more than %d bytes", LK_COMPOSE_FRAME) : false;
    uint8_t *ip = p->bytes + start;
    ip[0] = (uint8_t)(version << 4 | (ihl == UINT64_MAX ? header / 4 : ihl));
    store16(ip + 2, len == UINT64_MAX ? p->len - start : len);
    finish_sum(ip + 10, sum_of(ip, header, 0), sum, false);
    memcpy(address, k.address, sizeof k.address);
    return true;
}

/* ---- the link ---- */

void lk_compose_mac(uint32_t address, uint8_t mac[6])
{
    const uint8_t made[6] = {0x02, 0, (uint8_t)(address >> 24), (uint8_t)(address >> 16), (uint8_t)(address >> 8), (uint8_t)address};
    memcpy(mac, made, 6);
}

static uint32_t load32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* The MAC that a capture shows for an address: of who sends from it. */
static const uint8_t *seen_mac(const struct lk_capture *capture, uint32_t address)
{
    for (size_t n = 0; address != 0 && n < capture->count; n++) {
        const struct lk_captured *f = &capture->frames[n];
        bool ip = f->len >= 34 && f->bytes[12] == 8 && f->bytes[13] == 0, arp = f->len >= 42 && f->bytes[12] == 8 && f->bytes[13] == 6;
        if ((ip && load32(f->bytes + 26) == address) || (arp && load32(f->bytes + 28) == address))
            return f->bytes + 6;
    }
    return NULL;
}

bool lk_compose_iface_mac(const struct lk_trace *trace, size_t iface, uint8_t mac[6])
{
    struct lk_trace_iface i = lk_trace_iface(trace, iface);
    uint32_t address = lk_addr_ip4(&i.host.address);
    const uint8_t *seen = i.host.has_mac ? i.host.mac : seen_mac(&i.capture, address);
    if (seen != NULL)
        memcpy(mac, seen, 6);
    else
        lk_compose_mac(address == 0 ? 1 + (uint32_t)iface : address, mac);
    return seen != NULL;
}

static uint32_t mask_of(uint32_t prefix)
{
    return prefix == 0 ? 0 : UINT32_MAX << (32 - (prefix > 32 ? 32 : prefix));
}

/* "NETWORK/PREFIX via ADDRESS" */
static bool read_route(struct lk_composer *c, const char *text, uint32_t *network, uint32_t *prefix, uint32_t *via)
{
    struct lk_span rest = {text, strlen(text)}, word, head, tail;
    uint64_t number = 0;
    if (!lk_word_next(&rest, &word))
        return false;
    lk_span_cut(word, '/', &head, &tail);
    if (tail.text == NULL || !lk_word_ip4(c, head, network) || !lk_word_number(c, head, tail, 32, &number) || !lk_word_take(&rest, "via") || !lk_word_next(&rest, &word))
        return false;
    *prefix = (uint32_t)number;
    return lk_word_ip4(c, word, via);
}

uint32_t lk_compose_next_hop(const struct lk_trace *trace, size_t iface, uint32_t destination)
{
    struct lk_trace_iface i = lk_trace_iface(trace, iface);
    struct lk_composer c = {.memory = trace->memory};
    uint32_t own = lk_addr_ip4(&i.host.address), best = destination, longest = 0, network, prefix, via;
    if (own != 0 && ((own ^ destination) & mask_of(i.host.prefix)) == 0)
        return destination;
    for (size_t from = 0;;) {
        const char *route = lk_trace_app(trace, "route", &from);
        if (route == NULL)
            return best;
        if (!read_route(&c, route, &network, &prefix, &via) || ((network ^ destination) & mask_of(prefix)) != 0 || prefix + 1 <= longest)
            continue;
        if (((via ^ own) & mask_of(i.host.prefix)) != 0)
            continue; /* that one is on another interface */
        longest = prefix + 1;
        best = via;
    }
}

static void destination_mac(const struct lk_trace *trace, size_t iface, uint32_t address, uint8_t mac[6])
{
    struct lk_trace_iface i = lk_trace_iface(trace, iface);
    uint32_t own = lk_addr_ip4(&i.host.address), mask = mask_of(i.host.prefix);
    bool directed = own != 0 && i.host.prefix < 31 && ((address ^ own) & mask) == 0 && (address & ~mask) == ~mask;
    if (address == UINT32_MAX || directed) {
        memset(mac, 0xff, 6);
    } else if (address >> 28 == 14) { /* RFC 1112 6.4 */
        const uint8_t group[6] = {1, 0, 0x5e, (uint8_t)(address >> 16 & 0x7f), (uint8_t)(address >> 8), (uint8_t)address};
        memcpy(mac, group, 6);
    } else {
        lk_compose_mac(address, mac);
    }
}

/* Who sends, and to whom, where the line does not say so: what comes in is sent by the host with that address, or by the router it is behind. */
static void link_addresses(const struct lk_trace *trace, enum lk_dir dir, size_t iface, const uint32_t address[2], uint8_t ether[12])
{
    uint8_t own[6];
    lk_compose_iface_mac(trace, iface, own);
    if (dir == LK_OUT) {
        memcpy(ether + 6, own, 6);
        destination_mac(trace, iface, address[1] == UINT32_MAX || address[1] >> 28 == 14 ? address[1] : lk_compose_next_hop(trace, iface, address[1]), ether);
        return;
    }
    uint8_t broadcast[6];
    destination_mac(trace, iface, address[1], broadcast);
    memcpy(ether, broadcast[0] & 1 ? broadcast : own, 6);
    lk_compose_mac(lk_compose_next_hop(trace, iface, address[0]), ether + 6);
}

static bool read_ether(struct lk_composer *c, struct lk_span inside, uint8_t ether[14])
{
    struct lk_span word, key, value;
    while (lk_word_next(&inside, &word)) {
        uint64_t type;
        lk_word_pair(word, &key, &value);
        if (lk_span_is(key, "type") && lk_word_number(c, key, value, 65535, &type))
            store16(ether + 12, type);
        else if (lk_span_is(key, "dst") || lk_span_is(key, "src")) {
            if (!lk_word_mac(c, value, ether + (lk_span_is(key, "dst") ? 0 : 6)))
                return false;
        } else {
            return lk_compose_refuse(c, "eth{}: src=MAC dst=MAC type=NUMBER");
        }
    }
    return true;
}

/* arp{op=1 sha=MAC spa=ADDRESS tha=MAC tpa=ADDRESS}: op 1 asks, 2 answers; what is not said follows from the addresses. */
static bool compose_arp(struct lk_composer *c, const struct lk_trace *trace, enum lk_dir dir, size_t iface, struct lk_span inside, struct lk_paper *p, uint8_t ether[14])
{
    uint64_t op = 1;
    uint32_t address[2] = {0, 0};
    uint8_t mac[2][6] = {{0}};
    bool said[2] = {false, false};
    struct lk_span word, key, value;
    while (lk_word_next(&inside, &word)) {
        lk_word_pair(word, &key, &value);
        bool ok = lk_span_is(key, "op") ? lk_word_number(c, key, value, 65535, &op) : lk_span_is(key, "spa") ? lk_word_ip4(c, value, &address[0])
                  : lk_span_is(key, "tpa") ? lk_word_ip4(c, value, &address[1]) : lk_span_is(key, "sha") ? (said[0] = true, lk_word_mac(c, value, mac[0]))
                  : lk_span_is(key, "tha") ? (said[1] = true, lk_word_mac(c, value, mac[1])) : lk_compose_refuse(c, "arp{}: there is no \"%.*s\"", SHOWN(key));
        if (!ok)
            return false;
    }
    if (!said[0] && dir == LK_OUT)
        lk_compose_iface_mac(trace, iface, mac[0]);
    else if (!said[0])
        lk_compose_mac(address[0], mac[0]);
    if (!said[1] && op == 2 && dir == LK_IN)
        lk_compose_iface_mac(trace, iface, mac[1]);
    else if (!said[1] && op == 2)
        lk_compose_mac(address[1], mac[1]);
    memset(ether, 0xff, 6);
    if (op == 2)
        memcpy(ether, mac[1], 6);
    memcpy(ether + 6, mac[0], 6);
    store16(ether + 12, 0x0806);
    lk_put32(p, 0x00010800);
    lk_put16(p, 0x0604);
    lk_put16(p, op);
    for (unsigned i = 0; i < 2; i++) {
        lk_put(p, mac[i], 6);
        lk_put32(p, address[i]);
    }
    return true;
}

bool lk_compose_frame(struct lk_composer *c, const struct lk_trace *trace, enum lk_dir dir, size_t iface, struct lk_span words, struct lk_paper *p)
{
    struct lk_span word, inside, ahead = words, link = {NULL, 0};
    uint8_t ether[14] = {0};
    uint32_t address[2] = {0, 0};
    bool ok;
    if (lk_word_take(&ahead, "hex")) {
        size_t len = 0;
        if (!lk_word_next(&ahead, &word) || !lk_word_bytes(c, word, p->bytes, p->cap, &len))
            return lk_compose_refuse(c, "hex: the whole frame as hex:DIGITS");
        p->len = len;
        return true;
    }
    if (lk_word_next(&ahead, &word) && lk_word_block(word, "eth", &link))
        words = ahead;
    lk_put(p, ether, sizeof ether);
    ahead = words;
    if (lk_word_next(&ahead, &word) && lk_word_block(word, "arp", &inside)) {
        ok = compose_arp(c, trace, dir, iface, inside, p, ether);
    } else {
        ok = compose_packet(c, words, p, address, 0);
        link_addresses(trace, dir, iface, address, ether);
        store16(ether + 12, 0x0800);
    }
    if (!ok || (link.text != NULL && !read_ether(c, link, ether)))
        return false;
    memcpy(p->bytes, ether, sizeof ether);
    return !p->full || lk_compose_refuse(c, "a frame of more than %d bytes", LK_COMPOSE_FRAME);
}
