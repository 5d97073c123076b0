/* A DHCP message (RFC 2131 2, RFC 2132) out of dhcp{...}. */
#include "conformance/compose/words.h"
#include <string.h>

#define SHOWN(span) (int)((span).len < 60 ? (span).len : 60), (span).text
#define COOKIE 236 /* where the magic cookie stands */

struct message { uint64_t op, htype, hlen, hops, xid, secs, broadcast, flags, type, size, nocookie, noend; uint32_t address[4]; uint8_t chaddr[16]; };

static const char *const message_types[] = {"", "discover", "offer", "request", "decline", "ack", "nak", "release", "inform"};

/* How an option's value is written; what is not listed is hex:, "text" or a number of an octet. */
enum form { FORM_ANY = 0, FORM_ADDRESSES, FORM_32, FORM_16, FORM_8 };
static enum form form_of(uint64_t code)
{
    switch (code) {
    case 1: case 3: case 4: case 5: case 6: case 7: case 8: case 9: case 28: case 32: case 42: case 44: case 50: case 54:
        return FORM_ADDRESSES;
    case 2: case 24: case 35: case 38: case 51: case 58: case 59:
        return FORM_32;
    case 13: case 22: case 26: case 57:
        return FORM_16;
    default:
        return FORM_8;
    }
}

static bool put_value(struct lk_composer *c, uint64_t code, struct lk_span key, struct lk_span value, struct lk_paper *p)
{
    enum form form = form_of(code);
    uint64_t number;
    size_t len = 0;
    if (lk_word_is_bytes(value)) {
        bool ok = lk_word_bytes(c, value, p->bytes + p->len, p->cap - p->len, &len);
        p->len += len;
        return ok;
    }
    while (value.text != NULL) { /* a list, with commas */
        struct lk_span one;
        uint32_t address;
        lk_span_cut(value, ',', &one, &value);
        if (form == FORM_ADDRESSES) {
            if (!lk_word_ip4(c, one, &address))
                return false;
            lk_put32(p, address);
            continue;
        }
        if (!lk_word_number(c, key, one, form == FORM_32 ? UINT32_MAX : form == FORM_16 ? 65535 : 255, &number))
            return false;
        form == FORM_32 ? lk_put32(p, number) : form == FORM_16 ? lk_put16(p, number) : lk_put8(p, number);
    }
    return true;
}

static bool put_option(struct lk_composer *c, struct lk_span key, struct lk_span value, struct lk_paper *options)
{
    uint64_t code;
    if (!lk_word_number(c, key, (struct lk_span){key.text + 1, key.len - 1}, 254, &code))
        return false;
    lk_put8(options, code);
    size_t at = options->len;
    lk_put8(options, 0);
    if (options->full || (value.text != NULL && !put_value(c, code, key, value, options)))
        return lk_compose_refuse(c, "dhcp{}: option %llu is too long", (unsigned long long)code);
    if (options->full || options->len - at - 1 > 255)
        return lk_compose_refuse(c, "dhcp{}: option %llu is too long", (unsigned long long)code);
    options->bytes[at] = (uint8_t)(options->len - at - 1);
    return true;
}

/* type=discover ... or a number: option 53 (RFC 2132 9.6). */
static bool put_type(struct lk_composer *c, struct lk_span key, struct lk_span value, struct lk_paper *options)
{
    uint64_t type = 0;
    for (unsigned i = 1; i < sizeof message_types / sizeof *message_types; i++)
        if (lk_span_is(value, message_types[i]))
            type = i;
    if (type == 0 && !lk_word_number(c, key, value, 255, &type))
        return false;
    lk_put8(options, 53);
    lk_put8(options, 1);
    lk_put8(options, type);
    return true;
}

static bool take_fixed(struct lk_composer *c, struct message *m, struct lk_span key, struct lk_span value)
{
    const struct { const char *name; uint64_t most, *into; } numbers[] = {
        {"op", 255, &m->op}, {"htype", 255, &m->htype}, {"hlen", 255, &m->hlen}, {"hops", 255, &m->hops}, {"xid", UINT32_MAX, &m->xid}, {"secs", 65535, &m->secs},
        {"broadcast", 1, &m->broadcast}, {"flags", 65535, &m->flags}, {"size", 4000, &m->size}, {"nocookie", 1, &m->nocookie}, {"noend", 1, &m->noend}};
    static const char *const addresses[] = {"ciaddr", "yiaddr", "siaddr", "giaddr"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (lk_span_is(key, numbers[i].name)) {
            *numbers[i].into = 1;
            return value.text == NULL || lk_word_number(c, key, value, numbers[i].most, numbers[i].into);
        }
    for (size_t i = 0; i < 4; i++)
        if (lk_span_is(key, addresses[i]))
            return lk_word_ip4(c, value, &m->address[i]);
    if (lk_span_is(key, "chaddr"))
        return lk_word_mac(c, value, m->chaddr);
    return lk_compose_refuse(c, "dhcp{}: there is no \"%.*s\"", SHOWN(key));
}

static bool read_words(struct lk_composer *c, struct lk_span inside, struct message *m, struct lk_paper *options)
{
    struct lk_span word, key, value;
    while (lk_word_next(&inside, &word)) {
        lk_word_pair(word, &key, &value);
        bool option = key.len > 1 && key.text[0] == 'o' && key.text[1] >= '0' && key.text[1] <= '9';
        bool ok = option ? put_option(c, key, value, options) : lk_span_is(key, "type") ? put_type(c, key, value, options)
                  : lk_span_is(key, "pad") ? (lk_put8(options, 0), true) : take_fixed(c, m, key, value);
        if (!ok)
            return false;
    }
    return !options->full || lk_compose_refuse(c, "dhcp{}: too many options");
}

bool lk_compose_dhcp(struct lk_composer *c, struct lk_span inside, struct lk_paper *p)
{
    struct message m = {.op = 1, .htype = 1, .hlen = 6, .size = 300};
    uint8_t bytes[2000];
    struct lk_paper options = {.bytes = bytes, .cap = sizeof bytes};
    if (!read_words(c, inside, &m, &options))
        return false;
    size_t start = p->len;
    lk_put32(p, m.op << 24 | m.htype << 16 | m.hlen << 8 | m.hops);
    lk_put32(p, m.xid);
    lk_put16(p, m.secs);
    lk_put16(p, m.flags | m.broadcast << 15);
    for (unsigned i = 0; i < 4; i++)
        lk_put32(p, m.address[i]);
    lk_put(p, m.chaddr, 16);
    while (!p->full && p->len - start < COOKIE)
        lk_put8(p, 0);
    if (!m.nocookie)
        lk_put32(p, 0x63825363);
    lk_put(p, bytes, options.len);
    if (!m.noend)
        lk_put8(p, 255);
    while (!p->full && p->len - start < m.size)
        lk_put8(p, 0);
    return !p->full || lk_compose_refuse(c, "dhcp{}: too long");
}
