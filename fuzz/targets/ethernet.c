/* Ethernet: the input as a frame, and the input as the fields of one. */
#include "fuzz/common/law.h"
#include "stack/base/error.h"
#include "stack/wire/ethernet.h"

static void bytes_to_bytes(const uint8_t *frame, size_t len)
{
	struct lk_ethernet e;
	int header = lk_ethernet_parse(frame, len, &e);
	uint8_t *buf = blank(len);

	law((header == LK_E_TRUNCATED) == (len < LK_ETHERNET_HEADER), "ethernet: truncated means fewer than 14 bytes");
	if (header > 0) {
		law(header == LK_ETHERNET_HEADER && e.payload_len == len - LK_ETHERNET_HEADER, "ethernet: 14 bytes of header");
		law(lk_ethernet_emit(&e, buf, len - 1) == LK_E_NOSPACE, "ethernet: one byte too few is refused");
		law(lk_ethernet_emit(&e, buf, len) == (int)len, "ethernet: emit writes as much as was parsed");
		must_be_initialised(buf, len);
		law(same(buf, len, frame, len), "ethernet: emit(parse(b)) = b");
	}
	free(buf);
}

static void fields_to_fields(struct feed f)
{
	struct lk_ethernet in, out;
	uint8_t buf[4096];
	int len;

	for (size_t i = 0; i < 6; i++) {
		in.destination[i] = feed_8(&f);
		in.source[i] = feed_8(&f);
	}
	in.type = feed_16(&f);
	in.payload = feed_bytes(&f, 2000, &in.payload_len);
	len = lk_ethernet_emit(&in, buf, sizeof buf);
	law(len == (int)(LK_ETHERNET_HEADER + in.payload_len), "ethernet: every struct can be written");
	law(lk_ethernet_parse(buf, (size_t)len, &out) == LK_ETHERNET_HEADER, "ethernet: what is written can be read");
	law(memcmp(in.destination, out.destination, 6) == 0 && memcmp(in.source, out.source, 6) == 0 && in.type == out.type &&
	        same(in.payload, in.payload_len, out.payload, out.payload_len),
	    "ethernet: parse(emit(x)) = x");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *input = exact_copy(data, size);

	bytes_to_bytes(input, size);
	fields_to_fields((struct feed){input, size});
	free(input);
	return 0;
}
