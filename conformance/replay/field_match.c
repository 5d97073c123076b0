/* What came held against what is expected: the first difference by the name of a field, and the checks it decides. */
#include "conformance/replay/field_run.h"
#include <stdio.h>
#include <string.h>

#define SHOWN 200 /* bytes of a value that are told */

/* ---- checks: static names, and `field NAME` for each that `proves` asks for ---- */

enum { FIELDS = LK_ABOUT_FIELDS, ANSWER = LK_ABOUT_ANSWER, RETRY = LK_ABOUT_RETRY, TIME = LK_ABOUT_TIME, SILENCE = LK_ABOUT_SILENCE, RETURNS = LK_ABOUT_RETURNS,
       MAP = LK_ABOUT_MAP, CHECKSUM = LK_ABOUT_CHECKSUM, EXTRA = LK_ABOUT_EXTRA, STREAM = LK_ABOUT_STREAM };
static const struct { unsigned bit; const char *name; } checks[] = {
    {CHECKSUM, "checksum"}, {TIME, "time"}, {MAP, "map"}, {SILENCE, "silence"}, {RETURNS, "returns"}, {RETRY, "retry"}, {STREAM, "stream"}, {ANSWER, "answer"},
    {EXTRA, "extra"}, {FIELDS, "fields"}};

static const char *field_check(const struct lk_field_run *run, const char *field)
{
    for (size_t i = 0; i < run->trace->proof_count; i++) {
        const char *check = run->trace->proves[i].check;
        if (strncmp(check, "field ", 6) == 0 && strcmp(check + 6, field) == 0)
            return check;
    }
    return NULL;
}

/* What a frame that is expected here is about: the answer to something, or sent by the device of its own accord. */
static unsigned about(const struct lk_field_run *run, uint32_t index)
{
    while (index-- > 0) {
        const struct lk_step *step = &run->trace->steps[index];
        if (step->optional)
            continue;
        if (lk_step_is_stimulus(step->kind))
            return ANSWER;
        if (step->kind == LK_STEP_SILENCE)
            return RETRY;
        if (step->kind == LK_STEP_OUT && step[1].after > 0)
            return RETRY;
    }
    return RETRY;
}

static void decide(struct lk_field_run *run, unsigned bits, enum lk_answer answer)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (bits & checks[i].bit)
            lk_judge_decided(run->judge, checks[i].name, answer, 1);
}

/* Ends the run: every check of `proves` that this decides is violated, the narrowest is named first. */
static void violate(struct lk_field_run *run, unsigned bits, uint32_t event, uint32_t step, const char *field, const char *expected, const char *actual)
{
    struct lk_judgement j = {.severity = LK_MUST, .event = event, .order = event == UINT32_MAX ? (uint32_t)run->ours.count : event,
                             .field = field, .expected = expected, .actual = actual, .check = "fields"};
    const char *narrow = field_check(run, field);
    bool named = false;
    if (step != LK_NO_STEP)
        j.frame = run->trace->steps[step].number;
    decide(run, bits, LK_VIOLATED);
    run->over = true;
    if (narrow != NULL) {
        j.check = narrow;
        lk_judge_violated(run->judge, &j);
        named = true;
    }
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        j.check = checks[i].name;
        if (!(bits & checks[i].bit) || !lk_judge_proves(run->judge, j.check))
            continue;
        lk_judge_add(run->judge, &j);
        named = true;
    }
    for (size_t i = 0; i < sizeof checks / sizeof *checks && !named; i++)
        if (bits & checks[i].bit) {
            j.check = checks[i].name;
            lk_judge_add(run->judge, &j);
            named = true;
        }
}

/* ---- values as text ---- */

static const char *value_text(struct lk_field_run *run, const struct lk_field *field)
{
    char text[SHOWN];
    if (field == NULL)
        return "nothing";
    lk_field_text(field, text, sizeof text);
    const char *kept = lk_bump_text(run->memory, text, strlen(text));
    return kept == NULL ? "out of memory" : kept;
}

static const char *frame_text(struct lk_field_run *run, const struct lk_field_view *view)
{
    char text[SHOWN];
    lk_dissection_line(&view->d, text, sizeof text);
    const char *kept = lk_bump_text(run->memory, text, strlen(text));
    return kept == NULL ? "out of memory" : kept;
}

/* As they print: a name is the same however it is compressed, a string ends at its first NUL. */
static bool same_text(struct lk_field_run *run, const struct lk_field *a, const struct lk_field *b)
{
    char small[2][2048];
    size_t cap = LK_FIELD_TEXT(a->len > b->len ? a->len : b->len);
    bool fits = cap <= sizeof small[0];
    char *x = fits ? small[0] : lk_bump_take(run->memory, cap), *y = fits ? small[1] : lk_bump_take(run->memory, cap);
    if (x == NULL || y == NULL) {
        lk_field_run_error(run, "out of memory");
        return false;
    }
    lk_field_text(a, x, cap);
    lk_field_text(b, y, cap);
    return strcmp(x, y) == 0;
}

static bool same_value(struct lk_field_run *run, const struct lk_field *a, const struct lk_field *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case LK_FIELD_DECIMAL: case LK_FIELD_SIGNED: case LK_FIELD_HEX: case LK_FIELD_TIME:
        return a->number == b->number;
    case LK_FIELD_MAC: case LK_FIELD_IPV4: case LK_FIELD_BYTES:
        return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
    default:
        return same_text(run, a, b);
    }
}

/* ---- one frame ---- */

struct difference { const char *field, *expected, *actual; unsigned bits; };

static bool is_checksum(const char *name)
{
    return strstr(name, ".checksum.status") != NULL;
}

/* One field of the expected frame; false with the difference. */
static bool holds(struct lk_field_run *run, const struct lk_step *step, uint32_t index, bool learn, struct difference *d)
{
    const struct lk_field *e = lk_view_at(&run->expected, index), *a = lk_view_nth(&run->actual, e->name, lk_view_rank(&run->expected, index));
    enum lk_field_class class = lk_field_class(run->map, step, &run->expected, e);
    if (class == LK_CLASS_FREE)
        return true;
    bool equal = class == LK_CLASS_EQUAL, same = a != NULL && (!equal || same_value(run, e, a));
    const char *wanted = a == NULL || equal ? NULL : lk_field_map_hold(run->map, step, &run->expected, e, a, learn);
    const char *check = field_check(run, e->name);
    if (is_checksum(e->name) && a != NULL && e->number != 0 && a->number != 0)
        same = true; /* right, or absent where that is allowed: not wrong */
    if (same && wanted == NULL) {
        if (check != NULL && learn)
            lk_judge_decided(run->judge, check, LK_HELD, 1);
        if (!equal && learn)
            decide(run, MAP, LK_HELD);
        return true;
    }
    *d = (struct difference){e->name, wanted != NULL ? wanted : value_text(run, e), value_text(run, a), FIELDS};
    d->bits |= wanted != NULL ? MAP : is_checksum(e->name) ? CHECKSUM : 0;
    return false;
}

/* What the device says beyond what is expected. */
static bool no_more(struct lk_field_run *run, const struct lk_step *step, struct difference *d)
{
    const struct lk_field *a;
    for (uint32_t i = 0; (a = lk_view_at(&run->actual, i)) != NULL; i++) {
        if (lk_view_nth(&run->expected, a->name, lk_view_rank(&run->actual, i)) != NULL || lk_field_class(run->map, step, &run->actual, a) == LK_CLASS_FREE)
            continue;
        *d = (struct difference){a->name, "nothing", value_text(run, a), FIELDS};
        return false;
    }
    return true;
}

/* How far IP's length goes beyond UDP's: the lengths themselves may be free. */
static int64_t slack(const struct lk_field_view *view)
{
    const struct lk_field *ip = lk_dissection_find(&view->d, "ip.len", 0), *udp = lk_dissection_find(&view->d, "udp.length", 0);
    return ip == NULL || udp == NULL ? 0 : (int64_t)ip->number - (int64_t)udp->number;
}

/* Whether what came is as whole as what is expected. */
static bool is_sound(struct lk_field_run *run, const struct lk_step *step, struct difference *d)
{
    const struct lk_dissection *e = &run->expected.d, *a = &run->actual.d;
    if (step->only_count > 0)
        return true;
    if (e->end != a->end) {
        *d = (struct difference){"malformed", e->end_what == NULL ? "a whole packet" : e->end_what, a->end_what == NULL ? "a whole packet" : a->end_what, FIELDS};
        return false;
    }
    if (slack(&run->expected) == slack(&run->actual))
        return true;
    *d = (struct difference){"ip.len", value_text(run, lk_dissection_find(e, "ip.len", 0)), value_text(run, lk_dissection_find(a, "ip.len", 0)), FIELDS};
    return false;
}

/* Whether `part` is a part of `whole`: dns.flags.z of dns.flags. */
static bool is_part(const char *part, const char *whole)
{
    size_t len = strlen(whole);
    return strncmp(part, whole, len) == 0 && part[len] == '.';
}

/* The first field that differs; of a word of flags the flag. */
static bool compare(struct lk_field_run *run, const struct lk_step *step, bool learn, struct difference *d)
{
    struct difference other;
    bool all = true;
    for (uint32_t i = 0; lk_view_at(&run->expected, i) != NULL; i++) {
        if (holds(run, step, i, learn && all, all ? d : &other))
            continue;
        if (!all && is_part(other.field, d->field))
            *d = other;
        all = false;
    }
    return all && is_sound(run, step, d) && no_more(run, step, d);
}

/* Every check `field NAME` of `proves` that a frame with a difference violates, beside the first. */
static void violate_all(struct lk_field_run *run, uint32_t index, uint32_t event, const char *first)
{
    const struct lk_step *step = &run->trace->steps[index];
    const struct lk_field *e;
    for (uint32_t i = 0; (e = lk_view_at(&run->expected, i)) != NULL; i++) {
        const char *check = field_check(run, e->name);
        struct difference d;
        if (check == NULL || strcmp(e->name, first) == 0 || holds(run, step, i, false, &d))
            continue;
        const struct lk_judgement j = {.check = check, .severity = LK_MUST, .event = event, .order = event, .frame = step->number, .field = d.field, .expected = d.expected, .actual = d.actual};
        lk_judge_violated(run->judge, &j);
    }
}

/* ---- which step a frame is ---- */

/* The step that a frame of this interface is held against: the next that is expected there. Behind stimuli that have not come in yet
 * only when one of the same run has: then it may be the answer to that one. */
static uint32_t next_expected(const struct lk_field_run *run, uint32_t iface, uint32_t from)
{
    bool begun = from > 0 && run->trace->steps[from - 1].kind == LK_STEP_IN;
    for (uint32_t i = from; i < run->trace->step_count; i++) {
        const struct lk_step *step = &run->trace->steps[i];
        if (step->kind == LK_STEP_SILENCE || (lk_step_is_stimulus(step->kind) && !(step->kind == LK_STEP_IN && begun)))
            return LK_NO_STEP;
        if (step->kind == LK_STEP_OUT && step->iface == iface && !run->state[i].done)
            return i;
    }
    return LK_NO_STEP;
}

static void surplus(struct lk_field_run *run, uint32_t event)
{
    uint32_t cursor = lk_field_cursor(run);
    unsigned bits = FIELDS | EXTRA;
    const char *expected = "nothing";
    if (cursor < run->trace->step_count && run->trace->steps[cursor].kind == LK_STEP_SILENCE) {
        bits |= SILENCE;
        expected = "silence";
    }
    if (cursor == run->trace->step_count || lk_step_is_stimulus(run->trace->steps[cursor].kind))
        bits |= cursor > 0 ? about(run, cursor - 1) : 0;
    violate(run, bits, event, LK_NO_STEP, "frame", expected, frame_text(run, &run->actual));
}

static const char *time_text(struct lk_field_run *run, lk_time time)
{
    const char *text = lk_bump_format(run->memory, "after %lld.%06lld s", (long long)(time / LK_SECOND), (long long)(time % LK_SECOND / 1000));
    return text == NULL ? "out of memory" : text;
}

static bool in_time(struct lk_field_run *run, uint32_t index, unsigned bits, uint32_t event)
{
    const struct lk_step *step = &run->trace->steps[index];
    lk_time passed = run->now - lk_field_base(run, index), tolerance = run->trace->match.tolerance;
    bool early = passed < step->after - tolerance, late = passed > step->until + tolerance;
    if (early || late) {
        violate(run, bits | TIME, event, index, "time", time_text(run, early ? step->after : step->until), time_text(run, passed));
        return false;
    }
    return true;
}

static void matched(struct lk_field_run *run, uint32_t index, uint32_t event)
{
    const struct lk_step *step = &run->trace->steps[index];
    unsigned bits = FIELDS | about(run, index);
    struct difference d = {0};
    if (!compare(run, step, true, &d)) {
        violate(run, bits | d.bits, event, index, d.field, d.expected, d.actual);
        violate_all(run, index, event, d.field);
        return;
    }
    if (!in_time(run, index, bits, event))
        return;
    lk_field_map_note(run->map, step, &run->expected, &run->actual);
    decide(run, bits | TIME | CHECKSUM, LK_HELD);
    run->state[index] = (struct lk_step_state){.done = true, .at = run->now};
    run->compared_frames++;
    run->compared_bytes += run->actual.len;
    run->ours.events[event].frame = step->number;
}

void lk_field_matched(struct lk_field_run *run, uint32_t iface, uint32_t event)
{
    const struct lk_event *e = &run->ours.events[event];
    uint32_t index = lk_field_cursor(run);
    lk_field_view(&run->actual, e->bytes, e->len);
    uint32_t from = index;
    while (from > 0 && run->trace->steps[from - 1].optional && !run->state[from - 1].done)
        from--;
    for (index = next_expected(run, iface, from); index != LK_NO_STEP; index = next_expected(run, iface, index + 1)) {
        const struct lk_step *step = &run->trace->steps[index];
        struct difference d;
        lk_field_view(&run->expected, step->bytes, step->len);
        if (!step->optional || compare(run, step, false, &d)) {
            matched(run, index, event);
            return;
        }
    }
    surplus(run, event);
}

/* ---- calls, and what did not come ---- */

void lk_field_returned(struct lk_field_run *run, uint32_t call, const char *text)
{
    uint32_t cursor = lk_field_cursor(run), event = (uint32_t)(run->ours.count - 1);
    for (uint32_t i = cursor; i < run->trace->step_count; i++) {
        const struct lk_step *step = &run->trace->steps[i];
        if (step->kind == LK_STEP_RETURNS && step->call == call && !run->state[i].done) {
            if (strcmp(step->text, text) != 0)
                violate(run, RETURNS, event, i, "returns", step->text, text);
            else if (in_time(run, i, RETURNS, event)) {
                decide(run, RETURNS, LK_HELD);
                run->state[i] = (struct lk_step_state){.done = true, .at = run->now};
            }
            return;
        }
        if (lk_step_is_stimulus(step->kind) || step->kind == LK_STEP_SILENCE)
            break;
    }
    for (uint32_t i = 0; i < run->trace->step_count; i++)
        if (run->trace->steps[i].kind == LK_STEP_RETURNS && run->trace->steps[i].call == call)
            violate(run, RETURNS, event, i, "returns", run->state[i].done ? "nothing more" : "nothing yet", text);
}

void lk_field_missing(struct lk_field_run *run, uint32_t index)
{
    const struct lk_step *step = &run->trace->steps[index];
    if (step->kind == LK_STEP_RETURNS) {
        violate(run, RETURNS | TIME, UINT32_MAX, index, "returns", step->text, "nothing");
        return;
    }
    if (step->kind >= LK_STEP_CONNECT) {
        const char *wanted = step->kind == LK_STEP_EXPECT ? "this, whole" : step->kind == LK_STEP_ENDED ? "FIN" : step->kind == LK_STEP_BROKEN ? "RST" : "a connection";
        violate(run, STREAM | TIME | about(run, index), UINT32_MAX, index, "stream", wanted, lk_field_stream_state(run, index));
        return;
    }
    lk_field_view(&run->expected, step->bytes, step->len);
    violate(run, FIELDS | TIME | about(run, index), UINT32_MAX, index, "frame", frame_text(run, &run->expected), "nothing");
}

static bool unread(struct lk_field_run *run, unsigned bits, uint32_t index, const char *expected)
{
    const char *what;
    if (!lk_field_stream_unread(run, &what))
        return false;
    violate(run, STREAM | bits, UINT32_MAX, index, "stream", expected, what);
    return true;
}

void lk_field_silent(struct lk_field_run *run, uint32_t index)
{
    if (unread(run, SILENCE, index, "silence"))
        return;
    decide(run, SILENCE, LK_HELD);
    run->state[index] = (struct lk_step_state){.done = true, .at = run->now};
}

void lk_field_whole(struct lk_field_run *run)
{
    if (unread(run, EXTRA, LK_NO_STEP, "nothing more"))
        return;
    decide(run, EXTRA, LK_HELD);
}

/* ---- connections ---- */

bool lk_step_is_stimulus(unsigned kind)
{
    return kind == LK_STEP_IN || kind == LK_STEP_DO || kind == LK_STEP_CONNECT || kind == LK_STEP_SEND || kind == LK_STEP_CLOSE || kind == LK_STEP_RESET;
}

void lk_field_held(struct lk_field_run *run, const char *field)
{
    const char *check = field_check(run, field);
    if (check != NULL)
        lk_judge_decided(run->judge, check, LK_HELD, 1);
}

void lk_field_violated(struct lk_field_run *run, unsigned bits, uint32_t step, const char *field, const char *expected, const char *actual)
{
    violate(run, bits | about(run, step), (uint32_t)(run->ours.count - 1), step, field, expected, actual);
}

void lk_field_done(struct lk_field_run *run, uint32_t index)
{
    unsigned bits = STREAM | about(run, index);
    if (!in_time(run, index, bits, (uint32_t)(run->ours.count - 1)))
        return;
    decide(run, bits | TIME, LK_HELD);
    run->state[index].done = true;
    run->state[index].at = run->now;
}

bool lk_field_message(struct lk_field_run *run, uint32_t index, const uint8_t *bytes, size_t len)
{
    const struct lk_step *step = &run->trace->steps[index];
    size_t whole = LK_FIELD_WRAP + len - 2;
    uint8_t *wrapped = lk_bump_take(run->memory, whole);
    struct difference d = {0};
    if (wrapped == NULL) {
        lk_field_run_error(run, "out of memory");
        return false;
    }
    memcpy(wrapped, step->bytes, LK_FIELD_WRAP);
    memcpy(wrapped + LK_FIELD_WRAP, bytes + 2, len - 2);
    wrapped[16] = (uint8_t)((whole - 14) >> 8);
    wrapped[17] = (uint8_t)(whole - 14);
    wrapped[38] = (uint8_t)((whole - 34) >> 8);
    wrapped[39] = (uint8_t)(whole - 34);
    wrapped[40] = wrapped[41] = 0; /* no UDP checksum; IP's follows the length */
    uint32_t sum = 0;
    wrapped[24] = wrapped[25] = 0;
    for (unsigned i = 14; i < 34; i += 2)
        sum += (uint32_t)wrapped[i] << 8 | wrapped[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~((sum & 0xffff) + (sum >> 16));
    wrapped[24] = (uint8_t)(sum >> 8);
    wrapped[25] = (uint8_t)sum;
    lk_field_view(&run->actual, wrapped, whole);
    lk_field_view(&run->expected, step->bytes, step->len);
    if (compare(run, step, true, &d))
        return true;
    violate(run, STREAM | d.bits | about(run, index), (uint32_t)(run->ours.count - 1), index, d.field, d.expected, d.actual);
    violate_all(run, index, (uint32_t)(run->ours.count - 1), d.field);
    return false;
}
