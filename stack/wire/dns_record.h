/* What stands in the RDATA of DNS records: RFC 1035 section 3.3, RFC 3596 (AAAA), RFC 2782 (SRV), RFC 6891 (OPT).
 *
 * lk_dns_X() reads a record's RDATA, whether its names are compressed or not; lk_dns_X_emit() writes RDATA with names
 * uncompressed, as lk_dns_write_record() and zones want it. Law: reading what was written gives the same. */
#ifndef LK_WIRE_DNS_RECORD_H
#define LK_WIRE_DNS_RECORD_H

#include "stack/wire/dns.h"

#define LK_DNS_RDATA_NAMES_MAX 530 /* bytes of uncompressed RDATA of a type whose names may be compressed: a SOA */

struct lk_dns_soa { struct lk_dns_name mname, rname; uint32_t serial, refresh, retry, expire, minimum; };
struct lk_dns_mx { uint16_t preference; struct lk_dns_name exchange; };
struct lk_dns_srv { uint16_t priority, weight, port; struct lk_dns_name target; };

/* Each: 0; LK_E_INVALID: the record is of another type; LK_E_DNS_RDATA or an error of a name: not sound. */
int lk_dns_a(const struct lk_dns_record *record, uint32_t *address);
int lk_dns_aaaa(const struct lk_dns_record *record, uint8_t address[16]);
int lk_dns_target(const struct lk_dns_record *record, struct lk_dns_name *out); /* NS, CNAME, PTR, DNAME: the one name there is */
int lk_dns_soa(const struct lk_dns_record *record, struct lk_dns_soa *out);
int lk_dns_mx(const struct lk_dns_record *record, struct lk_dns_mx *out);
int lk_dns_srv(const struct lk_dns_record *record, struct lk_dns_srv *out);
/* The character-string at *at of a TXT record (0 to begin with, moved on). 1; 0: no more; LK_E_INVALID, LK_E_DNS_RDATA. */
int lk_dns_txt_next(const struct lk_dns_record *record, size_t *at, const uint8_t **text, uint8_t *len);

/* Each: bytes of RDATA written, or LK_E_NOSPACE. The others are four or sixteen octets, or a name's octets. */
int lk_dns_soa_emit(const struct lk_dns_soa *in, uint8_t *buf, size_t cap);
int lk_dns_mx_emit(const struct lk_dns_mx *in, uint8_t *buf, size_t cap);
int lk_dns_srv_emit(const struct lk_dns_srv *in, uint8_t *buf, size_t cap);

/* The OPT record (RFC 6891 section 6.1.2, 6.1.3). */
struct lk_dns_edns {
	uint16_t udp_size;      /* requestor's payload size, as it stands: below 512 counts as 512 (section 6.2.3) */
	uint8_t extended_rcode; /* upper eight of the twelve bits */
	uint8_t version;
	bool dnssec_ok;         /* RFC 3225 */
	uint16_t z;             /* the other 15 flags */
	const uint8_t *options; /* {code, length, data}..., checked by the reader; borrowed */
	uint16_t options_len;
};
/* 0, or LK_E_INVALID: no OPT. */
int lk_dns_edns(const struct lk_dns_record *record, struct lk_dns_edns *out);
/* The record to write into the additional section; it borrows the options. */
struct lk_dns_record lk_dns_edns_record(const struct lk_dns_edns *in);
/* The option at *at (0 to begin with). 1; 0: no more; LK_E_DNS_RDATA. */
int lk_dns_edns_next(const struct lk_dns_edns *edns, size_t *at, uint16_t *code, const uint8_t **data, uint16_t *len);

/* ---- the form of RDATA, for the reader, the writer and those who show records ---- */

/* A part of RDATA: a name, or octets that are carried as they are. */
struct lk_dns_part {
	bool is_name, compressible; /* compressible: RFC 3597 section 4 lets a writer compress it */
	struct lk_dns_name name;
	const uint8_t *bytes;
	size_t len;
};
/* The part at *at of a record's RDATA; *step and *at are 0 to begin with and moved on. 1; 0: the RDATA ended where its type
 * says; LK_E_DNS_RDATA: it did not; an error of a name. */
int lk_dns_part_next(const struct lk_dns_record *record, unsigned *step, size_t *at, struct lk_dns_part *out);

#endif
