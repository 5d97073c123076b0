/* The RDATA of DNS records: a table says of what each type consists, one walker reads it for everybody. */
#include "stack/wire/dns_record.h"

#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"

/* What RDATA consists of, in order: a digit: so many octets; n: a name that may be compressed (RFC 3597 section 4: types of
 * RFC 1035 only); N: a name that may not, but is understood when it is; s: a character-string; t: one or more of them;
 * o: EDNS options; a star: any octets up to the end. */
struct form {
	uint16_t type;
	bool internet; /* of class IN only */
	const char *parts;
};

static const struct form forms[] = {
	{LK_DNS_A, true, "4"},
	{LK_DNS_NS, false, "n"},
	{3, false, "n"}, /* MD */
	{4, false, "n"}, /* MF */
	{LK_DNS_CNAME, false, "n"},
	{LK_DNS_SOA, false, "nn44444"},
	{7, false, "n"}, /* MB */
	{8, false, "n"}, /* MG */
	{9, false, "n"}, /* MR */
	{11, true, "41*"}, /* WKS */
	{LK_DNS_PTR, false, "n"},
	{LK_DNS_HINFO, false, "ss"},
	{14, false, "nn"}, /* MINFO */
	{LK_DNS_MX, false, "2n"},
	{LK_DNS_TXT, false, "t"},
	{17, false, "NN"},        /* RP, RFC 1183 */
	{18, false, "2N"},        /* AFSDB, RFC 1183 */
	{21, false, "2N"},        /* RT, RFC 1183 */
	{24, false, "2114442N*"}, /* SIG, RFC 2535 */
	{26, true, "2NN"},        /* PX, RFC 2163 */
	{LK_DNS_AAAA, true, "88"},
	{30, false, "N*"}, /* NXT, RFC 2535 */
	{LK_DNS_SRV, true, "222N"},
	{35, true, "22sssN"}, /* NAPTR, RFC 3403 */
	{LK_DNS_DNAME, false, "N"},
};

static const char *form_of(const struct lk_dns_record *record)
{
	if (record->type == LK_DNS_OPT) {
		return "o"; /* its class is a size */
	}
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (forms[i].type == record->type) {
			bool known = forms[i].internet ? record->class == LK_DNS_IN : record->class >= LK_DNS_IN && record->class <= LK_DNS_HS;

			return known ? forms[i].parts : "*";
		}
	}
	return "*"; /* RFC 3597 section 3 */
}

static int name_at(const struct lk_dns_record *record, size_t at, struct lk_dns_name *out)
{
	int taken;

	if (record->message == NULL) {
		taken = lk_dns_name_parse_plain(record->rdata + at, record->rdlength - at, out);
	} else {
		size_t start = (size_t)(record->rdata - record->message);

		taken = lk_dns_name_parse(record->message, start + record->rdlength, start + at, out);
	}
	/* RDATA that ends inside the name: more bytes of the message do not help */
	return taken == LK_E_TRUNCATED ? LK_E_DNS_RDATA : taken;
}

/* Octets of one character-string, or of one option, that are there; LK_E_DNS_RDATA when it runs past the end. */
static int string_len(const uint8_t *bytes, size_t left)
{
	return left < 1 || left - 1 < bytes[0] ? LK_E_DNS_RDATA : 1 + bytes[0];
}

static int option_len(const uint8_t *bytes, size_t left)
{
	return left < 4 || left - 4 < lk_load_be16(bytes + 2) ? LK_E_DNS_RDATA : 4 + lk_load_be16(bytes + 2);
}

/* How long a part that is no name is; *again: it may be repeated up to the end. */
static int part_len(char kind, const uint8_t *bytes, size_t left, bool *again)
{
	*again = kind == 't' || kind == 'o';
	if (kind == '*') {
		return (int)left;
	}
	if (kind == 's' || kind == 't') {
		return string_len(bytes, left);
	}
	if (kind == 'o') {
		return option_len(bytes, left);
	}
	return left < (size_t)(kind - '0') ? LK_E_DNS_RDATA : kind - '0';
}

int lk_dns_part_next(const struct lk_dns_record *record, unsigned *step, size_t *at, struct lk_dns_part *out)
{
	const char *form = form_of(record);
	char kind = form[*step];
	size_t left = record->rdlength - *at;
	bool again = false;
	int len;

	/* an OPT without options has none of the parts of its form */
	if (kind == 0 || ((kind == '*' || kind == 'o') && left == 0)) {
		return left == 0 ? 0 : LK_E_DNS_RDATA;
	}
	out->is_name = kind == 'n' || kind == 'N';
	out->compressible = kind == 'n';
	out->bytes = record->rdata + *at;
	len = out->is_name ? name_at(record, *at, &out->name) : part_len(kind, out->bytes, left, &again);
	if (len < 0) {
		return len;
	}
	out->len = (size_t)len;
	*at += out->len;
	/* repeated while octets are left */
	if (!again || *at == record->rdlength) {
		(*step)++;
	}
	return 1;
}

/* ---- typed views ---- */

/* The first `count` parts of RDATA of that type, all of them checked. */
static int parts_of(const struct lk_dns_record *record, uint16_t type, struct lk_dns_part *part, unsigned count)
{
	struct lk_dns_part rest;
	unsigned step = 0, i = 0;
	size_t at = 0;
	int more;

	if (record->type != type || form_of(record)[0] == '*') {
		return LK_E_INVALID;
	}
	while ((more = lk_dns_part_next(record, &step, &at, i < count ? &part[i] : &rest)) > 0) {
		i++;
	}
	return more;
}

int lk_dns_a(const struct lk_dns_record *record, uint32_t *address)
{
	struct lk_dns_part part;
	int error = parts_of(record, LK_DNS_A, &part, 1);

	if (error == 0) {
		*address = lk_load_be32(part.bytes);
	}
	return error;
}

int lk_dns_aaaa(const struct lk_dns_record *record, uint8_t address[16])
{
	struct lk_dns_part part[2];
	int error = parts_of(record, LK_DNS_AAAA, part, 2);

	if (error == 0) {
		lk_memcpy(address, part[0].bytes, 16);
	}
	return error;
}

int lk_dns_target(const struct lk_dns_record *record, struct lk_dns_name *out)
{
	struct lk_dns_part part;
	uint16_t type = record->type;
	int error = LK_E_INVALID;

	if (type == LK_DNS_NS || type == LK_DNS_CNAME || type == LK_DNS_PTR || type == LK_DNS_DNAME) {
		error = parts_of(record, type, &part, 1);
	}
	if (error == 0) {
		*out = part.name;
	}
	return error;
}

int lk_dns_soa(const struct lk_dns_record *record, struct lk_dns_soa *out)
{
	struct lk_dns_part part[7];
	int error = parts_of(record, LK_DNS_SOA, part, 7);

	if (error == 0) {
		out->mname = part[0].name;
		out->rname = part[1].name;
		out->serial = lk_load_be32(part[2].bytes);
		out->refresh = lk_load_be32(part[3].bytes);
		out->retry = lk_load_be32(part[4].bytes);
		out->expire = lk_load_be32(part[5].bytes);
		out->minimum = lk_load_be32(part[6].bytes);
	}
	return error;
}

int lk_dns_mx(const struct lk_dns_record *record, struct lk_dns_mx *out)
{
	struct lk_dns_part part[2];
	int error = parts_of(record, LK_DNS_MX, part, 2);

	if (error == 0) {
		out->preference = lk_load_be16(part[0].bytes);
		out->exchange = part[1].name;
	}
	return error;
}

int lk_dns_srv(const struct lk_dns_record *record, struct lk_dns_srv *out)
{
	struct lk_dns_part part[4];
	int error = parts_of(record, LK_DNS_SRV, part, 4);

	if (error == 0) {
		out->priority = lk_load_be16(part[0].bytes);
		out->weight = lk_load_be16(part[1].bytes);
		out->port = lk_load_be16(part[2].bytes);
		out->target = part[3].name;
	}
	return error;
}

int lk_dns_txt_next(const struct lk_dns_record *record, size_t *at, const uint8_t **text, uint8_t *len)
{
	int taken;

	if (record->type != LK_DNS_TXT) {
		return LK_E_INVALID;
	}
	if (*at >= record->rdlength) {
		return 0;
	}
	taken = string_len(record->rdata + *at, record->rdlength - *at);
	if (taken < 0) {
		return taken;
	}
	*len = (uint8_t)(taken - 1);
	*text = record->rdata + *at + 1;
	*at += (size_t)taken;
	return 1;
}

static size_t put_name(uint8_t *buf, const struct lk_dns_name *name)
{
	lk_memcpy(buf, name->octets, name->len);
	return name->len;
}

int lk_dns_soa_emit(const struct lk_dns_soa *in, uint8_t *buf, size_t cap)
{
	size_t at = (size_t)in->mname.len + in->rname.len;

	if (cap < at + 20) {
		return LK_E_NOSPACE;
	}
	put_name(buf + put_name(buf, &in->mname), &in->rname);
	lk_store_be32(buf + at, in->serial);
	lk_store_be32(buf + at + 4, in->refresh);
	lk_store_be32(buf + at + 8, in->retry);
	lk_store_be32(buf + at + 12, in->expire);
	lk_store_be32(buf + at + 16, in->minimum);
	return (int)at + 20;
}

int lk_dns_mx_emit(const struct lk_dns_mx *in, uint8_t *buf, size_t cap)
{
	if (cap < 2u + in->exchange.len) {
		return LK_E_NOSPACE;
	}
	lk_store_be16(buf, in->preference);
	return 2 + (int)put_name(buf + 2, &in->exchange);
}

int lk_dns_srv_emit(const struct lk_dns_srv *in, uint8_t *buf, size_t cap)
{
	if (cap < 6u + in->target.len) {
		return LK_E_NOSPACE;
	}
	lk_store_be16(buf, in->priority);
	lk_store_be16(buf + 2, in->weight);
	lk_store_be16(buf + 4, in->port);
	return 6 + (int)put_name(buf + 6, &in->target);
}

/* ---- EDNS0 ---- */

#define DNSSEC_OK 0x8000u

int lk_dns_edns(const struct lk_dns_record *record, struct lk_dns_edns *out)
{
	if (record->type != LK_DNS_OPT) {
		return LK_E_INVALID;
	}
	/* RFC 6891 6.1.3: the TTL holds the upper bits of the RCODE, the version, DO and Z */
	out->udp_size = record->class;
	out->extended_rcode = (uint8_t)(record->ttl >> 24);
	out->version = (uint8_t)(record->ttl >> 16);
	out->dnssec_ok = (record->ttl & DNSSEC_OK) != 0;
	out->z = (uint16_t)(record->ttl & ~DNSSEC_OK & 0xffff);
	out->options = record->rdata;
	out->options_len = record->rdlength;
	return 0;
}

struct lk_dns_record lk_dns_edns_record(const struct lk_dns_edns *in)
{
	struct lk_dns_record record = {.name = {.len = 1}, .type = LK_DNS_OPT, .class = in->udp_size, .section = LK_DNS_ADDITIONAL};

	record.ttl = (uint32_t)in->extended_rcode << 24 | (uint32_t)in->version << 16 | (in->dnssec_ok ? DNSSEC_OK : 0) | (in->z & 0x7fffu);
	record.rdata = in->options;
	record.rdlength = in->options_len;
	return record;
}

int lk_dns_edns_next(const struct lk_dns_edns *edns, size_t *at, uint16_t *code, const uint8_t **data, uint16_t *len)
{
	int taken;

	if (*at >= edns->options_len) {
		return 0;
	}
	taken = option_len(edns->options + *at, edns->options_len - *at);
	if (taken < 0) {
		return taken;
	}
	*code = lk_load_be16(edns->options + *at);
	*len = (uint16_t)(taken - 4);
	*data = edns->options + *at + 4;
	*at += (size_t)taken;
	return 1;
}
