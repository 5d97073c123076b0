/* What the whole stack costs: two of them back to back in memory, one core, a copy for the wire, checksums made and
 * verified. Every connection but one is idle; a cost that grows with them shows here.
 *
 *     bench_stack                     the tables
 *     bench_stack --count N SET WORK  do WORK N times round among the idle connections of SET and print nothing: for
 *                                     counting instructions (conformance/bench/run takes the difference of two counts)
 *     bench_stack --sets, --works     their names
 *
 * bulk: one full data segment, its sender and receiver, its share of the ACKs. pingpong: one byte there and one back.
 * A time is the least of many short ones; the ratio is to a plain read of a full frame in the same run. */
#define _POSIX_C_SOURCE 200809L

#include "stack/host/stack.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MTU 1500
#define FRAME (MTU + 14)
#define PORTS 60000 /* idle connections from one address of the client */
#define ROUND 4096  /* segments, or round trips, of one round of --count */
#define WINDOW 1024 /* the same in one timing */
#define BUFFER 262144

struct bench {
	struct lk_stack *client, *server;
	size_t footprint;
	lk_time now;
	lk_socket listener, near, far; /* the one connection that works */
	uint64_t segments, acks;       /* carried so far: frames with much data, and the other way */
	uint8_t frame[FRAME], wire[FRAME];
};

static void must(int64_t result, const char *what)
{
	if (result < 0) {
		fprintf(stderr, "bench_stack: %s: %s\n", what, lk_error_name((int)result));
		exit(2);
	}
}

static struct lk_config configure(uint32_t idle, uint8_t last_mac)
{
	struct lk_config c;
	must(lk_config_init(&c, "linux"), "config");
	c.iface[0].mac[5] = last_mac;
	c.iface[0].mtu = MTU;
	c.addresses = idle / PORTS + 2;
	c.tcp.connections = idle + 2;
	c.tcp.listeners = 1;
	c.tcp.active = 8;
	c.tcp.segments = 1024;
	c.tcp.send_buffer = c.tcp.receive_buffer = BUFFER;
	return c;
}

static struct lk_endpoint endpoint(uint32_t ip, uint32_t port)
{
	return (struct lk_endpoint){.address = lk_addr_from_ip4(ip), .iface = LK_ANY, .port = (uint16_t)port};
}

static struct lk_stack *build(const struct lk_config *config, const uint8_t seed[32], size_t *footprint)
{
	*footprint = lk_stack_footprint(config);
	void *arena = *footprint == 0 ? NULL : aligned_alloc(64, (*footprint + 63) / 64 * 64);
	if (arena == NULL) {
		fprintf(stderr, "bench_stack: no memory (%s)\n", lk_config_check(config) != NULL ? lk_config_check(config) : "malloc");
		exit(2);
	}
	must(lk_stack_init(arena, *footprint, config, 0, seed), "init");
	return arena;
}

/* Carries up to `most` frames. How many there were. */
static int carry(struct bench *b, struct lk_stack *from, struct lk_stack *to, int most, uint64_t *full)
{
	int frames = 0;
	while (frames < most) {
		struct lk_frame f = {.size_of = sizeof f, .bytes = b->frame, .cap = sizeof b->frame};
		int len = lk_stack_tx(from, 0, &f, b->now);
		if (len <= 0) {
			must(len, "tx");
			break;
		}
		memcpy(b->wire, b->frame, (size_t)len);
		f = (struct lk_frame){.size_of = sizeof f, .bytes = b->wire, .len = (size_t)len};
		must(lk_stack_rx(to, &f, b->now), "rx");
		*full += len > MTU / 2 || full == &b->acks;
		b->now += LK_MICROSECOND;
		frames++;
	}
	return frames;
}

static void settle(struct bench *b)
{
	uint64_t ignored = 0;
	while (carry(b, b->client, b->server, 1, &ignored) + carry(b, b->server, b->client, 1, &ignored) > 0) {
	}
}

/* Opens connection number i and accepts it. */
static void connect_one(struct bench *b, uint32_t i, lk_socket *near, lk_socket *far)
{
	struct lk_endpoint local = endpoint(0x0a000001 + i / PORTS, 1024 + i % PORTS), remote = endpoint(0x0a00fffe, 80);
	struct lk_event_sock event;
	must(lk_sock_open(b->client, LK_TCP, near, b->now), "open");
	must(lk_sock_bind(b->client, *near, &local, b->now), "bind");
	must(lk_sock_connect(b->client, *near, &remote, b->now), "connect");
	settle(b);
	must(lk_sock_accept(b->server, b->listener, far, NULL, b->now), "accept");
	while (lk_stack_event(b->client, &event) || lk_stack_event(b->server, &event)) {
	}
}

static struct bench *bench_new(uint32_t idle)
{
	static const uint8_t seed[2][32] = {{1}, {2}};
	struct bench *b = calloc(1, sizeof *b);
	struct lk_config client = configure(idle, 1), server = configure(idle, 2);
	struct lk_endpoint any = {.iface = LK_ANY, .port = 80};
	lk_socket near, far;
	if (b == NULL)
		exit(2);
	b->client = build(&client, seed[0], &b->footprint);
	b->server = build(&server, seed[1], &b->footprint);
	for (uint32_t k = 0; k <= idle / PORTS; k++)
		must(lk_addr_add(b->client, 0, lk_addr_from_ip4(0x0a000001 + k), 16, LK_ADDR_PREFERRED, 0), "address");
	must(lk_addr_add(b->server, 0, lk_addr_from_ip4(0x0a00fffe), 16, LK_ADDR_PREFERRED, 0), "address");
	must(lk_sock_open(b->server, LK_TCP, &b->listener, 0), "open");
	must(lk_sock_bind(b->server, b->listener, &any, 0), "bind");
	must(lk_sock_listen(b->server, b->listener, 16, 0), "listen");
	for (uint32_t i = 0; i < idle; i++)
		connect_one(b, i, &near, &far);
	connect_one(b, idle, &b->near, &b->far);
	return b;
}

static void bench_free(struct bench *b)
{
	free(b->client);
	free(b->server);
	free(b);
}

/* ---- the works ---- */

static void fill(struct bench *b)
{
	uint8_t *room;
	int64_t n = lk_sock_reserve(b->client, b->near, &room, b->now);
	if (n == LK_E_AGAIN)
		return;
	must(n, "reserve"); /* what stands there is data as good as any */
	must(lk_sock_commit(b->client, b->near, (size_t)n, b->now), "commit");
}

static void drain(struct bench *b)
{
	const uint8_t *bytes;
	int64_t n;
	while ((n = lk_sock_peek(b->server, b->far, &bytes, b->now)) > 0)
		must(lk_sock_consume(b->server, b->far, (size_t)n, b->now), "consume");
}

static void bulk(struct bench *b, uint64_t segments, int batch)
{
	uint64_t until = b->segments + segments;
	int idle = 0;
	while (b->segments < until) {
		fill(b);
		int moved = carry(b, b->client, b->server, batch, &b->segments);
		drain(b);
		moved += carry(b, b->server, b->client, batch, &b->acks);
		idle = moved > 0 ? 0 : idle + 1;
		b->now += idle * LK_MILLISECOND; /* nothing to carry: a timer is due */
		if (idle > 1000) {
			fprintf(stderr, "bench_stack: the transfer stands still\n");
			exit(2);
		}
	}
}

static void by_2(struct bench *b, uint64_t segments)
{
	bulk(b, segments, 2);
}

static void by_64(struct bench *b, uint64_t segments)
{
	bulk(b, segments, 64);
}

/* One byte there, one back. */
static void pingpong(struct bench *b, uint64_t trips)
{
	uint64_t ignored = 0;
	uint8_t byte = 1;
	for (uint64_t i = 0; i < trips; i++) {
		must(lk_sock_send(b->client, b->near, &byte, 1, b->now), "send");
		carry(b, b->client, b->server, 64, &ignored);
		must(lk_sock_recv(b->server, b->far, &byte, 1, 0, b->now), "recv");
		must(lk_sock_send(b->server, b->far, &byte, 1, b->now), "send");
		carry(b, b->server, b->client, 64, &ignored);
		must(lk_sock_recv(b->client, b->near, &byte, 1, 0, b->now), "recv");
	}
}

static const struct work { const char *name; void (*run)(struct bench *, uint64_t); } works[] = {
	{"bulk2", by_2}, {"bulk64", by_64}, {"pingpong", pingpong}};
#define WORKS (sizeof works / sizeof works[0])

static const struct { const char *name; uint32_t idle; } sets[] = {{"idle1", 1}, {"idle1000", 1000}};
#define SETS (sizeof sets / sizeof sets[0])

static int count(const char *rounds, const char *set, const char *name)
{
	for (size_t s = 0; s < SETS; s++)
		for (size_t w = 0; w < WORKS; w++) {
			if (strcmp(sets[s].name, set) != 0 || strcmp(works[w].name, name) != 0)
				continue;
			struct bench *b = bench_new(sets[s].idle);
			works[w].run(b, strtoull(rounds, NULL, 10) * ROUND);
			bench_free(b);
			return 0;
		}
	fprintf(stderr, "bench_stack: no such set or work\n");
	return 2;
}

/* ---- the tables ---- */

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double plain_read_ns(void)
{
	static uint64_t frame[FRAME / 8 + 1];
	volatile uint64_t sink = 0;
	double best = 1;
	for (int w = 0; w < 50; w++) {
		double start = seconds();
		for (int i = 0; i < WINDOW; i++) {
			uint64_t sum = (uint64_t)i;
			for (size_t k = 0; k < FRAME / 8; k++)
				sum += frame[k];
			sink = sink + sum;
			__asm__ volatile("" : : "g"(frame) : "memory");
		}
		double took = (seconds() - start) / WINDOW;
		best = took < best ? took : best;
	}
	return best * 1e9;
}

static double work_ns(struct bench *b, const struct work *work)
{
	double best = 1;
	work->run(b, 4 * WINDOW); /* out of slow start */
	for (int w = 0; w < 100; w++) {
		double start = seconds();
		work->run(b, WINDOW);
		double took = (seconds() - start) / WINDOW;
		best = took < best ? took : best;
	}
	return best * 1e9;
}

static void row(uint32_t idle, double plain)
{
	double start = seconds();
	struct bench *b = bench_new(idle);
	double opening = (seconds() - start) / (idle + 1);
	struct lk_config config = configure(0, 2);
	size_t alone = lk_stack_footprint(&config);
	printf("%9" PRIu32, idle);
	for (size_t w = 0; w < WORKS; w++) {
		double ns = work_ns(b, &works[w]);
		printf(" %9.0f %6.1f", ns, ns / plain);
	}
	printf(" %10.2f %9.0f %8zu\n", (double)b->segments / (double)(b->acks == 0 ? 1 : b->acks), 1 / opening, (b->footprint - alone) / idle);
	bench_free(b);
}

static void tables(void)
{
	static const uint32_t idle[] = {1, 1000, 100000};
	double plain = plain_read_ns();
	printf("MTU %d, checksums on, both ends and a copy for the wire on one core; pulled after every 2 and after every 64 frames.\n", MTU);
	printf("ns for a data segment (bulk) or a round trip of one byte (pingpong), and times a plain read of a frame (%.1f ns).\n", plain);
	printf("%9s %9s %6s %9s %6s %9s %6s %10s %9s %8s\n", "idle", "bulk2", "x", "bulk64", "x", "pingpong", "x", "segs/ACK", "opens/s", "bytes");
	for (size_t i = 0; i < sizeof idle / sizeof idle[0]; i++)
		row(idle[i], plain);
	printf("bytes: what one idle connection adds to the arena of one stack, all told.\n");
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "--count") == 0)
		return count(argv[2], argv[3], argv[4]);
	if (argc == 2 && strcmp(argv[1], "--sets") == 0) {
		for (size_t s = 0; s < SETS; s++)
			printf("%s %d\n", sets[s].name, ROUND);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--works") == 0) {
		for (size_t w = 0; w < WORKS; w++)
			printf("%s\n", works[w].name);
		return 0;
	}
	if (argc != 1) {
		fprintf(stderr, "usage: bench_stack [--count N SET WORK | --sets | --works]\n");
		return 2;
	}
	tables();
	return 0;
}
