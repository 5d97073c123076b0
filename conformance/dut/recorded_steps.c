#include "conformance/dut/recorded_steps.h"
#include "conformance/compose/compose.h"
#include "conformance/compose/stream.h"
#include <stdlib.h>
#include <string.h>

#define CONNECTIONS 32
#define WRAP 42            /* headers around a DNS message of a connection */
#define BUDGET ((size_t)32 << 20)

struct lk_recorded_steps {
    const struct lk_trace *trace;
    size_t done;             /* steps that have been looked at */
    lk_time now;
    struct lk_bump *memory;
    struct { bool used; uint8_t iface; struct lk_tcp_end end; } connection[CONNECTIONS];
    uint8_t frame[LK_END_FRAME];
};

/* The device's end of a connection: it opens what the trace accepts, and waits for what the peer opens. */
static void make_end(struct lk_recorded_steps *d, const struct lk_step *step)
{
    struct lk_tcp_end *end = &d->connection[step->connection].end;
    unsigned own = step->kind == LK_STEP_ACCEPT ? 0 : 1;
    d->connection[step->connection].used = true;
    d->connection[step->connection].iface = step->iface;
    *end = (struct lk_tcp_end){.memory = d->memory, .address = step->address[own], .port = step->port[own], .peer = step->address[1 - own], .peer_port = step->port[1 - own]};
    lk_compose_iface_mac(d->trace, step->iface, end->mac);
    lk_compose_mac(lk_compose_next_hop(d->trace, step->iface, end->peer), end->peer_mac);
    if (step->kind == LK_STEP_CONNECT)
        lk_end_listen(end, 0x30000000u);
}

struct lk_recorded_steps *lk_recorded_steps_new(const struct lk_trace *trace, lk_time now)
{
    struct lk_recorded_steps *d = calloc(1, sizeof *d);
    if (d == NULL)
        return NULL;
    d->trace = trace;
    d->now = now;
    d->memory = lk_bump_new(BUDGET);
    if (d->memory == NULL) {
        free(d);
        return NULL;
    }
    for (size_t i = 0; i < trace->step_count; i++)
        if ((trace->steps[i].kind == LK_STEP_CONNECT || trace->steps[i].kind == LK_STEP_ACCEPT) && trace->steps[i].connection < CONNECTIONS)
            make_end(d, &trace->steps[i]);
    return d;
}

void lk_recorded_steps_free(struct lk_recorded_steps *d)
{
    if (d == NULL)
        return;
    lk_bump_free(d->memory);
    free(d);
}

int lk_recorded_steps_inject(struct lk_recorded_steps *d, uint32_t iface, const uint8_t *frame, size_t len, int64_t at)
{
    d->now = at > d->now ? at : d->now;
    for (size_t i = 0; i < CONNECTIONS; i++)
        if (d->connection[i].used && d->connection[i].iface == iface && lk_end_take(&d->connection[i].end, frame, len))
            return 0;
    return 0;
}

static void say(struct lk_tcp_end *end, const struct lk_step *step)
{
    size_t skip = step->says == LK_SAYS_DNS ? WRAP : 0, len = step->len - skip;
    if (step->says == LK_SAYS_DNS)
        lk_end_write(end, (const uint8_t[2]){(uint8_t)(len >> 8), (uint8_t)len}, 2);
    lk_end_write(end, step->bytes + skip, len);
}

/* What the device does on a connection when a step's time has come. */
static void act(struct lk_recorded_steps *d, const struct lk_step *step)
{
    if (step->kind < LK_STEP_CONNECT || step->connection >= CONNECTIONS)
        return;
    struct lk_tcp_end *end = &d->connection[step->connection].end;
    if (step->kind == LK_STEP_ACCEPT)
        lk_end_connect(end, 0x30000000u);
    else if (step->kind == LK_STEP_EXPECT)
        say(end, step);
    else if (step->kind == LK_STEP_ENDED)
        lk_end_close(end);
    else if (step->kind == LK_STEP_BROKEN)
        lk_end_reset(end);
}

static bool owed(struct lk_recorded_steps *d, struct lk_dut_happening *out)
{
    for (size_t i = 0; i < CONNECTIONS; i++) {
        size_t len = d->connection[i].used ? lk_end_next(&d->connection[i].end, d->frame) : 0;
        if (len == 0)
            continue;
        *out = (struct lk_dut_happening){.size = sizeof *out, .kind = LK_DUT_FRAME, .at = d->now, .bytes = d->frame, .len = len, .iface = d->connection[i].iface};
        return true;
    }
    return false;
}

int lk_recorded_steps_advance(struct lk_recorded_steps *d, int64_t until, struct lk_dut_happening *out)
{
    *out = (struct lk_dut_happening){.size = sizeof *out};
    for (;;) {
        if (owed(d, out))
            return 0;
        const struct lk_step *step = d->done < d->trace->step_count ? &d->trace->steps[d->done] : NULL;
        if (step == NULL || step->at > until)
            break;
        d->done++;
        d->now = step->at > d->now ? step->at : d->now;
        act(d, step);
        if (step->kind == LK_STEP_OUT) {
            *out = (struct lk_dut_happening){.size = sizeof *out, .kind = LK_DUT_FRAME, .at = d->now, .iface = step->iface, .bytes = step->bytes, .len = step->len};
            return 0;
        }
        if (step->kind == LK_STEP_RETURNS) {
            *out = (struct lk_dut_happening){.size = sizeof *out, .kind = LK_DUT_RETURN, .at = d->now, .id = step->call, .bytes = (const uint8_t *)step->text, .len = strlen(step->text)};
            return 0;
        }
    }
    d->now = until > d->now ? until : d->now;
    return 0;
}
