/* Part of resolve: records and types as text (RFC 1035 section 5.1, RFC 3597 section 5), and a result as one line or as JSON. */
#ifndef LK_CLI_RESOLVE_PRINT_H
#define LK_CLI_RESOLVE_PRINT_H

#include "stack/apps/dns_resolver.h"
#include "stack/wire/dns.h"

/* The number of a type by its name (any case), "TYPE65280" or "65280". False: there is no such type. */
bool lk_resolve_type(const char *text, uint16_t *type);

/* The data of each record of the answer section, one a line, in the order of the answer. */
void lk_resolve_print_short(const struct lk_dns_result *result);
/* One JSON object on one line: name type error rcode tcp server answers[{name type ttl data}]. */
void lk_resolve_print_json(const char *name, uint16_t type, const struct lk_dns_result *result, const char *error);

#endif
