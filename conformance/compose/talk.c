/* The lines of `talk:`, or the frames of the captures, as steps: lk_talk_compile() of compose.h. */
#include "conformance/compose/compose.h"
#include "conformance/compose/packet.h"
#include "conformance/timeline/units.h"
#include <stdlib.h>
#include <string.h>

#define SHOWN(span) (int)((span).len < 60 ? (span).len : 60), (span).text
#define GAP LK_MILLISECOND      /* between a line and a stimulus behind it, when nothing is said */
#define SOON LK_MICROSECOND     /* how long the recorded device takes for an answer that is due at once */
#define STEPS_MAX 100000u
#define CONNECTIONS 32
#define MESSAGE 70000            /* bytes of one line of a connection */

struct recorded { const struct lk_captured *frame; uint8_t iface, dir; };

struct compiler {
    struct lk_composer c;
    struct lk_trace *trace;
    struct recorded *frames; size_t frame_count; /* of all captures, in order of time */
    size_t capacity;
    lk_time at, frame_at;        /* of the step before; of the recorded frame before */
    bool any_frame;
    uint32_t calls, line;
    struct lk_span connection[CONNECTIONS]; uint32_t connections;
    uint8_t *scratch;            /* MESSAGE bytes: what a line is composed on */
};

/* What was composed becomes the step's. */
static bool keep_bytes(struct compiler *k, struct lk_step *step, const struct lk_paper *p)
{
    step->bytes = lk_bump_copy(k->c.memory, p->bytes, p->len);
    step->len = (uint32_t)p->len;
    return step->bytes != NULL || lk_compose_refuse(&k->c, "needs more memory than the budget allows");
}

static struct lk_step *add_step(struct compiler *k, uint8_t kind)
{
    struct lk_trace *t = k->trace;
    struct lk_step *steps = t->step_count == STEPS_MAX ? NULL : lk_bump_grow(k->c.memory, t->steps, t->step_count, &k->capacity, sizeof *steps);
    if (steps == NULL) {
        lk_compose_refuse(&k->c, "needs more memory than the budget allows");
        return NULL;
    }
    t->steps = steps;
    struct lk_step *step = &steps[t->step_count++];
    *step = (struct lk_step){.kind = kind, .number = (uint32_t)t->step_count, .line = k->line};
    return step;
}

/* ---- the captures ---- */

static int by_time(const void *a, const void *b)
{
    const struct recorded *x = a, *y = b;
    if (x->frame->at != y->frame->at)
        return x->frame->at < y->frame->at ? -1 : 1;
    if (x->iface != y->iface)
        return x->iface < y->iface ? -1 : 1;
    return x->frame->number < y->frame->number ? -1 : x->frame->number > y->frame->number;
}

static bool is_arp(const struct lk_captured *f)
{
    return f->len >= 42 && f->bytes[12] == 8 && f->bytes[13] == 6;
}

static bool collect(struct compiler *k)
{
    const struct lk_trace *t = k->trace;
    size_t total = 0;
    for (size_t i = 0; i < lk_trace_iface_count(t); i++)
        total += lk_trace_iface_capture(t, i)->count;
    k->frames = lk_bump_array(k->c.memory, total + 1, sizeof *k->frames);
    if (k->frames == NULL)
        return lk_compose_refuse(&k->c, "needs more memory than the budget allows");
    for (size_t i = 0; i < lk_trace_iface_count(t); i++) {
        const struct lk_capture *capture = lk_trace_iface_capture(t, i);
        uint8_t mac[6];
        if (capture->count == 0)
            continue;
        if (capture->link != LK_CAPTURE_ETHERNET)
            return lk_compose_refuse(&k->c, "only captures of Ethernet are played");
        if (!lk_compose_iface_mac(t, i, mac))
            return lk_compose_refuse(&k->c, "which frames of %s the device sent cannot be told: give its mac", lk_trace_iface(t, i).name);
        for (size_t n = 0; n < capture->count; n++) {
            const struct lk_captured *f = &capture->frames[n];
            if (f->len < 14 || f->len > LK_COMPOSE_FRAME || (t->link.neighbours == LK_NEIGHBOURS_ANSWERED && is_arp(f)))
                continue;
            k->frames[k->frame_count++] = (struct recorded){f, (uint8_t)i, memcmp(f->bytes + 6, mac, 6) == 0 ? LK_OUT : LK_IN};
        }
    }
    qsort(k->frames, k->frame_count, sizeof *k->frames, by_time);
    return true;
}

/* A recorded frame as a step: a stimulus its recorded delay after what came before; an answer as soon or sooner, what the
 * device sends of its own accord (after a frame of its own) when it did. */
static struct lk_step *play(struct compiler *k, const struct recorded *r)
{
    lk_time delay = k->any_frame ? r->frame->at - k->frame_at : 0;
    size_t before = k->trace->step_count;
    struct lk_step *step = add_step(k, r->dir == LK_OUT ? LK_STEP_OUT : LK_STEP_IN);
    if (step == NULL)
        return NULL;
    lk_time least = step->kind == LK_STEP_OUT ? SOON : 0;
    delay = delay < least ? least : delay;
    bool own = before > 0 && k->trace->steps[before - 1].kind == LK_STEP_OUT;
    step->iface = r->iface;
    step->recorded = true;
    step->until = delay;
    step->after = step->kind == LK_STEP_IN || own ? delay : 0;
    step->number = r->frame->number;
    step->bytes = r->frame->bytes;
    step->len = r->frame->len;
    k->at += delay;
    step->at = k->at;
    k->frame_at = r->frame->at;
    k->any_frame = true;
    return step;
}

/* ---- lines ---- */

/* +T, ~T or +T..T at the head of the rest; *said: whether there was one. */
static bool read_times(struct compiler *k, struct lk_span *rest, lk_time *after, lk_time *until, bool *said)
{
    struct lk_span ahead = *rest, word;
    *said = lk_word_next(&ahead, &word) && word.len > 1 && (*word.text == '+' || *word.text == '~');
    if (!*said)
        return true;
    *rest = ahead;
    char text[64] = "";
    if (word.len < sizeof text)
        memcpy(text, word.text + 1, word.len - 1);
    char *dots = strstr(text, "..");
    if (dots != NULL)
        *dots = 0;
    if (!lk_read_time(text, after) || (dots != NULL && !lk_read_time(dots + 2, until)))
        return lk_compose_refuse(&k->c, "\"%.*s\" is none of +TIME, ~TIME, +TIME..TIME", SHOWN(word));
    if (dots == NULL)
        *until = *after;
    if (*word.text == '~')
        *after = 0;
    return *after <= *until || lk_compose_refuse(&k->c, "\"%.*s\": the later time stands first", SHOWN(word));
}

static bool read_iface(struct compiler *k, struct lk_span *rest, uint8_t *iface)
{
    *iface = 0;
    for (size_t i = 0; i < k->trace->iface_count; i++)
        if (lk_word_take(rest, k->trace->ifaces[i].name)) {
            *iface = (uint8_t)i;
            return true;
        }
    return k->trace->iface_count <= 1 || lk_compose_refuse(&k->c, "with several interfaces each line names one");
}

/* "| ignore a,b | only c | compare d" behind a frame that is expected. */
static bool read_names(struct compiler *k, struct lk_span list, const char ***names, size_t *count)
{
    struct lk_span one;
    size_t capacity = *count;
    while (list.text != NULL && list.len > 0) {
        lk_span_cut(list, ',', &one, &list);
        const char **grown = lk_bump_grow(k->c.memory, *names, *count, &capacity, sizeof **names);
        const char *text = lk_span_text(&k->c, one);
        if (grown == NULL || text == NULL)
            return lk_compose_refuse(&k->c, "needs more memory than the budget allows");
        *names = grown;
        grown[(*count)++] = text;
    }
    return true;
}

static bool read_tail(struct compiler *k, struct lk_span tail, struct lk_step *step)
{
    struct lk_span part, word, list;
    if (tail.text != NULL && step->kind != LK_STEP_OUT)
        return lk_compose_refuse(&k->c, "only what is expected is followed by |");
    while (tail.text != NULL) {
        lk_span_cut(tail, '|', &part, &tail);
        if (!lk_word_next(&part, &word) || !lk_word_next(&part, &list))
            return lk_compose_refuse(&k->c, "behind | stands ignore, only or compare, and names of fields with commas");
        bool ok = lk_span_is(word, "ignore")    ? step->ignore == NULL && read_names(k, list, &step->ignore, &step->ignore_count)
                  : lk_span_is(word, "only")    ? step->only == NULL && read_names(k, list, &step->only, &step->only_count)
                  : lk_span_is(word, "compare") ? step->compare == NULL && read_names(k, list, &step->compare, &step->compare_count)
                                                : false;
        if (!ok)
            return lk_compose_refuse(&k->c, "\"%.*s\" behind | is none of ignore, only, compare, each once", SHOWN(word));
    }
    return true;
}

static void settle_times(struct compiler *k, struct lk_step *step, lk_time after, lk_time until)
{
    bool device = step->kind == LK_STEP_OUT || step->kind == LK_STEP_RETURNS || step->kind == LK_STEP_CONNECT || step->kind == LK_STEP_ACCEPT ||
                  step->kind == LK_STEP_EXPECT || step->kind == LK_STEP_ENDED || step->kind == LK_STEP_BROKEN;
    lk_time passes = !device ? until : after > 0 ? after + (until - after) / 2 : SOON; /* within ~TIME: at once */
    step->after = after;
    step->until = device && until < SOON ? SOON : until;
    k->at = lk_time_add(k->at, passes);
    step->at = k->at;
}

/* frames A..B: of the captures, in order of time over all of them, counted from 1. */
static bool line_frames(struct compiler *k, struct lk_span rest, struct lk_span tail)
{
    struct lk_span word, from, to;
    uint64_t first, last;
    if (!lk_word_next(&rest, &word))
        return lk_compose_refuse(&k->c, "frames A..B");
    lk_span_cut(word, '.', &from, &to);
    if (!lk_word_number(&k->c, (struct lk_span){"frames", 6}, from, UINT32_MAX, &first))
        return false;
    last = first;
    if (to.text != NULL && (to.len < 2 || !lk_word_number(&k->c, (struct lk_span){"frames", 6}, (struct lk_span){to.text + 1, to.len - 1}, UINT32_MAX, &last)))
        return lk_compose_refuse(&k->c, "frames A..B");
    if (first < 1 || first > last || last > k->frame_count)
        return lk_compose_refuse(&k->c, "frames %llu..%llu: the captures hold %zu that are played", (unsigned long long)first, (unsigned long long)last, k->frame_count);
    for (; first <= last; first++) {
        struct lk_step *step = play(k, &k->frames[first - 1]);
        if (step == NULL || (step->kind == LK_STEP_OUT && !read_tail(k, tail, step)))
            return false;
    }
    return true;
}

static bool line_packet(struct compiler *k, struct lk_span rest, struct lk_span tail, uint8_t kind, bool optional)
{
    struct lk_step *step = add_step(k, kind);
    lk_time after = kind == LK_STEP_IN ? GAP : 0, until = after;
    struct lk_paper paper = {.bytes = k->scratch, .cap = LK_COMPOSE_FRAME};
    bool said;
    if (step == NULL)
        return false;
    if (!read_iface(k, &rest, &step->iface) || !read_times(k, &rest, &after, &until, &said))
        return false;
    if (kind == LK_STEP_IN && after != until)
        return lk_compose_refuse(&k->c, "what comes in comes at one time: +TIME");
    if (!lk_compose_frame(&k->c, k->trace, kind == LK_STEP_IN ? LK_IN : LK_OUT, step->iface, rest, &paper) || !read_tail(k, tail, step))
        return false;
    step->optional = optional;
    settle_times(k, step, after, until);
    return keep_bytes(k, step, &paper);
}

static bool line_silence(struct compiler *k, struct lk_span rest)
{
    struct lk_step *step = add_step(k, LK_STEP_SILENCE);
    struct lk_span word;
    lk_time time;
    const char *text = lk_word_next(&rest, &word) ? lk_span_text(&k->c, word) : NULL;
    if (step == NULL)
        return false;
    if (text == NULL || !lk_read_time(text, &time))
        return lk_compose_refuse(&k->c, "silence TIME");
    settle_times(k, step, 0, time);
    return true;
}

static struct lk_span trimmed(struct lk_span span)
{
    while (span.len > 0 && *span.text == ' ')
        span = (struct lk_span){span.text + 1, span.len - 1};
    while (span.len > 0 && span.text[span.len - 1] == ' ')
        span.len--;
    return span;
}

/* do [+TIME] WORDS; returns [+TIME|~TIME|+TIME..TIME] TEXT: of the last call that has not returned. */
static bool line_call(struct compiler *k, struct lk_span rest, uint8_t kind)
{
    struct lk_step *step = add_step(k, kind);
    lk_time after = 0, until = 0;
    bool said;
    if (step == NULL || !read_times(k, &rest, &after, &until, &said))
        return false;
    rest = trimmed(rest);
    if (kind == LK_STEP_RETURNS && k->calls == 0)
        return lk_compose_refuse(&k->c, "returns, and nothing was called");
    if (kind == LK_STEP_DO && (rest.len == 0 || after != until))
        return lk_compose_refuse(&k->c, "do [+TIME] WORDS");
    step->text = lk_span_text(&k->c, rest);
    step->call = kind == LK_STEP_DO ? k->calls++ : k->calls - 1;
    settle_times(k, step, after, until);
    return step->text != NULL;
}

/* ---- connections ---- */

static const struct { const char *word; uint8_t kind; } connection_words[] = {
    {"connect", LK_STEP_CONNECT}, {"accept", LK_STEP_ACCEPT}, {"send", LK_STEP_SEND}, {"expect", LK_STEP_EXPECT},
    {"close", LK_STEP_CLOSE}, {"reset", LK_STEP_RESET}, {"ended", LK_STEP_ENDED}, {"broken", LK_STEP_BROKEN}};

static uint8_t connection_kind(struct lk_span word)
{
    for (size_t i = 0; i < sizeof connection_words / sizeof *connection_words; i++)
        if (lk_span_is(word, connection_words[i].word))
            return connection_words[i].kind;
    return 0;
}

static bool name_connection(struct compiler *k, struct lk_span name, struct lk_step *step)
{
    bool opens = step->kind == LK_STEP_CONNECT || step->kind == LK_STEP_ACCEPT;
    for (uint32_t i = 0; i < k->connections; i++)
        if (k->connection[i].len == name.len && memcmp(k->connection[i].text, name.text, name.len) == 0) {
            step->connection = (uint8_t)i;
            return !opens || lk_compose_refuse(&k->c, "there is a connection \"%.*s\" already", SHOWN(name));
        }
    if (!opens)
        return lk_compose_refuse(&k->c, "there is no connection \"%.*s\"", SHOWN(name));
    if (k->connections == CONNECTIONS)
        return lk_compose_refuse(&k->c, "more than %d connections", CONNECTIONS);
    step->connection = (uint8_t)k->connections;
    k->connection[k->connections++] = name;
    return true;
}

static bool read_ends(struct compiler *k, struct lk_span *rest, struct lk_step *step)
{
    for (unsigned side = 0; side < 2; side++) {
        struct lk_span word, host, port;
        uint64_t number;
        if ((side == 1 && !lk_word_take(rest, ">")) || !lk_word_next(rest, &word))
            return lk_compose_refuse(&k->c, "ADDRESS:PORT > ADDRESS:PORT");
        lk_span_cut(word, ':', &host, &port);
        if (!lk_word_ip4(&k->c, host, &step->address[side]) || !lk_word_number(&k->c, (struct lk_span){"port", 4}, port, 65535, &number))
            return false;
        step->port[side] = (uint16_t)number;
    }
    return true;
}

/* DNS is held as the datagram that would carry it: addresses and ports are those of the connection's opening line, reduced to 53. */
static bool wrap_dns(struct compiler *k, struct lk_step *step, struct lk_span data)
{
    struct lk_span word = data, rest = data, inside;
    if (lk_word_next(&rest, &word) && lk_word_block(word, "dns", &inside) && lk_word_take(&inside, "tcp"))
        return lk_compose_refuse(&k->c, "on a connection the length before the message is understood: dns{} without tcp");
    const char *text = lk_span_text(&k->c, data);
    const char *line = text == NULL ? NULL : lk_bump_format(k->c.memory, "udp 192.0.2.1:53 > 192.0.2.2:53 %s", text);
    struct lk_paper p = {.bytes = k->scratch, .cap = MESSAGE};
    if (line == NULL)
        return lk_compose_refuse(&k->c, "needs more memory than the budget allows");
    return lk_compose_frame(&k->c, k->trace, LK_OUT, 0, (struct lk_span){line, strlen(line)}, &p) && keep_bytes(k, step, &p);
}

static bool read_message(struct compiler *k, struct lk_span data, struct lk_step *step)
{
    struct lk_span word, inside, ahead = data;
    struct lk_paper p = {.bytes = k->scratch, .cap = MESSAGE};
    if (lk_word_next(&ahead, &word) && lk_word_block(word, "dns", &inside) && trimmed(ahead).len == 0) {
        step->says = LK_SAYS_DNS;
        return wrap_dns(k, step, data);
    }
    while (lk_word_next(&data, &word)) {
        size_t len = 0;
        bool ok;
        if (lk_word_block(word, "http", &inside)) {
            step->says = LK_SAYS_HTTP;
            step->text = lk_span_text(&k->c, inside);
            ok = step->text != NULL && lk_compose_http(&k->c, inside, &p);
        } else {
            ok = lk_word_bytes(&k->c, word, p.bytes + p.len, p.cap - p.len, &len);
            p.len += len;
        }
        if (!ok)
            return false;
    }
    if (p.len == 0)
        return lk_compose_refuse(&k->c, "nothing to say");
    return keep_bytes(k, step, &p);
}

/* WORD NAME ...: see the head of the README's chapter. */
static bool line_connection(struct compiler *k, struct lk_span rest, struct lk_span tail, uint8_t kind)
{
    struct lk_step *step = add_step(k, kind);
    bool waits = kind == LK_STEP_EXPECT || kind == LK_STEP_ENDED || kind == LK_STEP_BROKEN || kind == LK_STEP_ACCEPT, said;
    lk_time after = waits || kind == LK_STEP_CONNECT ? 0 : GAP, until = after;
    struct lk_span name;
    if (step == NULL || !lk_word_next(&rest, &name))
        return lk_compose_refuse(&k->c, "which connection?");
    if (!name_connection(k, name, step))
        return false;
    if ((kind == LK_STEP_CONNECT || kind == LK_STEP_ACCEPT) && !read_iface(k, &rest, &step->iface))
        return false;
    if (!read_times(k, &rest, &after, &until, &said))
        return false;
    if (!waits && after != until)
        return lk_compose_refuse(&k->c, "what the peer does it does at one time: +TIME");
    if ((kind == LK_STEP_CONNECT || kind == LK_STEP_ACCEPT) && !read_ends(k, &rest, step))
        return false;
    if ((kind == LK_STEP_SEND || kind == LK_STEP_EXPECT) && !read_message(k, rest, step))
        return false;
    if (step->says == LK_SAYS_DNS && kind == LK_STEP_EXPECT) {
        step->kind = LK_STEP_OUT; /* what may stand behind | */
        bool ok = read_tail(k, tail, step);
        step->kind = kind;
        tail.text = NULL;
        if (!ok)
            return false;
    }
    if (tail.text != NULL)
        return lk_compose_refuse(&k->c, "nothing stands behind | here");
    settle_times(k, step, after, until);
    return true;
}

static bool compile_line(struct compiler *k, const struct lk_talk *talk)
{
    struct lk_span rest = {talk->text, strlen(talk->text)}, whole = rest, tail, word;
    k->line = talk->line;
    if (!lk_word_next(&whole, &word))
        return lk_compose_refuse(&k->c, "an empty line");
    if (lk_span_is(word, "do") || lk_span_is(word, "returns"))
        return line_call(k, whole, lk_span_is(word, "do") ? LK_STEP_DO : LK_STEP_RETURNS);
    lk_span_cut(rest, '|', &rest, &tail);
    lk_word_next(&rest, &word);
    rest = trimmed(rest);
    if (lk_span_is(word, "in") || lk_span_is(word, "out") || lk_span_is(word, "may"))
        return line_packet(k, rest, tail, lk_span_is(word, "in") ? LK_STEP_IN : LK_STEP_OUT, lk_span_is(word, "may"));
    if (connection_kind(word) != 0)
        return line_connection(k, rest, tail, connection_kind(word));
    if (lk_span_is(word, "silence"))
        return line_silence(k, rest);
    if (lk_span_is(word, "frames") || lk_span_is(word, "frame"))
        return line_frames(k, rest, tail);
    return lk_compose_refuse(&k->c, "\"%.*s\" is none of in, out, may, silence, do, returns, frames, connect, accept, send, expect, close, reset, ended, broken", SHOWN(word));
}

/* The routes of `app:` are used for composing, so they are looked at here. */
static bool compile_all(struct compiler *k)
{
    const struct lk_trace *t = k->trace;
    k->scratch = lk_bump_take(k->c.memory, MESSAGE);
    if (k->scratch == NULL)
        return lk_compose_refuse(&k->c, "needs more memory than the budget allows");
    if (!collect(k))
        return false;
    for (size_t i = 0; i < t->talk_count; i++)
        if (!compile_line(k, &t->talk[i]))
            return false;
    k->line = 0;
    for (size_t i = 0; t->talk_count == 0 && i < k->frame_count; i++)
        if (play(k, &k->frames[i]) == NULL)
            return false;
    return t->step_count > 0 || lk_compose_refuse(&k->c, "there is nothing to play");
}

int lk_talk_compile(struct lk_trace *trace, const char *name, struct lk_bump *memory, struct lk_fault *fault)
{
    struct compiler k = {.c = {.memory = memory}, .trace = trace};
    trace->steps = NULL;
    trace->step_count = 0;
    if (compile_all(&k) && !k.c.failed)
        return 0;
    return lk_fault_at(fault, name, k.line, "talk: %s", k.c.why);
}
