/* What an answer says to a question: whether it belongs to it, where its chain of aliases ends, and how long it may be kept.
 * Pure functions over one message. Not for other rooms. */
#ifndef LK_APPS_DNS_ANSWER_H
#define LK_APPS_DNS_ANSWER_H

#include "stack/wire/dns.h"

#define LK_DNS_ALIASES 16 /* of one answer that are followed (RFC 1034 3.6.2: a chain that does not end is an error) */
#define LK_DNS_TTL_MAX 604800u /* s, a week: a longer TTL counts as this (RFC 1035 7.3) */

/* Whether a message is the response to this question: QR, opcode, ID, and the question itself (RFC 5452 9.1). Addresses and
 * ports are for the caller to compare. A response that says FORMERR or NOTIMP may have no question at all: its sender did
 * not understand ours. */
bool lk_dns_answer_matches(const uint8_t *bytes, size_t len, uint16_t id, const struct lk_dns_question *question);

/* The twelve bits of the RCODE (RFC 6891 6.1.3) of a sound message; *has_opt: there is an OPT. */
unsigned lk_dns_answer_rcode(const uint8_t *bytes, size_t len, bool *has_opt);

enum lk_dns_outcome {
    LK_DNS_FOUND = 0, /* records of the type asked for, owned by `end` */
    LK_DNS_ALIAS,     /* a chain of aliases that ends with a name of which nothing is said: ask for `end` */
    LK_DNS_NO_DATA,   /* `end` has no such record (RFC 2308 2.2) */
    LK_DNS_NO_NAME,   /* `end` does not exist (RFC 2308 2.1) */
    LK_DNS_LAME       /* neither: a referral, a circle of aliases */
};
struct lk_dns_finding {
    enum lk_dns_outcome outcome;
    struct lk_dns_name end;
    unsigned aliases;
    uint32_t ttl; /* s, the least of the records that count; 0: not to be kept */
};
/* Reads a sound message with RCODE NOERROR or NXDOMAIN as an answer to the question. */
void lk_dns_answer_read(const uint8_t *bytes, size_t len, const struct lk_dns_question *question, struct lk_dns_finding *out);

#endif
