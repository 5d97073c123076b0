/* The table of odd HTTP messages (conformance/tests/http/odd-messages.tsv), and the verdict of the parsers in stack/wire on a
 * stream of messages, however it is cut. */
#ifndef LK_TESTS_HTTP_ODD_H
#define LK_TESTS_HTTP_ODD_H

#include "stack/wire/http_chunk.h"
#include "stack/wire/http_framing.h"

struct odd_message {
    char *name, *kind, *text, *verdict, *answer, *section, *reason, *others; /* columns; text as it is written */
    uint8_t *bytes;                                                        /* the message itself */
    size_t len;
};

struct odd_table {
    struct odd_message *at;
    size_t count;
    char *file;
};

/* False: the file cannot be read, or *line (from 1) is no row. */
bool odd_table_read(struct odd_table *t, const char *path, size_t *line);
void odd_table_free(struct odd_table *t);

/* A reader of a stream of messages of one kind, fed from its beginning again each time with more at the end. */
struct http_verdict {
    enum lk_http_kind kind;
    enum lk_http_method method;  /* of the request the responses answer */
    struct lk_http_limits limits;
    struct lk_http_chunk_limits chunk_limits;
    struct lk_http_head head;
    struct lk_http_chunk chunk;
    size_t begin, at;            /* of the message; octets used */
    uint64_t left, octets;       /* of the body: to come, seen */
    int phase;
    int error;
    char text[256];              /* one word for each message, as in the table */
};

/* With the limits our server and client have by default. `kind` as in the table. */
void http_verdict_begin(struct http_verdict *v, const char *kind);
/* ended: the stream is closed behind `len`. */
void http_verdict_feed(struct http_verdict *v, const uint8_t *bytes, size_t len, bool ended);

#endif
