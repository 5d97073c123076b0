#include "conformance/replay/field_map.h"
#include <string.h>

#define EPHEMERAL 1024u /* below it a port is a service's, not the device's choice */

struct key { const char *domain; uint8_t iface, proto; };
struct pair { struct key key; uint64_t expected, actual; };
struct lk_field_map {
    const struct lk_trace *trace;
    struct lk_bump *memory;
    struct pair *pairs; size_t count, capacity;
    struct pair *foreign; size_t foreign_count, foreign_capacity; /* said by others first: `expected` */
    bool no_memory;
    struct lk_field_view view; /* of the frame that is being rewritten */
};

struct lk_field_map *lk_field_map_new(const struct lk_trace *trace, struct lk_bump *memory)
{
    struct lk_field_map *map = lk_bump_take(memory, sizeof *map);
    if (map == NULL)
        return NULL;
    map->trace = trace;
    map->memory = memory;
    return map;
}

bool lk_field_map_no_memory(const struct lk_field_map *map)
{
    return map->no_memory;
}

static bool same_key(const struct key *a, const struct key *b)
{
    return a->iface == b->iface && a->proto == b->proto && strcmp(a->domain, b->domain) == 0;
}

static const struct pair *find(const struct pair *list, size_t count, const struct key *key, uint64_t expected)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].expected == expected && same_key(&list[i].key, key))
            return &list[i];
    return NULL;
}

static const struct pair *find_actual(const struct lk_field_map *map, const struct key *key, uint64_t actual)
{
    for (size_t i = 0; i < map->count; i++)
        if (map->pairs[i].actual == actual && same_key(&map->pairs[i].key, key))
            return &map->pairs[i];
    return NULL;
}

static void add(struct lk_field_map *map, struct pair **list, size_t *count, size_t *capacity, struct pair pair)
{
    struct pair *grown = lk_bump_grow(map->memory, *list, *count, capacity, sizeof *grown);
    if (grown == NULL) {
        map->no_memory = true;
        return;
    }
    *list = grown;
    grown[(*count)++] = pair;
}

/* ---- which numbers are mapped at all ---- */

static bool listed(const char *const *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(list[i]);
        if (strcmp(list[i], name) == 0 || (len > 1 && list[i][len - 1] == '*' && strncmp(list[i], name, len - 1) == 0))
            return true;
    }
    return false;
}

/* A port of an address that is the device's own on that interface. */
static bool own_port(const struct lk_field_map *map, const struct lk_step *step, const struct lk_field_view *view, const struct lk_field *field, struct key *key)
{
    bool udp = strncmp(field->name, "udp.", 4) == 0, tcp = strncmp(field->name, "tcp.", 4) == 0;
    if (!udp && !tcp)
        return false;
    bool src = strcmp(field->name + 4, "srcport") == 0, dst = strcmp(field->name + 4, "dstport") == 0;
    uint32_t ip = lk_view_ip_layer(view, field->layer);
    uint64_t address;
    if ((!src && !dst) || ip == LK_DISSECT_DEPTH || !lk_view_number(view, ip, src ? "ip.src" : "ip.dst", &address))
        return false;
    struct lk_trace_iface iface = lk_trace_iface(map->trace, step->iface);
    if (map->trace->dut.runs == LK_RUNS_GATEWAY && !iface.outside)
        return false;
    *key = (struct key){"port", step->iface, udp ? 17 : 6};
    return address == lk_addr_ip4(&iface.host.address) && field->number >= EPHEMERAL;
}

static bool key_of(const struct lk_field_map *map, const struct lk_step *step, const struct lk_field_view *view, const struct lk_field *field, struct key *key)
{
    static const char *const everywhere[] = {"dns.id", "dhcp.id", "ip.id"};
    struct lk_trace_iface iface = lk_trace_iface(map->trace, step->iface);
    if (field->len == 0 || field->len > 8)
        return false;
    if (listed(map->trace->match.map, map->trace->match.map_count, field->name)) {
        *key = (struct key){field->name, 0, 0};
        return true;
    }
    for (size_t i = 0; i < sizeof everywhere / sizeof *everywhere; i++)
        if (strcmp(field->name, everywhere[i]) == 0) {
            *key = (struct key){everywhere[i], 0, 0};
            return true;
        }
    if (strcmp(field->name, "icmp.ident") == 0 && (map->trace->dut.runs != LK_RUNS_GATEWAY || iface.outside)) {
        *key = (struct key){"icmp.ident", step->iface, 1};
        return true;
    }
    return own_port(map, step, view, field, key);
}

/* ---- classes ---- */

static bool is_icmp_error(const struct lk_field_view *view)
{
    const struct lk_field *type = lk_dissection_find(&view->d, "icmp.type", 0);
    return type != NULL && (type->number == 3 || type->number == 4 || type->number == 5 || type->number == 11 || type->number == 12);
}

/* Whether this packet came in and goes on: then a router may not touch what a host is free to choose. */
static bool is_forwarded(const struct lk_field_map *map, const struct lk_step *step, const struct lk_field_view *view, const struct lk_field *field)
{
    struct lk_trace_iface iface = lk_trace_iface(map->trace, step->iface);
    uint64_t source;
    if (map->trace->dut.runs != LK_RUNS_GATEWAY || !lk_view_number(view, lk_view_ip_layer(view, field->layer), "ip.src", &source))
        return false;
    for (size_t i = 0; i < lk_trace_iface_count(map->trace); i++) { /* a router may answer from any address of its own */
        struct lk_trace_iface own = lk_trace_iface(map->trace, i);
        if (source == lk_addr_ip4(&own.host.address))
            return iface.outside && !is_icmp_error(view);
    }
    return true;
}

static bool is_quoted(const struct lk_field_view *view, const struct lk_field *field)
{
    uint32_t ip = lk_view_ip_layer(view, field->layer);
    return ip != LK_DISSECT_DEPTH && ip > 0 && lk_view_ip_layer(view, ip - 1) != LK_DISSECT_DEPTH;
}

static bool says_its_length(const struct lk_field_view *view)
{
    return lk_view_has_layer(view, "dns") || lk_view_has_layer(view, "dhcp");
}

static bool is_nat(const struct lk_trace *trace)
{
    for (size_t i = 0; i < trace->iface_count; i++)
        if (trace->ifaces[i].outside)
            return true;
    return false;
}

/* Free by itself: what a host chooses, what follows from other fields, and aliases. */
static bool is_free(const struct lk_field_map *map, const struct lk_step *step, const struct lk_field_view *view, const struct lk_field *field)
{
    static const char *const aliases[] = {"udp.port", "tcp.port", "ip.addr", "eth.addr", "icmp.ident_le", "icmp.seq_le", "eth.padding", "eth.trailer", "eth.len",
                                          "dns.resp.len", "dhcp.option.type", "dhcp.option.length", "dhcp.option.padding", "dhcp.option.end", "dhcp.option.value", "dhcp.secs",
                                          /* a client's wishes: RFC 2132 9.8, 9.10, 9.13 */
                                          "dhcp.option.request_list_item", "dhcp.option.dhcp_max_message_size", "dhcp.option.vendor_class_id"};
    static const char *const chosen[] = {"ip.ttl", "ip.id", "ip.flags", "ip.flags.df", "ip.flags.rb", "ip.dsfield", "ip.dsfield.dscp", "ip.dsfield.ecn", "ip.tos"};
    const char *name = field->name, *dot = strrchr(name, '.');
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(name, aliases[i]) == 0)
            return true;
    if (dot != NULL && strcmp(dot, ".checksum") == 0) /* but a router quotes what came, RFC 1812 4.3.2.3 */
        return !is_quoted(view, field) || map->trace->dut.runs != LK_RUNS_GATEWAY || is_nat(map->trace) || strcmp(name, "ip.checksum") == 0;
    if (strcmp(name, "ip.len") == 0 || strcmp(name, "udp.length") == 0)
        return says_its_length(view);
    if (strcmp(name, "ip.id") == 0 && is_nat(map->trace))
        return true; /* RFC 6864 5.3.1: a NAT may have to choose another one, since hosts share its address */
    for (size_t i = 0; i < sizeof chosen / sizeof *chosen; i++)
        if (strcmp(name, chosen[i]) == 0)
            return is_quoted(view, field) || !is_forwarded(map, step, view, field);
    if (strstr(name, ".checksum.status") != NULL)
        return is_quoted(view, field);
    return field->len == 0;
}

enum lk_field_class lk_field_class(const struct lk_field_map *map, const struct lk_step *step, const struct lk_field_view *view, const struct lk_field *field)
{
    const struct lk_match *m = &map->trace->match;
    struct key key;
    if (step->only_count > 0 && !listed(step->only, step->only_count, field->name))
        return LK_CLASS_FREE;
    if (listed(step->ignore, step->ignore_count, field->name))
        return LK_CLASS_FREE;
    if (listed(step->compare, step->compare_count, field->name))
        return LK_CLASS_EQUAL;
    if (listed(m->ignore, m->ignore_count, field->name))
        return LK_CLASS_FREE;
    if (listed(m->compare, m->compare_count, field->name))
        return LK_CLASS_EQUAL;
    if (listed(m->map, m->map_count, field->name))
        return LK_CLASS_MAPPED;
    if (is_free(map, step, view, field) && !listed(step->only, step->only_count, field->name))
        return LK_CLASS_FREE;
    if (!key_of(map, step, view, field, &key) || find(map->foreign, map->foreign_count, &key, lk_field_number(field)) != NULL)
        return LK_CLASS_EQUAL;
    return LK_CLASS_MAPPED;
}

/* ---- learning ---- */

const char *lk_field_map_hold(struct lk_field_map *map, const struct lk_step *step, const struct lk_field_view *view, const struct lk_field *expected,
                              const struct lk_field *actual, bool learn)
{
    struct key key;
    uint64_t e = lk_field_number(expected), a = lk_field_number(actual);
    if (!key_of(map, step, view, expected, &key))
        return NULL;
    const struct pair *known = find(map->pairs, map->count, &key, e), *taken = find_actual(map, &key, a);
    if (known != NULL)
        return known->actual == a ? NULL : lk_bump_format(map->memory, "%llu, as before", (unsigned long long)known->actual);
    if (taken != NULL)
        return lk_bump_format(map->memory, "another number than %llu, which stands for %llu", (unsigned long long)a, (unsigned long long)taken->expected);
    if (learn)
        add(map, &map->pairs, &map->count, &map->capacity, (struct pair){key, e, a});
    return NULL;
}

void lk_field_map_note(struct lk_field_map *map, const struct lk_step *step, const struct lk_field_view *expected, const struct lk_field_view *actual)
{
    const struct lk_field *field;
    for (uint32_t i = 0; (field = lk_view_at(expected, i)) != NULL; i++) {
        struct key key;
        if (lk_field_class(map, step, expected, field) == LK_CLASS_EQUAL || !key_of(map, step, expected, field, &key))
            continue;
        const struct lk_field *same = lk_view_nth(actual, field->name, lk_view_rank(expected, i));
        uint64_t e = lk_field_number(field);
        if (same == NULL || find(map->foreign, map->foreign_count, &key, e) != NULL)
            continue;
        struct pair *known = (struct pair *)(uintptr_t)find(map->pairs, map->count, &key, e);
        if (known != NULL)
            known->actual = lk_field_number(same); /* the latest one is what an answer is to */
        else
            add(map, &map->pairs, &map->count, &map->capacity, (struct pair){key, e, lk_field_number(same)});
    }
}

/* ---- rewriting ---- */

static void store(uint8_t *at, uint32_t len, uint64_t value)
{
    for (uint32_t i = len; i-- > 0; value >>= 8)
        at[i] = (uint8_t)value;
}

uint8_t *lk_field_map_rewrite(struct lk_field_map *map, const struct lk_step *step)
{
    struct lk_field_view *view = &map->view;
    uint8_t *copy = lk_bump_copy(map->memory, step->bytes, step->len);
    const struct lk_field *field;
    if (copy == NULL) {
        map->no_memory = true;
        return NULL;
    }
    lk_field_view(view, step->bytes, step->len);
    for (uint32_t i = 0; (field = lk_view_at(view, i)) != NULL; i++) {
        struct key key;
        if (!key_of(map, step, view, field, &key))
            continue;
        uint64_t value = lk_field_number(field);
        const struct pair *known = find(map->pairs, map->count, &key, value);
        if (known != NULL)
            store(copy + field->at, field->len, known->actual);
        else if (find(map->foreign, map->foreign_count, &key, value) == NULL)
            add(map, &map->foreign, &map->foreign_count, &map->foreign_capacity, (struct pair){key, value, value});
    }
    lk_view_repair(view, copy);
    return copy;
}
