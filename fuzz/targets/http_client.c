/* The HTTP client against a hostile server. The input is two octets of choices and then what the server says; in it 0xff begins an
 * order: 0 cut here, 1 a second passes, 2 twenty seconds pass, 3 half-close, 4 reset, others mean themselves.
 *
 * What must hold: the work is bounded; each request is told CONNECTED, heads, content, and one end or one failure, nothing after
 * it; as much content as the head promised; and on the first connection the naive second reader of the stream agrees about each
 * answer's status and content, so nothing is taken for an answer that is not one. */
#include "fuzz/common/law.h"
#include "fuzz/common/web.h"
#include "stack/apps/http_client.h"
#include "stack/base/error.h"

#define REQUESTS 8

struct request {
    uint32_t id;
    uint16_t status;
    uint64_t octets, length;
    bool head_told, over, is_head, is_connect;
};

struct run {
    const uint8_t *stream;
    size_t len, at;
    uint8_t choice;
    struct request request[REQUESTS];
    uint32_t asked, over;
    bool checked;
};

static void ask(struct lk_web *web, struct run *r)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "GET"};
    while (r->asked < REQUESTS) {
        struct request *q = &r->request[r->asked];
        const char *method = (r->choice & 64) != 0 && r->asked == 2 ? "CONNECT" : methods[(r->choice + r->asked) & 3];
        struct lk_http_request request = {.server = {.address = lk_addr_from_ip4(0x0a090001u), .iface = LK_ANY}, .method = method, .host = "a",
                                          .target = method[0] == 'C' ? "a:80" : "/", .close = (r->choice & 32) != 0 && r->asked == 1};
        q->is_head = method[0] == 'H';
        q->is_connect = method[0] == 'C';
        if (lk_http_client_request(web->self, web->stack[1], &request, &q->id, web->now) != 0)
            return;
        r->asked++;
    }
}

/* The naive reader's next answer is this one. */
static void compare(struct run *r, const struct request *q)
{
    struct lk_naive answer;
    if (!r->checked || q->is_connect) {
        r->checked = false;
        return;
    }
    do {
        law(lk_naive_read(r->stream, r->len, r->at, true, q->is_head, &answer), "http_client: no answer where the naive reader sees no head");
        r->at = answer.end;
    } while (r->stream[answer.begin + 9] == '1');
    const uint8_t *code = r->stream + answer.begin + 9;
    law((code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0') == q->status, "http_client: the status the naive reader sees");
    /* What the end of the connection ends is as long as what had been said by then. */
    law(answer.until_close ? q->octets <= answer.octets : answer.whole && q->octets == answer.octets, "http_client: as much content as the naive reader counts");
    r->checked &= !answer.until_close;
}

static void told(struct run *r, struct request *q, const struct lk_http_client_event *e)
{
    law(!q->over, "http_client: nothing is told after the end");
    switch (e->kind) {
    case LK_HTTP_CONNECTED: law(!q->head_told, "http_client: connected before any head"); break;
    case LK_HTTP_HEAD:
        law(!q->head_told, "http_client: one final head");
        q->head_told = e->status < 100 || e->status >= 200;
        q->status = e->status;
        q->length = e->length;
        break;
    case LK_HTTP_BODY:
        law(q->head_told && e->len != 0, "http_client: content after its head");
        q->octets += e->len;
        break;
    case LK_HTTP_TRAILERS: law(q->head_told && e->len != 0, "http_client: trailers after a head"); break;
    case LK_HTTP_END:
        law(q->head_told && (q->length == UINT64_MAX || q->octets == q->length), "http_client: as much content as promised");
        q->over = true;
        compare(r, q);
        break;
    default:
        law(e->error < 0 && e->what != NULL, "http_client: a failure has a name");
        law(q->length != q->octets || q->length == 0 || !q->head_told, "http_client: what is whole does not fail");
        q->over = true;
        r->checked = false;
    }
    r->over += q->over;
}

static void work(struct lk_web *web)
{
    struct run *r = web->context;
    struct lk_http_client_event e;
    uint32_t events = 0;
    while (lk_http_client_next(web->self, web->stack[1], &e, web->now)) {
        uint32_t i = 0;
        law(++events < 20000, "http_client: bounded work");
        while (i < r->asked && r->request[i].id != e.id)
            i++;
        law(i < r->asked, "http_client: only what was asked for is told");
        told(r, &r->request[i], &e);
        if (r->request[i].over)
            ask(web, r);
    }
}

static void order(struct lk_web *web, uint8_t what)
{
    switch (what) {
    case 0: lk_web_settle(web); break;
    case 1: lk_web_sleep(web, web->now + LK_SECOND); break;
    case 2: lk_web_sleep(web, web->now + 20 * LK_SECOND); break;
    case 3: lk_sock_shutdown(web->stack[0], web->socket, LK_SHUT_WR, web->now); break;
    default: lk_sock_abort(web->stack[0], web->socket, web->now); break;
    }
    lk_web_settle(web);
}

/* What is said behind an end of the first connection is no longer the naive reader's. */
static size_t of_first_connection(const uint8_t *data, size_t size, uint8_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        if (data[i] == 0xff && i + 1 < size && data[i + 1] <= 4) {
            i++;
            if (data[i] >= 3)
                return n;
        } else {
            out[n++] = data[i];
        }
    }
    return n;
}

static void play(struct lk_web *web, const uint8_t *data, size_t size)
{
    size_t from = 0;
    for (size_t i = 0; i + 1 < size && web->frames < 20000; i++) {
        if (data[i] != 0xff || data[i + 1] > 4)
            continue;
        lk_web_say(web, data + from, i - from);
        order(web, data[i + 1]);
        from = i + 2;
        i++;
    }
    lk_web_say(web, data + from, size - from);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run r;
    struct lk_http_client_config config;
    struct lk_web web;
    if (size < 2 || size > 20000)
        return 0;
    lk_http_client_config_init(&config);
    config.connections = 1;
    config.pipeline = 1u + data[1] % 3;
    config.head_bytes = (data[1] & 64) != 0 ? 512 : 4096;
    config.request_bytes = 512;
    config.fields = 20;
    config.timeout = 5 * LK_SECOND;
    lk_web_begin(&web, "http_client", true);
    size_t bytes = lk_http_client_footprint(&config);
    web.self = aligned_alloc(64, (bytes + 63) / 64 * 64);
    law(lk_http_client_init(web.self, bytes, &config, 0) == 0, "http_client: it starts");
    web.deadline = lk_http_client_app.deadline;
    web.tick = lk_http_client_app.tick;
    web.event = lk_http_client_app.event;
    web.work = work;
    uint8_t *stream = blank(size);
    r = (struct run){.stream = stream, .choice = data[0], .checked = true};
    r.len = of_first_connection(data + 2, size - 2, stream);
    web.context = &r;
    ask(&web, &r);
    lk_web_settle(&web);
    play(&web, data + 2, size - 2);
    /* Each request that is not answered takes its time-out. */
    lk_web_sleep(&web, web.now + 60 * LK_SECOND);
    law(r.asked == REQUESTS && r.over == REQUESTS, "http_client: every request ends");
    lk_http_client_close(web.self, web.stack[1], web.now);
    lk_web_settle(&web);
    free(stream);
    free(web.self);
    lk_web_end(&web);
    return 0;
}
