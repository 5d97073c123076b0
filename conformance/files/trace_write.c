/* A trace into YAML, by libyaml's emitter: one line a key, lists of fates, calls and outcomes one line an element. */
#include "conformance/files/capture.h"
#include "conformance/files/trace_words.h"
#include "conformance/files/trace_yaml.h"
#include "conformance/timeline/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct out {
    yaml_emitter_t emitter;
    bool ok;                     /* false: the emitter has refused something; all that follows does nothing */
};

/* -- events -- */

/* Takes the event over. made: whether it could be built. */
static void emit(struct out *out, yaml_event_t *event, int made)
{
    if (!made)
        out->ok = false;
    else if (!out->ok)
        yaml_event_delete(event);
    else
        out->ok = yaml_emitter_emit(&out->emitter, event);
}

static void text_of(struct out *out, const char *value, size_t len)
{
    yaml_event_t event;
    emit(out, &event, yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)value, (int)len, 1, 1, YAML_ANY_SCALAR_STYLE));
}

static void text(struct out *out, const char *value)
{
    text_of(out, value, strlen(value));
}

static void open_mapping(struct out *out, bool block)
{
    yaml_event_t event;
    emit(out, &event, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, block ? YAML_BLOCK_MAPPING_STYLE : YAML_FLOW_MAPPING_STYLE));
}

static void close_mapping(struct out *out)
{
    yaml_event_t event;
    emit(out, &event, yaml_mapping_end_event_initialize(&event));
}

static void open_list(struct out *out, bool block)
{
    yaml_event_t event;
    emit(out, &event, yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, block ? YAML_BLOCK_SEQUENCE_STYLE : YAML_FLOW_SEQUENCE_STYLE));
}

static void close_list(struct out *out)
{
    yaml_event_t event;
    emit(out, &event, yaml_sequence_end_event_initialize(&event));
}

/* -- key: value -- */

static void key_text(struct out *out, const char *key, const char *value)
{
    if (value == NULL)
        return;
    text(out, key);
    text(out, value);
}

static void key_number(struct out *out, const char *key, uint64_t value)
{
    char word[LK_WORD];
    snprintf(word, sizeof word, "%" PRIu64, value);
    key_text(out, key, word);
}

static void key_integer(struct out *out, const char *key, int64_t value)
{
    char word[LK_WORD];
    snprintf(word, sizeof word, "%" PRId64, value);
    key_text(out, key, word);
}

static void key_time(struct out *out, const char *key, lk_time value)
{
    char word[LK_WORD];
    key_text(out, key, lk_write_time(value, word));
}

static void key_range(struct out *out, const char *key, uint64_t from, uint64_t to)
{
    char word[LK_WORD];
    key_text(out, key, lk_write_range(&(struct lk_range){from, to}, word));
}

static void key_flag(struct out *out, const char *key, bool value)
{
    if (value)
        key_text(out, key, "true");
}

/* "prefix TIME" */
static void key_phrase(struct out *out, const char *key, const char *prefix, lk_time time)
{
    char word[LK_WORD], phrase[LK_WORD + 32];
    snprintf(phrase, sizeof phrase, "%s %s", prefix, lk_write_time(time, word));
    key_text(out, key, phrase);
}

/* -- the parts of a trace -- */

static void host(struct out *out, const struct lk_trace_host *h)
{
    char word[LK_WORD];
    if (!lk_addr_is_unspecified(&h->address))
        key_text(out, "address", lk_write_ip4(&h->address, word));
    if (h->port != 0)
        key_number(out, "port", h->port);
    if (h->has_mac)
        key_text(out, "mac", lk_write_mac(h->mac, word));
    if (h->prefix != 24)
        key_number(out, "prefix", h->prefix);
}

static void write_dut(struct out *out, const struct lk_trace *t)
{
    text(out, "dut");
    open_mapping(out, false);
    host(out, &t->dut.host);
    if (t->match.mode == LK_MATCH_FIELDS)
        key_text(out, "runs", lk_word_for(lk_words_runs, t->dut.runs));
    else
        key_text(out, "role", lk_word_for(lk_words_role, t->dut.role));
    key_text(out, "capture", t->dut.capture_file);
    close_mapping(out);
    text(out, "link");
    open_mapping(out, false);
    key_text(out, "type", t->link.type);
    key_text(out, "neighbours", lk_word_for(lk_words_neighbours, t->link.neighbours));
    if (t->link.mtu != 1500)
        key_number(out, "mtu", t->link.mtu);
    close_mapping(out);
}

static void write_ifaces(struct out *out, const struct lk_trace *t)
{
    if (t->iface_count == 0)
        return;
    text(out, "interfaces");
    open_list(out, true);
    for (size_t i = 0; i < t->iface_count; i++) {
        open_mapping(out, false);
        key_text(out, "name", t->ifaces[i].name);
        host(out, &t->ifaces[i].host);
        key_flag(out, "outside", t->ifaces[i].outside);
        key_text(out, "capture", t->ifaces[i].capture_file);
        close_mapping(out);
    }
    close_list(out);
}

/* A name that comes several times in a row becomes a list. */
static void write_app(struct out *out, const struct lk_trace *t)
{
    if (t->app_count == 0)
        return;
    text(out, "app");
    open_mapping(out, true);
    for (size_t i = 0; i < t->app_count;) {
        size_t end = i + 1;
        while (end < t->app_count && strcmp(t->app[end].name, t->app[i].name) == 0)
            end++;
        text(out, t->app[i].name);
        if (end - i > 1)
            open_list(out, true);
        for (size_t j = i; j < end; j++)
            text(out, t->app[j].value);
        if (end - i > 1)
            close_list(out);
        i = end;
    }
    close_mapping(out);
}

static void write_talk(struct out *out, const struct lk_trace *t)
{
    if (t->talk_count == 0)
        return;
    text(out, "talk");
    open_list(out, true);
    for (size_t i = 0; i < t->talk_count; i++)
        text(out, t->talk[i].text);
    close_list(out);
}

static void write_network(struct out *out, const struct lk_trace_network *n)
{
    char word[LK_WORD];
    if (n->rate[0] == 0 && n->rate[1] == 0 && n->delay[0] == 0 && n->delay[1] == 0 && n->queue == 0)
        return;
    text(out, "network");
    open_mapping(out, false);
    if (n->rate[0] != 0 || n->rate[1] != 0) {
        text(out, "rate");
        open_list(out, false);
        text(out, lk_write_rate(n->rate[0], word));
        text(out, lk_write_rate(n->rate[1], word));
        close_list(out);
    }
    if (n->delay[0] != 0 || n->delay[1] != 0) {
        text(out, "delay");
        open_list(out, false);
        text(out, lk_write_time(n->delay[0], word));
        text(out, lk_write_time(n->delay[1], word));
        close_list(out);
    }
    if (n->queue != 0)
        key_number(out, "queue", n->queue);
    close_mapping(out);
}

static void write_fates(struct out *out, const struct lk_trace *t)
{
    if (t->fate_count == 0)
        return;
    text(out, "fates");
    open_list(out, true);
    for (size_t i = 0; i < t->fate_count; i++) {
        const struct lk_fate *f = &t->fates[i];
        open_mapping(out, false);
        key_text(out, "dir", lk_word_for(lk_words_dir, f->dir));
        if (f->by == LK_FATE_BYTES)
            key_range(out, "bytes", f->from, f->to);
        if (f->by == LK_FATE_ACK)
            key_number(out, "ack", f->from);
        if (f->by == LK_FATE_TIME) {
            key_time(out, "from", f->since);
            key_time(out, "to", f->until);
        } else {
            key_number(out, "copy", f->copy);
        }
        if (f->is == LK_FATE_LATE)
            key_phrase(out, "is", "late", f->late);
        else
            key_text(out, "is", lk_word_for(lk_words_fate, f->is));
        key_flag(out, "required", f->required);
        close_mapping(out);
    }
    close_list(out);
}

/* The name a socket has in this trace, or its number. */
static const char *socket_word(const struct lk_trace *t, uint32_t socket, char word[LK_WORD])
{
    for (size_t i = 0; i < t->call_count; i++)
        if (t->calls[i].socket == socket && t->calls[i].socket_name != NULL)
            return t->calls[i].socket_name;
    snprintf(word, LK_WORD, "%" PRIu32, socket);
    return word;
}

static void write_when(struct out *out, const struct lk_trace *t, const struct lk_call *c)
{
    char phrase[256] = "", number[LK_WORD], time[LK_WORD];
    size_t len = 0;
    if (c->when == LK_WHEN_AT) {
        key_time(out, "at", c->at);
        return;
    }
    if (c->when_socket != 0)
        len = (size_t)snprintf(phrase, 100, "%.90s.", socket_word(t, c->when_socket, number));
    len += (size_t)snprintf(phrase + len, 40, "%s", lk_word_for(lk_words_when, c->when));
    if (c->when == LK_WHEN_RECEIVED)
        len += (size_t)snprintf(phrase + len, 40, " %" PRIu64, c->when_bytes);
    if (c->at != 0)
        snprintf(phrase + len, 60, " + %s", lk_write_time(c->at, time));
    key_text(out, "when", phrase);
}

static void write_returns(struct out *out, const struct lk_call *c)
{
    if (!c->has_result && c->error == NULL && !c->has_bytes && c->within == LK_NEVER)
        return;
    text(out, "returns");
    open_mapping(out, false);
    if (c->has_result)
        key_integer(out, "result", c->result);
    key_text(out, "errno", c->error);
    if (c->has_bytes)
        key_number(out, "bytes", c->returns_bytes);
    if (c->within != LK_NEVER)
        key_time(out, "within", c->within);
    close_mapping(out);
}

static void write_call(struct out *out, const struct lk_trace *t, const struct lk_call *c)
{
    char word[LK_WORD], endpoint[LK_WORD + 8];
    open_mapping(out, false);
    write_when(out, t, c);
    key_text(out, "do", lk_word_for(lk_words_do, c->op));
    if (c->socket != 1 || c->socket_name != NULL)
        key_text(out, "socket", c->socket_name != NULL ? c->socket_name : socket_word(t, c->socket, word));
    if (c->to_port != 0 || !lk_addr_is_unspecified(&c->to_address)) {
        snprintf(endpoint, sizeof endpoint, "%s:%u", lk_write_ip4(&c->to_address, word), c->to_port);
        key_text(out, "to", endpoint);
    }
    if (c->bytes != 0)
        key_number(out, "bytes", c->bytes);
    if (c->data != LK_DATA_RECORDED)
        key_text(out, "data", lk_word_for(lk_words_data, c->data));
    if (c->how != 1)
        key_text(out, "how", lk_word_for(lk_words_how, c->how));
    key_text(out, "name", c->name);
    if (c->value != 0)
        key_integer(out, "value", c->value);
    write_returns(out, c);
    close_mapping(out);
}

static void write_calls(struct out *out, const struct lk_trace *t)
{
    if (t->call_count != 0) {
        text(out, "calls");
        open_list(out, true);
        for (size_t i = 0; i < t->call_count; i++)
            write_call(out, t, &t->calls[i]);
        close_list(out);
    }
    if (t->inject_count == 0)
        return;
    text(out, "inject");
    open_list(out, true);
    for (size_t i = 0; i < t->inject_count; i++) {
        open_mapping(out, false);
        key_number(out, "after", t->injects[i].after);
        key_number(out, "frame", t->injects[i].frame);
        close_mapping(out);
    }
    close_list(out);
}

static void write_peer(struct out *out, const struct lk_trace_peer *p)
{
    text(out, "peer");
    open_mapping(out, false);
    host(out, &p->host);
    key_text(out, "capture", p->capture_file);
    key_text(out, "kind", lk_word_for(lk_words_kind, p->kind));
    bool acting = p->kind == LK_PEER_ACTING; /* only there these say how it acts */
    if (p->ack == LK_ACK_DELAYED)
        key_phrase(out, "ack", "delayed", p->ack_delay);
    else if (acting || p->ack != LK_ACK_EVERY)
        key_text(out, "ack", lk_word_for(lk_words_ack, p->ack));
    if (acting || p->window != 65535)
        key_number(out, "window", p->window);
    if (p->wscale >= 0)
        key_number(out, "wscale", (uint64_t)p->wscale);
    key_flag(out, "sack", p->sack);
    key_flag(out, "timestamps", p->timestamps);
    if (acting || p->mss != 1460)
        key_number(out, "mss", p->mss);
    close_mapping(out);
}

static void write_config(struct out *out, const struct lk_trace *t)
{
    text(out, "config");
    open_mapping(out, false);
    key_text(out, "profile", t->config.profile);
    if (strcmp(t->config.pull, "frame") != 0)
        key_text(out, "pull", t->config.pull);
    for (size_t i = 0; i < t->config.setting_count; i++)
        key_text(out, t->config.settings[i].name, t->config.settings[i].value);
    close_mapping(out);
}

static void write_names(struct out *out, const char *key, const char *const *names, size_t count)
{
    if (count == 0)
        return;
    text(out, key);
    open_list(out, false);
    for (size_t i = 0; i < count; i++)
        text(out, names[i]);
    close_list(out);
}

static void write_match(struct out *out, const struct lk_match *m)
{
    char word[LK_WORD];
    text(out, "match");
    open_mapping(out, false);
    key_text(out, "mode", lk_word_for(lk_words_mode, m->mode));
    if (m->tolerance != 10 * LK_MILLISECOND)
        key_time(out, "tolerance", m->tolerance);
    write_names(out, "compare", m->compare, m->compare_count);
    write_names(out, "ignore", m->ignore, m->ignore_count);
    write_names(out, "map", m->map, m->map_count);
    if (m->excess_permille != 1000 || m->mode == LK_MATCH_STREAM)
        key_text(out, "excess", lk_write_permille(m->excess_permille, word));
    if (m->ends_within != LK_NEVER)
        key_time(out, "ends_within", m->ends_within);
    if (m->must_not_resend_count != 0) {
        text(out, "must_not_resend");
        open_list(out, false);
        for (size_t i = 0; i < m->must_not_resend_count; i++)
            text(out, lk_write_range(&m->must_not_resend[i], word));
        close_list(out);
    }
    close_mapping(out);
}

static void write_outcomes(struct out *out, const struct lk_trace *t)
{
    if (t->outcome_count == 0)
        return;
    text(out, "outcomes");
    open_list(out, true);
    for (size_t i = 0; i < t->outcome_count; i++) {
        open_mapping(out, false);
        write_match(out, &t->outcomes[i].match);
        key_text(out, "capture", t->outcomes[i].capture_file);
        close_mapping(out);
    }
    close_list(out);
}

/* The part of a name before its first point; 0 when there is none, or nothing on one side of it. */
static size_t group_of(const char *name)
{
    const char *point = strchr(name, '.');
    return point == NULL || point[1] == 0 ? 0 : (size_t)(point - name);
}

/* How many pairs from `first` on make up a mapping of their own: those that share the part before the point, when no
 * other pair does and none is called like it. 0: none. */
static size_t group_at(const struct lk_trace *t, size_t first)
{
    const char *name = t->source[first].name;
    size_t len = group_of(name), end = first;
    while (len != 0 && end < t->source_count && group_of(t->source[end].name) == len && strncmp(t->source[end].name, name, len) == 0)
        end++;
    for (size_t i = 0; i < t->source_count; i++)
        if ((i < first || i >= end) && strncmp(t->source[i].name, name, len) == 0 && (t->source[i].name[len] == 0 || t->source[i].name[len] == '.'))
            return 0;
    return end - first;
}

/* counters.RetransSegs and counters.InSegs become counters: {RetransSegs: .., InSegs: ..}. */
static void write_source(struct out *out, const struct lk_trace *t)
{
    text(out, "source");
    open_mapping(out, true);
    for (size_t i = 0; i < t->source_count;) {
        size_t grouped = group_at(t, i), len = group_of(t->source[i].name);
        if (grouped == 0) {
            key_text(out, t->source[i].name, t->source[i].value);
            i++;
            continue;
        }
        text_of(out, t->source[i].name, len);
        open_mapping(out, false);
        for (; grouped != 0; grouped--, i++)
            key_text(out, t->source[i].name + len + 1, t->source[i].value);
        close_mapping(out);
    }
    close_mapping(out);
}

static void write_trace(struct out *out, const struct lk_trace *t)
{
    open_mapping(out, true);
    key_text(out, "lockstep", "1");
    write_dut(out, t);
    if (t->match.mode == LK_MATCH_FIELDS) {
        write_ifaces(out, t);
        write_app(out, t);
        write_talk(out, t);
    } else {
        write_network(out, &t->network);
        write_fates(out, t);
        write_calls(out, t);
        write_peer(out, &t->peer);
    }
    write_config(out, t);
    write_match(out, &t->match);
    write_outcomes(out, t);
    text(out, "proves");
    open_mapping(out, true);
    for (size_t i = 0; i < t->proof_count; i++)
        key_text(out, t->proves[i].requirement, t->proves[i].check);
    close_mapping(out);
    write_source(out, t);
    close_mapping(out);
}

int lk_trace_print(FILE *file, const char *path, const struct lk_trace *trace, struct lk_fault *fault)
{
    struct out out = {.ok = true};
    yaml_event_t event;
    if (!yaml_emitter_initialize(&out.emitter))
        return lk_fault_at(fault, path, 0, "out of memory");
    yaml_emitter_set_output_file(&out.emitter, file);
    yaml_emitter_set_unicode(&out.emitter, 1);
    yaml_emitter_set_width(&out.emitter, -1);
    emit(&out, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
    emit(&out, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
    write_trace(&out, trace);
    emit(&out, &event, yaml_document_end_event_initialize(&event, 1));
    emit(&out, &event, yaml_stream_end_event_initialize(&event));
    int result = 0;
    if (!out.ok)
        result = lk_fault_at(fault, path, 0, "cannot be written: %s", out.emitter.problem == NULL ? "a text is not UTF-8" : out.emitter.problem);
    yaml_emitter_delete(&out.emitter);
    return result;
}

int lk_trace_write(const char *path, const struct lk_trace *trace, struct lk_fault *fault)
{
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return lk_fault_at(fault, path, 0, "%s", strerror(errno));
    int result = lk_trace_print(file, path, trace, fault);
    if ((fflush(file) != 0 || ferror(file)) && result == 0)
        result = lk_fault_at(fault, path, 0, "%s", strerror(errno));
    fclose(file);
    if (result != 0)
        remove(path);
    return result;
}
