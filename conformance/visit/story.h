/* The story of a visit: who took part, every frame on every link, the acts, and what is wrong with them. Filled by the
 * simulation (visit.h), read by the text (tell.h), the page (page.h) and the captures. All memory hangs on one lk_bump.
 *
 * What is said about a packet is made from its bytes and from packets before it, never from what the simulation meant to send. */
#ifndef LK_VISIT_STORY_H
#define LK_VISIT_STORY_H

#include "conformance/timeline/bump.h"
#include "stack/base/types.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lk_story_language { LK_STORY_EN = 0, LK_STORY_KO = 1, LK_STORY_LANGUAGES };
enum lk_story_role { LK_STORY_CLIENT = 0, LK_STORY_GATEWAY, LK_STORY_ROUTER, LK_STORY_DNS, LK_STORY_WEB };

struct lk_story_host {
    const char *name;          /* "laptop", "gateway", "router-1", ... */
    uint8_t role;              /* enum lk_story_role */
    uint32_t ifaces;
    struct { uint8_t mac[6]; uint32_t link; struct lk_addr address; /* unspecified: by DHCP */ uint32_t prefix; bool outside; /* of the NAT */ } iface[8];
};

struct lk_story_link { const char *name; /* "home", "access", ...: also the capture's file name */ uint32_t host[2], iface[2]; lk_time delay; };

enum lk_story_act_kind { LK_ACT_LEASE = 0, LK_ACT_ARP_GATEWAY, LK_ACT_NAME, LK_ACT_ROUTE, LK_ACT_NAT, LK_ACT_ARP_LAST_HOP, LK_ACT_HANDSHAKE, LK_ACT_REQUEST,
                         LK_ACT_RESPONSE, LK_ACT_CLOSE, LK_ACT_TIME_WAIT, LK_ACTS };

struct lk_story_packet {
    uint32_t number;           /* from 1, in order of sent_at; as shown */
    uint32_t link_number;      /* its frame number in the capture of its link, from 1 */
    uint32_t link, from, to;   /* indices of link and hosts */
    lk_time sent_at, arrived_at; /* LK_NEVER: lost on the way */
    const uint8_t *bytes; uint32_t len;
    uint8_t act;               /* enum lk_story_act_kind */
    bool repeated;             /* the same was sent before: a retransmission */
    uint32_t same_as;          /* number of the packet of the hop before that was forwarded as this one; 0: it starts here */
    uint32_t repeats;          /* number of the first one of which this is a repetition; 0 */
    const char *line[LK_STORY_LANGUAGES];    /* one line of plain words */
    const char *why[LK_STORY_LANGUAGES];     /* one more: why it was sent, and which layer added what */
    uint32_t sent_order, arrived_order; /* all sendings and arrivals in the order in which they happened, from 1; 0: lost */
};

struct lk_story_finding { uint8_t act; uint32_t packet; /* number, 0: none */ const char *requirement; /* or NULL */ const char *message; };

struct lk_story_act {
    uint8_t kind;
    bool happened, held;
    uint32_t first, last;      /* packet numbers, 0: none */
    lk_time from, to;
    const char *title[LK_STORY_LANGUAGES], *summary[LK_STORY_LANGUAGES];
};

struct lk_story {
    struct lk_bump *memory;
    const char *url, *seed_text;
    struct lk_story_host *hosts; size_t host_count;
    struct lk_story_link *links; size_t link_count;
    struct lk_story_packet *packets; size_t packet_count;
    struct lk_story_act acts[LK_ACTS];
    struct lk_story_finding *findings; size_t finding_count;
    bool whole;                /* the page arrived byte for byte, and every act held */
    uint64_t page_bytes;
    const uint8_t *page;       /* what the web server has; page_bytes long */
    const uint8_t *got; uint64_t got_bytes; /* what the laptop's application received */
    const char *failure;       /* NULL, or in one line at which step the visit ended and what to try */
    const char *failure_in[LK_STORY_LANGUAGES]; /* the same in each language */
    lk_time ended;
};

#endif
