/* The server: what becomes of each message (RFC 2131 4.3), the replies (table 3) and where they go (4.1). It keeps no timer: what
 * has expired is found expired when somebody asks. Work per message is linear in the table. */
#include "stack/apps/dhcp_server.h"
#include "stack/apps/dhcp_lease_table.h"
#include "stack/apps/dhcp_params.h"
#include "stack/base/hash.h"
#include "stack/base/mem.h"
#include "stack/base/rng.h"
#include <stdalign.h>

enum { BUFFER = 1500, LEAST_SIZE = 576, HEADERS = 28, LEAST_LEASE = 60 };
#define PURPOSE_CLIENTS 0x64686373 /* of keys derived from the seed; and the next */

struct lk_dhcp_server {
    struct lk_dhcp_server_config config;
    struct dhcp_reserved reserved;
    struct dhcp_table table;
    uint8_t key[2][16];
    uint64_t leases; /* bytes from here to the records */
    lk_socket socket;
    uint32_t running;
    uint32_t unused; /* 0 */
};

_Static_assert((int)DHCP_DECLINED == (int)LK_DHCP_LEASE_DECLINED && (int)DHCP_BOUND == (int)LK_DHCP_LEASE_BOUND && (int)DHCP_OFFERED == (int)LK_DHCP_LEASE_OFFERED,
               "same numbers");

/* One message while it is dealt with. */
struct ask {
    struct lk_dhcp_server *s;
    struct lk_stack *stack;
    struct lk_dhcp message;
    lk_time now;
    uint64_t client[2];
    uint32_t server, requested; /* options 54 and 50, 0: not there */
    uint32_t wanted;            /* option 51, s; 0: not there */
    uint32_t size;              /* bytes of UDP payload the client takes */
    bool unicast;               /* it was sent to us alone */
};

static struct dhcp_lease *leases(const struct lk_dhcp_server *s)
{
    return (struct dhcp_lease *)(void *)((uint8_t *)(uintptr_t)s + s->leases);
}

static uint32_t own_address(const struct lk_dhcp_server *s)
{
    return lk_addr_ip4(&s->config.address);
}

/* ---- replies ---- */

static void put_addresses(struct lk_dhcp_writer *w, uint8_t code, const struct lk_addr *list, uint32_t count)
{
    uint8_t octets[16];
    for (uint32_t i = 0; i < count; i++)
        lk_memcpy(octets + 4 * i, list[i].octet + 12, 4);
    if (count > 0)
        lk_dhcp_put(w, code, octets, 4 * (size_t)count);
}

static void put_text(struct lk_dhcp_writer *w, uint8_t code, const char *text)
{
    size_t len = 0;
    while (text[len] != '\0')
        len++;
    if (len > 0)
        lk_dhcp_put(w, code, text, len);
}

/* RFC 2131 4.3.1: what is configured, each once; what does not fit is left out. The mask comes before the routers (RFC 2132 3.3). */
static void put_parameters(const struct lk_dhcp_server *s, struct lk_dhcp_writer *w)
{
    lk_dhcp_put_32(w, LK_DHCP_OPT_SUBNET_MASK, lk_ip4_mask(s->config.prefix));
    put_addresses(w, LK_DHCP_OPT_ROUTER, s->config.router, s->config.routers);
    put_addresses(w, LK_DHCP_OPT_DNS_SERVER, s->config.dns_server, s->config.dns_servers);
    put_text(w, LK_DHCP_OPT_DOMAIN_NAME, s->config.domain);
}

/* RFC 2131 4.4.5: T1 and T2 SHOULD be returned; only as long as they are in order with the lease. */
static void put_lease(const struct lk_dhcp_server *s, struct lk_dhcp_writer *w, uint32_t duration)
{
    lk_dhcp_put_32(w, LK_DHCP_OPT_LEASE_TIME, duration);
    if (s->config.t1 == 0 || s->config.t2 == 0 || s->config.t2 >= duration)
        return;
    lk_dhcp_put_32(w, LK_DHCP_OPT_T1, s->config.t1);
    lk_dhcp_put_32(w, LK_DHCP_OPT_T2, s->config.t2);
}

/* RFC 6842 3: a client identifier comes back as it came. */
static void echo_identifier(const struct ask *a, struct lk_dhcp_writer *w)
{
    uint8_t identifier[255];
    int len = lk_dhcp_get(&a->message, LK_DHCP_OPT_CLIENT_IDENTIFIER, identifier, sizeof identifier);
    if (len > 0)
        lk_dhcp_put(w, LK_DHCP_OPT_CLIENT_IDENTIFIER, identifier, (size_t)len);
}

static size_t put_options(const struct ask *a, enum lk_dhcp_type type, uint32_t duration, uint8_t *at, size_t cap)
{
    struct lk_dhcp_writer w = {.at = at, .cap = cap};
    lk_dhcp_put_8(&w, LK_DHCP_OPT_MESSAGE_TYPE, (uint8_t)type);
    lk_dhcp_put_32(&w, LK_DHCP_OPT_SERVER_IDENTIFIER, own_address(a->s));
    if (duration != 0)
        put_lease(a->s, &w, duration);
    echo_identifier(a, &w);
    if (type != LK_DHCP_NAK)
        put_parameters(a->s, &w);
    else
        put_text(&w, LK_DHCP_OPT_MESSAGE, "address not available");
    return lk_dhcp_put_end(&w, LK_DHCP_LEAST - LK_DHCP_HEADER);
}

static void send_to(struct ask *a, const uint8_t *bytes, size_t len, uint32_t address)
{
    struct lk_endpoint remote = {.address = lk_addr_from_ip4(address), .iface = a->s->config.iface, .port = LK_DHCP_CLIENT_PORT};
    struct lk_endpoint local = {.address = a->s->config.address, .iface = a->s->config.iface, .port = LK_DHCP_SERVER_PORT};
    if (lk_sock_send_to(a->stack, a->s->socket, bytes, len, &remote, &local, a->now) < 0)
        lk_sock_send_to(a->stack, a->s->socket, bytes, len, &remote, &local, a->now); /* the first told what ICMP said of an earlier one */
}

/* To a client that has no address yet and answers no ARP: its link address is known. Where that cannot be said to the stack, or no
 * route leads there, the reply is broadcast, which 4.1 permits. */
static void send_to_hardware(struct ask *a, const uint8_t *bytes, size_t len, uint32_t address)
{
    struct lk_addr to = lk_addr_from_ip4(address);
    if (lk_neighbour_set(a->stack, a->s->config.iface, to, a->message.chaddr, a->now) < 0) {
        send_to(a, bytes, len, UINT32_MAX);
        return;
    }
    send_to(a, bytes, len, address);
    lk_neighbour_set(a->stack, a->s->config.iface, to, NULL, a->now);
}

/* duration 0: without lease time. RFC 2131 table 3 and 4.1. */
static void reply(struct ask *a, enum lk_dhcp_type type, uint32_t yiaddr, uint32_t duration)
{
    uint8_t bytes[BUFFER];
    const struct lk_dhcp *m = &a->message;
    struct lk_dhcp out = {.op = LK_DHCP_BOOTREPLY, .htype = m->htype, .hlen = m->hlen, .xid = m->xid, .flags = m->flags & LK_DHCP_FLAG_BROADCAST, .yiaddr = yiaddr};
    if (type == LK_DHCP_ACK)
        out.ciaddr = m->ciaddr;
    lk_memcpy(out.chaddr, m->chaddr, sizeof out.chaddr);
    out.options = bytes + LK_DHCP_HEADER;
    out.options_len = put_options(a, type, duration, bytes + LK_DHCP_HEADER, a->size - LK_DHCP_HEADER);
    int len = lk_dhcp_emit(&out, bytes, sizeof bytes);
    if (type == LK_DHCP_NAK) /* 4.1: in all cases broadcast */
        send_to(a, bytes, (size_t)len, UINT32_MAX);
    else if (m->ciaddr != 0)
        send_to(a, bytes, (size_t)len, m->ciaddr);
    else if ((m->flags & LK_DHCP_FLAG_BROADCAST) != 0)
        send_to(a, bytes, (size_t)len, UINT32_MAX);
    else
        send_to_hardware(a, bytes, (size_t)len, yiaddr);
}

static void refuse(struct ask *a)
{
    reply(a, LK_DHCP_NAK, 0, 0);
}

/* ---- the messages ---- */

/* RFC 2131 4.3.1: what is asked for if it is not more than ours, what the client had, or ours. */
static uint32_t duration_for(const struct ask *a, const struct dhcp_lease *lease)
{
    uint32_t most = a->s->config.lease_time;
    if (a->wanted != 0) {
        uint32_t least = most < LEAST_LEASE ? most : LEAST_LEASE;
        return a->wanted > most ? most : a->wanted < least ? least : a->wanted;
    }
    return lease->duration != 0 ? lease->duration : most;
}

static lk_time end_of(lk_time now, uint32_t duration)
{
    return duration == DHCP_INFINITE ? LK_NEVER : lk_time_add(now, duration * LK_SECOND);
}

static void grant(struct ask *a, struct dhcp_lease *lease, uint32_t duration)
{
    lease->state = DHCP_BOUND;
    lease->duration = duration;
    lease->expires = end_of(a->now, duration);
    reply(a, LK_DHCP_ACK, lease->address, duration);
}

/* 4.3.1, in this order: the client's own, or its previous one; the one it asks for; any. */
static struct dhcp_lease *choose(struct ask *a)
{
    struct lk_dhcp_server *s = a->s;
    struct dhcp_lease *at = leases(s), *old = dhcp_table_of_client(&s->table, at, a->client), *lease = NULL;
    if (old != NULL)
        lease = dhcp_table_take(&s->table, at, &s->reserved, a->client, old->address, a->now);
    if (lease == NULL && a->requested != 0)
        lease = dhcp_table_take(&s->table, at, &s->reserved, a->client, a->requested, a->now);
    return lease != NULL ? lease : dhcp_table_take_any(&s->table, at, &s->reserved, a->client, a->now);
}

static void discover(struct ask *a)
{
    if (a->message.ciaddr != 0)
        return; /* table 5: 0 */
    struct dhcp_lease *lease = choose(a);
    if (lease == NULL)
        return; /* no address is available */
    uint32_t duration = duration_for(a, lease);
    if (lease->state != DHCP_BOUND || lease->expires <= a->now) {
        lease->state = DHCP_OFFERED;
        lease->expires = lk_time_add(a->now, a->s->config.offer_time);
        lease->duration = duration;
    }
    reply(a, LK_DHCP_OFFER, lease->address, duration);
}

/* The client's record, if it is for this address and may be used by it. */
static struct dhcp_lease *held(const struct ask *a, uint32_t address)
{
    struct dhcp_lease *lease = dhcp_table_of_client(&a->s->table, leases(a->s), a->client);
    return lease != NULL && lease->address == address && lease->state != DHCP_DECLINED && dhcp_table_has(&a->s->table, &a->s->reserved, address) ? lease : NULL;
}

/* 4.3.2, generated during SELECTING. An offer that has expired is still kept if nobody else has got the address. */
static void request_selecting(struct ask *a)
{
    struct dhcp_lease *mine = dhcp_table_of_client(&a->s->table, leases(a->s), a->client);
    if (a->server != own_address(a->s)) { /* it has chosen another server */
        if (mine != NULL && mine->state == DHCP_OFFERED)
            mine->state = DHCP_FREE;
        return;
    }
    if (a->message.ciaddr != 0 || a->requested == 0)
        return; /* table 4: it is no such request */
    struct dhcp_lease *lease = held(a, a->requested);
    if (lease == NULL || lease->state == DHCP_FREE)
        refuse(a);
    else
        grant(a, lease, duration_for(a, lease));
}

static bool on_network(const struct lk_dhcp_server *s, uint32_t address)
{
    uint32_t mask = lk_ip4_mask(s->config.prefix);
    return (address & mask) == (own_address(s) & mask);
}

/* 4.3.2, generated during INIT-REBOOT. */
static void request_reboot(struct ask *a)
{
    if (!on_network(a->s, a->requested)) {
        refuse(a); /* the wrong network */
        return;
    }
    struct dhcp_lease *mine = dhcp_table_of_client(&a->s->table, leases(a->s), a->client);
    if (mine == NULL)
        return; /* no record: it MUST remain silent */
    struct dhcp_lease *lease = held(a, a->requested);
    if (lease == NULL)
        refuse(a);
    else
        grant(a, lease, duration_for(a, lease));
}

/* 4.3.2, generated during RENEWING (to us alone) or REBINDING (to everybody). */
static void request_extend(struct ask *a)
{
    uint32_t address = a->message.ciaddr;
    struct dhcp_lease *lease = held(a, address);
    if (lease != NULL) {
        grant(a, lease, duration_for(a, lease));
        return;
    }
    struct dhcp_lease *mine = dhcp_table_of_client(&a->s->table, leases(a->s), a->client);
    if (mine == NULL && !a->unicast)
        return; /* another server's, perhaps */
    if (mine == NULL) /* it thinks that we gave it: "the DHCP server will trust the value in ciaddr" */
        lease = dhcp_table_take(&a->s->table, leases(a->s), &a->s->reserved, a->client, address, a->now);
    if (lease == NULL)
        refuse(a);
    else
        grant(a, lease, duration_for(a, lease));
}

static void request(struct ask *a)
{
    if (a->server != 0)
        request_selecting(a);
    else if (a->message.ciaddr != 0)
        request_extend(a);
    else if (a->requested != 0)
        request_reboot(a);
}

/* 4.3.3: not available, for as long as a lease would last. Only who was given the address can say so. */
static void declined(struct ask *a)
{
    struct dhcp_lease *lease = held(a, a->requested);
    if (lease == NULL || a->server != own_address(a->s) || dhcp_lease_free(lease, a->now))
        return;
    lease->state = DHCP_DECLINED;
    lease->expires = end_of(a->now, a->s->config.lease_time);
    lease->client[0] = lease->client[1] = 0;
}

/* 4.3.4: the record is retained. */
static void released(struct ask *a)
{
    struct dhcp_lease *lease = held(a, a->message.ciaddr);
    if (lease != NULL && lease->state == DHCP_BOUND && a->server == own_address(a->s)) {
        lease->state = DHCP_FREE;
        lease->expires = a->now;
    }
}

/* 4.3.5: to the address it has, without lease time and yiaddr. Never beyond our own network, which strangers might point us at. */
static void inform(struct ask *a)
{
    uint32_t address = a->message.ciaddr;
    if (dhcp_host_address(address) && on_network(a->s, address) && dhcp_in_host_part(address, a->s->config.prefix) && address != own_address(a->s))
        reply(a, LK_DHCP_ACK, 0, 0);
}

/* ---- what arrives ---- */

/* RFC 2131 4.2: by the client identifier if there is one, else by hardware type and address. */
static void identify(struct ask *a)
{
    uint8_t id[256];
    int len = lk_dhcp_get(&a->message, LK_DHCP_OPT_CLIENT_IDENTIFIER, id + 1, sizeof id - 1);
    id[0] = 1;
    if (len < 2) { /* RFC 2132 9.14: the least length is 2 */
        id[0] = 0;
        id[1] = a->message.htype;
        lk_memcpy(id + 2, a->message.chaddr, 6);
        len = 7;
    }
    a->client[0] = lk_siphash(a->s->key[0], id, (size_t)len + 1);
    a->client[1] = lk_siphash(a->s->key[1], id, (size_t)len + 1) | 1; /* never nobody's */
}

static void read_wishes(struct ask *a)
{
    uint16_t size = 0;
    if (lk_dhcp_get_32(&a->message, LK_DHCP_OPT_SERVER_IDENTIFIER, &a->server) < 0)
        a->server = 0;
    if (lk_dhcp_get_32(&a->message, LK_DHCP_OPT_REQUESTED_ADDRESS, &a->requested) < 0)
        a->requested = 0;
    if (lk_dhcp_get_32(&a->message, LK_DHCP_OPT_LEASE_TIME, &a->wanted) < 0)
        a->wanted = 0;
    if (lk_dhcp_get_16(&a->message, LK_DHCP_OPT_MAXIMUM_SIZE, &size) < 0 || size < LEAST_SIZE)
        size = LEAST_SIZE; /* RFC 2132 9.10 */
    a->size = size > BUFFER ? BUFFER - HEADERS : size - HEADERS;
}

static bool for_us(const struct lk_dhcp *message)
{
    return message->op == LK_DHCP_BOOTREQUEST && message->htype == LK_DHCP_HTYPE_ETHERNET && message->hlen == 6 && (message->chaddr[0] & 1) == 0 &&
           message->giaddr == 0; /* no relay agents */
}

static void arrives(struct ask *a, const uint8_t *bytes, size_t len)
{
    uint8_t type;
    if (lk_dhcp_parse(bytes, len, &a->message) < 0 || !for_us(&a->message) || lk_dhcp_options_check(&a->message) < 0)
        return;
    if (lk_dhcp_get_8(&a->message, LK_DHCP_OPT_MESSAGE_TYPE, &type) < 0)
        return; /* BOOTP without DHCP */
    identify(a);
    read_wishes(a);
    switch (type) {
    case LK_DHCP_DISCOVER: discover(a); break;
    case LK_DHCP_REQUEST: request(a); break;
    case LK_DHCP_DECLINE: declined(a); break;
    case LK_DHCP_RELEASE: released(a); break;
    case LK_DHCP_INFORM: inform(a); break;
    default: break;
    }
}

/* ---- as an application ---- */

static lk_time server_deadline(const void *self)
{
    (void)self;
    return LK_NEVER;
}

static void server_tick(void *self, struct lk_stack *stack, lk_time now)
{
    (void)self;
    (void)stack;
    (void)now;
}

static bool server_event(void *self, struct lk_stack *stack, const struct lk_event_sock *event, lk_time now)
{
    struct lk_dhcp_server *s = self;
    uint8_t bytes[BUFFER];
    if (!s->running || event->socket != s->socket)
        return false;
    for (;;) {
        struct lk_endpoint local;
        struct ask a = {.s = s, .stack = stack, .now = now};
        int64_t len = lk_sock_recv_from(stack, s->socket, bytes, sizeof bytes, NULL, &local, now);
        if (len == LK_E_AGAIN || len == LK_E_BADF)
            return true;
        if (len <= 0)
            continue;
        a.unicast = lk_addr_equal(&local.address, &s->config.address);
        arrives(&a, bytes, (size_t)len);
    }
}

const struct lk_app_kind lk_dhcp_server_app = {.name = "dhcp server", .deadline = server_deadline, .tick = server_tick, .event = server_event};

/* ---- the calls ---- */

void lk_dhcp_server_config_init(struct lk_dhcp_server_config *config)
{
    lk_memset(config, 0, sizeof *config);
    config->size_of = sizeof *config;
    config->prefix = 24;
    config->leases = 64;
    config->lease_time = 3600;
    config->offer_time = 60 * LK_SECOND;
}

static bool addresses_sound(const struct lk_addr *list, uint32_t count)
{
    bool sound = count <= 4;
    for (uint32_t i = 0; i < count && sound; i++)
        sound = lk_addr_is_ip4(&list[i]) && dhcp_host_address(lk_addr_ip4(&list[i]));
    return sound;
}

static bool range_sound(const struct lk_dhcp_server_config *config)
{
    uint32_t own = lk_addr_ip4(&config->address), first = lk_addr_ip4(&config->first), last = lk_addr_ip4(&config->last), mask = lk_ip4_mask(config->prefix);
    return lk_addr_is_ip4(&config->first) && lk_addr_is_ip4(&config->last) && first <= last && (first & mask) == (own & mask) && (last & mask) == (own & mask);
}

static bool config_sound(const struct lk_dhcp_server_config *config)
{
    if (config->size_of != sizeof *config || config->prefix < 8 || config->prefix > 32 || config->lease_time == 0 || config->offer_time < 0)
        return false;
    if (!addresses_sound(&config->address, 1) || !addresses_sound(config->router, config->routers) || !addresses_sound(config->dns_server, config->dns_servers))
        return false;
    if (config->leases == 0 || config->leases > 1u << 24 || config->domain[sizeof config->domain - 1] != '\0')
        return false;
    bool times = config->t1 == 0 || config->t2 == 0 || (config->t1 < config->t2 && config->t2 < config->lease_time); /* RFC 2131 4.4.5 */
    return times && range_sound(config);
}

static size_t records_at(void)
{
    return (sizeof(struct lk_dhcp_server) + alignof(struct dhcp_lease) - 1) / alignof(struct dhcp_lease) * alignof(struct dhcp_lease);
}

size_t lk_dhcp_server_footprint(const struct lk_dhcp_server_config *config)
{
    return config_sound(config) ? records_at() + config->leases * sizeof(struct dhcp_lease) : 0;
}

/* What is somebody's already. */
static void reserve(struct lk_dhcp_server *s)
{
    const struct lk_dhcp_server_config *config = &s->config;
    s->reserved.prefix = config->prefix;
    s->reserved.address[s->reserved.count++] = own_address(s);
    for (uint32_t i = 0; i < config->routers; i++)
        s->reserved.address[s->reserved.count++] = lk_addr_ip4(&config->router[i]);
    for (uint32_t i = 0; i < config->dns_servers; i++)
        s->reserved.address[s->reserved.count++] = lk_addr_ip4(&config->dns_server[i]);
}

int lk_dhcp_server_init(void *memory, size_t size, const struct lk_dhcp_server_config *config, lk_time now, const uint8_t seed[32])
{
    struct lk_dhcp_server *s = memory;
    size_t footprint = lk_dhcp_server_footprint(config);
    (void)now;
    if (footprint == 0 || (uintptr_t)memory % alignof(struct lk_dhcp_server) != 0)
        return LK_E_INVALID;
    if (size < footprint)
        return LK_E_NOSPACE;
    lk_memset(s, 0, footprint);
    s->config = *config;
    s->leases = records_at();
    s->table.count = config->leases;
    s->table.first = s->table.next = lk_addr_ip4(&config->first);
    s->table.last = lk_addr_ip4(&config->last);
    lk_seed_key(seed, PURPOSE_CLIENTS, s->key[0]);
    lk_seed_key(seed, PURPOSE_CLIENTS + 1, s->key[1]);
    reserve(s);
    return 0;
}

int lk_dhcp_server_start(struct lk_dhcp_server *s, struct lk_stack *stack, lk_time now)
{
    struct lk_endpoint local = {.iface = s->config.iface, .port = LK_DHCP_SERVER_PORT};
    if (s->running)
        return LK_E_ALREADY;
    int error = lk_sock_open(stack, LK_UDP, &s->socket, now);
    if (error < 0)
        return error;
    error = lk_sock_bind(stack, s->socket, &local, now);
    if (error < 0) {
        lk_sock_close(stack, s->socket, now);
        return error;
    }
    s->running = 1;
    return 0;
}

int lk_dhcp_server_lease(const struct lk_dhcp_server *s, uint32_t index, struct lk_dhcp_server_lease *out, lk_time now)
{
    if (index >= s->table.count)
        return LK_E_NOTFOUND;
    const struct dhcp_lease *lease = &leases(s)[index];
    *out = (struct lk_dhcp_server_lease){.client = {lease->client[0], lease->client[1]}, .state = (enum lk_dhcp_lease_state)lease->state, .expires = lease->expires};
    out->address = lk_addr_from_ip4(lease->address);
    out->taken = !dhcp_lease_free(lease, now);
    return 0;
}
