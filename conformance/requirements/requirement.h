/* The catalogue of requirements: the six .tsv files of this room, compiled in when the tree is built. A trace names
 * ids of it in `proves:`, a rule names them in its findings. Ids are append-only: one never changes its meaning.
 * A duplicate id or a malformed row breaks the build (conformance/requirements/compile). */
#ifndef LK_REQUIREMENTS_REQUIREMENT_H
#define LK_REQUIREMENTS_REQUIREMENT_H

#include <stddef.h>

struct lk_requirement {
    const char *id;         /* "RFC9293-MUST-1" (label in the RFC), else "RFC<no>-<section>-<letter>" */
    const char *level;      /* MUST, MUST NOT, SHOULD, SHOULD NOT, MAY */
    const char *rfc;        /* "9293"; "IEEE802.3" for the sources that are no RFC */
    const char *section;    /* "3.8.1", or the heading where sections have no number */
    const char *side;       /* sender, receiver, both, app-interface, router */
    const char *topic;      /* handshake, teardown, retransmission ... */
    const char *summary;    /* one line */
    const char *observable; /* trace: decidable from packets; api; internal */
    const char *proof;      /* hint: stimulus -> expected packets */
    const char *profile;    /* feature the row belongs to: tcp, tcp-sack, ipv4 ... */
    const char *note;       /* "same behaviour as ID", alternatives, conflicts; "" */
};

/* The row with this id, or NULL. Constant memory, found by bisection. */
const struct lk_requirement *lk_requirement_lookup(const char *id);

/* All rows, sorted by id (byte order). Returns their number. */
size_t lk_requirement_list(const struct lk_requirement **out);

/* What conformance/requirements/compile made of the .tsv files. */
extern const struct lk_requirement lk_requirement_table[];
extern const size_t lk_requirement_count;

#endif
