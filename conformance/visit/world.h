/* The simulated network of a visit: hosts that are stacks, links that are conformance/net's, one virtual clock. Not for use
 * outside this room. */
#ifndef LK_VISIT_WORLD_H
#define LK_VISIT_WORLD_H

#include "conformance/net/net.h"
#include "conformance/visit/view.h"
#include "conformance/visit/visit.h"
#include "stack/base/rng.h"
#include "stack/run/fetch.h"
#include "stack/run/run.h"

enum world_host_index { LAPTOP = 0, GATEWAY, ROUTER_1, ROUTER_2, DNS_SERVER, WEB_SERVER, HOSTS };
enum world_link_index { LINK_HOME = 0, LINK_ACCESS, LINK_CORE, LINK_DNS, LINK_WEB };

#define WORLD_MTU 1500
#define WORLD_FRAME (WORLD_MTU + 14)

struct world_host {
    struct lk_run run;
    struct lk_stack *stack;  /* run.stack */
};

/* What a host is to be: copied for each visit, since the URL may name the web server's address. */
struct plan_iface { uint32_t address, prefix; };
struct plan_route { uint32_t to, prefix, by, iface; };
struct plan { const char *name; uint8_t role; uint32_t ifaces; struct plan_iface iface[3]; uint32_t routes; struct plan_route route[2]; };

struct world_apps;

struct world {
    const struct lk_visit_options *options;
    struct lk_bump *memory;
    struct lk_net *net;
    struct lk_story *story;
    struct plan plan[HOSTS];
    struct world_host host[HOSTS];
    struct lk_url url;
    struct world_apps *apps;
    struct lk_rng luck;             /* decides what --loss loses */
    lk_time now;
    size_t packet_capacity;
    uint32_t happenings;            /* sendings and arrivals so far */
    uint32_t dropped[LK_VISIT_DROPS]; /* copies seen of what --drop names */
    uint32_t drop_link[LK_VISIT_DROPS]; /* where they are counted; LK_NONE before the first one */
    struct lk_endpoint dialled[2], heard[2]; /* the last connection: as the laptop opened it, as the web server saw it; local, remote */
    bool dials, hears;
    const uint8_t *page; uint64_t page_bytes;
    uint8_t *got; uint64_t got_bytes; /* what the laptop's application received */
    size_t got_capacity;
    bool over;                      /* the laptop's application is done, well or not */
    int error;                      /* LK_E_NOMEM, or 0 */
};

/* options.c: a page of that many bytes; NULL without memory. */
uint8_t *world_make_page(struct lk_bump *memory, uint64_t bytes);
/* hosts.c: the network as it stands before anything has moved. 0, LK_E_NOMEM, LK_E_INVALID (story->failure says why). */
int world_build(struct world *w);
/* A seed of its own for each host and purpose. */
void world_seed(const struct world *w, uint32_t host, uint8_t purpose, uint8_t seed[32]);

/* apps.c: the programs on the hosts: DHCP client, resolver and browser; DHCP server; DNS server; web server. */
int world_start_apps(struct world *w);
/* Browser or web server go on as far as they can. */
void world_run_apps(struct world *w, uint32_t host);

/* A frame arrived at a host. */
void world_arrival(struct world *w, uint32_t host, uint32_t iface, uint8_t *bytes, size_t len);
/* Whatever a host does of its own accord now: timers, applications. */
void world_act(struct world *w, uint32_t host);
lk_time world_deadline(const struct world *w, uint32_t host);

#endif
