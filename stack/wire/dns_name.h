/* Domain names: on the wire (RFC 1035 sections 3.1, 4.1.4) and as text (RFC 1035 section 5.1).
 *
 * A name is held uncompressed: each label behind its length octet, and the root's zero octet last. Case is kept as it came
 * and ignored in comparisons (RFC 1035 section 2.3.3); any octet may stand in a label (RFC 2181 section 11). */
#ifndef LK_WIRE_DNS_NAME_H
#define LK_WIRE_DNS_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LK_DNS_LABEL_MAX 63  /* octets of a label, RFC 1035 section 2.3.4 */
#define LK_DNS_NAME_MAX 255  /* octets of a name, length octets and the root's included */
#define LK_DNS_NAME_TEXT 1024 /* bytes that hold the text of every name, and the NUL */

struct lk_dns_name {
	uint8_t len;                     /* octets used, 1 for the root; 0: no name yet */
	uint8_t octets[LK_DNS_NAME_MAX]; /* zero behind `len` */
};

/* Read the name at `at` of a message of `len` bytes, pointers followed. A pointer must lead to a place before the labels
 * it ends, and behind the message's header: each step goes back, so that reading ends (RFC 9267 section 2).
 *
 * The octets that the name takes at `at`. LK_E_TRUNCATED: it runs past the end; LK_E_DNS_LABEL; LK_E_DNS_NAME;
 * LK_E_DNS_POINTER. On an error *out is untouched. */
int lk_dns_name_parse(const uint8_t *message, size_t len, size_t at, struct lk_dns_name *out);

/* Read a name in which no pointer may stand. The octets it takes, or an error as above. */
int lk_dns_name_parse_plain(const uint8_t *bytes, size_t len, struct lk_dns_name *out);

/* Read the text of a name: labels separated by dots; \. and \\ and any other \C are C itself, \DDD is the octet of that
 * decimal number; "." is the root. *absolute (may be NULL) says whether a dot that is not escaped ends it.
 *
 * 0; LK_E_INVALID: empty text, an empty label, or a bad escape; LK_E_DNS_LABEL; LK_E_DNS_NAME. On an error *out is untouched. */
int lk_dns_name_from_text(const char *text, size_t len, struct lk_dns_name *out, bool *absolute);

/* Write a name as text with its final dot, so that from_text() gives the same name. What a master file would take for
 * something else is escaped: . \ " ( ) ; @ $ with a backslash, all that is not printable or blank as \DDD.
 * The length without the NUL, or LK_E_NOSPACE and nothing written. */
int lk_dns_name_to_text(const struct lk_dns_name *name, char *text, size_t cap);

/* Whether both are the same name, ASCII case ignored. */
bool lk_dns_name_equal(const struct lk_dns_name *a, const struct lk_dns_name *b);

/* Whether `name` is `zone` or lies below it. */
bool lk_dns_name_within(const struct lk_dns_name *name, const struct lk_dns_name *zone);

/* Labels of a name, without the root's: 0 for the root. */
unsigned lk_dns_name_labels(const struct lk_dns_name *name);

/* The name without its first label. False for the root, which has none. */
bool lk_dns_name_parent(const struct lk_dns_name *name, struct lk_dns_name *out);

/* `name` with `suffix` behind it. 0, or LK_E_DNS_NAME and *out untouched. */
int lk_dns_name_join(const struct lk_dns_name *name, const struct lk_dns_name *suffix, struct lk_dns_name *out);

#endif
