/* DNS messages (RFC 1035 section 4): header, questions, records; read one after the other, written one after the other.
 *
 *     lk_dns_read_begin, _question, _record     a reader over bytes that are borrowed
 *     lk_dns_write_begin, _question, _record    a writer into a buffer of the caller's, names compressed
 *     lk_dns_check                              whether a whole message is sound
 *
 * What stands in a record's RDATA: stack/wire/dns_record.h. Unknown types are carried as they are (RFC 3597).
 *
 * Laws. Canonical is a message as the writer makes it: each name points to the first occurrence of its longest suffix that
 * was written before, among the first LK_DNS_SUFFIXES suffixes that lie below offset 2^14; names in RDATA only where
 * RFC 3597 section 4 allows it. Then writing what was read gives the same bytes, and reading what was written gives the
 * same questions and records, for all that the writer accepts. */
#ifndef LK_WIRE_DNS_H
#define LK_WIRE_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/wire/dns_name.h"

#define LK_DNS_HEADER 12       /* bytes */
#define LK_DNS_UDP_MAX 512     /* bytes of a message over UDP without EDNS0, RFC 1035 section 4.2.1 */
#define LK_DNS_MESSAGE_MAX 65535
#define LK_DNS_PORT 53

enum lk_dns_type {
	LK_DNS_A = 1, LK_DNS_NS = 2, LK_DNS_CNAME = 5, LK_DNS_SOA = 6, LK_DNS_PTR = 12, LK_DNS_HINFO = 13, LK_DNS_MX = 15, LK_DNS_TXT = 16,
	LK_DNS_AAAA = 28, LK_DNS_SRV = 33, LK_DNS_DNAME = 39, LK_DNS_OPT = 41,
	LK_DNS_IXFR = 251, LK_DNS_AXFR = 252, LK_DNS_MAILB = 253, LK_DNS_MAILA = 254, LK_DNS_ANY = 255 /* of questions only */
};
enum lk_dns_class { LK_DNS_IN = 1, LK_DNS_CH = 3, LK_DNS_HS = 4, LK_DNS_CLASS_ANY = 255 };
enum lk_dns_opcode { LK_DNS_QUERY = 0, LK_DNS_STATUS = 2, LK_DNS_NOTIFY = 4, LK_DNS_UPDATE = 5 };
enum lk_dns_rcode {
	LK_DNS_NOERROR = 0, LK_DNS_FORMERR = 1, LK_DNS_SERVFAIL = 2, LK_DNS_NXDOMAIN = 3, LK_DNS_NOTIMP = 4, LK_DNS_REFUSED = 5,
	LK_DNS_BADVERS = 16 /* with the upper bits of EDNS0 */
};
enum lk_dns_section { LK_DNS_QUESTION = 0, LK_DNS_ANSWER, LK_DNS_AUTHORITY, LK_DNS_ADDITIONAL };

/* RFC 1035 section 4.1.1; AD and CD of RFC 4035 section 3. */
struct lk_dns_header {
	uint16_t id;
	uint8_t opcode;    /* 0..15 */
	uint8_t rcode;     /* 0..15 */
	bool qr, aa, tc, rd, ra, z, ad, cd;
	uint16_t count[4]; /* QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT: by enum lk_dns_section */
};

/* Read the header. 12 or LK_E_TRUNCATED. */
int lk_dns_header_parse(const uint8_t *bytes, size_t len, struct lk_dns_header *out);
/* Write it. 12; LK_E_INVALID: opcode or rcode above 15; LK_E_NOSPACE. */
int lk_dns_header_emit(const struct lk_dns_header *in, uint8_t *buf, size_t cap);

struct lk_dns_question {
	struct lk_dns_name name;
	uint16_t type, class; /* QTYPE, QCLASS */
};

struct lk_dns_record {
	struct lk_dns_name name;
	uint16_t type, class;
	uint32_t ttl;           /* s, as it stands; lk_dns_ttl() says what it means */
	uint16_t rdlength;
	uint8_t section;        /* set by the reader, ignored by the writer */
	const uint8_t *rdata;   /* borrowed */
	const uint8_t *message; /* where pointers in rdata lead: the message that holds it; NULL: names in it are uncompressed */
};

/* Seconds a record may be kept: a TTL with its top bit set counts as zero (RFC 2181 section 8). */
static inline uint32_t lk_dns_ttl(const struct lk_dns_record *record)
{
	return record->ttl > INT32_MAX ? 0 : record->ttl;
}

/* ---- reading ---- */

struct lk_dns_reader {
	const uint8_t *bytes; /* borrowed */
	size_t len;
	size_t at;            /* of what is read next */
	struct lk_dns_header header;
	uint16_t left[4];     /* of each section */
};

/* Begin. 12 or LK_E_TRUNCATED. */
int lk_dns_read_begin(struct lk_dns_reader *r, const uint8_t *bytes, size_t len);
/* The next question. 1; 0: there are no more; LK_E_TRUNCATED, or an error of its name. After an error nothing more can be read. */
int lk_dns_read_question(struct lk_dns_reader *r, struct lk_dns_question *out);
/* The next record, of whichever section comes next; questions not read are skipped. 1; 0: there are no more; LK_E_TRUNCATED;
 * LK_E_DNS_RDATA: RDLENGTH does not fit the type (RFC 1035 section 4.1.3); an error of a name in it. */
int lk_dns_read_record(struct lk_dns_reader *r, struct lk_dns_record *out);

/* Whether all that the header counts is there and sound, and nothing else (RFC 9267 section 6). 0; an error as above;
 * LK_E_DNS_OPT: an OPT that may not stand where it does, or a second one (RFC 6891 section 6.1.1); LK_E_DNS_TRAILING.
 * Linear in len but for the pointers, of which each name follows 127 at most. */
int lk_dns_check(const uint8_t *bytes, size_t len);

/* ---- writing ---- */

#define LK_DNS_SUFFIXES 64 /* places remembered that a name may point to */

struct lk_dns_writer {
	uint8_t *buf;
	size_t cap, len;   /* len: bytes written so far, a sound message at any time */
	uint8_t section;   /* of what was written last */
	uint8_t suffixes;
	uint16_t suffix[LK_DNS_SUFFIXES];
};

/* Begin a message: the header, its counts 0 whatever they say. 12; LK_E_INVALID, LK_E_NOSPACE as lk_dns_header_emit(). Bytes
 * beyond 65535 are not used. */
int lk_dns_write_begin(struct lk_dns_writer *w, uint8_t *buf, size_t cap, const struct lk_dns_header *header);
/* Add a question, or a record to a section; the header counts it. Sections are written in their order.
 * 0; LK_E_NOSPACE: it does not fit, the message is as before; LK_E_INVALID: a later section was begun, a name is none, or the
 * section's count is full; for records an error of their RDATA, as lk_dns_read_record(). */
int lk_dns_write_question(struct lk_dns_writer *w, const struct lk_dns_question *question);
int lk_dns_write_record(struct lk_dns_writer *w, uint8_t section, const struct lk_dns_record *record);
/* Change the header; the counts stay. 0 or LK_E_INVALID. */
int lk_dns_write_header(struct lk_dns_writer *w, const struct lk_dns_header *header);

#endif
