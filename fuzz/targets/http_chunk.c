/* The chunked coding: read whole, read octet by octet, and what the writer wrote read again however it is cut. */
#include "fuzz/common/law.h"
#include "stack/base/error.h"
#include "stack/wire/http_chunk.h"

struct reading {
    struct lk_http_chunk chunk;
    uint8_t content[8192];
    size_t content_len;
    size_t used;
    int64_t error;
};

/* Reads as far as it goes, `piece` octets at a time. */
static void read_all(struct reading *r, const uint8_t *bytes, size_t len, size_t piece, const struct lk_http_chunk_limits *limits)
{
    lk_http_chunk_begin(&r->chunk);
    r->content_len = 0;
    r->used = 0;
    r->error = 0;
    while (r->used < len && !lk_http_chunk_ended(&r->chunk)) {
        const uint8_t *content;
        size_t n;
        size_t given = len - r->used < piece ? len - r->used : piece;
        uint8_t *exact = exact_copy(bytes + r->used, given);
        int64_t used = lk_http_chunk_read(&r->chunk, exact, given, limits, &content, &n);
        if (used < 0) {
            law(lk_error_is_malformed((int)used), "http_chunk: a named error");
            r->error = used;
            free(exact);
            return;
        }
        law(used > 0 && (size_t)used <= given && n <= (size_t)used, "http_chunk: every call goes on, within what it was given");
        law(n == 0 || (content >= exact && content + n == exact + used), "http_chunk: content is what was used last");
        law(r->content_len + n <= sizeof r->content, "http_chunk: no more content than octets");
        memcpy(r->content + r->content_len, content, n);
        r->content_len += n;
        r->used += (size_t)used;
        free(exact);
    }
}

static void bytes_in(const uint8_t *bytes, size_t len, size_t piece, const struct lk_http_chunk_limits *limits)
{
    static struct reading whole, cut;
    read_all(&whole, bytes, len, len, limits);
    read_all(&cut, bytes, len, piece, limits);
    law(whole.error == cut.error && (whole.error != 0 || whole.used == cut.used), "http_chunk: cut = whole");
    law(same(whole.content, whole.content_len, cut.content, cut.content_len), "http_chunk: the same content, cut or whole");
    law(lk_http_chunk_ended(&whole.chunk) == lk_http_chunk_ended(&cut.chunk), "http_chunk: ended or not, cut or whole");
}

/* What the writer wrote the reader gives back. */
static void there_and_back(struct feed f, size_t piece)
{
    static const struct lk_http_chunk_limits limits = {.digits = 16, .extensions = 0};
    static uint8_t wire[16384];
    static struct reading r;
    size_t at = 0, begin = 0, total = f.left;
    const uint8_t *content = f.at;
    while (f.left > 1 && begin < 4000) {
        size_t len;
        const uint8_t *bytes = feed_bytes(&f, 1 + feed_8(&f) * (size_t)3, &len);
        int64_t n = lk_http_chunk_emit(bytes, len, wire + at, sizeof wire - at);
        if (len == 0)
            break;
        law(n > 0 && (size_t)n <= len + LK_HTTP_CHUNK_OVERHEAD, "http_chunk: every content can be written");
        law(lk_http_chunk_emit(bytes, len, wire + at, (size_t)n - 1) == LK_E_NOSPACE, "http_chunk: one octet too few is refused");
        law(lk_http_chunk_emit(bytes, len, wire + at, (size_t)n) == n, "http_chunk: exactly enough is enough");
        at += (size_t)n;
        begin += len;
    }
    int n = lk_http_chunk_emit_last(NULL, 0, wire + at, sizeof wire - at);
    law(n == 5, "http_chunk: the end is five octets");
    at += (size_t)n;
    must_be_initialised(wire, at);
    read_all(&r, wire, at, piece, &limits);
    law(r.error == 0 && lk_http_chunk_ended(&r.chunk) && r.used == at - 2, "http_chunk: what is written can be read to its end");
    law(r.content_len == begin && total >= begin, "http_chunk: all content comes back");
    for (size_t i = 0, k = 0; i < r.content_len; k++) { /* the input again, without the octets that said the sizes */
        size_t len = 1 + content[k] * (size_t)3;
        for (size_t j = 0; j < len && i < r.content_len; j++)
            law(r.content[i++] == content[++k], "http_chunk: the content is what was written");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed f = {data, size};
    uint8_t choice = feed_8(&f);
    struct lk_http_chunk_limits limits = {.digits = (choice & 1) != 0 ? 16 : 5, .extensions = (choice & 2) != 0 ? 1000 : 8};
    size_t piece = 1 + (choice >> 2) % 40;
    if (f.left > 4000)
        return 0;
    bytes_in(f.at, f.left, piece, &limits);
    there_and_back(f, piece);
    return 0;
}
