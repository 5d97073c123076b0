/* A DNS message read for the story: the question, and the addresses in the answer. It shares no code with the resolver and the
 * server whose messages it reads. */
#include "conformance/visit/view.h"
#include "stack/base/bytes.h"

#define MOST_POINTERS 16

/* A name at `at`, in presentation form with odd characters as '?'. Where the message goes on, or 0 when it is broken. */
static uint32_t read_name(const uint8_t *m, uint32_t len, uint32_t at, char *out, size_t cap)
{
    uint32_t after = 0, pointers = 0;
    size_t used = 0;
    while (at < len && m[at] != 0) {
        uint32_t label = m[at];
        if (label >= 192) { /* RFC 1035 4.1.4 */
            if (at + 1 >= len || ++pointers > MOST_POINTERS)
                return 0;
            after = after != 0 ? after : at + 2;
            at = (label & 63) << 8 | m[at + 1];
            continue;
        }
        if (label > 63 || at + 1 + label > len)
            return 0;
        if (used > 0 && used + 1 < cap)
            out[used++] = '.';
        for (uint32_t i = 1; i <= label && used + 1 < cap; i++)
            out[used++] = m[at + i] > ' ' && m[at + i] < 127 ? (char)m[at + i] : '?';
        at += 1 + label;
    }
    out[used] = 0;
    return at >= len ? 0 : after != 0 ? after : at + 1;
}

static void read_answers(struct lk_visit_view *v, uint32_t at, uint32_t count)
{
    const uint8_t *m = v->data;
    char owner[LK_VISIT_TEXT];
    for (uint32_t i = 0; i < count; i++) {
        at = read_name(m, v->data_len, at, owner, sizeof owner);
        if (at == 0 || at + 10 > v->data_len)
            return;
        uint32_t type = lk_load_be16(m + at), rdlength = lk_load_be16(m + at + 8);
        if (at + 10 + rdlength > v->data_len)
            return;
        if (type == 1 && rdlength == 4 && v->addresses < LK_VISIT_ADDRESSES) {
            v->address[v->addresses++] = lk_load_be32(m + at + 10);
            v->ttl_of_answer = lk_load_be32(m + at + 4);
        }
        at += 10 + rdlength;
    }
}

void lk_visit_look_dns(struct lk_visit_view *v)
{
    const uint8_t *m = v->data;
    if (v->data_len < 12) { /* RFC 1035 4.1.1 */
        v->kind = LK_VISIT_OTHER;
        return;
    }
    uint32_t flags = lk_load_be16(m + 2);
    v->dns_id = lk_load_be16(m);
    v->kind = flags & 0x8000 ? LK_VISIT_ANSWER : LK_VISIT_QUESTION;
    v->dns_rd = (flags & 0x0100) != 0;
    v->rcode = flags & 15;
    if (lk_load_be16(m + 4) != 1)
        return;
    uint32_t at = read_name(m, v->data_len, 12, v->name, sizeof v->name);
    if (at == 0 || at + 4 > v->data_len)
        return;
    v->dns_type = lk_load_be16(m + at);
    v->dns_class = lk_load_be16(m + at + 2);
    read_answers(v, at + 4, lk_load_be16(m + 6));
}
