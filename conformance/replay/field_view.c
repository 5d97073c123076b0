#include "conformance/replay/field_view.h"
#include <string.h>

static uint32_t load16(const uint8_t *b)
{
    return (uint32_t)b[0] << 8 | b[1];
}

/* Where the datagram of the outermost IP header ends; the frame's end without one. */
static uint32_t end_of(const struct lk_field_view *view)
{
    for (uint32_t i = 0; i < view->d.layer_count; i++) {
        uint32_t at = view->layers[i].at;
        if (strcmp(view->layers[i].name, "ip") != 0 || at + 4 > view->len)
            continue;
        uint32_t end = at + load16(view->bytes + at + 2);
        return end < view->len && end > at ? end : view->len;
    }
    return view->len;
}

static void find_data(struct lk_field_view *view)
{
    uint32_t end = end_of(view), last = view->d.layer_count;
    view->data = (struct lk_field){.name = "data", .kind = LK_FIELD_BYTES};
    if (last == 0)
        return;
    const struct lk_layer *layer = &view->layers[last - 1];
    uint32_t at = layer->at + layer->len;
    if (at >= end || strcmp(layer->name, "arp") == 0 || strcmp(layer->name, "eth") == 0)
        return;
    view->data.at = at;
    view->data.len = end - at;
    view->data.bytes = view->bytes + at;
    view->data.layer = (uint16_t)(last - 1);
}

void lk_field_view(struct lk_field_view *view, const uint8_t *bytes, size_t len)
{
    const struct lk_dissect_frame frame = {.bytes = bytes, .captured = (uint32_t)len, .length = (uint32_t)len, .link = LK_LINK_ETHERNET, .number = 1};
    view->bytes = bytes;
    view->len = (uint32_t)len;
    view->d = (struct lk_dissection){.layers = view->layers, .fields = view->fields, .layer_cap = LK_DISSECT_DEPTH, .field_cap = LK_VIEW_FIELDS};
    (void)lk_dissect(&frame, NULL, &view->d); /* what is malformed shows as fields that are missing, and in `data` */
    find_data(view);
}

const struct lk_field *lk_view_at(const struct lk_field_view *view, uint32_t index)
{
    if (index < view->d.field_count)
        return &view->fields[index];
    return index == view->d.field_count && view->data.len > 0 ? &view->data : NULL;
}

uint32_t lk_view_rank(const struct lk_field_view *view, uint32_t index)
{
    const char *name = lk_view_at(view, index)->name;
    uint32_t rank = 0;
    for (uint32_t i = 0; i < index; i++)
        rank += lk_field_is(lk_view_at(view, i), name);
    return rank;
}

const struct lk_field *lk_view_nth(const struct lk_field_view *view, const char *name, uint32_t rank)
{
    const struct lk_field *field;
    for (uint32_t i = 0; (field = lk_view_at(view, i)) != NULL; i++)
        if (lk_field_is(field, name) && rank-- == 0)
            return field;
    return NULL;
}

bool lk_view_has_layer(const struct lk_field_view *view, const char *name)
{
    for (uint32_t i = 0; i < view->d.layer_count; i++)
        if (strcmp(view->layers[i].name, name) == 0)
            return true;
    return false;
}

uint32_t lk_view_ip_layer(const struct lk_field_view *view, uint32_t layer)
{
    for (uint32_t i = layer + 1; i-- > 0;)
        if (i < view->d.layer_count && strcmp(view->layers[i].name, "ip") == 0)
            return i;
    return LK_DISSECT_DEPTH;
}

uint64_t lk_field_number(const struct lk_field *field)
{
    uint64_t number = 0;
    if (field->bytes == NULL)
        return field->number;
    for (uint32_t i = 0; i < field->len && i < 8; i++)
        number = number << 8 | field->bytes[i];
    return number;
}

bool lk_view_number(const struct lk_field_view *view, uint32_t layer, const char *name, uint64_t *out)
{
    for (uint32_t i = 0; i < view->d.field_count; i++)
        if (view->fields[i].layer == layer && lk_field_is(&view->fields[i], name)) {
            *out = lk_field_number(&view->fields[i]);
            return true;
        }
    return false;
}

/* ---- checksums ---- */

struct cover { uint32_t from, to, checksum; }; /* which octets, and where the sum of them stands */

static bool cover_of(const struct lk_field_view *view, uint32_t index, struct cover *out)
{
    const struct lk_layer *layer = &view->layers[index];
    uint32_t at = layer->at, end = end_of(view);
    if (strcmp(layer->name, "ip") == 0 && at + 20 <= view->len)
        *out = (struct cover){at, at + (uint32_t)(view->bytes[at] & 15u) * 4, at + 10};
    else if (strcmp(layer->name, "udp") == 0 && at + 8 <= view->len)
        *out = (struct cover){at, end, at + 6};
    else if (strcmp(layer->name, "tcp") == 0 && at + 18 <= view->len)
        *out = (struct cover){at, end, at + 16};
    else if (strcmp(layer->name, "icmp") == 0 && at + 8 <= view->len)
        *out = (struct cover){at, end, at + 2};
    else
        return false;
    if (out->to > view->len)
        out->to = view->len;
    return true;
}

static uint32_t sum_of(const uint8_t *bytes, const struct cover *c)
{
    uint32_t sum = 0;
    for (uint32_t i = c->from; i < c->to; i++)
        if (i != c->checksum && i != c->checksum + 1)
            sum += (uint32_t)bytes[i] << ((i - c->from) % 2 == 0 ? 8 : 0);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* The addresses of the header below count too (the pseudo header of UDP and TCP). */
static uint32_t pseudo_of(const struct lk_field_view *view, const uint8_t *bytes, uint32_t layer)
{
    uint32_t ip = lk_view_ip_layer(view, layer), sum = 0;
    if (ip == LK_DISSECT_DEPTH || strcmp(view->layers[layer].name, "ip") == 0 || strcmp(view->layers[layer].name, "icmp") == 0)
        return 0;
    for (uint32_t i = 12; i < 20; i += 2)
        sum += load16(bytes + view->layers[ip].at + i);
    return sum;
}

/* Innermost first: what is put right there lies in what the outer ones cover. */
void lk_view_repair(const struct lk_field_view *view, uint8_t *bytes)
{
    for (uint32_t i = view->d.layer_count; i-- > 0;) {
        struct cover c;
        if (!cover_of(view, i, &c))
            continue;
        uint32_t before = sum_of(view->bytes, &c) + pseudo_of(view, view->bytes, i), after = sum_of(bytes, &c) + pseudo_of(view, bytes, i);
        uint32_t old = load16(view->bytes + c.checksum);
        bool changed_itself = load16(bytes + c.checksum) != old, none = old == 0 && strcmp(view->layers[i].name, "udp") == 0;
        if (before == after || none || changed_itself)
            continue;
        uint32_t sum = (~old & 0xffff) + after + 0xffff * 4 - before; /* RFC 1624 3: HC' = ~(~HC + ~m + m') */
        while (sum >> 16)
            sum = (sum & 0xffff) + (sum >> 16);
        uint16_t made = (uint16_t)~sum;
        if (made == 0 && strcmp(view->layers[i].name, "udp") == 0)
            made = 0xffff;
        bytes[c.checksum] = (uint8_t)(made >> 8);
        bytes[c.checksum + 1] = (uint8_t)made;
    }
}
