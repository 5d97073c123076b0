/* The text of a field, without the C library's formatting: no locale, no allocation. */
#include "conformance/dissect/field.h"

#include "stack/wire/dns_name.h"

struct text {
    char *at;
    size_t cap, len;
};

static void put(struct text *t, char c)
{
    if (t->len + 1 < t->cap)
        t->at[t->len++] = c;
}

static void put_decimal(struct text *t, uint64_t number, unsigned least)
{
    char digits[20];
    unsigned n = 0;
    do {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0 || n < least);
    while (n > 0)
        put(t, digits[--n]);
}

static void put_hex(struct text *t, uint64_t number, unsigned digits)
{
    while (digits-- > 0)
        put(t, "0123456789abcdef"[number >> (4 * digits) & 15]);
}

static void put_bytes(struct text *t, const uint8_t *bytes, size_t len, char between)
{
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && between != 0)
            put(t, between);
        put_hex(t, bytes[i], 2);
    }
}

static void put_ipv4(struct text *t, const uint8_t *bytes)
{
    for (size_t i = 0; i < 4; i++) {
        if (i > 0)
            put(t, '.');
        put_decimal(t, bytes[i], 1);
    }
}

/* The magnitude of a number that may be negative, after its sign. */
static uint64_t put_sign(struct text *t, uint64_t number)
{
    if ((int64_t)number >= 0)
        return number;
    put(t, '-');
    return 0 - number;
}

static void put_time(struct text *t, uint64_t number)
{
    uint64_t ns = put_sign(t, number);
    put_decimal(t, ns / 1000000000u, 1);
    put(t, '.');
    put_decimal(t, ns % 1000000000u, 9);
}

static void put_words(struct text *t, const char *words)
{
    while (*words != 0)
        put(t, *words++);
}

/* As `tshark -T fields` prints what it reads as ASCII. */
static void put_string(struct text *t, const uint8_t *bytes, size_t len)
{
    static const char *const escaped[] = {['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};
    for (size_t i = 0; i < len && bytes[i] != 0; i++) {
        if (bytes[i] > 127)
            put_words(t, "\xef\xbf\xbd");
        else if (bytes[i] < sizeof escaped / sizeof *escaped && escaped[bytes[i]] != NULL)
            put_words(t, escaped[bytes[i]]);
        else
            put(t, (char)bytes[i]);
    }
}

/* RFC 5952 section 4: the longest run of at least two zero groups, the first of equals, becomes "::". */
static void put_ipv6(struct text *t, const uint8_t *bytes)
{
    unsigned best = 8, best_len = 1, at = 0;
    for (unsigned i = 0, run = 0; i < 8; i++) {
        run = bytes[2 * i] == 0 && bytes[2 * i + 1] == 0 ? run + 1 : 0;
        if (run > best_len) {
            best_len = run;
            best = i + 1 - run;
        }
    }
    bool mapped = best == 0 && (best_len == 6 || (best_len == 5 && bytes[10] == 0xff && bytes[11] == 0xff)); /* section 5 */
    while (at < (mapped ? 6u : 8u)) {
        if (at == best) {
            put_words(t, "::");
            at += best_len;
            continue;
        }
        unsigned group = (unsigned)(bytes[2 * at] << 8 | bytes[2 * at + 1]);
        if (at > 0 && at != best + best_len)
            put(t, ':');
        put_hex(t, group, group > 0xfff ? 4 : group > 0xff ? 3 : group > 0xf ? 2 : 1);
        at++;
    }
    if (mapped && best_len == 5)
        put(t, ':');
    if (mapped)
        put_ipv4(t, bytes + 12);
}

/* ---- names ---- */

#define REPLACEMENT "\xef\xbf\xbd"

/* Whether a character is shown as itself: not the controls, the invisible, the private and what is none. */
static bool is_printable(uint32_t c)
{
    static const struct { uint32_t first, last; } hidden[] = {
        {0x80, 0x9f}, {0xad, 0xad}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0xe000, 0xf8ff}, {0xfeff, 0xfeff}, {0xfff0, 0xfffb},
        {0xfffe, 0xffff}, {0xe0000, 0x10ffff},
    };
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (c >= hidden[i].first && c <= hidden[i].last)
            return false;
    return c >= 0x80;
}

/* What is not ASCII, read as UTF-8; the octets used. */
static size_t put_wide(struct text *t, const uint8_t *bytes, size_t len)
{
    unsigned more = bytes[0] < 0xc0 ? 0 : bytes[0] < 0xe0 ? 1 : bytes[0] < 0xf0 ? 2 : bytes[0] < 0xf8 ? 3 : bytes[0] < 0xfc ? 4 : bytes[0] < 0xfe ? 5 : 0;
    uint32_t c = bytes[0] & (0x3fu >> more);
    size_t used = 1;
    for (; used <= more && used < len && (bytes[used] & 0xc0) == 0x80; used++)
        c = c << 6 | (bytes[used] & 0x3fu);
    if (more == 0 || used <= more || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
        put_words(t, REPLACEMENT);
    } else if (is_printable(c)) {
        for (size_t i = 0; i < used; i++)
            put(t, (char)bytes[i]);
    } else {
        put_words(t, c < 0xffff ? "\\u" : "\\U");
        for (unsigned digits = c < 0xffff ? 4 : 8; digits-- > 0;)
            put(t, "0123456789ABCDEF"[c >> (4 * digits) & 15]);
    }
    return used;
}

static void put_narrow(struct text *t, uint8_t c)
{
    if (c >= ' ' && c < 0x7f) {
        put(t, (char)c);
        return;
    }
    put(t, '\\');
    if (c >= 7 && c <= 13)
        put(t, "abtnvfr"[c - 7]);
    else
        for (unsigned shift = 9; shift > 0; shift -= 3)
            put(t, (char)('0' + (c >> (shift - 3) & 7)));
}

/* The labels as tshark joins them: as one text, in which a dot in a label looks like any other. */
static void put_name(struct text *t, const struct lk_field *field)
{
    struct lk_dns_name name;
    uint8_t joined[LK_DNS_NAME_MAX];
    size_t len = 0, at = 0;
    if (lk_dns_name_parse(field->bytes, (size_t)(field->number >> 32), (size_t)(uint32_t)field->number, &name) < 0)
        return;
    for (size_t label = 0; name.octets[label] != 0; label += 1u + name.octets[label]) {
        if (label > 0)
            joined[len++] = '.';
        for (unsigned i = 1; i <= name.octets[label]; i++)
            joined[len++] = name.octets[label + i];
    }
    if (len == 0 && field->digits <= 1)
        put_words(t, "<Root>");
    for (unsigned part = 1; part < field->digits && at < len; at++)
        part += joined[at] == '.';
    while (at < len && !(joined[at] == '.' && (field->digits == 1 || field->digits == 2))) {
        if (joined[at] < 0x80)
            put_narrow(t, joined[at++]);
        else
            at += put_wide(t, joined + at, len - at);
    }
}

size_t lk_field_text(const struct lk_field *field, char *text, size_t cap)
{
    struct text t = {text, cap, 0};
    switch (field->kind) {
    case LK_FIELD_DECIMAL:
        put_decimal(&t, field->number, 1);
        break;
    case LK_FIELD_SIGNED:
        put_decimal(&t, put_sign(&t, field->number), 1);
        break;
    case LK_FIELD_HEX:
        put(&t, '0');
        put(&t, 'x');
        put_hex(&t, field->number, field->digits);
        break;
    case LK_FIELD_MAC:
        put_bytes(&t, field->bytes, 6, ':');
        break;
    case LK_FIELD_IPV4:
        put_ipv4(&t, field->bytes);
        break;
    case LK_FIELD_TIME:
        put_time(&t, field->number);
        break;
    case LK_FIELD_IPV6:
        put_ipv6(&t, field->bytes);
        break;
    case LK_FIELD_DNS_NAME:
        put_name(&t, field);
        break;
    case LK_FIELD_STRING:
        put_string(&t, field->bytes, field->len);
        break;
    default:
        put_bytes(&t, field->bytes, field->len, 0);
        break;
    }
    if (cap > 0)
        text[t.len] = 0;
    return t.len;
}

bool lk_field_is(const struct lk_field *field, const char *name)
{
    const char *own = field->name;
    while (*own != 0 && *own == *name) {
        own++;
        name++;
    }
    return *own == *name;
}
