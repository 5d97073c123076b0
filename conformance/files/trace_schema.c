/* A trace out of YAML: the tables of its keys. What a key means stands in corpora/README.md. */
#include "conformance/files/trace_schema.h"
#include "conformance/files/trace_words.h"
#include "conformance/requirements/requirement.h"
#include "conformance/timeline/setting.h"
#include "conformance/timeline/units.h"
#include "stack/base/error.h"

#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define PAIRS_MAX 1024 /* of config or source */
#define AT(member) .offset = offsetof(struct lk_trace, member)

/* -- dut, peer, link, network -- */

bool lk_yaml_mac(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    struct lk_trace_host *host = (void *)((unsigned char *)into + field->offset);
    const char *text = lk_yaml_scalar(yaml, node);
    if (text == NULL)
        return false;
    host->has_mac = true;
    return lk_read_mac(text, host->mac) || lk_yaml_refuse(yaml, node, "mac: \"%s\" is not a MAC address in quotes, such as \"02:00:0a:09:00:01\"", text);
}

static bool read_dut_address(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    yaml->dut_line = lk_yaml_line(node);
    return lk_yaml_address(yaml, node, field, into);
}

static bool read_peer_address(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    yaml->peer_line = lk_yaml_line(node);
    return lk_yaml_address(yaml, node, field, into);
}

static const struct lk_yaml_field dut_fields[] = {
    {.key = "address", .read = read_dut_address, AT(dut.host.address)},
    {.key = "port", .read = lk_yaml_u16, AT(dut.host.port)},
    {.key = "mac", .read = lk_yaml_mac, AT(dut.host)},
    {.key = "prefix", .read = lk_yaml_u32, AT(dut.host.prefix), .most = 32},
    {.key = "role", .read = lk_yaml_word, AT(dut.role), .words = lk_words_role},
    {.key = "runs", .read = lk_yaml_word, AT(dut.runs), .words = lk_words_runs},
    {.key = "capture", .read = lk_yaml_file_name, AT(dut.capture_file)},
};

/* every | second | delayed TIME */
static bool read_ack(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    static const char delayed[] = "delayed ";
    struct lk_trace_peer *peer = &((struct lk_trace *)into)->peer;
    const char *text = lk_yaml_scalar(yaml, node);
    (void)field;
    if (text == NULL)
        return false;
    peer->ack = strcmp(text, "every") == 0 ? LK_ACK_EVERY : strcmp(text, "second") == 0 ? LK_ACK_SECOND : LK_ACK_DELAYED;
    if (peer->ack != LK_ACK_DELAYED || (strncmp(text, delayed, sizeof delayed - 1) == 0 && lk_read_time(text + sizeof delayed - 1, &peer->ack_delay)))
        return true;
    return lk_yaml_refuse(yaml, node, "ack: \"%s\" is none of every, second, delayed TIME", text);
}

static bool read_wscale(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    uint32_t shift = 0;
    const struct lk_yaml_field plain = {.key = field->key, .most = 14}; /* RFC 7323 2.3 */
    if (!lk_yaml_u32(yaml, node, &plain, &shift))
        return false;
    ((struct lk_trace *)into)->peer.wscale = (int32_t)shift;
    return true;
}

static const struct lk_yaml_field peer_fields[] = {
    {.key = "address", .read = read_peer_address, AT(peer.host.address), .required = true},
    {.key = "port", .read = lk_yaml_u16, AT(peer.host.port)},
    {.key = "mac", .read = lk_yaml_mac, AT(peer.host)},
    {.key = "prefix", .read = lk_yaml_u32, AT(peer.host.prefix), .most = 32},
    {.key = "capture", .read = lk_yaml_file_name, AT(peer.capture_file)},
    {.key = "kind", .read = lk_yaml_word, AT(peer.kind), .required = true, .words = lk_words_kind},
    {.key = "ack", .read = read_ack},
    {.key = "window", .read = lk_yaml_u32, AT(peer.window), .most = 1073725440}, /* RFC 7323 2.3: 65535 << 14 */
    {.key = "wscale", .read = read_wscale},
    {.key = "sack", .read = lk_yaml_flag, AT(peer.sack)},
    {.key = "timestamps", .read = lk_yaml_flag, AT(peer.timestamps)},
    {.key = "mss", .read = lk_yaml_u16, AT(peer.mss)},
};

static const struct lk_yaml_word link_words[] = {{"ethernet", 0}, {"raw", 1}, {NULL, 0}};

static bool read_link_type(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    uint8_t type = 0;
    const struct lk_yaml_field plain = {.key = field->key, .words = link_words};
    if (!lk_yaml_word(yaml, node, &plain, &type))
        return false;
    ((struct lk_trace *)into)->link.type = link_words[type].word;
    return true;
}

static const struct lk_yaml_field link_fields[] = {
    {.key = "type", .read = read_link_type, .required = true},
    {.key = "neighbours", .read = lk_yaml_word, AT(link.neighbours), .words = lk_words_neighbours},
    {.key = "mtu", .read = lk_yaml_u16, AT(link.mtu)},
};

/* One value for both directions, or [out, in]: at `index` of the field. */
static const yaml_node_t *of_direction(struct lk_yaml *yaml, const yaml_node_t *node, int index)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return node;
    if (node->data.sequence.items.top - node->data.sequence.items.start != 2) {
        lk_yaml_refuse(yaml, node, "%s: one value or [out, in] is wanted", yaml->key);
        return NULL;
    }
    return yaml_document_get_node(&yaml->document, node->data.sequence.items.start[index]);
}

static bool read_rate(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    (void)field;
    for (int i = 0; i < 2; i++) {
        const yaml_node_t *one = of_direction(yaml, node, i);
        const char *text = one == NULL ? NULL : lk_yaml_scalar(yaml, one);
        if (text == NULL)
            return false;
        if (!lk_read_rate(text, &((struct lk_trace *)into)->network.rate[i]))
            return lk_yaml_refuse(yaml, one, "rate: \"%s\" is not a rate such as 4mbit, 64kbit", text);
    }
    return true;
}

static bool read_delay(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    (void)field;
    const struct lk_yaml_field plain = {.key = "delay"};
    for (int i = 0; i < 2; i++) {
        const yaml_node_t *one = of_direction(yaml, node, i);
        if (one == NULL || !lk_yaml_time(yaml, one, &plain, &((struct lk_trace *)into)->network.delay[i]))
            return false;
    }
    return true;
}

static const struct lk_yaml_field network_fields[] = {
    {.key = "rate", .read = read_rate},
    {.key = "delay", .read = read_delay},
    {.key = "queue", .read = lk_yaml_u32, AT(network.queue)},
};

/* -- fates -- */

static bool fate_by(struct lk_yaml *yaml, const yaml_node_t *node, struct lk_fate *fate, uint8_t by)
{
    if (fate->by != 0 && fate->by != by)
        return lk_yaml_refuse(yaml, node, "a fate is by bytes, by ack, or by from and to: only one of them");
    fate->by = by;
    return true;
}

static bool read_fate_bytes(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    struct lk_fate *fate = into;
    struct lk_range range;
    const char *text = lk_yaml_scalar(yaml, node);
    (void)field;
    if (text == NULL || !fate_by(yaml, node, fate, LK_FATE_BYTES))
        return false;
    if (!lk_read_range(text, &range))
        return lk_yaml_refuse(yaml, node, "bytes: \"%s\" is not a range a..b with a < b", text);
    fate->from = range.from;
    fate->to = range.to;
    return true;
}

static bool read_fate_ack(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    return fate_by(yaml, node, into, LK_FATE_ACK) && lk_yaml_u64(yaml, node, field, into);
}

static bool read_fate_time(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    return fate_by(yaml, node, into, LK_FATE_TIME) && lk_yaml_time(yaml, node, field, into);
}

/* lost | duplicated | corrupted | late TIME */
static bool read_fate_is(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    static const char late[] = "late ";
    struct lk_fate *fate = into;
    const char *text = lk_yaml_scalar(yaml, node);
    (void)field;
    if (text == NULL)
        return false;
    for (const struct lk_yaml_word *word = lk_words_fate; word->word != NULL; word++)
        if (strcmp(word->word, text) == 0)
            fate->is = word->value;
    if (strncmp(text, late, sizeof late - 1) == 0 && lk_read_time(text + sizeof late - 1, &fate->late))
        fate->is = LK_FATE_LATE;
    else if (fate->is == 0 || fate->is == LK_FATE_LATE)
        return lk_yaml_refuse(yaml, node, "is: \"%s\" is none of lost, duplicated, corrupted, late TIME", text);
    return true;
}

static const struct lk_yaml_field fate_fields[] = {
    {.key = "dir", .read = lk_yaml_word, .offset = offsetof(struct lk_fate, dir), .required = true, .words = lk_words_dir},
    {.key = "bytes", .read = read_fate_bytes},
    {.key = "ack", .read = read_fate_ack, .offset = offsetof(struct lk_fate, from)},
    {.key = "copy", .read = lk_yaml_u32, .offset = offsetof(struct lk_fate, copy)},
    {.key = "from", .read = read_fate_time, .offset = offsetof(struct lk_fate, since)},
    {.key = "to", .read = read_fate_time, .offset = offsetof(struct lk_fate, until)},
    {.key = "is", .read = read_fate_is, .required = true},
    {.key = "required", .read = lk_yaml_flag, .offset = offsetof(struct lk_fate, required)},
};

static bool read_fate(struct lk_yaml *yaml, const yaml_node_t *node, void *into)
{
    struct lk_fate *fate = into;
    if (!lk_yaml_mapping(yaml, node, "a fate", fate_fields, COUNT(fate_fields), fate))
        return false;
    if (fate->by == 0)
        return lk_yaml_refuse(yaml, node, "a fate needs bytes, ack, or from and to");
    if (fate->by == LK_FATE_TIME && fate->since >= fate->until)
        return lk_yaml_refuse(yaml, node, "a fate by time needs from before to");
    if (fate->by == LK_FATE_TIME && fate->copy != 0)
        return lk_yaml_refuse(yaml, node, "copy does not belong to a fate by time");
    return true;
}

static bool read_fates(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    struct lk_trace *trace = into;
    void *fates = NULL;
    (void)field;
    if (!lk_yaml_list(yaml, node, sizeof(struct lk_fate), read_fate, &fates, &trace->fate_count))
        return false;
    trace->fates = fates;
    return true;
}

/* -- inject -- */

static bool read_inject(struct lk_yaml *yaml, const yaml_node_t *node, void *into)
{
    static const struct lk_yaml_field fields[] = {
        {.key = "after", .read = lk_yaml_u32, .offset = offsetof(struct lk_inject, after), .required = true},
        {.key = "frame", .read = lk_yaml_u32, .offset = offsetof(struct lk_inject, frame), .required = true},
    };
    return lk_yaml_mapping(yaml, node, "inject", fields, COUNT(fields), into);
}

static bool read_injects(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    struct lk_trace *trace = into;
    void *injects = NULL;
    (void)field;
    if (!lk_yaml_list(yaml, node, sizeof(struct lk_inject), read_inject, &injects, &trace->inject_count))
        return false;
    trace->injects = injects;
    return true;
}

/* -- config, source: pairs of texts -- */

struct pairs { struct lk_pair *at; size_t count, capacity; const char *inside; };

/* Keeps one pair; `inside` names the mapping that this one stands in. */
static bool keep_pair(struct lk_yaml *yaml, const yaml_node_t *key, const yaml_node_t *value, struct pairs *pairs)
{
    const char *name = (const char *)key->data.scalar.value;
    const char *text = lk_yaml_scalar(yaml, value);
    if (text == NULL)
        return false;
    if (pairs->count == PAIRS_MAX)
        return lk_yaml_refuse(yaml, key, "more than %d keys", PAIRS_MAX);
    struct lk_pair *grown = lk_bump_grow(yaml->bump, pairs->at, pairs->count, &pairs->capacity, sizeof *grown);
    if (grown == NULL)
        return lk_yaml_no_memory(yaml, key);
    pairs->at = grown;
    struct lk_pair *pair = &pairs->at[pairs->count++];
    pair->name = pairs->inside == NULL ? lk_bump_text(yaml->bump, name, strlen(name)) : lk_bump_format(yaml->bump, "%s.%s", pairs->inside, name);
    pair->value = lk_bump_text(yaml->bump, text, strlen(text));
    if (pair->name == NULL || pair->value == NULL)
        return lk_yaml_no_memory(yaml, key);
    for (size_t i = 0; i + 1 < pairs->count; i++) /* a.b: and a: {b: } say the same */
        if (strcmp(pairs->at[i].name, pair->name) == 0)
            return lk_yaml_refuse(yaml, key, "\"%s\" stands here twice", pair->name);
    return true;
}

static bool each_inner(struct lk_yaml *yaml, const yaml_node_t *key, const yaml_node_t *value, void *context)
{
    return keep_pair(yaml, key, value, context);
}

/* `counters: {RetransSegs: 3}` becomes the pair counters.RetransSegs, 3. */
static bool each_source(struct lk_yaml *yaml, const yaml_node_t *key, const yaml_node_t *value, void *context)
{
    struct pairs *pairs = context;
    if (value->type != YAML_MAPPING_NODE)
        return keep_pair(yaml, key, value, pairs);
    pairs->inside = (const char *)key->data.scalar.value;
    bool ok = lk_yaml_pairs(yaml, value, each_inner, pairs);
    pairs->inside = NULL;
    return ok;
}

static bool read_source(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    struct lk_trace *trace = into;
    struct pairs pairs = {0};
    (void)field;
    if (!lk_yaml_pairs(yaml, node, each_source, &pairs))
        return false;
    trace->source = pairs.at;
    trace->source_count = pairs.count;
    return true;
}

static bool each_config(struct lk_yaml *yaml, const yaml_node_t *key, const yaml_node_t *value, void *context)
{
    const struct lk_yaml_field plain = {.key = yaml->key};
    const char *name = (const char *)key->data.scalar.value;
    if (strcmp(name, "profile") == 0)
        return lk_yaml_text(yaml, value, &plain, (void *)&yaml->trace->config.profile);
    if (strcmp(name, "pull") != 0)
        return keep_pair(yaml, key, value, context);
    if (!lk_yaml_text(yaml, value, &plain, (void *)&yaml->trace->config.pull))
        return false;
    const char *pull = yaml->trace->config.pull;
    return strcmp(pull, "frame") == 0 || strcmp(pull, "batch") == 0 || lk_yaml_refuse(yaml, value, "pull: \"%s\" is none of frame, batch", pull);
}

static bool check_setting(struct lk_yaml *yaml, const yaml_node_t *node, struct lk_config *config, const struct lk_pair *pair)
{
    int64_t value;
    int result = lk_setting_apply(config, pair->name, pair->value);
    if (result == LK_E_NOTFOUND)
        return lk_yaml_refuse(yaml, node, "config: there is no setting \"%s\"", pair->name);
    if (!lk_read_setting(pair->value, &value))
        return lk_yaml_refuse(yaml, node, "config: %s: \"%s\" is no number, time, true or false", pair->name, pair->value);
    return result == 0 || lk_yaml_refuse(yaml, node, "config: %s: \"%s\" is out of range", pair->name, pair->value);
}

static bool check_config(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_trace *trace)
{
    struct lk_config config;
    if (trace->config.profile == NULL)
        return lk_yaml_refuse(yaml, node, "key \"profile\" is missing in config");
    if (lk_config_init(&config, trace->config.profile) != 0)
        return lk_yaml_refuse(yaml, node, "config: there is no profile \"%s\"", trace->config.profile);
    for (size_t i = 0; i < trace->config.setting_count; i++) {
        const yaml_node_t *value = lk_yaml_find(yaml, node, trace->config.settings[i].name);
        if (!check_setting(yaml, value == NULL ? node : value, &config, &trace->config.settings[i]))
            return false;
    }
    return true;
}

static bool read_config(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    struct lk_trace *trace = into;
    struct pairs pairs = {0};
    (void)field;
    if (!lk_yaml_pairs(yaml, node, each_config, &pairs))
        return false;
    trace->config.settings = pairs.at;
    trace->config.setting_count = pairs.count;
    return check_config(yaml, node, trace);
}

/* -- match, outcomes, proves -- */

static bool read_permille(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    const char *text = lk_yaml_scalar(yaml, node);
    if (text == NULL)
        return false;
    return lk_read_permille(text, (uint32_t *)(void *)((unsigned char *)into + field->offset)) ||
           lk_yaml_refuse(yaml, node, "excess: \"%s\" is not a number such as 1.0, with three decimals at most", text);
}

/* One field that is compared beyond those that always are; which there are depends on the mode: check_match(). */
static bool read_compared(struct lk_yaml *yaml, const yaml_node_t *node, void *into)
{
    const struct lk_yaml_field plain = {.key = yaml->key};
    return lk_yaml_text(yaml, node, &plain, into);
}

/* Of a segment a few things can be compared on request; in mode `fields` everything that has a name. */
static bool check_match(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_match *match)
{
    const struct lk_yaml_field word = {.key = "compare", .words = lk_words_compare};
    const yaml_node_t *list = lk_yaml_find(yaml, node, "compare");
    uint8_t known;
    if (match->mode == LK_MATCH_FIELDS)
        return true;
    if (match->ignore_count != 0 || match->map_count != 0)
        return lk_yaml_refuse(yaml, node, "match: ignore and map belong to mode fields");
    yaml->key = "compare";
    for (size_t i = 0; i < match->compare_count; i++)
        if (!lk_yaml_word(yaml, yaml_document_get_node(&yaml->document, list->data.sequence.items.start[i]), &word, &known))
            return false;
    return true;
}

static bool read_compare(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    struct lk_match *match = into;
    void *words = NULL;
    (void)field;
    if (!lk_yaml_list(yaml, node, sizeof(const char *), read_compared, &words, &match->compare_count))
        return false;
    match->compare = words;
    return true;
}

static bool read_one_range(struct lk_yaml *yaml, const yaml_node_t *node, void *into)
{
    const char *text = lk_yaml_scalar(yaml, node);
    return text != NULL && (lk_read_range(text, into) || lk_yaml_refuse(yaml, node, "%s: \"%s\" is not a range a..b with a < b", yaml->key, text));
}

static bool read_must_not(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    struct lk_match *match = into;
    void *ranges = NULL;
    (void)field;
    if (!lk_yaml_list(yaml, node, sizeof(struct lk_range), read_one_range, &ranges, &match->must_not_resend_count))
        return false;
    match->must_not_resend = ranges;
    return true;
}

/* Texts, none of them empty, into a list of the match. */
static bool read_one_name(struct lk_yaml *yaml, const yaml_node_t *node, void *into)
{
    const struct lk_yaml_field plain = {.key = yaml->key};
    const char *text = lk_yaml_scalar(yaml, node);
    if (text == NULL)
        return false;
    return (*text != 0 && strpbrk(text, " |") == NULL && lk_yaml_text(yaml, node, &plain, into)) || lk_yaml_refuse(yaml, node, "%s: \"%s\" is not the name of a field", yaml->key, text);
}

static bool read_ignore(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    struct lk_match *match = into;
    void *words = NULL;
    (void)field;
    if (!lk_yaml_list(yaml, node, sizeof(const char *), read_one_name, &words, &match->ignore_count))
        return false;
    match->ignore = words;
    return true;
}

static bool read_map(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    struct lk_match *match = into;
    void *words = NULL;
    (void)field;
    if (!lk_yaml_list(yaml, node, sizeof(const char *), read_one_name, &words, &match->map_count))
        return false;
    match->map = words;
    return true;
}

static const struct lk_yaml_field match_fields[] = {
    {.key = "mode", .read = lk_yaml_word, .offset = offsetof(struct lk_match, mode), .required = true, .words = lk_words_mode},
    {.key = "tolerance", .read = lk_yaml_time, .offset = offsetof(struct lk_match, tolerance)},
    {.key = "compare", .read = read_compare},
    {.key = "ignore", .read = read_ignore},
    {.key = "map", .read = read_map},
    {.key = "excess", .read = read_permille, .offset = offsetof(struct lk_match, excess_permille)},
    {.key = "ends_within", .read = lk_yaml_time, .offset = offsetof(struct lk_match, ends_within)},
    {.key = "must_not_resend", .read = read_must_not},
};

/* The mapping at into + offset. */
static bool read_match(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    struct lk_match *match = (void *)((unsigned char *)into + field->offset);
    *match = (struct lk_match){.tolerance = 10 * LK_MILLISECOND, .excess_permille = 1000, .ends_within = LK_NEVER};
    return lk_yaml_mapping(yaml, node, "match", match_fields, COUNT(match_fields), match) && check_match(yaml, node, match);
}

static bool read_outcome(struct lk_yaml *yaml, const yaml_node_t *node, void *into)
{
    static const struct lk_yaml_field fields[] = {
        {.key = "match", .read = read_match, .offset = offsetof(struct lk_outcome, match), .required = true},
        {.key = "capture", .read = lk_yaml_file_name, .offset = offsetof(struct lk_outcome, capture_file)},
    };
    const struct lk_outcome *outcome = into;
    return lk_yaml_mapping(yaml, node, "an outcome", fields, COUNT(fields), into) &&
           (outcome->match.mode != LK_MATCH_FIELDS || lk_yaml_refuse(yaml, node, "outcomes: there are none in mode fields; mark a line `may`"));
}

static bool read_outcomes(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    struct lk_trace *trace = into;
    void *outcomes = NULL;
    (void)field;
    if (!lk_yaml_list(yaml, node, sizeof(struct lk_outcome), read_outcome, &outcomes, &trace->outcome_count))
        return false;
    trace->outcomes = outcomes;
    return trace->outcome_count <= LK_OUTCOMES_MAX || lk_yaml_refuse(yaml, node, "outcomes: more than %d", LK_OUTCOMES_MAX);
}

static bool each_proof(struct lk_yaml *yaml, const yaml_node_t *key, const yaml_node_t *value, void *context)
{
    struct lk_trace *trace = yaml->trace;
    size_t *capacity = context;
    const char *id = (const char *)key->data.scalar.value;
    const char *check = lk_yaml_scalar(yaml, value);
    if (check == NULL)
        return false;
    if (lk_requirement_lookup(id) == NULL)
        return lk_yaml_refuse(yaml, key, "proves: no requirement \"%s\" in the catalogue", id);
    if (*check == 0 || strcmp(check, "~") == 0 || strcmp(check, "null") == 0)
        return lk_yaml_refuse(yaml, key, "proves: %s names no check that decides it", id);
    struct lk_proof *proves = lk_bump_grow(yaml->bump, trace->proves, trace->proof_count, capacity, sizeof *proves);
    if (proves == NULL)
        return lk_yaml_no_memory(yaml, key);
    trace->proves = proves;
    struct lk_proof *proof = &proves[trace->proof_count++];
    *proof = (struct lk_proof){.requirement = lk_bump_text(yaml->bump, id, strlen(id)),
                               .check = lk_bump_text(yaml->bump, check, strlen(check)), .line = (uint32_t)lk_yaml_line(key)};
    return (proof->requirement != NULL && proof->check != NULL) || lk_yaml_no_memory(yaml, key);
}

static bool read_proves(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    size_t capacity = 0;
    (void)field, (void)into;
    return lk_yaml_pairs(yaml, node, each_proof, &capacity);
}

/* -- the whole -- */

static bool read_dut(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    (void)field;
    return lk_yaml_mapping(yaml, node, "dut", dut_fields, COUNT(dut_fields), into);
}

static bool read_peer(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    (void)field;
    return lk_yaml_mapping(yaml, node, "peer", peer_fields, COUNT(peer_fields), into);
}

static bool read_link(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    (void)field;
    return lk_yaml_mapping(yaml, node, "link", link_fields, COUNT(link_fields), into);
}

static bool read_network(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    (void)field;
    return lk_yaml_mapping(yaml, node, "network", network_fields, COUNT(network_fields), into);
}

static bool read_version(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    const char *text = lk_yaml_scalar(yaml, node);
    (void)field, (void)into;
    return text != NULL && (strcmp(text, "1") == 0 || lk_yaml_refuse(yaml, node, "lockstep: format version \"%s\" is not known, only 1", text));
}

static const struct lk_yaml_field trace_fields[] = {
    {.key = "lockstep", .read = read_version, .required = true},
    {.key = "dut", .read = read_dut, .required = true},
    {.key = "link", .read = read_link},
    {.key = "interfaces", .read = lk_yaml_interfaces},
    {.key = "app", .read = lk_yaml_app},
    {.key = "talk", .read = lk_yaml_talk},
    {.key = "network", .read = read_network},
    {.key = "fates", .read = read_fates},
    {.key = "calls", .read = lk_yaml_calls},
    {.key = "inject", .read = read_injects},
    {.key = "peer", .read = read_peer},
    {.key = "config", .read = read_config},
    {.key = "match", .read = read_match, AT(match), .required = true},
    {.key = "outcomes", .read = read_outcomes},
    {.key = "proves", .read = read_proves, .required = true},
    {.key = "source", .read = read_source, .required = true},
};

static bool needs(struct lk_yaml *yaml, const yaml_node_t *root, const char *outer, const char *inner)
{
    const yaml_node_t *node = lk_yaml_find(yaml, root, outer);
    if (node == NULL)
        return lk_yaml_refuse(yaml, root, "key \"%s\" is missing in the trace", outer);
    return inner == NULL || lk_yaml_find(yaml, node, inner) != NULL || lk_yaml_refuse(yaml, node, "key \"%s\" is missing in %s", inner, outer);
}

/* A trace of segments has two ends and a capture, and nothing that only mode `fields` knows. */
static bool check_segments(struct lk_yaml *yaml, const yaml_node_t *root)
{
    static const char *const foreign[] = {"interfaces", "app", "talk"};
    for (size_t i = 0; i < COUNT(foreign); i++) {
        const yaml_node_t *node = lk_yaml_find(yaml, root, foreign[i]);
        if (node != NULL)
            return lk_yaml_refuse(yaml, node, "\"%s\" belongs to mode fields", foreign[i]);
    }
    if (yaml->trace->dut.runs != LK_RUNS_SOCKETS)
        return lk_yaml_refuse(yaml, lk_yaml_find(yaml, root, "dut"), "dut: \"runs\" belongs to mode fields");
    return needs(yaml, root, "dut", "address") && needs(yaml, root, "dut", "role") && needs(yaml, root, "dut", "capture") && needs(yaml, root, "link", NULL) &&
           needs(yaml, root, "peer", NULL) && needs(yaml, root, "config", NULL);
}

bool lk_yaml_trace(struct lk_yaml *yaml, const yaml_node_t *root)
{
    struct lk_trace *trace = yaml->trace;
    if (root->type == YAML_MAPPING_NODE) { /* the version comes first, or another version's keys would be blamed */
        const yaml_node_t *version = lk_yaml_find(yaml, root, "lockstep");
        yaml->key = "lockstep";
        if (version != NULL && !read_version(yaml, version, NULL, NULL))
            return false;
    }
    if (!lk_yaml_mapping(yaml, root, "the trace", trace_fields, COUNT(trace_fields), trace))
        return false;
    return trace->match.mode == LK_MATCH_FIELDS ? lk_yaml_check_fields(yaml, root) : check_segments(yaml, root);
}
