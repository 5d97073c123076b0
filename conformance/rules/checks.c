#include "conformance/rules/checks.h"

#include <string.h>

#define LIST(name, ...) static const char *const name[] = {__VA_ARGS__}

LIST(resent_payload, "RFC9293-3.10.8-a", "RFC9293-3.10.8-d");
LIST(within_window, "RFC5681-2-a", "RFC9293-SHLD-15", "RFC7323-2.4-c", "RFC7323-2.4-e", "RFC9293-MUST-1", "RFC9293-MUST-34", "RFC9293-3.10.7.4-l",
    "RFC7323-2.2-b", "RFC7323-2.2-d", "RFC7323-2.3-c", "RFC7323-2.3-d", "RFC7323-2.3-g", "RFC7323-2.4-a");
LIST(ack_of_received, "RFC9293-3.4-c", "RFC9293-3.8-a", "RFC9293-3.5-a", "RFC9293-3.4-b", "RFC9293-3.10.7.4-ad", "RFC7323-5.3-a", "RFC9293-MUST-3");
LIST(ack_within_500ms, "RFC9293-MUST-40", "RFC5681-4.2-b");
LIST(ack_every_second, "RFC9293-SHLD-19");
LIST(duplicate_ack, "RFC5681-3.2-a", "RFC5681-3.2-b", "RFC9293-3.5.2-c", "RFC9293-3.10.7.4-e", "RFC2018-4-e", "RFC9293-3.8.6.1-a", "RFC9293-3.10.7.4-p",
    "RFC9293-3.10.7.4-y");
LIST(sack_true, "RFC2018-8-b", "RFC2018-4-c", "RFC2018-4-d", "RFC2018-4-f", "RFC2018-3-a", "RFC2018-4-b", "RFC2018-8-a", "RFC2018-4-g", "RFC2883-4-a", "RFC2883-4-c");
LIST(rto_not_early, "RFC6298-5-a", "RFC9293-MUST-18", "RFC6298-2-a", "RFC6298-2-b", "RFC6298-2-c", "RFC6298-2-e", "RFC6298-2-f", "RFC6298-5-h",
    "RFC9293-SHLD-29", "RFC9293-MUST-22");
LIST(rto_doubled, "RFC6298-5-f", "RFC6298-5-g", "RFC9293-MUST-19", "RFC6298-2-g", "RFC9293-MUST-22");
LIST(karn, "RFC6298-3-b", "RFC6298-3-a", "RFC9293-3.8.2-a", "RFC9293-MUST-18");
LIST(fin_rst_legal, "RFC9293-3.10.4-a", "RFC9293-3.10.2-b", "RFC9293-3.6-e", "RFC9293-3.10.7.1-a", "RFC9293-3.10.7.1-b", "RFC9293-3.10.5-a", "RFC9293-3.10.5-b",
    "RFC9293-3.10.7.4-z", "RFC9293-3.5.2-a", "RFC9293-3.5.2-b", "RFC9293-3.10.7.2-a", "RFC9293-3.10.7.3-a", "RFC5961-3.2-b", "RFC9293-3.4-b", "RFC9293-3.10.5-c");
LIST(recovery_cause, "RFC6675-5-b", "RFC6675-5-a", "RFC6675-4-b", "RFC6675-4-d", "RFC6675-4-e", "RFC6675-5-c", "RFC6675-5-e", "RFC6675-5-g", "RFC6675-2-a", "RFC5681-3.2-c",
    "RFC5681-3.2-h", "RFC5681-2-b", "RFC5681-3.2-m", "RFC6582-3.2-c", "RFC6582-3.2-a", "RFC6298-5-e", "RFC9293-3.10.8-a", "RFC2018-5-c", "RFC2018-5.1-a",
    "RFC6675-5.1-a", "RFC6675-5.1-b", "RFC9293-MUST-36", "RFC9293-MUST-35", "RFC8985-6.2-b", "RFC8985-7.3-a", "RFC8985-7.3-c", "RFC3042-2-a", "RFC5681-3.2-d");
LIST(checksum, "RFC9293-MUST-2", "RFC791-3.1-b");
LIST(ack_sequence, "RFC9293-3.10.7.4-ad", "RFC9293-3.5.2-c");
LIST(receive_window, "RFC9293-MUST-39", "RFC9293-SHLD-14", "RFC9293-3.8.6.2.2-a", "RFC9293-3.10.7.4-t");
LIST(options_legal, "RFC9293-MUST-65", "RFC7323-3.2-e", "RFC7323-3.2-d", "RFC7323-2.2-c", "RFC2018-2-a", "RFC7323-3.2-b");

#define CHECK(id, name, list, what) [id] = {name, what, list, sizeof list / sizeof list[0]}

static const struct lk_check_info infos[CHECKS] = {
    CHECK(CHECK_RESENT_PAYLOAD, "resent-payload", resent_payload, "the payload of a resent byte is what it was"),
    CHECK(CHECK_WITHIN_WINDOW, "within-window", within_window, "no data beyond the offered window, probes excepted"),
    CHECK(CHECK_ACK_OF_RECEIVED, "ack-of-received", ack_of_received, "an ACK never covers what was not received in order, and never goes back"),
    CHECK(CHECK_ACK_WITHIN_500MS, "ack-within-500ms", ack_within_500ms, "received data is acknowledged within 500 ms"),
    CHECK(CHECK_ACK_EVERY_SECOND, "ack-every-second", ack_every_second, "every second full-sized segment is acknowledged at once"),
    CHECK(CHECK_DUPLICATE_ACK, "duplicate-ack", duplicate_ack, "data above a gap, filling one, or old is acknowledged at once"),
    CHECK(CHECK_SACK_TRUE, "sack-true", sack_true, "SACK blocks cover received data only, the newest first"),
    CHECK(CHECK_RTO_NOT_EARLY, "rto-not-early", rto_not_early, "nothing is resent by timer before the least RTO of the device's own round trips"),
    CHECK(CHECK_RTO_DOUBLED, "rto-doubled", rto_doubled, "each further expiry of the timer waits twice as long"),
    CHECK(CHECK_KARN, "karn", karn, "no round trip is measured on resent data, and the doubled RTO is kept until one is measured"),
    CHECK(CHECK_FIN_RST_LEGAL, "fin-rst-legal", fin_rst_legal, "FIN and RST stand where they may, and nothing follows them"),
    CHECK(CHECK_RECOVERY_CAUSE, "recovery-cause", recovery_cause, "each retransmission has a permitted cause"),
    CHECK(CHECK_CHECKSUM, "checksum", checksum, "checksums are right"),
    CHECK(CHECK_OPTIONS_LEGAL, "options-legal", options_legal, "options stand only where they may, and timestamps where they must"),
    CHECK(CHECK_ACK_SEQUENCE, "ack-sequence", ack_sequence, "a segment without data carries SND.NXT"),
    CHECK(CHECK_RECEIVE_WINDOW, "receive-window", receive_window, "the offered window opens by whole segments and is not taken back"),
};

/* Requirements of the lists above that are no MUST or MUST NOT; the tests hold this against the catalogue. */
static const char *const shoulds[] = {"RFC9293-SHLD-14", "RFC9293-SHLD-15", "RFC9293-3.8.6.2.2-a", "RFC9293-3.10.7.4-t", "RFC9293-SHLD-19", "RFC9293-SHLD-29", "RFC5681-3.2-a", "RFC5681-3.2-b", "RFC5681-3.2-c", "RFC5681-3.2-d",
    "RFC5681-3.2-m", "RFC9293-3.10.7.4-e", "RFC2018-4-b", "RFC2018-4-d", "RFC2018-4-e", "RFC2018-4-g", "RFC2883-4-a", "RFC6298-2-a", "RFC6298-2-f", "RFC6298-5-e",
    "RFC6298-5-g", "RFC6675-4-d", "RFC6675-4-e", "RFC6675-5.1-b", "RFC6582-3.2-a", "RFC6582-3.2-c", "RFC8985-6.2-b", "RFC8985-7.3-c", "RFC3042-2-a"};
static const char *const notes[] = {"RFC6298-2-g"};

static bool listed(const char *const *list, size_t count, const char *requirement)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], requirement) == 0)
            return true;
    return false;
}

enum lk_severity check_severity(const char *requirement)
{
    if (listed(shoulds, sizeof shoulds / sizeof shoulds[0], requirement))
        return LK_SHOULD;
    return listed(notes, sizeof notes / sizeof notes[0], requirement) ? LK_NOTE : LK_MUST;
}

const char *check_name(enum check check)
{
    return infos[check].name;
}

const struct lk_check_info *lk_check_lookup(const char *name)
{
    for (size_t i = 0; i < CHECKS; i++)
        if (strcmp(infos[i].name, name) == 0)
            return &infos[i];
    return NULL;
}

size_t lk_check_list(const struct lk_check_info **out)
{
    *out = infos;
    return CHECKS;
}
