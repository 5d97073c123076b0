/* The text of a field, without the C library's formatting: no locale, no allocation. */
#include "conformance/dissect/field.h"

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
