/* Alterations: one frame of the device changed on its way to the engine. A matcher that does not see an altered recording
 * is blind; conformance/tests/replay runs every trace against every alteration. */
#ifndef LK_REPLAY_ALTER_H
#define LK_REPLAY_ALTER_H

#include "conformance/timeline/trace.h"

enum lk_alter_kind {
    LK_ALTER_NONE = 0,
    LK_ALTER_DROPPED,   /* never sent */
    LK_ALTER_DOUBLED,   /* sent twice, 1 ms apart */
    LK_ALTER_LATE,      /* sent `late` ns later; what comes after it does not wait */
    LK_ALTER_ACK,       /* acknowledgement number + 1 */
    LK_ALTER_SEQ,       /* sequence number + 1 */
    LK_ALTER_FLAG,      /* FIN set or cleared; of a SYN or RST: ACK set or cleared */
    LK_ALTER_PAYLOAD,   /* one bit of the middle payload byte */
    LK_ALTER_OPTION,    /* the first option that is not NOP becomes NOPs */
    LK_ALTER_SACK,      /* the right edge of the first SACK block + 1 */
    LK_ALTER_CHECKSUM,  /* the TCP checksum is wrong by one bit */
    LK_ALTER_RETURN,    /* no frame: call number `frame` (from 1) returns something else than it did */
    LK_ALTER_BYTE,      /* mode `fields`: bit `bit` (0 the lowest) of byte `at` */
    LK_ALTER_UNASKED,   /* mode `fields`: no frame; during step number `frame` (from 1), a silence, the device sends a datagram */
    LK_ALTER_KINDS
};

struct lk_alteration { uint8_t kind; uint32_t frame; /* capture number of the device's frame, or the call; mode `fields`: its n-th frame, from 1 */
                       lk_time late; uint32_t at; uint8_t bit;
                       bool stream; /* mode `fields`: byte, dropped (from there on) are of what connection number `frame` (from 1) carries */ };

/* "dropped", "doubled" ...; NULL for an unknown number. */
const char *lk_alter_name(unsigned kind);
/* Changes the bytes of an Ethernet frame as far as `kind` is about bytes; all checksums are right afterwards but that of
 * LK_ALTER_CHECKSUM. False when there is nothing to change in it: no payload, no option, no TCP, no ACK. */
bool lk_alter_bytes(unsigned kind, uint8_t *bytes, size_t len);

#endif
