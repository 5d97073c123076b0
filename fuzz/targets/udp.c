/* UDP: the input as a datagram, and the input as the fields of one. */
#include "fuzz/common/law.h"
#include "stack/base/error.h"
#include "stack/wire/checksum.h"
#include "stack/wire/udp.h"

static uint64_t pseudo(size_t length)
{
	return lk_checksum_pseudo_ipv4(0x0a090001, 0x0a090002, 17, (uint16_t)length);
}

static void bytes_to_bytes(const uint8_t *datagram, size_t len)
{
	struct lk_udp u;
	int header = lk_udp_parse(datagram, len, &u);
	size_t length = header > 0 ? u.length : 0;
	uint8_t *buf = blank(length);

	lk_udp_checksum_ok(datagram, len, pseudo(length));
	law(header == LK_UDP_HEADER || lk_error_is_truncated(header) || header == LK_E_UDP_LENGTH, "udp: 8 or a wire error");
	if (header > 0) {
		law(length <= len && length == LK_UDP_HEADER + u.payload_len, "udp: the payload lies within the bytes");
		law(lk_udp_emit(&u, buf, length - 1) == LK_E_NOSPACE, "udp: one byte too few is refused");
		law(lk_udp_emit(&u, buf, length) == (int)length, "udp: emit writes Length bytes");
		must_be_initialised(buf, length);
		law(same(buf, length, datagram, length), "udp: emit(parse(b)) = b");
		law(lk_udp_emit_summed(&u, pseudo(length), buf, length) == (int)length, "udp: a summed emit writes the same bytes");
		must_be_initialised(buf, length);
		law(lk_udp_checksum_ok(buf, length, pseudo(length)), "udp: a summed emit has the right checksum");
		law(buf[6] != 0 || buf[7] != 0, "udp: a summed emit never says that there is no checksum");
	}
	free(buf);
}

static void fields_to_fields(struct feed f)
{
	struct lk_udp in = {.source_port = feed_16(&f)}, out;
	uint8_t buf[4096];
	int len;

	in.destination_port = feed_16(&f);
	in.checksum = feed_16(&f);
	in.payload = feed_bytes(&f, 2000, &in.payload_len);
	len = lk_udp_emit(&in, buf, sizeof buf);
	law(len == (int)(LK_UDP_HEADER + in.payload_len), "udp: every struct can be written");
	law(lk_udp_parse(buf, (size_t)len, &out) == LK_UDP_HEADER, "udp: what is written can be read");
	law(in.source_port == out.source_port && in.destination_port == out.destination_port && in.checksum == out.checksum &&
	        out.length == len && same(in.payload, in.payload_len, out.payload, out.payload_len),
	    "udp: parse(emit(x)) = x");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *input = exact_copy(data, size);

	bytes_to_bytes(input, size);
	fields_to_fields((struct feed){input, size});
	free(input);
	return 0;
}
