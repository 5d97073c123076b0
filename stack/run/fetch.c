/* One step after the other. Each step_...() goes on as far as it can; true: the next step may go on at once. */
#include "stack/run/fetch.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"

#define TYPE_A 1            /* RFC 1035 3.2.2 */
#define LEASE_TRIES 4u      /* refusals and conflicts before it is given up */
#define ADDRESSES (sizeof((struct lk_fetch *)0)->address / sizeof(struct lk_addr))

const char *lk_fetch_step_name(enum lk_fetch_step step)
{
    static const char *const names[] = {
        [LK_FETCH_LEASE] = "getting an address", [LK_FETCH_RESOLVE] = "looking up the name", [LK_FETCH_CONNECT] = "connecting",
        [LK_FETCH_REQUEST] = "asking for the page", [LK_FETCH_CONTENT] = "receiving the page", [LK_FETCH_CLOSE] = "closing",
        [LK_FETCH_DONE] = "done", [LK_FETCH_FAILED] = "failed",
    };
    return step <= LK_FETCH_FAILED ? names[step] : "?";
}

void lk_fetch_init(struct lk_fetch *f, const struct lk_url *url, struct lk_dhcp_client *dhcp, struct lk_dns_resolver *dns, struct lk_http_client *http)
{
    lk_memset(f, 0, sizeof *f);
    f->dhcp = dhcp;
    f->dns = dns;
    f->http = http;
    f->url = *url;
    f->step = dhcp != NULL ? LK_FETCH_LEASE : LK_FETCH_RESOLVE;
    f->length = UINT64_MAX;
}

static bool fail(struct lk_fetch *f, int error, const char *what)
{
    f->failed_at = f->step;
    f->step = LK_FETCH_FAILED;
    f->error = error;
    f->what = what;
    return false;
}

/* ---- the lease ---- */

static bool leased(struct lk_fetch *f, const struct lk_dhcp_lease *lease, lk_time now)
{
    struct lk_endpoint server[LK_DHCP_ADDRESSES];
    lk_memset(server, 0, sizeof server);
    for (uint32_t i = 0; i < lease->dns_servers && i < LK_DHCP_ADDRESSES; i++) {
        server[i].address = lease->dns_server[i];
        server[i].iface = LK_ANY;
    }
    if (lease->dns_servers > 0) { /* none: those the resolver was given at first stay */
        int error = lk_dns_resolver_servers(f->dns, server, lease->dns_servers, now);
        if (error != 0)
            return fail(f, error, "the lease names DNS servers that cannot be used");
    }
    f->step = LK_FETCH_RESOLVE;
    return true;
}

static bool step_lease(struct lk_fetch *f, lk_time now)
{
    struct lk_dhcp_event event;
    struct lk_dhcp_lease lease;
    while (lk_dhcp_client_next(f->dhcp, &event)) {
        if (event.error == LK_E_TIMEDOUT)
            return fail(f, event.error, "no DHCP server answered");
        if (event.error != 0 && ++f->refusals >= LEASE_TRIES)
            return fail(f, event.error, event.error == LK_E_ADDRINUSE ? "every address that was offered is in use by somebody" : "the DHCP server refuses");
    }
    return lk_dhcp_client_lease(f->dhcp, &lease) && leased(f, &lease, now);
}

/* ---- the name ---- */

static const char *why_unresolved(const struct lk_dns_result *result)
{
    if (result->error == LK_E_NOTFOUND)
        return result->rcode == 3 ? "there is no such name" : "the name has no IPv4 address";
    if (result->error == LK_E_TIMEDOUT)
        return "no DNS server answered";
    return result->error == LK_E_CONNREFUSED ? "the DNS servers refuse to answer, or fail" : NULL;
}

static bool resolved(struct lk_fetch *f, const struct lk_dns_result *result)
{
    struct lk_addr address;
    if (result->error != 0)
        return fail(f, result->error, why_unresolved(result));
    for (uint32_t i = 0; f->addresses < ADDRESSES && lk_dns_result_address(result, i, &address) == 0; i++)
        if (lk_addr_is_ip4(&address)) /* the stack has no IPv6 */
            f->address[f->addresses++] = address;
    if (f->addresses == 0)
        return fail(f, LK_E_NOTFOUND, "the name has no IPv4 address");
    f->step = LK_FETCH_CONNECT;
    return true;
}

static bool step_resolve(struct lk_fetch *f, struct lk_stack *stack, lk_time now)
{
    struct lk_dns_result result;
    if (f->url.is_address) {
        f->address[f->addresses++] = f->url.address;
        f->step = LK_FETCH_CONNECT;
        return true;
    }
    if (!f->asked) {
        int error = lk_dns_resolve(f->dns, stack, f->url.host, TYPE_A, &f->query, now);
        if (error != 0)
            return fail(f, error, error == LK_E_DESTADDRREQ ? "no DNS server is known" : "the name cannot be asked for");
        f->asked = true;
    }
    while (lk_dns_resolver_next(f->dns, &result))
        if (result.query == f->query)
            return resolved(f, &result);
    return false;
}

/* ---- connection, request, content ---- */

/* Asks the next address. RFC 1123 2.3: a client should try all of them until one succeeds. */
static bool ask(struct lk_fetch *f, struct lk_stack *stack, lk_time now)
{
    int error = LK_E_HOSTUNREACH;
    while (f->tried < f->addresses) {
        struct lk_http_request request = {.method = "GET", .host = f->url.host_field, .target = f->url.target, .fields = "Accept: */*\r\n"};
        request.server.address = f->address[f->tried++];
        request.server.iface = LK_ANY;
        request.server.port = f->url.port;
        error = lk_http_client_request(f->http, stack, &request, &f->request, now);
        if (error == 0) {
            f->requested = true;
            return true;
        }
    }
    return fail(f, error, error == LK_E_NETUNREACH ? "there is no route to the server" : NULL);
}

static bool lost(struct lk_fetch *f, const struct lk_http_client_event *event)
{
    if (f->step == LK_FETCH_CONNECT && f->tried < f->addresses) {
        f->requested = false; /* the next one */
        return true;
    }
    return fail(f, event->error, event->what);
}

static void keep_head(struct lk_fetch *f, const struct lk_http_client_event *event)
{
    f->head_len = f->head == NULL ? 0 : event->len < f->head_cap ? event->len : f->head_cap;
    if (f->head_len > 0)
        lk_memcpy(f->head, event->bytes, f->head_len);
}

/* What the HTTP client tells. */
static bool told(struct lk_fetch *f, const struct lk_http_client_event *event, const uint8_t **bytes, size_t *len)
{
    switch (event->kind) {
    case LK_HTTP_CONNECTED: f->step = LK_FETCH_REQUEST; return true;
    case LK_HTTP_HEAD:
        if (event->status < 200)
            return true; /* RFC 9110 15.2: another head follows */
        f->status = event->status;
        f->length = event->length;
        keep_head(f, event);
        f->step = LK_FETCH_CONTENT;
        return true;
    case LK_HTTP_BODY:
        f->received += event->len;
        *bytes = event->bytes;
        *len = event->len;
        return event->len == 0;
    case LK_HTTP_END: f->step = LK_FETCH_CLOSE; return true;
    case LK_HTTP_FAILED: return lost(f, event);
    default: return true;
    }
}

static bool step_exchange(struct lk_fetch *f, struct lk_stack *stack, const uint8_t **bytes, size_t *len, lk_time now)
{
    struct lk_http_client_event event;
    if (!f->requested)
        return ask(f, stack, now);
    while (lk_http_client_next(f->http, stack, &event, now))
        if (event.id == f->request)
            return told(f, &event, bytes, len);
    return false;
}

static bool step_close(struct lk_fetch *f, struct lk_stack *stack, lk_time now)
{
    lk_http_client_close(f->http, stack, now);
    f->step = LK_FETCH_DONE;
    return false;
}

enum lk_fetch_step lk_fetch_next(struct lk_fetch *f, struct lk_stack *stack, const uint8_t **bytes, size_t *len, lk_time now)
{
    bool on = true;
    *bytes = NULL;
    *len = 0;
    while (on) {
        switch (f->step) {
        case LK_FETCH_LEASE: on = step_lease(f, now); break;
        case LK_FETCH_RESOLVE: on = step_resolve(f, stack, now); break;
        case LK_FETCH_CONNECT:
        case LK_FETCH_REQUEST:
        case LK_FETCH_CONTENT: on = step_exchange(f, stack, bytes, len, now); break;
        case LK_FETCH_CLOSE: on = step_close(f, stack, now); break;
        default: on = false;
        }
    }
    return f->step;
}
