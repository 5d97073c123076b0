/* The loop: frames arrive, hosts act, frames leave, the clock goes on to whatever comes next. Every frame that leaves becomes a
 * packet of the story, and here it is decided whether it is lost. */
#include "conformance/visit/acts.h"
#include "conformance/visit/judge.h"
#include "conformance/visit/tell.h"
#include "conformance/visit/world.h"
#include "stack/base/error.h"
#include <string.h>

#define LONGEST (2 * 3600 * LK_SECOND) /* of a visit, in virtual time */
#define MOST_PACKETS 4000000u

static uint32_t port_of(uint32_t host, uint32_t iface)
{
    return host * 8 + iface;
}

/* ---- what is lost ---- */

/* --drop: the n-th packet of a kind, on the link named or the first one that carries such a packet. */
static bool dropped(struct world *w, const struct lk_visit_view *view, uint32_t link)
{
    bool lost = false;
    for (uint32_t i = 0; i < w->options->drops; i++) {
        const struct lk_visit_drop *drop = &w->options->drop[i];
        if (drop->kind != view->kind)
            continue;
        if (w->drop_link[i] == LK_NONE && (drop->link == NULL || strcmp(drop->link, w->story->links[link].name) == 0))
            w->drop_link[i] = link;
        if (w->drop_link[i] == link && ++w->dropped[i] == drop->copy)
            lost = true;
    }
    return lost;
}

static bool unlucky(struct world *w)
{
    return w->options->loss > 0 && lk_rng_below(&w->luck, 10000) < w->options->loss;
}

/* ---- frames ---- */

/* The endpoints of the connection, so that the end of TIME-WAIT can be awaited. */
static void note_connection(struct world *w, uint32_t host, const struct lk_visit_view *view)
{
    if (view->kind == LK_VISIT_SYN && host == LAPTOP) {
        w->dialled[0] = (struct lk_endpoint){.address = lk_addr_from_ip4(view->from), .iface = LK_ANY, .port = view->from_port};
        w->dialled[1] = (struct lk_endpoint){.address = lk_addr_from_ip4(view->to), .iface = LK_ANY, .port = view->to_port};
        w->dials = true;
    }
    if (view->kind == LK_VISIT_SYN_ACK && host == WEB_SERVER) {
        w->heard[0] = (struct lk_endpoint){.address = lk_addr_from_ip4(view->from), .iface = LK_ANY, .port = view->from_port};
        w->heard[1] = (struct lk_endpoint){.address = lk_addr_from_ip4(view->to), .iface = LK_ANY, .port = view->to_port};
        w->hears = true;
    }
}

static struct lk_story_packet *new_packet(struct world *w)
{
    void *grown = lk_bump_grow(w->memory, w->story->packets, w->story->packet_count, &w->packet_capacity, sizeof *w->story->packets);
    if (grown == NULL || w->story->packet_count >= MOST_PACKETS) {
        w->error = LK_E_NOMEM;
        return NULL;
    }
    w->story->packets = grown;
    struct lk_story_packet *packet = &w->story->packets[w->story->packet_count++];
    memset(packet, 0, sizeof *packet);
    packet->number = (uint32_t)w->story->packet_count;
    return packet;
}

static void send_frame(struct world *w, uint32_t host, uint32_t iface, const uint8_t *bytes, size_t len)
{
    struct lk_visit_view view;
    struct lk_story *story = w->story;
    uint32_t link = story->hosts[host].iface[iface].link;
    struct lk_story_packet *packet = new_packet(w);
    if (packet == NULL)
        return;
    lk_visit_look(bytes, (uint32_t)len, lk_visit_web(story), &view);
    note_connection(w, host, &view);
    packet->link = link;
    packet->from = host;
    packet->to = story->links[link].host[story->links[link].host[0] == host];
    packet->sent_at = w->now;
    packet->sent_order = ++w->happenings;
    packet->bytes = lk_bump_copy(w->memory, bytes, len);
    packet->len = (uint32_t)len;
    bool named = dropped(w, &view, link); /* counted whether or not luck has it anyway */
    struct lk_net_fate fate = {.lost = unlucky(w) || named};
    if (packet->bytes == NULL || lk_net_send(w->net, port_of(host, iface), bytes, len, w->now, &fate, packet->number, &packet->arrived_at) < 0)
        w->error = LK_E_NOMEM;
}

/* Everything the host has to say now. */
static void pull(struct world *w, uint32_t host)
{
    uint8_t bytes[WORLD_FRAME];
    for (;;) {
        struct lk_frame frame = {.size_of = sizeof frame, .bytes = bytes, .cap = sizeof bytes};
        int len = lk_run_tx(&w->host[host].run, LK_ANY, &frame, w->now);
        if (len <= 0 || w->error != 0)
            return;
        send_frame(w, host, frame.iface, bytes, (size_t)len);
    }
}

static void receive(struct world *w)
{
    struct lk_net_frame arrived;
    uint8_t bytes[WORLD_FRAME];
    while (w->error == 0 && lk_net_receive(w->net, w->now, &arrived)) {
        uint32_t host = arrived.to / 8;
        w->story->packets[arrived.tag - 1].arrived_order = ++w->happenings;
        memcpy(bytes, arrived.bytes, arrived.len);
        world_arrival(w, host, arrived.to % 8, bytes, arrived.len);
        pull(w, host); /* a kernel answers before its application wakes up */
        world_act(w, host);
        pull(w, host);
    }
}

/* ---- time ---- */

static bool connection_gone(const struct world *w, uint32_t host, const struct lk_endpoint pair[2])
{
    struct lk_sock_info info;
    return lk_tuple_info(w->host[host].stack, &pair[0], &pair[1], &info) == LK_E_NOTCONN;
}

/* The application is done, nothing is on its way, and the connection is forgotten at both ends: TIME-WAIT is over. */
static bool finished(const struct world *w)
{
    return w->over && lk_net_next(w->net) == LK_NEVER && (!w->dials || connection_gone(w, LAPTOP, w->dialled)) &&
           (!w->hears || connection_gone(w, WEB_SERVER, w->heard));
}

static lk_time next_time(const struct world *w)
{
    lk_time next = lk_net_next(w->net);
    for (uint32_t i = 0; i < HOSTS; i++)
        next = lk_time_min(next, world_deadline(w, i));
    return next;
}

static int run(struct world *w)
{
    for (uint32_t idle = 0; idle < 1000;) { /* a host that wants to act for ever and does nothing would stop the clock */
        size_t before = w->story->packet_count;
        receive(w);
        for (uint32_t i = 0; i < HOSTS && w->error == 0; i++)
            if (world_deadline(w, i) <= w->now) {
                world_act(w, i);
                pull(w, i);
            }
        if (w->error != 0 || finished(w))
            return w->error;
        lk_time next = next_time(w);
        if (next == LK_NEVER || next > LONGEST)
            return 0;
        idle = next > w->now || w->story->packet_count > before ? 0 : idle + 1;
        if (next > w->now)
            w->now = next;
    }
    w->story->failure = "the simulation: a host does not come to rest";
    return 0;
}

static int prepare_page(struct world *w)
{
    const struct lk_visit_options *o = w->options;
    w->page = o->page != NULL ? o->page : world_make_page(w->memory, o->page_bytes);
    w->page_bytes = o->page_bytes;
    return w->page == NULL ? LK_E_NOMEM : 0;
}

static int read_url(struct world *w)
{
    int error = lk_url_parse(w->options->url, &w->url);
    if (error == LK_E_UNSUPPORTED)
        w->story->failure = "only http:// to a name or an IPv4 address can be visited: the simulated servers speak neither TLS nor IPv6";
    else if (error != 0)
        w->story->failure = "this is no URL; try one like www.google.com or http://www.google.com/path";
    return error == 0 ? 0 : LK_E_INVALID;
}

int lk_visit_run(const struct lk_visit_options *options, struct lk_bump *memory, struct lk_story *story)
{
    uint8_t seed[32] = {0};
    struct lk_visit_reading reading;
    memset(story, 0, sizeof *story);
    story->memory = memory;
    struct world *w = lk_bump_take(memory, sizeof *w);
    if (w == NULL)
        return LK_E_NOMEM;
    story->url = options->url;
    w->options = options;
    w->memory = memory;
    w->story = story;
    for (int i = 0; i < 8; i++)
        seed[i] = (uint8_t)(options->seed >> 8 * i);
    lk_rng_init(&w->luck, seed, 1);
    memset(w->drop_link, 0xff, sizeof w->drop_link);
    int error = prepare_page(w);
    if (error == 0)
        error = read_url(w);
    if (error == 0)
        error = world_build(w);
    if (error == 0)
        error = run(w);
    story->ended = w->now;
    story->page = w->page;
    story->page_bytes = w->page_bytes;
    if (error == 0 && !w->over && story->failure == NULL)
        story->failure = "the page does not come: the browser still waits when nothing happens any more";
    story->got = w->got;
    story->got_bytes = w->got_bytes;
    if (error == 0)
        error = lk_visit_acts(story, &reading);
    if (error == 0)
        error = lk_visit_judge(&reading);
    return error == 0 ? lk_visit_tell(&reading) : error;
}
