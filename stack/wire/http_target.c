/* Request targets. */
#include "stack/wire/http_target.h"

#include "stack/base/error.h"

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool one_of(uint8_t c, const char *set)
{
	while (*set != 0 && (uint8_t)*set != c) {
		set++;
	}
	return *set != 0;
}

/* RFC 3986 2.2, 2.3: unreserved / sub-delims, and those of `more`. Percent-encoding (2.1) counts as one. */
static bool uri_characters(const uint8_t *bytes, size_t len, const char *more)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t c = bytes[i];

		if (c == '%') {
			if (len - i < 3 || !is_hex(bytes[i + 1]) || !is_hex(bytes[i + 2])) {
				return false;
			}
			i += 2;
		} else if (!is_letter(c) && !is_digit(c) && !one_of(c, "-._~!$&'()*+,;=") && !one_of(c, more)) {
			return false;
		}
	}
	return true;
}

/* ---- host and port ---- */

/* RFC 3986 3.2.2: IP-literal. Octets up to and with the bracket, 0: none. An address of version 6 is held to its alphabet. */
static size_t ip_literal(const uint8_t *bytes, size_t len)
{
	size_t end = 1;

	while (end < len && bytes[end] != ']') {
		end++;
	}
	if (end == len || end < 3) {
		return 0;
	}
	if (bytes[1] == 'v' || bytes[1] == 'V') {
		size_t dot = 2;

		while (dot < end && is_hex(bytes[dot])) {
			dot++;
		}
		return dot > 2 && dot + 1 < end && bytes[dot] == '.' && uri_characters(bytes + dot + 1, end - dot - 1, ":") ? end + 1 : 0;
	}
	for (size_t i = 1; i < end; i++) {
		if (!is_hex(bytes[i]) && bytes[i] != ':' && bytes[i] != '.') {
			return 0;
		}
	}
	return end + 1;
}

/* RFC 3986 3.2.3: port = *DIGIT; beyond 65535 no TCP port. `empty`: what an empty one is. */
static bool port_ok(const uint8_t *bytes, size_t len, bool empty)
{
	uint32_t port = 0;

	for (size_t i = 0; i < len; i++) {
		if (!is_digit(bytes[i])) {
			return false;
		}
		port = port * 10 + (uint32_t)(bytes[i] - '0');
		if (port > 65535) {
			return false;
		}
	}
	return len != 0 || empty;
}

/* Where the host ends: at the colon of the port, or at `len`. SIZE_MAX: no host. */
static size_t host_end(const uint8_t *bytes, size_t len)
{
	size_t end = 0;

	if (len != 0 && bytes[0] == '[') {
		end = ip_literal(bytes, len);
		return end != 0 && (end == len || bytes[end] == ':') ? end : SIZE_MAX;
	}
	while (end < len && bytes[end] != ':') {
		end++;
	}
	return uri_characters(bytes, end, "") ? end : SIZE_MAX;
}

bool lk_http_host_ok(const uint8_t *bytes, size_t len)
{
	size_t end = host_end(bytes, len);

	/* RFC 9110 4.2.1: a port without host names nothing. */
	if (end == SIZE_MAX || (end == 0 && len != 0)) {
		return false;
	}
	return end == len || port_ok(bytes + end + 1, len - end - 1, true);
}

/* ---- the forms ---- */

/* RFC 3986 3.3, 3.4: path-abempty [ "?" query ]. */
static bool path_ok(const uint8_t *bytes, size_t len)
{
	return (len == 0 || bytes[0] == '/' || bytes[0] == '?') && uri_characters(bytes, len, ":@/?");
}

/* RFC 9112 3.2.2: absolute-form. */
static int absolute(const uint8_t *target, size_t len, struct lk_http_target *out)
{
	size_t begin = 0;
	size_t end;

	while (begin < len && target[begin] != ':') {
		begin++;
	}
	if (!lk_http_is(target, begin, "http") && !lk_http_is(target, begin, "https")) {
		return LK_E_HTTP_TARGET;
	}
	if (len - begin < 3 || target[begin + 1] != '/' || target[begin + 2] != '/') {
		return LK_E_HTTP_TARGET;
	}
	begin += 3;
	end = begin;
	while (end < len && target[end] != '/' && target[end] != '?') {
		end++;
	}
	/* RFC 9110 4.2.1: an http URI with an empty host is invalid; 4.2.4: user information ("@" is no host character). */
	if (end == begin || !lk_http_host_ok(target + begin, end - begin) || !path_ok(target + end, len - end)) {
		return LK_E_HTTP_TARGET;
	}
	out->form = LK_HTTP_ABSOLUTE;
	out->authority = (struct lk_http_span){(uint32_t)begin, (uint32_t)(end - begin)};
	out->path = (struct lk_http_span){(uint32_t)end, (uint32_t)(len - end)};
	return 0;
}

/* RFC 9112 3.2.3: authority-form = uri-host ":" port; RFC 9110 9.3.6: an empty or invalid port is rejected. */
static int authority(const uint8_t *target, size_t len, struct lk_http_target *out)
{
	size_t end = host_end(target, len);

	if (end == SIZE_MAX || end == 0 || end == len || !port_ok(target + end + 1, len - end - 1, false)) {
		return LK_E_HTTP_TARGET;
	}
	out->form = LK_HTTP_AUTHORITY;
	out->authority = (struct lk_http_span){0, (uint32_t)len};
	return 0;
}

int lk_http_target_parse(const uint8_t *method, size_t method_len, const uint8_t *target, size_t len, struct lk_http_target *out)
{
	bool connect = method_len == 7 && lk_http_is(method, 7, "CONNECT") && method[1] == 'O';

	*out = (struct lk_http_target){0};
	if (connect) {
		return authority(target, len, out);
	}
	if (len == 1 && target[0] == '*') {
		/* RFC 9112 3.2.4: only used for a server-wide OPTIONS request. */
		out->form = LK_HTTP_ASTERISK;
		return method_len == 7 && lk_http_is(method, 7, "OPTIONS") ? 0 : LK_E_HTTP_TARGET;
	}
	if (len == 0 || target[0] != '/') {
		return absolute(target, len, out);
	}
	out->path = (struct lk_http_span){0, (uint32_t)len};
	return path_ok(target, len) ? 0 : LK_E_HTTP_TARGET;
}
