/* Fragments through the NAT (RFC 4787 REQ-14). Only the first has the ports. It leaves a note by which the later ones follow; one that
 * comes before the first is kept until that comes. Nothing is reassembled. Notes and kept fragments have tables of their own, of
 * fixed size, in which the newest replaces the oldest: a flood of fragments costs nobody else anything (REQ-14 a). */
#ifndef LK_GATEWAY_FRAGMENTS_H
#define LK_GATEWAY_FRAGMENTS_H

#include "stack/base/arena.h"
#include "stack/gateway/gateway.h"

/* Which datagram a fragment is of (RFC 791 2.3). */
struct gw_datagram {
    uint32_t source, destination, iface; /* as it came in */
    uint16_t identification;
    uint8_t protocol, unused;
};

/* What became of its first fragment. */
struct gw_train {
    lk_time until;
    struct gw_datagram of;
    uint32_t source, destination; /* to be written */
    uint16_t identification;      /* to be written */
    uint8_t local;                /* it was for the host behind us */
    uint8_t unused;
    uint32_t unused2;
};

/* A fragment that came too early; the packet's bytes follow. */
struct gw_early {
    lk_time until;  /* in the past: free */
    uint64_t order; /* of arrival */
    struct gw_datagram of;
    uint32_t len;
    uint8_t ready;  /* the first has come: it can leave */
    uint8_t unused[3];
    uint32_t unused2;
};

struct gw_fragments {
    int64_t trains, early; /* bytes from this struct to the tables */
    uint64_t arrivals;
    uint32_t capacity;     /* trains */
    uint32_t places;       /* early fragments */
    uint32_t room;         /* bytes of each */
    uint32_t ready;
    uint32_t next;         /* the train to be replaced next */
    uint16_t identification; /* the next for what leaves translated */
    uint16_t unused;
};

int gw_fragments_init(struct gw_fragments *f, struct lk_arena *arena, uint32_t trains, uint32_t places, uint32_t room, const uint8_t seed[32]);
/* All of it: what they say is no longer so. */
void gw_fragments_forget(struct gw_fragments *f);
bool gw_fragments_check(const struct gw_fragments *f);

#endif
