/* Windows, and avoiding silly ones on both sides (RFC 9293 3.8.6). Pure decisions.
 */
#ifndef LK_TCP_WINDOW_H
#define LK_TCP_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

struct tcp_receive_window {
    uint32_t buffer;  /* RCV.BUFF, bytes */
    uint32_t unread;  /* RCV.USER: received in order, not read yet */
    uint32_t offered; /* what is left of the window last offered */
    uint32_t mss;     /* of segments received */
    uint8_t shift;    /* our window scale */
    bool avoid_silly; /* RFC 9293 3.8.6.2.2 */
};

/* The window to offer now, in bytes: never less than what is left of the last one (SHLD-14), and more only if it grows by
 * at least min(half the buffer, one segment) (RFC 9293 3.8.6.2.2). */
uint32_t tcp_window_offer(const struct tcp_receive_window *w);

/* Whether the application's reading is worth a window update of its own: the window would at least double. */
bool tcp_window_update_due(const struct tcp_receive_window *w);

/* The least shift that lets a window of `buffer` bytes be told (RFC 7323 2.2: at most 14). */
uint8_t tcp_window_shift(uint32_t buffer);

struct tcp_send_window {
    uint32_t unsent;   /* D: bytes waiting */
    uint32_t usable;   /* U: bytes that windows allow now */
    uint32_t mss;      /* bytes a segment takes now, > 0 */
    uint32_t largest;  /* Max(SND.WND) */
    bool idle;         /* nothing is unacknowledged */
    bool nagle;
    bool last;         /* the stream ends behind the waiting bytes: nothing can be gained by waiting */
};

/* How many bytes to put into a segment now; 0: wait (RFC 9293 3.8.6.2.1 and 3.7.4). */
uint32_t tcp_window_sendable(const struct tcp_send_window *w);

#endif
