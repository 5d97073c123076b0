/* DHCP's message (RFC 2131 section 2). */
#include "stack/wire/dhcp.h"

#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"
#include "stack/wire/payload.h"

enum { AT_CHADDR = 28, AT_SNAME = 44, AT_FILE = 108, AT_COOKIE = 236 };

static bool op_known(uint8_t op)
{
	return op == LK_DHCP_BOOTREQUEST || op == LK_DHCP_BOOTREPLY;
}

int lk_dhcp_parse(const uint8_t *bytes, size_t len, struct lk_dhcp *out)
{
	if (len < LK_DHCP_HEADER) {
		return LK_E_TRUNCATED;
	}
	if (!op_known(bytes[0])) {
		return LK_E_DHCP_OP;
	}
	if (bytes[2] > sizeof out->chaddr) {
		return LK_E_DHCP_HLEN;
	}
	/* RFC 2131 section 3: the first four octets of the options are 99, 130, 83, 99. */
	if (lk_load_be32(bytes + AT_COOKIE) != LK_DHCP_COOKIE) {
		return LK_E_DHCP_COOKIE;
	}
	out->op = bytes[0];
	out->htype = bytes[1];
	out->hlen = bytes[2];
	out->hops = bytes[3];
	out->xid = lk_load_be32(bytes + 4);
	out->secs = lk_load_be16(bytes + 8);
	out->flags = lk_load_be16(bytes + 10);
	out->ciaddr = lk_load_be32(bytes + 12);
	out->yiaddr = lk_load_be32(bytes + 16);
	out->siaddr = lk_load_be32(bytes + 20);
	out->giaddr = lk_load_be32(bytes + 24);
	lk_memcpy(out->chaddr, bytes + AT_CHADDR, sizeof out->chaddr);
	out->sname = bytes + AT_SNAME;
	out->file = bytes + AT_FILE;
	out->options = bytes + LK_DHCP_HEADER;
	out->options_len = len - LK_DHCP_HEADER;
	return LK_DHCP_HEADER;
}

static void place(uint8_t *to, const uint8_t *from, size_t len)
{
	if (from == NULL) {
		lk_memset(to, 0, len);
	} else {
		lk_payload_place(to, from, len);
	}
}

int lk_dhcp_emit(const struct lk_dhcp *in, uint8_t *buf, size_t cap)
{
	if (!op_known(in->op) || in->hlen > sizeof in->chaddr || in->options_len > UINT16_MAX) {
		return LK_E_INVALID;
	}
	if (cap < LK_DHCP_HEADER + in->options_len) {
		return LK_E_NOSPACE;
	}
	lk_payload_place(buf + LK_DHCP_HEADER, in->options, in->options_len);
	place(buf + AT_SNAME, in->sname, LK_DHCP_SNAME);
	place(buf + AT_FILE, in->file, LK_DHCP_FILE);
	buf[0] = in->op;
	buf[1] = in->htype;
	buf[2] = in->hlen;
	buf[3] = in->hops;
	lk_store_be32(buf + 4, in->xid);
	lk_store_be16(buf + 8, in->secs);
	lk_store_be16(buf + 10, in->flags);
	lk_store_be32(buf + 12, in->ciaddr);
	lk_store_be32(buf + 16, in->yiaddr);
	lk_store_be32(buf + 20, in->siaddr);
	lk_store_be32(buf + 24, in->giaddr);
	lk_memcpy(buf + AT_CHADDR, in->chaddr, sizeof in->chaddr);
	lk_store_be32(buf + AT_COOKIE, LK_DHCP_COOKIE);
	return (int)(LK_DHCP_HEADER + in->options_len);
}
