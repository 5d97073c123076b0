/* Records of DNS: RFC 1035 section 3.3, RFC 3596, RFC 2782, RFC 3403, RFC 6891. Fields are read where the type has them; when RDLENGTH
 * says otherwise that is noted, and the next record is where RDLENGTH puts it, as tshark has it. */
#include "conformance/dissect/dns.h"
#include "stack/base/bytes.h"
#include "stack/wire/dns.h"

enum item_kind { NAME = 1, NUMBER_8, NUMBER_16, NUMBER_32, STRING, STRINGS, ADDRESS_4, ADDRESS_6, OCTETS };

struct item {
    uint8_t kind;      /* enum item_kind; 0 ends a type */
    const char *name;
    const char *count; /* STRING, STRINGS: field of the length octet; NAME: of the octets it takes */
};

struct type {
    uint16_t type;
    struct item item[8];
};

static const struct type types[] = {
    {LK_DNS_A, {{ADDRESS_4, "dns.a", NULL}}},
    {LK_DNS_NS, {{NAME, "dns.ns", NULL}}},
    {3, {{NAME, "dns.md", NULL}}},
    {4, {{NAME, "dns.mf", NULL}}},
    {LK_DNS_CNAME, {{NAME, "dns.cname", NULL}}},
    {LK_DNS_SOA,
     {{NAME, "dns.soa.mname", NULL}, {NAME, "dns.soa.rname", NULL}, {NUMBER_32, "dns.soa.serial_number", NULL},
      {NUMBER_32, "dns.soa.refresh_interval", NULL}, {NUMBER_32, "dns.soa.retry_interval", NULL}, {NUMBER_32, "dns.soa.expire_limit", NULL},
      {NUMBER_32, "dns.soa.minimum_ttl", NULL}}},
    {7, {{NAME, "dns.mb", NULL}}},
    {8, {{NAME, "dns.mg", NULL}}},
    {9, {{NAME, "dns.mr", NULL}}},
    {10, {{OCTETS, "dns.null", NULL}}},
    {LK_DNS_PTR, {{NAME, "dns.ptr.domain_name", NULL}}},
    {LK_DNS_HINFO, {{STRING, "dns.hinfo.cpu", "dns.hinfo.cpu_length"}, {STRING, "dns.hinfo.os", "dns.hinfo.os_length"}}},
    {14, {{NAME, "dns.minfo.r", NULL}, {NAME, "dns.minfo.e", NULL}}},
    {LK_DNS_MX, {{NUMBER_16, "dns.mx.preference", NULL}, {NAME, "dns.mx.mail_exchange", NULL}}},
    {LK_DNS_TXT, {{STRINGS, "dns.txt", "dns.txt.length"}}},
    {17, {{NAME, "dns.rp.mailbox", NULL}, {NAME, "dns.rp.txt_rr", NULL}}},
    {18, {{NUMBER_16, "dns.afsdb.subtype", NULL}, {NAME, "dns.afsdb.hostname", NULL}}},
    {LK_DNS_AAAA, {{ADDRESS_6, "dns.aaaa", NULL}}},
    {LK_DNS_SRV,
     {{NUMBER_16, "dns.srv.priority", NULL}, {NUMBER_16, "dns.srv.weight", NULL}, {NUMBER_16, "dns.srv.port", NULL}, {NAME, "dns.srv.target", NULL}}},
    {35,
     {{NUMBER_16, "dns.naptr.order", NULL}, {NUMBER_16, "dns.naptr.preference", NULL}, {STRING, "dns.naptr.flags", "dns.naptr.flags_length"},
      {STRING, "dns.naptr.service", "dns.naptr.service_length"}, {STRING, "dns.naptr.regex", "dns.naptr.regex_length"},
      {NAME, "dns.naptr.replacement", "dns.naptr.replacement_length"}}},
    {LK_DNS_DNAME, {{NAME, "dns.dname", NULL}}},
    {99, {{STRINGS, "dns.spf", "dns.spf.length"}}},
};

/* Types of which tshark knows the inside and we do not: no octets of them are shown. */
static bool is_known_elsewhere(uint16_t type)
{
    static const uint16_t known[] = {11, 24, 25, 26, 30, 36, 37, 38, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 55, 59, 60, 61, 62, 63, 64, 65,
                                     104, 105, 106, 107, 108, 109, 249, 250, 257, 32768, 32769};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] == type)
            return true;
    return type == 22 || type == 1 || type == LK_DNS_OPT;
}

/* A character-string (RFC 1035 section 3.3) at *at. */
static bool add_string(struct lk_walk *w, const struct lk_view *v, const struct item *item, uint32_t *at)
{
    if (!lk_view_need(w, v, *at, 1) || !lk_add_number(w, v, item->count, *at, 1, v->bytes[*at]))
        return false;
    uint32_t len = v->bytes[*at];
    if (!lk_add_octets(w, v, item->name, *at + 1, len, LK_FIELD_STRING))
        return false;
    *at += 1 + len;
    return true;
}

static bool add_name(struct lk_walk *w, const struct lk_view *v, const struct item *item, uint32_t *at)
{
    struct lk_dns_name name;
    uint32_t len;
    if (!lk_dns_skip_name(w, v, *at, &len, &name))
        return false;
    if (item->count != NULL && !lk_add_number(w, v, item->count, *at, 0, name.len == 1 ? 6 : name.len - 2u))
        return false;
    *at += len;
    return lk_dns_add_name(w, v, item->name, *at - len, len, 0);
}

/* One item at *at, of RDATA that ends at `end`. */
static bool add_item(struct lk_walk *w, const struct lk_view *v, const struct item *item, uint32_t *at, uint32_t end)
{
    static const uint8_t sizes[] = {[NUMBER_8] = 1, [NUMBER_16] = 2, [NUMBER_32] = 4, [ADDRESS_4] = 4, [ADDRESS_6] = 16};
    uint32_t start = *at;
    if (item->kind == NAME)
        return add_name(w, v, item, at);
    if (item->kind == STRING)
        return add_string(w, v, item, at);
    if (item->kind == STRINGS) {
        while (*at < end)
            if (!add_string(w, v, item, at))
                return false;
        return true;
    }
    uint32_t len = item->kind == OCTETS ? end - start : sizes[item->kind];
    *at += len;
    if (item->kind == OCTETS)
        return lk_add_octets(w, v, item->name, start, len, LK_FIELD_BYTES);
    if (item->kind == ADDRESS_4 || item->kind == ADDRESS_6)
        return lk_add_octets(w, v, item->name, start, len, item->kind == ADDRESS_4 ? LK_FIELD_IPV4 : LK_FIELD_IPV6);
    return lk_view_need(w, v, start, len) &&
           lk_add_number(w, v, item->name, start, len,
                         len == 1 ? v->bytes[start] : len == 2 ? lk_load_be16(v->bytes + start) : lk_load_be32(v->bytes + start));
}

static bool add_rdata(struct lk_walk *w, const struct lk_view *v, uint16_t type, uint32_t at, uint32_t end)
{
    static const struct item unknown = {OCTETS, "dns.data", NULL};
    const struct item *item = NULL;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].type == type)
            item = types[i].item;
    if (item == NULL)
        return is_known_elsewhere(type) || at == end || add_item(w, v, &unknown, &at, end);
    for (; item->kind != 0; item++)
        if (!add_item(w, v, item, &at, end))
            return false;
    if (at != end)
        lk_walk_note(w, v->at + at, "RDLENGTH does not fit the type");
    return true;
}

/* ---- EDNS0 ---- */

#define OPTION_SUBNET 8u   /* RFC 7871 */
#define OPTION_COOKIE 10u  /* RFC 7873 */
#define OPTION_PADDING 12u /* RFC 7830 */
#define CLIENT_COOKIE 8u

static bool add_option_value(struct lk_walk *w, const struct lk_view *v, uint16_t code, uint32_t at, uint32_t len)
{
    uint32_t client = len < CLIENT_COOKIE ? len : CLIENT_COOKIE;
    if (code == OPTION_PADDING)
        return lk_add_octets(w, v, "dns.opt.padding", at, len, LK_FIELD_BYTES);
    if (code == OPTION_COOKIE)
        return lk_add_octets(w, v, "dns.opt.cookie.client", at, client, LK_FIELD_BYTES) &&
               lk_add_octets(w, v, "dns.opt.cookie.server", at + client, len - client, LK_FIELD_BYTES);
    if (code == OPTION_SUBNET && len >= 4)
        return lk_add_number(w, v, "dns.opt.client.family", at, 2, lk_load_be16(v->bytes + at)) &&
               lk_add_number(w, v, "dns.opt.client.netmask", at + 2, 1, v->bytes[at + 2]) &&
               lk_add_number(w, v, "dns.opt.client.scope", at + 3, 1, v->bytes[at + 3]);
    return true;
}

static bool add_options(struct lk_walk *w, const struct lk_view *v, uint32_t at, uint32_t end)
{
    while (at < end) {
        if (!lk_view_need(w, v, at, 4))
            return false;
        uint16_t code = lk_load_be16(v->bytes + at);
        uint32_t len = lk_load_be16(v->bytes + at + 2);
        if (!lk_add_number(w, v, "dns.opt.code", at, 2, code) || !lk_add_number(w, v, "dns.opt.len", at + 2, 2, len) ||
            !lk_add_octets(w, v, "dns.opt.data", at + 4, len, LK_FIELD_BYTES) || !add_option_value(w, v, code, at + 4, len))
            return false;
        at += 4 + len;
    }
    return true;
}

/* RFC 6891 section 6.1.2: class and TTL of an OPT are something else. `at` is where the class stands. */
static bool add_opt(struct lk_walk *w, const struct lk_view *v, uint32_t at, uint32_t rdlength)
{
    uint16_t z = lk_load_be16(v->bytes + at + 4);
    return lk_add_number(w, v, "dns.rr.udp_payload_size", at, 2, lk_load_be16(v->bytes + at)) &&
           lk_add_hex(w, v, "dns.resp.ext_rcode", at + 2, 1, v->bytes[at + 2], 2) &&
           lk_add_number(w, v, "dns.resp.edns0_version", at + 3, 1, v->bytes[at + 3]) && lk_add_hex(w, v, "dns.resp.z", at + 4, 2, z, 4) &&
           lk_add_number(w, v, "dns.resp.z.do", at + 4, 2, z >> 15) && lk_add_hex(w, v, "dns.resp.z.reserved", at + 4, 2, z & 0x7fffu, 4) &&
           lk_add_number(w, v, "dns.resp.len", at + 6, 2, rdlength) && add_options(w, v, at + 8, at + 8 + rdlength);
}

/* ---- the record ---- */

/* The owner; that of a SRV is shown in its three parts (RFC 2782). */
static bool add_owner(struct lk_walk *w, const struct lk_view *v, uint16_t type, uint32_t at, uint32_t len)
{
    static const char *const parts[] = {"dns.srv.service", "dns.srv.proto", "dns.srv.name"};
    struct lk_dns_name name;
    unsigned count = 1;
    if (type != LK_DNS_SRV)
        return lk_dns_add_name(w, v, "dns.resp.name", at, len, 0);
    if (lk_dns_name_parse(v->bytes, v->captured, at, &name) > 0)
        for (unsigned i = 0; i < name.len && name.octets[i] != 0; i += 1u + name.octets[i]) {
            count += i > 0;
            for (unsigned k = 1; k <= name.octets[i]; k++)
                count += name.octets[i + k] == '.';
        }
    for (unsigned i = 0; i < 3 && i < count; i++)
        if (!lk_dns_add_name(w, v, parts[i], at, len, i + 1))
            return false;
    return true;
}

bool lk_dns_add_record(struct lk_walk *w, const struct lk_view *v, enum lk_dns_kind kind, uint32_t *at)
{
    struct lk_dns_name name;
    uint32_t len, fixed;
    if (!lk_dns_skip_name(w, v, *at, &len, &name) || !lk_view_need(w, v, *at + len, 10))
        return false;
    fixed = *at + len;
    uint16_t type = lk_load_be16(v->bytes + fixed), rdlength = lk_load_be16(v->bytes + fixed + 8);
    /* nothing of a record that is not whole, as tshark has it */
    if (!lk_view_need(w, v, fixed + 10, rdlength) || !add_owner(w, v, type, *at, len) || !lk_add_number(w, v, "dns.resp.type", fixed, 2, type))
        return false;
    *at = fixed + 10 + rdlength;
    if (type == LK_DNS_OPT)
        return add_opt(w, v, fixed + 2, rdlength);
    return lk_dns_add_class(w, v, kind, "dns.resp.class", "dns.resp.cache_flush", fixed + 2) &&
           lk_add_number(w, v, "dns.resp.ttl", fixed + 4, 4, lk_load_be32(v->bytes + fixed + 4)) &&
           lk_add_number(w, v, "dns.resp.len", fixed + 8, 2, rdlength) && add_rdata(w, v, type, fixed + 10, *at);
}
