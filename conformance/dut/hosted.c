#include "conformance/dut/hosted.h"
#include "conformance/timeline/units.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STUCK 64

/* A kind in this list stands in LK_HOSTED_CAPABILITIES too. */
static const struct lk_hosted_kind *const kinds[] = {&lk_hosted_udp_echo, &lk_hosted_gateway, &lk_hosted_dns_resolver, &lk_hosted_dns_server,
                                                      &lk_hosted_dhcp_client, &lk_hosted_dhcp_server, &lk_hosted_http_server, &lk_hosted_http_client};

/* ---- settings ---- */

const char *lk_hosted_app(const struct lk_dut_config *from, const char *name, size_t n)
{
    for (size_t i = 0; i < from->app_count; i++)
        if (strcmp(from->app[i].name, name) == 0 && n-- == 0)
            return from->app[i].value;
    return NULL;
}

int64_t lk_hosted_number(const struct lk_dut_config *from, const char *name, int64_t otherwise)
{
    const char *text = lk_hosted_app(from, name, 0);
    int64_t number;
    return text != NULL && lk_read_setting(text, &number) ? number : otherwise;
}

size_t lk_hosted_addresses(const struct lk_dut_config *from, const char *name, struct lk_addr *out, size_t most)
{
    size_t count = 0;
    const char *text;
    while (count < most && (text = lk_hosted_app(from, name, count)) != NULL && lk_read_ip4(text, &out[count]))
        count++;
    return count;
}

struct lk_addr lk_hosted_own(const struct lk_dut_config *from, size_t iface)
{
    struct lk_addr address;
    memcpy(&address, from->interfaces[iface].address, 16);
    return address;
}

bool lk_hosted_route(const struct lk_dut_config *from, size_t n, struct lk_addr *network, uint32_t *prefix, struct lk_addr *via, uint32_t *iface)
{
    const char *text = lk_hosted_app(from, "route", n);
    char left[32], right[32];
    unsigned bits;
    if (text == NULL || sscanf(text, "%31[0-9.]/%u via %31[0-9.]", left, &bits, right) != 3 || bits > 32 || !lk_read_ip4(left, network) || !lk_read_ip4(right, via))
        return false;
    *prefix = bits;
    for (uint32_t i = 0; i < from->interface_count; i++) {
        struct lk_addr own = lk_hosted_own(from, i);
        if (((lk_addr_ip4(&own) ^ lk_addr_ip4(via)) & lk_ip4_mask(from->interfaces[i].prefix)) == 0 && lk_addr_ip4(&own) != 0) {
            *iface = i;
            return true;
        }
    }
    return false;
}

void *lk_hosted_memory(size_t size)
{
    size_t whole = (size + 15) / 16 * 16;
    void *memory = size == 0 ? NULL : aligned_alloc(16, whole);
    if (memory != NULL)
        memset(memory, 0, whole);
    return memory;
}

/* ---- life ---- */

void lk_hosted_destroy(void *dut)
{
    struct lk_hosted *h = dut;
    if (h->kind != NULL && h->kind->destroy != NULL)
        h->kind->destroy(h);
    while (h->first != NULL) {
        struct lk_hosted_return *r = h->first;
        h->first = r->next;
        free(r);
    }
    free(h->handed);
    free(h->run.stack);
    free(h->run.gateway);
    free(h->run.scratch);
    free(h->memory);
    free(h->more);
    free(h->frame);
    free(h);
}

static int give_addresses(struct lk_hosted *h, const struct lk_dut_config *from)
{
    struct lk_addr network, via;
    uint32_t prefix, iface;
    for (uint32_t i = 0; i < from->interface_count; i++) {
        struct lk_addr own = lk_hosted_own(from, i);
        if (lk_addr_ip4(&own) != 0 &&
            lk_addr_add(h->run.stack, i, own, from->interfaces[i].prefix, from->interfaces[i].outside ? LK_ADDR_SHARED : LK_ADDR_PREFERRED, h->now) < 0)
            return -1;
    }
    for (size_t n = 0; lk_hosted_route(from, n, &network, &prefix, &via, &iface); n++)
        if (lk_route_add(h->run.stack, network, prefix, via, iface, h->now) < 0)
            return -1;
    return 0;
}

static bool make_stack(struct lk_hosted *h, const struct lk_dut_config *from, const struct lk_config *given, const uint8_t seed[32])
{
    struct lk_config config = *given;
    if (from->interface_count > LK_MAX_IFACES)
        return false;
    config.ifaces = (uint32_t)from->interface_count;
    for (uint32_t i = 0; i < config.ifaces; i++) {
        config.iface[i] = (struct lk_iface_config){.link = LK_LINK_ETHERNET, .mtu = (uint16_t)from->mtu};
        memcpy(config.iface[i].mac, from->interfaces[i].mac, 6);
    }
    if (config.routes < 8)
        config.routes = 8;
    if (config.addresses < config.ifaces + 1)
        config.addresses = config.ifaces + 1;
    if (h->kind->configure != NULL)
        h->kind->configure(from, &config);
    size_t size = lk_stack_footprint(&config);
    h->run.stack = lk_hosted_memory(size);
    return h->run.stack != NULL && lk_stack_init(h->run.stack, size, &config, h->now, seed) >= 0 && give_addresses(h, from) >= 0;
}

void *lk_hosted_create(const struct lk_dut_config *from, const struct lk_config *config, const uint8_t seed[32], int64_t now)
{
    struct lk_hosted *h = calloc(1, sizeof *h);
    uint8_t other[32];
    if (h == NULL)
        return NULL;
    h->hosted = true;
    h->now = now;
    h->last = &h->first;
    h->frame_cap = from->mtu + 14u;
    h->frame = malloc(h->frame_cap);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i]->runs, from->runs) == 0)
            h->kind = kinds[i];
    memcpy(other, seed, sizeof other);
    other[31] ^= 1; /* what runs draws other numbers than the stack */
    if (h->frame == NULL || h->kind == NULL || from->interface_count == 0 || !make_stack(h, from, config, seed) || h->kind->create(h, from, other) < 0) {
        lk_hosted_destroy(h);
        return NULL;
    }
    return h;
}

/* ---- what happens ---- */

void lk_hosted_return(struct lk_hosted *h, uint32_t id, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int made = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t len = made < 0 ? 0 : (size_t)made < sizeof text ? (size_t)made : sizeof text - 1;
    struct lk_hosted_return *r = calloc(1, sizeof *r + len + 1);
    if (r == NULL) {
        h->no_memory = true;
        return;
    }
    r->id = id;
    r->len = len;
    memcpy(r->text, text, len);
    *h->last = r;
    h->last = &r->next;
}

int lk_hosted_inject(void *dut, uint32_t iface, const uint8_t *frame, size_t len, int64_t at)
{
    struct lk_hosted *h = dut;
    struct lk_frame f = {.size_of = sizeof f, .iface = iface, .bytes = (uint8_t *)(uintptr_t)frame, .len = len};
    if (at > h->now)
        h->now = at;
    h->still = 0;
    return lk_run_rx(&h->run, &f, h->now, NULL) < 0 ? -1 : 0;
}

int lk_hosted_call(void *dut, uint32_t id, enum lk_dut_op op, const struct lk_dut_args *args, int64_t at)
{
    struct lk_hosted *h = dut;
    if (at > h->now)
        h->now = at;
    h->still = 0;
    if (op != LK_DUT_DO || args->text == NULL || h->kind->call == NULL)
        return -1;
    lk_run_tick(&h->run, h->now);
    return h->kind->call(h, id, args->text);
}

static int hand_out_return(struct lk_hosted *h, struct lk_dut_happening *out)
{
    struct lk_hosted_return *r = h->first;
    h->first = r->next;
    if (h->first == NULL)
        h->last = &h->first;
    free(h->handed);
    h->handed = r;
    out->kind = LK_DUT_RETURN;
    out->id = r->id;
    out->bytes = (const uint8_t *)r->text;
    out->len = r->len;
    return 0;
}

static int death(struct lk_hosted *h, struct lk_dut_happening *out, const char *reason)
{
    h->dead = true;
    out->kind = LK_DUT_DEATH;
    out->reason = reason;
    return 0;
}

int lk_hosted_advance(void *dut, int64_t until, struct lk_dut_happening *out)
{
    struct lk_hosted *h = dut;
    memset(out, 0, sizeof *out);
    out->size = sizeof *out;
    for (;;) {
        struct lk_frame f = {.size_of = sizeof f, .bytes = h->frame, .cap = h->frame_cap};
        out->at = h->now;
        if (h->no_memory)
            return -1;
        if (h->dead)
            return 0;
        lk_run_tick(&h->run, h->now);
        if (h->kind->look != NULL)
            h->kind->look(h);
        if (h->first != NULL)
            return hand_out_return(h, out);
        int len = lk_run_tx(&h->run, LK_ANY, &f, h->now);
        if (len < 0)
            return death(h, out, "the stack could not emit a frame");
        if (len > 0) {
            h->still = 0;
            out->kind = LK_DUT_FRAME;
            out->bytes = h->frame;
            out->len = (size_t)len;
            out->iface = f.iface;
            return 0;
        }
        lk_time next = lk_run_deadline(&h->run);
        if (next > until) {
            h->now = until > h->now ? until : h->now;
            return 0;
        }
        if (next <= h->now && ++h->still > STUCK)
            return death(h, out, "the deadline does not move on");
        h->now = next > h->now ? next : h->now;
    }
}
