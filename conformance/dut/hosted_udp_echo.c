/* The UDP echo service (RFC 862), port 7 or the setting `port`. */
#include "conformance/dut/hosted.h"

struct echo { lk_socket socket; };

static lk_time deadline(const void *self)
{
    (void)self;
    return LK_NEVER;
}

static void tick(void *self, struct lk_stack *stack, lk_time now)
{
    (void)self, (void)stack, (void)now;
}

static bool event(void *self, struct lk_stack *stack, const struct lk_event_sock *happened, lk_time now)
{
    struct echo *e = self;
    struct lk_endpoint remote, local;
    uint8_t bytes[65536];
    if (happened->socket != e->socket)
        return false;
    for (;;) {
        int64_t len = lk_sock_recv_from(stack, e->socket, bytes, sizeof bytes, &remote, &local, now);
        if (len == LK_E_AGAIN)
            return true;
        if (len >= 0)
            (void)lk_sock_send_to(stack, e->socket, bytes, (size_t)len, &remote, &local, now);
    }
}

static const struct lk_app_kind app = {"udp echo", deadline, tick, event};

static int create(struct lk_hosted *h, const struct lk_dut_config *from, const uint8_t seed[32])
{
    struct echo *e = lk_hosted_memory(sizeof *e);
    struct lk_endpoint local = {.iface = LK_ANY, .port = (uint16_t)lk_hosted_number(from, "port", 7)};
    (void)seed;
    h->memory = e;
    if (e == NULL || lk_sock_open(h->run.stack, LK_UDP, &e->socket, h->now) < 0)
        return -1;
    h->run.app[h->run.apps++] = (struct lk_app){&app, e};
    return lk_sock_bind(h->run.stack, e->socket, &local, h->now);
}

const struct lk_hosted_kind lk_hosted_udp_echo = {.runs = "udp-echo", .create = create};
