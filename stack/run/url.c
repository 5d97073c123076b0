#include "stack/run/url.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_hex(char c)
{
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

static bool is_one_of(char c, const char *set)
{
    while (*set != 0)
        if (*set++ == c)
            return true;
    return false;
}

/* RFC 3986 3.3: pchar without pct-encoded; "/" and, in a query, "?" besides. */
static bool is_path_char(char c)
{
    return is_alpha(c) || is_digit(c) || is_one_of(c, "-._~!$&'()*+,;=:@/");
}

/* ---- scheme ---- */

/* Length of "SCHEME:" (RFC 3986 3.1) at the start, or 0. "host:80" is a host with its port, not a scheme. */
static size_t scheme_length(const char *text)
{
    size_t n = 0;
    if (!is_alpha(text[0]))
        return 0;
    while (is_alpha(text[n]) || is_digit(text[n]) || is_one_of(text[n], "+-."))
        n++;
    return text[n] == ':' && !is_digit(text[n + 1]) ? n + 1 : 0;
}

static int skip_scheme(const char **text)
{
    static const char http[] = "http:";
    const char *at = *text;
    size_t n = scheme_length(at);
    if (n == 0)
        return 0;
    for (size_t i = 0; i < sizeof http - 1; i++)
        if (i >= n || lower(at[i]) != http[i])
            return LK_E_UNSUPPORTED;
    if (n != sizeof http - 1)
        return LK_E_UNSUPPORTED;
    if (at[n] != '/' || at[n + 1] != '/') /* RFC 9110 4.2.1: an http URI has an authority */
        return LK_E_INVALID;
    *text = at + n + 2;
    return 0;
}

/* ---- host ---- */

/* RFC 3986 3.2.2: four dec-octets, none with a leading zero. */
static bool read_address(const char *text, size_t len, struct lk_addr *out)
{
    uint32_t ip = 0;
    size_t at = 0;
    for (int part = 0; part < 4; part++) {
        uint32_t number = 0;
        size_t digits = 0;
        while (at < len && is_digit(text[at]) && digits < 4) {
            number = number * 10 + (uint32_t)(text[at++] - '0');
            digits++;
        }
        if (digits == 0 || number > 255 || (digits > 1 && text[at - digits] == '0'))
            return false;
        ip = ip << 8 | number;
        if (part < 3 && (at >= len || text[at++] != '.'))
            return false;
    }
    *out = lk_addr_from_ip4(ip);
    return at == len;
}

/* Labels of letters, digits, hyphens within, and underscores as they occur; the last one may be the empty root. */
static bool is_name(const char *text, size_t len)
{
    size_t label = 0;
    bool digits_only = true;
    if (len > 0 && text[len - 1] == '.')
        len--;
    if (len == 0 || len > 253) /* RFC 1035 2.3.4: 255 octets as a message holds it */
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '.') {
            if (label == 0 || text[i - 1] == '-')
                return false;
            label = 0;
            digits_only = true;
            continue;
        }
        if (!is_alpha(text[i]) && !is_digit(text[i]) && text[i] != '_' && (text[i] != '-' || label == 0))
            return false;
        digits_only = digits_only && is_digit(text[i]);
        if (++label > 63)
            return false;
    }
    /* RFC 1123 2.1: the highest label is not all digits, so that no address that is written wrongly passes for a name. */
    return label > 0 && text[len - 1] != '-' && !digits_only;
}

static int read_host(const char **text, struct lk_url *out)
{
    const char *at = *text;
    size_t len = 0;
    if (at[0] == '[')
        return LK_E_UNSUPPORTED; /* RFC 3986 3.2.2: IP-literal */
    while (at[len] != 0 && !is_one_of(at[len], ":/?#"))
        len++;
    out->is_address = read_address(at, len, &out->address);
    if (!out->is_address && !is_name(at, len))
        return LK_E_INVALID;
    for (size_t i = 0; i < len; i++)
        out->host[i] = lower(at[i]);
    *text = at + len;
    return 0;
}

/* RFC 3986 3.2.3: digits; none at all means the default. */
static int read_port(const char **text, struct lk_url *out)
{
    const char *at = *text;
    uint32_t port = 0;
    out->port = 80;
    if (*at != ':')
        return 0;
    for (at++; is_digit(*at); at++) {
        port = port * 10 + (uint32_t)(*at - '0');
        if (port > 65535)
            return LK_E_INVALID;
    }
    if (at > *text + 1) {
        if (port == 0) /* RFC 6335 6: reserved, nobody can be reached there */
            return LK_E_INVALID;
        out->port = (uint16_t)port;
    }
    *text = at;
    return *at == 0 || is_one_of(*at, "/?#") ? 0 : LK_E_INVALID;
}

static void write_host_field(struct lk_url *out)
{
    char digits[5];
    size_t at = 0, n = 0;
    for (; out->host[at] != 0; at++)
        out->host_field[at] = out->host[at];
    if (out->port == 80)
        return;
    for (uint32_t port = out->port; port > 0; port /= 10)
        digits[n++] = (char)('0' + port % 10);
    out->host_field[at++] = ':';
    while (n > 0)
        out->host_field[at++] = digits[--n];
}

/* ---- path and query ---- */

/* Whether what stands at `at` may be part of a path, a query (RFC 3986 3.4) or a fragment (3.5). *len: how long it is. */
static bool is_sound(const char *at, bool after_path, size_t *len)
{
    *len = 1;
    if (*at == '%') {
        *len = 3;
        return is_hex(at[1]) && is_hex(at[2]);
    }
    return is_path_char(*at) || (after_path && *at == '?');
}

static int read_target(const char *at, struct lk_url *out)
{
    size_t used = 0, len = 0;
    bool query = false, fragment = false;
    if (*at != '/')
        out->target[used++] = '/'; /* RFC 9112 3.2.1: an empty path is sent as "/" */
    while (*at != 0) {
        bool begins_query = *at == '?' && !query && !fragment, begins_fragment = *at == '#' && !fragment;
        len = 1;
        if (!begins_query && !begins_fragment && !is_sound(at, query || fragment, &len))
            return LK_E_INVALID;
        query = query || begins_query;
        fragment = fragment || begins_fragment;
        for (size_t i = 0; i < len; i++, at++) {
            if (fragment)
                continue;
            if (used + 1 >= sizeof out->target)
                return LK_E_NOSPACE;
            out->target[used++] = *at;
        }
    }
    return 0;
}

int lk_url_parse(const char *text, struct lk_url *out)
{
    lk_memset(out, 0, sizeof *out);
    int error = skip_scheme(&text);
    if (error == 0)
        error = read_host(&text, out);
    if (error == 0)
        error = read_port(&text, out);
    if (error != 0)
        return error;
    write_host_field(out);
    return read_target(text, out);
}
