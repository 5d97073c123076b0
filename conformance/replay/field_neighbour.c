/* The peers' answers to ARP requests in mode `fields`: every host that the trace shows has the MAC that it shows. */
#include "conformance/replay/field_run.h"
#include "conformance/compose/compose.h"
#include "conformance/timeline/units.h"
#include <string.h>

static uint32_t load32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static bool is_own(const struct lk_field_run *run, uint32_t address)
{
    for (size_t i = 0; i < lk_trace_iface_count(run->trace); i++) {
        struct lk_trace_iface iface = lk_trace_iface(run->trace, i);
        if (address == lk_addr_ip4(&iface.host.address))
            return true;
    }
    return false;
}

static void add(struct lk_field_run *run, uint8_t iface, uint32_t address, const uint8_t *mac)
{
    if (address == 0 || address == UINT32_MAX || (mac[0] & 1) || is_own(run, address))
        return;
    for (size_t i = 0; i < run->neighbour_count; i++)
        if (run->neighbours[i].iface == iface && run->neighbours[i].address == address)
            return;
    struct lk_neighbour *grown = lk_bump_grow(run->memory, run->neighbours, run->neighbour_count, &run->neighbour_capacity, sizeof *grown);
    if (grown == NULL) {
        lk_field_run_error(run, "out of memory");
        return;
    }
    run->neighbours = grown;
    struct lk_neighbour *neighbour = &grown[run->neighbour_count++];
    *neighbour = (struct lk_neighbour){.iface = iface, .address = address};
    memcpy(neighbour->mac, mac, 6);
}

/* Who sends a packet on this link, and who takes it: itself, or the router that it goes through. */
void lk_field_neighbours(struct lk_field_run *run)
{
    for (size_t i = 0; i < run->trace->step_count; i++) {
        const struct lk_step *step = &run->trace->steps[i];
        if (step->kind == LK_STEP_CONNECT || step->kind == LK_STEP_ACCEPT) {
            uint32_t hop = lk_compose_next_hop(run->trace, step->iface, step->address[step->kind == LK_STEP_CONNECT ? 0 : 1]);
            uint8_t mac[6];
            lk_compose_mac(hop, mac);
            add(run, step->iface, hop, mac);
        }
        if ((step->kind != LK_STEP_IN && step->kind != LK_STEP_OUT) || step->len < 34 || step->bytes[12] != 8 || step->bytes[13] != 0)
            continue;
        bool in = step->kind == LK_STEP_IN;
        add(run, step->iface, lk_compose_next_hop(run->trace, step->iface, load32(step->bytes + (in ? 26 : 30))), step->bytes + (in ? 6 : 0));
    }
    size_t from = 0;
    const char *silent;
    struct lk_addr address;
    while ((silent = lk_trace_app(run->trace, "silent-neighbour", &from)) != NULL) /* a host that is not there */
        for (size_t i = 0; i < run->neighbour_count; i++)
            if (lk_read_ip4(silent, &address) && lk_addr_ip4(&address) == run->neighbours[i].address)
                run->neighbours[i].address = 0;
}

static void answer(struct lk_field_run *run, const struct lk_neighbour *neighbour, const uint8_t *request)
{
    uint8_t frame[42];
    memcpy(frame, request + 6, 6);
    memcpy(frame + 6, neighbour->mac, 6);
    memcpy(frame + 12, request + 12, 8);
    frame[20] = 0;
    frame[21] = 2;
    memcpy(frame + 22, neighbour->mac, 6);
    memcpy(frame + 28, request + 38, 4);
    memcpy(frame + 32, request + 22, 10);
    if (run->dut->inject(run->device, neighbour->iface, frame, sizeof frame, run->now) != 0)
        lk_field_run_error(run, "the device refused an ARP answer");
}

/* Whether the trace expects ARP here itself. */
static bool expects_arp(const struct lk_field_run *run, uint32_t iface)
{
    for (uint32_t i = lk_field_cursor(run); i < run->trace->step_count; i++) {
        const struct lk_step *step = &run->trace->steps[i];
        if (step->kind == LK_STEP_OUT && step->iface == iface && !run->state[i].done)
            return step->len >= 14 && step->bytes[12] == 8 && step->bytes[13] == 6;
    }
    return false;
}

bool lk_field_arp(struct lk_field_run *run, uint32_t iface, const uint8_t *bytes, size_t len)
{
    if (len < 42 || bytes[12] != 8 || bytes[13] != 6 || run->trace->link.neighbours == LK_NEIGHBOURS_RECORDED || expects_arp(run, iface))
        return false;
    for (size_t i = 0; i < run->neighbour_count && bytes[21] == 1; i++)
        if (run->neighbours[i].iface == iface && run->neighbours[i].address == load32(bytes + 38))
            answer(run, &run->neighbours[i], bytes);
    return true;
}
