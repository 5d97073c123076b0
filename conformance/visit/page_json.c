/* The story as JSON; the keys stand in page_data.h. */
#include "conformance/visit/page_data.h"

#include <stdio.h>
#include <string.h>

static void key(const struct lk_report_out *out, const char *name)
{
    lk_page_put(out, ",\"");
    lk_page_put(out, name);
    lk_page_put(out, "\":");
}

static void put_time(const struct lk_report_out *out, lk_time time)
{
    if (time == LK_NEVER)
        lk_page_put(out, "null");
    else
        lk_page_number(out, time);
}

static void put_bool(const struct lk_report_out *out, bool value)
{
    lk_page_put(out, value ? "true" : "false");
}

/* The number of a text, -1 for none. */
static void put_text_number(const struct lk_report_out *out, uint32_t number)
{
    lk_page_number(out, number == LK_NONE ? -1 : (int64_t)number);
}

static void put_pair(const struct lk_report_out *out, const uint32_t pair[LK_STORY_LANGUAGES])
{
    lk_page_put(out, "[");
    put_text_number(out, pair[LK_STORY_EN]);
    lk_page_put(out, ",");
    put_text_number(out, pair[LK_STORY_KO]);
    lk_page_put(out, "]");
}

static void put_words(const struct lk_report_out *out, const char *const words[LK_STORY_LANGUAGES])
{
    lk_page_put(out, "[");
    lk_page_json(out, words[LK_STORY_EN]);
    lk_page_put(out, ",");
    lk_page_json(out, words[LK_STORY_KO]);
    lk_page_put(out, "]");
}

static void put_address(const struct lk_report_out *out, const struct lk_addr *address)
{
    char text[48];
    const uint8_t *o = address->octet;
    if (lk_addr_is_unspecified(address)) {
        lk_page_put(out, "null");
        return;
    }
    if (lk_addr_is_ip4(address))
        snprintf(text, sizeof text, "\"%u.%u.%u.%u\"", o[12], o[13], o[14], o[15]);
    else
        snprintf(text, sizeof text, "\"%x:%x:%x:%x:%x:%x:%x:%x\"", o[0] << 8 | o[1], o[2] << 8 | o[3], o[4] << 8 | o[5], o[6] << 8 | o[7],
                 o[8] << 8 | o[9], o[10] << 8 | o[11], o[12] << 8 | o[13], o[14] << 8 | o[15]);
    lk_page_put(out, text);
}

static void put_host(const struct lk_report_out *out, const struct lk_story_host *host)
{
    static const char *const roles[] = {"client", "gateway", "router", "dns", "web"};
    lk_page_put(out, "{\"name\":");
    lk_page_json(out, host->name);
    key(out, "role");
    lk_page_json(out, host->role < sizeof roles / sizeof *roles ? roles[host->role] : "router");
    key(out, "ifaces");
    for (uint32_t i = 0; i < host->ifaces; i++) {
        const uint8_t *m = host->iface[i].mac;
        char mac[20];
        snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
        lk_page_put(out, i == 0 ? "[{\"mac\":" : ",{\"mac\":");
        lk_page_json(out, mac);
        key(out, "link");
        lk_page_number(out, host->iface[i].link);
        key(out, "address");
        put_address(out, &host->iface[i].address);
        key(out, "prefix");
        lk_page_number(out, host->iface[i].prefix);
        key(out, "outside");
        put_bool(out, host->iface[i].outside);
        lk_page_put(out, "}");
    }
    lk_page_put(out, host->ifaces == 0 ? "[]}" : "]}");
}

static void put_link(const struct lk_report_out *out, const struct lk_story_link *link)
{
    lk_page_put(out, "{\"name\":");
    lk_page_json(out, link->name);
    key(out, "hosts");
    lk_page_put(out, "[");
    lk_page_number(out, link->host[0]);
    lk_page_put(out, ",");
    lk_page_number(out, link->host[1]);
    lk_page_put(out, "]");
    key(out, "delay");
    lk_page_number(out, link->delay);
    lk_page_put(out, "}");
}

static const char *kind_word(uint8_t kind)
{
    static const char *const words[LK_ACTS] = {
        [LK_ACT_LEASE] = "lease", [LK_ACT_ARP_GATEWAY] = "arp-gateway", [LK_ACT_NAME] = "name", [LK_ACT_ROUTE] = "route", [LK_ACT_NAT] = "nat",
        [LK_ACT_ARP_LAST_HOP] = "arp-last-hop", [LK_ACT_HANDSHAKE] = "handshake", [LK_ACT_REQUEST] = "request", [LK_ACT_RESPONSE] = "response",
        [LK_ACT_CLOSE] = "close", [LK_ACT_TIME_WAIT] = "time-wait",
    };
    return kind < LK_ACTS ? words[kind] : "other";
}

static void put_act(const struct lk_report_out *out, const struct lk_story_act *act)
{
    lk_page_put(out, "{\"kind\":");
    lk_page_json(out, kind_word(act->kind));
    key(out, "happened");
    put_bool(out, act->happened);
    key(out, "held");
    put_bool(out, act->held);
    key(out, "first");
    lk_page_number(out, act->first);
    key(out, "last");
    lk_page_number(out, act->last);
    key(out, "from");
    put_time(out, act->from);
    key(out, "to");
    put_time(out, act->to);
    key(out, "title");
    put_words(out, act->title);
    key(out, "summary");
    put_words(out, act->summary);
    lk_page_put(out, "}");
}

/* The index in acts[] of this kind, -1 when there is none. */
static int64_t act_of(const struct lk_story *story, uint8_t kind)
{
    for (int64_t i = 0; i < LK_ACTS; i++)
        if (story->acts[i].kind == kind)
            return i;
    return -1;
}

static void put_finding(const struct lk_report_out *out, const struct lk_story *story, const struct lk_story_finding *finding)
{
    lk_page_put(out, "{\"act\":");
    lk_page_number(out, act_of(story, finding->act));
    key(out, "packet");
    lk_page_number(out, finding->packet);
    key(out, "requirement");
    lk_page_json(out, finding->requirement);
    key(out, "message");
    lk_page_json(out, finding->message);
    lk_page_put(out, "}");
}

/* -- packets -- */

static void put_layers(const struct lk_report_out *out, const struct lk_page_packet *packet)
{
    key(out, "layers");
    for (uint32_t i = 0; i < packet->layer_count; i++) {
        lk_page_put(out, i == 0 ? "[" : ",");
        lk_page_number(out, packet->layer_name[i]);
        lk_page_put(out, ",");
        lk_page_number(out, packet->layers[i].at);
        lk_page_put(out, ",");
        lk_page_number(out, packet->layers[i].len);
    }
    lk_page_put(out, packet->layer_count == 0 ? "[]" : "]");
}

static void put_fields(const struct lk_report_out *out, const struct lk_page_packet *packet)
{
    key(out, "fields");
    for (uint32_t i = 0; i < packet->field_count; i++) {
        int64_t of[5] = {packet->name[i], packet->fields[i].layer, packet->fields[i].at, packet->fields[i].len,
                         packet->value[i] == LK_NONE ? -1 : (int64_t)packet->value[i]};
        for (int part = 0; part < 5; part++) {
            lk_page_put(out, i == 0 && part == 0 ? "[" : ",");
            lk_page_number(out, of[part]);
        }
    }
    lk_page_put(out, packet->field_count == 0 ? "[]" : "]");
}

/* The runs of bytes that differ; two runs less than four bytes apart are one. */
static void put_patch(const struct lk_report_out *out, const struct lk_story_packet *packet, const struct lk_story_packet *base)
{
    bool first = true;
    key(out, "patch");
    lk_page_put(out, "[");
    for (uint32_t at = 0; at < packet->len; at++) {
        if (packet->bytes[at] == base->bytes[at])
            continue;
        uint32_t end = at + 1;
        for (uint32_t i = end; i < packet->len && i < end + 4; i++)
            if (packet->bytes[i] != base->bytes[i])
                end = i + 1;
        if (!first)
            lk_page_put(out, ",");
        lk_page_number(out, at);
        lk_page_put(out, ",");
        lk_page_base64(out, packet->bytes + at, end - at);
        first = false;
        at = end;
    }
    lk_page_put(out, "]");
}

static void put_changed(const struct lk_report_out *out, const struct lk_page_packet *packet, const struct lk_page_packet *base)
{
    bool first = true;
    key(out, "changed");
    lk_page_put(out, "[");
    for (uint32_t i = 0; i < packet->field_count; i++) {
        if (packet->value[i] == base->value[i])
            continue;
        if (!first)
            lk_page_put(out, ",");
        lk_page_number(out, i);
        lk_page_put(out, ",");
        put_text_number(out, packet->value[i]);
        first = false;
    }
    lk_page_put(out, "]");
}

static void put_words_of(const struct lk_report_out *out, const struct lk_page_packet *packet)
{
    key(out, "line");
    put_pair(out, packet->line);
    key(out, "why");
    put_pair(out, packet->why);
    key(out, "error");
    put_text_number(out, packet->error);
}

static void put_packet(const struct lk_report_out *out, const struct lk_page_data *data, size_t i)
{
    const struct lk_story_packet *told = &data->story->packets[i];
    const struct lk_page_packet *packet = &data->packets[i];
    lk_page_put(out, "{\"link\":");
    lk_page_number(out, told->link);
    key(out, "from");
    lk_page_number(out, told->from);
    key(out, "to");
    lk_page_number(out, told->to);
    key(out, "sent");
    lk_page_number(out, told->sent_at);
    key(out, "arrived");
    put_time(out, told->arrived_at);
    key(out, "act");
    lk_page_number(out, act_of(data->story, told->act));
    key(out, "repeated");
    put_bool(out, told->repeated);
    key(out, "repeats");
    lk_page_number(out, told->repeats);
    key(out, "same");
    lk_page_number(out, told->same_as);
    put_words_of(out, packet);
    if (packet->base == LK_NONE) {
        key(out, "bytes");
        lk_page_base64(out, told->bytes, told->len);
        put_layers(out, packet);
        put_fields(out, packet);
    } else {
        key(out, "base");
        lk_page_number(out, (int64_t)packet->base + 1);
        put_patch(out, told, &data->story->packets[packet->base]);
        put_changed(out, packet, &data->packets[packet->base]);
    }
    lk_page_put(out, "}");
}

static void put_visit(const struct lk_report_out *out, const struct lk_story *story)
{
    lk_page_put(out, "{\"url\":");
    lk_page_json(out, story->url);
    key(out, "seed");
    lk_page_json(out, story->seed_text);
    key(out, "whole");
    put_bool(out, story->whole);
    key(out, "failure");
    put_words(out, story->failure_in);
    key(out, "page_bytes");
    lk_page_number(out, (int64_t)story->page_bytes);
    key(out, "got_bytes");
    lk_page_number(out, (int64_t)story->got_bytes);
    key(out, "ended");
    put_time(out, story->ended);
}

/* Between the elements of a list: a new line, so that the file can be read. */
static void next(const struct lk_report_out *out, size_t i)
{
    lk_page_put(out, i == 0 ? "[\n" : ",\n");
}

static void list_end(const struct lk_report_out *out, size_t count)
{
    lk_page_put(out, count == 0 ? "[]" : "]");
}

static void put_network(const struct lk_report_out *out, const struct lk_story *story)
{
    key(out, "hosts");
    for (size_t i = 0; i < story->host_count; i++) {
        next(out, i);
        put_host(out, &story->hosts[i]);
    }
    list_end(out, story->host_count);
    key(out, "links");
    for (size_t i = 0; i < story->link_count; i++) {
        next(out, i);
        put_link(out, &story->links[i]);
    }
    list_end(out, story->link_count);
}

static void put_acts(const struct lk_report_out *out, const struct lk_story *story)
{
    key(out, "acts");
    for (size_t i = 0; i < LK_ACTS; i++) {
        next(out, i);
        put_act(out, &story->acts[i]);
    }
    list_end(out, LK_ACTS);
    key(out, "findings");
    for (size_t i = 0; i < story->finding_count; i++) {
        next(out, i);
        put_finding(out, story, &story->findings[i]);
    }
    list_end(out, story->finding_count);
}

void lk_page_data_write(const struct lk_page_data *data, const struct lk_report_out *out)
{
    const struct lk_story *story = data->story;
    put_visit(out, story);
    put_network(out, story);
    put_acts(out, story);
    key(out, "packets");
    for (size_t i = 0; i < story->packet_count; i++) {
        next(out, i);
        put_packet(out, data, i);
    }
    list_end(out, story->packet_count);
    key(out, "texts");
    for (size_t i = 0; i < data->texts.count; i++) {
        next(out, i);
        lk_page_json(out, data->texts.text[i]);
    }
    list_end(out, data->texts.count);
    lk_page_put(out, "}\n");
}
