/* From a URL to a page: lease, name, connection, request, content, close; one step after the other over the applications'
 * machines. `lockstep visit` and `lockstep fetch` are this, one on a simulated network, one on a real one. */
#ifndef LK_RUN_FETCH_H
#define LK_RUN_FETCH_H

#include "stack/apps/dhcp_client.h"
#include "stack/apps/dns_resolver.h"
#include "stack/apps/http_client.h"
#include "stack/run/url.h"

enum lk_fetch_step { LK_FETCH_LEASE = 0, LK_FETCH_RESOLVE, LK_FETCH_CONNECT, LK_FETCH_REQUEST, LK_FETCH_CONTENT, LK_FETCH_CLOSE, LK_FETCH_DONE, LK_FETCH_FAILED };
const char *lk_fetch_step_name(enum lk_fetch_step step); /* in plain words */

/* The machines it drives; dhcp NULL: the address is configured already. */
struct lk_fetch {
    struct lk_dhcp_client *dhcp;
    struct lk_dns_resolver *dns;
    struct lk_http_client *http;
    struct lk_url url;
    enum lk_fetch_step step, failed_at;
    int error;                  /* FAILED: LK_E_... */
    const char *what;           /* FAILED: in words, or NULL */
    uint32_t query, request;    /* numbers of the machines */
    bool asked, requested;      /* whether they are in use */
    uint32_t refusals;          /* of leases */
    struct lk_addr address[8];  /* of the host, tried in turn */
    uint32_t addresses, tried;
    uint16_t status;
    uint64_t length, received;  /* content: UINT64_MAX when not known before */
    uint8_t *head;              /* the caller's, to be set after init, or NULL: gets the field section of the answer, cut at head_cap */
    size_t head_cap, head_len;
};
void lk_fetch_init(struct lk_fetch *f, const struct lk_url *url, struct lk_dhcp_client *dhcp, struct lk_dns_resolver *dns, struct lk_http_client *http);
/* Goes on as far as it can. Content that came is handed out: *bytes, *len until the next call (len 0: none now, wait). Returns
 * the step it stands at. Call it again until len is 0. */
enum lk_fetch_step lk_fetch_next(struct lk_fetch *f, struct lk_stack *stack, const uint8_t **bytes, size_t *len, lk_time now);

#endif
