#include "conformance/visit/show.h"
#include "conformance/dissect/dissect.h"
#include "conformance/visit/view.h"
#include "conformance/visit/words.h"
#include "stack/base/error.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum colour { PLAIN = 0, BOLD, DIM, RED, GREEN, YELLOW, BLUE };

struct show {
    const struct lk_story *story;
    const struct lk_visit_style *style;
    const struct lk_report_out *out;
    const struct language *words;
    uint32_t columns;
};

/* ---- writing ---- */

static void put(const struct show *s, const char *text)
{
    s->out->write(s->out->context, text, strlen(text));
}

static void putf(const struct show *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void putf(const struct show *s, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put(s, text);
}

static void colour(const struct show *s, enum colour c)
{
    static const char *const codes[] = {"\033[0m", "\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[33m", "\033[36m"};
    if (s->style->colours)
        put(s, codes[c]);
}

/* Bytes of the character at `text`, and the columns it takes: Korean and Chinese ones take two. */
static size_t character(const char *text, uint32_t *columns)
{
    unsigned char c = (unsigned char)text[0];
    size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    size_t there = 0;
    while (there < n && text[there] != 0)
        there++;
    *columns = n == 3 && c >= 0xe3 && c <= 0xed ? 2 : 1; /* U+3000 to U+DFFF */
    return there;
}

static uint32_t width(const char *text)
{
    uint32_t all = 0, one;
    while (*text != 0) {
        text += character(text, &one);
        all += one;
    }
    return all;
}

/* Control characters out of packets do nothing to a terminal. */
static void put_safe(const struct show *s, const char *text, size_t len)
{
    char clean[1024];
    size_t n = 0;
    for (size_t i = 0; i < len && n < sizeof clean - 1; i++)
        clean[n++] = (unsigned char)text[i] < ' ' || text[i] == 127 ? '?' : text[i];
    clean[n] = 0;
    put(s, clean);
}

/* Broken at spaces to fit; every further line begins at column `indent`, where the first one already is. */
static void wrapped(const struct show *s, const char *text, uint32_t indent)
{
    uint32_t room = s->columns > indent + 20 ? s->columns - indent : 20, used = 0;
    while (*text != 0) {
        size_t word = strcspn(text + (*text == ' '), " ") + (*text == ' ');
        char piece[512];
        snprintf(piece, sizeof piece, "%.*s", (int)(word < 500 ? word : 500), text);
        uint32_t w = width(piece);
        if (used > 0 && used + w > room) {
            putf(s, "\n%*s", (int)indent, "");
            used = 0;
            const char *rest = piece[0] == ' ' ? piece + 1 : piece;
            w = width(rest);
            put_safe(s, rest, strlen(rest));
        } else
            put_safe(s, piece, strlen(piece));
        used += w;
        text += word < 500 ? word : 500;
    }
    put(s, "\n");
}

static void padded(const struct show *s, const char *text, uint32_t columns)
{
    uint32_t w = width(text);
    put(s, text);
    putf(s, "%*s", (int)(w < columns ? columns - w : 0), "");
}

/* ---- the picture ---- */

static uint32_t neighbour_link(const struct lk_story *story, uint32_t host, uint32_t but, uint32_t n)
{
    for (uint32_t l = 0; l < story->link_count; l++)
        if (l != but && (story->links[l].host[0] == host || story->links[l].host[1] == host) && n-- == 0)
            return l;
    return LK_NONE;
}

static uint32_t other_end(const struct lk_story *story, uint32_t link, uint32_t host)
{
    return story->links[link].host[story->links[link].host[0] == host];
}

/* Whether the web server stands behind that link. */
static bool leads_to_web(const struct lk_story *story, uint32_t link, uint32_t host, uint32_t depth)
{
    uint32_t there = other_end(story, link, host);
    if (story->hosts[there].role == LK_STORY_WEB)
        return true;
    for (uint32_t n = 0; depth < 8; n++) {
        uint32_t next = neighbour_link(story, there, link, n);
        if (next == LK_NONE)
            return false;
        if (leads_to_web(story, next, there, depth + 1))
            return true;
    }
    return false;
}

/* What hangs beside the way, each below the host it hangs on; that host by name when the line had to be broken. */
static void branches(const struct show *s, const uint32_t *column, bool broken)
{
    const struct lk_story *story = s->story;
    for (uint32_t l = 0; l < story->link_count; l++) {
        uint32_t near = story->links[l].host[0], far = story->links[l].host[1];
        if (column[near] == 0 || column[far] != 0)
            continue;
        if (broken)
            putf(s, "    %s ", story->hosts[near].name);
        else
            putf(s, "%*s└", (int)column[near] + 2, "");
        putf(s, "─ %s %.4g ms ─ ", story->links[l].name, (double)story->links[l].delay / 1e6);
        colour(s, BOLD);
        put(s, story->hosts[far].name);
        colour(s, PLAIN);
        put(s, "\n");
    }
}

static uint32_t link_towards_web(const struct lk_story *story, uint32_t host, uint32_t but)
{
    for (uint32_t n = 0, l; (l = neighbour_link(story, host, but, n)) != LK_NONE; n++)
        if (leads_to_web(story, l, host, 0))
            return l;
    return LK_NONE;
}

/* Hosts from the laptop to the web server on one line; what hangs beside the way below it. */
static void picture(const struct show *s)
{
    const struct lk_story *story = s->story;
    uint32_t column[16] = {0}, host = 0, came = LK_NONE, at = 2;
    bool broken = false;
    char name[200];
    put(s, "  ");
    for (uint32_t hops = 0; hops < story->host_count && host < 16; hops++) {
        uint32_t on = link_towards_web(story, host, came);
        column[host] = at;
        colour(s, BOLD);
        put(s, story->hosts[host].name);
        colour(s, PLAIN);
        if (on == LK_NONE)
            break;
        snprintf(name, sizeof name, " ─ %s %.4g ms ─ ", story->links[on].name, (double)story->links[on].delay / 1e6);
        at += width(story->hosts[host].name) + width(name);
        host = other_end(story, on, host);
        came = on;
        if (at + width(story->hosts[host].name) > s->columns) {
            put(s, "\n    ");
            at = 4 + width(name);
            broken = true;
        }
        put(s, name);
    }
    put(s, "\n");
    branches(s, column, broken);
    put(s, "\n");
}

static enum phrase purpose(uint8_t role)
{
    switch (role) {
    case LK_STORY_CLIENT: return PHRASE_BY_DHCP;
    case LK_STORY_DNS: return PHRASE_KNOWS_NAMES;
    case LK_STORY_WEB: return PHRASE_HAS_PAGE;
    default: return PHRASE_FORWARDS;
    }
}

static void cast(const struct show *s)
{
    for (size_t h = 0; h < s->story->host_count; h++) {
        const struct lk_story_host *host = &s->story->hosts[h];
        put(s, "  ");
        padded(s, host->name, 10);
        for (uint32_t i = 0; i < host->ifaces; i++) {
            if (lk_addr_is_unspecified(&host->iface[i].address))
                continue;
            uint32_t ip = lk_addr_ip4(&host->iface[i].address);
            putf(s, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
            if (host->role == LK_STORY_GATEWAY)
                putf(s, " (%s)", s->words->phrase[host->iface[i].outside ? PHRASE_OUTSIDE : PHRASE_INSIDE]);
            put(s, i + 1 < host->ifaces ? ", " : "  ");
        }
        colour(s, DIM);
        putf(s, "%s\n", s->words->phrase[purpose(host->role)]);
        colour(s, PLAIN);
    }
}

/* ---- packets ---- */

static void heading(const struct show *s, uint8_t act, bool again)
{
    put(s, "\n");
    colour(s, BOLD);
    put(s, s->words->title[act]);
    if (again)
        putf(s, " %s", s->words->phrase[PHRASE_AGAIN]);
    colour(s, PLAIN);
    put(s, "\n");
}

static void bytes_of(const struct show *s, const struct lk_story_packet *p, uint32_t at, uint32_t len)
{
    bool same = false;
    for (uint32_t row = at; row < at + len; row += 16) {
        bool again = row > at && row + 16 < at + len && memcmp(p->bytes + row, p->bytes + row - 16, 16) == 0;
        if (again && !same)
            put(s, "        *\n"); /* as the rows above it */
        same = again;
        if (again)
            continue;
        putf(s, "        %04x ", row);
        for (uint32_t i = row; i < row + 16; i++)
            putf(s, i < at + len ? " %02x" : "   ", i < at + len ? p->bytes[i] : 0u);
        put(s, "  ");
        for (uint32_t i = row; i < row + 16 && i < at + len; i++)
            putf(s, "%c", p->bytes[i] >= ' ' && p->bytes[i] < 127 ? p->bytes[i] : '.');
        put(s, "\n");
    }
}

/* One layer: its fields by Wireshark's names, then its bytes. */
static void layer(const struct show *s, const struct lk_story_packet *p, const struct lk_dissection *d, uint32_t index)
{
    static char text[8192], value[8192];
    size_t used = 0;
    uint32_t at = d->layers[index].at, end = index + 1 < d->layer_count ? d->layers[index + 1].at : p->len;
    text[0] = 0;
    for (uint32_t i = 0; i < d->field_count; i++) {
        const struct lk_field *f = &d->fields[i];
        const char *dot = strchr(f->name, '.');
        bool again = dot != NULL && (strcmp(dot, ".addr") == 0 || strcmp(dot, ".port") == 0); /* both ends under one name: for filters */
        if (f->layer != index || again || f->len > 64)
            continue;
        lk_field_text(f, value, sizeof value);
        int n = snprintf(text + used, sizeof text - used, "%s%s=%s", used > 0 ? " " : "", f->name, value);
        used += n > 0 && (size_t)n < sizeof text - used ? (size_t)n : 0;
    }
    put(s, "      ");
    colour(s, BLUE);
    padded(s, d->layers[index].name, 5);
    colour(s, PLAIN);
    wrapped(s, text, 11);
    colour(s, DIM);
    bytes_of(s, p, at, end - at);
    colour(s, PLAIN);
}

static void layers(const struct show *s, const struct lk_story_packet *p)
{
    struct lk_layer list[LK_DISSECT_DEPTH];
    static struct lk_field fields[1024];
    struct lk_dissection d = {.layers = list, .fields = fields, .layer_cap = LK_DISSECT_DEPTH, .field_cap = 1024};
    const struct lk_dissect_frame frame = {.bytes = p->bytes, .captured = p->len, .length = p->len, .link = LK_LINK_ETHERNET, .number = p->link_number, .time = p->sent_at};
    lk_dissect(&frame, NULL, &d); /* what is wrong with it is in its line */
    put(s, "      ");
    wrapped(s, p->why[s->style->language], 6);
    for (uint32_t i = 0; i < d.layer_count; i++)
        layer(s, p, &d, i);
}

static void packet(const struct show *s, const struct lk_story_packet *p)
{
    const struct lk_story *story = s->story;
    bool lost = p->arrived_at == LK_NEVER;
    char ends[64];
    snprintf(ends, sizeof ends, "%s → %s", story->hosts[p->from].name, story->hosts[p->to].name);
    colour(s, lost ? RED : p->repeated ? YELLOW : p->same_as != 0 ? DIM : PLAIN);
    putf(s, "%5u %11.6f  ", p->number, (double)p->sent_at / 1e9);
    padded(s, ends, 20);
    uint32_t indent = 41;
    if (s->columns < 80) {
        put(s, "\n      ");
        indent = 6;
    } else
        put(s, "  ");
    put(s, p->same_as != 0 ? "↳ " : "");
    wrapped(s, p->line[s->style->language], indent + (p->same_as != 0 ? 2 : 0));
    colour(s, PLAIN);
    if (s->style->verbose)
        layers(s, p);
}

/* A packet and then the same on its further hops, so that one journey stands together. What a router has to ask meanwhile (ARP)
 * stands where it asks. */
struct order { uint32_t *next; bool *done; uint8_t act; bool seen[LK_ACTS]; };

static void turn_to(const struct show *s, struct order *o, uint8_t act)
{
    if (o->act != act)
        heading(s, act, o->seen[act]);
    o->act = act;
    o->seen[act] = true;
}

static void aside(const struct show *s, struct order *o, uint32_t from, uint32_t to)
{
    for (uint32_t i = from + 1; i < to; i++) {
        const struct lk_story_packet *p = &s->story->packets[i];
        if (o->done[i] || p->len < 14 || p->bytes[12] != 0x08 || p->bytes[13] != 0x06)
            continue;
        turn_to(s, o, p->act);
        packet(s, p);
        o->done[i] = true;
    }
}

static void journey(const struct show *s, struct order *o, uint32_t at)
{
    uint8_t act = s->story->packets[at].act;
    for (uint32_t before = at; at != LK_NONE; before = at, at = o->next[at]) {
        aside(s, o, before, at);
        turn_to(s, o, act);
        packet(s, &s->story->packets[at]);
        o->done[at] = true;
    }
}

static int packets(const struct show *s)
{
    const struct lk_story *story = s->story;
    struct order o = {.act = LK_ACTS};
    o.next = lk_bump_array(story->memory, story->packet_count, sizeof *o.next);
    o.done = lk_bump_array(story->memory, story->packet_count, sizeof *o.done);
    if (o.next == NULL || o.done == NULL)
        return LK_E_NOMEM;
    memset(o.next, 0xff, story->packet_count * sizeof *o.next);
    for (uint32_t i = 0; i < story->packet_count; i++)
        if (story->packets[i].same_as != 0)
            o.next[story->packets[i].same_as - 1] = i;
    for (uint32_t i = 0; i < story->packet_count; i++)
        if (!o.done[i])
            journey(s, &o, i);
    const struct lk_story_act *wait = &story->acts[LK_ACT_TIME_WAIT];
    if (wait->happened) {
        turn_to(s, &o, LK_ACT_TIME_WAIT);
        put(s, "      ");
        wrapped(s, wait->summary[s->style->language], 6);
    }
    return 0;
}

/* ---- what it came to ---- */

/* Where a visit without a page ended: the last step of the way to it that was begun. */
static uint32_t ended_at(const struct lk_story *story)
{
    static const uint8_t way[] = {LK_ACT_RESPONSE, LK_ACT_REQUEST, LK_ACT_HANDSHAKE, LK_ACT_NAME, LK_ACT_LEASE};
    for (size_t i = 0; i < sizeof way && story->failure != NULL; i++)
        if (story->acts[way[i]].happened)
            return way[i];
    return LK_ACTS;
}

static void acts(const struct show *s)
{
    uint32_t last = ended_at(s->story);
    colour(s, BOLD);
    putf(s, "\n%s\n", s->words->phrase[PHRASE_WHAT]);
    colour(s, PLAIN);
    for (uint32_t k = 0; k < LK_ACTS; k++) {
        const struct lk_story_act *act = &s->story->acts[k];
        bool wrong = false;
        for (size_t i = 0; i < s->story->finding_count; i++)
            wrong = wrong || s->story->findings[i].act == k;
        colour(s, wrong ? RED : k == last ? YELLOW : act->happened ? GREEN : DIM);
        put(s, wrong ? "  ✗ " : k == last ? "  ! " : act->happened ? "  ✓ " : "  – ");
        colour(s, wrong ? RED : PLAIN);
        padded(s, act->title[s->style->language], s->columns < 80 ? 0 : 48);
        put(s, s->columns < 80 ? "\n      " : "");
        wrapped(s, act->summary[s->style->language], s->columns < 80 ? 6 : 52);
        colour(s, PLAIN);
    }
}

static void bytes(const struct show *s)
{
    const struct lk_story *story = s->story;
    uint64_t sent = 0;
    colour(s, BOLD);
    putf(s, "\n%s\n", s->words->phrase[PHRASE_BYTES]);
    colour(s, PLAIN);
    for (uint32_t l = 0; l < story->link_count; l++) {
        uint64_t total = 0;
        unsigned count = 0, lost = 0;
        for (size_t i = 0; i < story->packet_count; i++)
            if (story->packets[i].link == l) {
                total += story->packets[i].len;
                count++;
                lost += story->packets[i].arrived_at == LK_NEVER;
            }
        put(s, "  ");
        putf(s, s->words->phrase[PHRASE_LINK_BYTES], story->links[l].name, count, (unsigned long long)total);
        if (lost > 0)
            putf(s, s->words->phrase[PHRASE_LOST], lost);
        put(s, "\n");
        for (size_t i = 0; l == 0 && i < story->packet_count; i++)
            sent += story->packets[i].link == 0 ? story->packets[i].len : 0;
    }
    if (story->got_bytes > 0) {
        put(s, "  ");
        putf(s, s->words->phrase[PHRASE_CONTENT], (unsigned long long)story->got_bytes, (unsigned long long)sent, (unsigned)(story->got_bytes * 100 / (sent == 0 ? 1 : sent)));
        put(s, "\n");
    }
}

/* Private and public addresses of what the home said, as the packets before and after the gateway show them. */
static void addresses(const struct show *s)
{
    const struct lk_story *story = s->story;
    struct { uint64_t inside, outside; } seen[32];
    size_t known = 0;
    for (size_t i = 0; i < story->packet_count && known < 32; i++) {
        const struct lk_story_packet *p = &story->packets[i];
        struct lk_visit_view v, b;
        if (p->same_as == 0 || story->hosts[p->from].role != LK_STORY_GATEWAY)
            continue;
        lk_visit_look(p->bytes, p->len, lk_visit_web(story), &v);
        lk_visit_look(story->packets[p->same_as - 1].bytes, story->packets[p->same_as - 1].len, lk_visit_web(story), &b);
        uint64_t inside = (uint64_t)b.from << 16 | b.from_port, outside = (uint64_t)v.from << 16 | v.from_port;
        bool old = inside == outside;
        for (size_t k = 0; k < known; k++)
            old = old || (seen[k].inside == inside && seen[k].outside == outside);
        if (old)
            continue;
        if (known == 0) {
            colour(s, BOLD);
            putf(s, "\n%s\n", s->words->phrase[PHRASE_ADDRESSES]);
            colour(s, PLAIN);
        }
        seen[known].inside = inside;
        seen[known++].outside = outside;
        putf(s, "  %s %u.%u.%u.%u:%u  →  %u.%u.%u.%u:%u  →  %u.%u.%u.%u:%u\n", v.tcp ? "TCP" : v.udp ? "UDP" : "ICMP", b.from >> 24, b.from >> 16 & 255, b.from >> 8 & 255,
             b.from & 255, b.from_port, v.from >> 24, v.from >> 16 & 255, v.from >> 8 & 255, v.from & 255, v.from_port, v.to >> 24, v.to >> 16 & 255, v.to >> 8 & 255,
             v.to & 255, v.to_port);
    }
}

static void findings(const struct show *s)
{
    for (size_t i = 0; i < s->story->finding_count; i++) {
        const struct lk_story_finding *f = &s->story->findings[i];
        colour(s, RED);
        putf(s, "  ✗ %s: ", s->words->title[f->act]);
        colour(s, PLAIN);
        put_safe(s, f->message, strlen(f->message));
        if (f->packet != 0 || f->requirement != NULL) {
            put(s, " (");
            if (f->packet != 0)
                putf(s, s->words->phrase[PHRASE_PACKET], f->packet);
            putf(s, "%s%s)", f->packet != 0 && f->requirement != NULL ? ", " : "", f->requirement != NULL ? f->requirement : "");
        }
        put(s, "\n");
    }
}

static void ending(const struct show *s)
{
    const struct lk_story *story = s->story;
    lk_time end = story->acts[LK_ACT_RESPONSE].to;
    findings(s);
    colour(s, story->whole ? GREEN : RED);
    if (story->failure != NULL)
        putf(s, s->words->phrase[PHRASE_FAILED], story->failure_in[s->style->language] != NULL ? story->failure_in[s->style->language] : story->failure);
    else if (story->finding_count > 0)
        putf(s, s->words->phrase[PHRASE_WENT_WRONG], story->finding_count);
    else
        putf(s, s->words->phrase[PHRASE_WENT_WELL], (unsigned long long)story->got_bytes, (double)end / 1e9);
    colour(s, PLAIN);
    put(s, "\n");
}

static struct show begin(const struct lk_story *story, const struct lk_visit_style *style, const struct lk_report_out *out)
{
    struct show s = {.story = story, .style = style, .out = out, .words = words_of(style->language)};
    s.columns = style->columns == 0 ? 100 : style->columns;
    return s;
}

int lk_visit_show(const struct lk_story *story, const struct lk_visit_style *style, const struct lk_report_out *out)
{
    struct show s = begin(story, style, out);
    colour(&s, BOLD);
    putf(&s, s.words->phrase[PHRASE_STORY], story->url);
    colour(&s, PLAIN);
    put(&s, "\n\n");
    picture(&s);
    cast(&s);
    if (packets(&s) != 0)
        return LK_E_NOMEM;
    acts(&s);
    bytes(&s);
    addresses(&s);
    put(&s, "\n");
    ending(&s);
    return 0;
}

void lk_visit_show_end(const struct lk_story *story, const struct lk_visit_style *style, const struct lk_report_out *out)
{
    struct show s = begin(story, style, out);
    ending(&s);
}
