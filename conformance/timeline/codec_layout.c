/* The layout of each record of a trace, walked in one order for both directions. */
#include "conformance/timeline/codec_layout.h"

#include <string.h>

static void host(struct lk_codec *codec, struct lk_trace_host *h)
{
    lk_codec_bytes(codec, h->address.octet, sizeof h->address.octet);
    lk_codec_u16(codec, &h->port);
    lk_codec_flag(codec, &h->has_mac);
    lk_codec_bytes(codec, h->mac, sizeof h->mac);
    lk_codec_u32(codec, &h->prefix);
}

void lk_layout_dut(struct lk_codec *codec, struct lk_trace *t)
{
    host(codec, &t->dut.host);
    lk_codec_u8(codec, &t->dut.role);
    lk_codec_text(codec, &t->dut.capture_file);
}

void lk_layout_link_type(struct lk_codec *codec, struct lk_trace *t)
{
    uint8_t raw = t->link.type != NULL && strcmp(t->link.type, "raw") == 0;
    lk_codec_u8(codec, &raw);
    t->link.type = raw ? "raw" : "ethernet";
    lk_codec_u8(codec, &t->link.neighbours);
    lk_codec_u16(codec, &t->link.mtu);
}

void lk_layout_network(struct lk_codec *codec, struct lk_trace_network *n)
{
    lk_codec_u64(codec, &n->rate[0]);
    lk_codec_u64(codec, &n->rate[1]);
    lk_codec_i64(codec, &n->delay[0]);
    lk_codec_i64(codec, &n->delay[1]);
    lk_codec_u32(codec, &n->queue);
}

void lk_layout_fate(struct lk_codec *codec, struct lk_fate *f)
{
    lk_codec_u8(codec, &f->dir);
    lk_codec_u8(codec, &f->by);
    lk_codec_u8(codec, &f->is);
    lk_codec_flag(codec, &f->required);
    lk_codec_u32(codec, &f->copy);
    lk_codec_u64(codec, &f->from);
    lk_codec_u64(codec, &f->to);
    lk_codec_i64(codec, &f->since);
    lk_codec_i64(codec, &f->until);
    lk_codec_i64(codec, &f->late);
}

void lk_layout_call(struct lk_codec *codec, struct lk_call *c)
{
    lk_codec_u8(codec, &c->when);
    lk_codec_u8(codec, &c->op);
    lk_codec_u8(codec, &c->data);
    lk_codec_u8(codec, &c->how);
    lk_codec_i64(codec, &c->at);
    lk_codec_u32(codec, &c->when_socket);
    lk_codec_u64(codec, &c->when_bytes);
    lk_codec_u32(codec, &c->socket);
    lk_codec_text(codec, &c->socket_name);
    lk_codec_bytes(codec, c->to_address.octet, sizeof c->to_address.octet);
    lk_codec_u16(codec, &c->to_port);
    lk_codec_u64(codec, &c->bytes);
    lk_codec_text(codec, &c->name);
    lk_codec_i64(codec, &c->value);
    lk_codec_flag(codec, &c->has_result);
    lk_codec_i64(codec, &c->result);
    lk_codec_text(codec, &c->error);
    lk_codec_flag(codec, &c->has_bytes);
    lk_codec_u64(codec, &c->returns_bytes);
    lk_codec_i64(codec, &c->within);
    lk_codec_u32(codec, &c->line);
}

void lk_layout_peer(struct lk_codec *codec, struct lk_trace_peer *p)
{
    uint8_t shift = p->wscale < 0 ? 255 : (uint8_t)p->wscale;
    host(codec, &p->host);
    lk_codec_text(codec, &p->capture_file);
    lk_codec_u8(codec, &p->kind);
    lk_codec_u8(codec, &p->ack);
    lk_codec_i64(codec, &p->ack_delay);
    lk_codec_u32(codec, &p->window);
    lk_codec_u8(codec, &shift);
    p->wscale = shift > 14 ? -1 : shift; /* RFC 7323 2.3 */
    lk_codec_flag(codec, &p->sack);
    lk_codec_flag(codec, &p->timestamps);
    lk_codec_u16(codec, &p->mss);
}

void lk_layout_pair(struct lk_codec *codec, struct lk_pair *p)
{
    lk_codec_text(codec, &p->name);
    lk_codec_text(codec, &p->value);
}

static void texts(struct lk_codec *codec, const char ***list, size_t *length)
{
    size_t count = lk_codec_count(codec, *length, 2);
    if (!codec->emit) {
        *list = lk_bump_array(codec->bump, count, sizeof **list);
        codec->failed |= *list == NULL;
    }
    *length = codec->failed ? 0 : count;
    size_t kept = 0;
    for (size_t i = 0; i < *length; i++) {
        lk_codec_text(codec, &(*list)[i]);
        if (!codec->emit && (*list)[i] != NULL)
            (*list)[kept++] = (*list)[i];
    }
    if (!codec->emit)
        *length = kept;
}

void lk_layout_fields(struct lk_codec *codec, struct lk_match *m)
{
    texts(codec, &m->ignore, &m->ignore_count);
    texts(codec, &m->map, &m->map_count);
}

void lk_layout_iface(struct lk_codec *codec, struct lk_trace_iface *iface)
{
    lk_codec_text(codec, &iface->name);
    host(codec, &iface->host);
    lk_codec_flag(codec, &iface->outside);
    lk_codec_text(codec, &iface->capture_file);
}

void lk_layout_talk(struct lk_codec *codec, struct lk_talk *talk)
{
    lk_codec_text(codec, &talk->text);
    lk_codec_u32(codec, &talk->line);
}

void lk_layout_match(struct lk_codec *codec, struct lk_match *m)
{
    lk_codec_u8(codec, &m->mode);
    lk_codec_i64(codec, &m->tolerance);
    texts(codec, &m->compare, &m->compare_count);
    lk_codec_u32(codec, &m->excess_permille);
    lk_codec_i64(codec, &m->ends_within);
    size_t count = lk_codec_count(codec, m->must_not_resend_count, 16);
    if (!codec->emit) {
        m->must_not_resend = lk_bump_array(codec->bump, count, sizeof *m->must_not_resend);
        codec->failed |= m->must_not_resend == NULL;
    }
    m->must_not_resend_count = codec->failed ? 0 : count;
    for (size_t i = 0; i < m->must_not_resend_count; i++) {
        lk_codec_u64(codec, &m->must_not_resend[i].from);
        lk_codec_u64(codec, &m->must_not_resend[i].to);
    }
}

void lk_layout_proof(struct lk_codec *codec, struct lk_proof *p)
{
    lk_codec_text(codec, &p->requirement);
    lk_codec_text(codec, &p->check);
    lk_codec_u32(codec, &p->line);
}

const struct lk_capture *lk_codec_capture(const struct lk_trace *t, size_t which)
{
    const size_t ifaces = 2 + LK_OUTCOMES_MAX;
    if (which < 2)
        return which == 0 ? &t->capture : &t->peer_capture;
    if (which < ifaces)
        return which - 2 < t->outcome_count ? &t->outcomes[which - 2].capture : NULL;
    return which - ifaces < t->iface_count ? &t->ifaces[which - ifaces].capture : NULL;
}
