/* The options of TCP decoded into one struct and written back in the order of a profile. */
#include "stack/wire/tcp_options.h"

#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"

/* NOP NOP TIMESTAMPS 10, the layout of RFC 7323 appendix A that nearly every segment of a connection carries. */
#define ALIGNED_TIMESTAMPS UINT32_C(0x0101080a)

/* Length of a known kind in bytes; SACK's is for `blocks` of them. 0 for an unknown kind. */
static size_t length_of(uint8_t kind, size_t blocks)
{
	switch (kind) {
	case LK_TCP_OPT_MSS: /* RFC 9293 section 3.2 */
	case LK_TCP_OPT_USER_TIMEOUT: /* RFC 5482 section 2 */
		return 4;
	case LK_TCP_OPT_WINDOW_SCALE: /* RFC 7323 section 2.2 */
		return 3;
	case LK_TCP_OPT_SACK_PERMITTED: /* RFC 2018 section 2 */
		return 2;
	case LK_TCP_OPT_SACK: /* RFC 2018 section 3 */
		return 2 + 8 * blocks;
	case LK_TCP_OPT_TIMESTAMPS: /* RFC 7323 section 3.2 */
		return 10;
	default:
		return 0;
	}
}

static void decode_timestamps(const uint8_t *value, struct lk_tcp_options *out)
{
	out->present |= LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS);
	out->ts_val = lk_load_be32(value);
	out->ts_ecr = lk_load_be32(value + 4);
}

/* At most four blocks: a list of options has 40 bytes at most, so a fifth means that the caller walks something else. */
static void decode_sack(const struct lk_option *o, struct lk_tcp_options *out)
{
	size_t count = o->value_len / 8;

	out->sack_count = (uint8_t)(count < LK_TCP_SACK_MAX ? count : LK_TCP_SACK_MAX);
	/* Blocks of an earlier SACK option in the same list go. */
	lk_memset(out->sack, 0, sizeof out->sack);
	for (size_t i = 0; i < out->sack_count; i++) {
		out->sack[i].left = lk_load_be32(o->value + 8 * i);
		out->sack[i].right = lk_load_be32(o->value + 8 * i + 4);
	}
}

/* One option, decoded if its kind is known and its length is that of its kind. */
static inline void decode(const struct lk_option *o, struct lk_tcp_options *out)
{
	size_t blocks = o->kind == LK_TCP_OPT_SACK && o->value_len >= 8 ? o->value_len / 8 : 1;
	size_t length = length_of(o->kind, blocks);

	if (length == 0) {
		/* RFC 9293 MUST-6: an option that is not implemented is skipped by its length. */
		out->unknown = (uint8_t)(out->unknown + (out->unknown != UINT8_MAX));
		return;
	}
	if (length != o->length) {
		out->wrong_size |= LK_TCP_HAS(o->kind);
		return;
	}
	out->present |= LK_TCP_HAS(o->kind);
	switch (o->kind) {
	case LK_TCP_OPT_MSS:
		out->mss = lk_load_be16(o->value);
		break;
	case LK_TCP_OPT_WINDOW_SCALE:
		out->window_scale = o->value[0];
		break;
	case LK_TCP_OPT_SACK:
		decode_sack(o, out);
		break;
	case LK_TCP_OPT_TIMESTAMPS:
		decode_timestamps(o->value, out);
		break;
	case LK_TCP_OPT_USER_TIMEOUT:
		out->user_timeout = lk_load_be16(o->value);
		break;
	default: /* SACK permitted: to be present is all it says */
		break;
	}
}

int lk_tcp_options_parse(const uint8_t *options, size_t len, struct lk_tcp_options *out)
{
	struct lk_option option;
	size_t at = 0;
	int result;

	*out = (struct lk_tcp_options){.present = 0};
	if (len == 12 && lk_load_be32(options) == ALIGNED_TIMESTAMPS) {
		decode_timestamps(options + 4, out);
		return LK_OK;
	}
	while ((result = lk_option_next(options, len, &at, &option)) == 1) {
		if (option.kind > LK_TCP_OPT_NOP) {
			decode(&option, out);
		}
	}
	return result;
}

/* Write one option at `p`, where there is room for it. */
static void encode(const struct lk_tcp_options *in, uint8_t kind, uint8_t length, uint8_t *p)
{
	p[0] = kind;
	p[1] = length;
	switch (kind) {
	case LK_TCP_OPT_MSS:
		lk_store_be16(p + 2, in->mss);
		break;
	case LK_TCP_OPT_WINDOW_SCALE:
		p[2] = in->window_scale;
		break;
	case LK_TCP_OPT_SACK:
		for (size_t i = 0; i < in->sack_count; i++) {
			lk_store_be32(p + 2 + 8 * i, in->sack[i].left);
			lk_store_be32(p + 6 + 8 * i, in->sack[i].right);
		}
		break;
	case LK_TCP_OPT_TIMESTAMPS:
		lk_store_be32(p + 2, in->ts_val);
		lk_store_be32(p + 6, in->ts_ecr);
		break;
	case LK_TCP_OPT_USER_TIMEOUT:
		lk_store_be16(p + 2, in->user_timeout);
		break;
	default:
		break;
	}
}

static bool is_present(const struct lk_tcp_options *in, uint8_t kind)
{
	return kind < 32 && (in->present & LK_TCP_HAS(kind)) != 0;
}

/* Write the options in order into 40 bytes. Their number, or an error. */
static int encode_all(const struct lk_tcp_options *in, const uint8_t *order, size_t order_len, uint8_t out[LK_TCP_OPTIONS_MAX])
{
	size_t at = 0;
	size_t nops = 0; /* directly before `at` */
	uint32_t left = in->present;

	for (size_t i = 0; i < order_len && order[i] != LK_TCP_OPT_END; i++) {
		size_t length = order[i] == LK_TCP_OPT_NOP ? 1 : length_of(order[i], in->sack_count);

		if (length == 0) {
			return LK_E_INVALID;
		}
		if (order[i] != LK_TCP_OPT_NOP && !is_present(in, order[i])) {
			at -= nops;
			nops = 0;
			continue;
		}
		if (length > LK_TCP_OPTIONS_MAX - at) {
			return LK_E_NOSPACE;
		}
		if (order[i] == LK_TCP_OPT_NOP) {
			out[at] = LK_TCP_OPT_NOP;
			nops++;
		} else {
			encode(in, order[i], (uint8_t)length, out + at);
			left &= ~LK_TCP_HAS(order[i]);
			nops = 0;
		}
		at += length;
	}
	return left != 0 ? LK_E_INVALID : (int)at;
}

int lk_tcp_options_emit(const struct lk_tcp_options *in, const uint8_t *order, size_t order_len, uint8_t *buf, size_t cap)
{
	uint8_t bytes[2 * LK_TCP_OPTIONS_MAX] = {LK_TCP_OPT_END}; /* one half is used; gcc 12 -O3 cannot tell */
	size_t padded;
	int len;

	if (is_present(in, LK_TCP_OPT_SACK) && (in->sack_count == 0 || in->sack_count > LK_TCP_SACK_MAX)) {
		return LK_E_INVALID;
	}
	len = encode_all(in, order, order_len, bytes);
	if (len < 0) {
		return len;
	}
	padded = ((size_t)len + 3) / 4 * 4;
	if (padded > cap) {
		return LK_E_NOSPACE;
	}
	/* What a dropped NOP left behind the end becomes padding: RFC 9293 section 3.1 wants zeros. */
	lk_memset(bytes + len, LK_TCP_OPT_END, padded - (size_t)len);
	lk_memcpy(buf, bytes, padded);
	return (int)padded;
}
