/* Frames out of words: the lines of a trace's `talk:` become steps with the bytes of each frame. Nothing here is shared with
 * stack/wire: an emitter of the stack that is wrong must not make the frames that it is held against. The language stands in
 * corpora/README.md. */
#ifndef LK_COMPOSE_COMPOSE_H
#define LK_COMPOSE_COMPOSE_H

#include "conformance/timeline/fault.h"
#include "conformance/timeline/trace.h"

#define LK_COMPOSE_FRAME 9100 /* bytes of the longest frame */

/* Works out trace->steps from its talk, or without talk from its captures: their frames in order of time. Everything lives in
 * `memory`. 0; or -1 and a fault with the line: a word that is not known, a frame that the captures do not hold, a number out
 * of range. `name` stands in the fault. */
int lk_talk_compile(struct lk_trace *trace, const char *name, struct lk_bump *memory, struct lk_fault *fault);

/* The MAC that a host has in composed frames: 02:00 and its address. */
void lk_compose_mac(uint32_t address, uint8_t mac[6]);
/* The MAC of an interface of the DUT: given, seen in its capture, or made (then false). */
bool lk_compose_iface_mac(const struct lk_trace *trace, size_t iface, uint8_t mac[6]);
/* Where the DUT sends a packet for `destination` on that interface: the next hop's address (host order), by the interface's own
 * network and the settings `route: "NETWORK/PREFIX via ADDRESS"`. The destination itself when there is no route. */
uint32_t lk_compose_next_hop(const struct lk_trace *trace, size_t iface, uint32_t destination);

/* A record of a zone, written NAME/TTL/TYPE/RDATA as in dns{an=..}; the name becomes absolute, names in RDATA are not compressed. False: it is none. */
struct lk_composed_record { char name[258]; uint16_t type, len; uint32_t ttl; uint8_t data[1024]; };
bool lk_compose_record(const char *text, struct lk_bump *memory, struct lk_composed_record *out);
/* "A" -> 1, "TYPE257" -> 257; 0: no type. */
uint16_t lk_compose_type(const char *name);

#endif
