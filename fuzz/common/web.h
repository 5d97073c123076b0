/* An HTTP machine of ours on one stack, and on another a TCP socket by which the input says what it likes: the ground that the
 * fuzz targets http_server and http_client stand on. Frames arrive at once and in order; time passes only when asked to. */
#ifndef LK_FUZZ_WEB_H
#define LK_FUZZ_WEB_H

#include "stack/host/stack.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lk_web {
    const char *target;       /* name of the fuzz target, for failures */
    struct lk_stack *stack[2];/* 0: the input's, 1: the machine's */
    void *memory[2];
    lk_time now;
    lk_socket listener;       /* of the input's side, if it listens */
    lk_socket socket;         /* of the input's side; 0: none */
    uint8_t *heard;           /* what the machine said to it */
    size_t heard_len, heard_cap;
    bool closed;              /* the machine closed or reset */
    uint64_t frames;
    /* The machine. */
    void *self;
    lk_time (*deadline)(const void *self);
    void (*tick)(void *self, struct lk_stack *stack, lk_time now);
    bool (*event)(void *self, struct lk_stack *stack, const struct lk_event_sock *event, lk_time now);
    void (*work)(struct lk_web *web); /* its caller: takes what next() hands out */
    void *context;
};

/* Two fresh stacks, 10.9.0.1 and 10.9.0.2, that know each other. listens: the input's side listens on port 80. */
void lk_web_begin(struct lk_web *web, const char *target, bool listens);
void lk_web_end(struct lk_web *web);
/* Connects the input's side to port 80 of the machine's. */
void lk_web_connect(struct lk_web *web);
/* Passes frames and events to and fro until nothing moves; fails when that does not end, or when an invariant is broken. */
void lk_web_settle(struct lk_web *web);
/* Says bytes, as far as there is room. How many. */
size_t lk_web_say(struct lk_web *web, const uint8_t *bytes, size_t len);
/* Lets time pass up to `until`, stopping at each deadline. */
void lk_web_sleep(struct lk_web *web, lk_time until);

/* A second, naive reader of a stream of HTTP messages, which shares no code with ours. It looks for the empty line, a
 * Content-Length, the word chunked, and counts. What it cannot make sense of it does not judge. */
struct lk_naive {
    size_t begin, content, end; /* of the message: first octet, behind the empty line, behind everything */
    uint64_t octets;            /* of content, chunked coding taken off */
    bool whole;                 /* up to its end in the octets given */
    bool until_close;           /* a response that lasts until the end of the stream */
};
/* The message at `at`. without_body: an answer to HEAD. False: no empty line there. */
bool lk_naive_read(const uint8_t *bytes, size_t len, size_t at, bool response, bool without_body, struct lk_naive *out);

#endif
