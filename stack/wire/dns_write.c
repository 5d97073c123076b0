/* DNS messages written, names compressed (RFC 1035 section 4.1.4). */
#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"
#include "stack/wire/dns.h"
#include "stack/wire/dns_record.h"

#define REACH 0x4000u /* a pointer has 14 bits */

/* Whether the name that begins at `at` of what was written is these octets, case and all: what is read again is what was given. */
static bool written_at(const uint8_t *buf, size_t at, const uint8_t *suffix)
{
	for (;;) {
		while (buf[at] >= 0xc0) {
			at = lk_load_be16(buf + at) & (REACH - 1); /* written by ourselves: it leads back to labels */
		}
		if (!lk_memequal(buf + at, suffix, 1u + suffix[0])) {
			return false;
		}
		if (suffix[0] == 0) {
			return true;
		}
		at += 1u + suffix[0];
		suffix += 1u + suffix[0];
	}
}

/* The first place where that suffix was written, or 0. */
static uint16_t find_suffix(const struct lk_dns_writer *w, const uint8_t *suffix)
{
	for (unsigned i = 0; i < w->suffixes; i++) {
		if (written_at(w->buf, w->suffix[i], suffix)) {
			return w->suffix[i];
		}
	}
	return 0;
}

static int put_bytes(struct lk_dns_writer *w, const uint8_t *bytes, size_t len)
{
	if (w->cap - w->len < len) {
		return LK_E_NOSPACE;
	}
	lk_memcpy(w->buf + w->len, bytes, len);
	w->len += len;
	return 0;
}

static int put_16(struct lk_dns_writer *w, uint16_t number)
{
	uint8_t bytes[2];

	lk_store_be16(bytes, number);
	return put_bytes(w, bytes, 2);
}

/* The labels from `at` up to the end or a pointer are places for later names. */
static void remember(struct lk_dns_writer *w, size_t at)
{
	while (w->buf[at] != 0 && w->buf[at] < 0xc0 && w->suffixes < LK_DNS_SUFFIXES && at < REACH) {
		w->suffix[w->suffixes++] = (uint16_t)at;
		at += 1u + w->buf[at];
	}
}

/* Whether the octets are a name at all. */
static bool sound(const struct lk_dns_name *name)
{
	struct lk_dns_name again;

	return lk_dns_name_parse_plain(name->octets, name->len, &again) == name->len;
}

/* A name, label by label until what is left stands somewhere already. Names in RDATA that may not be compressed are no
 * places for others either: who does not know the type does not see them (RFC 3597 section 4). */
static int put_name(struct lk_dns_writer *w, const struct lk_dns_name *name, bool compress)
{
	const uint8_t *rest = name->octets;
	size_t start = w->len;
	uint16_t there = 0;
	int error = 0;

	if (!sound(name)) {
		return LK_E_INVALID;
	}
	if (!compress) {
		return put_bytes(w, name->octets, name->len);
	}
	while (error == 0 && rest[0] != 0 && (there = find_suffix(w, rest)) == 0) {
		error = put_bytes(w, rest, 1u + rest[0]);
		rest += 1u + rest[0];
	}
	if (error == 0) {
		error = there != 0 ? put_16(w, (uint16_t)(0xc000u | there)) : put_bytes(w, rest, 1);
	}
	if (error == 0) {
		remember(w, start);
	}
	return error;
}

static int put_rdata(struct lk_dns_writer *w, const struct lk_dns_record *record)
{
	struct lk_dns_part part;
	size_t length_at = w->len, at = 0;
	unsigned step = 0;
	int more = put_16(w, 0), error = more;

	while (error == 0 && (more = lk_dns_part_next(record, &step, &at, &part)) > 0) {
		error = part.is_name ? put_name(w, &part.name, part.compressible) : put_bytes(w, part.bytes, part.len);
	}
	if (error < 0 || more < 0) {
		return error < 0 ? error : more;
	}
	lk_store_be16(w->buf + length_at, (uint16_t)(w->len - length_at - 2));
	return 0;
}

int lk_dns_write_header(struct lk_dns_writer *w, const struct lk_dns_header *header)
{
	struct lk_dns_header counted = *header;

	for (unsigned i = 0; i < 4; i++) {
		counted.count[i] = lk_load_be16(w->buf + 4 + 2 * i);
	}
	return lk_dns_header_emit(&counted, w->buf, LK_DNS_HEADER) < 0 ? LK_E_INVALID : 0;
}

int lk_dns_write_begin(struct lk_dns_writer *w, uint8_t *buf, size_t cap, const struct lk_dns_header *header)
{
	struct lk_dns_header empty = *header;
	int error;

	for (unsigned i = 0; i < 4; i++) {
		empty.count[i] = 0;
	}
	error = lk_dns_header_emit(&empty, buf, cap);
	if (error < 0) {
		return error;
	}
	*w = (struct lk_dns_writer){.buf = buf, .cap = cap < LK_DNS_MESSAGE_MAX ? cap : LK_DNS_MESSAGE_MAX, .len = LK_DNS_HEADER};
	return LK_DNS_HEADER;
}

/* What was added counts in its section, or is taken back. */
static int settle(struct lk_dns_writer *w, uint8_t section, int error, size_t len, uint8_t suffixes)
{
	uint8_t *count = w->buf + 4 + 2 * section;

	if (error < 0) {
		w->len = len;
		w->suffixes = suffixes;
		return error;
	}
	w->section = section;
	lk_store_be16(count, (uint16_t)(lk_load_be16(count) + 1));
	return 0;
}

static bool takes(const struct lk_dns_writer *w, unsigned section)
{
	return section >= w->section && section <= LK_DNS_ADDITIONAL && lk_load_be16(w->buf + 4 + 2 * section) < UINT16_MAX;
}

int lk_dns_write_question(struct lk_dns_writer *w, const struct lk_dns_question *question)
{
	size_t len = w->len;
	uint8_t suffixes = w->suffixes;
	int error;

	if (!takes(w, LK_DNS_QUESTION)) {
		return LK_E_INVALID;
	}
	error = put_name(w, &question->name, true);
	error = error < 0 ? error : put_16(w, question->type);
	error = error < 0 ? error : put_16(w, question->class);
	return settle(w, LK_DNS_QUESTION, error, len, suffixes);
}

int lk_dns_write_record(struct lk_dns_writer *w, uint8_t section, const struct lk_dns_record *record)
{
	size_t len = w->len;
	uint8_t suffixes = w->suffixes, ttl[4];
	int error;

	if (section == LK_DNS_QUESTION || !takes(w, section)) {
		return LK_E_INVALID;
	}
	lk_store_be32(ttl, record->ttl);
	error = put_name(w, &record->name, true);
	error = error < 0 ? error : put_16(w, record->type);
	error = error < 0 ? error : put_16(w, record->class);
	error = error < 0 ? error : put_bytes(w, ttl, 4);
	error = error < 0 ? error : put_rdata(w, record);
	return settle(w, section, error, len, suffixes);
}
