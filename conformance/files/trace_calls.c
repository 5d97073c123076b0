/* `calls:` of a trace: what the application does, when, and what comes back. */
#include "conformance/files/trace_schema.h"
#include "conformance/files/trace_words.h"
#include "conformance/timeline/units.h"

#include <stdio.h>
#include <string.h>

#define SOCKET_NAME_MAX 32 /* bytes of a socket's name */

static const char by_number[] = ""; /* in yaml->sockets: taken without a name */

/* A socket by number, or by name: names are numbered from 1 in the order in which they first appear, past numbers that
 * stand in the file themselves. */
static bool socket_number(struct lk_yaml *yaml, const yaml_node_t *node, const char *name, uint32_t *number, const char **kept)
{
    uint64_t plain;
    *kept = NULL;
    if (lk_read_number(name, LK_YAML_SOCKETS, &plain)) {
        if (plain == 0)
            return lk_yaml_refuse(yaml, node, "%s: sockets are numbered from 1", yaml->key);
        *number = (uint32_t)plain;
        if (yaml->sockets[plain - 1] == NULL)
            yaml->sockets[plain - 1] = by_number;
        if (yaml->sockets[plain - 1] != by_number)
            *kept = yaml->sockets[plain - 1]; /* the number of a named one means that one */
        return true;
    }
    if (*name == 0 || strlen(name) > SOCKET_NAME_MAX || name[strcspn(name, ". +")] != 0)
        return lk_yaml_refuse(yaml, node, "%s: \"%s\" is not the name of a socket", yaml->key, name);
    uint32_t found = 0, free_one = LK_YAML_SOCKETS;
    for (; found < LK_YAML_SOCKETS && (yaml->sockets[found] == NULL || strcmp(yaml->sockets[found], name) != 0); found++)
        if (yaml->sockets[found] == NULL && found < free_one)
            free_one = found;
    if (found == LK_YAML_SOCKETS) {
        if (free_one == LK_YAML_SOCKETS)
            return lk_yaml_refuse(yaml, node, "%s: more than %u sockets", yaml->key, LK_YAML_SOCKETS);
        found = free_one;
        yaml->sockets[found] = lk_bump_text(yaml->bump, name, strlen(name));
    }
    *number = found + 1;
    *kept = yaml->sockets[found];
    return *kept != NULL || lk_yaml_no_memory(yaml, node);
}

static bool read_socket(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    (void)field;
    struct lk_call *call = into;
    const char *name = lk_yaml_scalar(yaml, node);
    return name != NULL && socket_number(yaml, node, name, &call->socket, &call->socket_name);
}

static bool read_at(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    struct lk_call *call = into;
    if (call->when != 0)
        return lk_yaml_refuse(yaml, node, "at and when exclude each other");
    call->when = LK_WHEN_AT;
    return lk_yaml_time(yaml, node, field, into);
}

/* The condition itself, without socket and delay. */
static bool read_condition(const char *text, struct lk_call *call)
{
    static const char received[] = "received ";
    if (strncmp(text, received, sizeof received - 1) == 0) {
        call->when = LK_WHEN_RECEIVED;
        return lk_read_number(text + sizeof received - 1, UINT64_MAX, &call->when_bytes);
    }
    for (const struct lk_yaml_word *word = lk_words_when; word->word != NULL; word++)
        if (strcmp(word->word, text) == 0)
            call->when = word->value;
    return call->when != 0 && call->when != LK_WHEN_RECEIVED;
}

/* [SOCKET.]condition[ + TIME] */
static bool read_when(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    (void)field;
    struct lk_call *call = into;
    char words[128];
    const char *text = lk_yaml_scalar(yaml, node);
    if (text == NULL)
        return false;
    if (call->when != 0)
        return lk_yaml_refuse(yaml, node, "at and when exclude each other");
    snprintf(words, sizeof words, "%s", text);
    char *plus = strstr(words, " + "), *condition = words;
    if (plus != NULL) {
        *plus = 0;
        if (!lk_read_time(plus + 3, &call->at))
            return lk_yaml_refuse(yaml, node, "when: \"%s\" is not a time such as 1s, 20ms, 200us", plus + 3);
    }
    char *dot = strchr(words, '.');
    if (dot != NULL) {
        const char *name;
        *dot = 0;
        condition = dot + 1;
        if (!socket_number(yaml, node, words, &call->when_socket, &name))
            return false;
    }
    if (strlen(text) < sizeof words && read_condition(condition, call))
        return true;
    return lk_yaml_refuse(yaml, node, "when: \"%s\" is none of established, readable, received N, all acknowledged, peer closed, closed", text);
}

static bool read_to(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    (void)field;
    struct lk_call *call = into;
    const char *text = lk_yaml_scalar(yaml, node);
    if (text == NULL)
        return false;
    return lk_read_endpoint(text, &call->to_address, &call->to_port) || lk_yaml_refuse(yaml, node, "to: \"%s\" is not ADDRESS:PORT", text);
}

/* An option's value: a number, true or false, or a time. */
static bool read_value(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    (void)field;
    const char *text = lk_yaml_scalar(yaml, node);
    if (text == NULL)
        return false;
    return lk_read_setting(text, &((struct lk_call *)into)->value) || lk_yaml_refuse(yaml, node, "value: \"%s\" is no number, time, true or false", text);
}

static bool read_result(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    (void)field;
    struct lk_call *call = into;
    const char *text = lk_yaml_scalar(yaml, node);
    if (text == NULL)
        return false;
    if (call->error != NULL)
        return lk_yaml_refuse(yaml, node, "result and errno exclude each other");
    call->has_result = true;
    return lk_read_integer(text, &call->result) || lk_yaml_refuse(yaml, node, "result: \"%s\" is not a number", text);
}

static bool read_errno(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    const struct lk_call *call = into;
    const char *text = lk_yaml_scalar(yaml, node);
    if (text == NULL)
        return false;
    if (call->has_result)
        return lk_yaml_refuse(yaml, node, "result and errno exclude each other");
    if (!lk_word_is_errno(text))
        return lk_yaml_refuse(yaml, node, "errno: \"%s\" is no error that a call returns", text);
    return lk_yaml_text(yaml, node, field, into);
}

static bool read_returned_bytes(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    ((struct lk_call *)into)->has_bytes = true;
    return lk_yaml_u64(yaml, node, field, into);
}

static bool read_returns(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    static const struct lk_yaml_field fields[] = {
        {.key = "result", .read = read_result},
        {.key = "errno", .read = read_errno, .offset = offsetof(struct lk_call, error)},
        {.key = "within", .read = lk_yaml_time, .offset = offsetof(struct lk_call, within)},
        {.key = "bytes", .read = read_returned_bytes, .offset = offsetof(struct lk_call, returns_bytes)},
    };
    (void)field;
    return lk_yaml_mapping(yaml, node, "returns", fields, sizeof fields / sizeof fields[0], into);
}

static const struct lk_yaml_field call_fields[] = {
    {.key = "at", .read = read_at, .offset = offsetof(struct lk_call, at)},
    {.key = "when", .read = read_when},
    {.key = "do", .read = lk_yaml_word, .offset = offsetof(struct lk_call, op), .required = true, .words = lk_words_do},
    {.key = "socket", .read = read_socket},
    {.key = "to", .read = read_to},
    {.key = "bytes", .read = lk_yaml_u64, .offset = offsetof(struct lk_call, bytes)},
    {.key = "data", .read = lk_yaml_word, .offset = offsetof(struct lk_call, data), .words = lk_words_data},
    {.key = "how", .read = lk_yaml_word, .offset = offsetof(struct lk_call, how), .words = lk_words_how},
    {.key = "name", .read = lk_yaml_text, .offset = offsetof(struct lk_call, name)},
    {.key = "value", .read = read_value},
    {.key = "returns", .read = read_returns},
};

/* Numbers the names of a call's sockets, that of the condition first, in whatever order the keys stand. What is wrong with
 * them is said when the keys are read. */
static void note_sockets(struct lk_yaml *yaml, const yaml_node_t *node)
{
    struct lk_fault *fault = yaml->fault;
    const yaml_node_t *when = lk_yaml_find(yaml, node, "when"), *socket = lk_yaml_find(yaml, node, "socket");
    char name[128];
    uint32_t number;
    const char *kept, *dot = when == NULL || when->type != YAML_SCALAR_NODE ? NULL : strchr((const char *)when->data.scalar.value, '.');
    yaml->fault = NULL;
    if (dot != NULL && strchr(dot, '+') == strchr((const char *)when->data.scalar.value, '+')) {
        snprintf(name, sizeof name, "%.*s", (int)(dot - (const char *)when->data.scalar.value), (const char *)when->data.scalar.value);
        socket_number(yaml, when, name, &number, &kept);
    }
    if (socket == NULL && yaml->sockets[0] == NULL)
        yaml->sockets[0] = by_number; /* a call without a name is about socket 1: no name gets that number from here on */
    if (socket != NULL && socket->type == YAML_SCALAR_NODE)
        socket_number(yaml, socket, (const char *)socket->data.scalar.value, &number, &kept);
    yaml->fault = fault;
}

static bool read_call(struct lk_yaml *yaml, const yaml_node_t *node, void *into)
{
    struct lk_call *call = into;
    if (node->type == YAML_MAPPING_NODE)
        note_sockets(yaml, node);
    *call = (struct lk_call){.socket = 1, .how = 1, .within = LK_NEVER, .line = (uint32_t)lk_yaml_line(node)};
    if (!lk_yaml_mapping(yaml, node, "a call", call_fields, sizeof call_fields / sizeof call_fields[0], call))
        return false;
    if (call->when == 0)
        return lk_yaml_refuse(yaml, node, "key \"at\" or \"when\" is missing in a call");
    if (call->op == LK_DO_SEND && call->bytes == 0)
        return lk_yaml_refuse(yaml, node, "key \"bytes\" is missing in a call that sends");
    if ((call->op == LK_DO_OPTION) != (call->name != NULL))
        return lk_yaml_refuse(yaml, node, "key \"name\" belongs to a call that sets an option, and to no other");
    return true;
}

bool lk_yaml_calls(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into)
{
    (void)field;
    struct lk_trace *trace = into;
    void *calls = NULL;
    if (!lk_yaml_list(yaml, node, sizeof(struct lk_call), read_call, &calls, &trace->call_count))
        return false;
    trace->calls = calls;
    return true;
}
