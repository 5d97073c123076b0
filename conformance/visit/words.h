/* What can be said about one packet, found from its bytes and those before it, and the languages that say it. Not for use
 * outside this room. */
#ifndef LK_VISIT_WORDS_H
#define LK_VISIT_WORDS_H

#include "conformance/visit/view.h"
#include <stdarg.h>

/* A line that grows; what does not fit is left out. */
struct words { char text[640]; size_t len; };
void words_add(struct words *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct fact {
    const struct lk_story *story;
    const struct lk_story_packet *packet;
    const struct lk_visit_view *v;
    const struct lk_visit_view *before;    /* the same packet one hop earlier; NULL: it starts here */
    const struct lk_story_packet *first;   /* what this is a repetition of; NULL */
    const char *from, *to;                 /* names of the hosts at the ends of this link */
    const char *origin, *goal;             /* names of the hosts that the IP addresses belong to, or the address as text */
    char addresses[8][16];                 /* room for those texts and the ones below */
    char ip_from[16], ip_to[16], was_from[16], was_to[16];
    bool lost, to_server;                  /* TCP: towards the server */
    uint32_t seq, ack;                     /* relative to the SYNs */
    bool acks_syn, acks_fin;               /* the acknowledgement covers it, and none before did */
    uint32_t newly_acked;                  /* bytes of data */
    bool translated;                       /* NAT: an address or port is another one than a hop before */
    bool duplicate;                        /* an ACK that says nothing new */
    lk_time since_first;                   /* of a repetition */
    char names[2][LK_VISIT_TEXT];          /* DNS: the name asked for, safe to print */
};

struct lk_fetch;

/* What can be said about an act. */
struct act_fact {
    const struct lk_story_act *act;
    lk_time took;
    uint32_t packets, lost, repeated;
    uint32_t passed_on;                    /* packets that a router or the gateway sent on, all acts together */
    const struct lk_visit_view *v;         /* the packet that says what came of it: the DHCP ACK, the ARP reply, the DNS answer ...; or NULL */
    const struct lk_visit_view *before;    /* NAT: the same packet one hop earlier */
    bool fin[2];                           /* the laptop's, the server's has arrived at the other one */
    bool refused;                          /* the SYN was answered by a RST */
    uint64_t bytes;                        /* of data in it, repetitions not counted */
    char ip[3][16], mac[18];
};

/* What the terminal says around the packets. */
enum phrase {
    PHRASE_STORY = 0,      /* %s: the URL */
    PHRASE_BY_DHCP, PHRASE_INSIDE, PHRASE_OUTSIDE, PHRASE_KNOWS_NAMES, PHRASE_HAS_PAGE, PHRASE_FORWARDS, /* what a host is for */
    PHRASE_AGAIN,          /* an act goes on after another one */
    PHRASE_WHAT, PHRASE_BYTES, PHRASE_ADDRESSES, /* headings of the summary */
    PHRASE_LOST,           /* %u packets */
    PHRASE_LINK_BYTES,     /* %s link, %u packets, %llu bytes */
    PHRASE_CONTENT,        /* %llu bytes of page, %llu bytes sent by laptop and servers for it, %u percent */
    PHRASE_WENT_WELL,      /* %llu bytes, %.3f s */
    PHRASE_WENT_WRONG,     /* %zu findings */
    PHRASE_FAILED,         /* %s: why */
    PHRASE_PACKET,         /* packet %u */
    PHRASES
};

struct language {
    const char *title[LK_ACTS];
    const char *phrase[PHRASES];
    void (*line)(struct words *w, const struct fact *f);
    void (*why)(struct words *w, const struct fact *f);
    void (*summary)(struct words *w, const struct act_fact *f);
    void (*failure)(struct words *w, const struct lk_fetch *f); /* at which step, why, what to try */
};
extern const struct language visit_english, visit_korean;
const struct language *words_of(enum lk_story_language language);

#endif
