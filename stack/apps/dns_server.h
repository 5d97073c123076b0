/* A small authoritative server (RFC 1034 4.3.2, RFC 1035, RFC 6891, RFC 7766) over UDP and TCP: answers from a zone table that
 * the caller owns, with CNAMEs followed inside it, NXDOMAIN and no-data with the SOA, truncation, EDNS0. It never recurses. */
#ifndef LK_APPS_DNS_SERVER_H
#define LK_APPS_DNS_SERVER_H

#include "stack/apps/app.h"

struct lk_dns_server; /* opaque */
extern const struct lk_app_kind lk_dns_server_app;

/* A record in presentation form of its parts, so that zones can be written down as constants. */
struct lk_dns_zone_record {
    const char *name;        /* "www.example.com." */
    uint16_t type;           /* LK_DNS_A ... (stack/wire/dns.h) */
    uint32_t ttl;            /* s */
    const uint8_t *data;     /* RDATA, names in it uncompressed */
    uint16_t len;
};
struct lk_dns_zone { const char *origin; const struct lk_dns_zone_record *record; size_t count; };

struct lk_dns_server_config {
    uint32_t size_of;
    uint16_t port;           /* 53 */
    uint16_t udp_size;       /* largest UDP answer; 512 without EDNS0 */
    uint32_t tcp_connections;/* at once; 0: UDP only */
    lk_time tcp_idle;        /* RFC 7766 6.2.3 */
    struct lk_endpoint local;/* address any: all of this host's */
};
void lk_dns_server_config_init(struct lk_dns_server_config *config);
size_t lk_dns_server_footprint(const struct lk_dns_server_config *config);
/* `zone` is borrowed for the server's life. */
int lk_dns_server_init(void *memory, size_t size, const struct lk_dns_server_config *config, const struct lk_dns_zone *zone, lk_time now);
/* Opens the sockets. 0, or what bind and listen say. */
int lk_dns_server_start(struct lk_dns_server *s, struct lk_stack *stack, lk_time now);

#endif
