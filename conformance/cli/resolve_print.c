/* Answers as text. */
#include "conformance/cli/resolve_print.h"

#include "conformance/cli/live_host.h"
#include "conformance/cli/json_string.h"
#include "stack/base/bytes.h"
#include "stack/wire/dns_record.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define TEXT (5 * 65536) /* RDATA as text: at most four characters an octet, and what is between */

static const struct { const char *name; uint16_t type; } types[] = {
    {"A", 1}, {"NS", 2}, {"CNAME", 5}, {"SOA", 6}, {"PTR", 12}, {"HINFO", 13}, {"MX", 15}, {"TXT", 16}, {"RP", 17}, {"AFSDB", 18}, {"AAAA", 28},
    {"SRV", 33}, {"NAPTR", 35}, {"DNAME", 39}, {"DS", 43}, {"RRSIG", 46}, {"DNSKEY", 48}, {"SVCB", 64}, {"HTTPS", 65}, {"SPF", 99}, {"ANY", 255}, {"CAA", 257},
};

bool lk_resolve_type(const char *text, uint16_t *type)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcasecmp(types[i].name, text) == 0) {
            *type = types[i].type;
            return true;
        }
    const char *digits = strncasecmp(text, "TYPE", 4) == 0 ? text + 4 : text;
    char *end;
    unsigned long number = strtoul(digits, &end, 10);
    *type = (uint16_t)number;
    return digits[0] >= '0' && digits[0] <= '9' && *end == 0 && number >= 1 && number <= UINT16_MAX;
}

static const char *type_name(uint16_t type, char text[16])
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].type == type)
            return types[i].name;
    snprintf(text, 16, "TYPE%u", type);
    return text;
}

struct out {
    char *at, *end;
};

static void put(struct out *o, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct out *o, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int len = vsnprintf(o->at, (size_t)(o->end - o->at), format, list);
    va_end(list);
    if (len > 0)
        o->at += len < o->end - o->at ? len : o->end - o->at - 1;
}

static void put_name(struct out *o, const struct lk_dns_name *name)
{
    char text[LK_DNS_NAME_TEXT];
    if (lk_dns_name_to_text(name, text, sizeof text) > 0)
        put(o, "%s", text);
}

/* A character-string in quotes. */
static void put_string(struct out *o, const uint8_t *bytes, size_t len)
{
    put(o, "\"");
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '"' || bytes[i] == '\\')
            put(o, "\\%c", bytes[i]);
        else if (bytes[i] < ' ' || bytes[i] > '~')
            put(o, "\\%03u", bytes[i]);
        else
            put(o, "%c", bytes[i]);
    }
    put(o, "\"");
}

/* RFC 3597 section 5. */
static void put_unknown(struct out *o, const struct lk_dns_record *record)
{
    put(o, "\\# %u", record->rdlength);
    for (unsigned i = 0; i < record->rdlength; i++)
        put(o, "%s%02X", i == 0 ? " " : "", record->rdata[i]);
}

static void put_strings(struct out *o, const struct lk_dns_record *record)
{
    for (unsigned at = 0; at < record->rdlength; at += 1u + record->rdata[at]) {
        put(o, "%s", at > 0 ? " " : "");
        put_string(o, record->rdata + at + 1, record->rdata[at]);
    }
}

static void put_address(struct out *o, const struct lk_dns_record *record)
{
    char text[INET6_ADDRSTRLEN];
    if (inet_ntop(record->type == LK_DNS_A ? AF_INET : AF_INET6, record->rdata, text, sizeof text) != NULL)
        put(o, "%s", text);
}

/* Numbers of 16 bits and the names and strings between them: MX, SRV, NAPTR, AFSDB, RP. */
static void put_parts(struct out *o, const struct lk_dns_record *record)
{
    struct lk_dns_part part;
    unsigned step = 0;
    size_t at = 0;
    for (bool first = true; lk_dns_part_next(record, &step, &at, &part) > 0; first = false) {
        put(o, "%s", first ? "" : " ");
        if (part.is_name)
            put_name(o, &part.name);
        else if (part.len == 4)
            put(o, "%u", (unsigned)lk_load_be32(part.bytes));
        else if (record->type == 35 && at > 4)
            put_string(o, part.bytes + 1, part.len - 1);
        else
            put(o, "%u", lk_load_be16(part.bytes));
    }
}

static void put_data(struct out *o, const struct lk_dns_record *record)
{
    if (record->class != LK_DNS_IN) {
        put_unknown(o, record);
        return;
    }
    switch (record->type) {
    case LK_DNS_A:
    case LK_DNS_AAAA: put_address(o, record); break;
    case LK_DNS_TXT:
    case LK_DNS_HINFO: put_strings(o, record); break;
    case LK_DNS_NS:
    case LK_DNS_CNAME:
    case LK_DNS_PTR:
    case LK_DNS_DNAME:
    case LK_DNS_SOA:
    case LK_DNS_MX:
    case LK_DNS_SRV:
    case 17: /* RP */
    case 18: /* AFSDB */
    case 35: put_parts(o, record); break; /* NAPTR */
    default: put_unknown(o, record); break;
    }
}

/* The next record of the answer section with its data as text. */
static bool next_answer(struct lk_dns_reader *r, struct lk_dns_record *record, char *text)
{
    struct out o = {text, text + TEXT};
    text[0] = 0;
    while (lk_dns_read_record(r, record) > 0)
        if (record->section == LK_DNS_ANSWER) {
            put_data(&o, record);
            return true;
        }
    return false;
}

void lk_resolve_print_short(const struct lk_dns_result *result)
{
    static char text[TEXT];
    struct lk_dns_reader r;
    struct lk_dns_record record;
    if (result->message == NULL || lk_dns_read_begin(&r, result->message, result->len) < 0)
        return;
    while (next_answer(&r, &record, text))
        puts(text);
}

static void print_answers(const struct lk_dns_result *result)
{
    static char text[TEXT];
    char owner[LK_DNS_NAME_TEXT], name[16];
    struct lk_dns_reader r;
    struct lk_dns_record record;
    const char *before = "";
    if (result->message == NULL || lk_dns_read_begin(&r, result->message, result->len) < 0)
        return;
    for (; next_answer(&r, &record, text); before = ",") {
        lk_dns_name_to_text(&record.name, owner, sizeof owner);
        printf("%s{\"name\":", before);
        lk_cli_json_string(stdout, owner);
        printf(",\"type\":\"%s\",\"ttl\":%u,\"data\":", type_name(record.type, name), (unsigned)record.ttl);
        lk_cli_json_string(stdout, text);
        printf("}");
    }
}

void lk_resolve_print_json(const char *name, uint16_t type, const struct lk_dns_result *result, const char *error)
{
    char text[48], number[16];
    printf("{\"name\":");
    lk_cli_json_string(stdout, name);
    printf(",\"type\":\"%s\",\"error\":", type_name(type, number));
    if (error != NULL)
        lk_cli_json_string(stdout, error);
    else
        printf("null");
    printf(",\"rcode\":%u,\"tcp\":%s,\"server\":\"%s\",\"answers\":[", result->rcode, result->over_tcp ? "true" : "false",
           lk_live_address_text(&result->server.address, text));
    print_answers(result);
    printf("]}\n");
}
