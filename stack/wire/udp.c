/* UDP (RFC 768). */
#include "stack/wire/udp.h"

#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/wire/checksum.h"
#include "stack/wire/payload.h"

int lk_udp_parse(const uint8_t *bytes, size_t len, struct lk_udp *out)
{
	uint16_t length;

	if (len < LK_UDP_HEADER) {
		return LK_E_TRUNCATED;
	}
	length = lk_load_be16(bytes + 4);
	/* RFC 768: the minimum value of the length is eight. */
	if (length < LK_UDP_HEADER) {
		return LK_E_UDP_LENGTH;
	}
	if (length > len) {
		return LK_E_TRUNCATED_PAYLOAD;
	}
	out->source_port = lk_load_be16(bytes);
	out->destination_port = lk_load_be16(bytes + 2);
	out->length = length;
	out->checksum = lk_load_be16(bytes + 6);
	out->payload = bytes + LK_UDP_HEADER;
	out->payload_len = (size_t)length - LK_UDP_HEADER;
	return LK_UDP_HEADER;
}

/* Bytes of the whole datagram, or why it cannot be written. */
static int emit_length(const struct lk_udp *in, size_t cap)
{
	if (in->payload_len > UINT16_MAX - LK_UDP_HEADER) {
		return LK_E_INVALID;
	}
	return cap < LK_UDP_HEADER + in->payload_len ? LK_E_NOSPACE : (int)(LK_UDP_HEADER + in->payload_len);
}

static void write(const struct lk_udp *in, uint8_t *buf, uint16_t length, uint16_t checksum)
{
	lk_payload_place(buf + LK_UDP_HEADER, in->payload, in->payload_len);
	lk_store_be16(buf, in->source_port);
	lk_store_be16(buf + 2, in->destination_port);
	lk_store_be16(buf + 4, length);
	lk_store_be16(buf + 6, checksum);
}

int lk_udp_emit(const struct lk_udp *in, uint8_t *buf, size_t cap)
{
	int total = emit_length(in, cap);

	if (total >= 0) {
		write(in, buf, (uint16_t)total, in->checksum);
	}
	return total;
}

int lk_udp_emit_summed(const struct lk_udp *in, uint64_t pseudo, uint8_t *buf, size_t cap)
{
	int total = emit_length(in, cap);
	uint16_t checksum;
	uint64_t sum;

	if (total < 0) {
		return total;
	}
	sum = lk_checksum_add32(pseudo, (uint32_t)in->source_port << 16 | in->destination_port);
	sum = lk_checksum_add16(sum, (uint16_t)total);
	sum = lk_checksum_add(sum, in->payload, in->payload_len);
	checksum = lk_checksum_finish(sum);
	/* RFC 768: a computed zero is sent as all ones; zero itself means that none was made. */
	write(in, buf, (uint16_t)total, checksum == 0 ? 0xffff : checksum);
	return total;
}

bool lk_udp_checksum_ok(const uint8_t *bytes, size_t len, uint64_t pseudo)
{
	struct lk_udp udp;

	if (lk_udp_parse(bytes, len, &udp) < 0) {
		return false;
	}
	return udp.checksum == 0 || lk_checksum_ok(lk_checksum_add(pseudo, bytes, udp.length));
}
