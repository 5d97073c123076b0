/* What the rules of this room share: the state of a book, and how a rule reports. Not for use outside the room. */
#ifndef LK_RULES_BOOK_H
#define LK_RULES_BOOK_H

#include "conformance/rules/flow.h"
#include "conformance/rules/rtt.h"
#include "conformance/rules/rule.h"

enum check {
    CHECK_RESENT_PAYLOAD = 0, CHECK_WITHIN_WINDOW, CHECK_ACK_OF_RECEIVED, CHECK_ACK_WITHIN_500MS, CHECK_ACK_EVERY_SECOND, CHECK_DUPLICATE_ACK,
    CHECK_SACK_TRUE, CHECK_RTO_NOT_EARLY, CHECK_RTO_DOUBLED, CHECK_KARN, CHECK_FIN_RST_LEGAL, CHECK_RECOVERY_CAUSE, CHECK_CHECKSUM,
    CHECK_OPTIONS_LEGAL, CHECK_ACK_SEQUENCE, CHECK_RECEIVE_WINDOW, CHECKS
};

/* What may make the device send something again. */
enum cause {
    CAUSE_NONE = 0, CAUSE_TIMER, CAUSE_SYN_REPEATED, CAUSE_THIRD_DUPLICATE, CAUSE_SACK_LOST, CAUSE_SACK_HOLE, CAUSE_PARTIAL_ACK, CAUSE_RESCUE,
    CAUSE_GO_BACK, CAUSE_RACK, CAUSE_TAIL_PROBE, CAUSE_WINDOW_PROBE, CAUSE_KEEPALIVE, CAUSE_ACKED_MEANWHILE
};

/* The sender's recovery as far as it shows: recovery.c. */
struct sender {
    uint32_t duplicates;     /* duplicate ACKs since SND.UNA moved or was resent */
    bool recovering;         /* fast recovery (RFC 6582, RFC 6675) */
    int64_t recovery_point;
    lk_time recovery_at;
    bool rescued;
    bool after_timeout;      /* until everything sent before the timeout is acknowledged */
    int64_t timeout_point;
    lk_time timeout_at;
    int64_t probed_una;      /* SND.UNA at the last tail loss probe; -1 none */
};

/* The retransmission timer as far as it shows: rto.c. */
struct timer {
    struct rtt clean, tainted; /* with and without samples that Karn's rule forbids */
    uint32_t expiries;       /* in a row, for the same data */
    lk_time interval;        /* the last timer interval, at its lowest */
    lk_time backed_off;      /* RTO kept since a back-off until a sample ends it; 0 none */
    bool ambiguous;          /* an ACK of resent data came while it was kept */
    bool syn_timed_out;      /* RFC 6298 5.7 */

};

/* ACKs the device owes: ack.c. */
enum owed_kind { OWED_ABOVE_GAP = 1, OWED_FILLS_GAP, OWED_UNACCEPTABLE };
#define OWED_MAX 64

struct acks {
    struct { lk_time at; int64_t upto; uint32_t event; } delayed[OWED_MAX]; /* in-order data not yet acknowledged, by arrival */
    uint32_t delayed_count;
    struct { lk_time at; int64_t from, to; uint32_t event; uint8_t kind; bool answered, reported; } at_once[OWED_MAX];
    uint32_t at_once_count;  /* each wants an ACK of its own */
    int64_t since_ack;       /* bytes in order since the last ACK */
    lk_time second_at;       /* when they became two full-sized segments; LK_NEVER */
    int64_t second_from, second_to; uint32_t second_event;
};

/* What came since the device's last ACK, for its first SACK block, and what came twice, for D-SACK: sack.c. */
struct sacks {
    struct span arrived[OWED_MAX];
    uint32_t arrived_count;
    bool moved;              /* something moved RCV.NXT */
    struct { struct span range; bool reported; } twice[OWED_MAX];
    uint32_t twice_count;    /* ever; the last OWED_MAX are kept */
};

/* The peer's timestamps, for the echo: options.c. */
struct stamps { uint32_t seen[OWED_MAX]; uint32_t count; };

struct lk_rulebook {
    struct lk_rule_policy policy;
    struct lk_rule_sink sink;
    struct flow flow;
    struct sender sender;
    struct timer timer;
    struct acks acks;
    struct sacks sacks;
    struct stamps stamps;
    int64_t given;           /* bytes the application's send calls took */
    bool calls_seen;
    char reason[160], expected[200], actual[200];
};

/* A new connection: what the rules keep besides the flow starts over. */
void book_restart(struct lk_rulebook *book);
/* The check held once more; it could not be decided. */
void book_held(struct lk_rulebook *book, enum check check);
void book_cannot_tell(struct lk_rulebook *book, enum check check);
/* What should have been, and what was: texts for the next violation. */
void book_expect(struct lk_rulebook *book, const char *format, ...) __attribute__((format(printf, 2, 3)));
void book_actual(struct lk_rulebook *book, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Reports with the two texts. The level is that of the requirement's row in the catalogue; `requirement` is one of the check's. */
void book_violated(struct lk_rulebook *book, enum check check, const char *requirement, uint32_t event, int64_t from, int64_t to);
/* Why the device sent its last segment. */
void book_reason(struct lk_rulebook *book, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* seconds for a message: 1.234 s */
#define SECONDS(t) ((double)(t) / 1e9)
/* "At once": not a whole delayed-ACK interval of any device, but time for its own work. */
#define AT_ONCE (10 * LK_MILLISECOND)

/* ---- the rules. Each sees a segment of the device before flow_out() has taken it in, and an arrival after flow_in(). --- */
void reason_out(struct lk_rulebook *book, const struct seg *seg);
void resent_payload_out(struct lk_rulebook *book, const struct seg *seg);
void window_out(struct lk_rulebook *book, const struct seg *seg);
void checksum_out(struct lk_rulebook *book, const struct lk_event *event);
void options_in(struct lk_rulebook *book, const struct seg *seg);
void options_out(struct lk_rulebook *book, const struct seg *seg);
void acks_in(struct lk_rulebook *book, const struct seg *seg, const struct arrival *arrival);
void acks_out(struct lk_rulebook *book, const struct seg *seg);
/* Time has come to `now`: what was due before is judged. */
void acks_time(struct lk_rulebook *book, lk_time now);
void acks_forget(struct lk_rulebook *book);
void sack_in(struct lk_rulebook *book, const struct seg *seg, const struct arrival *arrival);
void sack_out(struct lk_rulebook *book, const struct seg *seg);
void close_out(struct lk_rulebook *book, const struct seg *seg);
void receive_out(struct lk_rulebook *book, const struct seg *seg);
void recovery_in(struct lk_rulebook *book, const struct seg *seg, const struct arrival *arrival);
void recovery_out(struct lk_rulebook *book, const struct seg *seg);
void rto_in(struct lk_rulebook *book, const struct seg *seg, const struct arrival *arrival);
/* Whether the timer may have expired for `head` at `now`. */
bool rto_elapsed(const struct lk_rulebook *book, const struct piece *head, lk_time now);
/* `head` was resent and nothing but the timer explains it. */
void rto_judge(struct lk_rulebook *book, const struct seg *seg, const struct piece *head);
void rto_window_probe(struct lk_rulebook *book, const struct seg *seg);

#endif
