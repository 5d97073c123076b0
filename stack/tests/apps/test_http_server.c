/* The HTTP server against a client that the test plays, octet by octet. */
#include "stack/tests/support/web.h"

struct play {
    struct web *w;
    lk_socket socket;            /* of the client */
    char got[65536];
    size_t got_len;
    bool closed, reset;
    /* the server's caller */
    char story[1024];
    uint32_t connection;
    bool answer;                 /* answers each request at once with 200 "ok" */
    uint64_t content;
};

static void connects(struct play *p)
{
    struct lk_endpoint server = at(PEER_IP, 80);
    struct lk_stack *stack = p->w->host[0]->stack;
    p->got_len = 0;
    p->closed = p->reset = false;
    ck_assert_int_eq(lk_sock_open(stack, LK_TCP, &p->socket, p->w->now), 0);
    ck_assert_int_eq(lk_sock_set(stack, p->socket, LK_OPT_NODELAY, 1, p->w->now), 0);
    ck_assert_int_eq(lk_sock_connect(stack, p->socket, &server, p->w->now), 0);
}

static void note(struct play *p, const char *text, unsigned number)
{
    size_t n = strlen(p->story);
    snprintf(p->story + n, sizeof p->story - n, number != 0 ? "%s%s %u" : "%s%s", n == 0 ? "" : " ", text, number);
}

static int respond(struct play *p, const struct lk_http_response *r)
{
    return lk_http_server_respond(p->w->server, p->w->host[1]->stack, p->connection, r, p->w->now);
}

static int64_t writes(struct play *p, const char *text, size_t len)
{
    return lk_http_server_write(p->w->server, p->w->host[1]->stack, p->connection, text, len, p->w->now);
}

static void serve(struct play *p)
{
    static const char *const names[] = {"", "request", "content", "end", "writable", "gone", "refused"};
    struct lk_http_server_event e;
    while (lk_http_server_next(p->w->server, p->w->host[1]->stack, &e, p->w->now)) {
        p->content += e.kind == LK_HTTP_CONTENT ? e.len : 0;
        note(p, names[e.kind], e.status);
        if (e.kind == LK_HTTP_REFUSED)
            ck_assert_ptr_nonnull(strstr(e.what, "RFC "));
        if (e.kind != LK_HTTP_REQUEST)
            continue;
        p->connection = e.connection;
        struct lk_http_response r = {.status = 200, .length = 2};
        if (p->answer) {
            ck_assert_int_eq(respond(p, &r), 0);
            ck_assert_int_eq(writes(p, "ok", 2), 2);
        }
    }
}

static void hears(struct play *p)
{
    int64_t n;
    while ((n = lk_sock_recv(p->w->host[0]->stack, p->socket, p->got + p->got_len, sizeof p->got - 1 - p->got_len, 0, p->w->now)) > 0)
        p->got_len += (size_t)n;
    p->got[p->got_len] = 0;
    p->closed |= n == 0;
    p->reset |= n == LK_E_CONNRESET;
}

static void let_pass(struct play *p, lk_time span)
{
    lk_time until = p->w->now + span;
    serve(p);
    web_pull(p->w, 0);
    web_pull(p->w, 1);
    while (web_deadline(p->w) <= until && web_step(p->w)) {
        serve(p);
        hears(p);
    }
    web_pull(p->w, 0);
    web_pull(p->w, 1);
    p->w->now = until;
}

static void says(struct play *p, const char *text)
{
    ck_assert_int_eq(lk_sock_send(p->w->host[0]->stack, p->socket, text, strlen(text), p->w->now), (int64_t)strlen(text));
    let_pass(p, 100 * MS);
}

static struct play *begin_with(bool answer, lk_time epoch, uint32_t active)
{
    struct play *p = calloc(1, sizeof *p);
    struct lk_config config = web_config(16, 8192);
    config.tcp.active = active;
    struct lk_http_server_config sc;
    lk_http_server_config_init(&sc);
    sc.connections = 2;
    sc.idle = 10 * S;
    sc.head_time = 5 * S;
    sc.linger = 1 * S;
    sc.drain = 1000;
    sc.epoch = epoch;
    p->answer = answer;
    p->w = web_new(config, NULL, &sc);
    connects(p);
    let_pass(p, 100 * MS);
    return p;
}

static struct play *begin_at(bool answer, lk_time epoch)
{
    return begin_with(answer, epoch, 16);
}

static struct play *begin(bool answer)
{
    return begin_at(answer, 0);
}

static void end(struct play *p)
{
    web_free(p->w);
    free(p);
}

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

START_TEST(an_answer_says_its_length_and_what_the_caller_says)
{
    struct play *p = begin(false);
    struct lk_http_response r = {.status = 200, .fields = "Content-Type: text/plain\r\n", .length = 2};
    says(p, GET);
    ck_assert_str_eq(p->story, "request");
    ck_assert_int_eq(respond(p, &r), 0);
    ck_assert_int_eq(writes(p, "ok!", 3), LK_E_INVALID);
    ck_assert_int_eq(writes(p, "ok", 2), 2);
    ck_assert_int_eq(writes(p, "!", 1), LK_E_INVALID);
    let_pass(p, 100 * MS);
    ck_assert_str_eq(p->got, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok");
    ck_assert(!p->closed);
    end(p);
}
END_TEST

START_TEST(an_answer_of_unknown_length_is_chunked_for_11_and_closed_for_10)
{
    struct play *p = begin(false);
    struct lk_http_response r = {.status = 200, .length = UINT64_MAX};
    says(p, GET);
    ck_assert_int_eq(respond(p, &r), 0);
    ck_assert_int_eq(writes(p, "hello", 5), 5);
    ck_assert_int_eq(lk_http_server_end(p->w->server, p->w->host[1]->stack, p->connection, p->w->now), 0);
    let_pass(p, 100 * MS);
    ck_assert_str_eq(p->got, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    p->got_len = 0;
    says(p, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    ck_assert_int_eq(respond(p, &r), 0);
    ck_assert_int_eq(writes(p, "hello", 5), 5);
    ck_assert_int_eq(lk_http_server_end(p->w->server, p->w->host[1]->stack, p->connection, p->w->now), 0);
    let_pass(p, 100 * MS);
    ck_assert_str_eq(p->got, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello");
    ck_assert(p->closed);
    end(p);
}
END_TEST

START_TEST(nothing_can_be_smuggled_into_an_answer)
{
    static const struct lk_http_response bad[] = {
        {.status = 100}, {.status = 199}, {.status = 600}, {.status = 204, .length = 1}, {.status = 205, .length = 1}, {.status = 200, .reason = "a\r\nb"},
        {.status = 200, .fields = "X: y"}, {.status = 200, .fields = "X: y\r\n\r\n"}, {.status = 200, .fields = "X: y\n"}, {.status = 200, .fields = "X : y\r\n"},
        {.status = 200, .fields = "content-length: 5\r\n"}, {.status = 200, .fields = "A: b\r\nTransfer-Encoding: chunked\r\n"},
        {.status = 200, .fields = "Connection: x\r\n"}, {.status = 405}, {.status = 401}, {.status = 407}, {.status = 426}};
    static const struct lk_http_response good = {.status = 405, .fields = "Allow: GET\r\n"};
    struct play *p = begin(false);
    says(p, GET);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(respond(p, &bad[i]) == LK_E_INVALID, "answer %zu was taken", i);
    ck_assert_int_eq(respond(p, &good), 0);
    ck_assert_int_eq(respond(p, &good), LK_E_INVALID);
    let_pass(p, 100 * MS);
    ck_assert_str_eq(p->got, "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nContent-Length: 0\r\n\r\n");
    end(p);
}
END_TEST

START_TEST(head_204_205_and_304_have_no_content)
{
    struct play *p = begin(false);
    struct lk_http_response r = {.status = 200, .length = 5};
    says(p, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    ck_assert_int_eq(respond(p, &r), 0);
    ck_assert_int_eq(writes(p, "hello", 5), LK_E_INVALID);
    let_pass(p, 100 * MS);
    ck_assert_str_eq(p->got, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    p->got_len = 0;
    says(p, GET GET GET);
    for (uint16_t status = 204; status != 0; status = status == 204 ? 205 : status == 205 ? 304 : 0) {
        r = (struct lk_http_response){.status = status};
        ck_assert_int_eq(respond(p, &r), 0);
        ck_assert_int_eq(writes(p, "h", 1), LK_E_INVALID);
        let_pass(p, 100 * MS);
    }
    ck_assert_str_eq(p->got, "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n");
    end(p);
}
END_TEST

START_TEST(pipelined_requests_wait_for_their_turn)
{
    struct play *p = begin(false);
    struct lk_http_response r = {.status = 200};
    says(p, GET GET GET);
    ck_assert_str_eq(p->story, "request");
    ck_assert_int_eq(respond(p, &r), 0);
    let_pass(p, 100 * MS);
    ck_assert_str_eq(p->story, "request request");
    ck_assert_int_eq(respond(p, &r), 0);
    let_pass(p, 100 * MS);
    ck_assert_int_eq(respond(p, &r), 0);
    let_pass(p, 100 * MS);
    ck_assert_str_eq(p->story, "request request request");
    end(p);
}
END_TEST

/* RFC 9110 10.1.1. */
START_TEST(a_client_that_waits_gets_100_or_the_final_answer)
{
    static const char expects[] = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    struct play *p = begin(false);
    says(p, expects);
    ck_assert_str_eq(p->got, "HTTP/1.1 100 Continue\r\n\r\n");
    says(p, "hello");
    ck_assert_str_eq(p->story, "request content end");
    end(p);
    p = begin(true);
    says(p, expects); /* answered before its content: whether that will come nobody knows */
    ck_assert_str_eq(p->got, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    ck_assert(p->closed);
    end(p);
}
END_TEST

/* RFC 9112 9.3. */
START_TEST(content_nobody_reads_is_skipped_if_it_is_short_and_ends_the_connection_if_not)
{
    static char much[3000];
    struct play *p = begin(true);
    says(p, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
    says(p, "hello" GET);
    ck_assert_str_eq(p->story, "request request");
    ck_assert(!p->closed);
    says(p, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n");
    memset(much, 'x', sizeof much - 1);
    says(p, much);
    ck_assert(p->closed);
    end(p);
}
END_TEST

START_TEST(a_head_that_takes_too_long_is_answered_408)
{
    struct play *p = begin(true);
    says(p, "GET / HT");
    let_pass(p, 3 * S);
    says(p, "TP/1.1\r\n");
    ck_assert_str_eq(p->got, "");
    let_pass(p, 3 * S);
    ck_assert_str_eq(p->got, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    ck_assert(p->closed);
    ck_assert_str_eq(p->story, "refused 408");
    end(p);
}
END_TEST

START_TEST(content_that_does_not_come_is_answered_408)
{
    struct play *p = begin(false);
    says(p, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe");
    let_pass(p, 11 * S);
    ck_assert_str_eq(p->got, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    lk_sock_close(p->w->host[0]->stack, p->socket, p->w->now);
    let_pass(p, 2 * S);
    ck_assert_str_eq(p->story, "request content refused 408 gone");
    end(p);
}
END_TEST

START_TEST(an_idle_connection_is_closed_without_a_word)
{
    struct play *p = begin(true);
    says(p, GET);
    let_pass(p, 9 * S);
    ck_assert(!p->closed);
    let_pass(p, 2 * S);
    ck_assert(p->closed);
    ck_assert_str_eq(p->got, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let_pass(p, 3 * S);
    ck_assert_str_eq(p->story, "request gone");
    end(p);
}
END_TEST

/* RFC 9112 9.6: half-close, read on, then close; no reset that would take the answer away. */
START_TEST(the_last_answer_arrives_though_the_client_sends_on)
{
    struct play *p = begin(true);
    says(p, "GET / HTTP/9.9\r\n\r\n");
    ck_assert_str_eq(p->story, "refused 505");
    says(p, GET GET);
    ck_assert(p->closed);
    ck_assert(!p->reset);
    ck_assert_str_eq(p->got, "HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    end(p);
}
END_TEST

START_TEST(a_connection_too_many_gets_503)
{
    struct play *p = begin(true);
    connects(p);
    let_pass(p, 100 * MS);
    ck_assert(!p->closed);
    connects(p);
    let_pass(p, 100 * MS);
    ck_assert_str_eq(p->got, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    ck_assert(p->closed);
    ck_assert_str_eq(p->story, "refused 503");
    end(p);
}
END_TEST

/* RFC 9112 9.6: a half-closed client still wants its answer. */
START_TEST(a_client_that_has_closed_its_side_gets_the_whole_answer)
{
    struct play *p = begin(false);
    struct lk_http_response r = {.status = 200, .length = 5};
    says(p, GET);
    ck_assert_int_eq(lk_sock_shutdown(p->w->host[0]->stack, p->socket, LK_SHUT_WR, p->w->now), 0);
    let_pass(p, 100 * MS);
    ck_assert_int_eq(respond(p, &r), 0);
    ck_assert_int_eq(writes(p, "hello", 5), 5);
    let_pass(p, 100 * MS);
    ck_assert_str_eq(p->got, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    ck_assert(p->closed);
    ck_assert_str_eq(p->story, "request gone");
    end(p);
}
END_TEST

START_TEST(a_client_that_resets_is_gone_and_one_that_reads_nothing_is_given_up)
{
    struct play *p = begin(false);
    struct lk_http_response r = {.status = 200, .length = 1000000};
    static char much[8192];
    says(p, GET);
    lk_sock_abort(p->w->host[0]->stack, p->socket, p->w->now);
    let_pass(p, 100 * MS);
    ck_assert_str_eq(p->story, "request gone");
    ck_assert_int_eq(respond(p, &r), LK_E_INVALID);
    connects(p);
    let_pass(p, 100 * MS);
    says(p, GET);
    ck_assert_int_eq(respond(p, &r), 0);
    while (writes(p, much, sizeof much) > 0) {
        web_pull(p->w, 1);
    }
    lk_time until = p->w->now + 15 * S; /* the client's TCP acknowledges, nobody reads */
    while (web_deadline(p->w) <= until && web_step(p->w)) {
        serve(p);
        while (writes(p, much, sizeof much) > 0)
            continue;
    }
    ck_assert_ptr_nonnull(strstr(p->story, "gone request"));
    ck_assert_str_eq(p->story + strlen(p->story) - 4, "gone");
    end(p);
}
END_TEST

/* Time goes on and the client's TCP acknowledges, but nobody reads there. */
static void pass_unread(struct play *p, lk_time span)
{
    lk_time until = p->w->now + span;
    serve(p);
    while (web_deadline(p->w) <= until && web_step(p->w))
        serve(p);
    p->w->now = until;
}

/* Answers with `length` octets, as many as find room. */
static uint64_t stuff(struct play *p, uint64_t length)
{
    static char much[65536];
    struct lk_http_response r = {.status = 200, .length = length};
    uint64_t sent = 0;
    says(p, GET);
    ck_assert_int_eq(respond(p, &r), 0);
    for (int i = 0; i < 50; i++) {
        uint64_t left = length - sent < sizeof much ? length - sent : sizeof much;
        int64_t n = left == 0 ? 0 : writes(p, much, left);
        ck_assert_int_ge(n, 0);
        sent += (uint64_t)n;
        pass_unread(p, 10 * MS);
    }
    return sent;
}

START_TEST(a_client_that_reads_no_408_is_given_up)
{
    struct play *p = begin(false);
    uint64_t room = stuff(p, 1000000);
    end(p);
    p = begin(false);
    ck_assert_uint_eq(stuff(p, room), room);
    ck_assert_int_eq(lk_sock_send(p->w->host[0]->stack, p->socket, "GET / HT", 8, p->w->now), 8);
    pass_unread(p, 6 * S);
    ck_assert_str_eq(p->story, "request refused 408");
    pass_unread(p, 11 * S);
    ck_assert_str_eq(p->story, "request refused 408 gone");
    end(p);
}
END_TEST

START_TEST(content_that_never_comes_is_waited_for_no_longer_after_a_late_end)
{
    struct play *p = begin(false);
    struct lk_http_response r = {.status = 200, .length = UINT64_MAX};
    says(p, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
    ck_assert_int_eq(respond(p, &r), 0);
    let_pass(p, 11 * S); /* the caller thinks for longer than a connection may be idle */
    ck_assert_str_eq(p->story, "request");
    ck_assert_int_eq(lk_http_server_end(p->w->server, p->w->host[1]->stack, p->connection, p->w->now), 0);
    let_pass(p, 11 * S);
    ck_assert_str_eq(p->story, "request gone");
    end(p);
}
END_TEST

/* Another connection has the only memory there is: the caller is not told in a circle that it may write. */
START_TEST(a_stack_without_memory_is_tried_again_after_a_while)
{
    struct play *p = begin_with(false, 0, 1);
    struct lk_http_response r = {.status = 200, .length = 1000};
    struct lk_http_server_event e;
    static char much[1000];
    says(p, GET);
    ck_assert_int_eq(respond(p, &r), 0);
    let_pass(p, 100 * MS);
    uint32_t first = p->connection;
    connects(p);
    let_pass(p, 100 * MS);
    says(p, GET "GET /next"); /* the beginning of the next stays in the socket */
    ck_assert_str_eq(p->story, "request request");
    ck_assert_int_eq(lk_http_server_write(p->w->server, p->w->host[1]->stack, first, much, sizeof much, p->w->now), 0);
    ck_assert(!lk_http_server_next(p->w->server, p->w->host[1]->stack, &e, p->w->now));
    ck_assert_int_eq(lk_http_server_abort(p->w->server, p->w->host[1]->stack, p->connection, p->w->now), 0);
    let_pass(p, 300 * MS);
    ck_assert_str_eq(p->story, "request request gone writable");
    ck_assert_int_eq(lk_http_server_write(p->w->server, p->w->host[1]->stack, first, much, sizeof much, p->w->now), 1000);
    end(p);
}
END_TEST

START_TEST(an_answer_that_cannot_be_finished_is_reset)
{
    struct play *p = begin(false);
    struct lk_http_response r = {.status = 200, .length = 5};
    says(p, GET);
    ck_assert_int_eq(respond(p, &r), 0);
    ck_assert_int_eq(writes(p, "he", 2), 2);
    let_pass(p, 100 * MS);
    ck_assert_int_eq(lk_http_server_abort(p->w->server, p->w->host[1]->stack, p->connection, p->w->now), 0);
    let_pass(p, 100 * MS);
    ck_assert(p->reset && !p->closed);
    ck_assert_str_eq(p->story, "request gone");
    end(p);
}
END_TEST

/* CVE-2021-31226, CVE-2021-31227: the length of a POST taken as a signed number, or compared after it wrapped. */
START_TEST(the_length_of_a_post_is_never_negative_and_never_wraps)
{
    static const char *const refused[] = {"-1", "-2147483648", "9223372036854775808", "18446744073709551615", "18446744073709551621"};
    static const char *const awaited[] = {"2147483648", "4294967295", "4294967301", "9223372036854775807"};
    char text[256];
    for (size_t i = 0; i < 9; i++) {
        struct play *p = begin(false);
        snprintf(text, sizeof text, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %s\r\n\r\nhello", i < 5 ? refused[i] : awaited[i - 5]);
        says(p, text);
        ck_assert_str_eq(p->story, i < 5 ? "refused 400" : "request content");
        ck_assert_uint_eq(p->content, i < 5 ? 0 : 5);
        end(p);
    }
}
END_TEST

/* CVE-2019-20372 and its class: what one reader takes for content another takes for a request. */
START_TEST(no_request_is_smuggled)
{
    static const char *const smuggling[] = {
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG" GET,
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" GET,
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 0\r\n\r\nhello" GET,
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0, 5\r\n\r\nhello" GET,
        "POST / HTTP/1.1\r\nHost: a\r\nX: y\r\n Content-Length: 5\r\n\r\nhello" GET,
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" GET,
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n" GET,
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" GET,
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0b" "chunked\r\n\r\n0\r\n\r\n" GET,
        "POST / HTTP/1.1\r\nHost: a\r\nX: \nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" GET};
    for (size_t i = 0; i < sizeof smuggling / sizeof smuggling[0]; i++) {
        struct play *p = begin(true);
        says(p, smuggling[i]);
        ck_assert_msg(strcmp(p->story, "refused 400") == 0, "message %zu: %s", i, p->story);
        ck_assert(p->closed);
        end(p);
    }
    /* An early answer does not make content a request. */
    struct play *p = begin(true);
    says(p, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\n" GET "x");
    ck_assert_str_eq(p->story, "request");
    end(p);
}
END_TEST

/* RFC 9110 6.6.1. Without a clock there is none: the tests above compare whole heads. */
START_TEST(with_a_clock_every_answer_and_refusal_has_its_date)
{
    static const uint16_t statuses[] = {200, 204, 301, 304, 404, 500};
    struct play *p = begin_at(false, 784111777 * S); /* Sun, 06 Nov 1994 08:49:37 GMT */
    p->w->now = 10 * S;
    let_pass(p, 1 * MS);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        struct lk_http_response r = {.status = statuses[i]};
        p->got_len = 0;
        says(p, GET);
        ck_assert_int_eq(respond(p, &r), 0);
        let_pass(p, 10 * MS);
        ck_assert_msg(strstr(p->got, "\r\nDate: Sun, 06 Nov 1994 08:49:47 GMT\r\n") != NULL, "%s", p->got);
    }
    p->got_len = 0;
    says(p, GET);
    struct lk_http_response own = {.status = 200, .fields = "date: Sun, 06 Nov 1994 00:00:00 GMT\r\n"};
    ck_assert_int_eq(respond(p, &own), 0);
    let_pass(p, 10 * MS);
    ck_assert_str_eq(p->got, "HTTP/1.1 200 OK\r\ndate: Sun, 06 Nov 1994 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n");
    p->got_len = 0;
    says(p, "GET / HTTP/1.1\r\n\r\n");
    ck_assert_str_eq(p->got, "HTTP/1.1 400 Bad Request\r\nDate: Sun, 06 Nov 1994 08:49:47 GMT\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    end(p);
}
END_TEST

/* CVE-2019-9516 and its class. */
START_TEST(a_head_bomb_is_answered_431_at_the_limit)
{
    static char much[1000];
    struct play *p = begin(true);
    memset(much, 'y', sizeof much - 1);
    says(p, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < 1000 && !p->closed; i++)
        says(p, "X: y\r\nX: y\r\nX: y\r\nX: y\r\nX: y\r\nX: y\r\nX: y\r\nX: y\r\n");
    ck_assert_str_eq(p->story, "refused 431");
    end(p);
    p = begin(true);
    says(p, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
    for (int i = 0; i < 1000 && !p->closed; i++)
        says(p, much);
    ck_assert_str_eq(p->story, "refused 431");
    end(p);
}
END_TEST

SUITE("http_server", with_a_clock_every_answer_and_refusal_has_its_date, the_length_of_a_post_is_never_negative_and_never_wraps, no_request_is_smuggled, a_head_bomb_is_answered_431_at_the_limit,
      an_answer_says_its_length_and_what_the_caller_says, an_answer_of_unknown_length_is_chunked_for_11_and_closed_for_10,
      nothing_can_be_smuggled_into_an_answer, head_204_205_and_304_have_no_content, pipelined_requests_wait_for_their_turn,
      a_client_that_waits_gets_100_or_the_final_answer, content_nobody_reads_is_skipped_if_it_is_short_and_ends_the_connection_if_not,
      a_head_that_takes_too_long_is_answered_408, content_that_does_not_come_is_answered_408, an_idle_connection_is_closed_without_a_word,
      the_last_answer_arrives_though_the_client_sends_on, a_connection_too_many_gets_503, a_client_that_has_closed_its_side_gets_the_whole_answer,
      a_client_that_resets_is_gone_and_one_that_reads_nothing_is_given_up, an_answer_that_cannot_be_finished_is_reset,
      a_client_that_reads_no_408_is_given_up, a_stack_without_memory_is_tried_again_after_a_while,
      content_that_never_comes_is_waited_for_no_longer_after_a_late_end)
