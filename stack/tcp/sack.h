/* The sender's scoreboard: what the peer has SACKed, and what follows from it (RFC 6675 sections 2 to 4).
 * Functions carry the RFC's names. Octets count from HighACK = snd_una to HighData = snd_nxt.
 *
 * Without SACK the list stays empty, and after a time-out the same board still tells what is lost and what was sent
 * again: everything below `lost`, in order (go-back, RFC 5681 3.1).
 */
#ifndef LK_TCP_SACK_H
#define LK_TCP_SACK_H

#include "stack/tcp/range.h"
#include "stack/wire/tcp.h"
#include <stdbool.h>
#include <stdint.h>

struct tcp_scoreboard {
    struct tcp_ranges sacked;
    uint32_t high_rxt; /* HighRxt + 1: everything not SACKed below was retransmitted; snd_una outside of recovery */
    uint32_t lost;     /* IsLost() holds for what is not SACKed below, and for nothing above */
};

void tcp_sack_init(struct tcp_scoreboard *board, uint32_t una);

/* Update(): notes the blocks of an ACK. Blocks that are not within una..nxt are ignored (old, DSACK, or nonsense).
 * Returns how many octets were not SACKed before. */
uint32_t tcp_sack_update(struct lk_pool *pool, struct tcp_scoreboard *board, const struct lk_tcp_sack *blocks, unsigned count, uint32_t una, uint32_t nxt);

/* HighACK moved to una. */
void tcp_sack_acked(struct lk_pool *pool, struct tcp_scoreboard *board, uint32_t una);

/* IsLost(): moves `lost` up by DupThresh discontiguous ranges, or more than (DupThresh - 1) * SMSS octets, SACKed above. */
void tcp_sack_mark_lost(const struct lk_pool *pool, struct tcp_scoreboard *board, unsigned dup_threshold, uint32_t smss);

/* SetPipe(): octets believed to be in the network. */
uint32_t tcp_sack_pipe(const struct lk_pool *pool, const struct tcp_scoreboard *board, uint32_t una, uint32_t nxt);

/* NextSeg() rule (1): the lowest range that is lost and not yet retransmitted, at most `most` octets. False: none. */
bool tcp_sack_next_lost(const struct lk_pool *pool, const struct tcp_scoreboard *board, uint32_t most, uint32_t *left, uint32_t *right);

/* NextSeg() rule (3): the lowest range below the highest SACKed octet and not yet retransmitted, lost or not. */
bool tcp_sack_next_hole(const struct lk_pool *pool, const struct tcp_scoreboard *board, uint32_t most, uint32_t *left, uint32_t *right);

/* Whether the receiver has reneged: it SACKed the octet at una, which it then should have acknowledged (RFC 2018 8). */
bool tcp_sack_reneged(const struct lk_pool *pool, const struct tcp_scoreboard *board, uint32_t una);

#endif
