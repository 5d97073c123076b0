/* A hostile name server against the resolver: two stacks on a line, our resolver on one, on the other sockets from which the input
 * says what is answered to each question, over UDP and TCP, and what the line loses.
 *
 * input: {u8 settings, then steps}. A question takes from the input: {u8 how, ...} as say() reads it.
 *
 * Held: an answer that does not belong to the question is never believed (it carries the address 6.6.6.6, which no result may
 * show); what is handed out is a sound message; every question comes to an end, with a bounded number of tries; the machine
 * never waits for a time that is past. */
#include "fuzz/common/law.h"
#include "stack/apps/dns_resolver.h"
#include "stack/base/error.h"
#include "stack/wire/dns_record.h"

#define CLIENT 0x0a000001u
#define SERVER 0x0a000002u
#define EVIL 0x06060606u
#define QUESTIONS 6u
#define TRIES 400u  /* of one question: servers, rounds, aliases, the search list, TCP; many times what there should be */
#define STEPS 20000u

struct side {
	struct lk_stack *stack;
	void *memory;
};

struct world {
	struct feed f;
	lk_time now;
	struct side client, server;
	struct lk_dns_resolver *resolver;
	lk_socket udp, listener, tcp;
	uint32_t asked, results;
	uint8_t loss; /* frames lost: one of each so many, 0: none */
	uint32_t frames;
	size_t in_len;
	uint8_t in[4096];
};

static void side_begin(struct side *side, uint32_t ip)
{
	struct lk_config config;
	static const uint8_t seed[32] = {1};

	law(lk_config_init(&config, "rfc") == 0, "the profile exists");
	config.iface[0].link = LK_LINK_RAW_IP;
	config.udp_sockets = 8;
	config.udp_queue = 8;
	config.udp_queue_bytes = 1472;
	config.udp_send_queue = 8;
	size_t size = lk_stack_footprint(&config);
	side->memory = aligned_alloc(64, (size + 63) / 64 * 64);
	law(side->memory != NULL && lk_stack_init(side->memory, size, &config, 0, seed) == 0, "a stack begins");
	side->stack = side->memory;
	law(lk_addr_add(side->stack, 0, lk_addr_from_ip4(ip), 24, LK_ADDR_PREFERRED, 0) == 0, "an address is added");
}

static void server_begin(struct world *w)
{
	struct lk_endpoint local = {.iface = LK_ANY, .port = LK_DNS_PORT};
	struct lk_stack *s = w->server.stack;

	law(lk_sock_open(s, LK_UDP, &w->udp, 0) == 0 && lk_sock_bind(s, w->udp, &local, 0) == 0, "the server has its port");
	law(lk_sock_open(s, LK_TCP, &w->listener, 0) == 0 && lk_sock_bind(s, w->listener, &local, 0) == 0 && lk_sock_listen(s, w->listener, 2, 0) == 0,
	    "the server listens");
}

static void resolver_begin(struct world *w)
{
	struct lk_dns_resolver_config config;
	static const uint8_t seed[32] = {2};
	uint8_t settings = feed_8(&w->f);

	lk_dns_resolver_config_init(&config);
	config.queries = 4;
	config.cache_entries = settings & 1 ? 8 : 0;
	config.cache_bytes = 400;
	config.message_bytes = 512 + (settings >> 6) * 400u;
	config.udp_size = settings & 2 ? 512 : 0;
	config.attempts = (uint16_t)(1 + (settings >> 4 & 3));
	config.server_count = settings & 4 ? 2 : 1;
	config.server[0] = config.server[1] = (struct lk_endpoint){.address = lk_addr_from_ip4(SERVER), .iface = LK_ANY};
	config.search_count = settings & 8 ? 1 : 0;
	memcpy(config.search[0], "b", 2);
	w->loss = feed_8(&w->f) & 15;
	size_t size = lk_dns_resolver_footprint(&config);
	law(size > 0, "the config is valid");
	w->resolver = aligned_alloc(16, (size + 15) / 16 * 16);
	law(w->resolver != NULL && lk_dns_resolver_init(w->resolver, size, &config, 0, seed) == 0, "a resolver begins");
}

static const char *const names[] = {"a", "b.a", "a.b.", "c.", "a\\.b.c"};

static void ask(struct world *w)
{
	static const uint16_t types[] = {LK_DNS_A, LK_DNS_AAAA, LK_DNS_CNAME, LK_DNS_ANY};
	uint8_t what = feed_8(&w->f);
	uint32_t query;
	int error = lk_dns_resolve(w->resolver, w->client.stack, names[what % 5], types[what >> 6], &query, w->now);

	law(error == 0 || error == LK_E_FULL, "a question begins, or there are as many as there may be");
	if (error == 0 && (what & 0x38) == 0x38) {
		lk_dns_resolver_cancel(w->resolver, w->client.stack, query, w->now);
	}
}

/* ---- what the server says ---- */

/* A record out of the input whose address is never the evil one. */
static void put_record(struct world *w, struct lk_dns_writer *out, const struct lk_dns_question *q)
{
	static const uint16_t types[] = {LK_DNS_A, LK_DNS_CNAME, LK_DNS_SOA, LK_DNS_NS, LK_DNS_AAAA, LK_DNS_TXT, LK_DNS_OPT, 65280};
	static uint8_t rdata[LK_DNS_RDATA_NAMES_MAX];
	uint8_t what = feed_8(&w->f);
	struct lk_dns_record record = {.name = q->name, .type = types[what & 7], .class = LK_DNS_IN, .ttl = feed_16(&w->f), .rdata = rdata};
	struct lk_dns_name target;
	const char *text = names[feed_8(&w->f) % 5];
	struct lk_dns_soa soa = {.minimum = record.ttl / 2};

	law(lk_dns_name_from_text(text, strlen(text), &target, NULL) == 0, "the names are names");
	record.name = what & 8 ? target : q->name;
	soa.mname = soa.rname = target;
	if (record.type == LK_DNS_SOA) {
		record.rdlength = (uint16_t)lk_dns_soa_emit(&soa, rdata, sizeof rdata);
	} else if (record.type == LK_DNS_CNAME || record.type == LK_DNS_NS) {
		record.rdlength = target.len;
		record.rdata = target.octets;
	} else {
		record.rdlength = record.type == LK_DNS_AAAA ? 16 : record.type == LK_DNS_OPT ? 0 : 4;
		memset(rdata, 3, 16);
		rdata[3] = feed_8(&w->f);
	}
	(void)lk_dns_write_record(out, (uint8_t)(1 + (what >> 4) % 3), &record);
}

/* {u8 how}: bit 0: belongs to the question, otherwise one attribute is wrong and the address is evil. */
static size_t say(struct world *w, const uint8_t *query, size_t len, uint8_t *buf, size_t cap)
{
	struct lk_dns_reader r;
	struct lk_dns_question q;
	struct lk_dns_writer out;
	uint8_t how = feed_8(&w->f), wrong = how & 1 ? 255 : how >> 4;
	static const uint8_t evil[] = {6, 6, 6, 6};

	law(lk_dns_check(query, len) == 0 && lk_dns_read_begin(&r, query, len) > 0 && lk_dns_read_question(&r, &q) == 1, "a question is sound");
	law(!r.header.qr && r.header.rd && !r.header.z && r.header.opcode == 0 && q.class == LK_DNS_IN && r.header.count[0] == 1, "a question is one");
	struct lk_dns_record record = {.name = q.name, .type = LK_DNS_A, .class = LK_DNS_IN, .ttl = 60, .rdata = evil, .rdlength = 4};
	struct lk_dns_header h = {.id = r.header.id, .qr = wrong != 0, .rd = true, .ra = (how & 2) == 0, .tc = (how & 12) == 4};
	h.rcode = (how & 12) == 8 ? feed_8(&w->f) & 15 : 0;
	if (wrong == 1 || wrong > 4) {
		h.id = (uint16_t)(h.id + (wrong == 255 ? 0 : wrong));
	}
	q.type = (uint16_t)(q.type + (wrong == 2));
	q.class = (uint16_t)(q.class + (wrong == 3));
	if (wrong == 4) {
		q.name.octets[1] ^= 7;
	}
	law(lk_dns_write_begin(&out, buf, cap, &h) > 0 && lk_dns_write_question(&out, &q) == 0, "there is room");
	if (wrong != 255) {
		(void)lk_dns_write_record(&out, LK_DNS_ANSWER, &record);
		return out.len;
	}
	for (unsigned n = feed_8(&w->f) & 7; n > 0; n--) {
		put_record(w, &out, &q);
	}
	/* damage behind the question, which cannot make an evil address: no octet becomes 6 */
	for (unsigned n = (how & 12) == 12 ? feed_8(&w->f) & 7 : 0; n > 0 && out.len > 30; n--) {
		uint8_t value = feed_8(&w->f);
		out.buf[30 + feed_8(&w->f) % (out.len - 30)] = value == 6 ? 7 : value;
	}
	return how & 0x80 ? out.len - out.len / 4 : out.len;
}

static void serve_udp(struct world *w)
{
	struct lk_endpoint remote, local;
	uint8_t query[600], buf[1400];
	int64_t got;

	while ((got = lk_sock_recv_from(w->server.stack, w->udp, query, sizeof query, &remote, &local, w->now)) > 0) {
		law(remote.port >= 1024, "a question comes from a port of its own");
		law(++w->asked < TRIES * QUESTIONS, "a bounded number of tries");
		for (unsigned answers = feed_8(&w->f) & 3; answers > 0; answers--) {
			size_t len = say(w, query, (size_t)got, buf, sizeof buf);
			(void)lk_sock_send_to(w->server.stack, w->udp, buf, len, &remote, &local, w->now);
		}
	}
}

static void hang_up(struct world *w, bool hard)
{
	(void)(hard ? lk_sock_abort(w->server.stack, w->tcp, w->now) : lk_sock_close(w->server.stack, w->tcp, w->now));
	w->tcp = 0;
	w->in_len = 0;
}

static void answer_stream(struct world *w)
{
	uint8_t buf[2 + 1400];
	size_t len = (size_t)(w->in[0] << 8 | w->in[1]);
	uint8_t how = feed_8(&w->f);

	law(++w->asked < TRIES * QUESTIONS, "a bounded number of tries");
	size_t out = say(w, w->in + 2, len, buf + 2, sizeof buf - 2);
	w->in_len -= 2 + len;
	memmove(w->in, w->in + 2 + len, w->in_len);
	out += (how & 7) == 1 ? 40 : 0; /* a length that lies */
	buf[0] = (uint8_t)(out >> 8);
	buf[1] = (uint8_t)out;
	if ((how & 7) == 1) {
		out -= 40;
	}
	if ((how & 7) != 2) {
		(void)lk_sock_send(w->server.stack, w->tcp, buf, out + 2, w->now);
	}
	if ((how & 0x18) == 0x18) {
		hang_up(w, how & 0x20);
	}
}

static void serve_tcp(struct world *w)
{
	int64_t got = 0;

	if (w->tcp == 0 && lk_sock_accept(w->server.stack, w->listener, &w->tcp, NULL, w->now) < 0) {
		return;
	}
	while (w->tcp != 0 && w->in_len < sizeof w->in &&
	       (got = lk_sock_recv(w->server.stack, w->tcp, w->in + w->in_len, sizeof w->in - w->in_len, 0, w->now)) > 0) {
		w->in_len += (size_t)got;
		while (w->tcp != 0 && w->in_len >= 2 && w->in_len >= 2u + (size_t)(w->in[0] << 8 | w->in[1])) {
			answer_stream(w);
		}
	}
	if (w->tcp != 0 && got != LK_E_AGAIN) {
		hang_up(w, false);
	}
}

/* ---- the line and the clock ---- */

static void take_events(struct world *w)
{
	struct lk_event_sock event;

	while (lk_stack_event(w->client.stack, &event)) {
		(void)lk_dns_resolver_app.event(w->resolver, w->client.stack, &event, w->now);
	}
	while (lk_stack_event(w->server.stack, &event)) {
		if (event.socket == w->udp) {
			serve_udp(w);
		} else {
			serve_tcp(w);
		}
	}
}

static bool carry(struct world *w, struct side *from, struct side *to)
{
	uint8_t bytes[1600];
	struct lk_frame frame = {.size_of = sizeof frame, .bytes = bytes, .cap = sizeof bytes};
	bool any = false;

	while (lk_stack_tx(from->stack, LK_ANY, &frame, w->now) > 0) {
		struct lk_frame in = {.size_of = sizeof in, .bytes = bytes, .len = frame.len};
		any = true;
		must_be_initialised(bytes, frame.len);
		if (w->loss == 0 || ++w->frames % (w->loss + 1u) != 0) {
			lk_stack_rx(to->stack, &in, w->now);
		}
	}
	return any;
}

static void check_result(const struct lk_dns_result *result)
{
	static const int errors[] = {0, LK_E_NOTFOUND, LK_E_TIMEDOUT, LK_E_CONNREFUSED};
	struct lk_addr address;
	bool known = false;

	for (unsigned i = 0; i < 4; i++) {
		known = known || result->error == errors[i];
	}
	law(known, "a result has an error of the list");
	law((result->message != NULL) == (result->error == 0 || (result->error == LK_E_NOTFOUND && result->len > 0)), "an answer has its message");
	law(result->message == NULL || lk_dns_check(result->message, result->len) == 0, "what is handed out is sound");
	if (result->error == 0) {
		struct lk_dns_reader r;
		struct lk_dns_question q;

		law(lk_dns_read_begin(&r, result->message, result->len) > 0 && lk_dns_read_question(&r, &q) == 1, "an answer has its question");
		law(q.type != LK_DNS_A || lk_dns_result_address(result, 0, &address) == 0, "an answer answers its own question");
	}
	for (uint32_t i = 0; lk_dns_result_address(result, i, &address) == 0; i++) {
		law(!lk_addr_is_ip4(&address) || lk_addr_ip4(&address) != EVIL, "an answer that does not match is never believed");
	}
}

static void take_results(struct world *w)
{
	struct lk_dns_result result;

	while (lk_dns_resolver_next(w->resolver, &result)) {
		check_result(&result);
		w->results++;
	}
}

/* Everything that happens now, and then the time of the next thing. False: nothing is left to happen. */
static bool step(struct world *w)
{
	lk_time next;
	unsigned rounds = 0;
	bool any = true;

	while (any) {
		take_events(w);
		any = carry(w, &w->client, &w->server);
		any = carry(w, &w->server, &w->client) || any;
		law(++rounds < 2000, "one point in time comes to an end");
	}
	take_results(w);
	next = lk_time_min(lk_time_min(lk_stack_deadline(w->client.stack), lk_stack_deadline(w->server.stack)), lk_dns_resolver_app.deadline(w->resolver));
	if (next == LK_NEVER) {
		return false;
	}
	w->now = next > w->now ? next : w->now;
	lk_stack_tick(w->client.stack, w->now);
	lk_stack_tick(w->server.stack, w->now);
	lk_dns_resolver_app.tick(w->resolver, w->client.stack, w->now);
	law(lk_dns_resolver_app.deadline(w->resolver) > w->now, "nothing that is due stays due");
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *input = exact_copy(data, size);
	struct world *w = calloc(1, sizeof *w);
	uint32_t steps = 0, begun;

	law(w != NULL, "memory for the world");
	w->f = (struct feed){input, size};
	side_begin(&w->client, CLIENT);
	side_begin(&w->server, SERVER);
	server_begin(w);
	resolver_begin(w);
	for (begun = 0; begun < QUESTIONS; begun++) {
		ask(w);
		for (unsigned n = feed_8(&w->f) & 15; n > 0 && step(w); n--) {
		}
	}
	while (step(w)) {
		law(++steps < STEPS, "every question comes to an end");
	}
	struct lk_dns_result result;
	law(!lk_dns_resolver_next(w->resolver, &result) && lk_dns_resolver_app.deadline(w->resolver) == LK_NEVER, "nothing is left");
	free(w->client.memory);
	free(w->server.memory);
	free(w->resolver);
	free(w);
	free(input);
	return 0;
}
