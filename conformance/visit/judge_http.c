/* HTTP (RFC 9112): the two byte streams put together out of the segments that arrived, the request and its answer read from them,
 * and the content held against the page byte for byte. Nothing here is shared with the machines under judgement. */
#include "conformance/visit/judge.h"
#include "stack/base/error.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stream { uint8_t *bytes; bool *there; uint32_t isn, size, len; bool known; uint32_t last; /* index of a packet, for findings */ };

/* ---- streams ---- */

static bool belongs(const struct judge *j, uint32_t i, uint8_t role)
{
    const struct lk_story_packet *p = &j->story->packets[i];
    return j->view[i].tcp && p->arrived_at != LK_NEVER && j->story->hosts[p->to].role == role;
}

/* What arrived in order at the host of that role. False: there is no such stream. */
static bool put_together(struct judge *j, uint8_t role, struct stream *s)
{
    uint64_t size = 0;
    s->last = LK_NONE;
    for (uint32_t i = 0; i < j->story->packet_count; i++) {
        if (!belongs(j, i, role))
            continue;
        size += j->view[i].data_len;
        if (j->view[i].syn && !s->known) {
            s->known = true;
            s->isn = j->view[i].seq;
        }
    }
    s->size = (uint32_t)size;
    s->bytes = lk_bump_take(j->story->memory, s->size);
    s->there = lk_bump_array(j->story->memory, s->size + 1u, sizeof *s->there);
    if (s->bytes == NULL || s->there == NULL) {
        j->error = LK_E_NOMEM;
        return false;
    }
    for (uint32_t i = 0; i < j->story->packet_count && s->known; i++) {
        const struct lk_visit_view *v = &j->view[i];
        if (!belongs(j, i, role) || v->syn)
            continue;
        uint32_t at = v->seq - s->isn - 1;
        for (uint32_t k = 0; k < v->data_len && at < s->size && at + k < s->size; k++) {
            s->bytes[at + k] = v->data[k];
            s->there[at + k] = true;
            s->last = i;
        }
    }
    while (s->there[s->len])
        s->len++;
    return s->known;
}

/* ---- heads ---- */

/* The length of the head with its empty line, or 0. */
static uint32_t head_length(const struct stream *s, uint32_t from)
{
    for (uint32_t i = from; i + 4 <= s->len; i++)
        if (memcmp(s->bytes + i, "\r\n\r\n", 4) == 0)
            return i + 4 - from;
    return 0;
}

static bool same_letters(const uint8_t *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((a[i] | 32) != (uint8_t)(b[i] | 32))
            return false;
    return true;
}

/* How often a field occurs in a head, and its last value without white space around it. */
static uint32_t field(const uint8_t *head, uint32_t len, const char *name, char *value, size_t cap)
{
    uint32_t count = 0;
    size_t name_len = strlen(name);
    for (uint32_t at = 0; at + 2 <= len;) {
        uint32_t end = at;
        while (end + 1 < len && !(head[end] == '\r' && head[end + 1] == '\n'))
            end++;
        if (end - at > name_len && head[at + name_len] == ':' && same_letters(head + at, name, name_len)) {
            uint32_t from = at + (uint32_t)name_len + 1, to = end;
            while (from < to && (head[from] == ' ' || head[from] == '\t'))
                from++;
            while (to > from && (head[to - 1] == ' ' || head[to - 1] == '\t'))
                to--;
            snprintf(value, cap, "%.*s", (int)(to - from), (const char *)head + from);
            count++;
        }
        at = end + 2;
    }
    return count;
}

/* ---- request ---- */

static void judge_request(struct judge *j, const struct stream *s)
{
    char line[1100], value[512];
    uint32_t head = head_length(s, 0);
    if (head == 0) {
        judge_found(j, LK_ACT_REQUEST, s->last, NULL, "no whole request head reached the web server");
        return;
    }
    int n = snprintf(line, sizeof line, "GET %s HTTP/1.1\r\n", j->url.target);
    if ((uint32_t)n > head || memcmp(s->bytes, line, (size_t)n) != 0)
        judge_found(j, LK_ACT_REQUEST, s->last, NULL, "the request line is not \"GET %s HTTP/1.1\"", j->url.target);
    uint32_t hosts = field(s->bytes, head, "Host", value, sizeof value);
    if (hosts != 1 || strcmp(value, j->url.host_field) != 0)
        judge_found(j, LK_ACT_REQUEST, s->last, "RFC9112-3.2-b", "%u Host fields, the last one \"%s\"; there has to be one, \"%s\"", hosts, hosts == 0 ? "" : value,
                    j->url.host_field);
    if (s->len != head)
        judge_found(j, LK_ACT_REQUEST, s->last, "RFC9112-6.3-e", "%u bytes follow the head of a request that announces no content", s->len - head);
}

/* ---- response ---- */

/* The content of a chunked body, put together in place; what is left behind it is at *rest. */
static bool unchunk(const struct stream *s, uint32_t at, uint8_t *out, uint64_t *len, uint32_t *rest)
{
    *len = 0;
    for (;;) {
        uint64_t size = 0;
        uint32_t digits = 0;
        for (; at < s->len && digits < 8; at++, digits++) {
            int c = s->bytes[at], d = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
            if (d < 0)
                break;
            size = size * 16 + (uint64_t)d;
        }
        while (at + 1 < s->len && s->bytes[at] != '\r')
            at++;
        at += 2;
        if (digits == 0 || at > s->len || size > s->len - at)
            return false;
        memcpy(out + *len, s->bytes + at, (size_t)size);
        *len += size;
        at += (uint32_t)size + 2;
        *rest = at;
        if (size == 0)
            return at <= s->len;
    }
}

static void judge_page(struct judge *j, const struct stream *s, const uint8_t *content, uint64_t len)
{
    const struct lk_story *story = j->story;
    if (len != story->page_bytes) {
        judge_found(j, LK_ACT_RESPONSE, s->last, "RFC9112-6.3-d", "the content is %llu bytes long, the page %llu", (unsigned long long)len, (unsigned long long)story->page_bytes);
        return;
    }
    for (uint64_t i = 0; i < len; i++)
        if (content[i] != story->page[i]) {
            judge_found(j, LK_ACT_RESPONSE, s->last, NULL, "byte %llu of the page arrived as 0x%02x, it is 0x%02x", (unsigned long long)i, content[i], story->page[i]);
            return;
        }
}

static void judge_body(struct judge *j, const struct stream *s, uint32_t head)
{
    char length[64] = "", coding[64] = "";
    uint32_t lengths = field(s->bytes, head, "Content-Length", length, sizeof length), codings = field(s->bytes, head, "Transfer-Encoding", coding, sizeof coding);
    uint64_t len = s->len - head;
    uint32_t rest = s->len;
    const uint8_t *content = s->bytes + head;
    if (lengths > 0 && codings > 0)
        judge_found(j, LK_ACT_RESPONSE, s->last, "RFC9112-6.2-a", "the response has both Content-Length and Transfer-Encoding");
    if (codings > 0) {
        uint8_t *out = lk_bump_take(j->story->memory, s->len);
        if (out == NULL || !unchunk(s, head, out, &len, &rest)) {
            judge_found(j, LK_ACT_RESPONSE, s->last, "RFC9112-7.1-b", "the chunked coding is broken or not whole");
            return;
        }
        content = out;
    } else if (lengths > 0) {
        uint64_t told = strtoull(length, NULL, 10);
        if (told != len)
            judge_found(j, LK_ACT_RESPONSE, s->last, "RFC9112-6.3-d", "Content-Length says %s, %llu bytes arrived behind the head", length, (unsigned long long)len);
        len = told < len ? told : len;
    }
    if (rest < s->len)
        judge_found(j, LK_ACT_RESPONSE, s->last, NULL, "%u bytes follow the end of the response", s->len - rest);
    judge_page(j, s, content, len);
}

static void judge_response(struct judge *j, const struct stream *s)
{
    if (j->story->failure != NULL && !j->lossless)
        return; /* broken off: what is missing was lost */
    uint32_t head = head_length(s, 0);
    if (head == 0) {
        judge_found(j, LK_ACT_RESPONSE, s->last, NULL, "no whole response head reached the laptop");
        return;
    }
    if (s->len < 13 || memcmp(s->bytes, "HTTP/1.1 200 ", 13) != 0)
        judge_found(j, LK_ACT_RESPONSE, s->last, NULL, "the status line is not \"HTTP/1.1 200 ...\"");
    else
        judge_body(j, s, head);
}

void judge_http(struct judge *j)
{
    struct stream request = {0}, response = {0};
    const struct lk_story *story = j->story;
    bool asked = put_together(j, LK_STORY_WEB, &request), answered = put_together(j, LK_STORY_CLIENT, &response);
    if (asked && request.len > 0)
        judge_request(j, &request);
    if (answered && response.len > 0)
        judge_response(j, &response);
    if (story->failure != NULL)
        return;
    if (request.len == 0)
        judge_found(j, LK_ACT_REQUEST, LK_NONE, NULL, "no request reached the web server");
    if (response.len == 0)
        judge_found(j, LK_ACT_RESPONSE, LK_NONE, NULL, "no response reached the laptop");
    if (story->got_bytes != story->page_bytes || (story->page_bytes > 0 && memcmp(story->got, story->page, (size_t)story->page_bytes) != 0))
        judge_found(j, LK_ACT_RESPONSE, LK_NONE, NULL, "what the browser got is not the page: %llu bytes of %llu", (unsigned long long)story->got_bytes,
                    (unsigned long long)story->page_bytes);
}
