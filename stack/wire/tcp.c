/* The TCP header and its options (RFC 9293 sections 3.1 and 3.2). */
#include "stack/wire/tcp.h"

#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"
#include "stack/wire/checksum.h"
#include "stack/wire/payload.h"

int lk_tcp_parse(const uint8_t *bytes, size_t len, struct lk_tcp *out)
{
	size_t header;

	if (len < LK_TCP_HEADER) {
		return LK_E_TRUNCATED;
	}
	header = (size_t)(bytes[12] >> 4) * 4;
	if (header < LK_TCP_HEADER) {
		return LK_E_TCP_DATA_OFFSET;
	}
	if (header > len) {
		return LK_E_TRUNCATED;
	}
	out->source_port = lk_load_be16(bytes);
	out->destination_port = lk_load_be16(bytes + 2);
	out->sequence_number = lk_load_be32(bytes + 4);
	out->acknowledgment_number = lk_load_be32(bytes + 8);
	out->reserved = bytes[12] & 0xf;
	out->control = bytes[13];
	out->window = lk_load_be16(bytes + 14);
	out->checksum = lk_load_be16(bytes + 16);
	out->urgent_pointer = lk_load_be16(bytes + 18);
	out->options = bytes + LK_TCP_HEADER;
	out->options_len = header - LK_TCP_HEADER;
	out->payload = bytes + header;
	out->payload_len = len - header;
	return (int)header;
}

/* Bytes of the whole segment, or why it cannot be written. */
static int emit_length(const struct lk_tcp *in, size_t cap)
{
	size_t total;

	if (in->options_len > LK_TCP_OPTIONS_MAX || in->options_len % 4 != 0 || in->reserved > 0xf ||
	    in->payload_len > UINT16_MAX) {
		return LK_E_INVALID;
	}
	total = LK_TCP_HEADER + in->options_len + in->payload_len;
	if (total > UINT16_MAX) {
		return LK_E_INVALID;
	}
	return total > cap ? LK_E_NOSPACE : (int)total;
}

/* Data Offset, reserved bits and control bits: the 16 bits before the window. */
static uint16_t offset_and_control(const struct lk_tcp *in)
{
	return (uint16_t)((LK_TCP_HEADER + in->options_len) / 4 << 12 | (size_t)in->reserved << 8 | in->control);
}

static void write(const struct lk_tcp *in, uint8_t *buf, uint16_t checksum)
{
	lk_payload_place(buf + LK_TCP_HEADER + in->options_len, in->payload, in->payload_len);
	lk_store_be16(buf, in->source_port);
	lk_store_be16(buf + 2, in->destination_port);
	lk_store_be32(buf + 4, in->sequence_number);
	lk_store_be32(buf + 8, in->acknowledgment_number);
	lk_store_be16(buf + 12, offset_and_control(in));
	lk_store_be16(buf + 14, in->window);
	lk_store_be16(buf + 16, checksum);
	lk_store_be16(buf + 18, in->urgent_pointer);
	lk_memcpy(buf + LK_TCP_HEADER, in->options, in->options_len);
}

int lk_tcp_emit(const struct lk_tcp *in, uint8_t *buf, size_t cap)
{
	int total = emit_length(in, cap);

	if (total >= 0) {
		write(in, buf, in->checksum);
	}
	return total;
}

int lk_tcp_emit_summed(const struct lk_tcp *in, uint64_t pseudo, uint8_t *buf, size_t cap)
{
	int total = emit_length(in, cap);
	uint64_t sum;

	if (total < 0) {
		return total;
	}
	/* Summed from the fields: reading back bytes just written would stall. */
	sum = lk_checksum_add32(pseudo, (uint32_t)in->source_port << 16 | in->destination_port);
	sum = lk_checksum_add32(sum, in->sequence_number);
	sum = lk_checksum_add32(sum, in->acknowledgment_number);
	sum = lk_checksum_add32(sum, (uint32_t)offset_and_control(in) << 16 | in->window);
	sum = lk_checksum_add32(sum, in->urgent_pointer);
	sum = lk_checksum_add(sum, in->options, in->options_len);
	sum = lk_checksum_add(sum, in->payload, in->payload_len);
	write(in, buf, lk_checksum_finish(sum));
	return total;
}

bool lk_tcp_checksum_ok(const uint8_t *bytes, size_t len, uint64_t pseudo)
{
	return len >= LK_TCP_HEADER && lk_checksum_ok(lk_checksum_add(pseudo, bytes, len));
}
