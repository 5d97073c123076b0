/* What only a trace of mode `fields` has, out of YAML: interfaces, settings of what runs, lines of talk. */
#include "conformance/files/trace_schema.h"
#include "conformance/timeline/units.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define AT(member) .offset = offsetof(struct lk_trace_iface, member)
#define TALK_MAX 4096 /* lines */
#define APP_MAX 1024

/* A word by which lines of talk name the interface. */
static bool read_name(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    static const char *const taken[] = {"udp", "tcp", "icmp", "ip", "arp", "eth", "hex", "may", "frame"};
    const char *text = lk_yaml_scalar(yaml, node);
    if (text == NULL)
        return false;
    if (*text < 'a' || *text > 'z' || strlen(text) > 15 || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(text))
        return lk_yaml_refuse(yaml, node, "name: \"%s\" is not a short word of small letters and digits", text);
    for (size_t i = 0; i < COUNT(taken); i++)
        if (strcmp(text, taken[i]) == 0)
            return lk_yaml_refuse(yaml, node, "name: \"%s\" is a word of the talk", text);
    return lk_yaml_text(yaml, node, field, into);
}

static bool read_iface(struct lk_yaml *yaml, const yaml_node_t *node, void *into)
{
    static const struct lk_yaml_field fields[] = {
        {.key = "name", .read = read_name, AT(name), .required = true},
        {.key = "address", .read = lk_yaml_address, AT(host.address)},
        {.key = "prefix", .read = lk_yaml_u32, AT(host.prefix), .most = 32},
        {.key = "mac", .read = lk_yaml_mac, AT(host)},
        {.key = "outside", .read = lk_yaml_flag, AT(outside)},
        {.key = "capture", .read = lk_yaml_file_name, AT(capture_file)},
    };
    struct lk_trace_iface *iface = into;
    iface->host.prefix = 24;
    return lk_yaml_mapping(yaml, node, "an interface", fields, COUNT(fields), into);
}

bool lk_yaml_interfaces(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    struct lk_trace *trace = into;
    void *ifaces = NULL;
    (void)field;
    if (!lk_yaml_list(yaml, node, sizeof(struct lk_trace_iface), read_iface, &ifaces, &trace->iface_count))
        return false;
    trace->ifaces = ifaces;
    if (trace->iface_count == 0 || trace->iface_count > LK_TRACE_IFACES)
        return lk_yaml_refuse(yaml, node, "interfaces: 1 to %d", LK_TRACE_IFACES);
    for (size_t i = 0; i < trace->iface_count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(trace->ifaces[i].name, trace->ifaces[j].name) == 0)
                return lk_yaml_refuse(yaml, node, "interfaces: two are called \"%s\"", trace->ifaces[i].name);
    return true;
}

/* -- app: a setting is a scalar, or a list of them: the same name several times -- */

struct settings { struct lk_pair *at; size_t count, capacity; };

static bool keep(struct lk_yaml *yaml, const yaml_node_t *node, const char *name, struct settings *settings)
{
    const char *text = lk_yaml_scalar(yaml, node);
    if (text == NULL)
        return false;
    if (settings->count == APP_MAX)
        return lk_yaml_refuse(yaml, node, "app: more than %d settings", APP_MAX);
    struct lk_pair *grown = lk_bump_grow(yaml->bump, settings->at, settings->count, &settings->capacity, sizeof *grown);
    if (grown == NULL)
        return lk_yaml_no_memory(yaml, node);
    settings->at = grown;
    struct lk_pair *pair = &grown[settings->count++];
    *pair = (struct lk_pair){lk_bump_text(yaml->bump, name, strlen(name)), lk_bump_text(yaml->bump, text, strlen(text))};
    return (pair->name != NULL && pair->value != NULL) || lk_yaml_no_memory(yaml, node);
}

static bool each_setting(struct lk_yaml *yaml, const yaml_node_t *key, const yaml_node_t *value, void *context)
{
    const char *name = (const char *)key->data.scalar.value;
    if (value->type != YAML_SEQUENCE_NODE)
        return keep(yaml, value, name, context);
    for (const yaml_node_item_t *item = value->data.sequence.items.start; item < value->data.sequence.items.top; item++)
        if (!keep(yaml, yaml_document_get_node(&yaml->document, *item), name, context))
            return false;
    return true;
}

bool lk_yaml_app(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    struct lk_trace *trace = into;
    struct settings settings = {0};
    (void)field;
    if (!lk_yaml_pairs(yaml, node, each_setting, &settings))
        return false;
    trace->app = settings.at;
    trace->app_count = settings.count;
    return true;
}

/* What each kind of device can be told: name and form of the value (n: a number, a time, true or false; a: an address; t: a text). */
struct setting { uint8_t runs; char form; const char *names; };
static const struct setting known_settings[] = {
    {LK_RUNS_COUNT, 't', " route "}, /* all */
    {LK_RUNS_COUNT, 'a', " silent-neighbour "},
    {LK_RUNS_UDP_ECHO, 'n', " port "},
    {LK_RUNS_GATEWAY, 'n', " mappings sessions port_low port_high udp_timeout tcp_established_timeout tcp_transitory_timeout icmp_timeout icmp_error_interval"
                           " icmp_error_burst send_redirects hairpinning silent fragments early_fragments "},
    {LK_RUNS_GATEWAY, 't', " filtering iface_mtu publish "},
    {LK_RUNS_DNS_RESOLVER, 'n', " queries cache_entries cache_bytes message_bytes udp_size attempts timeout negative_ttl ndots "},
    {LK_RUNS_DNS_RESOLVER, 't', " server search "},
    {LK_RUNS_DNS_SERVER, 'n', " port udp_size tcp_connections tcp_idle "},
    {LK_RUNS_DNS_SERVER, 't', " origin record "},
    {LK_RUNS_DHCP_CLIENT, 'n', " reboot probe probe_wait start_delay_max offer_wait "},
    {LK_RUNS_DHCP_CLIENT, 't', " hostname "},
    {LK_RUNS_DHCP_CLIENT, 'a', " requested "},
    {LK_RUNS_DHCP_SERVER, 'n', " leases lease_time t1 t2 offer_time "},
    {LK_RUNS_DHCP_SERVER, 't', " range domain "},
    {LK_RUNS_DHCP_SERVER, 'a', " router dns "},
    {LK_RUNS_HTTP_SERVER, 'n', " port connections head_bytes idle head_time linger fields "},
    {LK_RUNS_HTTP_SERVER, 't', " page chunked answer clock modified "},
    {LK_RUNS_HTTP_CLIENT, 'n', " connections pipeline head_bytes request_bytes timeout "},
};

static char form_of(uint8_t runs, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < COUNT(known_settings); i++) {
        const struct setting *s = &known_settings[i];
        if (s->runs != runs && s->runs != LK_RUNS_COUNT)
            continue;
        for (const char *at = strstr(s->names, name); len > 0 && at != NULL; at = strstr(at + 1, name))
            if (at[-1] == ' ' && at[len] == ' ')
                return s->form;
    }
    return 0;
}

static bool check_settings(struct lk_yaml *yaml, const yaml_node_t *root)
{
    const struct lk_trace *trace = yaml->trace;
    const yaml_node_t *app = lk_yaml_find(yaml, root, "app");
    for (size_t i = 0; i < trace->app_count; i++) {
        const struct lk_pair *pair = &trace->app[i];
        const yaml_node_t *value = lk_yaml_find(yaml, app, pair->name);
        char form = form_of(trace->dut.runs, pair->name);
        struct lk_addr address;
        int64_t number;
        if (form == 0)
            return lk_yaml_refuse(yaml, value, "app: \"%s\" is no setting of what runs here", pair->name);
        if (form == 'n' && !lk_read_setting(pair->value, &number))
            return lk_yaml_refuse(yaml, value, "app: %s: \"%s\" is no number, time, true or false", pair->name, pair->value);
        if (form == 'a' && !lk_read_ip4(pair->value, &address))
            return lk_yaml_refuse(yaml, value, "app: %s: \"%s\" is not an IPv4 address", pair->name, pair->value);
    }
    return true;
}

/* -- talk -- */

static bool read_line(struct lk_yaml *yaml, const yaml_node_t *node, void *into)
{
    struct lk_talk *talk = into;
    const struct lk_yaml_field plain = {.key = yaml->key};
    talk->line = (uint32_t)lk_yaml_line(node);
    if (!lk_yaml_text(yaml, node, &plain, (void *)&talk->text))
        return false;
    return *talk->text != 0 || lk_yaml_refuse(yaml, node, "talk: an empty line");
}

struct lines { struct lk_talk *at; size_t count, capacity; };

static bool keep_line(struct lk_yaml *yaml, const yaml_node_t *node, struct lines *lines, const char *text, size_t len, size_t line)
{
    bool goes_on = lines->count > 0 && *text == ' ';
    struct lk_talk *last = goes_on ? &lines->at[lines->count - 1] : NULL;
    if (!goes_on) {
        struct lk_talk *grown = lk_bump_grow(yaml->bump, lines->at, lines->count, &lines->capacity, sizeof *grown);
        if (grown == NULL)
            return lk_yaml_no_memory(yaml, node);
        lines->at = grown;
        last = &grown[lines->count++];
        *last = (struct lk_talk){.text = "", .line = (uint32_t)line};
    }
    while (len > 0 && *text == ' ') {
        text++;
        len--;
    }
    last->text = lk_bump_format(yaml->bump, "%s%s%.*s", last->text, goes_on ? " " : "", (int)len, text);
    return last->text != NULL || lk_yaml_no_memory(yaml, node);
}

/* `talk: |`: one line each; one that begins with blanks goes on with the line before, one with # is for people. */
static bool read_block(struct lk_yaml *yaml, const yaml_node_t *node, struct lk_trace *trace)
{
    const char *text = lk_yaml_scalar(yaml, node);
    struct lines lines = {0};
    size_t line = lk_yaml_line(node) + 1;
    if (text == NULL)
        return false;
    for (; *text != 0; line++) {
        size_t len = strcspn(text, "\n"), kept = len;
        while (kept > 0 && (text[kept - 1] == ' ' || text[kept - 1] == '\r'))
            kept--;
        if (kept > 0 && *text != '#' && !keep_line(yaml, node, &lines, text, kept, line))
            return false;
        text += len + (text[len] != 0);
    }
    trace->talk = lines.at;
    trace->talk_count = lines.count;
    return true;
}

bool lk_yaml_talk(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    struct lk_trace *trace = into;
    void *talk = NULL;
    (void)field;
    if (node->type == YAML_SCALAR_NODE) {
        if (!read_block(yaml, node, trace))
            return false;
    } else {
        if (!lk_yaml_list(yaml, node, sizeof(struct lk_talk), read_line, &talk, &trace->talk_count))
            return false;
        trace->talk = talk;
    }
    return trace->talk_count <= TALK_MAX || lk_yaml_refuse(yaml, node, "talk: more than %d lines", TALK_MAX);
}

/* -- together -- */

static bool has_capture(const struct lk_trace *trace)
{
    for (size_t i = 0; i < trace->iface_count; i++)
        if (trace->ifaces[i].capture_file != NULL)
            return true;
    return trace->dut.capture_file != NULL;
}

/* 0.0.0.0 is none, as if it were not written. */
static void no_address(struct lk_trace_host *host)
{
    if (lk_addr_ip4(&host->address) == 0)
        memset(&host->address, 0, sizeof host->address);
}

bool lk_yaml_check_fields(struct lk_yaml *yaml, const yaml_node_t *root)
{
    static const char *const foreign[] = {"network", "fates", "calls", "inject", "peer", "outcomes"};
    struct lk_trace *trace = yaml->trace;
    no_address(&trace->dut.host);
    for (size_t i = 0; i < trace->iface_count; i++)
        no_address(&trace->ifaces[i].host);
    for (size_t i = 0; i < COUNT(foreign); i++) {
        const yaml_node_t *node = lk_yaml_find(yaml, root, foreign[i]);
        if (node != NULL)
            return lk_yaml_refuse(yaml, node, "\"%s\" does not belong to mode fields", foreign[i]);
    }
    const yaml_node_t *dut = lk_yaml_find(yaml, root, "dut");
    static const char *const of_iface[] = {"address", "port", "mac", "prefix", "capture"};
    if (lk_yaml_find(yaml, dut, "role") != NULL || lk_yaml_find(yaml, dut, "port") != NULL)
        return lk_yaml_refuse(yaml, dut, "dut: \"role\" and \"port\" do not belong to mode fields; say what it runs");
    for (size_t i = 0; i < COUNT(of_iface) && trace->iface_count > 0; i++)
        if (lk_yaml_find(yaml, dut, of_iface[i]) != NULL)
            return lk_yaml_refuse(yaml, dut, "dut: \"%s\" stands with each of the interfaces", of_iface[i]);
    if (trace->talk_count == 0 && !has_capture(trace))
        return lk_yaml_refuse(yaml, root, "a trace of mode fields needs talk, or a capture");
    if (trace->config.profile == NULL)
        trace->config.profile = "rfc";
    return check_settings(yaml, root);
}
