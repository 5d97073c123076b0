/* HTTP: a server of a few pages, and a client (call `fetch METHOD ADDRESS:PORT HOST TARGET`). Settings have the names of the
 * machines' configs. */
#include "conformance/dut/hosted.h"
#include "conformance/timeline/units.h"
#include "stack/apps/http_client.h"
#include "stack/apps/http_server.h"
#include "stack/wire/http_date.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGES 64
#define ANSWERS 64
#define FETCHES 64
#define CONTENT 400 /* bytes of content that a call tells */

/* ---- server ---- */

struct page { char target[128], body[2048], field[128]; size_t len; uint16_t status; bool chunked; };
struct answer { bool used, waits; uint32_t connection; const struct page *page; size_t at; uint64_t took; char said[64]; struct page made; };
struct server { struct page page[PAGES]; size_t pages; lk_time epoch; int64_t modified; /* of all pages, s since 1970; 0: not known */ struct answer answer[ANSWERS]; };

/* page: "/index.html hello"; the same as `chunked:` is sent without its length being known. */
static bool read_pages(struct server *s, const struct lk_dut_config *from, const char *name, bool chunked)
{
    const char *text;
    for (size_t n = 0; (text = lk_hosted_app(from, name, n)) != NULL; n++) {
        struct page *p = &s->page[s->pages];
        const char *blank = strchr(text, ' ');
        if (s->pages == PAGES || blank == NULL || (size_t)(blank - text) >= sizeof p->target || strlen(blank + 1) >= sizeof p->body)
            return false;
        memcpy(p->target, text, (size_t)(blank - text));
        p->len = strlen(blank + 1);
        memcpy(p->body, blank + 1, p->len);
        p->chunked = chunked;
        s->pages++;
    }
    return true;
}

/* answer: "/moved 301 Location: /": a status without content, with a field line of its own or none. */
static bool read_answers(struct server *s, const struct lk_dut_config *from)
{
    const char *text;
    for (size_t n = 0; (text = lk_hosted_app(from, "answer", n)) != NULL; n++) {
        struct page *p = &s->page[s->pages];
        char field[100] = "";
        unsigned status;
        if (s->pages == PAGES || sscanf(text, "%127s %u %99[^\n]", p->target, &status, field) < 2 || status < 200 || status > 599)
            return false;
        if (field[0] != 0)
            snprintf(p->field, sizeof p->field, "%s\r\n", field);
        p->status = (uint16_t)status;
        s->pages++;
    }
    return true;
}

/* A setting that is an IMF-fixdate; 0: there is none. False: it is no date, or none after 1970. */
static bool read_date(const struct lk_dut_config *from, const char *name, int64_t *out)
{
    const char *text = lk_hosted_app(from, name, 0);
    *out = 0;
    return text == NULL || (lk_http_date_parse((const uint8_t *)text, strlen(text), 0, out) == 0 && *out > 0 && *out <= LK_NEVER / LK_SECOND);
}

static int create_server(struct lk_hosted *h, const struct lk_dut_config *from, const uint8_t seed[32])
{
    struct lk_http_server_config c;
    (void)seed;
    lk_http_server_config_init(&c);
    c.local.port = (uint16_t)lk_hosted_number(from, "port", c.local.port);
    c.connections = (uint32_t)lk_hosted_number(from, "connections", c.connections);
    c.head_bytes = (uint32_t)lk_hosted_number(from, "head_bytes", c.head_bytes);
    c.idle = lk_hosted_number(from, "idle", c.idle);
    c.head_time = lk_hosted_number(from, "head_time", c.head_time);
    c.linger = lk_hosted_number(from, "linger", c.linger);
    c.fields = (uint32_t)lk_hosted_number(from, "fields", c.fields);
    int64_t clock, modified;
    if (!read_date(from, "clock", &clock) || !read_date(from, "modified", &modified))
        return -1;
    c.epoch = clock != 0 ? clock * LK_SECOND - h->now : 0;
    size_t size = lk_http_server_footprint(&c);
    h->memory = lk_hosted_memory(size);
    h->more = lk_hosted_memory(sizeof(struct server));
    if (h->memory == NULL || h->more == NULL || !read_pages(h->more, from, "page", false) || !read_pages(h->more, from, "chunked", true) ||
        !read_answers(h->more, from) ||
        lk_http_server_init(h->memory, size, &c, h->now) < 0)
        return -1;
    ((struct server *)h->more)->epoch = c.epoch;
    ((struct server *)h->more)->modified = modified;
    h->run.app[h->run.apps++] = (struct lk_app){&lk_http_server_app, h->memory};
    return lk_http_server_start(h->memory, h->run.stack, h->now);
}

static struct answer *answer_of(struct server *s, uint32_t connection, bool make)
{
    struct answer *unused = NULL;
    for (size_t i = 0; i < ANSWERS; i++) {
        if (s->answer[i].used && s->answer[i].connection == connection)
            return &s->answer[i];
        if (!s->answer[i].used && unused == NULL)
            unused = &s->answer[i];
    }
    if (!make || unused == NULL)
        return NULL;
    *unused = (struct answer){.used = true, .connection = connection};
    return unused;
}

static void write_content(struct lk_hosted *h, struct answer *a)
{
    while (a->page != NULL && a->at < a->page->len) {
        int64_t took = lk_http_server_write(h->memory, h->run.stack, a->connection, a->page->body + a->at, a->page->len - a->at, h->now);
        if (took < 0) /* HEAD: nothing may be written */
            break;
        if (took == 0)
            return;
        a->at += (size_t)took;
    }
    if (a->page != NULL && a->page->chunked)
        lk_http_server_end(h->memory, h->run.stack, a->connection, h->now);
    a->page = NULL;
}

static void respond(struct lk_hosted *h, struct answer *a, uint16_t status, const struct page *page)
{
    const char *fields = page->status != 0 ? page->field : status == 405 ? "Allow: GET, HEAD, POST\r\n" : "Content-Type: text/plain\r\n";
    const struct lk_http_response r = {.status = page->status != 0 ? page->status : status, .fields = fields,
                                       .length = page->chunked ? UINT64_MAX : page->len, .tag = 1};
    a->waits = false;
    if (lk_http_server_respond(h->memory, h->run.stack, a->connection, &r, h->now) < 0)
        return;
    a->page = page;
    a->at = 0;
    write_content(h, a);
}

/* A page of every host, or "http://HOST/x" of one. */
static bool is_page(const struct page *p, const struct lk_http_server_event *e)
{
    const char *path = p->target;
    if (strncmp(path, "http://", 7) == 0) {
        if (strncmp(path + 7, e->host, e->host_len) != 0 || path[7 + e->host_len] != '/')
            return false;
        path += 7 + e->host_len;
    }
    return strlen(path) == e->target_len && memcmp(path, e->target, e->target_len) == 0;
}

static const struct page *find_page(const struct server *s, const struct lk_http_server_event *e)
{
    for (size_t i = 0; i < s->pages; i++)
        if (is_page(&s->page[i], e))
            return &s->page[i];
    return NULL;
}

static bool is_method(const struct lk_http_server_event *e, const char *method)
{
    return strlen(method) == e->method_len && memcmp(method, e->method, e->method_len) == 0;
}

/* POST: how much came. */
static void respond_to_content(struct lk_hosted *h, struct answer *a)
{
    a->made = (struct page){.chunked = false};
    a->made.len = (size_t)snprintf(a->made.body, sizeof a->made.body, "%llu octets", (unsigned long long)a->took);
    respond(h, a, 200, &a->made);
}

/* RFC 9110 13.1.3: without a date of its own, or without a clock, nothing is. */
static bool unmodified(const struct lk_hosted *h, const struct server *s, const struct lk_http_server_event *e)
{
    return s->modified != 0 && s->epoch != 0 && lk_http_unmodified_since(e->bytes, e->len, s->modified, (s->epoch + h->now) / LK_SECOND);
}

static void on_request(struct lk_hosted *h, struct server *s, const struct lk_http_server_event *e)
{
    static const struct page nothing = {.len = 0}, same = {.status = 304};
    struct answer *a = answer_of(s, e->connection, true);
    const struct page *page = find_page(s, e);
    if (a == NULL)
        return;
    a->took = 0;
    if (page == NULL) {
        respond(h, a, 404, &nothing);
    } else if (is_method(e, "GET") || is_method(e, "HEAD")) {
        respond(h, a, 200, unmodified(h, s, e) ? &same : page);
    } else if (!is_method(e, "POST")) {
        respond(h, a, 405, &nothing);
    } else if (e->length == 0) {
        respond_to_content(h, a);
    } else {
        a->waits = true;
    }
}

static void look_server(struct lk_hosted *h)
{
    struct server *s = h->more;
    struct lk_http_server_event e;
    while (lk_http_server_next(h->memory, h->run.stack, &e, h->now)) {
        struct answer *a = answer_of(s, e.connection, false);
        if (e.kind == LK_HTTP_REQUEST)
            on_request(h, s, &e);
        else if (e.kind == LK_HTTP_CONTENT && a != NULL)
            a->took += e.len;
        else if (e.kind == LK_HTTP_CONTENT_END && a != NULL && a->waits)
            respond_to_content(h, a);
        else if (e.kind == LK_HTTP_WRITABLE && a != NULL)
            write_content(h, a);
        else if (e.kind == LK_HTTP_GONE && a != NULL)
            a->used = false;
    }
}

const struct lk_hosted_kind lk_hosted_http_server = {.runs = "http-server", .create = create_server, .look = look_server};

/* ---- client ---- */

struct fetch { bool used; uint32_t id, call; uint16_t status; size_t len; char content[CONTENT]; };
struct client { struct fetch fetch[FETCHES]; };

static int create_client(struct lk_hosted *h, const struct lk_dut_config *from, const uint8_t seed[32])
{
    struct lk_http_client_config c;
    (void)seed;
    lk_http_client_config_init(&c);
    c.connections = (uint32_t)lk_hosted_number(from, "connections", c.connections);
    c.pipeline = (uint32_t)lk_hosted_number(from, "pipeline", c.pipeline);
    c.head_bytes = (uint32_t)lk_hosted_number(from, "head_bytes", c.head_bytes);
    c.request_bytes = (uint32_t)lk_hosted_number(from, "request_bytes", c.request_bytes);
    c.timeout = lk_hosted_number(from, "timeout", c.timeout);
    size_t size = lk_http_client_footprint(&c);
    h->memory = lk_hosted_memory(size);
    h->more = lk_hosted_memory(sizeof(struct client));
    if (h->memory == NULL || h->more == NULL || lk_http_client_init(h->memory, size, &c, h->now) < 0)
        return -1;
    h->run.app[h->run.apps++] = (struct lk_app){&lk_http_client_app, h->memory};
    return 0;
}

/* fetch METHOD ADDRESS:PORT HOST TARGET [close] [content=TEXT] */
static int call_client(struct lk_hosted *h, uint32_t id, const char *words)
{
    struct client *c = h->more;
    char method[20], server[32], host[128], target[512];
    int rest = 0;
    struct lk_http_request r = {.server = {.iface = LK_ANY}, .method = method, .host = host, .target = target};
    size_t slot = 0;
    while (slot < FETCHES && c->fetch[slot].used)
        slot++;
    if (strcmp(words, "close") == 0) {
        lk_http_client_close(h->memory, h->run.stack, h->now);
        lk_hosted_return(h, id, "closed");
        return 0;
    }
    if (sscanf(words, "fetch %19s %31s %127s %511s%n", method, server, host, target, &rest) < 4 || slot == FETCHES ||
        !lk_read_endpoint(server, &r.server.address, &r.server.port))
        return -1;
    const char *content = strstr(words + rest, " content=");
    r.close = strncmp(words + rest, " close", 6) == 0;
    r.content = content == NULL ? NULL : content + 9;
    r.content_len = content == NULL ? 0 : strlen(content + 9);
    c->fetch[slot] = (struct fetch){.used = true, .call = id};
    int result = lk_http_client_request(h->memory, h->run.stack, &r, &c->fetch[slot].id, h->now);
    if (result < 0) {
        c->fetch[slot].used = false;
        lk_hosted_return(h, id, "failed");
    }
    return 0;
}

static void on_event(struct lk_hosted *h, struct fetch *f, const struct lk_http_client_event *e)
{
    if (e->kind == LK_HTTP_HEAD && e->status >= 200)
        f->status = e->status;
    if (e->kind == LK_HTTP_BODY) {
        size_t room = CONTENT - 1 - f->len, part = e->len < room ? e->len : room;
        memcpy(f->content + f->len, e->bytes, part);
        f->len += part;
    }
    if (e->kind != LK_HTTP_END && e->kind != LK_HTTP_FAILED)
        return;
    for (size_t i = 0; i < f->len; i++)
        f->content[i] = f->content[i] < 32 || f->content[i] > 126 ? '.' : f->content[i];
    f->used = false;
    if (e->kind == LK_HTTP_END)
        lk_hosted_return(h, f->call, "%u%s%.*s", f->status, f->len > 0 ? " " : "", (int)f->len, f->content);
    else
        lk_hosted_return(h, f->call, e->error == LK_E_CONNREFUSED ? "refused" : e->error == LK_E_TIMEDOUT ? "timed out" : e->truncated ? "cut short" : "failed");
}

static void look_client(struct lk_hosted *h)
{
    struct client *c = h->more;
    struct lk_http_client_event e;
    while (lk_http_client_next(h->memory, h->run.stack, &e, h->now))
        for (size_t i = 0; i < FETCHES; i++)
            if (c->fetch[i].used && c->fetch[i].id == e.id) {
                on_event(h, &c->fetch[i], &e);
                break;
            }
}

const struct lk_hosted_kind lk_hosted_http_client = {.runs = "http-client", .create = create_client, .call = call_client, .look = look_client};
