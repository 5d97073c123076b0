/* lockstep route: a router on real interfaces, with NAT if one of them is the outside. */
#define _GNU_SOURCE /* inet_pton() under -std=c17 */
#include "conformance/cli/cli.h"
#include "conformance/cli/live_host.h"
#include "conformance/timeline/units.h"
#include "stack/gateway/gateway.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUTES 64
#define PUBLISHED 16
#define SCRATCH 65600

static const char usage[] =
    "usage: lockstep route --interface IF=A/P --interface IF=A/P [OPTION...]\n"
    "Routes between real interfaces with a stack and a gateway of its own, until a signal (Ctrl-C) ends it. The kernel should not\n"
    "have the addresses, nor forward. What became of the packets goes to standard output at the end.\n"
    "  --interface IF=A/P  an interface, and our address and prefix length there (needed; up to 8 times)\n"
    "  --route N/P=G       packets to network N go by the router G; 0.0.0.0/0=G is the default route (up to 64 times)\n"
    "  --nat IF            what leaves on IF gets our address there (RFC 4787, 5382, 5508)\n"
    "  --publish PROTO:PORT=A:PORT  a port of that address leads to a host inside (tcp or udp; up to 16 times)\n"
    "  --pcap IF=FILE      records all frames of an interface, both ways\n"
    "Exit status: 0 ended by a signal, 1 it could not route, or not any more, with one line that says why, 2 usage.\n";

struct port { const char *name, *pcap; struct lk_addr address; uint32_t prefix; struct lk_live *live; struct lk_capture_writer *writer; };
struct route { struct lk_addr network, gateway; uint32_t prefix; };
struct published { int protocol; uint16_t port; struct lk_endpoint inside; };

struct options {
    struct port port[LK_MAX_IFACES];
    uint32_t ports;
    struct route route[ROUTES];
    uint32_t routes;
    struct published published[PUBLISHED];
    uint32_t published_count;
    const char *nat;
};

/* -- options -- */

static bool read_ip4(const char *text, struct lk_addr *out)
{
    struct in_addr in;
    if (inet_pton(AF_INET, text, &in) != 1)
        return false;
    *out = lk_addr_from_ip4(ntohl(in.s_addr));
    return true;
}

/* Cuts `text` at the first `mark`: what stands behind it, or NULL when there is none. */
static char *cut_at(char *text, char mark)
{
    char *at = strchr(text, mark);
    if (at != NULL)
        *at++ = 0;
    return at;
}

static bool read_network(char *text, struct lk_addr *address, uint32_t *prefix)
{
    uint64_t bits;
    char *slash = cut_at(text, '/');
    if (slash == NULL || !lk_read_number(slash, 32, &bits))
        return false;
    *prefix = (uint32_t)bits;
    return read_ip4(text, address);
}

static struct port *find_port(struct options *o, const char *name)
{
    for (uint32_t i = 0; i < o->ports; i++)
        if (strcmp(o->port[i].name, name) == 0)
            return &o->port[i];
    return NULL;
}

static bool add_interface(struct options *o, char *value)
{
    char *address = cut_at(value, '=');
    if (address == NULL || value[0] == 0 || o->ports == LK_MAX_IFACES || find_port(o, value) != NULL)
        return false;
    struct port *p = &o->port[o->ports++];
    p->name = value;
    return read_network(address, &p->address, &p->prefix) && p->prefix > 0;
}

static bool add_route(struct options *o, char *value)
{
    char *gateway = cut_at(value, '=');
    if (gateway == NULL || o->routes == ROUTES)
        return false;
    struct route *r = &o->route[o->routes++];
    return read_network(value, &r->network, &r->prefix) && read_ip4(gateway, &r->gateway);
}

static bool add_published(struct options *o, char *value)
{
    uint64_t port, inside_port;
    char *inside = cut_at(value, '='), *outside = cut_at(value, ':');
    if (inside == NULL || outside == NULL || o->published_count == PUBLISHED)
        return false;
    char *behind = cut_at(inside, ':');
    struct published *p = &o->published[o->published_count++];
    p->protocol = strcmp(value, "tcp") == 0 ? LK_TCP : LK_UDP;
    if (behind == NULL || (p->protocol == LK_UDP && strcmp(value, "udp") != 0))
        return false;
    if (!lk_read_number(outside, 65535, &port) || port == 0 || !lk_read_number(behind, 65535, &inside_port) || inside_port == 0 || !read_ip4(inside, &p->inside.address))
        return false;
    p->port = (uint16_t)port;
    p->inside.port = (uint16_t)inside_port;
    return true;
}

static bool set_pcap(struct options *o, char *value)
{
    char *file = cut_at(value, '=');
    struct port *p = find_port(o, value);
    if (p == NULL || file == NULL || file[0] == 0)
        return false;
    p->pcap = file;
    return true;
}

/* 0, or -1 and one line on standard error. */
static int read_arguments(int argc, char **argv, struct options *o)
{
    static const struct { const char *name; bool (*take)(struct options *, char *); } takers[] = {
        {"--interface", add_interface}, {"--route", add_route}, {"--publish", add_published}, {"--pcap", set_pcap}};
    for (int i = 1; i < argc; i += 2) {
        size_t k = 0;
        char copy[256];
        while (k < sizeof takers / sizeof *takers && strcmp(argv[i], takers[k].name) != 0)
            k++;
        bool nat = strcmp(argv[i], "--nat") == 0, known = nat || k < sizeof takers / sizeof *takers;
        snprintf(copy, sizeof copy, "%s", i + 1 < argc ? argv[i + 1] : "");
        if (nat)
            o->nat = argv[i + 1];
        if (known && i + 1 < argc && (nat || takers[k].take(o, argv[i + 1])))
            continue;
        fprintf(stderr, "lockstep route: %s%s%s: %s (try --help)\n", argv[i], known && copy[0] != 0 ? " " : "", known ? copy : "", !known ? "unknown option" : i + 1 == argc ? "a value is missing" : "not of the form that is asked for, too many, or of no interface given before");
        return -1;
    }
    const char *wrong = o->ports < 2 ? "two interfaces are needed" : o->nat != NULL && find_port(o, o->nat) == NULL ? "--nat names none of the interfaces" :
                        o->published_count > 0 && o->nat == NULL ? "--publish goes with --nat" : NULL;
    if (wrong != NULL)
        fprintf(stderr, "lockstep route: %s (try --help)\n", wrong);
    return wrong == NULL ? 0 : -1;
}

/* -- life -- */

struct router {
    struct options *options;
    struct lk_live_loop loop;
    struct lk_run run;
    uint8_t scratch[SCRATCH];
    struct lk_fault fault;
};

static bool is_outside(const struct router *r, uint32_t port)
{
    return r->options->nat != NULL && strcmp(r->options->port[port].name, r->options->nat) == 0;
}

/* The interface in whose network a next hop stands, or LK_ANY. */
static uint32_t port_towards(const struct options *o, const struct lk_addr *address)
{
    for (uint32_t i = 0; i < o->ports; i++)
        if (lk_addr_in_prefix(address, &o->port[i].address, 96 + o->port[i].prefix))
            return i;
    return LK_ANY;
}

static int open_ports(struct router *r)
{
    for (uint32_t i = 0; i < r->options->ports; i++) {
        struct port *p = &r->options->port[i];
        char other[64], own[48];
        p->live = lk_live_open(p->name, 0, &r->fault);
        if (p->live == NULL)
            return -1;
        r->loop.port[r->loop.ports++] = p->live;
        if (lk_live_kernel_has(&p->address, other))
            fprintf(stderr, "lockstep route: %s is the kernel's too, on %s: it will answer for us. Try: ip address del %s/%u dev %s\n", lk_live_address_text(&p->address, own), other, own,
                    p->prefix, other);
        if (p->pcap == NULL)
            continue;
        p->writer = lk_capture_writer_open(p->pcap, lk_live_is_raw_ip(p->live) ? LK_CAPTURE_RAW_IP : LK_CAPTURE_ETHERNET, &r->fault);
        if (p->writer == NULL)
            return -1;
        r->loop.record[i].to = p->writer;
    }
    return 0;
}

static int build_stack(struct router *r, const uint8_t seed[32], lk_time now)
{
    struct lk_config c;
    lk_config_init(&c, "linux");
    c.ifaces = r->options->ports;
    c.addresses = LK_MAX_IFACES;
    c.routes = ROUTES;
    c.neighbours = 1024;
    c.neighbour_queue = 256;
    c.forward_queue = 1024;
    c.forwarding = true;
    for (uint32_t i = 0; i < c.ifaces; i++) {
        struct lk_live *live = r->options->port[i].live;
        c.iface[i] = (struct lk_iface_config){.link = lk_live_is_raw_ip(live) ? LK_LINK_RAW_IP : LK_LINK_ETHERNET, .mtu = lk_live_mtu(live)};
        lk_live_own_mac(live, c.iface[i].mac);
    }
    size_t size = lk_stack_footprint(&c);
    if (size == 0)
        return lk_fault_at(&r->fault, "route", 0, "the stack cannot be configured: %s is out of range", lk_config_check(&c));
    r->run.stack = lk_live_memory(size);
    int error = r->run.stack == NULL ? LK_E_NOMEM : lk_stack_init(r->run.stack, size, &c, now, seed);
    for (uint32_t i = 0; i < c.ifaces && error == 0; i++)
        error = lk_addr_add(r->run.stack, i, r->options->port[i].address, r->options->port[i].prefix, is_outside(r, i) ? LK_ADDR_SHARED : LK_ADDR_PREFERRED, now);
    return error == 0 ? 0 : lk_fault_at(&r->fault, "route", 0, "the stack cannot be built: %s", lk_error_name(error));
}

static int build_gateway(struct router *r, const uint8_t seed[32], lk_time now)
{
    const struct options *o = r->options;
    struct lk_gateway_config c;
    lk_gateway_config_init(&c);
    c.ifaces = o->ports;
    c.routes = ROUTES;
    c.mappings = o->nat == NULL ? 0 : 16384;
    c.sessions = o->nat == NULL ? 0 : 32768;
    for (uint32_t i = 0; i < c.ifaces; i++)
        c.iface[i] = (struct lk_gateway_iface){.address = o->port[i].address, .prefix = o->port[i].prefix, .mtu = lk_live_mtu(o->port[i].live), .outside = is_outside(r, i)};
    size_t size = lk_gateway_footprint(&c);
    r->run.gateway = lk_live_memory(size);
    int error = r->run.gateway == NULL ? LK_E_NOMEM : lk_gateway_init(r->run.gateway, size, &c, now, seed);
    for (uint32_t i = 0; i < o->published_count && error == 0; i++)
        error = lk_gateway_publish(r->run.gateway, o->published[i].protocol, o->published[i].port, &o->published[i].inside, now);
    return error == 0 ? 0 : lk_fault_at(&r->fault, "route", 0, "the gateway cannot be built: %s", lk_error_name(error));
}

/* The stack needs them for what it sends itself, the gateway for the rest. */
static int add_routes(struct router *r, lk_time now)
{
    for (uint32_t i = 0; i < r->options->routes; i++) {
        const struct route *route = &r->options->route[i];
        uint32_t port = port_towards(r->options, &route->gateway);
        char text[48];
        int error = port == LK_ANY ? LK_E_NETUNREACH : lk_gateway_route_add(r->run.gateway, route->network, route->prefix, route->gateway, port);
        if (error == 0)
            error = lk_route_add(r->run.stack, route->network, route->prefix, route->gateway, port, now);
        if (error != 0)
            return lk_fault_at(&r->fault, "route", 0, "the route by %s: %s", lk_live_address_text(&route->gateway, text), port == LK_ANY ? "in no network of ours" : lk_error_name(error));
    }
    return 0;
}

static int build(struct router *r)
{
    uint8_t seed[32];
    lk_live_loop_init(&r->loop, &r->run);
    r->run.scratch = r->scratch;
    r->run.scratch_size = sizeof r->scratch;
    if (open_ports(r) != 0 || lk_live_seed(seed, &r->fault) != 0)
        return -1;
    lk_time now = lk_live_now();
    return build_stack(r, seed, now) != 0 || build_gateway(r, seed, now) != 0 || add_routes(r, now) != 0 ? -1 : 0;
}

static void report(const struct router *r)
{
    printf("%llu packets sent on, %llu for which the stack had no room\n", (unsigned long long)r->run.forwarded, (unsigned long long)r->run.unforwarded);
    for (int verdict = 0; verdict < LK_GATEWAY_VERDICTS; verdict++)
        if (lk_gateway_count(r->run.gateway, verdict) > 0)
            printf("%8llu %s%s\n", (unsigned long long)lk_gateway_count(r->run.gateway, verdict), verdict >= LK_GATEWAY_DROP ? "dropped: " : "", lk_gateway_verdict_name(verdict));
}

static int route(struct router *r)
{
    enum lk_live_loop_state state = LK_LIVE_GOES_ON;
    int status = LK_EXIT_HELD;
    if (build(r) != 0) {
        status = LK_EXIT_FAILED;
    } else {
        lk_live_loop_signals();
        fprintf(stderr, "lockstep route: routing between %u interfaces%s%s\n", r->options->ports, r->options->nat == NULL ? "" : ", NAT on ", r->options->nat == NULL ? "" : r->options->nat);
        while (state == LK_LIVE_GOES_ON)
            state = lk_live_loop_step(&r->loop, LK_NEVER, &r->fault);
        status = state == LK_LIVE_STOPPED && lk_live_loop_end(&r->loop, &r->fault) == 0 ? LK_EXIT_HELD : LK_EXIT_FAILED;
        report(r);
    }
    for (uint32_t i = 0; i < r->options->ports; i++) {
        if (lk_capture_writer_close(r->options->port[i].writer, status == LK_EXIT_HELD ? &r->fault : NULL) != 0)
            status = LK_EXIT_FAILED;
        lk_live_close(r->options->port[i].live);
    }
    if (status != LK_EXIT_HELD)
        fprintf(stderr, "lockstep route: %s\n", r->fault.text);
    free(r->run.stack);
    free(r->run.gateway);
    return status;
}

int lk_cli_route(int argc, char **argv)
{
    struct options options = {0};
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return fputs(usage, stdout) < 0 ? LK_EXIT_UNUSABLE : LK_EXIT_HELD;
    if (read_arguments(argc, argv, &options) != 0)
        return LK_EXIT_UNUSABLE;
    struct router *r = lk_live_memory(sizeof *r);
    if (r == NULL) {
        fprintf(stderr, "lockstep route: out of memory\n");
        return LK_EXIT_FAILED;
    }
    r->options = &options;
    int status = route(r);
    free(r);
    return status;
}
