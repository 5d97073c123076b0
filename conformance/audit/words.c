/* Words for a connection: handshake, teardown, Zeek's state and history. */
#include "conformance/audit/audit.h"

#include <string.h>

/* Each letter once for each end, upper case for the one that began. */
void lk_audit_history(struct lk_audit_flow *flow, unsigned from, char letter)
{
    struct lk_audit_end *me = &flow->end[from];
    for (unsigned i = 0; i < me->history_count; i++)
        if (me->history_seen[i] == letter)
            return;
    if (me->history_count == sizeof me->history_seen || (size_t)flow->history_len + 2 > sizeof flow->history)
        return;
    me->history_seen[me->history_count++] = letter;
    if (flow->history_len == 0 && flow->turned)
        flow->history[flow->history_len++] = '^';
    flow->history[flow->history_len++] = (char)(from == 0 ? letter - 'a' + 'A' : letter);
}

const char *lk_audit_handshake(const struct lk_audit_flow *flow)
{
    bool syn = flow->end[0].syn, answer = flow->end[1].syn;
    return syn && answer && flow->handshake_ack ? "complete" : syn || answer ? "partial" : "none";
}

const char *lk_audit_teardown(const struct lk_audit_flow *flow)
{
    bool fin0 = flow->end[0].fin >= 0, fin1 = flow->end[1].fin >= 0;
    if (fin0 && fin1)
        return "fin"; /* a reset after both has nothing left to end */
    if (flow->end[0].reset || flow->end[1].reset)
        return "rst";
    return fin0 || fin1 ? "half" : "none";
}

const char *lk_audit_vantage_name(enum lk_vantage vantage)
{
    static const char *const names[] = {"unknown", "sender", "receiver", "middle"};
    return names[vantage];
}

const char *lk_audit_conn_state(const struct lk_audit_flow *flow)
{
    const struct lk_audit_end *a = &flow->end[0], *b = &flow->end[1];
    bool established = a->syn && b->syn;
    if (a->syn && !b->syn) {
        if (b->reset) return b->count.payload > 0 ? "OTH" : "REJ";
        if (a->reset) return "RSTOS0";
        if (a->fin >= 0) return "SH";
        return b->count.packets == 0 ? "S0" : "OTH";
    }
    if (!a->syn && b->syn)
        return b->reset ? "RSTRH" : b->fin >= 0 ? "SHR" : "OTH";
    if (!established) return "OTH";
    if (a->reset) return "RSTO";
    if (b->reset) return "RSTR";
    if (a->fin >= 0 && b->fin >= 0) return "SF";
    return a->fin >= 0 ? "S2" : b->fin >= 0 ? "S3" : "S1";
}
