/* ICMP for IPv4 (RFC 792). */
#include "stack/wire/icmpv4.h"

#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/wire/checksum.h"
#include "stack/wire/payload.h"

#define LEN_MOST (65535 - LK_IPV4_HEADER)

static bool is_timestamp(uint8_t type)
{
	return type == LK_ICMPV4_TIMESTAMP || type == LK_ICMPV4_TIMESTAMP_REPLY;
}

bool lk_icmpv4_is_error(uint8_t type)
{
	switch (type) {
	case LK_ICMPV4_DESTINATION_UNREACHABLE:
	case LK_ICMPV4_SOURCE_QUENCH:
	case LK_ICMPV4_REDIRECT:
	case LK_ICMPV4_TIME_EXCEEDED:
	case LK_ICMPV4_PARAMETER_PROBLEM:
		return true;
	default:
		return false;
	}
}

int lk_icmpv4_parse(const uint8_t *bytes, size_t len, struct lk_icmpv4 *out)
{
	if (len < LK_ICMPV4_HEADER || (is_timestamp(bytes[0]) && len < LK_ICMPV4_TIMESTAMP_LEN)) {
		return LK_E_TRUNCATED;
	}
	out->type = bytes[0];
	out->code = bytes[1];
	out->checksum = lk_load_be16(bytes + 2);
	out->rest_of_header = lk_load_be32(bytes + 4);
	out->payload = bytes + LK_ICMPV4_HEADER;
	out->payload_len = len - LK_ICMPV4_HEADER;
	return LK_ICMPV4_HEADER;
}

/* Bytes of the whole message, or why it cannot be written. */
static int emit_length(const struct lk_icmpv4 *in, size_t cap)
{
	if (in->payload_len > LEN_MOST - LK_ICMPV4_HEADER ||
	    (is_timestamp(in->type) && in->payload_len < LK_ICMPV4_TIMESTAMP_LEN - LK_ICMPV4_HEADER)) {
		return LK_E_INVALID;
	}
	return cap < LK_ICMPV4_HEADER + in->payload_len ? LK_E_NOSPACE : (int)(LK_ICMPV4_HEADER + in->payload_len);
}

static void write(const struct lk_icmpv4 *in, uint8_t *buf, uint16_t checksum)
{
	lk_payload_place(buf + LK_ICMPV4_HEADER, in->payload, in->payload_len);
	buf[0] = in->type;
	buf[1] = in->code;
	lk_store_be16(buf + 2, checksum);
	lk_store_be32(buf + 4, in->rest_of_header);
}

int lk_icmpv4_emit(const struct lk_icmpv4 *in, uint8_t *buf, size_t cap)
{
	int total = emit_length(in, cap);

	if (total >= 0) {
		write(in, buf, in->checksum);
	}
	return total;
}

int lk_icmpv4_emit_summed(const struct lk_icmpv4 *in, uint8_t *buf, size_t cap)
{
	int total = emit_length(in, cap);
	uint64_t sum;

	if (total >= 0) {
		sum = lk_checksum_add16(0, (uint16_t)(in->type << 8 | in->code));
		sum = lk_checksum_add32(sum, in->rest_of_header);
		sum = lk_checksum_add(sum, in->payload, in->payload_len);
		write(in, buf, lk_checksum_finish(sum));
	}
	return total;
}

bool lk_icmpv4_checksum_ok(const uint8_t *bytes, size_t len)
{
	return len >= LK_ICMPV4_HEADER && lk_checksum_ok(lk_checksum_add(0, bytes, len));
}

int lk_icmpv4_quoted(const struct lk_icmpv4 *m, struct lk_ipv4 *out)
{
	return lk_icmpv4_is_error(m->type) ? lk_ipv4_parse_header(m->payload, m->payload_len, out) : LK_E_INVALID;
}

int lk_icmpv4_timestamps(const struct lk_icmpv4 *m, uint32_t out[3])
{
	if (!is_timestamp(m->type) || m->payload_len < LK_ICMPV4_TIMESTAMP_LEN - LK_ICMPV4_HEADER) {
		return LK_E_INVALID;
	}
	for (size_t i = 0; i < 3; i++) {
		out[i] = lk_load_be32(m->payload + 4 * i);
	}
	return LK_OK;
}
