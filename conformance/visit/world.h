/* The simulated network of a visit: hosts that are stacks, links that are conformance/net's, one virtual clock. Not for use
 * outside this room. */
#ifndef LK_VISIT_WORLD_H
#define LK_VISIT_WORLD_H

#include "conformance/net/net.h"
#include "conformance/visit/view.h"
#include "conformance/visit/visit.h"
#include "stack/base/rng.h"
#include "stack/run/run.h"

enum world_host_index { LAPTOP = 0, GATEWAY, ROUTER_1, ROUTER_2, DNS_SERVER, WEB_SERVER, HOSTS };
enum world_link_index { LINK_HOME = 0, LINK_ACCESS, LINK_CORE, LINK_DNS, LINK_WEB };

#define WORLD_MTU 1500
#define WORLD_FRAME (WORLD_MTU + 14)

struct world_host {
    struct lk_run run;
    struct lk_stack *stack;  /* run.stack */
};

struct world {
    const struct lk_visit_options *options;
    struct lk_bump *memory;
    struct lk_net *net;
    struct lk_story *story;
    struct world_host host[HOSTS];
    struct lk_rng luck;             /* decides what --loss loses */
    lk_time now;
    size_t packet_capacity;
    uint32_t dropped[LK_VISIT_DROPS]; /* copies seen of what --drop names */
    uint32_t drop_link[LK_VISIT_DROPS]; /* where they are counted; LK_NONE before the first one */
    struct lk_endpoint dialled[2], heard[2]; /* the last connection: as the laptop opened it, as the web server saw it; local, remote */
    bool dials, hears;
    const uint8_t *page; uint64_t page_bytes;
    uint8_t *got; uint64_t got_bytes; /* what the laptop's application received */
    bool over;                      /* the laptop's application is done, well or not */
    int error;                      /* LK_E_NOMEM, or 0 */
};

/* options.c: a page of that many bytes; NULL without memory. */
uint8_t *world_make_page(struct lk_bump *memory, uint64_t bytes);
/* hosts.c: the network as it stands before anything has moved. 0, LK_E_NOMEM, LK_E_INVALID (story->failure says why). */
int world_build(struct world *w);
/* A frame arrived at a host. */
void world_arrival(struct world *w, uint32_t host, uint32_t iface, uint8_t *bytes, size_t len);
/* Whatever a host does of its own accord now: timers, applications. */
void world_act(struct world *w, uint32_t host);
lk_time world_deadline(const struct world *w, uint32_t host);

#endif
