/* Packets taken apart for the page. What is forwarded is nearly the same as the hop before, so only what differs is kept. */
#include "conformance/visit/page_data.h"

#include "stack/base/error.h"

#include <stdio.h>
#include <string.h>

#define FIELDS 4096u
#define FLOWS 256u     /* connections of one link that have numbers of their own */
#define LONG_VALUE 40u /* bytes; a longer run is not repeated as text */

/* The room for one frame, and what each link remembers: the same segment comes by on every one of them. */
struct bench {
    struct lk_dissection out;
    struct lk_dissect_memory *links;
    char *text;
    size_t text_cap;
};

static int bench_make(struct bench *bench, const struct lk_story *story, struct lk_bump *memory)
{
    size_t longest = 0;
    for (size_t i = 0; i < story->packet_count; i++)
        longest = story->packets[i].len > longest ? story->packets[i].len : longest;
    bench->text_cap = LK_FIELD_TEXT(longest) * 2;
    bench->text = lk_bump_take(memory, bench->text_cap);
    bench->links = lk_bump_array(memory, story->link_count, sizeof *bench->links);
    bench->out = (struct lk_dissection){.layer_cap = LK_DISSECT_DEPTH, .field_cap = FIELDS};
    bench->out.layers = lk_bump_array(memory, LK_DISSECT_DEPTH, sizeof *bench->out.layers);
    bench->out.fields = lk_bump_array(memory, FIELDS, sizeof *bench->out.fields);
    if (!bench->text || !bench->links || !bench->out.layers || !bench->out.fields)
        return LK_E_NOMEM;
    for (size_t i = 0; i < story->link_count; i++) {
        bench->links[i] = (struct lk_dissect_memory){.flow_cap = FLOWS, .flows = lk_bump_array(memory, FLOWS, sizeof(struct lk_dissect_flow))};
        if (bench->links[i].flows == NULL)
            return LK_E_NOMEM;
    }
    return 0;
}

/* Whether a field says what another one says already: tshark's "either end" fields, other byte orders, what the layer is. */
static bool redundant(const char *name)
{
    static const char *const names[] = {"eth.addr", "ip.addr", "ip.cur_rt", "tcp.port", "udp.port", "tcp.payload", "udp.payload", "icmp.ident_le", "icmp.seq_le",
                                        "http.request", "http.response"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool keep(struct lk_page_texts *texts, const char *text, uint32_t *number)
{
    *number = LK_NONE;
    if (text == NULL)
        return true;
    int64_t found = lk_page_intern(texts, text);
    *number = (uint32_t)found;
    return found >= 0;
}

static bool keep_fields(struct lk_page_data *data, struct lk_page_packet *packet, struct bench *bench, uint32_t len)
{
    struct lk_bump *memory = data->texts.memory;
    uint32_t count = bench->out.field_count;
    packet->fields = lk_bump_array(memory, count, sizeof *packet->fields);
    packet->name = lk_bump_array(memory, count, sizeof *packet->name);
    packet->value = lk_bump_array(memory, count, sizeof *packet->value);
    if (!packet->fields || !packet->name || !packet->value)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct lk_field *field = &bench->out.fields[i];
        if (redundant(field->name))
            continue;
        uint32_t n = packet->field_count++;
        packet->fields[n] = *field;
        if (field->at > len || field->len > len - field->at) /* of a datagram put together from others */
            packet->fields[n].at = packet->fields[n].len = 0;
        bool shown = field->kind != LK_FIELD_BYTES || field->len <= LONG_VALUE;
        if (shown)
            lk_field_text(field, bench->text, bench->text_cap);
        if (!keep(&data->texts, field->name, &packet->name[n]) || !keep(&data->texts, shown ? bench->text : NULL, &packet->value[n]))
            return false;
    }
    return true;
}

static bool keep_layers(struct lk_page_data *data, struct lk_page_packet *packet, const struct bench *bench)
{
    packet->layer_count = bench->out.layer_count;
    packet->layers = lk_bump_copy(data->texts.memory, bench->out.layers, packet->layer_count * sizeof *packet->layers);
    packet->layer_name = lk_bump_array(data->texts.memory, packet->layer_count, sizeof *packet->layer_name);
    if (packet->layers == NULL || packet->layer_name == NULL)
        return false;
    for (uint32_t i = 0; i < packet->layer_count; i++)
        if (!keep(&data->texts, packet->layers[i].name, &packet->layer_name[i]))
            return false;
    return true;
}

/* Whether only values differ, so that one packet can be told by what changed since the other. */
static bool same_shape(const struct lk_page_packet *a, const struct lk_page_packet *b)
{
    if (a->layer_count != b->layer_count || a->field_count != b->field_count)
        return false;
    for (uint32_t i = 0; i < a->layer_count; i++)
        if (a->layer_name[i] != b->layer_name[i] || a->layers[i].at != b->layers[i].at || a->layers[i].len != b->layers[i].len)
            return false;
    for (uint32_t i = 0; i < a->field_count; i++)
        if (a->name[i] != b->name[i] || a->fields[i].layer != b->fields[i].layer || a->fields[i].at != b->fields[i].at || a->fields[i].len != b->fields[i].len)
            return false;
    return true;
}

static void find_base(struct lk_page_data *data, size_t i)
{
    const struct lk_story_packet *told = &data->story->packets[i];
    uint32_t number = told->same_as != 0 ? told->same_as : told->repeats;
    data->packets[i].base = LK_NONE;
    if (number == 0 || number > i)
        return;
    if (data->story->packets[number - 1].len == told->len && same_shape(&data->packets[number - 1], &data->packets[i]))
        data->packets[i].base = number - 1;
}

static bool make_packet(struct lk_page_data *data, size_t i, struct bench *bench)
{
    const struct lk_story_packet *told = &data->story->packets[i];
    struct lk_page_packet *packet = &data->packets[i];
    struct lk_dissect_frame frame = {told->bytes, told->len, told->len, LK_LINK_ETHERNET, told->number, told->sent_at};
    lk_dissect(&frame, &bench->links[told->link], &bench->out);
    if (!keep_layers(data, packet, bench) || !keep_fields(data, packet, bench, told->len))
        return false;
    packet->error = LK_NONE;
    if (bench->out.end_what != NULL || bench->out.note != NULL) {
        bool ended = bench->out.end_what != NULL;
        snprintf(bench->text, bench->text_cap, "%s, byte %u", ended ? bench->out.end_what : bench->out.note, (unsigned)(ended ? bench->out.end_at : bench->out.note_at));
        if (!keep(&data->texts, bench->text, &packet->error))
            return false;
    }
    for (int lang = 0; lang < LK_STORY_LANGUAGES; lang++)
        if (!keep(&data->texts, told->line[lang], &packet->line[lang]) || !keep(&data->texts, told->why[lang], &packet->why[lang]))
            return false;
    find_base(data, i);
    return true;
}

static bool sound(const struct lk_story *story)
{
    for (size_t i = 0; i < story->link_count; i++)
        if (story->links[i].host[0] >= story->host_count || story->links[i].host[1] >= story->host_count)
            return false;
    for (size_t i = 0; i < story->host_count; i++)
        if (story->hosts[i].ifaces > sizeof story->hosts[i].iface / sizeof story->hosts[i].iface[0])
            return false;
    for (size_t i = 0; i < story->packet_count; i++) {
        const struct lk_story_packet *packet = &story->packets[i];
        if (packet->link >= story->link_count || packet->from >= story->host_count || packet->to >= story->host_count ||
            packet->number != i + 1 || packet->same_as > i || packet->repeats > i)
            return false;
    }
    return true;
}

int lk_page_data_make(struct lk_page_data *data, const struct lk_story *story, struct lk_bump *memory)
{
    struct bench bench;
    if (!sound(story))
        return LK_E_INVALID;
    *data = (struct lk_page_data){.story = story, .texts = {.memory = memory}};
    data->packets = lk_bump_array(memory, story->packet_count, sizeof *data->packets);
    if (data->packets == NULL || bench_make(&bench, story, memory) != 0)
        return LK_E_NOMEM;
    for (size_t i = 0; i < story->packet_count; i++)
        if (!make_packet(data, i, &bench))
            return LK_E_NOMEM;
    return 0;
}
