/* ARP: the input as a packet, and the input as the fields of one. */
#include "fuzz/common/law.h"
#include "stack/base/error.h"
#include "stack/wire/arp.h"

static void bytes_to_bytes(const uint8_t *packet, size_t len)
{
	struct lk_arp a;
	int header = lk_arp_parse(packet, len, &a);
	uint8_t *buf = blank(LK_ARP_LEN);

	law(header == LK_ARP_LEN || lk_error_is_truncated(header) || lk_error_is_malformed(header), "arp: 28 or a wire error");
	law(!lk_error_is_truncated(header) || len < LK_ARP_LEN, "arp: truncated means fewer than 28 bytes");
	if (header > 0) {
		law(lk_arp_emit(&a, buf, LK_ARP_LEN - 1) == LK_E_NOSPACE, "arp: one byte too few is refused");
		law(lk_arp_emit(&a, buf, LK_ARP_LEN) == LK_ARP_LEN, "arp: emit writes 28 bytes");
		must_be_initialised(buf, LK_ARP_LEN);
		law(memcmp(buf, packet, LK_ARP_LEN) == 0, "arp: emit(parse(b)) = b");
	}
	free(buf);
}

static void fields_to_fields(struct feed f)
{
	uint8_t buf[LK_ARP_LEN];
	struct lk_arp in, out;

	in.op = feed_16(&f);
	for (size_t i = 0; i < 6; i++) {
		in.sha[i] = feed_8(&f);
		in.tha[i] = feed_8(&f);
	}
	in.spa = feed_32(&f);
	in.tpa = feed_32(&f);
	law(lk_arp_emit(&in, buf, sizeof buf) == LK_ARP_LEN, "arp: every struct can be written");
	law(lk_arp_parse(buf, sizeof buf, &out) == LK_ARP_LEN, "arp: what is written can be read");
	law(in.op == out.op && in.spa == out.spa && in.tpa == out.tpa && memcmp(in.sha, out.sha, 6) == 0 &&
	        memcmp(in.tha, out.tha, 6) == 0,
	    "arp: parse(emit(x)) = x");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *input = exact_copy(data, size);

	bytes_to_bytes(input, size);
	fields_to_fields((struct feed){input, size});
	free(input);
	return 0;
}
