/* What a request is for: the four forms of a request target (RFC 9112 3.2) and host and port (RFC 3986 3.2.2, 3.2.3). */
#ifndef LK_WIRE_HTTP_TARGET_H
#define LK_WIRE_HTTP_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/wire/http_head.h"

enum lk_http_form { LK_HTTP_ORIGIN = 0, LK_HTTP_ABSOLUTE, LK_HTTP_AUTHORITY, LK_HTTP_ASTERISK };

struct lk_http_target {
	uint8_t form;                  /* enum lk_http_form */
	struct lk_http_span authority; /* ABSOLUTE, AUTHORITY: host and port, within the target; otherwise empty */
	struct lk_http_span path;      /* ORIGIN, ABSOLUTE: path and query; empty in "http://host", which means "/" */
};

/* Takes a request target apart. `method` decides: authority-form for CONNECT and nothing else (3.2.3), "*" for OPTIONS only
 * (3.2.4). Of absolute URIs only http and https, without user information (RFC 9110 4.2.4) and with a host. 0, or
 * LK_E_HTTP_TARGET. */
int lk_http_target_parse(const uint8_t *method, size_t method_len, const uint8_t *target, size_t len, struct lk_http_target *out);

/* Whether this is uri-host [ ":" port ] (RFC 9110 7.2), a port being 0 .. 65535. An empty host is allowed, as Host may be. */
bool lk_http_host_ok(const uint8_t *bytes, size_t len);

#endif
