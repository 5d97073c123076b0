/* What an answer says (RFC 1034 3.6.2, 4.3.1; RFC 2308 2). */
#include "stack/apps/dns_answer.h"

#include "stack/base/error.h"
#include "stack/wire/dns_record.h"

bool lk_dns_answer_matches(const uint8_t *bytes, size_t len, uint16_t id, const struct lk_dns_question *question)
{
    struct lk_dns_reader r;
    struct lk_dns_question asked;
    if (lk_dns_read_begin(&r, bytes, len) < 0 || !r.header.qr || r.header.opcode != LK_DNS_QUERY || r.header.id != id)
        return false;
    if (r.header.count[LK_DNS_QUESTION] == 0)
        return (r.header.rcode == LK_DNS_FORMERR || r.header.rcode == LK_DNS_NOTIMP) && r.header.count[LK_DNS_ANSWER] == 0;
    return r.header.count[LK_DNS_QUESTION] == 1 && lk_dns_read_question(&r, &asked) == 1 && asked.type == question->type &&
           asked.class == question->class && lk_dns_name_equal(&asked.name, &question->name);
}

unsigned lk_dns_answer_rcode(const uint8_t *bytes, size_t len, bool *has_opt)
{
    struct lk_dns_reader r;
    struct lk_dns_record record;
    struct lk_dns_edns edns;
    *has_opt = false;
    if (lk_dns_read_begin(&r, bytes, len) < 0)
        return LK_DNS_FORMERR;
    unsigned rcode = r.header.rcode;
    while (lk_dns_read_record(&r, &record) > 0)
        if (lk_dns_edns(&record, &edns) == 0) {
            *has_opt = true;
            rcode |= (unsigned)edns.extended_rcode << 4;
        }
    return rcode;
}

struct step {
    bool found, alias;
    struct lk_dns_name target;
};

static void least(uint32_t *ttl, const struct lk_dns_record *record)
{
    uint32_t kept = lk_dns_ttl(record);
    if (kept < *ttl)
        *ttl = kept;
}

/* What the answer section says of one name. RFC 2181 5.2: of differing TTLs the least counts. */
static struct step look_up(const uint8_t *bytes, size_t len, const struct lk_dns_name *name, uint16_t type, uint32_t *ttl)
{
    struct step step = {0};
    struct lk_dns_reader r;
    struct lk_dns_record record;
    if (lk_dns_read_begin(&r, bytes, len) < 0)
        return step;
    while (lk_dns_read_record(&r, &record) > 0 && record.section == LK_DNS_ANSWER) {
        if (record.class != LK_DNS_IN || !lk_dns_name_equal(&record.name, name))
            continue;
        if (record.type == type || type == LK_DNS_ANY) {
            step.found = true;
            least(ttl, &record);
        } else if (!step.alias && record.type == LK_DNS_CNAME && lk_dns_target(&record, &step.target) == 0) {
            step.alias = true;
            least(ttl, &record);
        }
    }
    return step;
}

/* The SOA that says how long a "no" holds (RFC 2308 5): of a zone that the name belongs to. */
static bool find_soa(const uint8_t *bytes, size_t len, const struct lk_dns_name *name, uint32_t *ttl, bool *referral)
{
    struct lk_dns_reader r;
    struct lk_dns_record record;
    struct lk_dns_soa soa;
    bool found = false;
    *referral = false;
    if (lk_dns_read_begin(&r, bytes, len) < 0)
        return false;
    while (lk_dns_read_record(&r, &record) > 0) {
        if (record.section != LK_DNS_AUTHORITY || record.class != LK_DNS_IN || !lk_dns_name_within(name, &record.name))
            continue;
        *referral = *referral || record.type == LK_DNS_NS;
        if (lk_dns_soa(&record, &soa) == 0) {
            found = true;
            least(ttl, &record);
            record.ttl = soa.minimum;
            least(ttl, &record);
        }
    }
    return found;
}

static void read_negative(const uint8_t *bytes, size_t len, struct lk_dns_finding *out)
{
    struct lk_dns_header header;
    bool referral;
    bool soa = find_soa(bytes, len, &out->end, &out->ttl, &referral);
    lk_dns_header_parse(bytes, len, &header);
    if (header.rcode == LK_DNS_NXDOMAIN)
        out->outcome = LK_DNS_NO_NAME;
    else if (soa)
        out->outcome = LK_DNS_NO_DATA;
    else if (out->aliases > 0)
        out->outcome = LK_DNS_ALIAS;
    else
        out->outcome = referral && !header.aa && !header.ra ? LK_DNS_LAME : LK_DNS_NO_DATA;
    /* RFC 2308 5: without a SOA a "no" is not kept */
    if (!soa && out->outcome != LK_DNS_ALIAS)
        out->ttl = 0;
}

void lk_dns_answer_read(const uint8_t *bytes, size_t len, const struct lk_dns_question *question, struct lk_dns_finding *out)
{
    *out = (struct lk_dns_finding){.outcome = LK_DNS_LAME, .end = question->name, .ttl = LK_DNS_TTL_MAX};
    while (out->aliases <= LK_DNS_ALIASES) {
        struct step step = look_up(bytes, len, &out->end, question->type, &out->ttl);
        if (step.found) {
            out->outcome = LK_DNS_FOUND;
            return;
        }
        if (!step.alias) {
            read_negative(bytes, len, out);
            return;
        }
        out->aliases++;
        out->end = step.target;
    }
    out->ttl = 0;
}
