/* A gateway with NAT between an inside and an outside, packets of any kind from both: the input is a row of packets, answers to what
 * left, ICMP errors about it, and steps of time. After each one the gateway's own invariants hold, what left is sound, and a second,
 * naive table of bindings says the same as the gateway's.
 *
 *     octet 0: filtering (bits 0-1), hairpinning off (2), silent (3), small tables (4)
 *     then records: an octet, and what it needs
 *       kind (bits 0-2)  0..3 a packet: flags (octet), length (2 octets), bytes      4 time: 2 octets of 50 ms << (bits 3-6)
 *                        5 the answer to what left last (bit 7: nobody took it)   6 an ICMP error about it   7 a port published, or another outside address
 *       packet: bit 3 from outside; flags: 1 repair lengths and checksums, 2 choose addresses from those in use, 4 choose ports too */
#include "fuzz/common/law.h"
#include "stack/base/bytes.h"
#include "stack/gateway/gateway.h"
#include "stack/wire/checksum.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"

#define IN_IP 0xc0a80101u
#define OUT_IP 0xcb007101u
#define UPLINK 0xcb0071feu
#define MOST 1600
#define BINDINGS 64
#define STEPS 300

/* What the naive table says: looked through from end to end. UDP and queries, whose life depends on time alone. */
struct entry { uint8_t protocol; uint32_t inside; uint16_t inside_port, outside_port; lk_time until; bool fixed; };

struct world {
	struct lk_gateway *g;
	struct lk_gateway_config config;
	uint32_t outside;
	lk_time now;
	uint8_t last[MOST]; /* what left last */
	size_t last_len;
	bool last_outside;  /* by the outside */
	struct entry entry[BINDINGS];
	uint32_t entries;
};

/* ---- reading a packet without the gateway's help ---- */

struct flow { bool whole, first, ports; uint8_t protocol, type; uint32_t from, to; uint16_t sport, dport; const uint8_t *t; size_t len; };

static bool read_flow(const uint8_t *p, size_t len, struct flow *out)
{
	struct lk_ipv4 ip;
	if (lk_ipv4_parse(p, len, &ip) < 0)
		return false;
	*out = (struct flow){.whole = !lk_ipv4_is_fragment(&ip), .first = ip.fragment_offset == 0, .protocol = ip.protocol,
	                     .from = ip.source_address, .to = ip.destination_address, .t = ip.payload, .len = ip.payload_len};
	if (!out->first || ip.payload_len < 8)
		return true;
	if (ip.protocol == LK_PROTOCOL_TCP || ip.protocol == LK_PROTOCOL_UDP) {
		out->ports = true;
		out->sport = lk_load_be16(ip.payload);
		out->dport = lk_load_be16(ip.payload + 2);
	} else if (ip.protocol == LK_PROTOCOL_ICMP) {
		out->type = ip.payload[0];
		out->ports = out->type == LK_ICMPV4_ECHO || out->type == LK_ICMPV4_ECHO_REPLY || out->type == LK_ICMPV4_TIMESTAMP ||
		             out->type == LK_ICMPV4_TIMESTAMP_REPLY;
		out->sport = out->dport = lk_load_be16(ip.payload + 4);
	}
	return true;
}

/* Whether the transport's checksum is right; true where it cannot be told. */
static bool sum_right(const struct flow *f)
{
	uint64_t pseudo = lk_checksum_pseudo_ipv4(f->from, f->to, f->protocol, (uint16_t)f->len);
	if (!f->whole || f->len < 8)
		return true;
	if (f->protocol == LK_PROTOCOL_ICMP)
		return lk_icmpv4_checksum_ok(f->t, f->len);
	if (f->protocol == LK_PROTOCOL_UDP)
		return lk_load_be16(f->t + 6) == 0 || lk_checksum_ok(lk_checksum_add(pseudo, f->t, f->len));
	return f->protocol != LK_PROTOCOL_TCP || lk_checksum_ok(lk_checksum_add(pseudo, f->t, f->len));
}

static bool is_inside(uint32_t address)
{
	return address >> 8 == IN_IP >> 8;
}

/* ---- the naive table ---- */

static struct entry *by_inside(struct world *w, uint8_t protocol, uint32_t inside, uint16_t port)
{
	for (uint32_t i = 0; i < w->entries; i++) {
		struct entry *e = &w->entry[i];
		if (e->protocol == protocol && e->inside == inside && e->inside_port == port)
			return e;
	}
	return NULL;
}

static struct entry *by_outside(struct world *w, uint8_t protocol, uint16_t port)
{
	for (uint32_t i = 0; i < w->entries; i++)
		if (w->entry[i].protocol == protocol && w->entry[i].outside_port == port)
			return &w->entry[i];
	return NULL;
}

static void expire(struct world *w)
{
	for (uint32_t i = 0; i < w->entries;)
		if (!w->entry[i].fixed && w->entry[i].until <= w->now)
			w->entry[i] = w->entry[--w->entries];
		else
			i++;
}

/* The inside endpoint sent by an outside port: the one it has, or one that nobody has. */
static void learn(struct world *w, const struct flow *in, uint16_t outside_port)
{
	struct entry *e = by_inside(w, in->protocol, in->from, in->sport);
	if (e == NULL) {
		law(by_outside(w, in->protocol, outside_port) == NULL, "gateway: two inside endpoints never share an outside port");
		law(w->entries < w->config.mappings && w->entries < BINDINGS, "gateway: bindings are bounded");
		e = &w->entry[w->entries++];
		*e = (struct entry){.protocol = in->protocol, .inside = in->from, .inside_port = in->sport, .outside_port = outside_port};
	}
	law(e->outside_port == outside_port, "gateway: one inside endpoint keeps its outside port");
	e->until = lk_time_add(w->now, in->protocol == LK_PROTOCOL_UDP ? w->config.udp_timeout : w->config.icmp_timeout);
}

/* Both tables hold the same of UDP and queries; of TCP the gateway's holds no port and no endpoint twice. */
static void compare(struct world *w)
{
	struct lk_nat_binding b[BINDINGS];
	uint32_t count = 0, plain = 0;
	while (count < BINDINGS && lk_gateway_binding(w->g, count, &b[count]) == 0)
		count++;
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t k = 0; k < i; k++) {
			law(b[i].protocol != b[k].protocol || b[i].outside.port != b[k].outside.port, "gateway: no port twice");
			law(b[i].protocol != b[k].protocol || b[i].inside.port != b[k].inside.port || !lk_addr_equal(&b[i].inside.address, &b[k].inside.address),
			    "gateway: no endpoint twice");
		}
		if (b[i].protocol == LK_PROTOCOL_TCP)
			continue;
		const struct entry *e = by_inside(w, b[i].protocol, lk_addr_ip4(&b[i].inside.address), b[i].inside.port);
		law(e != NULL && e->outside_port == b[i].outside.port, "gateway: each binding is in the naive table");
		law(e->fixed ? b[i].expires == LK_NEVER : b[i].expires == e->until, "gateway: both tables agree when it ends");
		plain++;
	}
	law(plain == w->entries, "gateway: each of the naive table is a binding");
}

/* ---- what leaves ---- */

static void sound(struct world *w, const struct lk_gateway_out *out)
{
	struct flow f;
	must_be_initialised(out->bytes, out->len);
	law(read_flow(out->bytes, out->len, &f), "gateway: what leaves can be read");
	law(lk_ipv4_checksum_ok(out->bytes, (out->bytes[0] & 15u) * 4), "gateway: the header's checksum is right");
	law(out->bytes[8] > 0, "gateway: no TTL of 0 leaves");
	law(out->iface < w->config.ifaces && out->len <= w->config.iface[out->iface].mtu, "gateway: what leaves fits its link");
	law(out->iface != 1 || !is_inside(f.from), "gateway: no inside address is seen outside");
	law(out->iface != 1 || f.from == w->outside, "gateway: outside only one address sends");
	w->last_len = out->len < MOST ? out->len : MOST;
	memcpy(w->last, out->bytes, w->last_len);
	w->last_outside = out->iface == 1;
}

/* A packet from outside that was let in is somebody's who asked. */
static void asked_for(struct world *w, const struct flow *in, const struct lk_gateway_out *out)
{
	struct flow f;
	read_flow(out->bytes, out->len, &f);
	law(in->to == w->outside, "gateway: from outside only the outside address can be reached");
	if (in->protocol == LK_PROTOCOL_TCP || !in->ports)
		return;
	const struct entry *e = by_outside(w, in->protocol, in->dport);
	law(e != NULL && e->inside == f.to && e->inside_port == f.dport, "gateway: nothing comes in unasked for");
}

/* What an error quotes is the packet as its receiver knows it, and sound if it came so. */
static void quote(struct world *w, const struct flow *in, const struct flow *out)
{
	struct flow was, is;
	if (in->protocol != LK_PROTOCOL_ICMP || !in->whole || in->len < 28 || !lk_icmpv4_is_error(in->type))
		return;
	if (!read_flow(in->t + 8, in->len - 8, &was) || !read_flow(out->t + 8, out->len - 8, &is))
		return;
	law(lk_ipv4_checksum_ok(out->t + 8, (out->t[8] & 15u) * 4), "gateway: the quoted header's checksum is right");
	law(is.from == out->to, "gateway: the quoted packet's sender is the receiver of the error");
	law(!sum_right(&was) || sum_right(&is), "gateway: the quoted packet's checksum stays right");
	if (in->to != w->outside || was.protocol != LK_PROTOCOL_UDP || was.len < 8)
		return;
	const struct entry *e = by_outside(w, LK_PROTOCOL_UDP, was.sport);
	law(e != NULL && e->inside_port == is.sport, "gateway: the quoted packet has its inside port");
}

static void judge(struct world *w, uint32_t iface, const uint8_t *packet, size_t len, int verdict, const struct lk_gateway_out *out)
{
	struct flow in, f;
	if (!read_flow(packet, len, &in))
		return;
	bool plain = in.ports && ((in.protocol == LK_PROTOCOL_UDP) || in.type == LK_ICMPV4_ECHO || in.type == LK_ICMPV4_TIMESTAMP);
	if (verdict == LK_GATEWAY_FORWARD) {
		read_flow(out->bytes, out->len, &f);
		law(!sum_right(&in) || sum_right(&f), "gateway: a right checksum stays right");
		law(sum_right(&in) || !f.whole || !in.whole || !sum_right(&f), "gateway: a wrong checksum stays wrong");
		quote(w, &in, &f);
		if (iface == 1)
			asked_for(w, &in, out);
		if (iface == 0 && plain && (out->iface == 1 || in.to == w->outside))
			learn(w, &in, f.sport);
	} else if (verdict == LK_GATEWAY_DROP_FILTERED && iface == 0 && w->config.hairpinning && plain && in.to == w->outside && is_inside(in.from)) {
		struct lk_nat_binding b; /* stopped by the receiver's filter, sent all the same */
		for (uint32_t i = 0; lk_gateway_binding(w->g, i, &b) == 0; i++)
			if (b.protocol == in.protocol && lk_addr_ip4(&b.inside.address) == in.from && b.inside.port == in.sport)
				learn(w, &in, b.outside.port);
	}
}

static void step(struct world *w, uint32_t iface, const uint8_t *bytes, size_t len)
{
	uint8_t *packet = exact_copy(bytes, len), room[MOST];
	struct lk_gateway_in in = {.iface = iface, .packet = packet, .len = len};
	struct lk_gateway_out out = {.bytes = room, .cap = sizeof room};
	int verdict = lk_gateway_step(w->g, &in, &out, w->now), more, count = 0;
	law(verdict >= 0 && verdict < LK_GATEWAY_VERDICTS && strcmp(lk_gateway_verdict_name(verdict), "?") != 0, "gateway: a verdict with a name");
	if (verdict == LK_GATEWAY_FORWARD || verdict == LK_GATEWAY_ANSWER)
		sound(w, &out);
	judge(w, iface, packet, len, verdict, &out);
	while ((more = lk_gateway_more(w->g, &out, w->now)) >= 0) {
		law(more == LK_GATEWAY_FORWARD || more == LK_GATEWAY_ANSWER, "gateway: more is a packet");
		law(++count <= 64, "gateway: the work of one packet is bounded");
		sound(w, &out);
	}
	law(more == LK_E_AGAIN, "gateway: more ends");
	free(packet);
}

/* ---- making packets ---- */

static void repair(uint8_t *p, size_t len)
{
	if (len < 20)
		return;
	size_t header = (p[0] & 15u) * 4;
	header = header < 20 || header > len ? 20 : header;
	p[0] = (uint8_t)(0x40 | header / 4);
	lk_store_be16(p + 2, (uint16_t)len);
	size_t at = p[9] == LK_PROTOCOL_TCP ? 16 : p[9] == LK_PROTOCOL_UDP ? 6 : 2, part = len - header;
	if (p[9] == LK_PROTOCOL_UDP && part >= 8)
		lk_store_be16(p + header + 4, (uint16_t)part);
	if ((p[9] == LK_PROTOCOL_TCP || p[9] == LK_PROTOCOL_UDP || p[9] == LK_PROTOCOL_ICMP) && part >= at + 2) {
		uint64_t sum = p[9] == LK_PROTOCOL_ICMP ? 0 : lk_checksum_pseudo_ipv4(lk_load_be32(p + 12), lk_load_be32(p + 16), p[9], (uint16_t)part);
		lk_store_be16(p + header + at, 0);
		uint16_t checksum = lk_checksum_finish(lk_checksum_add(sum, p + header, part));
		lk_store_be16(p + header + at, p[9] == LK_PROTOCOL_UDP && checksum == 0 ? 0xffff : checksum);
	}
	lk_store_be16(p + 10, 0);
	lk_store_be16(p + 10, lk_checksum_finish(lk_checksum_add(0, p, header)));
}

/* Addresses and ports from the few that mean something here. */
static void choose(const struct world *w, uint8_t *p, size_t len, bool outside, bool ports)
{
	static const uint32_t far[] = {0xc6336401, 0xc6336402, UPLINK, 0xc0a80114};
	if (len < 20)
		return;
	uint32_t inside = 0xc0a8010a + p[15] % 3;
	uint32_t to = (p[19] & 8) != 0 ? w->outside : far[p[19] % 3];
	lk_store_be32(p + 12, outside ? far[p[15] % 4] : inside);
	lk_store_be32(p + 16, !outside ? to : (p[19] & 16) != 0 ? inside : w->outside);
	size_t header = (p[0] & 15u) * 4;
	if (ports && header >= 20 && len >= header + 8 && (p[6] & 0x1f) == 0 && p[7] == 0) {
		lk_store_be16(p + header, (uint16_t)(5000 + p[header + 1] % 4));
		lk_store_be16(p + header + 2, (uint16_t)(5000 + p[header + 3] % 4));
	}
}

static void packet_of(struct world *w, uint8_t kind, struct feed *f)
{
	uint8_t flags = feed_8(f), bytes[MOST];
	size_t len = feed_16(f) % MOST, got;
	bool outside = (kind & 8) != 0;
	const uint8_t *from = feed_bytes(f, len, &got);
	if (got > 0)
		memcpy(bytes, from, got);
	if ((flags & 2) != 0)
		choose(w, bytes, got, outside, (flags & 4) != 0);
	if ((flags & 1) != 0)
		repair(bytes, got);
	step(w, outside ? 1 : 0, bytes, got);
}

/* What left last comes back, turned round. */
static void answer(struct world *w, uint8_t kind)
{
	uint8_t p[MOST];
	size_t len = w->last_len, header = len < 20 ? 0 : (w->last[0] & 15u) * 4;
	if (len < 28 || header < 20 || len < header + 8)
		return;
	memcpy(p, w->last, len);
	memcpy(p + 12, w->last + 16, 4);
	memcpy(p + 16, w->last + 12, 4);
	p[8] = 64;
	if (p[9] == LK_PROTOCOL_ICMP) {
		p[header] = p[header] == LK_ICMPV4_ECHO ? LK_ICMPV4_ECHO_REPLY : p[header] == LK_ICMPV4_TIMESTAMP ? LK_ICMPV4_TIMESTAMP_REPLY : p[header];
	} else {
		memcpy(p + header, w->last + header + 2, 2);
		memcpy(p + header + 2, w->last + header, 2);
	}
	if (p[9] == LK_PROTOCOL_TCP && len >= header + 20)
		p[header + 13] = (uint8_t)(p[header + 13] ^ (kind >> 3));
	repair(p, len);
	step(w, w->last_outside ? 1 : 0, p, len);
}

/* Or nobody took it on the last link: whom it came from is told. */
static void undeliverable(struct world *w)
{
	uint8_t room[MOST];
	struct lk_gateway_out out = {.bytes = room, .cap = sizeof room};
	uint8_t *packet = exact_copy(w->last, w->last_len);
	int verdict = lk_gateway_undeliverable(w->g, packet, w->last_len, w->last_outside ? 1 : 0, &out, w->now);
	struct flow error, quoted;
	if (verdict == LK_GATEWAY_ANSWER) {
		sound(w, &out);
		read_flow(out.bytes, out.len, &error);
		law(read_flow(error.t + 8, error.len - 8, &quoted) ? quoted.from == error.to : error.len > 500, "gateway: the sender is told of its own packet");
	}
	free(packet);
}

static void error_about(struct world *w, uint8_t kind)
{
	static const uint8_t types[] = {3, 11, 12, 5};
	uint8_t p[MOST] = {0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, LK_PROTOCOL_ICMP};
	size_t quote = w->last_len < 548 ? w->last_len : 548;
	if (quote < 20)
		return;
	lk_store_be32(p + 12, w->last_outside ? 0xc6336409 : lk_load_be32(w->last + 16));
	memcpy(p + 16, w->last + 12, 4);
	p[20] = types[kind >> 3 & 3];
	p[21] = (uint8_t)(kind >> 5);
	memcpy(p + 28, w->last, quote);
	repair(p, 28 + quote);
	step(w, w->last_outside ? 1 : 0, p, 28 + quote);
}

static void arrange(struct world *w, uint8_t kind, struct feed *f)
{
	if ((kind & 8) != 0) {
		struct lk_endpoint inside = {.address = lk_addr_from_ip4(0xc0a8010a + (kind >> 6)), .port = 5000};
		uint16_t port = (uint16_t)(600 + feed_8(f));
		bool udp = (kind & 16) != 0;
		if (lk_gateway_publish(w->g, udp ? LK_UDP : LK_TCP, port, &inside, w->now) == 0 && udp)
			w->entry[w->entries++] = (struct entry){LK_PROTOCOL_UDP, lk_addr_ip4(&inside.address), 5000, port, LK_NEVER, true};
		return;
	}
	uint32_t address = OUT_IP + (kind >> 4 & 3);
	law(lk_gateway_address(w->g, 1, lk_addr_from_ip4(address), 24, w->now) == 0, "gateway: an address can be given");
	for (uint32_t i = 0; i < w->entries && address != w->outside;)
		if (!w->entry[i].fixed)
			w->entry[i] = w->entry[--w->entries];
		else
			i++;
	w->outside = address;
}

static void record(struct world *w, struct feed *f)
{
	uint8_t kind = feed_8(f);
	uint8_t room[MOST];
	struct lk_gateway_out out = {.bytes = room, .cap = sizeof room};
	switch (kind & 7) {
	case 4:
		w->now = lk_time_add(w->now, ((lk_time)feed_16(f) * 50 * LK_MILLISECOND) << (kind >> 3 & 7));
		expire(w);
		lk_gateway_tick(w->g, w->now);
		while (lk_gateway_more(w->g, &out, w->now) >= 0)
			sound(w, &out);
		law(lk_gateway_deadline(w->g) > w->now, "gateway: nothing is due after it was done");
		break;
	case 5:
		if ((kind & 0x80) != 0)
			undeliverable(w);
		else
			answer(w, kind);
		break;
	case 6:
		error_about(w, kind);
		break;
	case 7:
		arrange(w, kind, f);
		break;
	default:
		packet_of(w, kind, f);
		break;
	}
}

static struct lk_gateway_config config_of(uint8_t octet)
{
	struct lk_gateway_config c;
	lk_gateway_config_init(&c);
	c.ifaces = 2;
	c.iface[0] = (struct lk_gateway_iface){.address = lk_addr_from_ip4(IN_IP), .prefix = 24, .mtu = 1500};
	c.iface[1] = (struct lk_gateway_iface){.address = lk_addr_from_ip4(OUT_IP), .prefix = 24, .mtu = (octet & 16) != 0 ? 600 : 1500, .outside = true};
	c.mappings = (octet & 16) != 0 ? 4 : BINDINGS;
	c.sessions = (octet & 16) != 0 ? 5 : 50;
	if ((octet & 16) != 0)
		c.port_low = 5000, c.port_high = 5004;
	c.filtering = octet % 3;
	c.hairpinning = (octet & 4) == 0;
	c.silent = (octet & 8) != 0;
	return c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[32] = {1, 2, 3};
	struct feed f = {data, size};
	struct world w = {.config = config_of(feed_8(&f)), .outside = OUT_IP};
	size_t need = lk_gateway_footprint(&w.config);
	void *memory = aligned_alloc(64, (need + 63) / 64 * 64);
	const char *where = "";

	law(memory != NULL && lk_gateway_init(memory, need, &w.config, 0, seed) == 0, "gateway: the configuration is sound");
	w.g = memory;
	lk_gateway_route_add(w.g, lk_addr_from_ip4(0), 0, lk_addr_from_ip4(UPLINK), 1);
	for (int i = 0; i < STEPS && f.left > 0; i++) {
		record(&w, &f);
		if (lk_gateway_check(w.g, &where) != 0 && LAWS_ON) {
			fprintf(stderr, "broken: %s\n", where);
			abort();
		}
		compare(&w);
	}
	free(memory);
	return 0;
}
