/* DHCP's options, read over all fields they may stand in, and written (RFC 2132, RFC 3396). */
#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"
#include "stack/wire/dhcp.h"

enum { OVERLOAD_FILE = 1, OVERLOAD_SNAME = 2 }; /* RFC 2132 section 9.3; 3 is both */

int lk_dhcp_option_next(const uint8_t *field, size_t len, size_t *at, struct lk_dhcp_option *out)
{
	size_t start = *at;

	if (start >= len) {
		return 0;
	}
	*out = (struct lk_dhcp_option){.code = field[start]};
	if (out->code == LK_DHCP_OPT_PAD || out->code == LK_DHCP_OPT_END) {
		*at = out->code == LK_DHCP_OPT_END ? len : start + 1;
		return 1;
	}
	if (len - start < 2) {
		return LK_E_OPTION_LENGTH;
	}
	out->length = field[start + 1];
	if (out->length > len - start - 2) {
		return LK_E_OPTION_OVERRUN;
	}
	out->value = field + start + 2;
	*at = start + 2 + out->length;
	return 1;
}

/* What is gathered on a walk over the pieces of one option. */
struct gather {
	uint8_t *value;
	size_t cap;
	size_t len;     /* of all pieces, also beyond cap */
	bool found;
	uint8_t code;
};

static void gather_piece(struct gather *g, const struct lk_dhcp_option *o)
{
	size_t room = g->len < g->cap ? g->cap - g->len : 0;

	if (room != 0) {
		lk_memcpy(g->value + g->len, o->value, o->length < room ? o->length : room);
	}
	g->len += o->length;
	g->found = true;
}

static int walk(const uint8_t *field, size_t len, struct gather *g)
{
	struct lk_dhcp_option o;
	size_t at = 0;
	int result;

	while ((result = lk_dhcp_option_next(field, len, &at, &o)) == 1) {
		if (o.code == g->code && o.code != LK_DHCP_OPT_PAD && o.code != LK_DHCP_OPT_END) {
			gather_piece(g, &o);
		}
	}
	return result;
}

/* Which other fields hold options. 0 or more, or an error. Option overload counts in the options field only: there it is
 * interpreted first (RFC 2131 section 4.1). */
static int overload_of(const struct lk_dhcp *message)
{
	uint8_t value = 0;
	struct gather g = {.value = &value, .cap = 1, .code = LK_DHCP_OPT_OVERLOAD};
	int error = walk(message->options, message->options_len, &g);

	if (error < 0 || !g.found) {
		return error;
	}
	if (g.len != 1) {
		return LK_E_OPTION_SIZE;
	}
	return value >= 1 && value <= 3 ? value : LK_E_DHCP_OVERLOAD;
}

/* RFC 2131 section 4.1: options, then file, then sname. */
static int walk_all(const struct lk_dhcp *message, struct gather *g)
{
	int overload = overload_of(message);
	int error = overload < 0 ? overload : walk(message->options, message->options_len, g);

	if (error == 0 && (overload & OVERLOAD_FILE) != 0 && message->file != NULL) {
		error = walk(message->file, LK_DHCP_FILE, g);
	}
	if (error == 0 && (overload & OVERLOAD_SNAME) != 0 && message->sname != NULL) {
		error = walk(message->sname, LK_DHCP_SNAME, g);
	}
	return error;
}

int lk_dhcp_options_check(const struct lk_dhcp *message)
{
	struct gather g = {.code = LK_DHCP_OPT_END};

	return walk_all(message, &g);
}

int lk_dhcp_get(const struct lk_dhcp *message, uint8_t code, uint8_t *value, size_t cap)
{
	struct gather g = {.value = value, .cap = cap, .code = code};
	int error = walk_all(message, &g);

	if (error < 0) {
		return error;
	}
	if (!g.found) {
		return LK_E_NOTFOUND;
	}
	return g.len > cap ? LK_E_NOSPACE : (int)g.len;
}

/* A value of exactly `size` octets. */
static int get_exactly(const struct lk_dhcp *message, uint8_t code, uint8_t *value, size_t size)
{
	int len = lk_dhcp_get(message, code, value, size);

	if (len < 0 && len != LK_E_NOSPACE) {
		return len;
	}
	return len == (int)size ? 0 : LK_E_OPTION_SIZE;
}

int lk_dhcp_get_8(const struct lk_dhcp *message, uint8_t code, uint8_t *out)
{
	return get_exactly(message, code, out, 1);
}

int lk_dhcp_get_16(const struct lk_dhcp *message, uint8_t code, uint16_t *out)
{
	uint8_t value[2] = {0};
	int error = get_exactly(message, code, value, sizeof value);

	*out = lk_load_be16(value);
	return error;
}

int lk_dhcp_get_32(const struct lk_dhcp *message, uint8_t code, uint32_t *out)
{
	uint8_t value[4] = {0};
	int error = get_exactly(message, code, value, sizeof value);

	*out = lk_load_be32(value);
	return error;
}

int lk_dhcp_get_addresses(const struct lk_dhcp *message, uint8_t code, uint32_t *out, size_t max)
{
	uint8_t octets[4 * 64];
	struct gather g = {.value = octets, .cap = sizeof octets, .code = code};
	int error = walk_all(message, &g);

	if (error < 0) {
		return error;
	}
	if (!g.found) {
		return LK_E_NOTFOUND;
	}
	if (g.len == 0 || g.len % 4 != 0) {
		return LK_E_OPTION_SIZE;
	}
	for (size_t i = 0; i < max && i < g.len / 4 && i < 64; i++) {
		out[i] = lk_load_be32(octets + 4 * i);
	}
	return (int)(g.len / 4);
}

int lk_dhcp_get_text(const struct lk_dhcp *message, uint8_t code, char *out, size_t cap)
{
	int len = lk_dhcp_get(message, code, (uint8_t *)out, cap);

	if (len < 0) {
		return len;
	}
	/* RFC 2132 section 2: trailing NULs are to be deleted. */
	while (len > 0 && out[len - 1] == '\0') {
		len--;
	}
	if ((size_t)len >= cap) {
		return LK_E_NOSPACE;
	}
	out[len] = '\0';
	return len;
}

/* ---- writing ---- */

bool lk_dhcp_put(struct lk_dhcp_writer *w, uint8_t code, const void *value, size_t len)
{
	const uint8_t *from = value;
	size_t pieces = len == 0 ? 1 : (len + 254) / 255;

	if (w->cap - w->len < len + 2 * pieces + 1) {
		w->full = true;
		return false;
	}
	for (size_t i = 0; i < pieces; i++) {
		size_t piece = len > 255 ? 255 : len;

		w->at[w->len] = code;
		w->at[w->len + 1] = (uint8_t)piece;
		lk_memcpy(w->at + w->len + 2, from, piece);
		w->len += 2 + piece;
		from += piece;
		len -= piece;
	}
	return true;
}

bool lk_dhcp_put_8(struct lk_dhcp_writer *w, uint8_t code, uint8_t value)
{
	return lk_dhcp_put(w, code, &value, 1);
}

bool lk_dhcp_put_16(struct lk_dhcp_writer *w, uint8_t code, uint16_t value)
{
	uint8_t octets[2];

	lk_store_be16(octets, value);
	return lk_dhcp_put(w, code, octets, sizeof octets);
}

bool lk_dhcp_put_32(struct lk_dhcp_writer *w, uint8_t code, uint32_t value)
{
	uint8_t octets[4];

	lk_store_be32(octets, value);
	return lk_dhcp_put(w, code, octets, sizeof octets);
}

size_t lk_dhcp_put_end(struct lk_dhcp_writer *w, size_t least)
{
	if (w->len == w->cap) {
		return 0;
	}
	w->at[w->len++] = LK_DHCP_OPT_END;
	while (w->len < least && w->len < w->cap) {
		w->at[w->len++] = LK_DHCP_OPT_PAD;
	}
	return w->len;
}
