/* Our HTTP client and our HTTP server on two stacks: pages of many sizes, whole and in order, on one connection and on many. */
#include "stack/tests/support/web.h"

/* What the server's caller does: "/N" is a page of N octets, "/cN" the same in chunks of unknown length. */
struct pages {
    uint64_t done[512], size[512];
    bool chunked[512], open[512];
    uint32_t requests, gone, refused;
    uint64_t content;
};

static void serve_more(struct web *w, struct pages *p, uint32_t connection)
{
    uint8_t bytes[4096];
    while (p->open[connection] && p->done[connection] < p->size[connection]) {
        uint64_t left = p->size[connection] - p->done[connection];
        size_t n = left < sizeof bytes ? (size_t)left : sizeof bytes;
        for (size_t i = 0; i < n; i++)
            bytes[i] = web_octet(p->done[connection] + i);
        int64_t taken = lk_http_server_write(w->server, w->host[1]->stack, connection, bytes, n, w->now);
        ck_assert_int_ge(taken, 0);
        if (taken == 0)
            return;
        p->done[connection] += (uint64_t)taken;
    }
    if (p->open[connection] && p->chunked[connection])
        ck_assert_int_eq(lk_http_server_end(w->server, w->host[1]->stack, connection, w->now), 0);
    p->open[connection] = false;
}

static void serve(struct web *w, struct pages *p)
{
    struct lk_http_server_event e;
    while (lk_http_server_next(w->server, w->host[1]->stack, &e, w->now)) {
        if (e.kind == LK_HTTP_WRITABLE)
            serve_more(w, p, e.connection);
        p->gone += e.kind == LK_HTTP_GONE;
        p->refused += e.kind == LK_HTTP_REFUSED;
        if (e.kind == LK_HTTP_CONTENT)
            p->content += e.len;
        if (e.kind != LK_HTTP_REQUEST)
            continue;
        p->requests++;
        char target[64];
        snprintf(target, sizeof target, "%.*s", (int)e.target_len, e.target);
        bool chunked = target[1] == 'c';
        uint64_t size = strtoull(target + 1 + chunked, NULL, 10);
        bool head = e.method_len == 4;
        struct lk_http_response r = {.status = 200, .fields = "Content-Type: text/plain\r\n", .length = chunked ? UINT64_MAX : size};
        ck_assert_int_eq(lk_http_server_respond(w->server, w->host[1]->stack, e.connection, &r, w->now), 0);
        p->done[e.connection] = 0;
        p->size[e.connection] = size;
        p->chunked[e.connection] = chunked;
        p->open[e.connection] = !head && (chunked || size != 0);
        serve_more(w, p, e.connection);
    }
}

/* What the client's caller sees, by number of request. */
struct seen {
    uint32_t id;
    uint64_t octets, length;
    int heads, ends, fails, error;
    uint16_t status;
    bool wrong, truncated;
};

static void browse(struct web *w, struct seen *seen, size_t count)
{
    struct lk_http_client_event e;
    while (lk_http_client_next(w->client, w->host[0]->stack, &e, w->now)) {
        size_t i = 0;
        while (i < count && seen[i].id != e.id)
            i++;
        ck_assert_uint_lt(i, count);
        if (e.kind == LK_HTTP_HEAD) {
            seen[i].heads++;
            seen[i].status = e.status;
            seen[i].length = e.length;
        }
        if (e.kind == LK_HTTP_BODY) {
            for (size_t k = 0; k < e.len; k++)
                seen[i].wrong |= e.bytes[k] != web_octet(seen[i].octets + k);
            seen[i].octets += e.len;
        }
        seen[i].ends += e.kind == LK_HTTP_END;
        if (e.kind == LK_HTTP_FAILED) {
            seen[i].fails++;
            seen[i].error = e.error;
            seen[i].truncated = e.truncated;
        }
    }
}

static int ask(struct web *w, struct seen *seen, const char *method, const char *target)
{
    struct lk_http_request r = {.server = at(PEER_IP, 80), .method = method, .host = "www.example.com", .target = target};
    return lk_http_client_request(w->client, w->host[0]->stack, &r, &seen->id, w->now);
}

static void run(struct web *w, struct pages *p, struct seen *seen, size_t count)
{
    for (uint32_t i = 0; i < 2000000; i++) {
        size_t done = 0;
        for (size_t k = 0; k < count; k++)
            done += seen[k].ends + seen[k].fails != 0;
        if (done == count || !web_step(w))
            return;
        serve(w, p);
        browse(w, seen, count);
    }
    ck_abort_msg("too many steps");
}

static struct web *begin(uint32_t connections, uint32_t pipeline, uint32_t buffer)
{
    struct lk_http_client_config cc;
    struct lk_http_server_config sc;
    lk_http_client_config_init(&cc);
    lk_http_server_config_init(&sc);
    cc.connections = connections;
    cc.pipeline = pipeline;
    sc.connections = connections;
    sc.backlog = connections;
    return web_new(web_config(2 * connections + 8, buffer), &cc, &sc);
}

static void whole(const struct seen *seen, uint64_t size)
{
    ck_assert_int_eq(seen->fails, 0);
    ck_assert_int_eq(seen->heads, 1);
    ck_assert_int_eq(seen->ends, 1);
    ck_assert_uint_eq(seen->status, 200);
    ck_assert_uint_eq(seen->octets, size);
    ck_assert(!seen->wrong);
}

START_TEST(a_page_is_fetched_whole)
{
    struct web *w = begin(4, 1, 16384);
    struct pages p = {0};
    struct seen seen[1] = {0};
    ck_assert_int_eq(ask(w, seen, "GET", "/100000"), 0);
    run(w, &p, seen, 1);
    whole(seen, 100000);
    ck_assert_uint_eq(seen[0].length, 100000);
    web_free(w);
}
END_TEST

START_TEST(pages_of_all_sizes_come_on_one_connection)
{
    static const unsigned sizes[] = {0, 1, 2, 100, 1459, 1460, 1461, 4095, 4096, 4097, 8192, 16383, 16384, 16385, 70000};
    struct web *w = begin(1, 1, 4096);
    struct pages p = {0};
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof sizes[0]; i++) {
        struct seen seen[1] = {0};
        char target[32];
        snprintf(target, sizeof target, "/%s%u", i % 2 ? "c" : "", sizes[i / 2]);
        ck_assert_int_eq(ask(w, seen, "GET", target), 0);
        run(w, &p, seen, 1);
        whole(seen, sizes[i / 2]);
        ck_assert_uint_eq(seen[0].length, i % 2 ? UINT64_MAX : sizes[i / 2]);
    }
    ck_assert_uint_eq(p.gone, 0);
    web_free(w);
}
END_TEST

START_TEST(an_answer_to_head_has_no_content_and_the_next_one_is_aligned)
{
    struct web *w = begin(1, 2, 4096);
    struct pages p = {0};
    struct seen seen[2] = {0};
    ck_assert_int_eq(ask(w, &seen[0], "HEAD", "/5000"), 0);
    ck_assert_int_eq(ask(w, &seen[1], "GET", "/10"), 0);
    run(w, &p, seen, 2);
    whole(&seen[0], 0);
    whole(&seen[1], 10);
    web_free(w);
}
END_TEST

START_TEST(pipelined_requests_are_answered_in_order)
{
    struct web *w = begin(1, 10, 8192);
    struct pages p = {0};
    struct seen seen[10] = {0};
    for (unsigned i = 0; i < 10; i++) {
        char target[32];
        snprintf(target, sizeof target, "/%s%u", i % 3 == 1 ? "c" : "", i * 700);
        ck_assert_int_eq(ask(w, &seen[i], "GET", target), 0);
    }
    run(w, &p, seen, 10);
    for (unsigned i = 0; i < 10; i++)
        whole(&seen[i], i * 700);
    web_free(w);
}
END_TEST

START_TEST(two_thousand_pages_over_a_hundred_connections)
{
    static struct seen seen[2000];
    struct web *w = begin(100, 1, 4096);
    struct pages p = {0};
    size_t asked = 0;
    w->check = false;
    memset(seen, 0, sizeof seen);
    for (uint32_t i = 0; i < 2000000 && seen[1999].ends + seen[1999].fails == 0; i++) {
        while (asked < 2000) {
            char target[32];
            snprintf(target, sizeof target, "/%zu", asked * 7 % 3000);
            if (ask(w, &seen[asked], "GET", target) != 0)
                break;
            asked++;
        }
        ck_assert(web_step(w));
        serve(w, &p);
        browse(w, seen, 2000);
    }
    run(w, &p, seen, 2000);
    for (size_t i = 0; i < 2000; i++)
        whole(&seen[i], i * 7 % 3000);
    web_free(w);
}
END_TEST

SUITE("http", a_page_is_fetched_whole, pages_of_all_sizes_come_on_one_connection, an_answer_to_head_has_no_content_and_the_next_one_is_aligned,
      pipelined_requests_are_answered_in_order, two_thousand_pages_over_a_hundred_connections)
