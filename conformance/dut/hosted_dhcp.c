/* DHCP: a client (calls `lease`, `release`, `state`, `options`), and a server. Settings have the names of the machines' configs. */
#include "conformance/dut/hosted.h"
#include "conformance/timeline/units.h"
#include "stack/apps/dhcp_client.h"
#include "stack/apps/dhcp_server.h"
#include <stdio.h>
#include <string.h>

/* ---- client ---- */

static int create_client(struct lk_hosted *h, const struct lk_dut_config *from, const uint8_t seed[32])
{
    struct lk_dhcp_client_config c;
    const char *hostname = lk_hosted_app(from, "hostname", 0);
    lk_dhcp_client_config_init(&c);
    c.iface = 0;
    memcpy(c.mac, from->interfaces[0].mac, 6);
    if (hostname != NULL)
        snprintf(c.hostname, sizeof c.hostname, "%s", hostname);
    lk_hosted_addresses(from, "requested", &c.requested, 1);
    c.reboot = lk_hosted_number(from, "reboot", c.reboot) != 0;
    c.probe = lk_hosted_number(from, "probe", c.probe) != 0;
    c.probe_wait = lk_hosted_number(from, "probe_wait", c.probe_wait);
    c.start_delay_max = lk_hosted_number(from, "start_delay_max", c.start_delay_max);
    c.offer_wait = lk_hosted_number(from, "offer_wait", c.offer_wait);
    size_t size = lk_dhcp_client_footprint(&c);
    h->memory = lk_hosted_memory(size);
    if (h->memory == NULL || lk_dhcp_client_init(h->memory, size, &c, h->now, seed) < 0)
        return -1;
    h->run.app[h->run.apps++] = (struct lk_app){&lk_dhcp_client_app, h->memory};
    return 0;
}

static void list_addresses(const struct lk_addr *list, uint32_t count, const char *what, char *text, size_t cap)
{
    char word[LK_WORD];
    for (uint32_t i = 0; i < count; i++) {
        size_t len = strlen(text);
        snprintf(text + len, cap - len, "%s%s%s", i == 0 && len > 0 ? " " : i > 0 ? "," : "", i == 0 ? what : "", lk_write_ip4(&list[i], word));
    }
}

static void tell_options(struct lk_hosted *h, uint32_t id)
{
    struct lk_dhcp_lease lease;
    char text[256] = "";
    if (!lk_dhcp_client_lease(h->memory, &lease)) {
        lk_hosted_return(h, id, "no lease");
        return;
    }
    list_addresses(lease.router, lease.routers, "router ", text, sizeof text);
    list_addresses(lease.dns_server, lease.dns_servers, "dns ", text, sizeof text);
    lk_hosted_return(h, id, "%s%s%s%s", text, text[0] != 0 && lease.domain[0] != 0 ? " " : "", lease.domain[0] != 0 ? "domain " : "", lease.domain);
}

static int call_client(struct lk_hosted *h, uint32_t id, const char *words)
{
    int result = 0;
    if (strcmp(words, "lease") == 0) {
        h->waiting = id;
        h->waits = true;
        result = lk_dhcp_client_start(h->memory, h->run.stack, h->now);
        if (result < 0) {
            h->waits = false;
            lk_hosted_return(h, id, "failed");
        }
    } else if (strcmp(words, "release") == 0) {
        result = lk_dhcp_client_release(h->memory, h->run.stack, h->now);
        lk_hosted_return(h, id, result < 0 ? "failed" : "released");
    } else if (strcmp(words, "state") == 0) {
        lk_hosted_return(h, id, "%s", lk_dhcp_state_name(lk_dhcp_client_state(h->memory)));
    } else if (strcmp(words, "options") == 0) {
        tell_options(h, id);
    } else {
        return -1;
    }
    return 0;
}

/* `lease` returns with the first lease. */
static void look_client(struct lk_hosted *h)
{
    struct lk_dhcp_event event;
    struct lk_dhcp_lease lease;
    char word[LK_WORD];
    while (lk_dhcp_client_next(h->memory, &event))
        if (h->waits && event.state == LK_DHCP_BOUND && lk_dhcp_client_lease(h->memory, &lease)) {
            h->waits = false;
            lk_hosted_return(h, h->waiting, "bound %s/%u", lk_write_ip4(&lease.address, word), lease.prefix);
        }
}

const struct lk_hosted_kind lk_hosted_dhcp_client = {.runs = "dhcp-client", .create = create_client, .call = call_client, .look = look_client};

/* ---- server ---- */

static int create_server(struct lk_hosted *h, const struct lk_dut_config *from, const uint8_t seed[32])
{
    struct lk_dhcp_server_config c;
    const char *range = lk_hosted_app(from, "range", 0), *domain = lk_hosted_app(from, "domain", 0);
    char first[32], last[32];
    lk_dhcp_server_config_init(&c);
    c.iface = 0;
    c.address = lk_hosted_own(from, 0);
    c.prefix = from->interfaces[0].prefix;
    if (range == NULL || sscanf(range, "%31[0-9.]-%31[0-9.]", first, last) != 2 || !lk_read_ip4(first, &c.first) || !lk_read_ip4(last, &c.last))
        return -1;
    c.leases = (uint32_t)lk_hosted_number(from, "leases", c.leases > 0 ? c.leases : 16);
    c.lease_time = (uint32_t)lk_hosted_number(from, "lease_time", c.lease_time > 0 ? c.lease_time : 3600);
    c.t1 = (uint32_t)lk_hosted_number(from, "t1", c.t1);
    c.t2 = (uint32_t)lk_hosted_number(from, "t2", c.t2);
    c.offer_time = lk_hosted_number(from, "offer_time", c.offer_time);
    c.routers = (uint32_t)lk_hosted_addresses(from, "router", c.router, 4);
    c.dns_servers = (uint32_t)lk_hosted_addresses(from, "dns", c.dns_server, 4);
    if (domain != NULL)
        snprintf(c.domain, sizeof c.domain, "%s", domain);
    size_t size = lk_dhcp_server_footprint(&c);
    h->memory = lk_hosted_memory(size);
    if (h->memory == NULL || lk_dhcp_server_init(h->memory, size, &c, h->now, seed) < 0)
        return -1;
    h->run.app[h->run.apps++] = (struct lk_app){&lk_dhcp_server_app, h->memory};
    return lk_dhcp_server_start(h->memory, h->run.stack, h->now);
}

const struct lk_hosted_kind lk_hosted_dhcp_server = {.runs = "dhcp-server", .create = create_server};
