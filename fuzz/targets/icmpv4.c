/* ICMP for IPv4: the input as a message, and the input as the fields of one. */
#include "fuzz/common/law.h"
#include "stack/base/error.h"
#include "stack/wire/icmpv4.h"

/* What is borrowed from a message stays within it. */
static void look_inside(const struct lk_icmpv4 *m)
{
	struct lk_ipv4 ip;
	uint32_t times[3];
	int quoted = lk_icmpv4_quoted(m, &ip);
	bool timestamp = m->type == LK_ICMPV4_TIMESTAMP || m->type == LK_ICMPV4_TIMESTAMP_REPLY;

	law((quoted == LK_E_INVALID) == !lk_icmpv4_is_error(m->type), "icmpv4: errors quote, and nothing else does");
	law(quoted < 0 || (size_t)quoted + ip.payload_len <= m->payload_len, "icmpv4: the quote lies within the message");
	law((lk_icmpv4_timestamps(m, times) == LK_OK) == timestamp, "icmpv4: timestamps have times, and nothing else has");
}

static void bytes_to_bytes(const uint8_t *message, size_t len)
{
	struct lk_icmpv4 m;
	int header = lk_icmpv4_parse(message, len, &m);
	uint8_t *buf = blank(len);

	lk_icmpv4_checksum_ok(message, len);
	law(header == LK_ICMPV4_HEADER || header == LK_E_TRUNCATED, "icmpv4: 8, or truncated");
	if (header > 0 && len <= 65515) {
		look_inside(&m);
		law(lk_icmpv4_emit(&m, buf, len - 1) == LK_E_NOSPACE, "icmpv4: one byte too few is refused");
		law(lk_icmpv4_emit(&m, buf, len) == (int)len, "icmpv4: emit writes as much as was parsed");
		must_be_initialised(buf, len);
		law(same(buf, len, message, len), "icmpv4: emit(parse(b)) = b");
		law(lk_icmpv4_emit_summed(&m, buf, len) == (int)len, "icmpv4: a summed emit writes the same bytes");
		must_be_initialised(buf, len);
		law(lk_icmpv4_checksum_ok(buf, len), "icmpv4: a summed emit has the right checksum");
	}
	free(buf);
}

static void fields_to_fields(struct feed f)
{
	struct lk_icmpv4 in = {.type = feed_8(&f)}, out;
	uint8_t buf[4096];
	int len;

	in.code = feed_8(&f);
	in.checksum = feed_16(&f);
	in.rest_of_header = feed_32(&f);
	in.payload = feed_bytes(&f, 2000, &in.payload_len);
	len = lk_icmpv4_emit(&in, buf, sizeof buf);
	if (len == LK_E_INVALID) {
		law(in.payload_len < 12, "icmpv4: only a timestamp without times is refused");
		return;
	}
	law(len == (int)(LK_ICMPV4_HEADER + in.payload_len), "icmpv4: every sound struct can be written");
	law(lk_icmpv4_parse(buf, (size_t)len, &out) == LK_ICMPV4_HEADER, "icmpv4: what is written can be read");
	law(in.type == out.type && in.code == out.code && in.checksum == out.checksum && in.rest_of_header == out.rest_of_header &&
	        same(in.payload, in.payload_len, out.payload, out.payload_len),
	    "icmpv4: parse(emit(x)) = x");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *input = exact_copy(data, size);

	bytes_to_bytes(input, size);
	fields_to_fields((struct feed){input, size});
	free(input);
	return 0;
}
