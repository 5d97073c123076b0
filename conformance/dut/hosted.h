/* The builtin device as a whole host: our stack, what runs on it, and the gateway, over the loop of stack/run. One file for each
 * kind of application (hosted_NAME.c). Inside this room only. */
#ifndef LK_DUT_HOSTED_H
#define LK_DUT_HOSTED_H

#include "conformance/dut/dut.h"
#include "stack/run/run.h"

struct lk_hosted;

/* What can run. Each function may be NULL. */
struct lk_hosted_kind {
    const char *runs;
    /* Before the stack is made: what its config needs beyond the trace's. */
    void (*configure)(const struct lk_dut_config *from, struct lk_config *config);
    /* The stack is there, with its addresses. 0 or negative: the config is unusable. */
    int (*create)(struct lk_hosted *h, const struct lk_dut_config *from, const uint8_t seed[32]);
    void (*destroy)(struct lk_hosted *h);
    /* An application call in words; it ends with lk_hosted_return(), now or later. -1: not known. */
    int (*call)(struct lk_hosted *h, uint32_t id, const char *words);
    /* After every step: hands out what has ended. */
    void (*look)(struct lk_hosted *h);
};
extern const struct lk_hosted_kind lk_hosted_udp_echo, lk_hosted_gateway, lk_hosted_dhcp_client, lk_hosted_dhcp_server, lk_hosted_dns_resolver, lk_hosted_dns_server,
    lk_hosted_http_server, lk_hosted_http_client;

struct lk_hosted_return { struct lk_hosted_return *next; uint32_t id; size_t len; char text[]; };

struct lk_hosted {
    bool hosted;                 /* first: tells it from the other kind of device */
    const struct lk_hosted_kind *kind;
    struct lk_run run;
    lk_time now;
    struct lk_hosted_return *first, **last, *handed;
    uint8_t *frame; size_t frame_cap;
    uint32_t still;
    bool no_memory, dead;
    void *memory, *more;         /* of the application: its machine, and what the kind keeps beside it */
    uint32_t waiting; bool waits; /* a call that has not returned */
};

/* Ends a call with a text (printf). */
void lk_hosted_return(struct lk_hosted *h, uint32_t id, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The n-th setting of that name, or NULL. */
const char *lk_hosted_app(const struct lk_dut_config *from, const char *name, size_t n);
/* Numbers, times (ns) and addresses among the settings; `otherwise` when there is none. Unreadable ones count as absent. */
int64_t lk_hosted_number(const struct lk_dut_config *from, const char *name, int64_t otherwise);
size_t lk_hosted_addresses(const struct lk_dut_config *from, const char *name, struct lk_addr *out, size_t most);
struct lk_addr lk_hosted_own(const struct lk_dut_config *from, size_t iface);
/* "NETWORK/PREFIX via ADDRESS": false at the first that is none, or behind the last. */
bool lk_hosted_route(const struct lk_dut_config *from, size_t n, struct lk_addr *network, uint32_t *prefix, struct lk_addr *via, uint32_t *iface);
/* Zeroed memory for a machine, 16-byte aligned; NULL for size 0. */
void *lk_hosted_memory(size_t size);

/* The functions of struct lk_dut, for a device that `runs` something. */
void *lk_hosted_create(const struct lk_dut_config *from, const struct lk_config *config, const uint8_t seed[32], int64_t now);
void lk_hosted_destroy(void *dut);
int lk_hosted_inject(void *dut, uint32_t iface, const uint8_t *frame, size_t len, int64_t at);
int lk_hosted_call(void *dut, uint32_t id, enum lk_dut_op op, const struct lk_dut_args *args, int64_t at);
int lk_hosted_advance(void *dut, int64_t until, struct lk_dut_happening *out);
#define LK_HOSTED_CAPABILITIES (LK_DUT_CAN_DO | LK_DUT_CAN_UDP_ECHO | LK_DUT_CAN_GATEWAY | LK_DUT_CAN_DNS_RESOLVER | LK_DUT_CAN_DNS_SERVER | LK_DUT_CAN_DHCP_CLIENT | \
                                LK_DUT_CAN_DHCP_SERVER | LK_DUT_CAN_HTTP_SERVER | LK_DUT_CAN_HTTP_CLIENT)

#endif
