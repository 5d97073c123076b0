/* Frames taken apart: the input is a row of frames, each {u16 bytes, u8 bytes more on the wire than captured, the bytes},
 * seen one after the other with a memory of connections and fragments that is far too small. */
#include "conformance/dissect/dissect.h"
#include "fuzz/common/law.h"
#include "stack/base/error.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"

#define FIELDS 160
#define LAYERS 12

struct room {
	struct lk_dissect_flow flows[4];
	struct lk_dissect_datagram datagrams[2];
	struct lk_dissect_memory memory;
	struct lk_layer layers[LAYERS];
	struct lk_field fields[FIELDS];
	struct lk_dissection out;
};

static struct room *new_room(void)
{
	struct room *room = calloc(1, sizeof *room);

	law(room != NULL, "memory for the tables");
	room->memory = (struct lk_dissect_memory){.flows = room->flows, .flow_cap = 4, .datagrams = room->datagrams, .datagram_cap = 2};
	room->out = (struct lk_dissection){.layers = room->layers, .fields = room->fields, .layer_cap = LAYERS, .field_cap = FIELDS};
	return room;
}

/* Ranges lie within the frame, or within the datagram put together from fragments, which may be longer than the frame. */
static void check_ranges(const struct lk_dissection *d, uint32_t length)
{
	uint32_t most = length + LK_DISSECT_DATAGRAM;

	law(d->layer_count <= LAYERS && d->field_count <= FIELDS, "dissect: no more than there is room for");
	for (uint32_t i = 0; i < d->layer_count; i++) {
		law(d->layers[i].at + d->layers[i].len <= most, "dissect: a layer lies within the frame");
	}
	for (uint32_t i = 0; i < d->field_count; i++) {
		const struct lk_field *f = &d->fields[i];
		size_t cap = LK_FIELD_TEXT(f->len);
		char *text = (char *)blank(cap);

		law(f->len <= most && f->at <= most - f->len, "dissect: a field lies within the frame");
		law(f->layer < d->layer_count, "dissect: a field has a layer");
		law(lk_field_text(f, text, cap) < cap - 1, "dissect: a value's text has the length that is promised");
		must_be_initialised((const uint8_t *)text, strlen(text));
		free(text);
	}
}

static void check_result(const struct lk_dissection *d, int result, uint32_t length)
{
	char line[400];

	check_ranges(d, length);
	law((result == 0) == (d->end == LK_DISSECT_WHOLE), "dissect: an error says where, no error says nothing");
	law((d->end_what != NULL) == (result != 0), "dissect: an error says what");
	law(d->end_at <= length + LK_DISSECT_DATAGRAM, "dissect: the error lies within the frame");
	law(lk_dissection_line(d, line, sizeof line) < sizeof line, "dissect: the line fits");
	must_be_initialised((const uint8_t *)line, strlen(line));
}

static bool says(const struct lk_dissection *d, const char *name, uint64_t number)
{
	const struct lk_field *f = lk_dissection_find(d, name, 0);

	return f != NULL && f->number == number;
}

/* Where the stack's own parsers find a segment, the named fields say the same. */
static void check_against_wire(const struct lk_dissection *d, const uint8_t *bytes, size_t len)
{
	struct lk_ethernet eth;
	struct lk_ipv4 ip;
	struct lk_tcp tcp;

	if (lk_ethernet_parse(bytes, len, &eth) < 0 || eth.type != LK_ETHERTYPE_IPV4 || lk_ipv4_parse(eth.payload, eth.payload_len, &ip) < 0) {
		return;
	}
	law(says(d, "ip.ttl", ip.time_to_live) && says(d, "ip.proto", ip.protocol), "dissect: IP as the parser reads it");
	if (ip.protocol != LK_PROTOCOL_TCP || lk_ipv4_is_fragment(&ip) || lk_tcp_parse(ip.payload, ip.payload_len, &tcp) < 0 ||
	    d->end == LK_DISSECT_FULL) {
		return;
	}
	law(says(d, "tcp.srcport", tcp.source_port) && says(d, "tcp.seq_raw", tcp.sequence_number) &&
	        says(d, "tcp.ack_raw", tcp.acknowledgment_number) && says(d, "tcp.len", tcp.payload_len) &&
	        says(d, "tcp.hdr_len", LK_TCP_HEADER + tcp.options_len) && says(d, "tcp.window_size_value", tcp.window) &&
	        says(d, "tcp.urgent_pointer", tcp.urgent_pointer),
	    "dissect: TCP as the parser reads it");
}

/* The same frame once more without a memory: what the frame alone tells is the same. */
static void check_alone(const struct lk_dissect_frame *frame, const struct lk_dissection *d, int result)
{
	struct room *room = new_room();
	int again = lk_dissect(frame, NULL, &room->out);

	check_result(&room->out, again, frame->length);
	law(again == LK_E_FULL || result == LK_E_FULL || room->out.field_count <= d->field_count || lk_dissection_find(d, "ip.frag_offset", 0) != NULL,
	    "dissect: memory only adds fields");
	free(room);
}

static void one_frame(struct room *room, struct feed *f, uint32_t number)
{
	uint16_t wanted = feed_16(f);
	uint32_t more = feed_8(f);
	size_t got;
	const uint8_t *at = feed_bytes(f, wanted, &got);
	uint8_t *bytes = exact_copy(at, got);
	struct lk_dissect_frame frame = {bytes, (uint32_t)got, (uint32_t)got + more, LK_LINK_ETHERNET, number, (int64_t)number * 1000};
	int result = lk_dissect(&frame, &room->memory, &room->out);

	check_result(&room->out, result, frame.length);
	if (more == 0) {
		check_against_wire(&room->out, bytes, got);
	}
	check_alone(&frame, &room->out, result);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = {data, size};
	struct room *room = new_room();

	for (uint32_t number = 1; f.left > 0 && number <= 64; number++) {
		one_frame(room, &f, number);
	}
	free(room);
	return 0;
}
