/* A visit: everything that happens between a name typed into a browser and the page, on a simulated network. Laptop, home
 * gateway with NAT, two routers, a DNS server and a web server, each an instance of our own stack, on links with delay.
 *
 *     lk_visit_options_init(&o); o.url = "www.google.com"; lk_visit_run(&o, memory, &story);
 *
 * Virtual time, no file, no clock: same options, same story. The loop is world.c, who is in it hosts.c, what a packet is
 * view.c, which act it belongs to acts.c, what is wrong judge_*.c, the words tell.c. */
#ifndef LK_VISIT_VISIT_H
#define LK_VISIT_VISIT_H

#include "conformance/visit/story.h"

/* What a packet is, as `--drop` and the words call it. Found from its bytes alone. */
enum lk_visit_kind {
    LK_VISIT_OTHER = 0, LK_VISIT_ARP_REQUEST, LK_VISIT_ARP_REPLY, LK_VISIT_ARP_PROBE, LK_VISIT_ARP_ANNOUNCEMENT,
    LK_VISIT_DISCOVER, LK_VISIT_OFFER, LK_VISIT_DHCP_REQUEST, LK_VISIT_DHCP_ACK, LK_VISIT_DHCP_NAK, LK_VISIT_DECLINE, LK_VISIT_RELEASE,
    LK_VISIT_QUESTION, LK_VISIT_ANSWER, LK_VISIT_SYN, LK_VISIT_SYN_ACK, LK_VISIT_PURE_ACK, LK_VISIT_GET, LK_VISIT_PAGE,
    LK_VISIT_FIN, LK_VISIT_RST, LK_VISIT_ICMP, LK_VISIT_KINDS
};
/* "SYN", "SYN-ACK", "DNS", "DNS-ANSWER", "GET", "PAGE", "FIN", "ACK", "ARP", "ARP-REPLY", "DISCOVER" ... */
const char *lk_visit_kind_name(enum lk_visit_kind kind);

/* The n-th packet of a kind is lost, counted from 1 on the link named, or on the first link that carries one. */
struct lk_visit_drop { uint8_t kind; uint32_t copy; const char *link; /* NULL */ };

#define LK_VISIT_DROPS 16
#define LK_VISIT_LINKS 5 /* home, access, core, dns, web */

struct lk_visit_options {
    const char *url;            /* http://HOST[:PORT][/PATH][?QUERY], or HOST alone */
    uint64_t seed;
    uint32_t loss;              /* of each frame on each link, in 1/10000 */
    struct lk_visit_drop drop[LK_VISIT_DROPS];
    uint32_t drops;
    lk_time delay[LK_VISIT_LINKS]; /* one way */
    uint64_t rate[LK_VISIT_LINKS]; /* bit/s, 0: a frame takes no time to be sent */
    const uint8_t *page;        /* what the web server has; NULL: a page of its own with page_bytes bytes */
    uint64_t page_bytes;        /* 0: the page's own length */
    const char *page_type;      /* Content-Type */
    bool no_such_name;          /* the DNS server does not know the name */
    bool refuse;                /* nobody listens on the web server's port */
};
void lk_visit_options_init(struct lk_visit_options *options);

/* Runs the visit and tells it: packets, acts, findings and words of *story are filled, in `memory`. 0, whether the visit went
 * well (story->whole) or not (story->failure says at which step and what to try). LK_E_INVALID: story->failure says what is
 * wrong with the options. LK_E_NOMEM: the budget of `memory` is used up. */
int lk_visit_run(const struct lk_visit_options *options, struct lk_bump *memory, struct lk_story *story);

#endif
