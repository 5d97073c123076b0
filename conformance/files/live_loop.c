#define _GNU_SOURCE /* ppoll() */
#include "conformance/files/live_loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#define BATCH 64 /* frames taken before any is sent */

static volatile sig_atomic_t came; /* the signal */

static void note(int number)
{
    came = number;
}

void lk_live_loop_signals(void)
{
    struct sigaction action = {.sa_handler = note}, ignore = {.sa_handler = SIG_IGN};
    sigset_t held;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigemptyset(&held); /* held back but while waiting, so that none falls between looking and waiting */
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigprocmask(SIG_BLOCK, &held, NULL);
}

int lk_live_loop_signal(void)
{
    return came;
}

void lk_live_loop_init(struct lk_live_loop *loop, struct lk_run *run)
{
    memset(loop, 0, offsetof(struct lk_live_loop, frame));
    loop->run = run;
    loop->now = lk_live_now();
}

static void take(void *context, const uint8_t *bytes, size_t len, lk_time arrived)
{
    struct lk_live_loop *loop = context;
    struct lk_frame frame = {.size_of = sizeof frame, .iface = loop->receiving, .len = len, .cap = len};
    frame.bytes = (uint8_t *)(uintptr_t)bytes; /* only read */
    if (lk_live_record_arrived(&loop->record[loop->receiving], bytes, len, arrived, loop->fault) != 0)
        loop->failed = true;
    lk_run_rx(loop->run, &frame, loop->now, NULL);
}

/* One interface after the other until none owes a frame. */
static int send_all(struct lk_live_loop *loop)
{
    for (;;) {
        struct lk_frame frame = {.size_of = sizeof frame, .bytes = loop->frame, .cap = sizeof loop->frame};
        if (lk_run_tx(loop->run, LK_ANY, &frame, loop->now) <= 0)
            return 0;
        if (frame.iface >= loop->ports)
            continue;
        struct lk_live_record *record = &loop->record[frame.iface];
        if (record->to != NULL && lk_live_record_sent(record, frame.bytes, frame.len, lk_live_today(), loop->fault) != 0)
            return -1;
        if (lk_live_send(loop->port[frame.iface], frame.bytes, frame.len, loop->fault) != 0)
            return -1;
    }
}

enum lk_live_loop_state lk_live_loop_flush(struct lk_live_loop *loop, struct lk_fault *fault)
{
    loop->fault = fault;
    loop->now = lk_live_now();
    lk_run_tick(loop->run, loop->now);
    return send_all(loop) != 0 || loop->failed ? LK_LIVE_FAULT : LK_LIVE_GOES_ON;
}

/* Until a frame waits or `until` has come. 0; -1 with errno. */
static int wait_until(const struct lk_live_loop *loop, lk_time until, struct pollfd polled[LK_MAX_IFACES])
{
    struct timespec left;
    sigset_t none;
    lk_time wait = until - lk_live_now();
    if (wait < 0)
        wait = 0;
    left = (struct timespec){.tv_sec = (time_t)(wait / LK_SECOND), .tv_nsec = (long)(wait % LK_SECOND)};
    for (uint32_t i = 0; i < loop->ports; i++)
        polled[i] = (struct pollfd){.fd = lk_live_fd(loop->port[i]), .events = POLLIN};
    sigemptyset(&none);
    int ready = ppoll(polled, loop->ports, until == LK_NEVER ? NULL : &left, &none);
    for (uint32_t i = 0; ready <= 0 && i < loop->ports; i++)
        polled[i].revents = 0;
    return ready < 0 && errno != EINTR ? -1 : 0;
}

/* `slept`: when waiting began, ns since 1970. */
static int receive(struct lk_live_loop *loop, const struct pollfd *polled, lk_time slept)
{
    for (uint32_t i = 0; i < loop->ports; i++) {
        lk_time before = loop->record[i].to == NULL ? 0 : polled[i].revents != 0 ? lk_live_today() : slept;
        int got = 0;
        loop->receiving = i;
        if (polled[i].revents != 0)
            got = lk_live_receive(loop->port[i], BATCH, take, loop, loop->fault);
        if (got < 0 || (got < BATCH && loop->record[i].to != NULL && lk_live_record_until(&loop->record[i], before, loop->fault) != 0))
            return -1;
    }
    return 0;
}

enum lk_live_loop_state lk_live_loop_step(struct lk_live_loop *loop, lk_time until, struct lk_fault *fault)
{
    struct pollfd polled[LK_MAX_IFACES];
    if (lk_live_loop_flush(loop, fault) != LK_LIVE_GOES_ON)
        return LK_LIVE_FAULT;
    lk_time slept = lk_live_today();
    if (wait_until(loop, lk_time_min(until, lk_run_deadline(loop->run)), polled) != 0) {
        lk_fault_at(fault, "poll", 0, "%s", strerror(errno));
        return LK_LIVE_FAULT;
    }
    if (came != 0)
        return LK_LIVE_STOPPED;
    loop->now = lk_live_now();
    if (receive(loop, polled, slept) != 0 || loop->failed)
        return LK_LIVE_FAULT;
    loop->now = lk_live_now();
    lk_run_tick(loop->run, loop->now);
    return LK_LIVE_GOES_ON;
}

int lk_live_loop_end(struct lk_live_loop *loop, struct lk_fault *fault)
{
    int result = 0;
    for (uint32_t i = 0; i < loop->ports; i++) {
        if (loop->record[i].to != NULL && lk_live_record_until(&loop->record[i], LK_NEVER, fault) != 0)
            result = -1;
        lk_live_record_free(&loop->record[i]);
    }
    return result;
}
