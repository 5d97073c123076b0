/* How long it takes to read and to write packets, beside a plain read of the same bytes in the same run.
 *
 *     bench_parse                     the table
 *     bench_parse --count N SET WORK  do WORK to the packets of SET N times round and print nothing: for counting
 *                                     instructions (conformance/bench/run takes the difference of two counts)
 *     bench_parse --sets, --works     their names
 *
 * The packets are made from a fixed seed. A time is the least of many short ones, so that other load on the machine
 * matters little; the ratio to the plain read travels better between machines than the time does. */
#define _POSIX_C_SOURCE 200809L

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stack/base/rng.h"
#include "stack/wire/checksum.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"

#define SLOT 2048 /* bytes kept for a packet */

struct set {
	const char *name;
	size_t count;
	uint8_t *bytes; /* count slots */
	size_t *len;
	size_t total; /* bytes of all packets */
};

/* Making packets */

static struct lk_rng rng;

static const uint8_t syn_options[20] = {2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 1, 2, 3, 0, 0, 0, 0, 1, 3, 3, 7};
static const uint8_t data_options[12] = {1, 1, 8, 10, 9, 8, 7, 6, 5, 4, 3, 2};

static void add(struct set *s, uint8_t protocol, const uint8_t *options, size_t options_len, size_t data)
{
	uint8_t *frame = s->bytes + SLOT * s->count;
	uint8_t *transport = frame + LK_ETHERNET_HEADER + LK_IPV4_HEADER;
	size_t header = protocol == LK_PROTOCOL_TCP ? LK_TCP_HEADER + options_len : LK_UDP_HEADER;
	struct lk_ipv4 ip = {.flags = LK_IPV4_DF, .time_to_live = 64, .protocol = protocol, .source_address = 0x0a090001,
	                     .destination_address = 0x0a090002, .identification = (uint16_t)lk_rng_next(&rng),
	                     .payload = transport, .payload_len = header + data};
	struct lk_ethernet ethernet = {.destination = {2, 0, 0, 0, 0, 2}, .source = {2, 0, 0, 0, 0, 1}, .type = LK_ETHERTYPE_IPV4,
	                               .payload = frame + LK_ETHERNET_HEADER, .payload_len = LK_IPV4_HEADER + header + data};
	uint64_t pseudo = lk_checksum_pseudo_ipv4(ip.source_address, ip.destination_address, protocol, (uint16_t)(header + data));
	struct lk_tcp tcp = {.source_port = (uint16_t)lk_rng_next(&rng), .destination_port = 80,
	                     .sequence_number = (uint32_t)lk_rng_next(&rng), .acknowledgment_number = (uint32_t)lk_rng_next(&rng),
	                     .control = options_len == 20 ? LK_TCP_SYN : LK_TCP_ACK, .window = 502, .options = options,
	                     .options_len = options_len, .payload = transport + header, .payload_len = data};
	struct lk_udp udp = {.source_port = tcp.source_port, .destination_port = 53, .payload = tcp.payload, .payload_len = data};

	for (size_t i = 0; i < data; i++) {
		transport[header + i] = (uint8_t)lk_rng_next(&rng);
	}
	if (protocol == LK_PROTOCOL_TCP) {
		lk_tcp_emit_summed(&tcp, pseudo, transport, SLOT);
	} else {
		lk_udp_emit_summed(&udp, pseudo, transport, SLOT);
	}
	lk_ipv4_emit_summed(&ip, frame + LK_ETHERNET_HEADER, SLOT);
	s->len[s->count] = (size_t)lk_ethernet_emit(&ethernet, frame, SLOT);
	s->total += s->len[s->count];
	s->count++;
}

static void add_kind(struct set *s, unsigned kind)
{
	switch (kind) {
	case 0:
		add(s, LK_PROTOCOL_TCP, syn_options, sizeof syn_options, 0);
		break;
	case 1:
		add(s, LK_PROTOCOL_TCP, data_options, sizeof data_options, 0);
		break;
	case 2:
		add(s, LK_PROTOCOL_TCP, data_options, sizeof data_options, 512);
		break;
	case 3:
		add(s, LK_PROTOCOL_TCP, data_options, sizeof data_options, 1448);
		break;
	default:
		add(s, LK_PROTOCOL_UDP, NULL, 0, 194);
		break;
	}
}

#define KINDS 5
static const char *const set_names[] = {"syn", "ack", "tcp512", "tcp1448", "udp194", "mix"};
#define SETS (sizeof set_names / sizeof set_names[0])

static struct set make(unsigned which)
{
	const uint8_t seed[32] = {'l', 'o', 'c', 'k', 's', 't', 'e', 'p'};
	size_t count = which < KINDS ? 64 : 2048;
	struct set s = {set_names[which], 0, calloc(count, SLOT), calloc(count, sizeof(size_t)), 0};

	if (s.bytes == NULL || s.len == NULL) {
		fprintf(stderr, "bench_parse: no memory\n");
		exit(2);
	}
	lk_rng_init(&rng, seed, which);
	for (size_t i = 0; i < count; i++) {
		add_kind(&s, which < KINDS ? which : lk_rng_below(&rng, KINDS));
	}
	return s;
}

/* The works */

/* The limit: every byte read once, as 64-bit numbers. */
static uint64_t plain_read(const uint8_t *bytes, size_t len)
{
	uint64_t sum = 0, word;
	size_t i = 0;

	for (; i + 8 <= len; i += 8) {
		memcpy(&word, bytes + i, 8);
		sum += word;
	}
	for (; i < len; i++) {
		sum += bytes[i];
	}
	return sum;
}

static uint64_t use_tcp(const struct lk_tcp *t)
{
	struct lk_tcp_options o;

	lk_tcp_options_parse(t->options, t->options_len, &o);
	return (uint64_t)t->source_port + t->destination_port + t->sequence_number + t->acknowledgment_number + t->control + t->window +
	       t->payload_len + o.mss + o.ts_val;
}

static uint64_t parse(const uint8_t *bytes, size_t len, int verify)
{
	struct lk_ethernet e;
	struct lk_ipv4 ip;
	struct lk_tcp t;
	struct lk_udp u;
	uint64_t pseudo, good = 0;

	if (lk_ethernet_parse(bytes, len, &e) < 0 || e.type != LK_ETHERTYPE_IPV4 || lk_ipv4_parse(e.payload, e.payload_len, &ip) < 0) {
		return 0;
	}
	pseudo = lk_checksum_pseudo_ipv4(ip.source_address, ip.destination_address, ip.protocol, (uint16_t)ip.payload_len);
	if (verify) {
		good = lk_ipv4_checksum_ok(e.payload, e.payload_len);
	}
	if (ip.protocol == LK_PROTOCOL_TCP && lk_tcp_parse(ip.payload, ip.payload_len, &t) > 0) {
		good += verify && lk_tcp_checksum_ok(ip.payload, ip.payload_len, pseudo);
		return ip.time_to_live + use_tcp(&t) + good;
	}
	if (ip.protocol == LK_PROTOCOL_UDP && lk_udp_parse(ip.payload, ip.payload_len, &u) > 0) {
		good += verify && lk_udp_checksum_ok(ip.payload, ip.payload_len, pseudo);
		return (uint64_t)ip.time_to_live + u.source_port + u.destination_port + u.payload_len + good;
	}
	return 0;
}

static uint64_t parse_only(const uint8_t *bytes, size_t len)
{
	return parse(bytes, len, 0);
}

static uint64_t parse_and_verify(const uint8_t *bytes, size_t len)
{
	return parse(bytes, len, 1);
}

/* What was parsed, written into another frame with its checksums; the data is copied. */
static uint64_t emit_summed(const uint8_t *bytes, size_t len)
{
	static uint8_t frame[SLOT];
	uint8_t *transport = frame + LK_ETHERNET_HEADER + LK_IPV4_HEADER;
	struct lk_ethernet e;
	struct lk_ipv4 ip;
	struct lk_tcp t;
	struct lk_udp u;
	uint64_t pseudo;

	lk_ethernet_parse(bytes, len, &e);
	lk_ipv4_parse(e.payload, e.payload_len, &ip);
	pseudo = lk_checksum_pseudo_ipv4(ip.source_address, ip.destination_address, ip.protocol, (uint16_t)ip.payload_len);
	if (ip.protocol == LK_PROTOCOL_TCP) {
		lk_tcp_parse(ip.payload, ip.payload_len, &t);
		lk_tcp_emit_summed(&t, pseudo, transport, SLOT / 2 + 900);
	} else {
		lk_udp_parse(ip.payload, ip.payload_len, &u);
		lk_udp_emit_summed(&u, pseudo, transport, SLOT / 2 + 900);
	}
	ip.payload = transport;
	lk_ipv4_emit_summed(&ip, frame + LK_ETHERNET_HEADER, SLOT - LK_ETHERNET_HEADER);
	e.payload = frame + LK_ETHERNET_HEADER;
	return (uint64_t)lk_ethernet_emit(&e, frame, SLOT);
}

typedef uint64_t work(const uint8_t *bytes, size_t len);

static const struct {
	const char *name;
	work *do_it;
} works[] = {{"read", plain_read}, {"parse", parse_only}, {"verify", parse_and_verify}, {"emit", emit_summed}};
#define WORKS (sizeof works / sizeof works[0])

/* Measuring */

static volatile uint64_t sink;

static void once_round(const struct set *s, work *do_it)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->count; i++) {
		sum += do_it(s->bytes + SLOT * i, s->len[i]);
	}
	sink = sum;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Nanoseconds a packet: the least of 60 runs of about a millisecond each. */
static double least_ns(const struct set *s, work *do_it)
{
	double start = seconds(), best = 1e9;
	size_t rounds = 0;

	while (seconds() - start < 1e-3) {
		once_round(s, do_it);
		rounds++;
	}
	for (int run = 0; run < 60; run++) {
		double took;

		start = seconds();
		for (size_t i = 0; i < rounds; i++) {
			once_round(s, do_it);
		}
		took = (seconds() - start) * 1e9 / (double)(rounds * s->count);
		best = took < best ? took : best;
	}
	return best;
}

static void packet_table(void)
{
	printf("%-8s %6s | %9s %9s %9s %9s | %7s %7s %7s\n", "packets", "bytes", "read ns", "parse ns", "verify ns", "emit ns", "parse/r",
	       "verify/r", "emit/r");
	for (unsigned i = 0; i < SETS; i++) {
		struct set s = make(i);
		double ns[WORKS];

		for (size_t w = 0; w < WORKS; w++) {
			ns[w] = least_ns(&s, works[w].do_it);
		}
		printf("%-8s %6zu | %9.1f %9.1f %9.1f %9.1f | %7.2f %7.2f %7.2f\n", s.name, s.total / s.count, ns[0], ns[1], ns[2], ns[3],
		       ns[1] / ns[0], ns[2] / ns[0], ns[3] / ns[0]);
		free(s.bytes);
		free(s.len);
	}
}

static uint64_t checksum(const uint8_t *bytes, size_t len)
{
	return lk_checksum_finish(lk_checksum_add(0, bytes, len));
}

static void checksum_table(void)
{
	static const size_t lengths[] = {20, 40, 64, 576, 1460, 65535};
	static uint8_t bytes[66000];

	printf("%-8s %6s | %9s %9s %9s | %7s\n", "checksum", "bytes", "read ns", "sum ns", "sum GB/s", "sum/r");
	for (size_t i = 0; i < sizeof bytes; i++) {
		bytes[i] = (uint8_t)lk_rng_next(&rng);
	}
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		size_t len = lengths[i];
		const struct set s = {"", 1, bytes + 2, &len, len}; /* where a TCP header begins in a frame: 2 beyond a word */
		double read = least_ns(&s, plain_read), sum = least_ns(&s, checksum);

		printf("%-8s %6zu | %9.1f %9.1f %9.1f | %7.2f\n", "", len, read, sum, (double)len / sum, sum / read);
	}
}

static int count(const char *rounds, const char *set_name, const char *work_name)
{
	for (unsigned i = 0; i < SETS; i++) {
		for (size_t w = 0; w < WORKS; w++) {
			if (strcmp(set_names[i], set_name) == 0 && strcmp(works[w].name, work_name) == 0) {
				struct set s = make(i);

				for (long n = strtol(rounds, NULL, 10); n > 0; n--) {
					once_round(&s, works[w].do_it);
				}
				free(s.bytes);
				free(s.len);
				return 0;
			}
		}
	}
	fprintf(stderr, "bench_parse: no set '%s' or no work '%s'\n", set_name, work_name);
	return 2;
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "--count") == 0) {
		return count(argv[2], argv[3], argv[4]);
	}
	if (argc == 2 && strcmp(argv[1], "--sets") == 0) {
		for (unsigned i = 0; i < SETS; i++) {
			struct set s = make(i);

			printf("%s %zu\n", s.name, s.count);
			free(s.bytes);
			free(s.len);
		}
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--works") == 0) {
		for (size_t w = 0; w < WORKS; w++) {
			printf("%s\n", works[w].name);
		}
		return 0;
	}
	if (argc != 1) {
		fprintf(stderr, "usage: bench_parse [--count N SET WORK | --sets | --works]\n");
		return 2;
	}
	packet_table();
	checksum_table();
	return 0;
}
