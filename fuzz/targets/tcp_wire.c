/* The TCP header and its options: the input as a segment, and the input as the fields of one. */
#include "fuzz/common/law.h"
#include "stack/base/error.h"
#include "stack/wire/checksum.h"
#include "stack/wire/tcp.h"

static uint64_t pseudo(size_t length)
{
	return lk_checksum_pseudo_ipv4(0x0a090001, 0x0a090002, 6, (uint16_t)length);
}

static bool same_options(const struct lk_tcp_options *a, const struct lk_tcp_options *b)
{
	bool blocks = true;

	for (size_t i = 0; i < LK_TCP_SACK_MAX; i++) {
		blocks = blocks && a->sack[i].left == b->sack[i].left && a->sack[i].right == b->sack[i].right;
	}
	return blocks && a->present == b->present && a->mss == b->mss && a->user_timeout == b->user_timeout &&
	       a->window_scale == b->window_scale && a->sack_count == b->sack_count && a->ts_val == b->ts_val &&
	       a->ts_ecr == b->ts_ecr;
}

/* What was decoded, written in the order it came and decoded again, is the same. */
static void options_again(const struct lk_tcp_options *o, const uint8_t *order, size_t order_len)
{
	struct lk_tcp_options again;
	uint8_t buf[LK_TCP_OPTIONS_MAX];
	int len = lk_tcp_options_emit(o, order, order_len, buf, sizeof buf);

	/* A kind that came twice, once with a wrong size, is listed twice: it may not fit. */
	if (len == LK_E_NOSPACE) {
		return;
	}
	law(len >= 0 && len % 4 == 0, "tcp options: what was decoded can be written");
	must_be_initialised(buf, (size_t)len);
	law(lk_tcp_options_parse(buf, (size_t)len, &again) == LK_OK, "tcp options: what is written can be read");
	law(same_options(o, &again), "tcp options: parse(emit(x)) = x");
}

static void walk_options(const struct lk_tcp *t)
{
	uint8_t order[LK_TCP_OPTIONS_MAX];
	struct lk_tcp_options decoded;
	struct lk_option o;
	size_t at = 0, steps = 0, kinds = 0;
	int result = lk_tcp_options_parse(t->options, t->options_len, &decoded), step;

	while ((step = lk_tcp_option_next(t, &at, &o)) == 1) {
		law(++steps <= t->options_len, "tcp options: the walk ends");
		law(o.value_len == 0 || (o.value >= t->options && o.value + o.value_len <= t->options + t->options_len),
		    "tcp options: an option lies within the options");
		if (o.kind == LK_TCP_OPT_NOP || (o.kind < 32 && (decoded.present & LK_TCP_HAS(o.kind)) != 0)) {
			order[kinds++] = o.kind;
		}
	}
	law(step == result, "tcp options: walking and decoding end alike");
	options_again(&decoded, order, kinds);
}

static void bytes_to_bytes(const uint8_t *segment, size_t len)
{
	struct lk_tcp t;
	int header = lk_tcp_parse(segment, len, &t);
	uint8_t *buf = blank(len);

	lk_tcp_checksum_ok(segment, len, pseudo(len));
	law(header > 0 || header == LK_E_TRUNCATED || header == LK_E_TCP_DATA_OFFSET, "tcp: a length or a wire error");
	if (header > 0 && len <= 65535) {
		law((size_t)header + t.payload_len == len, "tcp: header and payload are all bytes");
		walk_options(&t);
		law(lk_tcp_emit(&t, buf, len - 1) == LK_E_NOSPACE, "tcp: one byte too few is refused");
		law(lk_tcp_emit(&t, buf, len) == (int)len, "tcp: emit writes as much as was parsed");
		must_be_initialised(buf, len);
		law(same(buf, len, segment, len), "tcp: emit(parse(b)) = b");
		law(lk_tcp_emit_summed(&t, pseudo(len), buf, len) == (int)len, "tcp: a summed emit writes the same bytes");
		must_be_initialised(buf, len);
		law(lk_tcp_checksum_ok(buf, len, pseudo(len)), "tcp: a summed emit has the right checksum");
	}
	free(buf);
}

static void fields_to_fields(struct feed f)
{
	struct lk_tcp in = {.source_port = feed_16(&f)}, out;
	uint8_t buf[4096];
	int len;

	in.destination_port = feed_16(&f);
	in.sequence_number = feed_32(&f);
	in.acknowledgment_number = feed_32(&f);
	in.reserved = feed_8(&f) & 0xf;
	in.control = feed_8(&f);
	in.window = feed_16(&f);
	in.checksum = feed_16(&f);
	in.urgent_pointer = feed_16(&f);
	in.options = feed_bytes(&f, feed_8(&f) % 11 * 4u, &in.options_len);
	in.options_len -= in.options_len % 4;
	in.payload = feed_bytes(&f, 2000, &in.payload_len);
	len = lk_tcp_emit(&in, buf, sizeof buf);
	law(len == (int)(LK_TCP_HEADER + in.options_len + in.payload_len), "tcp: every sound struct can be written");
	law(lk_tcp_parse(buf, (size_t)len, &out) == (int)(LK_TCP_HEADER + in.options_len), "tcp: what is written can be read");
	law(in.source_port == out.source_port && in.destination_port == out.destination_port &&
	        in.sequence_number == out.sequence_number && in.acknowledgment_number == out.acknowledgment_number &&
	        in.reserved == out.reserved && in.control == out.control && in.window == out.window &&
	        in.checksum == out.checksum && in.urgent_pointer == out.urgent_pointer &&
	        same(in.options, in.options_len, out.options, out.options_len) &&
	        same(in.payload, in.payload_len, out.payload, out.payload_len),
	    "tcp: parse(emit(x)) = x");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *input = exact_copy(data, size);

	bytes_to_bytes(input, size);
	fields_to_fields((struct feed){input, size});
	free(input);
	return 0;
}
