/* The client's machine: figure 5 of RFC 2131. What it sends is built in dhcp_client_send.c, what comes is judged by dhcp_params.c. */
#include "stack/apps/dhcp_client_state.h"
#include "stack/base/mem.h"

enum { GIVE_UP_AFTER = 4 };       /* transmissions of a REQUEST: 4 + 8 + 16 + 32 s (RFC 2131 3.1, step 5) */
enum { MAX_CONFLICTS = 10 };      /* RFC 5227 1.1 */
#define RATE_LIMIT_INTERVAL (60 * LK_SECOND)
#define AFTER_DECLINE (10 * LK_SECOND) /* RFC 2131 3.1, step 5 */
#define LEAST_RETRY (60 * LK_SECOND)   /* RFC 2131 4.4.5 */

static void tell(struct lk_dhcp_client *c, enum lk_dhcp_state state, int error)
{
    if (c->events == DHCP_EVENTS) { /* nobody asks: the oldest goes */
        c->first_event = (c->first_event + 1) % DHCP_EVENTS;
        c->events--;
    }
    c->event[(c->first_event + c->events) % DHCP_EVENTS] = (struct lk_dhcp_event){.state = state, .error = error};
    c->events++;
}

static void enter(struct lk_dhcp_client *c, enum lk_dhcp_state state, int error)
{
    c->state = state;
    tell(c, state, error);
}

/* A random time from 0 to below `span`. */
static lk_time some_of(struct lk_dhcp_client *c, lk_time span)
{
    return span <= 0 ? 0 : (lk_time)(lk_rng_next(&c->rng) % (uint64_t)span);
}

/* RFC 2131 4.1: 4 s, doubled up to 64 s, each randomised by -1 to +1 s. `tries` transmissions have been made. */
static lk_time backoff(struct lk_dhcp_client *c, uint32_t tries)
{
    lk_time delay = (LK_SECOND * 4) << (tries > 5 ? 4 : tries - 1);
    return delay - LK_SECOND + some_of(c, 2 * LK_SECOND + 1);
}

static void new_xid(struct lk_dhcp_client *c)
{
    c->xid = (uint32_t)lk_rng_next(&c->rng);
}

/* ---- what the lease configures ---- */

static void drop_route(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time now)
{
    if (c->has_route)
        lk_route_remove_by(stack, lk_addr_from_ip4(0), 0, c->gateway, c->config.iface, now);
    c->has_route = false;
}

/* The default route by the first router that is on link; the stack's table refuses none of these but for want of room. */
static void set_route(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time now)
{
    const struct lk_dhcp_lease *lease = &c->lease;
    for (uint32_t i = 0; i < lease->routers; i++) {
        if (lease->prefix < 32 && !lk_addr_in_prefix(&lease->router[i], &lease->address, 96 + lease->prefix))
            continue;
        if (c->has_route && lk_addr_equal(&c->gateway, &lease->router[i]))
            return;
        drop_route(c, stack, now);
        c->gateway = lease->router[i];
        c->has_route = lk_route_add(stack, lk_addr_from_ip4(0), 0, c->gateway, c->config.iface, now) == 0;
        return;
    }
    drop_route(c, stack, now);
}

/* RFC 2131 4.4.5: nothing is sent from the address any more. */
static void unconfigure(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time now)
{
    drop_route(c, stack, now);
    if (c->has_address)
        lk_addr_remove(stack, c->config.iface, c->lease.address, now);
    c->has_address = false;
}

/* Times of the lease from when the request was sent (4.4.1, 4.4.5). T1 and T2 are taken up to 1/64 early, so that clients which
 * began together do not renew together; an earlier renewal is allowed. */
static void set_times(struct lk_dhcp_client *c, const struct dhcp_params *p)
{
    struct lk_dhcp_lease *lease = &c->lease;
    lease->t1 = lease->t2 = lease->expires = LK_NEVER;
    if (p->lease == DHCP_INFINITE)
        return;
    lk_time all = p->lease * LK_SECOND;
    lk_time t1 = p->t1 != 0 ? p->t1 * LK_SECOND : all / 2;
    lk_time t2 = p->t1 != 0 ? p->t2 * LK_SECOND : all / 8 * 7;
    t2 -= some_of(c, t2 / 64 < (t2 - t1) / 2 ? t2 / 64 : (t2 - t1) / 2);
    t1 -= some_of(c, t1 / 64);
    lease->t1 = lk_time_add(c->sent, t1);
    lease->t2 = lk_time_add(c->sent, t2);
    lease->expires = lk_time_add(c->sent, all);
}

static void set_lease(struct lk_dhcp_client *c, const struct dhcp_params *p)
{
    struct lk_dhcp_lease *lease = &c->lease;
    lk_memset(lease, 0, sizeof *lease);
    lease->address = lk_addr_from_ip4(p->address);
    lease->server = lk_addr_from_ip4(p->server);
    lease->prefix = p->prefix;
    lease->routers = p->routers;
    lease->dns_servers = p->dns_servers;
    for (uint32_t i = 0; i < p->routers; i++)
        lease->router[i] = lk_addr_from_ip4(p->router[i]);
    for (uint32_t i = 0; i < p->dns_servers; i++)
        lease->dns_server[i] = lk_addr_from_ip4(p->dns_server[i]);
    lk_memcpy(lease->domain, p->domain, sizeof lease->domain);
    set_times(c, p);
}

/* ---- the states ---- */

/* Back to INIT, to begin again after `wait`. */
static void begin_again(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time wait, int error, lk_time now)
{
    unconfigure(c, stack, now);
    c->began = c->due = lk_time_add(now, wait);
    c->has_offer = false;
    enter(c, LK_DHCP_INIT, error);
}

/* A server that refuses again and again is asked less and less often. */
static void begin_after_failure(struct lk_dhcp_client *c, struct lk_stack *stack, int error, lk_time now)
{
    lk_time wait = c->failures == 0 ? 0 : backoff(c, c->failures);
    c->failures += c->failures < 6;
    begin_again(c, stack, wait, error, now);
}

static void start_request(struct lk_dhcp_client *c, struct lk_stack *stack, enum lk_dhcp_state state, lk_time now)
{
    enter(c, state, 0);
    c->tries = 1;
    c->sent = now; /* of the first copy: the lease counts from the original request */
    dhcp_client_send(c, stack, LK_DHCP_REQUEST, now);
    c->due = lk_time_add(now, backoff(c, c->tries));
}

static void start_discover(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time now)
{
    new_xid(c);
    c->began = now;
    c->has_offer = false;
    enter(c, LK_DHCP_SELECTING, 0);
    c->tries = 1;
    c->secs = 0;
    dhcp_client_send(c, stack, LK_DHCP_DISCOVER, now);
    c->due = lk_time_add(now, backoff(c, c->tries));
}

static void start_reboot(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time now)
{
    new_xid(c);
    c->began = now;
    c->secs = 0;
    start_request(c, stack, LK_DHCP_REBOOTING, now);
}

static uint16_t seconds_since(lk_time began, lk_time now)
{
    lk_time s = (now - began) / LK_SECOND;
    return s < 0 ? 0 : s > UINT16_MAX ? UINT16_MAX : (uint16_t)s;
}

static void selecting_due(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time now)
{
    if (c->has_offer) {
        start_request(c, stack, LK_DHCP_REQUESTING, now);
        return;
    }
    if (c->tries >= GIVE_UP_AFTER)
        tell(c, LK_DHCP_SELECTING, LK_E_TIMEDOUT); /* and it goes on asking */
    c->tries++;
    c->secs = seconds_since(c->began, now);
    dhcp_client_send(c, stack, LK_DHCP_DISCOVER, now);
    c->due = lk_time_add(now, backoff(c, c->tries));
}

static void request_due(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time now)
{
    if (c->tries >= GIVE_UP_AFTER) {
        c->requested = 0;
        begin_again(c, stack, 0, LK_E_TIMEDOUT, now);
        return;
    }
    c->tries++;
    if (c->state == LK_DHCP_REBOOTING)
        c->secs = seconds_since(c->began, now); /* in REQUESTING it stays what the DISCOVER said (3.1, step 3) */
    dhcp_client_send(c, stack, LK_DHCP_REQUEST, now);
    c->due = lk_time_add(now, backoff(c, c->tries));
}

static void bind(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time now)
{
    int error = lk_addr_add(stack, c->config.iface, c->lease.address, c->lease.prefix, LK_ADDR_PREFERRED, now);
    if (error < 0) {
        begin_after_failure(c, stack, error, now);
        return;
    }
    c->has_address = true;
    lk_addr_announce(stack, c->config.iface, c->lease.address, now); /* 4.4.1: SHOULD; a link without ARP has none */
    set_route(c, stack, now);
    c->failures = c->conflicts = 0;
    c->requested = lk_addr_ip4(&c->lease.address);
    c->due = c->lease.t1;
    enter(c, LK_DHCP_BOUND, 0);
}

/* 3.1, step 5: the client MUST send a DHCPDECLINE, and SHOULD wait ten seconds. */
static void decline(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time now)
{
    lk_time wait = ++c->conflicts >= MAX_CONFLICTS ? RATE_LIMIT_INTERVAL : AFTER_DECLINE; /* RFC 5227 2.1.1 */
    unconfigure(c, stack, now);
    new_xid(c);
    c->requested = 0;
    dhcp_client_send(c, stack, LK_DHCP_DECLINE, now);
    begin_again(c, stack, wait + some_of(c, LK_SECOND), LK_E_ADDRINUSE, now);
}

static void probing_due(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time now)
{
    if (lk_addr_conflicts(stack, c->config.iface, c->lease.address) > 0)
        decline(c, stack, now);
    else if (now >= c->lease.expires)
        begin_after_failure(c, stack, LK_E_ADDRNOTAVAIL, now);
    else
        bind(c, stack, now);
}

/* 4.4.1: "The client SHOULD perform a check on the suggested address". */
static void probe(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time now)
{
    int error = lk_addr_add(stack, c->config.iface, c->lease.address, c->lease.prefix, LK_ADDR_TENTATIVE, now);
    if (error < 0) {
        begin_after_failure(c, stack, error, now);
        return;
    }
    c->has_address = true;
    c->due = lk_time_add(now, c->config.probe_wait);
    if (lk_addr_probe(stack, c->config.iface, c->lease.address, now) == LK_E_INVALID)
        c->due = now; /* a link without ARP */
    enter(c, LK_DHCP_PROBING, 0);
}

/* ---- extending the lease ---- */

/* Each copy has an xid of its own, so that the answer tells which one the lease counts from. */
static void send_extension(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time until, lk_time now)
{
    new_xid(c);
    c->sent = now;
    c->secs = seconds_since(c->began, now);
    dhcp_client_send(c, stack, LK_DHCP_REQUEST, now);
    /* 4.4.5: one half of the remaining time, down to 60 s. */
    lk_time half = (until - now) / 2;
    c->due = lk_time_min(until, lk_time_add(now, half < LEAST_RETRY ? LEAST_RETRY : half));
}

static void lease_due(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time now)
{
    if (now >= c->lease.expires) {
        begin_again(c, stack, 0, LK_E_ADDRNOTAVAIL, now);
        return;
    }
    if (c->state == LK_DHCP_BOUND)
        c->began = now;
    if (now >= c->lease.t2) {
        if (c->state != LK_DHCP_REBINDING)
            enter(c, LK_DHCP_REBINDING, c->state == LK_DHCP_RENEWING ? LK_E_TIMEDOUT : 0);
        send_extension(c, stack, c->lease.expires, now);
    } else {
        if (c->state != LK_DHCP_RENEWING)
            enter(c, LK_DHCP_RENEWING, 0);
        send_extension(c, stack, c->lease.t2, now);
    }
}

static void extended(struct lk_dhcp_client *c, struct lk_stack *stack, const struct dhcp_params *p, lk_time now)
{
    uint32_t prefix = c->lease.prefix;
    set_lease(c, p);
    if (c->lease.prefix != prefix)
        lk_addr_add(stack, c->config.iface, c->lease.address, c->lease.prefix, LK_ADDR_PREFERRED, now);
    set_route(c, stack, now);
    c->due = c->lease.t1;
    enter(c, LK_DHCP_BOUND, 0);
}

/* ---- what arrives ---- */

static bool lasts_beyond(const struct lk_dhcp_client *c, const struct dhcp_params *p, lk_time now)
{
    return p->lease == DHCP_INFINITE || lk_time_add(c->sent, p->lease * LK_SECOND) > now;
}

static void offer_arrives(struct lk_dhcp_client *c, struct lk_stack *stack, const struct lk_dhcp *message, lk_time now)
{
    struct dhcp_params p;
    if (c->state != LK_DHCP_SELECTING || dhcp_params_read(message, &p) < 0)
        return;
    /* The address asked for wins, then the first. */
    if (c->has_offer && (c->offer.address == c->requested || p.address != c->requested))
        return;
    if (!c->has_offer)
        c->due = lk_time_add(now, c->config.offer_wait);
    c->offer = p;
    c->has_offer = true;
    if (c->due <= now)
        selecting_due(c, stack, now);
}

static void ack_arrives(struct lk_dhcp_client *c, struct lk_stack *stack, const struct lk_dhcp *message, lk_time now)
{
    struct dhcp_params p;
    if (dhcp_params_read(message, &p) < 0 || !lasts_beyond(c, &p, now))
        return;
    switch (c->state) {
    case LK_DHCP_REQUESTING:
        if (p.server != c->offer.server || p.address != c->offer.address)
            return;
        break;
    case LK_DHCP_REBOOTING:
        if (p.address != c->requested)
            return;
        break;
    case LK_DHCP_RENEWING:
    case LK_DHCP_REBINDING:
        if (p.address == lk_addr_ip4(&c->lease.address))
            extended(c, stack, &p, now);
        return;
    default:
        return; /* figure 5: discard */
    }
    set_lease(c, &p);
    if (c->config.probe)
        probe(c, stack, now);
    else
        bind(c, stack, now);
}

static void nak_arrives(struct lk_dhcp_client *c, struct lk_stack *stack, const struct lk_dhcp *message, lk_time now)
{
    uint32_t server;
    if (lk_dhcp_get_32(message, LK_DHCP_OPT_SERVER_IDENTIFIER, &server) < 0)
        return; /* table 3: MUST */
    switch (c->state) {
    case LK_DHCP_REQUESTING:
        if (server != c->offer.server)
            return; /* not the one that was asked */
        break;
    case LK_DHCP_RENEWING:
        if (server != lk_addr_ip4(&c->lease.server))
            return;
        break;
    case LK_DHCP_REBOOTING:
    case LK_DHCP_REBINDING:
        break;
    default:
        return;
    }
    c->requested = 0;
    begin_after_failure(c, stack, LK_E_CONNREFUSED, now);
}

static void arrives(struct lk_dhcp_client *c, struct lk_stack *stack, const uint8_t *bytes, size_t len, lk_time now)
{
    struct lk_dhcp message;
    uint8_t type;
    if (lk_dhcp_parse(bytes, len, &message) < 0 || message.op != LK_DHCP_BOOTREPLY || lk_dhcp_options_check(&message) < 0)
        return;
    /* 4.4.1: what has another xid must be silently discarded. */
    if (message.xid != c->xid || message.htype != LK_DHCP_HTYPE_ETHERNET || message.hlen != 6 || !lk_memequal(message.chaddr, c->config.mac, 6))
        return;
    if (lk_dhcp_get_8(&message, LK_DHCP_OPT_MESSAGE_TYPE, &type) < 0)
        return;
    switch (type) {
    case LK_DHCP_OFFER: offer_arrives(c, stack, &message, now); break;
    case LK_DHCP_ACK: ack_arrives(c, stack, &message, now); break;
    case LK_DHCP_NAK: nak_arrives(c, stack, &message, now); break;
    default: break;
    }
}

/* ---- as an application ---- */

static lk_time client_deadline(const void *self)
{
    const struct lk_dhcp_client *c = self;
    return c->state == LK_DHCP_STOPPED ? LK_NEVER : c->due;
}

static void client_tick(void *self, struct lk_stack *stack, lk_time now)
{
    struct lk_dhcp_client *c = self;
    if (c->state == LK_DHCP_STOPPED || now < c->due)
        return;
    switch (c->state) {
    case LK_DHCP_INIT: start_discover(c, stack, now); break;
    case LK_DHCP_INIT_REBOOT: start_reboot(c, stack, now); break;
    case LK_DHCP_SELECTING: selecting_due(c, stack, now); break;
    case LK_DHCP_REQUESTING:
    case LK_DHCP_REBOOTING: request_due(c, stack, now); break;
    case LK_DHCP_PROBING: probing_due(c, stack, now); break;
    default: lease_due(c, stack, now); break;
    }
}

/* Bounded by what can wait at a socket: nothing that happens here makes another datagram arrive. */
static bool client_event(void *self, struct lk_stack *stack, const struct lk_event_sock *event, lk_time now)
{
    struct lk_dhcp_client *c = self;
    uint8_t bytes[DHCP_BUFFER];
    if (c->state == LK_DHCP_STOPPED || event->socket != c->socket)
        return false;
    for (;;) {
        int64_t len = lk_sock_recv_from(stack, c->socket, bytes, sizeof bytes, NULL, NULL, now);
        if (len == LK_E_AGAIN || len == LK_E_BADF)
            return true;
        if (len > 0)
            arrives(c, stack, bytes, (size_t)len, now); /* less: what ICMP said of an earlier one; the timers see to it */
    }
}

const struct lk_app_kind lk_dhcp_client_app = {.name = "dhcp client", .deadline = client_deadline, .tick = client_tick, .event = client_event};

/* ---- the calls ---- */

void lk_dhcp_client_config_init(struct lk_dhcp_client_config *config)
{
    lk_memset(config, 0, sizeof *config);
    config->size_of = sizeof *config;
    config->probe = true;
    config->probe_wait = LK_SECOND;
}

static bool config_sound(const struct lk_dhcp_client_config *config)
{
    uint32_t requested = lk_addr_ip4(&config->requested);
    bool asks = !lk_addr_is_unspecified(&config->requested);
    return config->size_of == sizeof *config && config->hostname[sizeof config->hostname - 1] == '\0' && config->probe_wait >= 0 &&
           config->start_delay_max >= 0 && config->offer_wait >= 0 && (config->mac[0] & 1) == 0 &&
           (!asks || (lk_addr_is_ip4(&config->requested) && dhcp_host_address(requested))) && (!config->reboot || asks);
}

size_t lk_dhcp_client_footprint(const struct lk_dhcp_client_config *config)
{
    return config_sound(config) ? sizeof(struct lk_dhcp_client) : 0;
}

int lk_dhcp_client_init(void *memory, size_t size, const struct lk_dhcp_client_config *config, lk_time now, const uint8_t seed[32])
{
    struct lk_dhcp_client *c = memory;
    size_t footprint = lk_dhcp_client_footprint(config);
    if (footprint == 0 || (uintptr_t)memory % alignof(struct lk_dhcp_client) != 0)
        return LK_E_INVALID;
    if (size < footprint)
        return LK_E_NOSPACE;
    lk_memset(c, 0, footprint);
    c->config = *config;
    c->due = c->began = now;
    lk_rng_init(&c->rng, seed, DHCP_CLIENT_PURPOSE);
    return 0;
}

static int open_socket(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time now)
{
    struct lk_endpoint local = {.iface = c->config.iface, .port = LK_DHCP_CLIENT_PORT};
    int error = lk_sock_open(stack, LK_UDP, &c->socket, now);
    if (error < 0)
        return error;
    error = lk_sock_bind(stack, c->socket, &local, now);
    if (error < 0)
        lk_sock_close(stack, c->socket, now);
    return error;
}

/* 4.4.1: a random time between one and ten seconds, if the caller wants one. */
static lk_time start_delay(struct lk_dhcp_client *c)
{
    lk_time most = c->config.start_delay_max;
    return most <= LK_SECOND ? some_of(c, most) : LK_SECOND + some_of(c, most - LK_SECOND);
}

int lk_dhcp_client_start(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time now)
{
    if (c->state != LK_DHCP_STOPPED)
        return LK_E_ALREADY;
    int error = open_socket(c, stack, now);
    if (error < 0)
        return error;
    c->failures = c->conflicts = 0;
    c->requested = lk_addr_is_unspecified(&c->config.requested) ? 0 : lk_addr_ip4(&c->config.requested);
    c->due = lk_time_add(now, start_delay(c));
    enter(c, c->config.reboot ? LK_DHCP_INIT_REBOOT : LK_DHCP_INIT, 0);
    client_tick(c, stack, now);
    return 0;
}

int lk_dhcp_client_release(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time now)
{
    if (c->state == LK_DHCP_STOPPED)
        return LK_E_NOTCONN;
    if (lk_dhcp_client_lease(c, NULL)) {
        new_xid(c);
        dhcp_client_send(c, stack, LK_DHCP_RELEASE, now);
    }
    unconfigure(c, stack, now);
    lk_sock_close(stack, c->socket, now);
    enter(c, LK_DHCP_STOPPED, 0);
    return 0;
}

enum lk_dhcp_state lk_dhcp_client_state(const struct lk_dhcp_client *c)
{
    return (enum lk_dhcp_state)c->state;
}

const char *lk_dhcp_state_name(enum lk_dhcp_state state)
{
    static const char *const names[] = {
        [LK_DHCP_STOPPED] = "STOPPED",       [LK_DHCP_INIT] = "INIT",           [LK_DHCP_SELECTING] = "SELECTING",
        [LK_DHCP_REQUESTING] = "REQUESTING", [LK_DHCP_INIT_REBOOT] = "INIT-REBOOT", [LK_DHCP_REBOOTING] = "REBOOTING",
        [LK_DHCP_PROBING] = "PROBING",       [LK_DHCP_BOUND] = "BOUND",         [LK_DHCP_RENEWING] = "RENEWING",
        [LK_DHCP_REBINDING] = "REBINDING",
    };
    return (size_t)state < sizeof names / sizeof names[0] ? names[state] : "?";
}

bool lk_dhcp_client_lease(const struct lk_dhcp_client *c, struct lk_dhcp_lease *out)
{
    if (c->state != LK_DHCP_BOUND && c->state != LK_DHCP_RENEWING && c->state != LK_DHCP_REBINDING)
        return false;
    if (out != NULL)
        *out = c->lease;
    return true;
}

bool lk_dhcp_client_next(struct lk_dhcp_client *c, struct lk_dhcp_event *out)
{
    if (c->events == 0)
        return false;
    *out = c->event[c->first_event];
    c->first_event = (c->first_event + 1) % DHCP_EVENTS;
    c->events--;
    return true;
}
