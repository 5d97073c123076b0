/* DHCP (RFC 2131 section 2, on the frame of BOOTP, RFC 951) and its options (RFC 2132). Field names are the figure's.
 *
 * Laws. Canonical is every message of at least 240 bytes that parse accepts: emit(parse(b)) = b, since the options stay raw
 * bytes. parse(emit(x)) = x for each x with op 1 or 2, hlen up to 16, and sname and file not NULL.
 *
 * Options: a code, a length that counts the value alone, the value; pad (0) and end (255) are single octets. They stand in
 * the options field, and in file and sname where option overload says so; one option may come in several pieces, whose
 * values are put together in the order options, file, sname (RFC 2131 section 4.1, RFC 3396 section 5). */
#ifndef LK_WIRE_DHCP_H
#define LK_WIRE_DHCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LK_DHCP_HEADER 240 /* bytes up to the options, magic cookie included */
#define LK_DHCP_SNAME 64
#define LK_DHCP_FILE 128
#define LK_DHCP_LEAST 300  /* bytes of a BOOTP message (RFC 1542 section 2.1): what is shorter may be dropped on the way */
#define LK_DHCP_COOKIE UINT32_C(0x63825363)

enum { LK_DHCP_BOOTREQUEST = 1, LK_DHCP_BOOTREPLY = 2 }; /* op */
enum { LK_DHCP_HTYPE_ETHERNET = 1 };
enum { LK_DHCP_FLAG_BROADCAST = 0x8000 };
enum { LK_DHCP_SERVER_PORT = 67, LK_DHCP_CLIENT_PORT = 68 };

enum lk_dhcp_type { LK_DHCP_DISCOVER = 1, LK_DHCP_OFFER, LK_DHCP_REQUEST, LK_DHCP_DECLINE, LK_DHCP_ACK, LK_DHCP_NAK, LK_DHCP_RELEASE, LK_DHCP_INFORM };

enum lk_dhcp_code {
	LK_DHCP_OPT_PAD = 0,
	LK_DHCP_OPT_SUBNET_MASK = 1,
	LK_DHCP_OPT_ROUTER = 3,
	LK_DHCP_OPT_DNS_SERVER = 6,
	LK_DHCP_OPT_HOST_NAME = 12,
	LK_DHCP_OPT_DOMAIN_NAME = 15,
	LK_DHCP_OPT_REQUESTED_ADDRESS = 50,
	LK_DHCP_OPT_LEASE_TIME = 51,
	LK_DHCP_OPT_OVERLOAD = 52,
	LK_DHCP_OPT_MESSAGE_TYPE = 53,
	LK_DHCP_OPT_SERVER_IDENTIFIER = 54,
	LK_DHCP_OPT_PARAMETER_LIST = 55,
	LK_DHCP_OPT_MESSAGE = 56,
	LK_DHCP_OPT_MAXIMUM_SIZE = 57,
	LK_DHCP_OPT_T1 = 58,
	LK_DHCP_OPT_T2 = 59,
	LK_DHCP_OPT_CLIENT_IDENTIFIER = 61,
	LK_DHCP_OPT_END = 255
};

struct lk_dhcp {
	uint8_t op, htype, hlen, hops;
	uint32_t xid;
	uint16_t secs, flags;
	uint32_t ciaddr, yiaddr, siaddr, giaddr; /* host order */
	uint8_t chaddr[16];
	const uint8_t *sname;   /* 64 octets, borrowed; emit: NULL writes zeros */
	const uint8_t *file;    /* 128 octets, borrowed; the same */
	const uint8_t *options; /* behind the magic cookie, borrowed */
	size_t options_len;
};

/* Read a message. 240, the bytes before the options; LK_E_TRUNCATED (fewer bytes), LK_E_DHCP_OP, LK_E_DHCP_HLEN,
 * LK_E_DHCP_COOKIE, checked in this order. Drop the message on each. The options are not looked at. */
int lk_dhcp_parse(const uint8_t *bytes, size_t len, struct lk_dhcp *out);

/* Write a message. Its length; LK_E_NOSPACE; LK_E_INVALID: an op or hlen that parse would refuse. On an error nothing is
 * written. Options that already stand at buf + 240 are left there, any others are moved there. */
int lk_dhcp_emit(const struct lk_dhcp *in, uint8_t *buf, size_t cap);

/* ---- options: reading ---- */

struct lk_dhcp_option {
	uint8_t code;
	uint8_t length;       /* of the value; 0 for pad and end */
	const uint8_t *value; /* borrowed */
};

/* Step through one field of options. *at is the offset of the next one: 0 to begin with. Pad and end are handed out too; end
 * is the last, whatever follows. 1: *out is an option. 0: no more. LK_E_OPTION_LENGTH: the length octet is missing;
 * LK_E_OPTION_OVERRUN: the value runs past the end. After an error *at still points at the bad option. */
int lk_dhcp_option_next(const uint8_t *field, size_t len, size_t *at, struct lk_dhcp_option *out);

/* Whether all fields of options can be walked. 0, or the first error: of lk_dhcp_option_next(), LK_E_OPTION_SIZE (option
 * overload is not one octet), LK_E_DHCP_OVERLOAD. The functions below return the same errors when they meet them. */
int lk_dhcp_options_check(const struct lk_dhcp *message);

/* The value of an option, its pieces put together. The bytes copied; LK_E_NOTFOUND; LK_E_NOSPACE: more than cap, the first cap
 * bytes are there. */
int lk_dhcp_get(const struct lk_dhcp *message, uint8_t code, uint8_t *value, size_t cap);

/* A number of one, two or four octets. 0; LK_E_NOTFOUND; LK_E_OPTION_SIZE: the value has another length. */
int lk_dhcp_get_8(const struct lk_dhcp *message, uint8_t code, uint8_t *out);
int lk_dhcp_get_16(const struct lk_dhcp *message, uint8_t code, uint16_t *out);
int lk_dhcp_get_32(const struct lk_dhcp *message, uint8_t code, uint32_t *out);

/* A list of addresses: how many are in it, the first `max` of them in out[] (host order). LK_E_NOTFOUND; LK_E_OPTION_SIZE: its
 * length is no multiple of 4, or 0 (RFC 2132 section 3.5 and others). */
int lk_dhcp_get_addresses(const struct lk_dhcp *message, uint8_t code, uint32_t *out, size_t max);

/* A text: its length without trailing NULs (RFC 2132 section 2), a NUL behind it in out. LK_E_NOTFOUND; LK_E_NOSPACE: cap - 1
 * is less than that. */
int lk_dhcp_get_text(const struct lk_dhcp *message, uint8_t code, char *out, size_t cap);

/* ---- options: writing ---- */

struct lk_dhcp_writer {
	uint8_t *at;  /* where the options go */
	size_t cap;   /* room there */
	size_t len;   /* written so far */
	bool full;    /* an option did not fit, and was left out */
};

/* Add an option. Values of more than 255 octets are written in pieces (RFC 3396 section 4). One octet is kept for the end; false,
 * and nothing written but `full`: no room. */
bool lk_dhcp_put(struct lk_dhcp_writer *w, uint8_t code, const void *value, size_t len);
bool lk_dhcp_put_8(struct lk_dhcp_writer *w, uint8_t code, uint8_t value);
bool lk_dhcp_put_16(struct lk_dhcp_writer *w, uint8_t code, uint16_t value);
bool lk_dhcp_put_32(struct lk_dhcp_writer *w, uint8_t code, uint32_t value);

/* End the list, and pad it with zeros up to `least` octets as far as there is room. The length of the options; 0 when not even
 * the end fits. */
size_t lk_dhcp_put_end(struct lk_dhcp_writer *w, size_t least);

#endif
