/* Finding answers in a zone (RFC 1034 4.3.2 steps 3, 4 and 6, RFC 2308 3, RFC 4592, RFC 8482): the part of the server that
 * knows no sockets. Not for other rooms. */
#ifndef LK_APPS_DNS_ZONE_H
#define LK_APPS_DNS_ZONE_H

#include "stack/apps/dns_server.h"
#include "stack/wire/dns.h"

#define LK_DNS_ZONE_CNAMES 16 /* aliases followed for one question; a longer chain, or a circle, is answered as far as that */

/* Whether the question's name belongs to the zone. */
bool lk_dns_zone_holds(const struct lk_dns_zone *zone, const struct lk_dns_name *name);

/* Writes answer, authority and additional records behind a question that was written already, and sets aa and rcode of
 * *header. 0; LK_E_NOSPACE: what the answer must hold does not fit, and the message is of no use; LK_E_INVALID: the
 * zone itself is not sound. Additional records that do not fit are left out (RFC 2181 5.1). */
int lk_dns_zone_answer(const struct lk_dns_zone *zone, const struct lk_dns_question *question, struct lk_dns_writer *w, struct lk_dns_header *header);

#endif
