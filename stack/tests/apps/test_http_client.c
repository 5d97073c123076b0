/* The HTTP client against a server that the test plays, octet by octet. */
#include "stack/tests/support/web.h"
#include <stdarg.h>

struct play {
    struct web *w;
    lk_socket listener, socket;  /* of the server; 0: not accepted yet */
    char asked[16384];           /* what the client sent on the latest connection */
    size_t asked_len;
    int connections;
    bool client_closed;
    /* what the client's caller saw */
    char story[512];             /* connected, 200, body N, trailers, end, failed NAME[ truncated] */
    char body[4096];
    size_t body_len;
    uint64_t length;
    char fields[512];
};

static struct play *begin(uint32_t connections, uint32_t pipeline)
{
    struct play *p = calloc(1, sizeof *p);
    struct lk_http_client_config cc;
    struct lk_endpoint local = at(0, 80);
    lk_http_client_config_init(&cc);
    cc.connections = connections;
    cc.pipeline = pipeline;
    cc.head_bytes = 4096;
    cc.request_bytes = 1024;
    cc.timeout = 10 * S;
    p->w = web_new(web_config(16, 8192), &cc, NULL);
    ck_assert_int_eq(lk_sock_open(p->w->host[1]->stack, LK_TCP, &p->listener, 0), 0);
    ck_assert_int_eq(lk_sock_bind(p->w->host[1]->stack, p->listener, &local, 0), 0);
    ck_assert_int_eq(lk_sock_listen(p->w->host[1]->stack, p->listener, 4, 0), 0);
    return p;
}

static void end(struct play *p)
{
    web_free(p->w);
    free(p);
}

static void note(struct play *p, const char *format, ...)
{
    va_list list;
    size_t n = strlen(p->story);
    if (n != 0)
        p->story[n++] = ' ';
    va_start(list, format);
    vsnprintf(p->story + n, sizeof p->story - n, format, list);
    va_end(list);
}

static void hear(struct play *p)
{
    struct lk_http_client_event e;
    while (lk_http_client_next(p->w->client, p->w->host[0]->stack, &e, p->w->now)) {
        switch (e.kind) {
        case LK_HTTP_CONNECTED: note(p, "connected"); break;
        case LK_HTTP_HEAD:
            note(p, "%u", e.status);
            p->length = e.length;
            snprintf(p->fields, sizeof p->fields, "%.*s", (int)e.len, (const char *)e.bytes);
            break;
        case LK_HTTP_BODY:
            ck_assert_uint_le(p->body_len + e.len, sizeof p->body);
            memcpy(p->body + p->body_len, e.bytes, e.len);
            p->body_len += e.len;
            break;
        case LK_HTTP_TRAILERS: note(p, "trailers"); break;
        case LK_HTTP_END: note(p, "end"); break;
        default:
            note(p, "%s%s", lk_error_name(e.error) + 5, e.truncated ? " truncated" : "");
            ck_assert_ptr_nonnull(e.what);
        }
    }
}

/* The server's side: takes connections and what is asked. */
static void attend(struct play *p)
{
    struct lk_stack *stack = p->w->host[1]->stack;
    lk_socket socket;
    int64_t n;
    while (lk_sock_accept(stack, p->listener, &socket, NULL, p->w->now) == 0) {
        p->socket = socket;
        p->connections++;
        p->asked_len = 0;
        p->client_closed = false;
    }
    if (p->socket == 0)
        return;
    while ((n = lk_sock_recv(stack, p->socket, p->asked + p->asked_len, sizeof p->asked - 1 - p->asked_len, 0, p->w->now)) > 0)
        p->asked_len += (size_t)n;
    p->asked[p->asked_len] = 0;
    p->client_closed |= n == 0 || n == LK_E_CONNRESET;
}

static void let_pass(struct play *p, lk_time span)
{
    lk_time until = p->w->now + span;
    hear(p);
    web_pull(p->w, 0);
    while (web_deadline(p->w) <= until && web_step(p->w)) {
        attend(p);
        hear(p);
    }
    web_pull(p->w, 0);
    web_pull(p->w, 1);
    p->w->now = until;
}

static uint32_t asks(struct play *p, struct lk_http_request r)
{
    uint32_t id = 0;
    r.server = at(PEER_IP, 80);
    r.method = r.method == NULL ? "GET" : r.method;
    r.host = r.host == NULL ? "www.example.com" : r.host;
    r.target = r.target == NULL ? "/" : r.target;
    ck_assert_int_eq(lk_http_client_request(p->w->client, p->w->host[0]->stack, &r, &id, p->w->now), 0);
    let_pass(p, 100 * MS);
    return id;
}

static void says_bytes(struct play *p, const char *text, size_t len)
{
    ck_assert_int_eq(lk_sock_send(p->w->host[1]->stack, p->socket, text, len, p->w->now), (int64_t)len);
    let_pass(p, 100 * MS);
}

static void says(struct play *p, const char *text)
{
    says_bytes(p, text, strlen(text));
}

static void closes(struct play *p)
{
    ck_assert_int_eq(lk_sock_shutdown(p->w->host[1]->stack, p->socket, LK_SHUT_WR, p->w->now), 0);
    let_pass(p, 100 * MS);
}

START_TEST(a_request_says_host_first_and_the_callers_fields)
{
    struct play *p = begin(1, 1);
    asks(p, (struct lk_http_request){.target = "/a?b", .fields = "Accept: */*\r\n"});
    ck_assert_str_eq(p->asked, "GET /a?b HTTP/1.1\r\nHost: www.example.com\r\nAccept: */*\r\n\r\n");
    end(p);
}
END_TEST

START_TEST(a_post_says_its_length_and_a_get_does_not)
{
    struct play *p = begin(3, 1);
    asks(p, (struct lk_http_request){.method = "POST", .content = "hello", .content_len = 5});
    ck_assert_str_eq(p->asked, "POST / HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 5\r\n\r\nhello");
    asks(p, (struct lk_http_request){.method = "POST", .close = true});
    ck_assert_str_eq(p->asked, "POST / HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    end(p);
}
END_TEST

START_TEST(nothing_can_be_smuggled_into_a_request)
{
    static const struct lk_http_request bad[] = {
        {.method = "GE T"}, {.method = ""}, {.method = "GET\r\n"}, {.target = "/a b"}, {.target = "/\r\nX: y"}, {.target = ""}, {.target = "x"},
        {.target = "http://a/"}, {.target = "*"}, {.method = "CONNECT", .target = "a"}, {.host = ""}, {.host = "a\r\nX: y"}, {.host = "a b"}, {.host = "a/b"},
        {.fields = "X: y"}, {.fields = "X: y\r\n\r\n"}, {.fields = "X: y\n"}, {.fields = "X y\r\n"}, {.fields = "X : y\r\n"}, {.fields = "X: y\r\n z\r\n"},
        {.fields = " X: y\r\n"}, {.fields = "X: \1\r\n"}, {.fields = "host: b\r\n"}, {.fields = "A: b\r\nContent-length: 5\r\n"},
        {.fields = "Transfer-Encoding: chunked\r\n"}, {.fields = "Connection: x\r\n"}, {.fields = "Expect: 100-continue\r\n"}, {.fields = "Upgrade: x\r\n"},
        {.method = "TRACE", .content = "x", .content_len = 1}, {.content_len = 1}};
    struct play *p = begin(1, 1);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct lk_http_request r = bad[i];
        uint32_t id;
        r.server = at(PEER_IP, 80);
        r.method = r.method == NULL ? "GET" : r.method;
        r.host = r.host == NULL ? "a" : r.host;
        r.target = r.target == NULL ? "/" : r.target;
        ck_assert_msg(lk_http_client_request(p->w->client, p->w->host[0]->stack, &r, &id, 0) == LK_E_INVALID, "request %zu was taken", i);
    }
    let_pass(p, 100 * MS);
    ck_assert_int_eq(p->connections, 0);
    end(p);
}
END_TEST

START_TEST(a_request_longer_than_the_limit_is_refused_and_opens_nothing)
{
    static char target[2000];
    struct play *p = begin(1, 1);
    struct lk_http_request r = {.server = at(PEER_IP, 80), .method = "GET", .host = "a", .target = target};
    uint32_t id;
    memset(target, '/', sizeof target - 1);
    ck_assert_int_eq(lk_http_client_request(p->w->client, p->w->host[0]->stack, &r, &id, 0), LK_E_NOSPACE);
    let_pass(p, 100 * MS);
    ck_assert_int_eq(p->connections, 0);
    end(p);
}
END_TEST

/* RFC 9110 15.2. */
START_TEST(any_number_of_interim_answers_come_before_the_final_one)
{
    struct play *p = begin(1, 1);
    asks(p, (struct lk_http_request){0});
    says(p, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    ck_assert_str_eq(p->story, "connected 103 100 200 end");
    ck_assert_uint_eq(p->length, 2);
    ck_assert_uint_eq(p->body_len, 2);
    ck_assert(!p->client_closed);
    end(p);
}
END_TEST

START_TEST(an_answer_octet_by_octet_is_the_same_answer)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n3\r\n wo\r\n0\r\nT: u\r\n\r\n";
    struct play *p = begin(1, 1);
    asks(p, (struct lk_http_request){0});
    for (size_t i = 0; answer[i] != 0; i++)
        says_bytes(p, answer + i, 1);
    ck_assert_str_eq(p->story, "connected 200 trailers end");
    ck_assert_uint_eq(p->body_len, 8);
    ck_assert_int_eq(memcmp(p->body, "hello wo", 8), 0);
    end(p);
}
END_TEST

/* RFC 9112 5.2. */
START_TEST(a_folded_field_is_joined_before_anybody_looks)
{
    struct play *p = begin(1, 1);
    asks(p, (struct lk_http_request){0});
    says(p, "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n");
    ck_assert_str_eq(p->story, "connected 200 end");
    ck_assert_str_eq(p->fields, "X: a   b\r\nContent-Length: 0\r\n");
    end(p);
}
END_TEST

/* RFC 9112 6.3, 8: all of these are incomplete. */
START_TEST(an_answer_cut_short_is_told_as_truncated)
{
    static const struct { const char *answer, *story; } cut[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", "connected 200 TRUNCATED_PAYLOAD truncated"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "connected 200 TRUNCATED_PAYLOAD truncated"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", "connected 200 TRUNCATED_PAYLOAD truncated"},
        {"HTTP/1.1 200 OK\r\nConte", "connected TRUNCATED truncated"},
        {"", "connected CONNABORTED"}};
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
        struct play *p = begin(1, 1);
        asks(p, (struct lk_http_request){0});
        if (cut[i].answer[0] != 0)
            says(p, cut[i].answer);
        closes(p);
        ck_assert_str_eq(p->story, cut[i].story);
        ck_assert(p->client_closed);
        end(p);
    }
}
END_TEST

START_TEST(a_reset_is_told_as_such_even_when_the_end_would_be_the_end_of_the_answer)
{
    struct play *p = begin(1, 1);
    asks(p, (struct lk_http_request){0});
    says(p, "HTTP/1.1 200 OK\r\n\r\nhello");
    lk_sock_abort(p->w->host[1]->stack, p->socket, p->w->now);
    p->socket = 0;
    let_pass(p, 100 * MS);
    ck_assert_str_eq(p->story, "connected 200 CONNRESET truncated");
    end(p);
}
END_TEST

START_TEST(an_answer_without_length_lasts_until_the_server_closes)
{
    struct play *p = begin(1, 1);
    asks(p, (struct lk_http_request){0});
    says(p, "HTTP/1.1 200 OK\r\n\r\nhello");
    ck_assert_str_eq(p->story, "connected 200");
    ck_assert_uint_eq(p->length, UINT64_MAX);
    closes(p);
    ck_assert_str_eq(p->story, "connected 200 end");
    ck_assert(p->client_closed);
    end(p);
}
END_TEST

START_TEST(what_breaks_the_framing_ends_the_connection_under_its_name)
{
    static const struct { const char *answer, *story; } broken[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", "connected HTTP_LENGTH_AND_CODING"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n", "connected HTTP_LENGTH_DIFFERS"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "connected 200 HTTP_CHUNK_SIZE"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "connected HTTP_CODING_UNKNOWN"},
        {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "connected PROTO"},
        {"SSH-2.0-x\r\n", "connected HTTP_VERSION"}};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct play *p = begin(1, 1);
        asks(p, (struct lk_http_request){0});
        says(p, broken[i].answer);
        ck_assert_str_eq(p->story, broken[i].story);
        ck_assert(p->client_closed);
        end(p);
    }
}
END_TEST

START_TEST(a_head_without_end_is_refused_at_the_limit)
{
    struct play *p = begin(1, 1);
    asks(p, (struct lk_http_request){0});
    says(p, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 200 && !p->client_closed; i++)
        says(p, "X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
    ck_assert_str_eq(p->story, "connected HTTP_HEAD_LONG");
    end(p);
}
END_TEST

START_TEST(a_connection_is_used_again_unless_the_answer_says_close)
{
    struct play *p = begin(2, 1);
    asks(p, (struct lk_http_request){0});
    says(p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    asks(p, (struct lk_http_request){0});
    ck_assert_int_eq(p->connections, 1);
    says(p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    ck_assert(p->client_closed);
    asks(p, (struct lk_http_request){0});
    ck_assert_int_eq(p->connections, 2);
    says(p, "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n");
    ck_assert(p->client_closed);
    asks(p, (struct lk_http_request){.close = true});
    ck_assert_int_eq(p->connections, 3);
    says(p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    ck_assert(p->client_closed);
    end(p);
}
END_TEST

/* RFC 9112 9.2, 6.3. */
START_TEST(what_nobody_asked_for_is_no_answer)
{
    struct play *p = begin(2, 1);
    asks(p, (struct lk_http_request){0});
    says(p, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno");
    ck_assert_str_eq(p->story, "connected 200 end");
    ck_assert(p->client_closed);
    ck_assert_uint_eq(p->body_len, 2);
    asks(p, (struct lk_http_request){0});
    ck_assert_int_eq(p->connections, 2);
    says(p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n\r\n");
    ck_assert(!p->client_closed); /* an empty line is ignored */
    end(p);
}
END_TEST

/* RFC 9112 9.2: the caller asks again on hearing of the end, and a second answer lies there already. */
START_TEST(an_answer_that_was_there_before_the_request_is_not_taken_for_it)
{
    static const char two[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 203 Forged\r\nContent-Length: 0\r\n\r\n";
    struct play *p = begin(2, 1);
    struct lk_http_client_event e = {0};
    asks(p, (struct lk_http_request){0});
    ck_assert_int_eq(lk_sock_send(p->w->host[1]->stack, p->socket, two, sizeof two - 1, p->w->now), sizeof two - 1);
    lk_time until = p->w->now + 100 * MS;
    web_pull(p->w, 1);
    while (web_deadline(p->w) <= until && web_step(p->w))
        ;
    while (e.kind != LK_HTTP_END && lk_http_client_next(p->w->client, p->w->host[0]->stack, &e, p->w->now))
        ;
    ck_assert_int_eq(e.kind, LK_HTTP_END);
    asks(p, (struct lk_http_request){0});
    ck_assert_str_eq(p->story, "connected connected");
    ck_assert_int_eq(p->connections, 2);
    says(p, "HTTP/1.1 204 No Content\r\n\r\n");
    ck_assert_str_eq(p->story, "connected connected 204 end");
    end(p);
}
END_TEST

START_TEST(a_silent_server_is_given_up)
{
    struct play *p = begin(1, 1);
    asks(p, (struct lk_http_request){0});
    let_pass(p, 9 * S);
    ck_assert_str_eq(p->story, "connected");
    let_pass(p, 2 * S);
    ck_assert_str_eq(p->story, "connected TIMEDOUT");
    end(p);
}
END_TEST

START_TEST(a_server_that_refuses_is_told)
{
    struct play *p = begin(1, 1);
    lk_sock_close(p->w->host[1]->stack, p->listener, 0);
    asks(p, (struct lk_http_request){0});
    ck_assert_str_eq(p->story, "CONNREFUSED");
    end(p);
}
END_TEST

START_TEST(pipelined_requests_fail_one_by_one_when_the_server_closes)
{
    struct play *p = begin(1, 3);
    asks(p, (struct lk_http_request){.target = "/1"});
    asks(p, (struct lk_http_request){.target = "/2"});
    asks(p, (struct lk_http_request){.target = "/3"});
    ck_assert_int_eq(p->connections, 1);
    says(p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    ck_assert_str_eq(p->story, "connected 200 end CONNABORTED CONNABORTED");
    end(p);
}
END_TEST

/* RFC 9112 9.3.2. */
START_TEST(nothing_is_pipelined_behind_a_method_that_is_not_idempotent)
{
    struct play *p = begin(2, 3);
    asks(p, (struct lk_http_request){.method = "POST"});
    asks(p, (struct lk_http_request){0});
    ck_assert_int_eq(p->connections, 2);
    end(p);
}
END_TEST

START_TEST(a_cancelled_request_is_never_heard_of_again)
{
    struct play *p = begin(1, 1);
    uint32_t id = asks(p, (struct lk_http_request){0});
    lk_http_client_cancel(p->w->client, p->w->host[0]->stack, id, p->w->now);
    lk_http_client_cancel(p->w->client, p->w->host[0]->stack, id, p->w->now);
    lk_http_client_cancel(p->w->client, p->w->host[0]->stack, 12345678, p->w->now);
    let_pass(p, 100 * MS);
    ck_assert_str_eq(p->story, "connected");
    ck_assert(p->client_closed);
    asks(p, (struct lk_http_request){0});
    ck_assert_int_eq(p->connections, 2);
    end(p);
}
END_TEST

START_TEST(idle_connections_make_room_and_can_be_closed)
{
    struct play *p = begin(1, 1);
    uint32_t id;
    struct lk_http_request r = {.server = at(PEER_IP, 81), .method = "GET", .host = "a", .target = "/"};
    asks(p, (struct lk_http_request){0});
    ck_assert_int_eq(lk_http_client_request(p->w->client, p->w->host[0]->stack, &r, &id, p->w->now), LK_E_FULL);
    says(p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    ck_assert_int_eq(lk_http_client_request(p->w->client, p->w->host[0]->stack, &r, &id, p->w->now), 0);
    let_pass(p, 100 * MS);
    ck_assert(p->client_closed);
    asks(p, (struct lk_http_request){0});
    says(p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    ck_assert(!p->client_closed);
    lk_http_client_close(p->w->client, p->w->host[0]->stack, p->w->now);
    let_pass(p, 100 * MS);
    ck_assert(p->client_closed);
    end(p);
}
END_TEST

SUITE("http_client", a_request_says_host_first_and_the_callers_fields, a_post_says_its_length_and_a_get_does_not, nothing_can_be_smuggled_into_a_request,
      a_request_longer_than_the_limit_is_refused_and_opens_nothing, any_number_of_interim_answers_come_before_the_final_one,
      an_answer_octet_by_octet_is_the_same_answer, a_folded_field_is_joined_before_anybody_looks, an_answer_cut_short_is_told_as_truncated,
      a_reset_is_told_as_such_even_when_the_end_would_be_the_end_of_the_answer, an_answer_without_length_lasts_until_the_server_closes,
      what_breaks_the_framing_ends_the_connection_under_its_name, a_head_without_end_is_refused_at_the_limit,
      a_connection_is_used_again_unless_the_answer_says_close, what_nobody_asked_for_is_no_answer, an_answer_that_was_there_before_the_request_is_not_taken_for_it, a_silent_server_is_given_up, a_server_that_refuses_is_told,
      pipelined_requests_fail_one_by_one_when_the_server_closes, nothing_is_pipelined_behind_a_method_that_is_not_idempotent,
      a_cancelled_request_is_never_heard_of_again, idle_connections_make_room_and_can_be_closed)
