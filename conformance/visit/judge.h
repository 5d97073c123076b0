/* What is wrong with a story: each act held against its RFCs, by what was captured on the links alone. Only the cast is taken
 * from the simulation: who is on which link with which addresses, and what page the web server has. Not for use outside this
 * room. */
#ifndef LK_VISIT_JUDGE_H
#define LK_VISIT_JUDGE_H

#include "conformance/visit/acts.h"
#include "stack/run/url.h"

struct judge {
    struct lk_story *story;
    const struct lk_visit_view *view;
    struct lk_url url;
    size_t capacity;      /* of findings */
    uint32_t lease;       /* the laptop's address as the ACK that reached it says; 0: none */
    uint32_t lease_packet;/* number of that ACK */
    uint32_t resolver;    /* the DNS server that the lease names */
    bool lossless;        /* nothing was lost on any link */
    int error;            /* LK_E_NOMEM */
};

/* Everything below fills story->findings. 0, or LK_E_NOMEM. Then act->held says which acts held. */
int lk_visit_judge(struct lk_visit_reading *reading);

void judge_lease(struct judge *j);
void judge_arp(struct judge *j);
void judge_name(struct judge *j);
void judge_route(struct judge *j);
void judge_nat(struct judge *j);
void judge_tcp(struct judge *j);
void judge_http(struct judge *j);

/* `packet` is an index, LK_NONE for none; `requirement` NULL where no row of the catalogue says it. */
void judge_found(struct judge *j, uint8_t act, uint32_t packet, const char *requirement, const char *format, ...) __attribute__((format(printf, 5, 6)));

#define JUDGE_TEXT 16
const char *judge_ip(uint32_t ip, char out[JUDGE_TEXT]);
/* The host that has an address: LK_NONE, nobody. */
uint32_t judge_owner(const struct judge *j, uint32_t ip);
/* The interface of a host on a link. */
uint32_t judge_iface(const struct judge *j, uint32_t host, uint32_t link);
/* The link that leads from one host to another: the network is a tree. */
uint32_t judge_way(const struct judge *j, uint32_t from, uint32_t to);
bool judge_is_private(uint32_t ip); /* RFC 1918 */

#endif
