/* The run of mode `fields`: see fields.h. */
#include "conformance/replay/fields.h"
#include "conformance/compose/compose.h"
#include "conformance/replay/field_run.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define STEPS UINT64_C(20000)
#define STEPS_A_FRAME 40u

void lk_field_run_error(struct lk_field_run *run, const char *format, ...)
{
    char text[512];
    va_list arguments;
    if (run->error != NULL)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    run->error = lk_bump_text(run->memory, text, strlen(text));
    if (run->error == NULL)
        run->error = "out of memory";
}

/* ---- where the run stands ---- */

uint32_t lk_field_cursor(const struct lk_field_run *run)
{
    uint32_t i = 0;
    while (i < run->trace->step_count && (run->state[i].done || run->trace->steps[i].optional))
        i++;
    return i;
}

lk_time lk_field_base(const struct lk_field_run *run, uint32_t step)
{
    while (step-- > 0)
        if (run->state[step].done)
            return run->state[step].at;
    return 0;
}

/* When the step that is due next is due, or its time is over. */
static lk_time due(const struct lk_field_run *run, uint32_t index)
{
    lk_time base = lk_field_base(run, index), tolerance = run->trace->match.tolerance;
    if (index == run->trace->step_count)
        return lk_time_add(base, index > 0 && run->trace->steps[index - 1].optional ? run->trace->steps[index - 1].until + tolerance : tolerance);
    const struct lk_step *step = &run->trace->steps[index];
    if (lk_step_is_stimulus(step->kind) && !run->state[index].begun)
        return lk_time_add(base, step->after);
    return lk_time_add(base, step->until + (step->kind == LK_STEP_SILENCE ? 0 : tolerance + 1));
}

/* ---- the device ---- */

uint64_t lk_fields_needed(const struct lk_trace *trace)
{
    uint64_t bits = trace->dut.runs == LK_RUNS_SOCKETS ? 0 : LK_DUT_CAN_UDP_ECHO << (trace->dut.runs - 1);
    for (size_t i = 0; i < trace->step_count; i++)
        bits |= trace->steps[i].kind == LK_STEP_DO ? LK_DUT_CAN_DO : 0;
    bits |= trace->config.setting_count > 0 ? LK_DUT_CAN_CONFIG : 0;
    return bits | (trace->link.neighbours == LK_NEIGHBOURS_RECORDED ? LK_DUT_CAN_ARP : 0);
}

static struct lk_dut_setting *settings_of(struct lk_field_run *run, const struct lk_pair *pairs, size_t count, const char *profile, size_t *made)
{
    struct lk_dut_setting *settings = lk_bump_array(run->memory, count + 1, sizeof *settings);
    *made = 0;
    if (settings == NULL)
        return NULL;
    if (profile != NULL)
        settings[(*made)++] = (struct lk_dut_setting){"profile", profile};
    for (size_t i = 0; i < count; i++)
        settings[(*made)++] = (struct lk_dut_setting){pairs[i].name, pairs[i].value};
    return settings;
}

static void fill_interface(const struct lk_trace *trace, size_t index, struct lk_dut_interface *out)
{
    struct lk_trace_iface iface = lk_trace_iface(trace, index);
    *out = (struct lk_dut_interface){.name = iface.name, .outside = iface.outside, .prefix = iface.host.prefix};
    memcpy(out->address, iface.host.address.octet, 16);
    lk_compose_iface_mac(trace, index, out->mac);
}

/* The gateway of a host with one interface: what leads everywhere. */
static void fill_gateway(const struct lk_trace *trace, struct lk_dut_config *config)
{
    uint32_t gateway = lk_compose_next_hop(trace, 0, 0x01000001u);
    struct lk_addr address = lk_addr_from_ip4(gateway);
    if (gateway != 0x01000001u)
        memcpy(config->gateway, address.octet, 16);
}

static bool create(struct lk_field_run *run)
{
    const struct lk_trace *t = run->trace;
    struct lk_dut_interface *interfaces = lk_bump_array(run->memory, lk_trace_iface_count(t), sizeof *interfaces);
    struct lk_dut_config config = {.size = sizeof config, .mtu = t->link.mtu != 0 ? t->link.mtu : 1500, .arp = 1, .trace = t, .runs = lk_runs_name(t->dut.runs)};
    config.settings = settings_of(run, t->config.settings, t->config.setting_count, t->config.profile, &config.setting_count);
    config.app = settings_of(run, t->app, t->app_count, NULL, &config.app_count);
    if (interfaces == NULL || config.settings == NULL || config.app == NULL) {
        lk_field_run_error(run, "out of memory");
        return false;
    }
    for (size_t i = 0; i < lk_trace_iface_count(t); i++)
        fill_interface(t, i, &interfaces[i]);
    config.interfaces = interfaces;
    config.interface_count = lk_trace_iface_count(t);
    memcpy(config.mac, interfaces[0].mac, 6);
    memcpy(config.address, interfaces[0].address, 16);
    config.prefix = interfaces[0].prefix;
    fill_gateway(t, &config);
    run->device = run->dut->create(&config, run->options->seed, 0);
    if (run->device == NULL)
        lk_field_run_error(run, "the device %s could not be created with this config", run->dut->name);
    return run->device != NULL;
}

/* ---- things that happen ---- */

static struct lk_event *note_frame(struct lk_field_run *run, enum lk_dir dir, const uint8_t *bytes, size_t len)
{
    struct lk_event *event = lk_timeline_add_frame(&run->ours, run->now, dir, bytes, len, LK_CAPTURE_ETHERNET);
    if (event == NULL) {
        lk_field_run_error(run, "out of memory");
        return NULL;
    }
    event->delivered = true;
    event->delivered_at = run->now;
    return event;
}

/* A segment of a connection of the talk: shown, and taken by the peer's end. */
static bool is_segment(struct lk_field_run *run, const struct lk_dut_happening *h)
{
    uint32_t before = (uint32_t)run->ours.count;
    struct lk_event *event = note_frame(run, LK_OUT, h->bytes, h->len);
    if (event == NULL || lk_field_stream_frame(run, h->iface, event->bytes, event->len))
        return true;
    run->ours.count = before; /* it is something else, and shown as that */
    return false;
}

static void sent(struct lk_field_run *run, uint32_t iface, const uint8_t *bytes, size_t len)
{
    const struct lk_event *event = note_frame(run, LK_OUT, bytes, len);
    if (event != NULL)
        lk_field_matched(run, iface, event->number);
}

/* ---- alterations ---- */

static void hold_back(struct lk_field_run *run, uint32_t iface, const uint8_t *bytes, size_t len, lk_time until)
{
    run->held = lk_bump_copy(run->memory, bytes, len);
    run->held_len = len;
    run->held_iface = iface;
    run->held_until = until;
    if (run->held == NULL)
        lk_field_run_error(run, "out of memory");
}

static bool alter_byte(struct lk_field_run *run, uint8_t *copy, size_t len)
{
    uint32_t at = run->options->alteration.at;
    if (at >= len)
        return false;
    lk_field_view(&run->actual, copy, len);
    uint8_t *changed = lk_bump_copy(run->memory, copy, len);
    if (changed == NULL)
        return false;
    changed[at] ^= (uint8_t)(1u << (run->options->alteration.bit & 7u));
    lk_view_repair(&run->actual, changed);
    memcpy(copy, changed, len);
    return true;
}

/* An empty datagram to nobody, when the step to be disturbed has come. True: it was sent now. */
static bool disturb(struct lk_field_run *run, uint32_t cursor)
{
    static const uint8_t frame[42] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0x3a, 0xc5, 10, 0, 0, 1, 255, 255, 255, 255,
                                      0x10, 0, 0x10, 0, 0, 8, 0, 0};
    const struct lk_alteration *a = &run->options->alteration;
    if (a->kind != LK_ALTER_UNASKED || run->disturbed || cursor + 1 != a->frame)
        return false;
    run->disturbed = true;
    sent(run, 0, frame, sizeof frame);
    return true;
}

static void alter(struct lk_field_run *run, uint32_t iface, const uint8_t *bytes, size_t len)
{
    const struct lk_alteration *a = &run->options->alteration;
    uint8_t *copy = lk_bump_copy(run->memory, bytes, len);
    if (copy == NULL) {
        lk_field_run_error(run, "out of memory");
        return;
    }
    if (a->kind == LK_ALTER_DROPPED)
        return;
    if (a->kind == LK_ALTER_LATE) {
        hold_back(run, iface, bytes, len, lk_time_add(run->now, a->late));
        return;
    }
    if (a->kind == LK_ALTER_BYTE && !alter_byte(run, copy, len))
        lk_field_run_error(run, "frame %u has no byte %u", a->frame, a->at);
    sent(run, iface, copy, len);
    if (a->kind == LK_ALTER_DOUBLED)
        hold_back(run, iface, bytes, len, lk_time_add(run->now, LK_MILLISECOND));
}

static void frame_out(struct lk_field_run *run, const struct lk_dut_happening *h)
{
    const struct lk_alteration *a = &run->options->alteration;
    if (h->iface >= lk_trace_iface_count(run->trace)) {
        lk_field_run_error(run, "the device sent on interface %u, which it does not have", h->iface);
        return;
    }
    if (lk_field_arp(run, h->iface, h->bytes, h->len))
        return;
    if (is_segment(run, h)) {
        lk_field_stream_look(run);
        return;
    }
    bool about_frames = a->kind != LK_ALTER_NONE && a->kind != LK_ALTER_RETURN && a->kind != LK_ALTER_UNASKED && !a->stream;
    if (++run->frames_out == a->frame && about_frames)
        alter(run, h->iface, h->bytes, h->len);
    else
        sent(run, h->iface, h->bytes, h->len);
}

/* Words, then the error's name: "failed" without words of its own. */
static void call_returned(struct lk_field_run *run, const struct lk_dut_happening *h)
{
    struct lk_event *event = lk_timeline_add(&run->ours, LK_EVENT_RETURN, run->now);
    bool altered = run->options->alteration.kind == LK_ALTER_RETURN && run->options->alteration.frame == h->id + 1;
    const char *text = altered ? "something else" : h->len > 0 ? lk_bump_text(run->memory, (const char *)h->bytes, h->len) : h->error == 0 ? "" : "failed";
    if (event == NULL || text == NULL) {
        lk_field_run_error(run, "out of memory");
        return;
    }
    event->call = h->id;
    event->result = h->result;
    event->op = LK_DUT_DO;
    event->text = text;
    lk_field_returned(run, h->id, text);
}

static void happened(struct lk_field_run *run, const struct lk_dut_happening *h)
{
    if (h->at > run->now)
        run->now = h->at;
    if (h->kind == LK_DUT_FRAME)
        frame_out(run, h);
    else if (h->kind == LK_DUT_RETURN)
        call_returned(run, h);
    else
        lk_field_run_error(run, "the device died: %s", h->reason == NULL ? "no reason given" : h->reason);
}

/* ---- what the trace does ---- */

static void play_in(struct lk_field_run *run, uint32_t index)
{
    const struct lk_step *step = &run->trace->steps[index];
    uint8_t *bytes = lk_field_map_rewrite(run->map, step);
    struct lk_event *event = bytes == NULL ? NULL : note_frame(run, LK_IN, bytes, step->len);
    if (event == NULL) {
        lk_field_run_error(run, "out of memory");
        return;
    }
    event->frame = step->number;
    run->state[index] = (struct lk_step_state){.done = true, .at = run->now};
    if (run->dut->inject(run->device, step->iface, bytes, step->len, run->now) != 0)
        lk_field_run_error(run, "the device refused a frame of %u bytes", step->len);
}

static void play_do(struct lk_field_run *run, uint32_t index)
{
    const struct lk_step *step = &run->trace->steps[index];
    struct lk_event *event = lk_timeline_add(&run->ours, LK_EVENT_CALL, run->now);
    const struct lk_dut_args args = {.size = sizeof args, .text = step->text};
    if (event == NULL) {
        lk_field_run_error(run, "out of memory");
        return;
    }
    event->call = step->call;
    event->op = LK_DUT_DO;
    event->text = step->text;
    run->state[index] = (struct lk_step_state){.done = true, .at = run->now};
    if (run->dut->call(run->device, step->call, 1, LK_DUT_DO, &args, run->now) != 0)
        lk_field_run_error(run, "line %u: the device cannot do \"%s\"", step->line, step->text);
}

/* The time of the step at the cursor has come, or has passed. False: the run is over. */
static bool act(struct lk_field_run *run, uint32_t cursor)
{
    if (cursor == run->trace->step_count)
        return false;
    switch (run->trace->steps[cursor].kind) {
    case LK_STEP_IN: play_in(run, cursor); break;
    case LK_STEP_DO: play_do(run, cursor); break;
    case LK_STEP_SILENCE: lk_field_silent(run, cursor); break;
    default:
        if (lk_step_is_stimulus(run->trace->steps[cursor].kind) && !run->state[cursor].begun)
            lk_field_stream_act(run, cursor);
        else
            lk_field_missing(run, cursor);
        break;
    }
    if (!run->over)
        lk_field_stream_look(run); /* what waited for this to happen first */
    return true;
}

static bool step(struct lk_field_run *run)
{
    struct lk_dut_happening h = {.size = sizeof h};
    uint32_t cursor = lk_field_cursor(run);
    if (disturb(run, cursor))
        return true;
    lk_time next = due(run, cursor);
    bool end = cursor == run->trace->step_count;
    next = next > run->now ? next : run->now;
    lk_time until = run->held != NULL && (run->held_until < next || end) ? run->held_until : next;
    if (run->dut->advance(run->device, until, &h) != 0) {
        lk_field_run_error(run, "the device failed to advance");
        return false;
    }
    if (h.kind != LK_DUT_NOTHING) {
        if (h.at > until)
            lk_field_run_error(run, "the device told of something after the time it was asked for");
        else
            happened(run, &h);
        return true;
    }
    run->now = until > run->now ? until : run->now;
    if (run->held != NULL && run->held_until <= run->now) {
        const uint8_t *held = run->held;
        run->held = NULL;
        sent(run, run->held_iface, held, run->held_len);
        return true;
    }
    return act(run, cursor);
}

/* ---- before and after ---- */

static bool prepare(struct lk_field_run *run, struct lk_trace *trace, struct lk_verdict *out)
{
    struct lk_fault fault;
    if (trace->step_count == 0 && lk_talk_compile(trace, trace->name == NULL ? "trace" : trace->name, run->memory, &fault) != 0) {
        lk_field_run_error(run, "%s", fault.text);
        return false;
    }
    uint64_t missing = lk_fields_needed(trace) & ~run->dut->capabilities;
    if (missing != 0) {
        out->kind = LK_SKIP;
        out->skipped_for = lk_dut_capability(missing);
        out->reason = lk_bump_format(run->memory, "%s lacks: %s", run->dut->name, out->skipped_for);
        return false;
    }
    run->judge = lk_judge_new(trace, run->memory);
    run->map = lk_field_map_new(trace, run->memory);
    run->state = lk_bump_array(run->memory, trace->step_count, sizeof *run->state);
    if (run->judge == NULL || run->map == NULL || run->state == NULL) {
        lk_field_run_error(run, "out of memory");
        return false;
    }
    lk_field_neighbours(run);
    return run->error == NULL && create(run);
}

static void loop(struct lk_field_run *run)
{
    uint64_t most = run->options->max_steps != 0 ? run->options->max_steps : STEPS + STEPS_A_FRAME * run->trace->step_count;
    while (run->error == NULL && !run->over && step(run))
        if (++run->steps > most)
            lk_field_run_error(run, "more than %llu steps", (unsigned long long)most);
    if (run->error == NULL && !run->over)
        lk_field_whole(run);
}

static void fill_recorded(struct lk_field_run *run, struct lk_verdict *out)
{
    out->recorded.memory = run->memory;
    lk_time at = 0;
    for (size_t i = 0; i < run->trace->step_count; i++) {
        const struct lk_step *s = &run->trace->steps[i];
        if (s->kind != LK_STEP_IN && s->kind != LK_STEP_OUT)
            continue;
        at = s->at > at ? s->at : at;
        struct lk_event *event = lk_timeline_add_frame(&out->recorded, at, s->kind == LK_STEP_OUT ? LK_OUT : LK_IN, s->bytes, s->len, LK_CAPTURE_ETHERNET);
        if (event == NULL) {
            lk_field_run_error(run, "out of memory");
            return;
        }
        event->frame = s->number;
    }
}

static void conclude(struct lk_field_run *run, struct lk_verdict *out)
{
    if (run->error == NULL)
        lk_judge_conclude(run->judge, out);
    if (run->judge != NULL && (lk_judge_out_of_memory(run->judge) || (run->map != NULL && lk_field_map_no_memory(run->map))))
        lk_field_run_error(run, "out of memory");
    if (run->error == NULL)
        return;
    out->kind = LK_ERROR;
    out->reason = run->error;
    out->difference.present = false;
}

void lk_fields_run(const struct lk_trace *trace, const struct lk_dut *dut, const struct lk_replay_options *options, struct lk_verdict *out, struct lk_bump *memory)
{
    struct lk_trace copy = *trace;
    struct lk_field_run *run = lk_bump_take(memory, sizeof *run);
    *out = (struct lk_verdict){.trace = trace->name, .dut = dut->name, .mode = trace->talk_count > 0 ? "fields/talk" : "fields/recorded", .source = trace, .kind = LK_ERROR,
                               .reason = "out of memory"};
    if (run == NULL)
        return;
    run->trace = &copy;
    run->dut = dut;
    run->options = options;
    run->memory = memory;
    run->ours.memory = memory;
    copy.memory = memory;
    if (prepare(run, &copy, out))
        loop(run);
    else if (out->kind == LK_SKIP)
        return;
    if (run->device != NULL)
        dut->destroy(run->device);
    fill_recorded(run, out);
    out->ours = run->ours;
    out->compared.frames = run->compared_frames;
    out->compared.bytes = run->compared_bytes;
    if (run->ours.count > 0)
        out->virtual_time = run->ours.events[run->ours.count - 1].at - run->ours.events[0].at;
    out->reason = NULL;
    conclude(run, out);
}
