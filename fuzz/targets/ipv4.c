/* IPv4: the input as a datagram, and the input as the fields of one. */
#include "fuzz/common/law.h"
#include "stack/base/error.h"
#include "stack/wire/ipv4.h"

/* Every option lies within the options, the walk ends, and its verdict is the same as the check's for the list itself. */
static void walk_options(const struct lk_ipv4 *ip)
{
	struct lk_option o;
	size_t at = 0, steps = 0, where = 0;
	int step, check;

	while ((step = lk_ipv4_option_next(ip, &at, &o)) == 1) {
		law(++steps <= ip->options_len, "ipv4: the walk over options ends");
		law(o.value_len == 0 || (o.value >= ip->options && o.value + o.value_len <= ip->options + ip->options_len),
		    "ipv4: an option lies within the options");
	}
	check = lk_ipv4_options_check(ip, &where);
	law(step == 0 || check < 0, "ipv4: options that cannot be walked are not sound");
	law(check == 0 || (where >= LK_IPV4_HEADER && where < LK_IPV4_HEADER + ip->options_len), "ipv4: the octet at fault is an option's");
}

static void emit_again(const struct lk_ipv4 *ip, const uint8_t *datagram)
{
	size_t total = ip->total_length;
	uint8_t *buf = blank(total);

	law(lk_ipv4_emit(ip, buf, total - 1) == LK_E_NOSPACE, "ipv4: one byte too few is refused");
	law(lk_ipv4_emit(ip, buf, total) == (int)total, "ipv4: emit writes Total Length bytes");
	must_be_initialised(buf, total);
	law(same(buf, total, datagram, total), "ipv4: emit(parse(b)) = b");
	law(lk_ipv4_emit_summed(ip, buf, total) == (int)total, "ipv4: a summed emit writes the same bytes");
	must_be_initialised(buf, total);
	law(lk_ipv4_checksum_ok(buf, total), "ipv4: a summed emit has the right checksum");
	free(buf);
}

static void bytes_to_bytes(const uint8_t *datagram, size_t len)
{
	struct lk_ipv4 ip, quoted;
	int header = lk_ipv4_parse(datagram, len, &ip);
	int alone = lk_ipv4_parse_header(datagram, len, &quoted);

	lk_ipv4_checksum_ok(datagram, len);
	law(header > 0 || lk_error_is_truncated(header) || lk_error_is_malformed(header), "ipv4: a length or a wire error");
	law(header == alone || (header == LK_E_TRUNCATED_PAYLOAD && alone > 0), "ipv4: the header alone asks for no payload");
	if (alone > 0) {
		law((size_t)alone + quoted.payload_len <= len, "ipv4: the payload lies within the bytes");
		walk_options(&quoted);
	}
	if (header > 0) {
		law((size_t)header + ip.payload_len == ip.total_length, "ipv4: header and payload are Total Length");
		emit_again(&ip, datagram);
	}
}

static void fields_to_fields(struct feed f)
{
	struct lk_ipv4 in = {.type_of_service = feed_8(&f)}, out;
	uint8_t buf[4096];
	uint16_t fragment = feed_16(&f);
	int len;

	in.flags = (uint8_t)(fragment >> 13);
	in.fragment_offset = fragment & 0x1fff;
	in.identification = feed_16(&f);
	in.time_to_live = feed_8(&f);
	in.protocol = feed_8(&f);
	in.header_checksum = feed_16(&f);
	in.source_address = feed_32(&f);
	in.destination_address = feed_32(&f);
	in.options = feed_bytes(&f, feed_8(&f) % 11 * 4u, &in.options_len);
	in.options_len -= in.options_len % 4;
	in.payload = feed_bytes(&f, 2000, &in.payload_len);
	len = lk_ipv4_emit(&in, buf, sizeof buf);
	law(len == (int)(LK_IPV4_HEADER + in.options_len + in.payload_len), "ipv4: every sound struct can be written");
	law(lk_ipv4_parse(buf, (size_t)len, &out) == (int)(LK_IPV4_HEADER + in.options_len), "ipv4: what is written can be read");
	law(in.type_of_service == out.type_of_service && in.flags == out.flags && in.fragment_offset == out.fragment_offset &&
	        in.identification == out.identification && in.time_to_live == out.time_to_live && in.protocol == out.protocol &&
	        in.header_checksum == out.header_checksum && in.source_address == out.source_address &&
	        in.destination_address == out.destination_address && out.total_length == len &&
	        same(in.options, in.options_len, out.options, out.options_len) &&
	        same(in.payload, in.payload_len, out.payload, out.payload_len),
	    "ipv4: parse(emit(x)) = x");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *input = exact_copy(data, size);

	bytes_to_bytes(input, size);
	fields_to_fields((struct feed){input, size});
	free(input);
	return 0;
}
