/* Frames in and out on a network interface of this machine, by libpcap; the clock and the entropy of a live run.
 *
 * The interface is opened promiscuous, so that the stack's link address need not be the kernel's, and frames come as soon as
 * they arrive. What the stack or the kernel transmits on the interface is not seen back. The kernel goes on using the interface
 * too: it stays out of the way as long as it does not have the stack's address (lk_live_kernel_has()). */
#ifndef LK_FILES_LIVE_H
#define LK_FILES_LIVE_H

#include "conformance/timeline/fault.h"
#include "stack/base/types.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lk_live;

/* Opens `interface`. `buffer`: bytes the kernel may hold until they are fetched; 0: 16 MB. NULL and one line that says what to
 * try: no such interface, no privilege, the interface is down or nothing is at its other end, it is neither Ethernet nor raw IP,
 * or it is a loopback, which hands every frame back to its sender. */
struct lk_live *lk_live_open(const char *interface, size_t buffer, struct lk_fault *fault);
void lk_live_close(struct lk_live *live);

const char *lk_live_name(const struct lk_live *live);
int lk_live_fd(const struct lk_live *live);              /* readable when frames wait: for poll() */
bool lk_live_is_raw_ip(const struct lk_live *live);      /* frames begin with the IP header (TUN) */
const uint8_t *lk_live_kernel_mac(const struct lk_live *live); /* the kernel's own: 6 bytes */
/* One for the stack: the kernel's with the "locally administered" bit (and, when that was set, another byte) changed. The same
 * every time, so that a DHCP server finds its client again. */
void lk_live_own_mac(const struct lk_live *live, uint8_t mac[6]);
uint16_t lk_live_mtu(const struct lk_live *live);        /* bytes of IP packet */

/* From now on only frames to that link address, to groups and to everybody are taken: what others say to each other on a busy
 * network stays in the kernel. 0; -1 and a fault, also on an interface without link addresses. */
int lk_live_only(struct lk_live *live, const uint8_t mac[6], struct lk_fault *fault);

/* Hands up to `most` waiting frames to take(); `bytes` are valid during the call; `arrived`: ns since 1970, by the kernel.
 * Returns how many, 0 when none wait; -1 and a fault when the interface is gone or went down. */
typedef void lk_live_take(void *context, const uint8_t *bytes, size_t len, lk_time arrived);
int lk_live_receive(struct lk_live *live, int most, lk_live_take *take, void *context, struct lk_fault *fault);
/* Sends one frame. 0, also when the kernel had no room for it (it is counted: to the stack it is a lost frame); -1 and a fault
 * when the interface is gone or went down, or the frame is longer than it takes. */
int lk_live_send(struct lk_live *live, const uint8_t *bytes, size_t len, struct lk_fault *fault);

struct lk_live_counts {
    uint64_t received, sent, sent_bytes, received_bytes;
    uint64_t unsent;    /* the kernel had no room */
    uint64_t dropped;   /* arrived and fell out of the kernel's buffer before they were fetched */
    uint64_t giants;    /* longer than the MTU allows: put together by an offload. Handed out all the same */
    uint64_t cut;       /* longer than can be captured: not handed out */
};
void lk_live_count(struct lk_live *live, struct lk_live_counts *out);

/* Whether the kernel has `address` on any interface: it would answer too, and reset the stack's connections. *interface (64
 * bytes) gets the interface's name. */
bool lk_live_kernel_has(const struct lk_addr *address, char interface[64]);

lk_time lk_live_now(void);   /* ns, monotonic: the stack's time */
lk_time lk_live_today(void); /* ns since 1970 */
/* 32 bytes from the kernel's generator. 0, or -1 and a fault. */
int lk_live_seed(uint8_t seed[32], struct lk_fault *fault);

#endif
