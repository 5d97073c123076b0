/* The client's messages: fields and options by table 5 of RFC 2131, destinations by 4.4.4. */
#include "stack/apps/dhcp_client_state.h"
#include "stack/base/mem.h"

enum { LARGEST = 576 }; /* bytes of the IP datagram we say we take, the least that may be said (RFC 2132 9.10) */

static const uint8_t wanted[] = {LK_DHCP_OPT_SUBNET_MASK, LK_DHCP_OPT_ROUTER, LK_DHCP_OPT_DNS_SERVER, LK_DHCP_OPT_DOMAIN_NAME,
                                 LK_DHCP_OPT_LEASE_TIME,  LK_DHCP_OPT_T1,     LK_DHCP_OPT_T2};

static bool extending(const struct lk_dhcp_client *c)
{
    return c->state == LK_DHCP_RENEWING || c->state == LK_DHCP_REBINDING;
}

/* RFC 2132 9.14: the hardware type and the address; the same in every message (RFC 2131 2). */
static void put_client_identifier(const struct lk_dhcp_client *c, struct lk_dhcp_writer *w)
{
    uint8_t identifier[7] = {LK_DHCP_HTYPE_ETHERNET};
    lk_memcpy(identifier + 1, c->config.mac, 6);
    lk_dhcp_put(w, LK_DHCP_OPT_CLIENT_IDENTIFIER, identifier, sizeof identifier);
}

/* Table 5, "requested IP address": MAY in DISCOVER; MUST in DECLINE, and in REQUEST from SELECTING and INIT-REBOOT. 0: not sent. */
static uint32_t requested_address(const struct lk_dhcp_client *c, enum lk_dhcp_type type)
{
    switch (type) {
    case LK_DHCP_DISCOVER: return c->requested;
    case LK_DHCP_DECLINE: return lk_addr_ip4(&c->lease.address);
    case LK_DHCP_REQUEST: return extending(c) ? 0 : c->state == LK_DHCP_REQUESTING ? c->offer.address : c->requested;
    default: return 0;
    }
}

/* Table 5, "server identifier": MUST in DECLINE, RELEASE, and REQUEST after SELECTING; MUST NOT elsewhere. */
static uint32_t server_identifier(const struct lk_dhcp_client *c, enum lk_dhcp_type type)
{
    if (type == LK_DHCP_DECLINE || type == LK_DHCP_RELEASE)
        return lk_addr_ip4(&c->lease.server);
    return type == LK_DHCP_REQUEST && c->state == LK_DHCP_REQUESTING ? c->offer.server : 0;
}

static size_t text_length(const char *text)
{
    size_t len = 0;
    while (text[len] != '\0')
        len++;
    return len;
}

/* What DISCOVER and REQUEST carry and the others MUST NOT. The list is the same in all of them (4.3.2). */
static void put_wishes(const struct lk_dhcp_client *c, struct lk_dhcp_writer *w)
{
    size_t hostname = text_length(c->config.hostname);
    lk_dhcp_put_16(w, LK_DHCP_OPT_MAXIMUM_SIZE, LARGEST);
    if (hostname > 0)
        lk_dhcp_put(w, LK_DHCP_OPT_HOST_NAME, c->config.hostname, hostname);
    lk_dhcp_put(w, LK_DHCP_OPT_PARAMETER_LIST, wanted, sizeof wanted);
}

static size_t put_options(const struct lk_dhcp_client *c, enum lk_dhcp_type type, uint8_t *at, size_t cap)
{
    static const char in_use[] = "address in use", done[] = "no longer needed";
    struct lk_dhcp_writer w = {.at = at, .cap = cap};
    uint32_t requested = requested_address(c, type), server = server_identifier(c, type);
    lk_dhcp_put_8(&w, LK_DHCP_OPT_MESSAGE_TYPE, (uint8_t)type);
    put_client_identifier(c, &w);
    if (requested != 0)
        lk_dhcp_put_32(&w, LK_DHCP_OPT_REQUESTED_ADDRESS, requested);
    if (server != 0)
        lk_dhcp_put_32(&w, LK_DHCP_OPT_SERVER_IDENTIFIER, server);
    if (type == LK_DHCP_DECLINE) /* table 5, "message": SHOULD */
        lk_dhcp_put(&w, LK_DHCP_OPT_MESSAGE, in_use, sizeof in_use - 1);
    else if (type == LK_DHCP_RELEASE)
        lk_dhcp_put(&w, LK_DHCP_OPT_MESSAGE, done, sizeof done - 1);
    else
        put_wishes(c, &w);
    return lk_dhcp_put_end(&w, LK_DHCP_LEAST - LK_DHCP_HEADER);
}

/* RFC 2131 4.4.4: broadcast, but for RELEASE and for REQUEST in RENEWING, which go to the server (4.1: at its identifier). */
static void ends(const struct lk_dhcp_client *c, enum lk_dhcp_type type, struct lk_endpoint *remote, struct lk_endpoint *local)
{
    bool unicast = type == LK_DHCP_RELEASE || (type == LK_DHCP_REQUEST && c->state == LK_DHCP_RENEWING);
    bool from_lease = type == LK_DHCP_RELEASE || (type == LK_DHCP_REQUEST && extending(c));
    *remote = (struct lk_endpoint){.iface = c->config.iface, .port = LK_DHCP_SERVER_PORT};
    remote->address = unicast ? c->lease.server : lk_addr_from_ip4(UINT32_MAX);
    *local = (struct lk_endpoint){.iface = c->config.iface, .port = LK_DHCP_CLIENT_PORT};
    local->address = from_lease ? c->lease.address : lk_addr_from_ip4(0); /* 4.1: 0 prior to obtaining an address */
}

void dhcp_client_send(struct lk_dhcp_client *c, struct lk_stack *stack, enum lk_dhcp_type type, lk_time now)
{
    uint8_t bytes[LARGEST - 28];
    struct lk_endpoint remote, local;
    /* The broadcast flag stays 0: the stack takes what is sent to its link address before it has an address (4.1). */
    struct lk_dhcp message = {.op = LK_DHCP_BOOTREQUEST, .htype = LK_DHCP_HTYPE_ETHERNET, .hlen = 6, .xid = c->xid};
    bool asks = type == LK_DHCP_DISCOVER || type == LK_DHCP_REQUEST;
    message.secs = asks ? c->secs : 0;
    if (type == LK_DHCP_RELEASE || (asks && extending(c)))
        message.ciaddr = lk_addr_ip4(&c->lease.address);
    lk_memcpy(message.chaddr, c->config.mac, 6);
    message.options = bytes + LK_DHCP_HEADER;
    message.options_len = put_options(c, type, bytes + LK_DHCP_HEADER, sizeof bytes - LK_DHCP_HEADER);
    int len = lk_dhcp_emit(&message, bytes, sizeof bytes);
    ends(c, type, &remote, &local);
    if (lk_sock_send_to(stack, c->socket, bytes, (size_t)len, &remote, &local, now) < 0)
        lk_sock_send_to(stack, c->socket, bytes, (size_t)len, &remote, &local, now); /* the first told what ICMP said of an earlier one */
}
