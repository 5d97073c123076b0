/* Finding answers in a zone (RFC 1034 4.3.2). */
#include "stack/apps/dns_zone.h"

#include "stack/base/error.h"
#include "stack/base/mem.h"
#include "stack/wire/dns_record.h"

struct search {
    const struct lk_dns_zone *zone;
    struct lk_dns_writer *w;
    struct lk_dns_header *header;
    struct lk_dns_name origin;
    struct lk_dns_name name; /* what is looked for now */
};

static bool read_text(const char *text, struct lk_dns_name *out)
{
    size_t len = 0;
    while (text[len] != 0)
        len++;
    return lk_dns_name_from_text(text, len, out, NULL) == 0;
}

static bool owned_by(const struct lk_dns_zone_record *record, const struct lk_dns_name *name)
{
    struct lk_dns_name owner;
    return read_text(record->name, &owner) && lk_dns_name_equal(&owner, name);
}

static const struct lk_dns_zone_record *find(const struct search *s, const struct lk_dns_name *name, uint16_t type)
{
    for (size_t i = 0; i < s->zone->count; i++)
        if ((type == LK_DNS_ANY || s->zone->record[i].type == type) && owned_by(&s->zone->record[i], name))
            return &s->zone->record[i];
    return NULL;
}

/* Whether the name, or one below it, owns anything: an empty non-terminal exists too (RFC 4592 2.2.2). */
static bool exists(const struct search *s, const struct lk_dns_name *name)
{
    struct lk_dns_name owner;
    for (size_t i = 0; i < s->zone->count; i++)
        if (read_text(s->zone->record[i].name, &owner) && lk_dns_name_within(&owner, name))
            return true;
    return false;
}

static struct lk_dns_record as_record(const struct lk_dns_zone_record *from, const struct lk_dns_name *owner, uint32_t ttl)
{
    return (struct lk_dns_record){.name = *owner, .type = from->type, .class = LK_DNS_IN, .ttl = ttl, .rdata = from->data, .rdlength = from->len};
}

/* The records of `type` that `source` owns, shown as `owner`'s. All have the least TTL of them (RFC 2181 5.2). */
static int put_set(struct search *s, uint8_t section, const struct lk_dns_name *source, const struct lk_dns_name *owner, uint16_t type)
{
    uint32_t ttl = UINT32_MAX;
    for (size_t i = 0; i < s->zone->count; i++) {
        const struct lk_dns_zone_record *z = &s->zone->record[i];
        if (z->type == type && z->ttl < ttl && owned_by(z, source))
            ttl = z->ttl;
    }
    for (size_t i = 0; i < s->zone->count; i++) {
        const struct lk_dns_zone_record *z = &s->zone->record[i];
        if (z->type != type || !owned_by(z, source))
            continue;
        struct lk_dns_record record = as_record(z, owner, ttl);
        int error = lk_dns_write_record(s->w, section, &record);
        if (error < 0)
            return error == LK_E_NOSPACE ? error : LK_E_INVALID;
    }
    return 0;
}

/* A set that may be left out, whole or not at all. */
static void put_extra(struct search *s, const struct lk_dns_name *name, uint16_t type)
{
    struct lk_dns_writer before = *s->w;
    uint8_t counts[LK_DNS_HEADER];
    lk_memcpy(counts, before.buf, sizeof counts);
    if (put_set(s, LK_DNS_ADDITIONAL, name, name, type) < 0) {
        *s->w = before;
        lk_memcpy(before.buf, counts, sizeof counts);
    }
}

/* RFC 1034 4.3.2 step 6: addresses of the hosts that the records of `type` name. */
static void put_addresses(struct search *s, const struct lk_dns_name *owner, uint16_t type)
{
    for (size_t i = 0; i < s->zone->count; i++) {
        const struct lk_dns_zone_record *z = &s->zone->record[i];
        if (z->type != type || !owned_by(z, owner))
            continue;
        struct lk_dns_record record = as_record(z, owner, 0);
        struct lk_dns_name target = {0};
        struct lk_dns_mx mx;
        struct lk_dns_srv srv;
        if (type == LK_DNS_MX && lk_dns_mx(&record, &mx) == 0)
            target = mx.exchange;
        else if (type == LK_DNS_SRV && lk_dns_srv(&record, &srv) == 0)
            target = srv.target;
        else if (type == LK_DNS_NS && lk_dns_target(&record, &target) < 0)
            target.len = 0;
        if (target.len != 0 && lk_dns_name_within(&target, &s->origin)) {
            put_extra(s, &target, LK_DNS_A);
            put_extra(s, &target, LK_DNS_AAAA);
        }
    }
}

/* RFC 2308 3: the SOA, kept no longer than its MINIMUM. */
static int put_soa(struct search *s)
{
    const struct lk_dns_zone_record *z = find(s, &s->origin, LK_DNS_SOA);
    struct lk_dns_soa soa;
    if (z == NULL)
        return LK_E_INVALID;
    struct lk_dns_record record = as_record(z, &s->origin, z->ttl);
    if (lk_dns_soa(&record, &soa) < 0)
        return LK_E_INVALID;
    if (soa.minimum < record.ttl)
        record.ttl = soa.minimum;
    return lk_dns_write_record(s->w, LK_DNS_AUTHORITY, &record);
}

/* The cut below which another server knows more (RFC 1034 4.3.2 step 3b): the highest NS set between origin and name. */
static bool find_cut(const struct search *s, struct lk_dns_name *cut)
{
    struct lk_dns_name at = s->name;
    bool found = false;
    while (!lk_dns_name_equal(&at, &s->origin)) {
        if (find(s, &at, LK_DNS_NS) != NULL) {
            *cut = at;
            found = true;
        }
        if (!lk_dns_name_parent(&at, &at))
            break;
    }
    return found;
}

/* RFC 4592 3.3.1: the wildcard at the closest encloser speaks for names that do not exist. */
static bool find_wildcard(const struct search *s, struct lk_dns_name *source)
{
    static const struct lk_dns_name star = {.len = 3, .octets = {1, '*', 0}};
    struct lk_dns_name encloser = s->name;
    do {
        if (!lk_dns_name_parent(&encloser, &encloser))
            return false;
    } while (!exists(s, &encloser));
    return lk_dns_name_join(&star, &encloser, source) == 0 && find(s, source, LK_DNS_ANY) != NULL;
}

/* What is at `source`, shown as s->name's. *again: it is an alias, and s->name its target in this zone. */
static int put_found(struct search *s, const struct lk_dns_name *source, uint16_t qtype, bool *again)
{
    const struct lk_dns_zone_record *alias = find(s, source, LK_DNS_CNAME);
    if (alias != NULL && qtype != LK_DNS_CNAME && qtype != LK_DNS_ANY) {
        struct lk_dns_record record = as_record(alias, &s->name, alias->ttl);
        struct lk_dns_name target;
        if (lk_dns_target(&record, &target) < 0)
            return LK_E_INVALID;
        int error = put_set(s, LK_DNS_ANSWER, source, &s->name, LK_DNS_CNAME);
        s->name = target;
        *again = lk_dns_name_within(&target, &s->origin);
        return error;
    }
    const struct lk_dns_zone_record *first = find(s, source, qtype);
    if (first == NULL)
        return put_soa(s); /* no data */
    /* RFC 8482 4.1: to ANY one set is answer enough */
    int error = put_set(s, LK_DNS_ANSWER, source, &s->name, first->type);
    if (error == 0)
        put_addresses(s, source, first->type);
    return error;
}

static int put_referral(struct search *s, const struct lk_dns_name *cut)
{
    int error = put_set(s, LK_DNS_AUTHORITY, cut, cut, LK_DNS_NS);
    if (error == 0)
        put_addresses(s, cut, LK_DNS_NS);
    return error;
}

bool lk_dns_zone_holds(const struct lk_dns_zone *zone, const struct lk_dns_name *name)
{
    struct lk_dns_name origin;
    return read_text(zone->origin, &origin) && lk_dns_name_within(name, &origin);
}

int lk_dns_zone_answer(const struct lk_dns_zone *zone, const struct lk_dns_question *question, struct lk_dns_writer *w, struct lk_dns_header *header)
{
    struct search s = {.zone = zone, .w = w, .header = header, .name = question->name};
    struct lk_dns_name source;
    bool again = true;
    if (!read_text(zone->origin, &s.origin))
        return LK_E_INVALID;
    header->aa = true;
    for (unsigned hops = 0; again && hops <= LK_DNS_ZONE_CNAMES; hops++) {
        again = false;
        int error = 0;
        if (find_cut(&s, &source)) {
            header->aa = hops > 0; /* of the first name only, RFC 1035 4.1.1 */
            error = put_referral(&s, &source);
        } else if (exists(&s, &s.name)) {
            error = put_found(&s, &s.name, question->type, &again);
        } else if (find_wildcard(&s, &source)) {
            error = put_found(&s, &source, question->type, &again);
        } else {
            header->rcode = LK_DNS_NXDOMAIN; /* of the last name in a chain, RFC 2308 2.1 */
            error = put_soa(&s);
        }
        if (error < 0)
            return error;
    }
    return 0;
}
