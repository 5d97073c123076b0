/* What the files of the resolver share: its state and the steps of a question. Not for other rooms.
 *
 *     dns_resolver.c   the calls of the header      dns_query.c    one question: names, servers, tries, what an answer means
 *     dns_stream.c     questions over TCP           dns_answer.c   what a message says      dns_cache.c   what is remembered */
#ifndef LK_APPS_DNS_RESOLVER_STATE_H
#define LK_APPS_DNS_RESOLVER_STATE_H

#include "stack/apps/dns_cache.h"
#include "stack/apps/dns_resolver.h"
#include "stack/base/rng.h"
#include "stack/wire/dns.h"

#define LK_DNS_QUERY_MAX 320u  /* bytes of a question of ours: header, a name, an OPT */
#define LK_DNS_ASKED_ON 8u     /* aliases that are asked for again, by one question */
#define LK_DNS_SPOOFS 16u      /* wrong answers to one try after which it goes on over TCP (RFC 5452 9.3) */

enum lk_dns_query_state {
    LK_DNS_FREE = 0,
    LK_DNS_ASKING,  /* by UDP: a socket of its own for each try */
    LK_DNS_STREAM,  /* by TCP, on the server's connection */
    LK_DNS_DONE     /* the result waits to be handed out */
};

struct lk_dns_query {
    lk_socket socket;         /* ASKING; 0: none could be opened, the try passes in silence */
    lk_time deadline;         /* of the try */
    uint64_t done_order;      /* DONE */
    struct lk_dns_name given; /* as the caller gave it */
    struct lk_dns_name first; /* what the answer's question is: a name of the search list, or the given one */
    struct lk_dns_name name;  /* asked for now: first, or where its aliases lead */
    uint32_t len;             /* of the answer, which lies in the table of messages */
    uint16_t type, id, generation;
    uint8_t state, server, round, failed_servers; /* failed_servers: a bit each */
    uint8_t rcode, candidate, asked_on, spoofs;
    uint8_t stream;           /* STREAM: whose */
    bool absolute, edns, no_data, cached, over_tcp;
    int error;
    struct lk_endpoint from;
};

struct lk_dns_stream {
    lk_socket socket; /* 0: none */
    lk_time idle;     /* when it is closed, unless something waits on it */
    struct lk_endpoint server;
    uint32_t in_len, out_len, out_at;
    bool connected;
};

struct lk_dns_resolver {
    struct lk_dns_resolver_config config;
    struct lk_rng rng;
    struct lk_dns_cache cache;
    uint64_t done;           /* questions that came to an end */
    int64_t queries, messages, streams, stream_in, stream_out, scratch; /* bytes from this struct */
    uint8_t plain_servers;   /* those that do not understand EDNS0, a bit each */
    struct lk_dns_stream stream[LK_DNS_SERVERS];
};

static inline void *lk_dns_at(const struct lk_dns_resolver *r, int64_t distance)
{
    return (uint8_t *)(uintptr_t)r + distance;
}

static inline struct lk_dns_query *lk_dns_query_at(const struct lk_dns_resolver *r, uint32_t i)
{
    return (struct lk_dns_query *)lk_dns_at(r, r->queries) + i;
}

static inline uint8_t *lk_dns_message_of(const struct lk_dns_resolver *r, const struct lk_dns_query *q)
{
    return (uint8_t *)lk_dns_at(r, r->messages) + (size_t)(q - lk_dns_query_at(r, 0)) * r->config.message_bytes;
}

/* ---- dns_query.c ---- */

/* Begins a question whose `given`, `type` and `absolute` are set. */
void lk_dns_query_start(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, lk_time now);
/* The time of a try is over. */
void lk_dns_query_late(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, lk_time now);
/* Its socket has something to tell. */
void lk_dns_query_event(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, lk_time now);
/* A message came that matches the question in every attribute, whole and at most config.message_bytes long. */
void lk_dns_query_answer(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, const uint8_t *bytes, size_t len, lk_time now);
/* The server does not answer this question: the next one is asked at once. */
void lk_dns_query_failed(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, unsigned rcode, lk_time now);
/* Gives the socket back. */
void lk_dns_query_silence(struct lk_stack *stack, struct lk_dns_query *q, lk_time now);
/* Writes the question of a try. Its length. */
size_t lk_dns_query_write(const struct lk_dns_resolver *r, const struct lk_dns_query *q, uint8_t *buf, size_t cap);
struct lk_dns_question lk_dns_query_question(const struct lk_dns_query *q);
/* How long the try of this round waits. */
lk_time lk_dns_query_patience(const struct lk_dns_resolver *r, const struct lk_dns_query *q);

/* ---- dns_stream.c ---- */

/* Asks q->from again, over TCP. */
void lk_dns_stream_ask(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, lk_time now);
/* The bits of its socket changed. */
void lk_dns_stream_event(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_stream *s, uint32_t bits, lk_time now);
/* When an idle connection is to be closed, and doing so. */
lk_time lk_dns_stream_deadline(const struct lk_dns_resolver *r);
void lk_dns_stream_tick(struct lk_dns_resolver *r, struct lk_stack *stack, lk_time now);
/* Closes all that are there. */
void lk_dns_stream_close(struct lk_dns_resolver *r, struct lk_stack *stack, lk_time now);

#endif
