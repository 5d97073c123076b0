/* DNS messages read (RFC 1035 section 4). */
#include "stack/wire/dns.h"

#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/wire/dns_record.h"

int lk_dns_header_parse(const uint8_t *bytes, size_t len, struct lk_dns_header *out)
{
	if (len < LK_DNS_HEADER) {
		return LK_E_TRUNCATED;
	}
	*out = (struct lk_dns_header){
		.id = lk_load_be16(bytes),
		.opcode = bytes[2] >> 3 & 15,
		.rcode = bytes[3] & 15,
		.qr = bytes[2] >> 7 & 1,
		.aa = bytes[2] >> 2 & 1,
		.tc = bytes[2] >> 1 & 1,
		.rd = bytes[2] & 1,
		.ra = bytes[3] >> 7 & 1,
		.z = bytes[3] >> 6 & 1,
		.ad = bytes[3] >> 5 & 1,
		.cd = bytes[3] >> 4 & 1,
		.count = {lk_load_be16(bytes + 4), lk_load_be16(bytes + 6), lk_load_be16(bytes + 8), lk_load_be16(bytes + 10)},
	};
	return LK_DNS_HEADER;
}

static uint8_t bit(bool set, unsigned place)
{
	return (uint8_t)((set ? 1u : 0u) << place);
}

int lk_dns_header_emit(const struct lk_dns_header *in, uint8_t *buf, size_t cap)
{
	if (in->opcode > 15 || in->rcode > 15) {
		return LK_E_INVALID;
	}
	if (cap < LK_DNS_HEADER) {
		return LK_E_NOSPACE;
	}
	lk_store_be16(buf, in->id);
	buf[2] = (uint8_t)(bit(in->qr, 7) | in->opcode << 3 | bit(in->aa, 2) | bit(in->tc, 1) | bit(in->rd, 0));
	buf[3] = (uint8_t)(bit(in->ra, 7) | bit(in->z, 6) | bit(in->ad, 5) | bit(in->cd, 4) | in->rcode);
	for (unsigned i = 0; i < 4; i++) {
		lk_store_be16(buf + 4 + 2 * i, in->count[i]);
	}
	return LK_DNS_HEADER;
}

int lk_dns_read_begin(struct lk_dns_reader *r, const uint8_t *bytes, size_t len)
{
	int error = lk_dns_header_parse(bytes, len, &r->header);

	if (error < 0) {
		return error;
	}
	r->bytes = bytes;
	r->len = len;
	r->at = LK_DNS_HEADER;
	for (unsigned i = 0; i < 4; i++) {
		r->left[i] = r->header.count[i];
	}
	return LK_DNS_HEADER;
}

/* A name and `behind` octets; where they stand. */
static int read_name(struct lk_dns_reader *r, struct lk_dns_name *name, size_t behind, const uint8_t **fields)
{
	int taken = lk_dns_name_parse(r->bytes, r->len, r->at, name);

	if (taken < 0) {
		return taken;
	}
	if (r->len - r->at - (size_t)taken < behind) {
		return LK_E_TRUNCATED;
	}
	*fields = r->bytes + r->at + taken;
	r->at += (size_t)taken + behind;
	return 0;
}

int lk_dns_read_question(struct lk_dns_reader *r, struct lk_dns_question *out)
{
	const uint8_t *fields;
	int error;

	if (r->left[LK_DNS_QUESTION] == 0) {
		return 0;
	}
	error = read_name(r, &out->name, 4, &fields);
	if (error < 0) {
		return error;
	}
	out->type = lk_load_be16(fields);
	out->class = lk_load_be16(fields + 2);
	r->left[LK_DNS_QUESTION]--;
	return 1;
}

/* RFC 1035 4.1.3: RDATA is as its type and class say, and RDLENGTH long. */
static int check_rdata(const struct lk_dns_record *record)
{
	struct lk_dns_part part;
	unsigned step = 0;
	size_t at = 0;
	int more;

	do {
		more = lk_dns_part_next(record, &step, &at, &part);
	} while (more > 0);
	return more;
}

/* Past the questions; the section of the next record, or 0, or an error. */
static int next_section(struct lk_dns_reader *r)
{
	struct lk_dns_question skipped;
	int section;

	do {
		section = lk_dns_read_question(r, &skipped);
	} while (section > 0);
	if (section < 0) {
		return section;
	}
	section = LK_DNS_ANSWER;
	while (section <= LK_DNS_ADDITIONAL && r->left[section] == 0) {
		section++;
	}
	return section > LK_DNS_ADDITIONAL ? 0 : section;
}

int lk_dns_read_record(struct lk_dns_reader *r, struct lk_dns_record *out)
{
	const uint8_t *fields;
	int section = next_section(r), error;

	if (section <= 0) {
		return section;
	}
	error = read_name(r, &out->name, 10, &fields);
	if (error < 0) {
		return error;
	}
	out->type = lk_load_be16(fields);
	out->class = lk_load_be16(fields + 2);
	out->ttl = lk_load_be32(fields + 4);
	out->rdlength = lk_load_be16(fields + 8);
	out->section = (uint8_t)section;
	out->rdata = r->bytes + r->at;
	out->message = r->bytes;
	if (r->len - r->at < out->rdlength) {
		return LK_E_TRUNCATED;
	}
	error = check_rdata(out);
	if (error < 0) {
		return error;
	}
	r->at += out->rdlength;
	r->left[section]--;
	return 1;
}

int lk_dns_check(const uint8_t *bytes, size_t len)
{
	struct lk_dns_reader r;
	struct lk_dns_record record;
	bool opt = false;
	int more = lk_dns_read_begin(&r, bytes, len);

	while (more > 0) {
		more = lk_dns_read_record(&r, &record);
		if (more <= 0 || record.type != LK_DNS_OPT) {
			continue;
		}
		/* RFC 6891 6.1.1 and 6.1.2: one, in the additional section, owned by the root */
		if (opt || record.section != LK_DNS_ADDITIONAL || record.name.len != 1) {
			return LK_E_DNS_OPT;
		}
		opt = true;
	}
	return more == 0 && r.at != len ? LK_E_DNS_TRAILING : more;
}
