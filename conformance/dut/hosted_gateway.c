/* A router; with an interface that is `outside`, also a NAT. */
#include "conformance/dut/hosted.h"
#include "conformance/timeline/units.h"
#include <stdio.h>
#include <string.h>

static void configure(const struct lk_dut_config *from, struct lk_config *config)
{
    (void)from;
    config->forwarding = true;
    config->forward_queue = config->forward_queue > 0 ? config->forward_queue : 64;
}

static bool is_nat(const struct lk_dut_config *from)
{
    for (size_t i = 0; i < from->interface_count; i++)
        if (from->interfaces[i].outside)
            return true;
    return false;
}

/* Settings have the names of struct lk_gateway_config. */
static void read_settings(const struct lk_dut_config *from, struct lk_gateway_config *c)
{
    const char *filtering = lk_hosted_app(from, "filtering", 0);
    c->mappings = (uint32_t)lk_hosted_number(from, "mappings", is_nat(from) ? 64 : 0);
    c->sessions = (uint32_t)lk_hosted_number(from, "sessions", 4 * (int64_t)c->mappings);
    c->port_low = (uint16_t)lk_hosted_number(from, "port_low", c->port_low);
    c->port_high = (uint16_t)lk_hosted_number(from, "port_high", c->port_high);
    c->udp_timeout = lk_hosted_number(from, "udp_timeout", c->udp_timeout);
    c->tcp_established_timeout = lk_hosted_number(from, "tcp_established_timeout", c->tcp_established_timeout);
    c->tcp_transitory_timeout = lk_hosted_number(from, "tcp_transitory_timeout", c->tcp_transitory_timeout);
    c->icmp_timeout = lk_hosted_number(from, "icmp_timeout", c->icmp_timeout);
    c->icmp_error_interval = lk_hosted_number(from, "icmp_error_interval", c->icmp_error_interval);
    c->icmp_error_burst = (uint32_t)lk_hosted_number(from, "icmp_error_burst", c->icmp_error_burst);
    c->send_redirects = lk_hosted_number(from, "send_redirects", c->send_redirects) != 0;
    c->hairpinning = lk_hosted_number(from, "hairpinning", c->hairpinning) != 0;
    c->silent = lk_hosted_number(from, "silent", c->silent) != 0;
    c->fragments = (uint32_t)lk_hosted_number(from, "fragments", c->fragments);
    c->early_fragments = (uint32_t)lk_hosted_number(from, "early_fragments", c->early_fragments);
    if (filtering != NULL)
        c->filtering = strcmp(filtering, "endpoint-independent") == 0 ? LK_NAT_ENDPOINT_INDEPENDENT
                       : strcmp(filtering, "address-dependent") == 0  ? LK_NAT_ADDRESS_DEPENDENT : LK_NAT_ADDRESS_PORT_DEPENDENT;
}

/* publish: "tcp 8080 > 192.168.1.10:80" */
static int publish(struct lk_hosted *h, const char *text)
{
    char protocol[4], inside[32];
    unsigned port;
    struct lk_endpoint to = {.iface = LK_ANY};
    if (sscanf(text, "%3[a-z] %u > %31[0-9.:]", protocol, &port, inside) != 3 || port > 65535 || !lk_read_endpoint(inside, &to.address, &to.port))
        return -1;
    return lk_gateway_publish(h->run.gateway, strcmp(protocol, "tcp") == 0 ? LK_TCP : LK_UDP, (uint16_t)port, &to, h->now);
}

static int create(struct lk_hosted *h, const struct lk_dut_config *from, const uint8_t seed[32])
{
    struct lk_gateway_config c;
    struct lk_addr network, via;
    uint32_t prefix, iface;
    const char *text;
    lk_gateway_config_init(&c);
    c.ifaces = (uint32_t)from->interface_count;
    for (uint32_t i = 0; i < c.ifaces; i++)
        c.iface[i] = (struct lk_gateway_iface){.address = lk_hosted_own(from, i), .prefix = from->interfaces[i].prefix, .mtu = (uint16_t)from->mtu,
                                               .outside = from->interfaces[i].outside};
    for (size_t n = 0; (text = lk_hosted_app(from, "iface_mtu", n)) != NULL; n++) /* "NAME 576" */
        for (uint32_t i = 0; i < c.ifaces; i++) {
            unsigned mtu = 0;
            size_t len = strlen(from->interfaces[i].name);
            if (strncmp(text, from->interfaces[i].name, len) == 0 && sscanf(text + len, " %u", &mtu) == 1 && mtu >= 68 && mtu <= from->mtu)
                c.iface[i].mtu = (uint16_t)mtu;
        }
    read_settings(from, &c);
    size_t size = lk_gateway_footprint(&c);
    h->run.gateway = lk_hosted_memory(size);
    h->run.scratch_size = from->mtu + 1024u;
    h->run.scratch = lk_hosted_memory(h->run.scratch_size);
    if (h->run.gateway == NULL || h->run.scratch == NULL || lk_gateway_init(h->run.gateway, size, &c, h->now, seed) < 0)
        return -1;
    for (size_t n = 0; lk_hosted_route(from, n, &network, &prefix, &via, &iface); n++)
        if (lk_gateway_route_add(h->run.gateway, network, prefix, via, iface) < 0)
            return -1;
    for (size_t n = 0; (text = lk_hosted_app(from, "publish", n)) != NULL; n++)
        if (publish(h, text) < 0)
            return -1;
    return 0;
}

const struct lk_hosted_kind lk_hosted_gateway = {.runs = "gateway", .configure = configure, .create = create};
