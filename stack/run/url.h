/* The URLs of pages, as a person types them (RFC 3986, RFC 9110 4.2.1), cut into what a client needs. Strict: what is no URL is
 * refused by name and nothing is guessed, but that "http://" may be left out. */
#ifndef LK_RUN_URL_H
#define LK_RUN_URL_H

#include "stack/base/types.h"

/* http://HOST[:PORT][/PATH][?QUERY][#FRAGMENT], or the same without "http://". Texts are cut out of the URL given. */
struct lk_url {
    char host[256];        /* a name in lower case (RFC 3986 6.2.2.1), or an IPv4 address */
    char host_field[264];  /* for the Host field (RFC 9112 3.2): with the port unless it is 80 */
    char target[1024];     /* origin-form (RFC 9112 3.2.1): path and query, "/" for none; the fragment stays here (RFC 9110 4.2.5) */
    uint16_t port;
    bool is_address;       /* HOST is one */
    struct lk_addr address;
};

/* 0; UNSUPPORTED: a scheme other than http, or an IPv6 address; NOSPACE: path and query are longer than the room for them;
 * INVALID: no URL by RFC 3986, no host name by RFC 1123 2.1, or user information before the host, which hides who is asked
 * (RFC 9110 4.2.4). On an error *out is not to be used. */
int lk_url_parse(const char *text, struct lk_url *out);

#endif
