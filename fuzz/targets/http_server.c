/* The HTTP server against a hostile client. The input is two octets of choices and then what the client says; in it 0xff begins
 * an order: 0 cut here, 1 a second passes, 2 twenty seconds pass, 3 half-close, 4 reset and connect anew, others mean themselves.
 *
 * What must hold: the work is bounded; each request our server hands out begins where a naive second reader of the stream says
 * that one begins, and has as much content (nothing is smuggled); every request is answered once and in order; all connections
 * end; and afterwards the server still serves. */
#include "fuzz/common/law.h"
#include "fuzz/common/web.h"
#include "stack/apps/http_server.h"
#include "stack/base/error.h"

#define EXCHANGES 512

struct run {
    const uint8_t *stream;     /* what the client says in this connection, all of it */
    size_t len, at;            /* where the naive reader stands */
    uint8_t choice;
    struct lk_naive now;       /* the message under way */
    uint64_t content;
    uint16_t status[EXCHANGES];/* of answers, in order */
    bool head[EXCHANGES];
    uint32_t answers;
    uint64_t left[16];         /* of the answer under way on a connection */
    bool chunked[16];
    uint32_t known, gone;
    bool checked;              /* of the first connection only */
};

static const uint32_t sizes[] = {0, 2, 300, 9000};

static void go_on(struct lk_web *web, struct run *r, uint32_t connection)
{
    static const uint8_t page[1024] = "page";
    while (r->left[connection] != 0) {
        size_t n = r->left[connection] < sizeof page ? (size_t)r->left[connection] : sizeof page;
        int64_t taken = lk_http_server_write(web->self, web->stack[1], connection, page, n, web->now);
        law(taken >= 0 && taken <= (int64_t)n, "http_server: write takes what it was given or less");
        if (taken == 0)
            return;
        r->left[connection] -= (uint64_t)taken;
    }
    if (r->chunked[connection]) {
        law(lk_http_server_end(web->self, web->stack[1], connection, web->now) == 0, "http_server: a chunked answer can be ended");
        r->chunked[connection] = false;
    }
}

static void respond(struct lk_web *web, struct run *r, uint32_t connection, bool head)
{
    uint64_t size = sizes[(r->choice >> 1) & 3];
    bool chunked = (r->choice & 8) != 0;
    struct lk_http_response response = {.status = 200, .fields = (r->choice & 16) != 0 ? "Server: x\r\n" : NULL, .length = chunked ? UINT64_MAX : size};
    law(lk_http_server_respond(web->self, web->stack[1], connection, &response, web->now) == 0, "http_server: a request can be answered");
    if (r->answers < EXCHANGES)
        r->status[r->answers++] = 200;
    r->left[connection] = head ? 0 : size;
    r->chunked[connection] = chunked && !head;
    go_on(web, r, connection);
}

/* The naive reader agrees where this request begins. */
static void compare(struct run *r, const struct lk_http_server_event *e)
{
    if (!r->checked)
        return;
    bool there = lk_naive_read(r->stream, r->len, r->at, false, false, &r->now);
    law(there, "http_server: no request where the naive reader sees no head");
    law(same(r->stream + r->now.begin, e->method_len, (const uint8_t *)e->method, e->method_len) && r->stream[r->now.begin + e->method_len] == ' ',
        "http_server: a request begins where the naive reader sees one");
    r->at = r->now.end;
    r->content = 0;
}

static void work(struct lk_web *web)
{
    struct run *r = web->context;
    struct lk_http_server_event e;
    uint32_t events = 0;
    while (lk_http_server_next(web->self, web->stack[1], &e, web->now)) {
        law(++events < 20000, "http_server: bounded work");
        law(e.connection < 16, "http_server: the number of a connection");
        bool head = e.kind == LK_HTTP_REQUEST && e.method_len == 4 && memcmp(e.method, "HEAD", 4) == 0;
        bool at_once = (r->choice & 1) != 0 || e.length == 0;
        switch (e.kind) {
        case LK_HTTP_REQUEST:
            compare(r, &e);
            r->known += e.tag == 0;
            if (r->answers < EXCHANGES)
                r->head[r->answers] = head;
            if (at_once)
                respond(web, r, e.connection, head);
            break;
        case LK_HTTP_CONTENT:
            r->content += e.len;
            break;
        case LK_HTTP_CONTENT_END:
            law(!r->checked || r->content == r->now.octets, "http_server: as much content as the naive reader counts");
            if ((r->choice & 1) == 0)
                respond(web, r, e.connection, r->answers < EXCHANGES && r->head[r->answers]);
            break;
        case LK_HTTP_WRITABLE: go_on(web, r, e.connection); break;
        case LK_HTTP_GONE:
            r->gone++;
            r->left[e.connection] = 0;
            r->chunked[e.connection] = false;
            break;
        default:
            law(e.status >= 400 && e.what != NULL, "http_server: a refusal has a status and a reason");
            if (r->answers < EXCHANGES)
                r->status[r->answers++] = e.status;
        }
    }
}

/* What the client heard: whole answers, one for each request, in order. Only the last may be cut, by a reset. */
static void answers_are_sound(const struct lk_web *web, const struct run *r)
{
    struct lk_naive answer;
    size_t at = 0;
    uint32_t count = 0;
    while (at < web->heard_len && lk_naive_read(web->heard, web->heard_len, at, true, r->head[count], &answer)) {
        uint16_t status = (uint16_t)((web->heard[at + 9] - '0') * 100 + (web->heard[at + 10] - '0') * 10 + (web->heard[at + 11] - '0'));
        law(memcmp(web->heard + at, "HTTP/1.1 ", 9) == 0, "http_server: every answer begins with its version");
        at = answer.end;
        if (status == 100)
            continue;
        law(count < r->answers && status == r->status[count], "http_server: answers come in the order of the requests");
        count++;
        if (!answer.whole)
            return;
    }
    law(at == web->heard_len, "http_server: nothing but answers is said");
    law(count == r->answers || r->answers == EXCHANGES, "http_server: every request is answered");
}

static bool order(struct lk_web *web, uint8_t what)
{
    switch (what) {
    case 0: lk_web_settle(web); return true;
    case 1: lk_web_sleep(web, web->now + LK_SECOND); return true;
    case 2: lk_web_sleep(web, web->now + 20 * LK_SECOND); return true;
    case 3: lk_sock_shutdown(web->stack[0], web->socket, LK_SHUT_WR, web->now); lk_web_settle(web); return true;
    default: return false;
    }
}

/* Says the stream with its orders. Returns where a reset cut it off, or its end. */
static size_t play(struct lk_web *web, struct run *r, const uint8_t *data, size_t size)
{
    size_t from = 0;
    for (size_t i = 0; i + 1 < size && web->frames < 20000; i++) {
        if (data[i] != 0xff || data[i + 1] > 4)
            continue;
        lk_web_say(web, data + from, i - from);
        from = i + 2;
        if (data[i + 1] == 4) {
            lk_sock_abort(web->stack[0], web->socket, web->now);
            lk_web_settle(web);
            r->checked = false; /* what is heard is cut anywhere */
            lk_web_connect(web);
        } else {
            order(web, data[i + 1]);
        }
        i++;
    }
    lk_web_say(web, data + from, size - from);
    return size;
}

/* The stream without its orders, for the naive reader: up to a reset. */
static size_t without_orders(const uint8_t *data, size_t size, uint8_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        if (data[i] == 0xff && i + 1 < size && data[i + 1] <= 4) {
            if (data[i + 1] == 4)
                return n;
            i++;
        } else {
            out[n++] = data[i];
        }
    }
    return n;
}

static void still_serves(struct lk_web *web, struct run *r)
{
    static const char get[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    r->checked = false;
    r->answers = 0;
    r->choice = 0;
    web->heard_len = 0;
    lk_web_connect(web);
    lk_web_say(web, (const uint8_t *)get, sizeof get - 1);
    law(web->heard_len > 12 && memcmp(web->heard, "HTTP/1.1 200", 12) == 0, "http_server: it still serves");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run r;
    struct lk_http_server_config config;
    struct lk_web web;
    if (size < 2 || size > 20000)
        return 0;
    lk_http_server_config_init(&config);
    config.connections = 4;
    config.head_bytes = (data[1] & 1) != 0 ? 512 : 4096;
    config.fields = 20;
    config.idle = 5 * LK_SECOND;
    config.head_time = 3 * LK_SECOND;
    config.linger = LK_SECOND;
    config.drain = 1000;
    lk_web_begin(&web, "http_server", false);
    size_t bytes = lk_http_server_footprint(&config);
    web.self = aligned_alloc(64, (bytes + 63) / 64 * 64);
    law(lk_http_server_init(web.self, bytes, &config, 0) == 0 && lk_http_server_start(web.self, web.stack[1], 0) == 0, "http_server: it starts");
    web.deadline = lk_http_server_app.deadline;
    web.tick = lk_http_server_app.tick;
    web.event = lk_http_server_app.event;
    web.work = work;
    uint8_t *stream = blank(size);
    r = (struct run){.stream = stream, .choice = data[0], .checked = true};
    r.len = without_orders(data + 2, size - 2, stream);
    web.context = &r;
    lk_web_connect(&web);
    play(&web, &r, data + 2, size - 2);
    bool reset = !r.checked;
    lk_web_sleep(&web, web.now + 12 * LK_SECOND);
    if (!reset)
        answers_are_sound(&web, &r);
    lk_sock_close(web.stack[0], web.socket, web.now);
    lk_web_sleep(&web, web.now + 12 * LK_SECOND);
    still_serves(&web, &r);
    free(stream);
    free(web.self);
    lk_web_end(&web);
    return 0;
}
