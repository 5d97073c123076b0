#include "stack/run/run.h"

/* Sends on what the gateway handed out. */
static void pass(struct lk_run *run, const struct lk_gateway_out *out, lk_time now)
{
    if (lk_stack_forward(run->stack, out->iface, out->next_hop, out->bytes, out->len, now) == 0)
        run->forwarded++;
    else
        run->unforwarded++;
}

/* All that the gateway has still to send: later fragments, redirects, errors that waited. */
static void pass_more(struct lk_run *run, lk_time now)
{
    struct lk_gateway_out out = {.bytes = run->scratch, .cap = run->scratch_size};
    while (run->gateway != NULL && lk_gateway_more(run->gateway, &out, now) >= 0)
        pass(run, &out, now);
}

/* What could not be delivered is the gateway's to report: the stack does not know whose it was. */
static void report_undelivered(struct lk_run *run, lk_time now)
{
    struct lk_gateway_out out = {.bytes = run->scratch, .cap = run->scratch_size};
    uint8_t packet[576];
    uint32_t iface;
    size_t len;
    while (run->gateway != NULL && lk_stack_undelivered(run->stack, packet, sizeof packet, &len, &iface, now))
        if (lk_gateway_undeliverable(run->gateway, packet, len, iface, &out, now) == LK_GATEWAY_ANSWER)
            pass(run, &out, now);
}

/* A packet for another host, or for an address that the gateway shares with us. */
static int rx_forward(struct lk_run *run, const struct lk_frame *frame, lk_time now)
{
    struct lk_gateway_in in = {.iface = frame->iface, .packet = frame->bytes + frame->forward.offset, .len = frame->forward.len};
    struct lk_gateway_out out = {.bytes = run->scratch, .cap = run->scratch_size};
    int verdict = lk_gateway_step(run->gateway, &in, &out, now);
    if (verdict == LK_GATEWAY_FORWARD || verdict == LK_GATEWAY_ANSWER)
        pass(run, &out, now);
    else if (verdict == LK_GATEWAY_LOCAL)
        lk_stack_local(run->stack, frame, now); /* its counters tell what became of it */
    pass_more(run, now);
    return verdict;
}

static lk_time app_deadline(const struct lk_app *app)
{
    return app->kind->deadline(app->self);
}

/* Applications whose time has come, and then what sockets have to tell; one may give the other work. */
static void run_apps(struct lk_run *run, lk_time now)
{
    struct lk_event_sock event;
    for (uint32_t i = 0; i < run->apps; i++)
        if (app_deadline(&run->app[i]) <= now)
            run->app[i].kind->tick(run->app[i].self, run->stack, now);
    while (lk_stack_event(run->stack, &event)) {
        uint32_t i = 0;
        while (i < run->apps && !run->app[i].kind->event(run->app[i].self, run->stack, &event, now))
            i++;
    }
}

int lk_run_rx(struct lk_run *run, struct lk_frame *frame, lk_time now, int *verdict)
{
    int became = lk_stack_rx(run->stack, frame, now);
    int said = -1;
    if (became == LK_RX_FORWARD && run->gateway != NULL)
        said = rx_forward(run, frame, now);
    else if (became == LK_RX_FORWARD && frame->forward.iface == LK_LOCAL)
        lk_stack_local(run->stack, frame, now); /* nobody to ask */
    if (verdict != NULL)
        *verdict = said;
    report_undelivered(run, now);
    run_apps(run, now);
    return became;
}

void lk_run_tick(struct lk_run *run, lk_time now)
{
    lk_stack_tick(run->stack, now);
    if (run->gateway != NULL) {
        lk_gateway_tick(run->gateway, now);
        pass_more(run, now);
    }
    report_undelivered(run, now);
    run_apps(run, now);
}

int lk_run_tx(struct lk_run *run, uint32_t iface, struct lk_frame *frame, lk_time now)
{
    return lk_stack_tx(run->stack, iface, frame, now);
}

lk_time lk_run_deadline(const struct lk_run *run)
{
    lk_time least = lk_stack_deadline(run->stack);
    if (run->gateway != NULL)
        least = lk_time_min(least, lk_gateway_deadline(run->gateway));
    for (uint32_t i = 0; i < run->apps; i++)
        least = lk_time_min(least, app_deadline(&run->app[i]));
    return least;
}
