/* DNS messages: the input read to its end and written again, and the input as names, questions and records that are written
 * and read again. */
#include "fuzz/common/law.h"
#include "stack/base/error.h"
#include "stack/wire/dns.h"
#include "stack/wire/dns_record.h"

static bool same_name(const struct lk_dns_name *a, const struct lk_dns_name *b)
{
	return same(a->octets, a->len, b->octets, b->len);
}

/* A name that came out of anything is sound, and its text is it. */
static void check_name(const struct lk_dns_name *name)
{
	struct lk_dns_name again;
	char text[LK_DNS_NAME_TEXT];
	bool absolute = false;
	int len = lk_dns_name_to_text(name, text, sizeof text);

	law(lk_dns_name_parse_plain(name->octets, name->len, &again) == name->len && same_name(name, &again), "dns: a name is its own octets");
	law(len > 0 && lk_dns_name_to_text(name, text, (size_t)len) == LK_E_NOSPACE, "dns: text one byte too short is refused");
	law(lk_dns_name_to_text(name, text, (size_t)len + 1) == len, "dns: text has the length that was told");
	law(lk_dns_name_from_text(text, (size_t)len, &again, &absolute) == 0 && absolute && same_name(name, &again), "dns: from_text(to_text(n)) = n");
	must_be_initialised((const uint8_t *)text, (size_t)len + 1);
}

static void check_rdata(const struct lk_dns_record *a, const struct lk_dns_record *b)
{
	struct lk_dns_part one, two;
	unsigned one_step = 0, two_step = 0, parts = 0;
	size_t one_at = 0, two_at = 0;
	int more;

	do {
		more = lk_dns_part_next(a, &one_step, &one_at, &one);
		law(lk_dns_part_next(b, &two_step, &two_at, &two) == more && more >= 0, "dns: rdata is read alike");
		if (more > 0 && one.is_name) {
			law(two.is_name && same_name(&one.name, &two.name), "dns: a name in rdata survives");
			check_name(&one.name);
		} else if (more > 0) {
			law(!two.is_name && same(one.bytes, one.len, two.bytes, two.len), "dns: octets in rdata survive");
		}
		law(++parts < 70000, "dns: rdata ends");
	} while (more > 0);
}

static void check_record(const struct lk_dns_record *a, const struct lk_dns_record *b)
{
	law(same_name(&a->name, &b->name) && a->type == b->type && a->class == b->class && a->ttl == b->ttl, "dns: a record survives");
	check_rdata(a, b);
}

/* Writes all that `bytes` holds. The length, or 0 when it does not fit. */
static size_t rewrite(const uint8_t *bytes, size_t len, uint8_t *buf, size_t cap)
{
	struct lk_dns_reader r;
	struct lk_dns_writer w;
	struct lk_dns_question q;
	struct lk_dns_record record;
	int error = lk_dns_read_begin(&r, bytes, len);

	law(error == LK_DNS_HEADER && lk_dns_write_begin(&w, buf, cap, &r.header) == LK_DNS_HEADER, "dns: a header can be written");
	while (lk_dns_read_question(&r, &q) > 0) {
		error = lk_dns_write_question(&w, &q);
		law(error == 0 || error == LK_E_NOSPACE, "dns: what was read can be written");
		if (error < 0) {
			return 0;
		}
	}
	while (lk_dns_read_record(&r, &record) > 0) {
		error = lk_dns_write_record(&w, record.section, &record);
		law(error == 0 || error == LK_E_NOSPACE, "dns: what was read can be written");
		if (error < 0) {
			return 0;
		}
	}
	return w.len;
}

static void hold_against(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	struct lk_dns_reader one, two;
	struct lk_dns_question p, q;
	struct lk_dns_record record, again;
	int more;

	lk_dns_read_begin(&one, a, a_len);
	lk_dns_read_begin(&two, b, b_len);
	while ((more = lk_dns_read_question(&one, &p)) > 0) {
		law(lk_dns_read_question(&two, &q) > 0 && same_name(&p.name, &q.name) && p.type == q.type && p.class == q.class, "dns: a question survives");
		check_name(&p.name);
	}
	while ((more = lk_dns_read_record(&one, &record)) > 0) {
		law(lk_dns_read_record(&two, &again) > 0 && record.section == again.section, "dns: as many records");
		check_record(&record, &again);
	}
	law(more == 0 && lk_dns_read_record(&two, &again) == 0, "dns: no more records");
}

static void bytes_to_bytes(const uint8_t *message, size_t len)
{
	enum { CAP = 65535 };
	int checked = lk_dns_check(message, len);
	struct lk_dns_name name;

	law(checked == 0 || lk_error_is_truncated(checked) || lk_error_is_malformed(checked), "dns: a message is sound or has a wire error");
	for (size_t at = 0; at < len && at < 64; at++) {
		int taken = lk_dns_name_parse(message, len, at, &name);

		law(taken < 0 || (taken > 0 && (size_t)taken <= len - at), "dns: a name lies within the message");
	}
	if (checked != 0) {
		return;
	}
	uint8_t *once = blank(CAP), *twice = blank(CAP);
	size_t once_len = rewrite(message, len, once, CAP), twice_len;

	if (once_len > 0) {
		must_be_initialised(once, once_len);
		law(lk_dns_check(once, once_len) == 0, "dns: what is written is sound");
		hold_against(message, len, once, once_len);
		twice_len = rewrite(once, once_len, twice, once_len);
		law(same(once, once_len, twice, twice_len), "dns: emit(parse(b)) = b for what the writer made");
		law(once_len == LK_DNS_HEADER || rewrite(once, once_len, twice, once_len - 1) == 0, "dns: one byte too few is refused");
	}
	free(once);
	free(twice);
}

/* A name out of few letters, so that suffixes are shared, or out of any octets. */
static struct lk_dns_name feed_name(struct feed *f)
{
	struct lk_dns_name name = {.len = 1};
	unsigned labels = feed_8(f) & 7;

	for (unsigned i = 0; i < labels; i++) {
		struct lk_dns_name label = {0}, joined;
		uint8_t how = feed_8(f);
		unsigned len = how & 0x80 ? 1 + (how & 62) : 1;

		label.octets[0] = (uint8_t)len;
		for (unsigned k = 1; k <= len; k++) {
			label.octets[k] = how & 0x80 ? feed_8(f) : (uint8_t)('a' + (how & 3));
		}
		label.len = (uint8_t)(len + 2);
		if (lk_dns_name_join(&label, &name, &joined) == 0) {
			name = joined;
		}
	}
	return name;
}

static struct lk_dns_record feed_record(struct feed *f)
{
	static const uint16_t types[] = {1, 2, 5, 6, 12, 13, 15, 16, 24, 28, 30, 33, 35, 39, 41, 65280};
	struct lk_dns_record record = {.name = feed_name(f), .type = types[feed_8(f) & 15], .class = LK_DNS_IN, .ttl = feed_32(f)};
	static uint8_t rdata[LK_DNS_RDATA_NAMES_MAX];
	struct lk_dns_soa soa = {.serial = record.ttl};
	struct lk_dns_mx mx = {.preference = (uint16_t)record.ttl};
	struct lk_dns_srv srv = {.port = (uint16_t)record.ttl};
	size_t len = 0;
	int made = -1;

	record.rdata = rdata;
	if (record.type == LK_DNS_SOA) {
		soa.mname = feed_name(f);
		soa.rname = feed_name(f);
		made = lk_dns_soa_emit(&soa, rdata, sizeof rdata);
	} else if (record.type == LK_DNS_MX) {
		mx.exchange = feed_name(f);
		made = lk_dns_mx_emit(&mx, rdata, sizeof rdata);
	} else if (record.type == LK_DNS_SRV) {
		srv.target = feed_name(f);
		made = lk_dns_srv_emit(&srv, rdata, sizeof rdata);
	} else {
		record.rdata = feed_bytes(f, feed_8(f), &len);
	}
	record.rdlength = (uint16_t)(made >= 0 ? made : (int)len);
	return record;
}

static void fields_to_fields(struct feed f)
{
	struct lk_dns_header header = {.id = feed_16(&f), .qr = true, .rcode = feed_8(&f) & 15};
	struct lk_dns_question q = {.name = feed_name(&f), .type = feed_16(&f), .class = feed_16(&f)}, q_again;
	struct lk_dns_record record, again;
	struct lk_dns_writer w;
	struct lk_dns_reader r;
	static uint8_t buf[65535];

	law(lk_dns_write_begin(&w, buf, 200 + feed_16(&f) % 4000u, &header) == LK_DNS_HEADER, "dns: every header can be written");
	if (lk_dns_write_question(&w, &q) < 0) {
		return;
	}
	for (unsigned section = 1; f.left > 0 && section < 4; section += feed_8(&f) & 1) {
		size_t before = w.len;
		record = feed_record(&f);
		int error = lk_dns_write_record(&w, (uint8_t)section, &record);

		law(error == 0 || error == LK_E_NOSPACE || error == LK_E_DNS_RDATA || lk_error_is_malformed(error), "dns: a record is written or refused by name");
		law(error == 0 || w.len == before, "dns: what is refused leaves nothing behind");
		lk_dns_read_begin(&r, buf, w.len);
		law(lk_dns_read_question(&r, &q_again) == 1 && same_name(&q.name, &q_again.name), "dns: the question stays");
		while (error == 0 && r.at < before && lk_dns_read_record(&r, &again) > 0) {
		}
		if (error == 0) {
			law(lk_dns_read_record(&r, &again) == 1 && again.section == section, "dns: what was written can be read");
			check_record(&record, &again);
		}
	}
	must_be_initialised(buf, w.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *input = exact_copy(data, size);

	if (size > 0 && size <= 16384) {
		bytes_to_bytes(input, size);
		fields_to_fields((struct feed){input, size});
	}
	free(input);
	return 0;
}
