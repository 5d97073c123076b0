/* Frames made by hand, for tests: TCP segments in IPv4 in Ethernet with right checksums. */
#ifndef LK_TESTS_CRAFT_H
#define LK_TESTS_CRAFT_H

#include "conformance/timeline/trace.h"

struct craft {
    uint32_t src, dst;           /* 0: 10.9.0.1 and 10.9.0.2 */
    uint16_t sport, dport;
    uint8_t control;
    uint32_t seq, ack;
    uint16_t window;
    const uint8_t *options; size_t options_len;
    size_t payload;              /* bytes, each its index */
};

/* Builds the frame into `out` (at least 1600 bytes); its length. */
size_t craft_frame(const struct craft *craft, uint8_t *out);
/* The same, appended to a capture in `bump` at a time since its start. */
void craft_add(struct lk_capture *capture, struct lk_bump *bump, lk_time at, const struct craft *craft);
/* A whole little connection of 10.9.0.1:40000 to 10.9.0.2:80: handshake, 100 bytes each way, close by the client. ISNs 1000 and 5000. */
void craft_connection(struct lk_capture *capture, struct lk_bump *bump);

#endif
