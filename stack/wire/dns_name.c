/* Domain names (RFC 1035 sections 2.3.4, 3.1, 4.1.4, 5.1). */
#include "stack/wire/dns_name.h"

#include "stack/base/error.h"
#include "stack/base/mem.h"

#define HEADER 12u      /* of a message: no name stands in it */
#define POINTERS 127u   /* more than labels in a name: no sound message has as many in a row */
#define LABEL_TYPE 0xc0u

/* A walk over the labels of a name in a message. */
struct walk {
	const uint8_t *bytes;
	size_t len;
	size_t at;       /* the next length octet */
	size_t start;    /* first octet of the run of labels we are in */
	unsigned jumps;
	int consumed;    /* octets at the place where the name stands; 0 until they end */
};

/* RFC 1035 4.1.4: a pointer to a prior occurrence. RFC 9267 section 2: only ever backwards. */
static int follow(struct walk *w, size_t origin)
{
	size_t target;

	if (w->len - w->at < 2) {
		return LK_E_TRUNCATED;
	}
	target = ((size_t)(w->bytes[w->at] & ~LABEL_TYPE) << 8) | w->bytes[w->at + 1];
	if (target < HEADER || target >= w->start || ++w->jumps > POINTERS) {
		return LK_E_DNS_POINTER;
	}
	if (w->consumed == 0) {
		w->consumed = (int)(w->at + 2 - origin);
	}
	w->at = w->start = target;
	return 0;
}

static int label_fits(const struct walk *w, const struct lk_dns_name *name)
{
	size_t label = w->bytes[w->at];

	/* RFC 1035 4.1.4: the types 01 and 10 are reserved. */
	if ((label & LABEL_TYPE) != 0) {
		return LK_E_DNS_LABEL;
	}
	if (label >= w->len - w->at) {
		return LK_E_TRUNCATED;
	}
	/* RFC 1035 2.3.4: 255 octets; unless this is the root, its octet follows. */
	return name->len + 1u + label + (label != 0) > LK_DNS_NAME_MAX ? LK_E_DNS_NAME : 0;
}

static int read_name(struct walk w, bool pointers, struct lk_dns_name *out)
{
	struct lk_dns_name name = {0};
	size_t origin = w.at;

	for (;;) {
		size_t label;
		int error;

		if (w.at >= w.len) {
			return LK_E_TRUNCATED;
		}
		if ((w.bytes[w.at] & LABEL_TYPE) == LABEL_TYPE) {
			error = pointers ? follow(&w, origin) : LK_E_DNS_POINTER;
			if (error < 0) {
				return error;
			}
			continue;
		}
		error = label_fits(&w, &name);
		if (error < 0) {
			return error;
		}
		label = 1u + w.bytes[w.at];
		lk_memcpy(name.octets + name.len, w.bytes + w.at, label);
		name.len = (uint8_t)(name.len + label);
		w.at += label;
		if (label == 1) {
			*out = name;
			return w.consumed != 0 ? w.consumed : (int)(w.at - origin);
		}
	}
}

int lk_dns_name_parse(const uint8_t *message, size_t len, size_t at, struct lk_dns_name *out)
{
	return read_name((struct walk){.bytes = message, .len = len, .at = at, .start = at}, true, out);
}

int lk_dns_name_parse_plain(const uint8_t *bytes, size_t len, struct lk_dns_name *out)
{
	return read_name((struct walk){.bytes = bytes, .len = len}, false, out);
}

/* The octet that an escape stands for, *at behind the backslash; or LK_E_INVALID. */
static int unescape(const char *text, size_t len, size_t *at)
{
	unsigned number = 0;

	if (*at == len) {
		return LK_E_INVALID;
	}
	if (text[*at] < '0' || text[*at] > '9') {
		return (unsigned char)text[(*at)++];
	}
	if (len - *at < 3) {
		return LK_E_INVALID;
	}
	for (int i = 0; i < 3; i++) {
		char digit = text[(*at)++];

		if (digit < '0' || digit > '9') {
			return LK_E_INVALID;
		}
		number = number * 10 + (unsigned)(digit - '0');
	}
	return number > 255 ? LK_E_INVALID : (int)number;
}

/* One label up to its dot or the end; *dot says which. Appended to the name. */
static int read_label(const char *text, size_t len, size_t *at, struct lk_dns_name *name, bool *dot)
{
	uint8_t label[LK_DNS_LABEL_MAX];
	unsigned count = 0;

	*dot = false;
	while (*at < len && !*dot) {
		int octet = (unsigned char)text[(*at)++];

		if (octet == '.') {
			*dot = true;
			break;
		}
		octet = octet == '\\' ? unescape(text, len, at) : octet;
		if (octet < 0) {
			return octet;
		}
		if (count == LK_DNS_LABEL_MAX) {
			return LK_E_DNS_LABEL;
		}
		label[count++] = (uint8_t)octet;
	}
	if (count == 0) {
		return LK_E_INVALID;
	}
	if (name->len + 1u + count + 1u > LK_DNS_NAME_MAX) {
		return LK_E_DNS_NAME;
	}
	name->octets[name->len] = (uint8_t)count;
	lk_memcpy(name->octets + name->len + 1, label, count);
	name->len = (uint8_t)(name->len + 1u + count);
	return 0;
}

int lk_dns_name_from_text(const char *text, size_t len, struct lk_dns_name *out, bool *absolute)
{
	struct lk_dns_name name = {0};
	bool root = len == 1 && text[0] == '.', dot = root;
	size_t at = root;

	do {
		int error = root ? 0 : read_label(text, len, &at, &name, &dot);

		if (error < 0) {
			return error;
		}
	} while (at < len);
	name.len++; /* the root's octet, which is zero already */
	*out = name;
	if (absolute != NULL) {
		*absolute = dot;
	}
	return 0;
}

/* The characters that stand for one octet of a label; their number. */
static size_t escape(uint8_t octet, char out[4])
{
	static const char special[] = ".\\\"();@$";

	if (octet <= ' ' || octet > '~') {
		out[0] = '\\';
		out[1] = (char)('0' + octet / 100);
		out[2] = (char)('0' + octet / 10 % 10);
		out[3] = (char)('0' + octet % 10);
		return 4;
	}
	for (size_t i = 0; special[i] != 0; i++) {
		if ((char)octet == special[i]) {
			out[0] = '\\';
			out[1] = (char)octet;
			return 2;
		}
	}
	out[0] = (char)octet;
	return 1;
}

/* At most 127 labels with a dot each and 254 octets of four characters less: LK_DNS_NAME_TEXT holds it. */
int lk_dns_name_to_text(const struct lk_dns_name *name, char *text, size_t cap)
{
	char whole[LK_DNS_NAME_TEXT];
	size_t len = 0;

	for (unsigned at = 0; at < name->len && name->octets[at] != 0; at += 1u + name->octets[at]) {
		for (unsigned i = 1; i <= name->octets[at]; i++) {
			len += escape(name->octets[at + i], whole + len);
		}
		whole[len++] = '.';
	}
	if (len == 0) {
		whole[len++] = '.';
	}
	if (len >= cap) {
		return LK_E_NOSPACE;
	}
	lk_memcpy(text, whole, len);
	text[len] = 0;
	return (int)len;
}

/* RFC 1035 2.3.3: ASCII letters only. Length octets are below 64 and stay themselves. */
static uint8_t lower(uint8_t octet)
{
	return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + 32) : octet;
}

static bool same(const uint8_t *a, const uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (lower(a[i]) != lower(b[i])) {
			return false;
		}
	}
	return true;
}

bool lk_dns_name_equal(const struct lk_dns_name *a, const struct lk_dns_name *b)
{
	return a->len == b->len && same(a->octets, b->octets, a->len);
}

bool lk_dns_name_within(const struct lk_dns_name *name, const struct lk_dns_name *zone)
{
	unsigned at = 0;

	if (zone->len == 0 || name->len < zone->len) {
		return false;
	}
	while (name->len - at > zone->len) {
		at += 1u + name->octets[at];
	}
	return name->len - at == zone->len && same(name->octets + at, zone->octets, zone->len);
}

unsigned lk_dns_name_labels(const struct lk_dns_name *name)
{
	unsigned count = 0;

	for (unsigned at = 0; at < name->len && name->octets[at] != 0; at += 1u + name->octets[at]) {
		count++;
	}
	return count;
}

bool lk_dns_name_parent(const struct lk_dns_name *name, struct lk_dns_name *out)
{
	struct lk_dns_name parent = {0};
	unsigned first;

	if (name->len <= 1) {
		return false;
	}
	first = 1u + name->octets[0];
	parent.len = (uint8_t)(name->len - first);
	lk_memcpy(parent.octets, name->octets + first, parent.len);
	*out = parent;
	return true;
}

int lk_dns_name_join(const struct lk_dns_name *name, const struct lk_dns_name *suffix, struct lk_dns_name *out)
{
	struct lk_dns_name joined = *name;
	unsigned labels = name->len == 0 ? 0 : name->len - 1u; /* without the root's octet */

	if (labels + suffix->len > LK_DNS_NAME_MAX) {
		return LK_E_DNS_NAME;
	}
	lk_memcpy(joined.octets + labels, suffix->octets, suffix->len);
	joined.len = (uint8_t)(labels + suffix->len);
	*out = joined;
	return 0;
}
