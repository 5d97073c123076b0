#include "conformance/visit/plain.h"
#include "stack/base/error.h"
#include <stdio.h>
#include <string.h>

static lk_socket client, listener, server;
static uint64_t written;
static size_t head_len;
static char head[256];

int plain_start(struct world *w)
{
    struct lk_stack *web = w->host[WEB_SERVER].stack, *laptop = w->host[LAPTOP].stack;
    struct lk_endpoint local = {.iface = LK_ANY, .port = 80}, remote = {.address = lk_addr_from_ip4(0xc0000250u), .iface = LK_ANY, .port = 80};
    server = 0;
    written = 0;
    w->got = lk_bump_take(w->memory, (size_t)w->page_bytes + 4096);
    if (w->got == NULL)
        return LK_E_NOMEM;
    head_len = (size_t)snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %llu\r\n\r\n", (unsigned long long)w->page_bytes);
    int error = lk_sock_open(web, LK_TCP, &listener, w->now);
    if (error == 0)
        error = lk_sock_bind(web, listener, &local, w->now);
    if (error == 0)
        error = lk_sock_listen(web, listener, 4, w->now);
    if (error == 0)
        error = lk_sock_open(laptop, LK_TCP, &client, w->now);
    return error == 0 ? lk_sock_connect(laptop, client, &remote, w->now) : error;
}

void plain_client(struct world *w)
{
    static const char get[] = "GET / HTTP/1.1\r\nHost: www.google.com\r\nAccept: */*\r\n\r\n";
    struct lk_stack *laptop = w->host[LAPTOP].stack;
    struct lk_event_sock event;
    while (lk_stack_event(laptop, &event)) {
        if (w->got_bytes == 0 && (event.bits & LK_SOCK_CONNECTED) && !(event.bits & LK_SOCK_READABLE))
            lk_sock_send(laptop, client, get, sizeof get - 1, w->now);
        uint8_t bytes[4096];
        int64_t n;
        while ((n = lk_sock_recv(laptop, client, bytes, sizeof bytes, 0, w->now)) > 0) {
            memcpy(w->got + w->got_bytes, bytes, (size_t)n);
            w->got_bytes += (uint64_t)n;
        }
        if (!w->over && w->got_bytes == w->page_bytes + head_len) {
            lk_sock_close(laptop, client, w->now);
            w->over = true;
        }
    }
}

void plain_server(struct world *w)
{
    struct lk_stack *web = w->host[WEB_SERVER].stack;
    struct lk_event_sock event;
    uint8_t bytes[4096];
    while (lk_stack_event(web, &event)) {
        struct lk_endpoint remote;
        if (server == 0 && lk_sock_accept(web, listener, &server, &remote, w->now) != 0)
            server = 0;
    }
    if (server == 0)
        return;
    int64_t n = lk_sock_recv(web, server, bytes, sizeof bytes, 0, w->now);
    if (n > 0) {
        lk_sock_send(web, server, head, head_len, w->now);
        written = 1;
    }
    while (written > 0 && written - 1 < w->page_bytes) {
        int64_t sent = lk_sock_send(web, server, w->page + written - 1, (size_t)(w->page_bytes - (written - 1)), w->now);
        if (sent <= 0)
            break;
        written += (uint64_t)sent;
    }
    if (n == 0) {
        lk_sock_close(web, server, w->now);
        server = 0;
    }
}
