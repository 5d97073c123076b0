#include "conformance/files/yaml_map.h"
#include "conformance/timeline/units.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 8192 /* bytes of one value */
#define LIST_MAX 65535 /* elements: as many as an event file counts */
#define KEYS_MAX 1024 /* of one mapping: looking for double ones takes the square of it */

size_t lk_yaml_line(const yaml_node_t *node)
{
    return node->start_mark.line + 1;
}

bool lk_yaml_refuse(struct lk_yaml *yaml, const yaml_node_t *node, const char *format, ...)
{
    char reason[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    lk_fault_at(yaml->fault, yaml->file, lk_yaml_line(node), "%s", reason);
    return false;
}

bool lk_yaml_no_memory(struct lk_yaml *yaml, const yaml_node_t *node)
{
    return lk_yaml_refuse(yaml, node, "needs more memory than the budget allows");
}

const char *lk_yaml_scalar(struct lk_yaml *yaml, const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE) {
        lk_yaml_refuse(yaml, node, "%s: one value is wanted, not a %s", yaml->key, node->type == YAML_MAPPING_NODE ? "mapping" : "list");
        return NULL;
    }
    const char *text = (const char *)node->data.scalar.value;
    if (strlen(text) != node->data.scalar.length) {
        lk_yaml_refuse(yaml, node, "%s: a zero byte", yaml->key);
        return NULL;
    }
    if (node->data.scalar.length > TEXT_MAX) {
        lk_yaml_refuse(yaml, node, "%s: longer than %d bytes", yaml->key, TEXT_MAX);
        return NULL;
    }
    return text;
}

static yaml_node_t *node_of(struct lk_yaml *yaml, int index)
{
    return yaml_document_get_node(&yaml->document, index);
}

/* The text of the key of a pair that has not come before; NULL with a fault otherwise. */
static const char *key_of(struct lk_yaml *yaml, const yaml_node_t *mapping, const yaml_node_pair_t *pair)
{
    const yaml_node_t *node = node_of(yaml, pair->key);
    yaml->key = "key";
    const char *key = lk_yaml_scalar(yaml, node);
    if (key == NULL)
        return NULL;
    if (pair - mapping->data.mapping.pairs.start >= KEYS_MAX) {
        lk_yaml_refuse(yaml, node, "more than %d keys", KEYS_MAX);
        return NULL;
    }
    for (const yaml_node_pair_t *before = mapping->data.mapping.pairs.start; before < pair; before++) {
        const yaml_node_t *other = node_of(yaml, before->key);
        if (other->data.scalar.length == node->data.scalar.length && strcmp((const char *)other->data.scalar.value, key) == 0) {
            lk_yaml_refuse(yaml, node, "\"%s\" stands here twice, first in line %zu", key, lk_yaml_line(other));
            return NULL;
        }
    }
    return key;
}

static bool is_mapping(struct lk_yaml *yaml, const yaml_node_t *node, const char *what)
{
    if (node->type == YAML_MAPPING_NODE)
        return true;
    return lk_yaml_refuse(yaml, node, "%s: a mapping {key: value} is wanted", what);
}

bool lk_yaml_mapping(struct lk_yaml *yaml, const yaml_node_t *node, const char *what, const struct lk_yaml_field *fields, size_t count, void *into)
{
    uint64_t seen = 0;
    if (!is_mapping(yaml, node, what))
        return false;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
        const char *key = key_of(yaml, node, pair);
        if (key == NULL)
            return false;
        size_t i = 0;
        while (i < count && strcmp(fields[i].key, key) != 0)
            i++;
        if (i == count)
            return lk_yaml_refuse(yaml, node_of(yaml, pair->key), "unknown key \"%s\" in %s", key, what);
        seen |= UINT64_C(1) << i;
        yaml->key = fields[i].key;
        if (!fields[i].read(yaml, node_of(yaml, pair->value), &fields[i], into))
            return false;
    }
    for (size_t i = 0; i < count; i++)
        if (fields[i].required && !(seen & UINT64_C(1) << i))
            return lk_yaml_refuse(yaml, node, "key \"%s\" is missing in %s", fields[i].key, what);
    return true;
}

bool lk_yaml_pairs(struct lk_yaml *yaml, const yaml_node_t *node, bool (*each)(struct lk_yaml *yaml, const yaml_node_t *key, const yaml_node_t *value, void *context), void *context)
{
    if (!is_mapping(yaml, node, yaml->key))
        return false;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
        const char *key = key_of(yaml, node, pair);
        if (key == NULL)
            return false;
        yaml->key = key;
        if (!each(yaml, node_of(yaml, pair->key), node_of(yaml, pair->value), context))
            return false;
    }
    return true;
}

bool lk_yaml_list(struct lk_yaml *yaml, const yaml_node_t *node, size_t size, bool (*each)(struct lk_yaml *yaml, const yaml_node_t *node, void *into), void **array, size_t *count)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return lk_yaml_refuse(yaml, node, "%s: a list is wanted", yaml->key);
    size_t wanted = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    if (wanted > LIST_MAX)
        return lk_yaml_refuse(yaml, node, "%s: more than %d elements", yaml->key, LIST_MAX);
    unsigned char *elements = lk_bump_array(yaml->bump, wanted, size);
    if (elements == NULL)
        return lk_yaml_no_memory(yaml, node);
    for (size_t i = 0; i < wanted; i++)
        if (!each(yaml, node_of(yaml, node->data.sequence.items.start[i]), elements + i * size))
            return false;
    *array = elements;
    *count = wanted;
    return true;
}

const yaml_node_t *lk_yaml_find(struct lk_yaml *yaml, const yaml_node_t *node, const char *key)
{
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *name = node_of(yaml, pair->key);
        if (name->type == YAML_SCALAR_NODE && strcmp((const char *)name->data.scalar.value, key) == 0)
            return node_of(yaml, pair->value);
    }
    return NULL;
}

static void *place(const struct lk_yaml_field *field, void *into)
{
    return (unsigned char *)into + field->offset;
}

bool lk_yaml_text(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    const char *text = lk_yaml_scalar(yaml, node);
    if (text == NULL)
        return false;
    if (*text == 0)
        return lk_yaml_refuse(yaml, node, "%s: the value is missing", yaml->key);
    const char **to = place(field, into);
    *to = lk_bump_text(yaml->bump, text, strlen(text));
    return *to != NULL || lk_yaml_no_memory(yaml, node);
}

bool lk_yaml_file_name(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    const char *text = lk_yaml_scalar(yaml, node);
    if (text == NULL)
        return false;
    if (strchr(text, '/') != NULL || text[0] == '.' || text[0] == '-')
        return lk_yaml_refuse(yaml, node, "%s: \"%s\" is not the name of a file in the trace's own folder", yaml->key, text);
    return lk_yaml_text(yaml, node, field, into);
}

static bool number(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, uint64_t most, uint64_t *value)
{
    const char *text = lk_yaml_scalar(yaml, node);
    if (field->most != 0)
        most = field->most;
    if (text == NULL)
        return false;
    if (lk_read_number(text, most, value))
        return true;
    return lk_yaml_refuse(yaml, node, "%s: \"%s\" is not a number 0..%llu", yaml->key, text, (unsigned long long)most);
}

bool lk_yaml_u16(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    uint64_t value;
    if (!number(yaml, node, field, UINT16_MAX, &value))
        return false;
    *(uint16_t *)place(field, into) = (uint16_t)value;
    return true;
}

bool lk_yaml_u32(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    uint64_t value;
    if (!number(yaml, node, field, UINT32_MAX, &value))
        return false;
    *(uint32_t *)place(field, into) = (uint32_t)value;
    return true;
}

bool lk_yaml_u64(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    return number(yaml, node, field, UINT64_MAX, place(field, into));
}

bool lk_yaml_flag(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    const char *text = lk_yaml_scalar(yaml, node);
    if (text == NULL)
        return false;
    return lk_read_bool(text, place(field, into)) || lk_yaml_refuse(yaml, node, "%s: \"%s\" is neither true nor false", yaml->key, text);
}

bool lk_yaml_word(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    char known[256] = "";
    const char *text = lk_yaml_scalar(yaml, node);
    if (text == NULL)
        return false;
    for (const struct lk_yaml_word *word = field->words; word->word != NULL; word++) {
        if (strcmp(word->word, text) == 0) {
            *(uint8_t *)place(field, into) = word->value;
            return true;
        }
        size_t len = strlen(known);
        snprintf(known + len, sizeof known - len, "%s%s", len == 0 ? "" : ", ", word->word);
    }
    return lk_yaml_refuse(yaml, node, "%s: \"%s\" is none of %s", yaml->key, text, known);
}

bool lk_yaml_time(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    const char *text = lk_yaml_scalar(yaml, node);
    if (text == NULL)
        return false;
    return lk_read_time(text, place(field, into)) || lk_yaml_refuse(yaml, node, "%s: \"%s\" is not a time such as 1s, 20ms, 200us", yaml->key, text);
}

bool lk_yaml_address(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    const char *text = lk_yaml_scalar(yaml, node);
    if (text == NULL)
        return false;
    return lk_read_ip4(text, place(field, into)) || lk_yaml_refuse(yaml, node, "%s: \"%s\" is not an IPv4 address", yaml->key, text);
}
