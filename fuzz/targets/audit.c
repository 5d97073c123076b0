/* The audit of a capture: the input is a link type and a row of frames, each {u16 bytes, u8 bytes more on the wire than captured,
 * u8 milliseconds since the one before, the bytes}, with room for very few connections. Whatever comes: memory stays within its
 * bound, every TCP frame is counted once, and counts do not contradict each other. */
#include "conformance/audit/audit.h"
#include "fuzz/common/law.h"

#define MEMORY ((size_t)1 << 20)

static const uint32_t links[] = {1, 1, 1, 0, 9, 12, 50, 101, 108, 113, 204, 276, 228, 229, 77};

struct tally {
	uint64_t packets, connections, evicted;
};

static void check_end(const struct lk_audit_end *e)
{
	const struct lk_audit_counts *c = &e->count;

	law(c->fast + c->timer + c->probes <= c->retransmissions, "audit: a cause belongs to a retransmission");
	law((uint64_t)c->retransmissions + c->reordered + c->doubled + c->ambiguous <= c->packets, "audit: a segment is one thing only");
	law(e->una <= e->next, "audit: nothing is acknowledged beyond what is known to be sent");
	for (uint32_t i = 0; i + 1 < e->sent.count; i++) {
		const struct lk_piece *low = lk_pieces_at(&e->sent, i), *high = lk_pieces_at(&e->sent, i + 1);

		law(low->len > 0 && low->from + low->len <= high->from, "audit: pieces lie in order and apart");
	}
}

static void take(void *context, const struct lk_audit_flow *flow, bool evicted)
{
	struct tally *tally = context;

	tally->packets += flow->end[0].count.packets + flow->end[1].count.packets;
	tally->connections++;
	tally->evicted += evicted;
	law(flow->history_len <= sizeof flow->history, "audit: the history fits");
	law(lk_audit_handshake(flow) != NULL && lk_audit_teardown(flow) != NULL && lk_audit_conn_state(flow) != NULL, "audit: there is a word for it");
	check_end(&flow->end[0]);
	check_end(&flow->end[1]);
}

static void one_frame(struct lk_audit *audit, uint32_t link, struct feed *f, uint32_t number, lk_time *now)
{
	uint16_t wanted = feed_16(f);
	uint32_t more = feed_8(f);
	size_t got;

	*now += feed_8(f) * LK_MILLISECOND;
	const uint8_t *at = feed_bytes(f, wanted, &got);
	uint8_t *bytes = exact_copy(at, got);

	lk_audit_frame(audit, link, bytes, (uint32_t)got, (uint32_t)got + more, number, *now);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tally tally = {0};
	struct feed f = {data, size};
	uint32_t link = links[feed_8(&f) % (sizeof links / sizeof *links)], number = 0;
	lk_time now = 0;
	struct lk_audit *audit = lk_audit_new(&(struct lk_audit_config){.memory = MEMORY}, &(struct lk_audit_sink){.context = &tally, .connection = take});

	law(audit != NULL, "memory for the audit");
	while (f.left > 0 && number < 4096) {
		one_frame(audit, link, &f, ++number, &now);
	}
	lk_audit_finish(audit);
	const struct lk_audit_totals *t = lk_audit_totals(audit);

	law(t->frames == number && tally.connections == t->connections && tally.evicted == t->evicted, "audit: every connection is handed out once");
	law(tally.packets <= t->tcp && tally.packets + t->malformed + t->cut >= t->tcp, "audit: every TCP frame counts for one connection");
	lk_audit_free(audit);
	return 0;
}
