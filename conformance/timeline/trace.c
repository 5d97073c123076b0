#include "conformance/timeline/trace.h"

#include <string.h>

static const struct lk_trace_host default_host = {.prefix = 24};

void lk_trace_init(struct lk_trace *trace, struct lk_bump *memory)
{
    *trace = (struct lk_trace){
        .dut = {.host = default_host},
        .link = {.type = "ethernet", .mtu = 1500},
        .peer = {.host = default_host, .ack = LK_ACK_EVERY, .window = 65535, .wscale = -1, .mss = 1460},
        .config = {.pull = "frame"},
        .match = {.tolerance = 10 * LK_MILLISECOND, .excess_permille = 1000, .ends_within = LK_NEVER},
        .memory = memory,
    };
}

const char *lk_runs_name(unsigned runs)
{
    static const char *const names[LK_RUNS_COUNT] = {NULL, "udp-echo", "gateway", "dns-resolver", "dns-server", "dhcp-client", "dhcp-server", "http-server", "http-client"};
    return runs < LK_RUNS_COUNT ? names[runs] : NULL;
}

size_t lk_trace_iface_count(const struct lk_trace *trace)
{
    return trace->iface_count == 0 ? 1 : trace->iface_count;
}

const struct lk_capture *lk_trace_iface_capture(const struct lk_trace *trace, size_t iface)
{
    return iface < trace->iface_count ? &trace->ifaces[iface].capture : &trace->capture;
}

struct lk_trace_iface lk_trace_iface(const struct lk_trace *trace, size_t iface)
{
    if (iface < trace->iface_count)
        return trace->ifaces[iface];
    return (struct lk_trace_iface){.name = "dut", .host = trace->dut.host, .capture_file = trace->dut.capture_file, .capture = trace->capture};
}

const char *lk_trace_app(const struct lk_trace *trace, const char *name, size_t *from)
{
    for (; *from < trace->app_count; ++*from)
        if (strcmp(trace->app[*from].name, name) == 0)
            return trace->app[(*from)++].value;
    return NULL;
}

static bool same_text(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return strcmp(a, b) == 0;
}

static bool same_host(const struct lk_trace_host *a, const struct lk_trace_host *b)
{
    return memcmp(&a->address, &b->address, sizeof a->address) == 0 && a->port == b->port && a->has_mac == b->has_mac &&
           (!a->has_mac || memcmp(a->mac, b->mac, sizeof a->mac) == 0) && a->prefix == b->prefix;
}

static bool same_peer(const struct lk_trace_peer *a, const struct lk_trace_peer *b)
{
    return same_host(&a->host, &b->host) && same_text(a->capture_file, b->capture_file) && a->kind == b->kind && a->ack == b->ack &&
           a->ack_delay == b->ack_delay && a->window == b->window && a->wscale == b->wscale && a->sack == b->sack &&
           a->timestamps == b->timestamps && a->mss == b->mss;
}

static bool same_fate(const struct lk_fate *a, const struct lk_fate *b)
{
    return a->dir == b->dir && a->by == b->by && a->is == b->is && a->required == b->required && a->copy == b->copy && a->from == b->from &&
           a->to == b->to && a->since == b->since && a->until == b->until && a->late == b->late;
}

static bool same_call(const struct lk_call *a, const struct lk_call *b)
{
    return a->when == b->when && a->op == b->op && a->data == b->data && a->how == b->how && a->at == b->at &&
           a->when_socket == b->when_socket && a->when_bytes == b->when_bytes && a->socket == b->socket &&
           same_text(a->socket_name, b->socket_name) && memcmp(&a->to_address, &b->to_address, sizeof a->to_address) == 0 &&
           a->to_port == b->to_port && a->bytes == b->bytes && same_text(a->name, b->name) && a->value == b->value &&
           a->has_result == b->has_result && a->result == b->result && same_text(a->error, b->error) && a->has_bytes == b->has_bytes &&
           a->returns_bytes == b->returns_bytes && a->within == b->within;
}

static bool same_texts(const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (!same_text(a[i], b[i]))
            return false;
    return true;
}

static bool same_match(const struct lk_match *a, const struct lk_match *b)
{
    if (a->mode != b->mode || a->tolerance != b->tolerance || a->compare_count != b->compare_count || a->excess_permille != b->excess_permille ||
        a->ends_within != b->ends_within || a->must_not_resend_count != b->must_not_resend_count)
        return false;
    if (!same_texts(a->compare, a->compare_count, b->compare, b->compare_count) || !same_texts(a->ignore, a->ignore_count, b->ignore, b->ignore_count) ||
        !same_texts(a->map, a->map_count, b->map, b->map_count))
        return false;
    for (size_t i = 0; i < a->must_not_resend_count; i++)
        if (a->must_not_resend[i].from != b->must_not_resend[i].from || a->must_not_resend[i].to != b->must_not_resend[i].to)
            return false;
    return true;
}

static bool same_capture(const struct lk_capture *a, const struct lk_capture *b)
{
    if (a->count != b->count || (a->count != 0 && (a->link != b->link || a->start != b->start)))
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct lk_captured *x = &a->frames[i], *y = &b->frames[i];
        if (x->at != y->at || x->number != y->number || x->len != y->len || x->orig_len != y->orig_len)
            return false;
        if (x->len != 0 && memcmp(x->bytes, y->bytes, x->len) != 0)
            return false;
    }
    return true;
}

static bool same_pairs(const struct lk_pair *a, size_t a_count, const struct lk_pair *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (!same_text(a[i].name, b[i].name) || !same_text(a[i].value, b[i].value))
            return false;
    return true;
}

static const char *lists_difference(const struct lk_trace *a, const struct lk_trace *b)
{
    if (a->fate_count != b->fate_count || a->call_count != b->call_count || a->inject_count != b->inject_count)
        return "number of fates, calls or injects";
    for (size_t i = 0; i < a->fate_count; i++)
        if (!same_fate(&a->fates[i], &b->fates[i]))
            return "fates";
    for (size_t i = 0; i < a->call_count; i++)
        if (!same_call(&a->calls[i], &b->calls[i]))
            return "calls";
    for (size_t i = 0; i < a->inject_count; i++)
        if (a->injects[i].after != b->injects[i].after || a->injects[i].frame != b->injects[i].frame)
            return "inject";
    if (a->outcome_count != b->outcome_count)
        return "number of outcomes";
    for (size_t i = 0; i < a->outcome_count; i++)
        if (!same_match(&a->outcomes[i].match, &b->outcomes[i].match) || !same_text(a->outcomes[i].capture_file, b->outcomes[i].capture_file) ||
            !same_capture(&a->outcomes[i].capture, &b->outcomes[i].capture))
            return "outcomes";
    if (a->proof_count != b->proof_count)
        return "number of proves";
    for (size_t i = 0; i < a->proof_count; i++)
        if (!same_text(a->proves[i].requirement, b->proves[i].requirement) || !same_text(a->proves[i].check, b->proves[i].check))
            return "proves";
    return NULL;
}

/* Steps are worked out from the rest and not compared. */
static const char *talk_difference(const struct lk_trace *a, const struct lk_trace *b)
{
    if (a->iface_count != b->iface_count)
        return "number of interfaces";
    for (size_t i = 0; i < a->iface_count; i++) {
        const struct lk_trace_iface *x = &a->ifaces[i], *y = &b->ifaces[i];
        if (!same_text(x->name, y->name) || !same_host(&x->host, &y->host) || x->outside != y->outside || !same_text(x->capture_file, y->capture_file) ||
            !same_capture(&x->capture, &y->capture))
            return "interfaces";
    }
    if (!same_pairs(a->app, a->app_count, b->app, b->app_count))
        return "app";
    if (a->talk_count != b->talk_count)
        return "number of lines of talk";
    for (size_t i = 0; i < a->talk_count; i++)
        if (!same_text(a->talk[i].text, b->talk[i].text))
            return "talk";
    return NULL;
}

const char *lk_trace_difference(const struct lk_trace *a, const struct lk_trace *b)
{
    const char *talk = talk_difference(a, b);
    if (talk != NULL)
        return talk;
    if (!same_host(&a->dut.host, &b->dut.host) || a->dut.role != b->dut.role || a->dut.runs != b->dut.runs || !same_text(a->dut.capture_file, b->dut.capture_file))
        return "dut";
    if (!same_text(a->link.type, b->link.type) || a->link.neighbours != b->link.neighbours || a->link.mtu != b->link.mtu)
        return "link";
    const struct lk_trace_network *x = &a->network, *y = &b->network;
    if (x->rate[0] != y->rate[0] || x->rate[1] != y->rate[1] || x->delay[0] != y->delay[0] || x->delay[1] != y->delay[1] || x->queue != y->queue)
        return "network";
    if (!same_peer(&a->peer, &b->peer))
        return "peer";
    if (!same_text(a->config.profile, b->config.profile) || !same_text(a->config.pull, b->config.pull) ||
        !same_pairs(a->config.settings, a->config.setting_count, b->config.settings, b->config.setting_count))
        return "config";
    if (!same_match(&a->match, &b->match))
        return "match";
    if (!same_pairs(a->source, a->source_count, b->source, b->source_count))
        return "source";
    if (!same_capture(&a->capture, &b->capture))
        return "capture";
    if (!same_capture(&a->peer_capture, &b->peer_capture))
        return "peer capture";
    return lists_difference(a, b);
}
