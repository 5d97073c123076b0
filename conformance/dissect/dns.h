/* What the two files about DNS share. Not for other rooms. */
#ifndef LK_DISSECT_DNS_H
#define LK_DISSECT_DNS_H

#include "conformance/dissect/layer.h"
#include "stack/wire/dns_name.h"

enum lk_dns_kind { LK_DNS_UNICAST = 0, LK_DNS_MULTICAST, LK_DNS_LINK_LOCAL };

/* Reads the name at `offset` of a message; `len` octets there. Ends the walk when it cannot be read. */
bool lk_dns_skip_name(struct lk_walk *w, const struct lk_view *v, uint32_t offset, uint32_t *len, struct lk_dns_name *name);
/* Adds a name that was read; `part` as LK_FIELD_DNS_NAME has it. */
bool lk_dns_add_name(struct lk_walk *w, const struct lk_view *v, const char *field, uint32_t offset, uint32_t len, unsigned part);
bool lk_dns_add_class(struct lk_walk *w, const struct lk_view *v, enum lk_dns_kind kind, const char *name, const char *flag, uint32_t offset);
/* Adds the record at *at, and moves on behind it. */
bool lk_dns_add_record(struct lk_walk *w, const struct lk_view *v, enum lk_dns_kind kind, uint32_t *at);

#endif
