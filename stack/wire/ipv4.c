/* The IPv4 header (RFC 791 section 3.1). */
#include "stack/wire/ipv4.h"

#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"
#include "stack/wire/checksum.h"
#include "stack/wire/payload.h"

/* Bytes of the header with options, or what is wrong with it. */
static int header_length(const uint8_t *bytes, size_t len)
{
	int header;

	if (len < LK_IPV4_HEADER) {
		return LK_E_TRUNCATED;
	}
	if (bytes[0] >> 4 != 4) {
		return LK_E_IPV4_VERSION;
	}
	header = 4 * (bytes[0] & 0xf);
	if (header < LK_IPV4_HEADER) {
		return LK_E_IPV4_IHL;
	}
	if (len < (size_t)header) {
		return LK_E_TRUNCATED;
	}
	if (lk_load_be16(bytes + 2) < header) {
		return LK_E_IPV4_TOTAL_LENGTH;
	}
	return header;
}

/* Both kinds of parsing: `whole` asks for every byte that Total Length promises. */
static inline int parse(const uint8_t *bytes, size_t len, struct lk_ipv4 *out, bool whole)
{
	int header = header_length(bytes, len);
	uint16_t total, fragment;

	if (header < 0) {
		return header;
	}
	total = lk_load_be16(bytes + 2);
	if (whole && total > len) {
		return LK_E_TRUNCATED_PAYLOAD;
	}
	fragment = lk_load_be16(bytes + 6);
	out->type_of_service = bytes[1];
	out->total_length = total;
	out->identification = lk_load_be16(bytes + 4);
	out->flags = (uint8_t)(fragment >> 13);
	out->fragment_offset = fragment & 0x1fff;
	out->time_to_live = bytes[8];
	out->protocol = bytes[9];
	out->header_checksum = lk_load_be16(bytes + 10);
	out->source_address = lk_load_be32(bytes + 12);
	out->destination_address = lk_load_be32(bytes + 16);
	out->options = bytes + LK_IPV4_HEADER;
	out->options_len = (size_t)header - LK_IPV4_HEADER;
	out->payload = bytes + header;
	out->payload_len = (total < len ? total : len) - (size_t)header;
	return header;
}

int lk_ipv4_parse_header(const uint8_t *bytes, size_t len, struct lk_ipv4 *out)
{
	return parse(bytes, len, out, false);
}

int lk_ipv4_parse(const uint8_t *bytes, size_t len, struct lk_ipv4 *out)
{
	return parse(bytes, len, out, true);
}

/* Bytes of the whole datagram, or why it cannot be written. */
static int emit_length(const struct lk_ipv4 *in, size_t cap)
{
	size_t total;

	if (in->options_len > LK_IPV4_OPTIONS_MAX || in->options_len % 4 != 0 || in->flags > 7 ||
	    in->fragment_offset > 0x1fff || in->payload_len > UINT16_MAX) {
		return LK_E_INVALID;
	}
	total = LK_IPV4_HEADER + in->options_len + in->payload_len;
	if (total > UINT16_MAX) {
		return LK_E_INVALID;
	}
	return total > cap ? LK_E_NOSPACE : (int)total;
}

static uint8_t version_ihl(const struct lk_ipv4 *in)
{
	return (uint8_t)(4 << 4 | (LK_IPV4_HEADER + in->options_len) / 4);
}

static uint16_t flags_and_offset(const struct lk_ipv4 *in)
{
	return (uint16_t)(in->flags << 13 | in->fragment_offset);
}

static void write(const struct lk_ipv4 *in, uint8_t *buf, uint16_t total, uint16_t checksum)
{
	lk_payload_place(buf + LK_IPV4_HEADER + in->options_len, in->payload, in->payload_len);
	buf[0] = version_ihl(in);
	buf[1] = in->type_of_service;
	lk_store_be16(buf + 2, total);
	lk_store_be16(buf + 4, in->identification);
	lk_store_be16(buf + 6, flags_and_offset(in));
	buf[8] = in->time_to_live;
	buf[9] = in->protocol;
	lk_store_be16(buf + 10, checksum);
	lk_store_be32(buf + 12, in->source_address);
	lk_store_be32(buf + 16, in->destination_address);
	lk_memcpy(buf + LK_IPV4_HEADER, in->options, in->options_len);
}

int lk_ipv4_emit(const struct lk_ipv4 *in, uint8_t *buf, size_t cap)
{
	int total = emit_length(in, cap);

	if (total >= 0) {
		write(in, buf, (uint16_t)total, in->header_checksum);
	}
	return total;
}

/* Summed from the fields: reading back bytes just written would stall. */
static uint16_t header_checksum(const struct lk_ipv4 *in, uint16_t total)
{
	uint64_t sum = lk_checksum_add32(0, (uint32_t)version_ihl(in) << 24 | (uint32_t)in->type_of_service << 16 | total);

	sum = lk_checksum_add32(sum, (uint32_t)in->identification << 16 | flags_and_offset(in));
	sum = lk_checksum_add32(sum, (uint32_t)in->time_to_live << 24 | (uint32_t)in->protocol << 16);
	sum = lk_checksum_add32(sum, in->source_address);
	sum = lk_checksum_add32(sum, in->destination_address);
	sum = lk_checksum_add(sum, in->options, in->options_len);
	return lk_checksum_finish(sum);
}

int lk_ipv4_emit_summed(const struct lk_ipv4 *in, uint8_t *buf, size_t cap)
{
	int total = emit_length(in, cap);

	if (total >= 0) {
		write(in, buf, (uint16_t)total, header_checksum(in, (uint16_t)total));
	}
	return total;
}

bool lk_ipv4_checksum_ok(const uint8_t *bytes, size_t len)
{
	int header = header_length(bytes, len);

	uint64_t sum = 0;
	uint32_t word;

	if (header < 0) {
		return false;
	}
	/* A length known beforehand: five additions, without the beginning and end of the general loop. */
	for (size_t i = 0; i < LK_IPV4_HEADER; i += 4) {
		lk_memcpy(&word, bytes + i, 4);
		sum += word;
	}
	if (header > LK_IPV4_HEADER) {
		sum = lk_checksum_add(sum, bytes + LK_IPV4_HEADER, (size_t)header - LK_IPV4_HEADER);
	}
	return lk_checksum_ok(sum);
}

/* Judge one option of a known kind. 0, or the error, with *where the octet's offset within the option. */
static int check_option(const struct lk_option *o, size_t *where)
{
	*where = 1;
	switch (o->kind) {
	case LK_IPV4_OPT_RECORD_ROUTE:
	case LK_IPV4_OPT_LSRR:
	case LK_IPV4_OPT_SSRR:
		if (o->length < 3) {
			return LK_E_OPTION_SIZE;
		}
		/* RFC 791: the pointer is relative to this option, its smallest legal value is 4. */
		*where = 2;
		return o->value[0] < 4 ? LK_E_OPTION_POINTER : LK_OK;
	case LK_IPV4_OPT_TIMESTAMP:
		if (o->length < 4) {
			return LK_E_OPTION_SIZE;
		}
		/* RFC 791: its smallest legal value is 5. */
		*where = 2;
		return o->value[0] < 5 ? LK_E_OPTION_POINTER : LK_OK;
	case LK_IPV4_OPT_STREAM_ID:
	case LK_IPV4_OPT_ROUTER_ALERT: /* RFC 2113 section 2.1 */
		return o->length != 4 ? LK_E_OPTION_SIZE : LK_OK;
	case LK_IPV4_OPT_SECURITY: /* RFC 1108 section 2.2: variable, at least type, length, classification */
		return o->length < 3 ? LK_E_OPTION_SIZE : LK_OK;
	default:
		return LK_OK;
	}
}

int lk_ipv4_options_check(const struct lk_ipv4 *ip, size_t *where)
{
	size_t at = 0, start = 0;
	size_t inside = 1; /* where a walk that cannot go on is at fault: the length octet */
	struct lk_option option;
	int result;

	while ((result = lk_ipv4_option_next(ip, &at, &option)) == 1) {
		result = check_option(&option, &inside);
		if (result < 0) {
			break;
		}
		start = at;
		inside = 1;
	}
	if (result < 0) {
		/* A length octet that is missing is named by the type octet that lacks it. */
		inside = start + inside < ip->options_len ? inside : 0;
		if (where != NULL) {
			*where = LK_IPV4_HEADER + start + inside;
		}
	}
	return result;
}
