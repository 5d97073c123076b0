/* What a frame says, in one flat struct: filled from its dissected fields, whatever was meant when it was sent. */
#ifndef LK_VISIT_VIEW_H
#define LK_VISIT_VIEW_H

#include "conformance/visit/visit.h"

#define LK_VISIT_TEXT 256
#define LK_VISIT_ADDRESSES 8

struct lk_visit_view {
    uint8_t kind;                  /* enum lk_visit_kind */
    bool sound;                    /* every header is whole and no checksum is wrong */
    const char *unsound;           /* or what is wrong, in some words */
    uint8_t eth_to[6], eth_from[6];
    bool arp, ip, udp, tcp, icmp, dns, dhcp;
    struct { uint8_t op, sender_mac[6], target_mac[6]; uint32_t sender, target; } a;
    uint32_t from, to;             /* IPv4 addresses */
    uint8_t ttl, protocol;
    uint32_t ip_at, ip_len, ip_id; /* offset in the frame, and Total Length */
    bool ip_sum_ok, l4_sum_ok;
    uint16_t from_port, to_port;
    bool by_server;                /* TCP and UDP: from the end that was called, not from the one that calls */
    uint32_t l4_at;                /* offset of the TCP, UDP or ICMP header */
    const uint8_t *data; uint32_t data_len; /* of TCP or UDP */
    uint32_t seq, ack, window;     /* TCP, as they stand there */
    bool syn, fin, rst, acks, psh;
    uint16_t mss; int wscale;      /* -1: none */
    uint8_t icmp_type, icmp_code;
    uint32_t xid, client, yours, server, router, mask, lease; /* DHCP */
    uint32_t name_server[LK_VISIT_ADDRESSES]; uint32_t name_servers;
    uint32_t requested;
    uint8_t message, chaddr[6];
    uint16_t dns_id, dns_type, dns_class; uint8_t rcode; bool dns_rd; /* DNS */
    char name[LK_VISIT_TEXT];
    uint32_t address[LK_VISIT_ADDRESSES], addresses, ttl_of_answer;
    char head[LK_VISIT_TEXT];      /* the first line of an HTTP message, when the data begins with one */
};

/* The DNS message at v->data. */
void lk_visit_look_dns(struct lk_visit_view *v);
/* Always fills *out. `web` is the web server's address: its end of a connection is told by that, since its port may be any, also one
 * above the client's. The ends of everything else are told by their ports. */
void lk_visit_look(const uint8_t *bytes, uint32_t len, uint32_t web, struct lk_visit_view *out);
/* The web server's address in a story; 0: it has none. */
uint32_t lk_visit_web(const struct lk_story *story);

#endif
