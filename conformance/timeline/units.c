#include "conformance/timeline/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits from *text on; false when there are none or the number exceeds `most`. *text moves behind them. */
static bool digits(const char **text, uint64_t most, uint64_t *out)
{
    uint64_t value = 0;
    if (!is_digit(**text))
        return false;
    for (; is_digit(**text); (*text)++) {
        uint64_t digit = (uint64_t)(**text - '0');
        if (value > (most - digit) / 10 || digit > most)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

bool lk_read_number(const char *text, uint64_t most, uint64_t *out)
{
    uint64_t value;
    if (!digits(&text, most, &value) || *text != 0)
        return false;
    *out = value;
    return true;
}

bool lk_read_integer(const char *text, int64_t *out)
{
    bool minus = *text == '-';
    uint64_t value;
    if (!lk_read_number(text + minus, (uint64_t)INT64_MAX, &value))
        return false;
    *out = minus ? -(int64_t)value : (int64_t)value;
    return true;
}

bool lk_read_bool(const char *text, bool *out)
{
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return false;
    *out = text[0] == 't';
    return true;
}

struct unit { const char *name; uint64_t factor; };

/* "12.5" times the factor of the unit behind it; the product is a whole number not above INT64_MAX. */
static bool read_with_unit(const char *text, const struct unit *units, size_t count, uint64_t *out)
{
    uint64_t whole, part = 0, scale = 1;
    if (!digits(&text, INT64_MAX, &whole))
        return false;
    if (*text == '.') {
        const char *start = ++text;
        if (!digits(&text, INT64_MAX, &part) || text - start > 12)
            return false;
        for (; start < text; start++)
            scale *= 10;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t factor = units[i].factor;
        if (strcmp(text, units[i].name) != 0)
            continue;
        while (scale % 10 == 0 && part % 10 == 0) {
            scale /= 10;
            part /= 10;
        }
        if (factor % scale != 0 || whole > (uint64_t)INT64_MAX / factor)
            return false;
        uint64_t fraction = part * (factor / scale);
        if (fraction > (uint64_t)INT64_MAX - whole * factor)
            return false;
        *out = whole * factor + fraction;
        return true;
    }
    return false;
}

static const struct unit time_units[] = {{"s", 1000000000}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}};
static const struct unit rate_units[] = {{"gbit", 1000000000}, {"mbit", 1000000}, {"kbit", 1000}, {"bit", 1}};

bool lk_read_time(const char *text, lk_time *out)
{
    uint64_t value;
    if (!read_with_unit(text, time_units, 4, &value) || value > (uint64_t)LK_TIME_MAX)
        return false;
    *out = (lk_time)value;
    return true;
}

bool lk_read_rate(const char *text, uint64_t *out)
{
    return read_with_unit(text, rate_units, 4, out);
}

bool lk_read_permille(const char *text, uint32_t *out)
{
    static const struct unit one[] = {{"", 1000}};
    uint64_t value;
    if (!read_with_unit(text, one, 1, &value) || value > UINT32_MAX)
        return false;
    *out = (uint32_t)value;
    return true;
}

bool lk_read_range(const char *text, struct lk_range *out)
{
    struct lk_range range;
    if (!digits(&text, UINT64_MAX, &range.from) || strncmp(text, "..", 2) != 0)
        return false;
    text += 2;
    if (!digits(&text, UINT64_MAX, &range.to) || *text != 0 || range.from >= range.to)
        return false;
    *out = range;
    return true;
}

static bool ip4(const char **text, struct lk_addr *out)
{
    uint32_t address = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t octet;
        if (i != 0 && *(*text)++ != '.')
            return false;
        if (!digits(text, 255, &octet))
            return false;
        address = address << 8 | (uint32_t)octet;
    }
    *out = lk_addr_from_ip4(address);
    return true;
}

bool lk_read_ip4(const char *text, struct lk_addr *out)
{
    struct lk_addr address;
    if (!ip4(&text, &address) || *text != 0)
        return false;
    *out = address;
    return true;
}

bool lk_read_endpoint(const char *text, struct lk_addr *address, uint16_t *port)
{
    struct lk_addr found;
    uint64_t number;
    if (!ip4(&text, &found) || *text != ':' || !lk_read_number(text + 1, UINT16_MAX, &number))
        return false;
    *address = found;
    *port = (uint16_t)number;
    return true;
}

static int hex(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool lk_read_mac(const char *text, uint8_t out[6])
{
    uint8_t mac[6];
    if (strlen(text) != 17)
        return false;
    for (size_t i = 0; i < 6; i++) {
        int high = hex(text[3 * i]), low = hex(text[3 * i + 1]);
        if (high < 0 || low < 0 || text[3 * i + 2] != (i == 5 ? 0 : ':'))
            return false;
        mac[i] = (uint8_t)(high << 4 | low);
    }
    memcpy(out, mac, sizeof mac);
    return true;
}

bool lk_read_setting(const char *text, int64_t *out)
{
    bool flag;
    lk_time time;
    if (strcmp(text, "never") == 0)
        *out = LK_NEVER;
    else if (lk_read_bool(text, &flag))
        *out = flag;
    else if (lk_read_time(text, &time))
        *out = time;
    else
        return lk_read_integer(text, out);
    return true;
}

static const char *write_with_unit(uint64_t value, const struct unit *units, size_t count, char out[LK_WORD])
{
    size_t i = 0;
    while (i < count - 1 && value % units[i].factor != 0)
        i++;
    snprintf(out, LK_WORD, "%" PRIu64 "%s", value / units[i].factor, units[i].name);
    return out;
}

const char *lk_write_time(lk_time time, char out[LK_WORD])
{
    if (time >= 0)
        return write_with_unit((uint64_t)time, time_units, 4, out);
    snprintf(out, LK_WORD, "%" PRId64 "ns", time);
    return out;
}

const char *lk_write_rate(uint64_t rate, char out[LK_WORD])
{
    return write_with_unit(rate, rate_units, 4, out);
}

const char *lk_write_permille(uint32_t permille, char out[LK_WORD])
{
    int len = snprintf(out, LK_WORD, "%" PRIu32 ".%03" PRIu32, permille / 1000, permille % 1000);
    while (len > 2 && out[len - 1] == '0' && out[len - 2] != '.')
        out[--len] = 0;
    return out;
}

const char *lk_write_range(const struct lk_range *range, char out[LK_WORD])
{
    snprintf(out, LK_WORD, "%" PRIu64 "..%" PRIu64, range->from, range->to);
    return out;
}

const char *lk_write_ip4(const struct lk_addr *address, char out[LK_WORD])
{
    snprintf(out, LK_WORD, "%u.%u.%u.%u", address->octet[12], address->octet[13], address->octet[14], address->octet[15]);
    return out;
}

const char *lk_write_mac(const uint8_t mac[6], char out[LK_WORD])
{
    snprintf(out, LK_WORD, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    return out;
}
