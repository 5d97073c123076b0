/* A DNS message (RFC 1035 4.1) out of dns{...}. */
#include "conformance/compose/compose.h"
#include "conformance/compose/words.h"
#include <string.h>

#define SHOWN(span) (int)((span).len < 60 ? (span).len : 60), (span).text

struct type { const char *name; uint16_t number; };
static const struct type types[] = {{"A", 1}, {"NS", 2}, {"CNAME", 5}, {"SOA", 6}, {"PTR", 12}, {"HINFO", 13}, {"MX", 15}, {"TXT", 16}, {"AAAA", 28}, {"SRV", 33},
                                    {"DNAME", 39}, {"OPT", 41}, {"AXFR", 252}, {"ANY", 255}};

struct message { struct lk_composer *c; struct lk_paper *p; size_t start, qname; bool compress; struct lk_span asked; uint16_t count[4]; };

static bool read_type(struct lk_composer *c, struct lk_span word, uint64_t *number)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (lk_span_is(word, types[i].name)) {
            *number = types[i].number;
            return true;
        }
    if (word.len > 4 && memcmp(word.text, "TYPE", 4) == 0)
        word = (struct lk_span){word.text + 4, word.len - 4};
    return lk_word_number(c, (struct lk_span){"a record's type", 15}, word, 65535, number);
}

/* "www.example.com" or "." for the root; \DDD as in RFC 1035 5.1. hex:.. stands for the octets of a name that is none. */
static bool put_name(struct message *m, struct lk_span name)
{
    struct lk_paper *p = m->p;
    if (name.len > 4 && memcmp(name.text, "hex:", 4) == 0) {
        size_t len = 0;
        bool ok = lk_word_bytes(m->c, name, p->bytes + p->len, p->cap - p->len, &len);
        p->len += len;
        return ok;
    }
    if (m->compress && m->qname != 0 && m->asked.len == name.len && memcmp(m->asked.text, name.text, name.len) == 0) {
        lk_put16(p, 0xc000 | (m->qname - m->start));
        return true;
    }
    for (size_t at = 0; at < name.len && !(name.len == 1 && *name.text == '.');) {
        size_t length_at = p->len, count = 0;
        lk_put8(p, 0);
        for (; at < name.len && name.text[at] != '.'; at++, count++) {
            uint64_t octet = (uint8_t)name.text[at];
            if (octet == '\\' && at + 3 < name.len) {
                if (!lk_word_number(m->c, name, (struct lk_span){name.text + at + 1, 3}, 255, &octet))
                    return false;
                at += 3;
            }
            lk_put8(p, octet);
        }
        if (count == 0 || count > 63 || p->full)
            return lk_compose_refuse(m->c, "\"%.*s\" has a label of %zu octets", SHOWN(name), count);
        p->bytes[length_at] = (uint8_t)count;
        at++;
    }
    lk_put8(p, 0);
    return true;
}

static bool put_number(struct message *m, struct lk_span *list, unsigned octets)
{
    struct lk_span head, rest;
    uint64_t number;
    lk_span_cut(*list, ',', &head, &rest);
    *list = rest;
    if (!lk_word_number(m->c, (struct lk_span){"RDATA", 5}, head, octets == 2 ? UINT16_MAX : UINT32_MAX, &number))
        return false;
    octets == 2 ? lk_put16(m->p, number) : lk_put32(m->p, number);
    return true;
}

static bool put_named(struct message *m, struct lk_span *list)
{
    struct lk_span head, rest;
    lk_span_cut(*list, ',', &head, &rest);
    *list = rest;
    return put_name(m, head);
}

static bool put_texts(struct message *m, struct lk_span list)
{
    struct lk_span head;
    for (; list.text != NULL;) {
        uint8_t text[255];
        size_t len;
        lk_span_cut(list, ',', &head, &list);
        if (!lk_word_bytes(m->c, head, text, sizeof text, &len))
            return false;
        lk_put8(m->p, len);
        lk_put(m->p, text, len);
    }
    return true;
}

/* RDATA: an address; a name; MX preference,name; SOA mname,rname,serial,refresh,retry,expire,minimum; SRV p,w,port,name;
 * TXT "a","b"; anything as hex:.. */
static bool put_rdata(struct message *m, uint64_t type, struct lk_span data)
{
    uint32_t address;
    if (data.len >= 4 && memcmp(data.text, "hex:", 4) == 0 && type != 5) {
        size_t len = 0;
        bool ok = lk_word_bytes(m->c, data, m->p->bytes + m->p->len, m->p->cap - m->p->len, &len);
        m->p->len += len;
        return ok;
    }
    switch (type) {
    case 1:
        if (!lk_word_ip4(m->c, data, &address))
            return false;
        lk_put32(m->p, address);
        return true;
    case 2: case 5: case 12: case 39:
        return put_name(m, data);
    case 15:
        return put_number(m, &data, 2) && put_name(m, data);
    case 33:
        return put_number(m, &data, 2) && put_number(m, &data, 2) && put_number(m, &data, 2) && put_name(m, data);
    case 16: case 13:
        return put_texts(m, data);
    case 6:
        return put_named(m, &data) && put_named(m, &data) && put_number(m, &data, 4) && put_number(m, &data, 4) && put_number(m, &data, 4) &&
               put_number(m, &data, 4) && put_number(m, &data, 4);
    default:
        return lk_compose_refuse(m->c, "RDATA of type %llu is written as hex:DIGITS", (unsigned long long)type);
    }
}

/* NAME/TYPE[/CLASS] */
static bool put_question(struct message *m, struct lk_span text)
{
    struct lk_span name, type, class;
    uint64_t number, in = 1;
    lk_span_cut(text, '/', &name, &text);
    lk_span_cut(text, '/', &type, &class);
    if (text.text == NULL)
        return lk_compose_refuse(m->c, "q=NAME/TYPE");
    size_t at = m->p->len;
    if (!put_name(m, name) || !read_type(m->c, type, &number) || (class.text != NULL && !lk_word_number(m->c, (struct lk_span){"class", 5}, class, 65535, &in)))
        return false;
    if (m->qname == 0) {
        m->qname = at;
        m->asked = name;
    }
    lk_put16(m->p, number);
    lk_put16(m->p, in);
    m->count[0]++;
    return true;
}

/* NAME/TTL/TYPE/RDATA */
static bool put_record(struct message *m, struct lk_span text, unsigned section)
{
    struct lk_span name, ttl, type;
    uint64_t seconds, number;
    lk_span_cut(text, '/', &name, &text);
    lk_span_cut(text, '/', &ttl, &text);
    lk_span_cut(text, '/', &type, &text);
    if (text.text == NULL)
        return lk_compose_refuse(m->c, "a record is NAME/TTL/TYPE/RDATA");
    if (!put_name(m, name) || !lk_word_number(m->c, (struct lk_span){"TTL", 3}, ttl, UINT32_MAX, &seconds) || !read_type(m->c, type, &number))
        return false;
    lk_put16(m->p, number);
    lk_put16(m->p, 1);
    lk_put32(m->p, seconds);
    size_t at = m->p->len;
    lk_put16(m->p, 0);
    if (!put_rdata(m, number, text) || m->p->full)
        return false;
    size_t len = m->p->len - at - 2;
    m->p->bytes[at] = (uint8_t)(len >> 8);
    m->p->bytes[at + 1] = (uint8_t)len;
    m->count[section]++;
    return true;
}

/* opt=SIZE[/do][/version=N][/extended=N][/hex:OPTIONS] (RFC 6891 6.1.2) */
static bool put_opt(struct message *m, struct lk_span text)
{
    struct lk_span size, part, key, value;
    uint64_t udp = 0, flags = 0, version = 0, extended = 0;
    uint8_t options[256];
    size_t len = 0;
    lk_span_cut(text, '/', &size, &text);
    bool ok = lk_word_number(m->c, (struct lk_span){"opt", 3}, size, 65535, &udp);
    while (ok && text.text != NULL) {
        lk_span_cut(text, '/', &part, &text);
        lk_word_pair(part, &key, &value);
        if (lk_span_is(key, "do"))
            flags |= 0x8000;
        else if (lk_span_is(key, "version"))
            ok = lk_word_number(m->c, key, value, 255, &version);
        else if (lk_span_is(key, "extended"))
            ok = lk_word_number(m->c, key, value, 255, &extended);
        else
            ok = lk_word_bytes(m->c, part, options, sizeof options, &len);
    }
    lk_put8(m->p, 0);
    lk_put16(m->p, 41);
    lk_put16(m->p, udp);
    lk_put32(m->p, extended << 24 | version << 16 | flags);
    lk_put16(m->p, len);
    lk_put(m->p, options, len);
    m->count[3]++;
    return ok;
}

/* The bits and numbers of the header: id, flags, and counts that are not the true ones. False: not one of them. */
static bool take_header(struct message *m, struct lk_span key, struct lk_span value, uint64_t *id, uint64_t *flags, uint64_t count[4])
{
    static const struct { const char *name; uint16_t bit; } bits[] = {{"qr", 0x8000}, {"aa", 0x400}, {"tc", 0x200}, {"rd", 0x100}, {"ra", 0x80}, {"z", 0x40}, {"ad", 0x20}, {"cd", 0x10}};
    static const char *const counts[] = {"qdcount", "ancount", "nscount", "arcount"};
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        if (lk_span_is(key, bits[i].name)) {
            *flags |= bits[i].bit;
            return true;
        }
    for (size_t i = 0; i < 4; i++)
        if (lk_span_is(key, counts[i]))
            return lk_word_number(m->c, key, value, 65535, &count[i]);
    if (lk_span_is(key, "id"))
        return lk_word_number(m->c, key, value, 65535, id);
    if (!lk_span_is(key, "opcode") && !lk_span_is(key, "rcode"))
        return false;
    if (lk_word_number(m->c, key, value, 15, &number))
        *flags |= number << (lk_span_is(key, "opcode") ? 11 : 0);
    return true;
}

bool lk_compose_dns(struct lk_composer *c, struct lk_span inside, struct lk_paper *p)
{
    static const char *const sections[] = {"q", "an", "ns", "ar"};
    struct message m = {.c = c, .p = p};
    struct lk_span word, key, value;
    uint64_t id = 0, flags = 0, count[4] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
    struct lk_span ahead = inside;
    bool tcp = lk_word_take(&ahead, "tcp"); /* two octets of length before it, RFC 1035 4.2.2 */
    if (tcp) {
        inside = ahead;
        lk_put16(p, 0);
    }
    m.start = p->len;
    for (unsigned i = 0; i < 6; i++)
        lk_put16(p, 0);
    while (lk_word_next(&inside, &word)) {
        unsigned section = 0;
        lk_word_pair(word, &key, &value);
        while (section < 4 && !lk_span_is(key, sections[section]))
            section++;
        bool ok = true;
        if (section < 4)
            ok = section == 0 ? put_question(&m, value) : put_record(&m, value, section);
        else if (lk_span_is(key, "compress"))
            m.compress = true;
        else if (lk_span_is(key, "opt"))
            ok = put_opt(&m, value);
        else if (lk_span_is(key, "tail")) {
            size_t len = 0;
            ok = lk_word_bytes(c, value, p->bytes + p->len, p->cap - p->len, &len);
            p->len += len;
        } else
            ok = take_header(&m, key, value, &id, &flags, count) || lk_compose_refuse(c, "dns{}: there is no \"%.*s\"", SHOWN(key));
        if (!ok || c->failed)
            return false;
    }
    if (p->full)
        return lk_compose_refuse(c, "dns{}: too long");
    struct lk_paper head = {.bytes = p->bytes + m.start, .cap = 12};
    lk_put16(&head, id);
    lk_put16(&head, flags);
    for (unsigned i = 0; i < 4; i++)
        lk_put16(&head, count[i] == UINT64_MAX ? m.count[i] : count[i]);
    size_t length = p->len - m.start;
    if (tcp) {
        p->bytes[m.start - 2] = (uint8_t)(length >> 8);
        p->bytes[m.start - 1] = (uint8_t)length;
    }
    return true;
}

bool lk_compose_record(const char *text, struct lk_bump *memory, struct lk_composed_record *out)
{
    struct lk_composer c = {.memory = memory};
    struct lk_paper p = {.bytes = out->data, .cap = sizeof out->data};
    struct message m = {.c = &c, .p = &p};
    struct lk_span rest = {text, strlen(text)}, name, ttl, type;
    uint64_t seconds, number;
    lk_span_cut(rest, '/', &name, &rest);
    lk_span_cut(rest, '/', &ttl, &rest);
    lk_span_cut(rest, '/', &type, &rest);
    if (rest.text == NULL || name.len == 0 || name.len >= sizeof out->name - 1 || !lk_word_number(&c, (struct lk_span){"TTL", 3}, ttl, UINT32_MAX, &seconds) ||
        !read_type(&c, type, &number) || !put_rdata(&m, number, rest) || p.full)
        return false;
    memcpy(out->name, name.text, name.len);
    bool absolute = name.text[name.len - 1] == '.';
    out->name[name.len] = absolute ? 0 : '.'; /* RFC 1035 5.1 */
    out->name[name.len + 1] = 0;
    out->type = (uint16_t)number;
    out->ttl = (uint32_t)seconds;
    out->len = (uint16_t)p.len;
    return true;
}

uint16_t lk_compose_type(const char *name)
{
    struct lk_composer c = {0};
    uint64_t number;
    return read_type(&c, (struct lk_span){name, strlen(name)}, &number) ? (uint16_t)number : 0;
}
