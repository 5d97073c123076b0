/* DNS (RFC 1035 section 4), multicast DNS (RFC 6762) and LLMNR (RFC 4795), which share its messages: header, questions, records.
 * What stands in a record: dns_record.c. */
#include "stack/wire/dns.h"
#include "conformance/dissect/dns.h"
#include "stack/base/bytes.h"
#include "stack/base/error.h"

#define UPDATE 5u /* RFC 2136 */

/* A bit of the flags as a field of its own. */
struct flag {
    const char *name;
    uint8_t shift;
    bool of_answers; /* shown of answers only */
};

static bool add_flag(struct lk_walk *w, const struct lk_view *v, const struct flag *flag, uint16_t flags, unsigned mask)
{
    return lk_add_number(w, v, flag->name, 2, 2, flags >> flag->shift & mask);
}

static bool add_flags(struct lk_walk *w, const struct lk_view *v, enum lk_dns_kind kind)
{
    static const struct flag unicast[] = {
        {"dns.flags.authoritative", 10, true}, {"dns.flags.truncated", 9, false},     {"dns.flags.recdesired", 8, false}, {"dns.flags.recavail", 7, true},
        {"dns.flags.z", 6, false},             {"dns.flags.authenticated", 5, false}, {"dns.flags.checkdisable", 4, false},
    };
    static const struct flag local[] = {{"dns.flags.conflict", 10, false}, {"dns.flags.truncated", 9, false}, {"dns.flags.tentative", 8, false}};
    static const struct flag response = {"dns.flags.response", 15, false}, opcode = {"dns.flags.opcode", 11, false}, rcode = {"dns.flags.rcode", 0, true};
    const struct flag *flag = kind == LK_DNS_LINK_LOCAL ? local : unicast;
    size_t count = kind == LK_DNS_LINK_LOCAL ? sizeof local / sizeof *local : sizeof unicast / sizeof *unicast;
    uint16_t flags = lk_load_be16(v->bytes + 2);
    bool answer = flags >> 15, update = (flags >> 11 & 15) == UPDATE;
    if (!lk_add_hex(w, v, "dns.flags", 2, 2, flags, 4) || !add_flag(w, v, &response, flags, 1) || !add_flag(w, v, &opcode, flags, 15))
        return false;
    for (size_t i = 0; i < count; i++)
        if ((answer || !(flag[i].of_answers || (flag[i].shift == 5 && (update || (flags & 0x20) == 0)))) && !add_flag(w, v, &flag[i], flags, 1))
            return false; /* AD of a question is shown where it is set, of an update never */
    return !answer || add_flag(w, v, &rcode, flags, 15);
}

static bool add_counts(struct lk_walk *w, const struct lk_view *v)
{
    static const char *const query[] = {"dns.count.queries", "dns.count.answers", "dns.count.auth_rr", "dns.count.add_rr"};
    static const char *const update[] = {"dns.count.zones", "dns.count.prerequisites", "dns.count.updates", "dns.count.add_rr"};
    bool is_update = (v->bytes[2] >> 3 & 15) == UPDATE;
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t at = 4 + 2 * i;
        if (!lk_view_need(w, v, at, 2) || !lk_add_number(w, v, (is_update ? update : query)[i], at, 2, lk_load_be16(v->bytes + at)))
            return false;
    }
    return true;
}

bool lk_dns_skip_name(struct lk_walk *w, const struct lk_view *v, uint32_t offset, uint32_t *len, struct lk_dns_name *name)
{
    int taken = lk_dns_name_parse(v->bytes, v->captured, offset, name);
    if (taken > 0) {
        *len = (uint32_t)taken;
        return true;
    }
    if (taken == LK_E_TRUNCATED)
        return lk_view_need(w, v, v->captured, 1); /* always false: cut or malformed */
    return lk_walk_end(w, LK_DISSECT_BOGUS, v->at + offset,
                       taken == LK_E_DNS_POINTER ? "a compression pointer does not lead back" :
                       taken == LK_E_DNS_NAME    ? "a name is longer than 255 octets" :
                                                   "a label of a reserved type");
}

bool lk_dns_add_name(struct lk_walk *w, const struct lk_view *v, const char *field, uint32_t offset, uint32_t len, unsigned part)
{
    return lk_add(w, &(struct lk_field){.name = field, .bytes = v->bytes, .number = (uint64_t)v->captured << 32 | offset, .at = v->at + offset,
                                        .len = len, .kind = LK_FIELD_DNS_NAME, .digits = (uint8_t)part});
}

/* A class; multicast DNS has made its top bit a flag of its own (RFC 6762 sections 5.4, 10.2). */
bool lk_dns_add_class(struct lk_walk *w, const struct lk_view *v, enum lk_dns_kind kind, const char *name, const char *flag, uint32_t offset)
{
    uint16_t class = lk_load_be16(v->bytes + offset);
    if (kind != LK_DNS_MULTICAST)
        return lk_add_hex(w, v, name, offset, 2, class, 4);
    return lk_add_hex(w, v, name, offset, 2, class & 0x7fffu, 4) && lk_add_number(w, v, flag, offset, 2, class >> 15);
}

/* Dots and octets of a name's text, as tshark counts them: those of "<Root>" too, and not those of a single letter. */
static bool add_measures(struct lk_walk *w, const struct lk_view *v, const struct lk_dns_name *name, uint32_t offset, uint32_t len)
{
    uint32_t length = name->len == 1 ? 6 : name->len - 2u, labels = 1;
    for (unsigned i = 0; i < name->len && name->octets[i] != 0; i += 1u + name->octets[i]) {
        labels += i > 0;
        for (unsigned k = 1; k <= name->octets[i]; k++)
            labels += name->octets[i + k] == '.';
    }
    return lk_add_number(w, v, "dns.qry.name.len", offset, len, length > 1 ? length : 0) &&
           lk_add_number(w, v, "dns.count.labels", offset, len, length > 1 ? labels : 0);
}

static bool add_question(struct lk_walk *w, const struct lk_view *v, enum lk_dns_kind kind, uint32_t *at)
{
    struct lk_dns_name name;
    uint32_t len;
    if (!lk_dns_skip_name(w, v, *at, &len, &name) || !lk_view_need(w, v, *at + len, 4) || !lk_dns_add_name(w, v, "dns.qry.name", *at, len, 0) ||
        !add_measures(w, v, &name, *at, len) || !lk_add_number(w, v, "dns.qry.type", *at + len, 2, lk_load_be16(v->bytes + *at + len)) ||
        !lk_dns_add_class(w, v, kind, "dns.qry.class", "dns.qry.qu", *at + len + 2))
        return false;
    *at += len + 4;
    return true;
}

static bool dissect(struct lk_walk *w, const struct lk_view *v, enum lk_dns_kind kind)
{
    static const char *const layers[] = {"dns", "mdns", "llmnr"};
    uint32_t at = LK_DNS_HEADER;
    if (v->reported < 8)
        return true; /* nobody's message */
    if (!lk_layer_open(w, layers[kind], v) || !lk_view_need(w, v, 0, 4) || !lk_add_hex(w, v, "dns.id", 0, 2, lk_load_be16(v->bytes), 4) ||
        !add_flags(w, v, kind) || !add_counts(w, v))
        return false;
    for (uint32_t i = lk_load_be16(v->bytes + 4); i > 0; i--)
        if (!add_question(w, v, kind, &at))
            return false;
    for (uint32_t section = 6; section < LK_DNS_HEADER; section += 2)
        for (uint32_t i = lk_load_be16(v->bytes + section); i > 0; i--)
            if (!lk_dns_add_record(w, v, kind, &at))
                return false;
    return true;
}

bool lk_dissect_dns(struct lk_walk *w, const struct lk_view *v)
{
    return dissect(w, v, LK_DNS_UNICAST);
}

bool lk_dissect_mdns(struct lk_walk *w, const struct lk_view *v)
{
    return dissect(w, v, LK_DNS_MULTICAST);
}

bool lk_dissect_llmnr(struct lk_walk *w, const struct lk_view *v)
{
    return dissect(w, v, LK_DNS_LINK_LOCAL);
}

/* RFC 1035 4.2.2: each message behind its length. Those that are whole within the segment are taken apart, one layer each. */
bool lk_dissect_dns_stream(struct lk_walk *w, const struct lk_view *v, uint32_t *taken)
{
    *taken = 0;
    while (v->captured - *taken >= 2 && v->captured == v->reported) {
        uint32_t len = lk_load_be16(v->bytes + *taken);
        if (len < LK_DNS_HEADER || v->captured - *taken - 2 < len)
            return true;
        struct lk_view message = lk_view_from(v, *taken + 2), prefix = lk_view_from(v, *taken);
        message = lk_view_cut(&message, len);
        uint32_t fields = w->out->field_count;
        if (!dissect(w, &message, LK_DNS_UNICAST))
            return false;
        if (w->out->field_count > fields && !lk_add_number(w, &prefix, "dns.length", 0, 2, len))
            return false;
        *taken += 2 + len;
    }
    return true;
}
