/* The run: the device advances to whatever comes next - a frame of the peer, a call, the horizon - and each thing that
 * happens on the way is put into the timeline and shown to the peer and the application. Judging comes after the run. */
#include "conformance/replay/replay.h"
#include "conformance/replay/calls.h"
#include "conformance/replay/exact.h"
#include "conformance/replay/fields.h"
#include "conformance/replay/neighbour.h"
#include "conformance/replay/run.h"
#include "conformance/replay/rulebook.h"
#include "conformance/replay/stream.h"
#include "stack/base/error.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define STEPS UINT64_C(10000)    /* frames, calls and returns that any trace may take, and so many more for each recorded frame: */
#define STEPS_A_FRAME 20u
#define QUIET (10 * LK_SECOND)   /* how long a device must stay silent after the recorded connection is over */

void lk_run_stop(struct lk_run *run, enum lk_run_stop stop, const char *format, ...)
{
    char text[512];
    va_list arguments;
    if (run->stop != LK_RUN_GOES_ON)
        return;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    run->stop = stop;
    run->reason = len < 0 ? NULL : lk_bump_text(run->memory, text, strlen(text));
    if (run->reason == NULL)
        run->reason = "out of memory";
}

void lk_run_no_memory(struct lk_run *run)
{
    lk_run_stop(run, LK_RUN_ERROR, "out of memory: the trace needs more than the budget of %zu bytes used so far", lk_bump_used(run->memory));
}

/* ---- what the trace asks of a device ---- */

static bool is_tcp_option_agreed(const struct lk_tape *tape, unsigned kind)
{
    for (size_t i = 0; i < tape->count; i++) {
        const struct lk_tape_frame *frame = &tape->frames[i];
        if (frame->plays && frame->kind == LK_TAPE_TCP && frame->dir == LK_OUT && (frame->segment.tcp.control & LK_TCP_SYN) && (frame->segment.options.present & LK_TCP_HAS(kind)))
            return true;
    }
    return false;
}

static uint64_t needed(const struct lk_trace *trace, const struct lk_tape *tape)
{
    static const uint64_t of_call[] = {0, LK_DUT_CAN_LISTEN, LK_DUT_CAN_CONNECT, LK_DUT_CAN_LISTEN, 0, 0, LK_DUT_CAN_SHUTDOWN, 0, LK_DUT_CAN_ABORT, LK_DUT_CAN_OPTIONS};
    uint64_t bits = 0;
    for (size_t i = 0; i < trace->call_count; i++)
        bits |= trace->calls[i].op < sizeof of_call / sizeof *of_call ? of_call[trace->calls[i].op] : 0;
    if (trace->dut.role == LK_ROLE_BOTH)
        bits |= LK_DUT_CAN_SIMULTANEOUS | LK_DUT_CAN_BIND_PORT;
    if (trace->link.neighbours == LK_NEIGHBOURS_RECORDED)
        bits |= LK_DUT_CAN_ARP;
    bits |= is_tcp_option_agreed(tape, LK_TCP_OPT_WINDOW_SCALE) ? LK_DUT_CAN_WSCALE : 0;
    bits |= is_tcp_option_agreed(tape, LK_TCP_OPT_TIMESTAMPS) ? LK_DUT_CAN_TIMESTAMPS : 0;
    bits |= is_tcp_option_agreed(tape, LK_TCP_OPT_SACK_PERMITTED) ? LK_DUT_CAN_SACK : 0;
    bits |= trace->config.setting_count > 0 ? LK_DUT_CAN_CONFIG : 0;
    return bits;
}

const char *lk_dut_capability(uint64_t bits)
{
    static const char *const names[] = {"connect", "listen", "shutdown", "abort", "bind-port", "simultaneous-open", "window-scale", "timestamps", "sack",
                                        "socket-options", "config", "arp", "state", "snapshot", "do", "?", "udp-echo", "gateway", "dns-resolver", "dns-server",
                                        "dhcp-client", "dhcp-server", "http-server", "http-client"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (bits & UINT64_C(1) << i)
            return names[i];
    return NULL;
}

/* ---- the device ---- */

static const uint8_t *mac_in_capture(const struct lk_tape *tape, enum lk_dir dir)
{
    for (size_t i = 0; i < tape->count; i++)
        if (tape->frames[i].plays && tape->frames[i].dir == dir && tape->frames[i].captured->len >= 14)
            return tape->frames[i].captured->bytes + 6;
    return NULL;
}

static void fill_mac(const struct lk_run *run, const struct lk_trace_host *host, enum lk_dir dir, uint8_t last, uint8_t mac[6])
{
    const uint8_t *seen = mac_in_capture(&run->tape, dir);
    const uint8_t made[6] = {0x02, 0, 0, 0, 0, last};
    memcpy(mac, seen != NULL ? seen : host->has_mac ? host->mac : made, 6);
}

static void fill_addresses(const struct lk_trace *trace, struct lk_dut_config *config)
{
    uint32_t device = lk_addr_ip4(&trace->dut.host.address), peer = lk_addr_ip4(&trace->peer.host.address);
    config->prefix = trace->dut.host.prefix != 0 && trace->dut.host.prefix <= 32 ? trace->dut.host.prefix : 24;
    memcpy(config->address, trace->dut.host.address.octet, 16);
    memcpy(config->peer_address, trace->peer.host.address.octet, 16);
    if (((device ^ peer) & lk_ip4_mask(config->prefix)) != 0) { /* not on the link: a gateway with the peer's MAC */
        struct lk_addr gateway = lk_addr_from_ip4(device ^ 1u);
        memcpy(config->gateway, gateway.octet, 16);
    }
}

static bool create_device(struct lk_run *run)
{
    const struct lk_trace *trace = run->trace;
    struct lk_dut_setting *settings = lk_bump_array(run->memory, trace->config.setting_count + 1, sizeof *settings);
    struct lk_dut_config config = {.size = sizeof config, .mtu = trace->link.mtu != 0 ? trace->link.mtu : 1500,
                                   .arp = trace->link.neighbours == LK_NEIGHBOURS_RECORDED, .settings = settings, .trace = trace};
    if (settings == NULL) {
        lk_run_no_memory(run);
        return false;
    }
    if (trace->config.profile != NULL)
        settings[config.setting_count++] = (struct lk_dut_setting){"profile", trace->config.profile};
    for (size_t i = 0; i < trace->config.setting_count; i++)
        settings[config.setting_count++] = (struct lk_dut_setting){trace->config.settings[i].name, trace->config.settings[i].value};
    fill_mac(run, &trace->dut.host, LK_OUT, 1, run->dut_mac);
    fill_mac(run, &trace->peer.host, LK_IN, 2, run->peer_mac);
    memcpy(config.mac, run->dut_mac, 6);
    memcpy(config.peer_mac, run->peer_mac, 6);
    fill_addresses(trace, &config);
    run->device = run->dut->create(&config, run->options->seed, run->now);
    if (run->device == NULL)
        lk_run_stop(run, LK_RUN_ERROR, "the device %s could not be created with this config", run->dut->name);
    return run->device != NULL;
}

/* ---- things that happen ---- */

static bool note_event(struct lk_run *run, uint32_t conn, uint32_t tape)
{
    size_t index = run->ours.count - 1;
    while (index >= run->note_capacity) {
        size_t before = run->note_capacity;
        void *grown = lk_bump_grow(run->memory, run->notes, before, &run->note_capacity, sizeof *run->notes);
        if (grown == NULL)
            return false;
        run->notes = grown;
        for (size_t i = before; i < run->note_capacity; i++)
            run->notes[i] = (struct lk_event_note){LK_NONE, LK_NONE};
    }
    run->notes[index] = (struct lk_event_note){conn, tape};
    return true;
}

/* Which connection a segment belongs to; and that connection takes note of it. False without memory. */
static bool follow(struct lk_run *run, const struct lk_event *event, bool outside, uint32_t *conn)
{
    *conn = LK_NONE;
    if (!event->segment.is_tcp)
        return true;
    *conn = lk_conns_find(&run->live, (enum lk_dir)event->dir, &event->segment, outside);
    if (*conn == LK_NONE)
        return false;
    bool counts = event->dir == LK_OUT || (event->segment.tcp_checksum_ok && !outside);
    return !counts || lk_conns_note(&run->live, *conn, (enum lk_dir)event->dir, &event->segment) == 0;
}

void lk_run_deliver(struct lk_run *run, const uint8_t *bytes, size_t len, uint32_t tape, bool outside)
{
    struct lk_event *event = lk_timeline_add_frame(&run->ours, run->now, LK_IN, bytes, len, LK_CAPTURE_ETHERNET);
    uint32_t conn;
    if (event == NULL || !follow(run, event, outside, &conn) || !note_event(run, conn, tape)) {
        lk_run_no_memory(run);
        return;
    }
    event->frame = tape == LK_NONE ? 0 : run->tape.frames[tape].captured->number;
    event->delivered = true;
    event->delivered_at = run->now;
    if (run->dut->inject(run->device, 0, bytes, len, run->now) != 0)
        lk_run_stop(run, LK_RUN_ERROR, "the device refused a frame of %zu bytes", len);
}

static struct lk_net_fate decide_fate(struct lk_run *run, struct lk_event *event, uint32_t conn)
{
    struct lk_net_fate fate;
    struct lk_relative rel = lk_conns_relative(&run->live, conn, LK_OUT, &event->segment);
    event->fate = lk_fates_decide(run->fates, LK_OUT, &event->segment, &rel, run->now, &fate);
    event->delivered = !fate.lost;
    return fate;
}

static void sent(struct lk_run *run, const uint8_t *bytes, size_t len)
{
    struct lk_event *event = lk_timeline_add_frame(&run->ours, run->now, LK_OUT, bytes, len, LK_CAPTURE_ETHERNET);
    struct lk_net_fate fate = {0};
    uint32_t conn;
    if (event == NULL || !follow(run, event, false, &conn) || !note_event(run, conn, LK_NONE)) {
        lk_run_no_memory(run);
        return;
    }
    event->delivered = true;
    event->delivered_at = LK_NEVER;
    if (conn != LK_NONE)
        fate = decide_fate(run, event, conn);
    else if (!event->segment.is_ip && lk_neighbour_answer(run, event))
        return;
    run->player->heard(run, event->number, &fate);
}

/* ---- alterations: a frame may be held back and come later ---- */

static bool is_altered(struct lk_run *run)
{
    const struct lk_alteration *alteration = &run->options->alteration;
    uint32_t nth = run->frames_out++;
    if (alteration->kind == LK_ALTER_NONE || alteration->kind == LK_ALTER_RETURN)
        return false;
    for (size_t i = 0; i < run->tape.count; i++)
        if (run->tape.frames[i].plays && run->tape.frames[i].dir == LK_OUT && nth-- == 0)
            return run->tape.frames[i].captured->number == alteration->frame;
    return false;
}

static void hold_back(struct lk_run *run, const uint8_t *bytes, size_t len, lk_time until)
{
    run->held_bytes = lk_bump_copy(run->memory, bytes, len);
    run->held_len = len;
    run->held_until = until;
    if (run->held_bytes == NULL)
        lk_run_no_memory(run);
}

static void alter(struct lk_run *run, const uint8_t *bytes, size_t len)
{
    const struct lk_alteration *alteration = &run->options->alteration;
    uint8_t *copy = lk_bump_copy(run->memory, bytes, len);
    if (copy == NULL) {
        lk_run_no_memory(run);
        return;
    }
    if (alteration->kind == LK_ALTER_DROPPED)
        return;
    if (alteration->kind == LK_ALTER_LATE) {
        hold_back(run, bytes, len, lk_time_add(run->now, alteration->late));
        return;
    }
    if (!lk_alter_bytes(alteration->kind, copy, len))
        lk_run_stop(run, LK_RUN_ERROR, "frame %u has nothing that %s changes", alteration->frame, lk_alter_name(alteration->kind));
    sent(run, copy, len);
    if (alteration->kind == LK_ALTER_DOUBLED)
        hold_back(run, bytes, len, lk_time_add(run->now, LK_MILLISECOND));
}

static void release_held(struct lk_run *run)
{
    if (run->held_bytes == NULL || run->held_until > run->now)
        return;
    const uint8_t *bytes = run->held_bytes;
    run->held_bytes = NULL;
    sent(run, bytes, run->held_len);
}

/* ---- the loop ---- */

static void returned(struct lk_run *run, const struct lk_dut_happening *happening)
{
    struct lk_dut_happening altered = *happening;
    if (run->options->alteration.kind == LK_ALTER_RETURN && happening->id + 1 == run->options->alteration.frame) {
        altered.error = happening->error == LK_DUT_ECONNRESET ? LK_DUT_ETIMEDOUT : LK_DUT_ECONNRESET;
        altered.result = -1;
    }
    lk_calls_returned(run, &altered);
}

static void happened(struct lk_run *run, const struct lk_dut_happening *happening)
{
    if (happening->at > run->now)
        run->now = happening->at;
    if (happening->kind == LK_DUT_FRAME) {
        bool altered = is_altered(run);
        if (altered)
            alter(run, happening->bytes, happening->len);
        else
            sent(run, happening->bytes, happening->len);
    } else if (happening->kind == LK_DUT_RETURN) {
        returned(run, happening);
    } else {
        lk_run_stop(run, LK_RUN_ERROR, "the device died: %s", happening->reason == NULL ? "no reason given" : happening->reason);
    }
}

static lk_time next_deed(struct lk_run *run)
{
    lk_time next = lk_time_min(run->player->next(run), lk_calls_next(run));
    if (run->held_bytes != NULL)
        next = lk_time_min(next, run->held_until);
    return next;
}

static bool step(struct lk_run *run)
{
    struct lk_dut_happening happening = {.size = sizeof happening};
    lk_calls_look(run);
    lk_time next = next_deed(run), patience = lk_calls_patience(run), horizon = patience > run->horizon ? patience : run->horizon;
    if (run->held_bytes != NULL && run->held_until > horizon)
        horizon = run->held_until;
    lk_time until = lk_time_min(next, horizon);
    if (run->dut->advance(run->device, until, &happening) != 0) {
        lk_run_stop(run, LK_RUN_ERROR, "the device failed to advance");
        return false;
    }
    if (happening.kind != LK_DUT_NOTHING) {
        if (happening.at > until)
            lk_run_stop(run, LK_RUN_ERROR, "the device told of something after the time it was asked for");
        else
            happened(run, &happening);
        return true;
    }
    run->now = until > run->now ? until : run->now;
    if (next > horizon)
        return false;
    release_held(run);
    if (lk_calls_next(run) <= run->now)
        lk_calls_start(run);
    else if (run->player->next(run) <= run->now)
        run->player->act(run);
    return true;
}

static void loop(struct lk_run *run)
{
    uint64_t most = run->options->max_steps != 0 ? run->options->max_steps : STEPS + STEPS_A_FRAME * run->tape.count;
    while (run->stop == LK_RUN_GOES_ON && step(run))
        if (++run->steps > most)
            lk_run_stop(run, LK_RUN_NOT_APPLICABLE, "more than %llu steps", (unsigned long long)most);
}

/* ---- before and after ---- */

static bool all_closed(const struct lk_tape *tape)
{
    for (size_t i = 0; i < tape->conns.count; i++)
        if (!lk_conn_closed(&tape->conns.list[i]))
            return false;
    return tape->conns.count > 0;
}

/* Times and amounts that no sound trace has, and no arithmetic here could bear. */
static const char *absurd(const struct lk_trace *trace)
{
    const lk_time longest = 100 * 24 * 3600 * LK_SECOND;
    const struct lk_trace_network *n = &trace->network;
    if (n->delay[0] < 0 || n->delay[1] < 0 || n->delay[0] > longest || n->delay[1] > longest)
        return "network: a delay of more than 100 days";
    if (n->queue > 1u << 20)
        return "network: a queue of more than a million frames";
    if (trace->match.tolerance < 0 || trace->match.tolerance > longest || trace->match.ends_within < 0)
        return "match: a tolerance of more than 100 days, or a negative time";
    if (trace->peer.ack_delay < 0 || trace->peer.window > 1u << 30 || trace->peer.wscale > 14)
        return "peer: a negative delay, a window of more than 1 GiB, or a window scale above 14 (RFC 7323 2.3)";
    for (size_t i = 0; i < trace->call_count; i++)
        if (trace->calls[i].at < 0 || trace->calls[i].within < 0 || trace->calls[i].bytes > 1u << 28)
            return "calls: a negative time, or more than 256 MiB";
    for (size_t i = 0; i < trace->fate_count; i++)
        if (trace->fates[i].late < 0)
            return "fates: a negative time";
    return NULL;
}

static bool prepare(struct lk_run *run, const struct lk_capture *capture, struct lk_verdict *out)
{
    const char *why = absurd(run->trace);
    if (why != NULL) {
        lk_run_stop(run, LK_RUN_ERROR, "%s", why);
        return false;
    }
    int status = lk_tape_load(run->trace, capture, run->memory, &run->tape, &why);
    if (status < 0) {
        lk_run_stop(run, LK_RUN_ERROR, "%s", why != NULL ? why : "out of memory");
        return false;
    }
    uint64_t missing = needed(run->trace, &run->tape) & ~run->dut->capabilities;
    if (missing != 0) {
        out->kind = LK_SKIP;
        out->skipped_for = lk_dut_capability(missing);
        out->reason = lk_bump_format(run->memory, "%s lacks: %s", run->dut->name, out->skipped_for);
        return false;
    }
    run->player = run->options->open_loop || run->trace->peer.kind != LK_PEER_ACTING ? &lk_peer_recorded : &lk_peer_acting;
    run->grace = run->trace->match.tolerance + (all_closed(&run->tape) && !run->options->open_loop ? QUIET : 0);
    run->horizon = lk_time_add(run->tape.end, run->grace);
    run->judge = lk_judge_new(run->trace, run->memory);
    run->fates = lk_fates_new(run->trace, run->memory);
    run->calls = lk_calls_new(run);
    run->peer = run->player->create(run);
    if (run->judge == NULL || run->fates == NULL || run->calls == NULL || run->peer == NULL)
        lk_run_no_memory(run);
    return run->stop == LK_RUN_GOES_ON && create_device(run);
}

/* A fate that the trace cannot do without, and that met no frame. What happens to the peer's frames is in a recording already. */
static void check_fates(struct lk_run *run)
{
    uint32_t unmet = lk_fates_unmet(run->fates, LK_OUT);
    if (unmet == LK_NONE && run->player == &lk_peer_acting)
        unmet = lk_fates_unmet(run->fates, LK_IN);
    if (unmet != LK_NONE)
        lk_run_stop(run, LK_RUN_UNUSED, "fate %u is required, and no frame met it", unmet + 1);
}

static void judge_all(struct lk_run *run, struct lk_verdict *out)
{
    if (run->stop == LK_RUN_GOES_ON)
        lk_calls_finish(run);
    if (run->stop == LK_RUN_GOES_ON)
        check_fates(run);
    if (run->stop == LK_RUN_ERROR)
        return;
    if (run->trace->match.mode == LK_MATCH_STREAM)
        lk_stream_match(run, out);
    else
        lk_exact_match(run, out);
    lk_rulebook_judge(run);
}

/* A violation outranks an expectation that was not used, and nothing outranks an error of the run. */
static void conclude(struct lk_run *run, struct lk_verdict *out)
{
    if (run->judge != NULL && run->stop != LK_RUN_ERROR) {
        lk_judge_conclude(run->judge, out);
        if (lk_judge_out_of_memory(run->judge)) {
            run->stop = LK_RUN_GOES_ON;
            lk_run_no_memory(run);
        }
    }
    if (run->stop == LK_RUN_ERROR || (run->stop != LK_RUN_GOES_ON && !lk_judge_failed(run->judge))) {
        out->kind = LK_ERROR;
        out->reason = run->reason;
        out->difference.present = false;
    }
}

static const char *mode_name(const struct lk_run *run)
{
    bool stream = run->trace->match.mode == LK_MATCH_STREAM, acting = run->trace->peer.kind == LK_PEER_ACTING;
    if (run->options->open_loop)
        return stream ? "stream/open" : "exact/open";
    return stream ? acting ? "stream/acting" : "stream/recorded" : acting ? "exact/acting" : "exact/recorded";
}

static void fill_recorded(struct lk_run *run, struct lk_verdict *out)
{
    out->recorded.memory = run->memory;
    for (size_t i = 0; i < run->tape.count; i++) {
        const struct lk_tape_frame *frame = &run->tape.frames[i];
        if (!frame->plays)
            continue;
        struct lk_event *event = lk_timeline_add_frame(&out->recorded, frame->at, (enum lk_dir)frame->dir, frame->captured->bytes, frame->captured->len, LK_CAPTURE_ETHERNET);
        if (event == NULL) {
            lk_run_no_memory(run);
            return;
        }
        event->frame = frame->captured->number;
    }
}

static void replay_one(const struct lk_trace *trace, const struct lk_capture *capture, const struct lk_dut *dut, const struct lk_replay_options *options,
                       struct lk_verdict *out, struct lk_bump *memory)
{
    struct lk_run run = {.trace = trace, .dut = dut, .options = options, .memory = memory, .live = {.memory = memory}, .ours = {.memory = memory}};
    *out = (struct lk_verdict){.trace = trace->name, .dut = dut->name, .mode = mode_name(&run), .source = trace};
    if (prepare(&run, capture, out)) {
        loop(&run);
        judge_all(&run, out);
    } else if (out->kind == LK_SKIP) {
        return;
    }
    if (run.device != NULL)
        dut->destroy(run.device);
    fill_recorded(&run, out);
    out->ours = run.ours;
    if (run.ours.count > 0)
        out->virtual_time = run.ours.events[run.ours.count - 1].at - run.ours.events[0].at;
    conclude(&run, out);
}

void lk_replay_run(const struct lk_trace *trace, const struct lk_dut *dut, const struct lk_replay_options *options, struct lk_verdict *out, struct lk_bump *memory)
{
    if (trace->match.mode == LK_MATCH_FIELDS) {
        lk_fields_run(trace, dut, options, out, memory);
        return;
    }
    replay_one(trace, &trace->capture, dut, options, out, memory);
    for (size_t i = 0; i < trace->outcome_count && out->kind == LK_FAIL; i++) {
        struct lk_trace other = *trace;
        struct lk_verdict verdict;
        other.match = trace->outcomes[i].match;
        if (trace->outcomes[i].capture.count > 0)
            other.capture = trace->outcomes[i].capture;
        replay_one(&other, &other.capture, dut, options, &verdict, memory);
        verdict.source = trace;
        if (verdict.kind == LK_PASS)
            *out = verdict;
    }
}
