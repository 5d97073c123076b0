/* A DHCP client or server of ours on a real interface, for the live tests.
 *
 *     dhcp client IF SECONDS [ADDRESS]   prints each state and the lease; releases it after SECONDS. ADDRESS: begins in INIT-REBOOT with it
 *     dhcp server IF ADDRESS/PREFIX FIRST LAST LEASE   until a signal; LEASE in seconds */
#define _GNU_SOURCE /* inet_pton() under -std=c17 */
#include "conformance/files/live_loop.h"
#include "stack/apps/dhcp_client.h"
#include "stack/apps/dhcp_server.h"
#include "stack/base/error.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct host {
    struct lk_live *live;
    struct lk_stack *stack;
    struct lk_run run;
    struct lk_live_loop loop;
    uint8_t mac[6], seed[32];
};

static int say(const char *what)
{
    fprintf(stderr, "dhcp: %s\n", what);
    return 2;
}

static struct lk_addr address_of(const char *text)
{
    struct in_addr in = {0};
    char copy[48];
    snprintf(copy, sizeof copy, "%s", text);
    if (strchr(copy, '/') != NULL)
        *strchr(copy, '/') = '\0';
    if (inet_pton(AF_INET, copy, &in) != 1)
        exit(say("not an address"));
    return lk_addr_from_ip4(ntohl(in.s_addr));
}

static const char *text_of(const struct lk_addr *address, char text[48])
{
    struct in_addr in = {.s_addr = htonl(lk_addr_ip4(address))};
    return inet_ntop(AF_INET, &in, text, 48);
}

static int open_host(struct host *h, const char *interface)
{
    struct lk_fault fault;
    struct lk_config config;
    h->live = lk_live_open(interface, 0, &fault);
    if (h->live == NULL || lk_live_seed(h->seed, &fault) != 0)
        return say(fault.text);
    lk_live_own_mac(h->live, h->mac);
    if (lk_config_init(&config, "rfc") != 0)
        return say("no configuration");
    config.iface[0].mtu = lk_live_mtu(h->live);
    memcpy(config.iface[0].mac, h->mac, 6);
    size_t size = lk_stack_footprint(&config);
    h->stack = calloc(1, size);
    if (h->stack == NULL || lk_stack_init(h->stack, size, &config, lk_live_now(), h->seed) != 0)
        return say("no stack");
    h->run.stack = h->stack;
    lk_live_loop_init(&h->loop, &h->run);
    h->loop.port[0] = h->live;
    h->loop.ports = 1;
    lk_live_loop_signals();
    return 0;
}

static void tell(struct lk_dhcp_client *c)
{
    struct lk_dhcp_event event;
    struct lk_dhcp_lease lease;
    char address[48], server[48];
    while (lk_dhcp_client_next(c, &event))
        printf("%s %s\n", lk_dhcp_state_name(event.state), event.error == 0 ? "" : lk_error_name(event.error));
    if (lk_dhcp_client_lease(c, &lease))
        printf("has %s/%u of %s, %u routers, domain %s\n", text_of(&lease.address, address), (unsigned)lease.prefix, text_of(&lease.server, server), (unsigned)lease.routers,
               lease.domain);
    fflush(stdout);
}

static int run_client(struct host *h, int seconds, const char *reboot)
{
    struct lk_dhcp_client_config config;
    struct lk_fault fault;
    enum lk_dhcp_state told = LK_DHCP_STOPPED;
    lk_dhcp_client_config_init(&config);
    memcpy(config.mac, h->mac, 6);
    strcpy(config.hostname, "lockstep");
    if (reboot != NULL) {
        config.reboot = true;
        config.requested = address_of(reboot);
    }
    size_t size = lk_dhcp_client_footprint(&config);
    struct lk_dhcp_client *c = calloc(1, size);
    lk_time end = lk_live_now() + seconds * LK_SECOND;
    if (c == NULL || lk_dhcp_client_init(c, size, &config, lk_live_now(), h->seed) != 0 || lk_dhcp_client_start(c, h->stack, lk_live_now()) != 0)
        return say("no client");
    h->run.app[h->run.apps++] = (struct lk_app){&lk_dhcp_client_app, c};
    while (lk_live_now() < end && lk_live_loop_step(&h->loop, end, &fault) == LK_LIVE_GOES_ON) {
        if (lk_dhcp_client_state(c) != told)
            tell(c);
        told = lk_dhcp_client_state(c);
    }
    int bad = lk_dhcp_client_lease(c, NULL) ? 0 : 1;
    lk_dhcp_client_release(c, h->stack, lk_live_now());
    end = lk_live_now() + LK_SECOND / 2; /* the server's address may have to be asked for */
    while (lk_live_now() < end && lk_live_loop_step(&h->loop, end, &fault) == LK_LIVE_GOES_ON)
        ;
    tell(c);
    free(c);
    return bad;
}

static int run_server(struct host *h, char **argument)
{
    struct lk_dhcp_server_config config;
    struct lk_fault fault;
    lk_dhcp_server_config_init(&config);
    config.address = address_of(argument[0]);
    config.prefix = strchr(argument[0], '/') != NULL ? (uint32_t)strtoul(strchr(argument[0], '/') + 1, NULL, 10) : 24;
    config.first = address_of(argument[1]);
    config.last = address_of(argument[2]);
    config.lease_time = (uint32_t)strtoul(argument[3], NULL, 10);
    config.routers = 1;
    config.router[0] = config.address;
    strcpy(config.domain, "home.test");
    size_t size = lk_dhcp_server_footprint(&config);
    struct lk_dhcp_server *s = size == 0 ? NULL : calloc(1, size);
    if (s == NULL || lk_addr_add(h->stack, 0, config.address, config.prefix, LK_ADDR_PREFERRED, lk_live_now()) != 0 ||
        lk_dhcp_server_init(s, size, &config, lk_live_now(), h->seed) != 0 || lk_dhcp_server_start(s, h->stack, lk_live_now()) != 0)
        return say("no server");
    h->run.app[h->run.apps++] = (struct lk_app){&lk_dhcp_server_app, s};
    printf("listening\n");
    fflush(stdout);
    while (lk_live_loop_step(&h->loop, LK_NEVER, &fault) == LK_LIVE_GOES_ON)
        ;
    free(s);
    return 0;
}

int main(int argc, char **argv)
{
    static struct host h;
    if (argc < 4 || (strcmp(argv[1], "client") != 0 && (strcmp(argv[1], "server") != 0 || argc != 7)))
        return say("usage: client IF SECONDS [ADDRESS] | server IF ADDRESS/PREFIX FIRST LAST LEASE");
    int status = open_host(&h, argv[2]);
    if (status == 0)
        status = argv[1][0] == 'c' ? run_client(&h, atoi(argv[3]), argc > 4 ? argv[4] : NULL) : run_server(&h, argv + 3);
    if (h.live != NULL)
        lk_live_close(h.live);
    free(h.stack);
    return status;
}
