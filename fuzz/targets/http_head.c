/* HTTP heads: read whole, read cut, and written. The first octet chooses kind and limits, the second where the input is cut. */
#include "fuzz/common/law.h"
#include "stack/base/error.h"
#include "stack/wire/http_framing.h"

static const struct lk_http_limits wide = {.method = 64, .start_line = 8000, .field_line = 8000, .fields = 100, .head = 60000, .empty_lines = 1};

static void fields_lie_within(const uint8_t *bytes, const struct lk_http_head *head)
{
    struct lk_http_field field;
    struct lk_http_span element;
    size_t at = 0;
    uint32_t count = 0;
    while (lk_http_field_next(bytes + head->fields.at, head->fields.len, &at, &field)) {
        size_t in_list = 0;
        law(lk_http_is_token(field.name, field.name_len) && lk_http_is_value(field.value, field.value_len), "http_head: fields hold what they may hold");
        while (lk_http_list_next(field.value, field.value_len, &in_list, &element))
            law(element.len != 0 && element.at + element.len <= field.value_len, "http_head: an element lies within its list");
        count++;
    }
    law(count == head->field_count || head->folded, "http_head: as many fields as lines");
}

/* RFC 9112 6.3: what a decision may look like. */
static void framing_is_sound(const uint8_t *bytes, size_t len, const struct lk_http_head *head)
{
    struct lk_http_framing f;
    for (int method = LK_HTTP_OTHER; method <= LK_HTTP_CONNECT; method++) {
        int error = lk_http_framing(bytes, head, (enum lk_http_method)method, &f);
        law(error == 0 || lk_error_is_malformed(error), "http_head: a decision or a named refusal");
        law(error == 0 || (lk_http_error_status(error) >= 400 && lk_http_error_text(error)[0] != 0), "http_head: every refusal has a status and words");
        if (error != 0)
            continue;
        law((f.body == LK_HTTP_LENGTH) == (f.length != 0), "http_head: a length where there is one");
        law(f.authority.at + f.authority.len <= len && f.path.at + f.path.len <= len, "http_head: authority and path lie within the head");
        law(head->kind != LK_HTTP_KIND_REQUEST || f.body <= LK_HTTP_CHUNKED, "http_head: a request is never delimited by the end of the connection");
    }
}

static void write_again(const uint8_t *bytes, int n, const struct lk_http_head *head)
{
    struct lk_http_start start = {.kind = head->kind, .minor = head->minor, .status = head->status, .method = bytes + head->method.at, .method_len = head->method.len,
                                  .target = bytes + head->target.at, .target_len = head->target.len, .reason = bytes + head->reason.at, .reason_len = head->reason.len,
                                  .fields = bytes + head->fields.at, .fields_len = head->fields.len};
    size_t skipped = 2 * (size_t)head->empty;
    size_t len = (size_t)n - skipped;
    uint8_t *buf = blank(len);
    bool writable = !head->folded && (head->kind == LK_HTTP_KIND_REQUEST || (head->status >= 100 && head->status <= 599));
    law(lk_http_head_emit(&start, buf, len - 1) == (writable ? LK_E_NOSPACE : LK_E_INVALID), "http_head: one octet too few is refused");
    law(lk_http_head_emit(&start, buf, len) == (writable ? (int)len : LK_E_INVALID), "http_head: emit writes what was parsed");
    if (writable) {
        must_be_initialised(buf, len);
        law(same(buf, len, bytes + skipped, len), "http_head: emit(parse(b)) = b");
    }
    free(buf);
}

/* The whole input at once, in two pieces, and octet by octet: the same state and the same verdict. */
static void cut_anywhere(const uint8_t *bytes, size_t len, size_t cut, enum lk_http_kind kind, const struct lk_http_limits *limits)
{
    struct lk_http_head whole, two, single;
    lk_http_head_begin(&whole, kind);
    lk_http_head_begin(&two, kind);
    lk_http_head_begin(&single, kind);
    int n = lk_http_head_parse(&whole, bytes, len, limits);
    lk_http_head_parse(&two, bytes, cut, limits);
    law(lk_http_head_parse(&two, bytes, len, limits) == n && memcmp(&whole, &two, sizeof two) == 0, "http_head: cut = whole");
    int last = LK_E_TRUNCATED;
    for (size_t i = 0; i <= len && last == LK_E_TRUNCATED; i++) {
        uint8_t *exact = exact_copy(bytes, i);
        last = lk_http_head_parse(&single, exact, i, limits);
        free(exact);
    }
    law(last == n && memcmp(&whole, &single, sizeof single) == 0, "http_head: octet by octet = whole");
    law(n != LK_E_TRUNCATED || len < limits->head, "http_head: no more than the limit is ever asked for");
    law(n == LK_E_TRUNCATED || n > 0 || lk_error_is_malformed(n), "http_head: octets, more, or a named error");
    if (n <= 0)
        return;
    law((size_t)n <= len && (uint32_t)n <= limits->head, "http_head: within the input and the limit");
    uint8_t *unfolded = exact_copy(bytes, (size_t)n);
    lk_http_unfold(unfolded + whole.fields.at, whole.fields.len);
    fields_lie_within(unfolded, &whole);
    if (kind != LK_HTTP_KIND_TRAILERS) {
        framing_is_sound(unfolded, (size_t)n, &whole);
        write_again(bytes, n, &whole);
    }
    free(unfolded);
}

/* parse(emit(x)) = x for every x that emit takes, and nothing else comes out. */
static void fields_to_fields(struct feed f, bool request)
{
    size_t method, target, reason, fields;
    struct lk_http_start in = {.kind = request ? LK_HTTP_KIND_REQUEST : LK_HTTP_KIND_RESPONSE, .minor = feed_8(&f) % 11, .status = (uint16_t)(feed_16(&f) % 700)};
    uint8_t sizes[3] = {feed_8(&f) % 70, feed_8(&f), feed_8(&f)};
    uint8_t buf[4096];
    in.method = feed_bytes(&f, sizes[0], &method);
    in.target = feed_bytes(&f, sizes[1], &target);
    in.reason = feed_bytes(&f, sizes[2], &reason);
    in.fields = feed_bytes(&f, 2000, &fields);
    in.method_len = (uint32_t)method;
    in.target_len = (uint32_t)target;
    in.reason_len = (uint32_t)reason;
    in.fields_len = (uint32_t)fields;
    int n = lk_http_head_emit(&in, buf, sizeof buf);
    if (n < 0)
        return;
    struct lk_http_head out;
    struct lk_http_limits limits = wide;
    limits.method = 255;
    limits.fields = 4096;
    lk_http_head_begin(&out, request ? LK_HTTP_KIND_REQUEST : LK_HTTP_KIND_RESPONSE);
    law(lk_http_head_parse(&out, buf, (size_t)n, &limits) == n, "http_head: what is written can be read, to its end and not before");
    law(out.minor == in.minor && (request || out.status == in.status), "http_head: version and status");
    law(!request || (same(buf + out.method.at, out.method.len, in.method, method) && same(buf + out.target.at, out.target.len, in.target, target)),
        "http_head: method and target");
    law(request || same(buf + out.reason.at, out.reason.len, in.reason, reason), "http_head: phrase");
    law(same(buf + out.fields.at, out.fields.len, in.fields, fields), "http_head: fields");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed f = {data, size};
    uint8_t choice = feed_8(&f);
    uint8_t where = feed_8(&f);
    static const struct lk_http_limits tight = {.method = 8, .start_line = 40, .field_line = 30, .fields = 4, .head = 120, .empty_lines = 1};
    struct lk_http_limits limits = (choice & 4) != 0 ? tight : wide;
    if (f.left > 3000)
        return 0;
    limits.fold = (choice & 8) != 0;
    uint8_t *bytes = exact_copy(f.at, f.left);
    cut_anywhere(bytes, f.left, f.left * where / 256, (enum lk_http_kind)(choice % 3), &limits);
    fields_to_fields((struct feed){bytes, f.left}, (choice & 1) != 0);
    free(bytes);
    return 0;
}
