/* Odd HTTP messages: the parsers' verdict is that of the table, whole and cut at every octet, and our server answers each odd
 * request as the table says. */
#include "conformance/tests/support/http_odd.h"

#include "stack/tests/support/web.h"
#include <string.h>

static struct odd_table table;

static void table_read(void)
{
    size_t line;
    ck_assert_msg(odd_table_read(&table, LK_SOURCE_DIR "/conformance/tests/http/odd-messages.tsv", &line), "odd-messages.tsv: line %zu is no row", line);
    ck_assert_uint_ge(table.count, 120);
}

static void table_free(void)
{
    odd_table_free(&table);
}

static void same(const struct odd_message *m, const char *found, size_t cut)
{
    if (strcmp(m->verdict, found) != 0)
        ck_abort_msg("%s: \"%s\" and not \"%s\", cut at %zu of %zu", m->name, found, m->verdict, cut, m->len);
}

START_TEST(the_verdict_on_whole_messages_is_that_of_the_table)
{
    for (size_t i = 0; i < table.count; i++) {
        struct http_verdict v;
        http_verdict_begin(&v, table.at[i].kind);
        http_verdict_feed(&v, table.at[i].bytes, table.at[i].len, true);
        same(&table.at[i], v.text, table.at[i].len);
    }
}
END_TEST

START_TEST(the_verdict_is_the_same_for_messages_cut_anywhere)
{
    for (size_t i = 0; i < table.count; i++) {
        const struct odd_message *m = &table.at[i];
        for (size_t cut = 1; cut < m->len; cut++) {
            struct http_verdict v;
            http_verdict_begin(&v, m->kind);
            http_verdict_feed(&v, m->bytes, cut, false);
            http_verdict_feed(&v, m->bytes, m->len, true);
            same(m, v.text, cut);
            cut += m->len > 600 ? 96 : 0;
        }
    }
}
END_TEST

START_TEST(the_verdict_is_the_same_for_messages_that_come_octet_by_octet)
{
    for (size_t i = 0; i < table.count; i++) {
        struct http_verdict v;
        http_verdict_begin(&v, table.at[i].kind);
        for (size_t n = 1; n <= table.at[i].len; n++) {
            uint8_t *exact = malloc(n); /* not one octet behind it may be read */
            memcpy(exact, table.at[i].bytes, n);
            http_verdict_feed(&v, exact, n, n == table.at[i].len);
            free(exact);
            n += table.at[i].len > 600 && n > 400 && n + 100 < table.at[i].len ? 96 : 0;
        }
        same(&table.at[i], v.text, 1);
    }
}
END_TEST

/* ---- our server ---- */

/* A client that sends octets as they are, to our server behind a wire. */
struct raw {
    struct web *w;
    lk_socket socket;
    uint8_t got[8192];
    size_t len;
    bool closed;
};

/* The server's caller: 200 with "ok" once the request is whole. */
static void answer(struct web *w)
{
    struct lk_http_server_event e;
    while (lk_http_server_next(w->server, w->host[1]->stack, &e, w->now)) {
        bool whole = (e.kind == LK_HTTP_REQUEST && e.length == 0) || e.kind == LK_HTTP_CONTENT_END;
        if (!whole)
            continue;
        struct lk_http_response r = {.status = 200, .length = 2};
        ck_assert_int_eq(lk_http_server_respond(w->server, w->host[1]->stack, e.connection, &r, w->now), 0);
        int64_t n = lk_http_server_write(w->server, w->host[1]->stack, e.connection, "ok", 2, w->now);
        ck_assert(n == 2 || n == LK_E_INVALID); /* HEAD has no content */
    }
}

static void listen_on(struct raw *r)
{
    const uint8_t *bytes;
    int64_t n;
    while ((n = lk_sock_peek(r->w->host[0]->stack, r->socket, &bytes, r->w->now)) > 0) {
        ck_assert_uint_lt(r->len + (size_t)n, sizeof r->got);
        memcpy(r->got + r->len, bytes, (size_t)n);
        r->len += (size_t)n;
        lk_sock_consume(r->w->host[0]->stack, r->socket, (size_t)n, r->w->now);
    }
    r->closed |= n == 0;
}

/* Lets half a second go by. */
static void let_pass(struct raw *r, lk_time span)
{
    lk_time until = r->w->now + span;
    while (web_deadline(r->w) <= until && web_step(r->w)) {
        answer(r->w);
        listen_on(r);
    }
    web_pull(r->w, 0);
    web_pull(r->w, 1);
    r->w->now = until;
}

static void give_bytes(struct raw *r, const uint8_t *bytes, size_t len)
{
    while (len != 0 && !r->closed) {
        int64_t n = lk_sock_send(r->w->host[0]->stack, r->socket, bytes, len, r->w->now);
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        } else if (n != LK_E_AGAIN) {
            return;
        }
        web_pull(r->w, 0);
        let_pass(r, 3 * MS);
    }
}

/* The statuses of what the server said, read by somebody who knows nothing but lengths. */
static void statuses(const struct raw *r, bool head, char *text, size_t cap)
{
    size_t at = 0;
    text[0] = 0;
    while (at + 12 <= r->len) {
        const char *m = (const char *)r->got + at;
        const char *end = strstr(m, "\r\n\r\n");
        const char *length = strstr(m, "Content-Length: ");
        ck_assert_msg(memcmp(m, "HTTP/1.1 ", 9) == 0 && end != NULL, "no answer at %zu: %s", at, m);
        size_t n = strlen(text);
        snprintf(text + n, cap - n, "%s%.3s", n == 0 ? "" : " ", m + 9);
        at = (size_t)(end + 4 - (const char *)r->got);
        at += !head && length != NULL && length < end ? strtoul(length + 16, NULL, 10) : 0;
    }
    ck_assert_uint_eq(at, r->len);
    size_t n = strlen(text);
    if (r->closed)
        snprintf(text + n, cap - n, " close");
    else if (n == 0)
        snprintf(text, cap, "-");
}

/* Asks our server in pieces: the first of `cut` octets, or all of one octet if cut is 0. */
static void ask(const struct odd_message *m, size_t cut)
{
    struct lk_http_server_config sc;
    struct raw r = {0};
    char found[256];
    lk_http_server_config_init(&sc);
    sc.connections = 2;
    r.w = web_new(web_config(4, 32768), NULL, &sc);
    r.w->check = false;
    struct lk_endpoint server = at(PEER_IP, 80);
    ck_assert_int_eq(lk_sock_open(r.w->host[0]->stack, LK_TCP, &r.socket, 0), 0);
    ck_assert_int_eq(lk_sock_set(r.w->host[0]->stack, r.socket, LK_OPT_NODELAY, 1, 0), 0);
    ck_assert_int_eq(lk_sock_connect(r.w->host[0]->stack, r.socket, &server, 0), 0);
    let_pass(&r, 20 * MS);
    for (size_t i = 0; cut == 0 && i < m->len; i++)
        give_bytes(&r, m->bytes + i, 1);
    if (cut != 0) {
        give_bytes(&r, m->bytes, cut);
        give_bytes(&r, m->bytes + cut, m->len - cut);
    }
    let_pass(&r, 500 * MS);
    statuses(&r, memcmp(m->bytes, "HEAD", 4) == 0, found, sizeof found);
    if (strcmp(found, m->answer) != 0)
        ck_abort_msg("%s: our server says \"%s\" and not \"%s\", cut at %zu", m->name, found, m->answer, cut);
    web_free(r.w);
}

START_TEST(our_server_answers_whole_messages_as_the_table_says)
{
    for (size_t i = 0; i < table.count; i++)
        if (strcmp(table.at[i].kind, "request") == 0)
            ask(&table.at[i], table.at[i].len);
}
END_TEST

START_TEST(our_server_answers_messages_cut_anywhere_as_the_table_says)
{
    for (size_t i = 0; i < table.count; i++) {
        const struct odd_message *m = &table.at[i];
        size_t step = m->len > 600 ? m->len / 13 : 1;
        for (size_t cut = 1; strcmp(m->kind, "request") == 0 && cut < m->len; cut += step)
            ask(m, cut);
    }
}
END_TEST

START_TEST(our_server_answers_messages_that_come_octet_by_octet_as_the_table_says)
{
    for (size_t i = 0; i < table.count; i++)
        if (strcmp(table.at[i].kind, "request") == 0 && table.at[i].len < 600)
            ask(&table.at[i], 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_verdict_on_whole_messages_is_that_of_the_table, the_verdict_is_the_same_for_messages_cut_anywhere,
                                  the_verdict_is_the_same_for_messages_that_come_octet_by_octet, our_server_answers_whole_messages_as_the_table_says,
                                  our_server_answers_messages_cut_anywhere_as_the_table_says,
                                  our_server_answers_messages_that_come_octet_by_octet_as_the_table_says};
    Suite *suite = suite_create("odd-messages");
    TCase *tcase = tcase_create("odd-messages");
    tcase_set_timeout(tcase, 240);
    tcase_add_checked_fixture(tcase, table_read, table_free);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
