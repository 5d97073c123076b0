/* DHCP: the input as a message, and the input as the fields of one with options to write. */
#include "fuzz/common/law.h"
#include "stack/base/error.h"
#include "stack/wire/dhcp.h"

/* Every way to read options must agree with the walk: one octet or a million, they end where the fields end. */
static void options_are_read(const struct lk_dhcp *m)
{
	int check = lk_dhcp_options_check(m);
	uint8_t value[2048], again[2048];
	uint32_t list[4];
	char text[64];

	law(check == 0 || check == LK_E_OPTION_LENGTH || check == LK_E_OPTION_OVERRUN || check == LK_E_OPTION_SIZE || check == LK_E_DHCP_OVERLOAD,
	    "dhcp: options are sound or wrong by name");
	for (unsigned code = 0; code < 256; code++) {
		int len = lk_dhcp_get(m, (uint8_t)code, value, sizeof value);
		int count = lk_dhcp_get_addresses(m, (uint8_t)code, list, 4);

		law(check == 0 || len == check, "dhcp: an option of a bad list is the list's error");
		law(len >= 0 || len == check || len == LK_E_NOTFOUND, "dhcp: an option is there, not there, or the list is bad");
		law(len != LK_E_NOSPACE, "dhcp: no option is larger than the three fields");
		law(count < 0 || count * 4 == len, "dhcp: a list of addresses is its octets");
		law(lk_dhcp_get(m, (uint8_t)code, again, 1) == (len > 1 ? LK_E_NOSPACE : len), "dhcp: a short buffer is told, not overrun");
		law(lk_dhcp_get_text(m, (uint8_t)code, text, sizeof text) < (int)sizeof text, "dhcp: a text ends in its buffer");
	}
}

static void bytes_to_bytes(const uint8_t *bytes, size_t len)
{
	struct lk_dhcp m;
	int header = lk_dhcp_parse(bytes, len, &m);
	uint8_t *buf = blank(len);

	law(header == LK_DHCP_HEADER || header == LK_E_TRUNCATED || header == LK_E_DHCP_OP || header == LK_E_DHCP_HLEN || header == LK_E_DHCP_COOKIE,
	    "dhcp: 240 or a wire error");
	if (header > 0) {
		law(lk_dhcp_emit(&m, buf, len - 1) == LK_E_NOSPACE, "dhcp: one byte too few is refused");
		law(lk_dhcp_emit(&m, buf, len) == (int)len, "dhcp: emit writes what was read");
		must_be_initialised(buf, len);
		law(same(buf, len, bytes, len), "dhcp: emit(parse(b)) = b");
		options_are_read(&m);
	}
	free(buf);
}

static void fields_to_fields(struct feed f)
{
	uint8_t options[400], buf[700], back[600];
	struct lk_dhcp_writer w = {.at = options, .cap = sizeof options};
	struct lk_dhcp in = {.op = (uint8_t)(1 + feed_8(&f) % 2), .hlen = (uint8_t)(feed_8(&f) % 17)}, out;
	size_t got, len;
	const uint8_t *value;
	uint8_t code;

	in.xid = feed_32(&f);
	in.flags = feed_16(&f);
	in.ciaddr = feed_32(&f);
	in.giaddr = feed_32(&f);
	code = (uint8_t)(1 + feed_8(&f) % 51); /* never overload, pad or end */
	value = feed_bytes(&f, 600, &got);
	bool fits = lk_dhcp_put(&w, code, value, got);
	law(fits == (got + 2 * (got == 0 ? 1 : (got + 254) / 255) + 1 <= sizeof options) && w.full == !fits, "dhcp: an option is written when it and the end fit");
	law(lk_dhcp_put_end(&w, 60) == w.len && w.len <= sizeof options, "dhcp: the end always fits");
	must_be_initialised(options, w.len);
	in.options = options;
	in.options_len = w.len;
	int total = lk_dhcp_emit(&in, buf, sizeof buf);
	law(total == (int)(LK_DHCP_HEADER + w.len), "dhcp: every struct can be written");
	must_be_initialised(buf, (size_t)total);
	law(lk_dhcp_parse(buf, (size_t)total, &out) == LK_DHCP_HEADER, "dhcp: what is written can be read");
	law(in.op == out.op && in.hlen == out.hlen && in.xid == out.xid && in.flags == out.flags && in.ciaddr == out.ciaddr && in.giaddr == out.giaddr &&
	        same(in.options, in.options_len, out.options, out.options_len),
	    "dhcp: parse(emit(x)) = x");
	law(lk_dhcp_options_check(&out) == 0, "dhcp: options that were written are sound");
	int read = lk_dhcp_get(&out, code, back, sizeof back);
	len = read > 0 ? (size_t)read : 0;
	law(fits ? read == (int)got && same(value, got, back, len) : read == LK_E_NOTFOUND, "dhcp: an option is read as it was written");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *input = exact_copy(data, size);

	bytes_to_bytes(input, size);
	fields_to_fields((struct feed){input, size});
	free(input);
	return 0;
}
