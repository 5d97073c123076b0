#include "conformance/cli/audit_print.h"
#include "conformance/cli/json_string.h"

#include "conformance/requirements/requirement.h"

#include <inttypes.h>
#include <string.h>

/* RFC 5952 for IPv6: the longest run of zeros is left out. */
static void put_address(FILE *to, const struct lk_addr *a, uint16_t port)
{
    if (lk_addr_is_ip4(a)) {
        fprintf(to, "%u.%u.%u.%u:%u", a->octet[12], a->octet[13], a->octet[14], a->octet[15], port);
        return;
    }
    unsigned group[8], best = 8, best_len = 1;
    for (unsigned i = 0; i < 8; i++)
        group[i] = (unsigned)a->octet[2 * i] << 8 | a->octet[2 * i + 1];
    for (unsigned i = 0; i < 8; i++) {
        unsigned n = 0;
        while (i + n < 8 && group[i + n] == 0)
            n++;
        if (n > best_len)
            best = i, best_len = n;
    }
    fputc('[', to);
    for (unsigned i = 0; i < 8; i++) {
        if (i == best) {
            fputs("::", to);
            i += best_len - 1;
            continue;
        }
        fprintf(to, "%s%x", i > 0 && i != best + best_len ? ":" : "", group[i]);
    }
    fprintf(to, "]:%u", port);
}

static const char *severity(const struct lk_requirement *r)
{
    return r == NULL || strncmp(r->level, "MUST", 4) == 0 ? "MUST" : strncmp(r->level, "SHOULD", 6) == 0 ? "SHOULD" : "NOTE";
}

static void put_json_findings(FILE *to, const struct lk_audit_flow *flow)
{
    const char *between = "";
    for (unsigned e = 0; e < 2; e++)
        for (unsigned rule = 0; rule < LK_SCAN_RULES; rule++) {
            const struct lk_scan_info *info = lk_scan_info((enum lk_scan_rule)rule);
            if (flow->broken[e][rule].count == 0)
                continue;
            fprintf(to, "%s{\"frame\":%u,\"requirement\":\"%s\",\"severity\":\"%s\",\"message\":\"%s: %s, broken by the %s %u time%s\"}", between, flow->broken[e][rule].frame, info->requirement,
                    severity(lk_requirement_lookup(info->requirement)), info->name, info->what, e == 0 ? "client" : "server", flow->broken[e][rule].count, flow->broken[e][rule].count == 1 ? "" : "s");
            between = ",";
        }
}

/* Whether a MUST was broken. */
bool lk_audit_must_broken(const struct lk_audit_flow *flow)
{
    for (unsigned e = 0; e < 2; e++)
        for (unsigned rule = 0; rule < LK_SCAN_RULES; rule++)
            if (flow->broken[e][rule].count > 0 && severity(lk_requirement_lookup(lk_scan_info((enum lk_scan_rule)rule)->requirement))[0] == 'M')
                return true;
    return false;
}

static void put_text_findings(FILE *to, const struct lk_audit_flow *flow, bool colours)
{
    for (unsigned e = 0; e < 2; e++)
        for (unsigned rule = 0; rule < LK_SCAN_RULES; rule++) {
            const struct lk_scan_info *info = lk_scan_info((enum lk_scan_rule)rule);
            const struct lk_requirement *r = lk_requirement_lookup(info->requirement);
            if (flow->broken[e][rule].count == 0)
                continue;
            fprintf(to, "    %s%s%s %s by the %s, first in frame %u, %u time%s: %s", colours ? "\033[31m" : "", severity(r), colours ? "\033[0m" : "", info->name, e == 0 ? "client" : "server", flow->broken[e][rule].frame,
                    flow->broken[e][rule].count, flow->broken[e][rule].count == 1 ? "" : "s", info->what);
            if (r != NULL)
                fprintf(to, " (RFC %s section %s)", r->rfc, r->section);
            fputc('\n', to);
        }
}

#define BOTH(member) ((uint64_t)flow->end[0].count.member + flow->end[1].count.member)

void lk_audit_json(FILE *to, const char *file, const struct lk_audit_flow *flow, enum lk_vantage given)
{
    fputs("{\"file\":", to);
    lk_cli_json_string(to, file);
    fprintf(to, ",\"stream\":%u,\"client\":\"", flow->stream);
    put_address(to, &flow->address[0], flow->port[0]);
    fputs("\",\"server\":\"", to);
    put_address(to, &flow->address[1], flow->port[1]);
    fprintf(to, "\",\"client_packets\":%" PRIu64 ",\"server_packets\":%" PRIu64 ",\"client_bytes\":%" PRIu64 ",\"server_bytes\":%" PRIu64, flow->end[0].count.packets, flow->end[1].count.packets,
            flow->end[0].count.payload, flow->end[1].count.payload);
    fprintf(to, ",\"handshake\":\"%s\",\"teardown\":\"%s\"", lk_audit_handshake(flow), lk_audit_teardown(flow));
    fprintf(to, ",\"retransmissions\":%" PRIu64 ",\"fast_retransmissions\":%" PRIu64 ",\"rto_retransmissions\":%" PRIu64 ",\"spurious_retransmissions\":%" PRIu64, BOTH(retransmissions), BOTH(fast), BOTH(timer), BOTH(spurious));
    fprintf(to, ",\"duplicate_acks\":%" PRIu64 ",\"out_of_order\":%" PRIu64 ",\"ambiguous_gaps\":%" PRIu64 ",\"lost_segments\":%" PRIu64, BOTH(duplicate_acks), BOTH(reordered), BOTH(ambiguous), BOTH(gaps));
    fprintf(to, ",\"zero_windows\":%" PRIu64 ",\"window_probes\":%" PRIu64 ",\"keep_alives\":%" PRIu64 ",\"resets\":%" PRIu64, BOTH(zero_windows), BOTH(window_probes), BOTH(keep_alives), BOTH(resets));
    fprintf(to, ",\"doubled\":%" PRIu64 ",\"missed_by_capture\":%" PRIu64 ",\"bad_checksums\":%" PRIu64, BOTH(doubled), BOTH(missed), BOTH(bad_checksums));
    fprintf(to, ",\"vantage\":\"%s\",\"history\":\"%.*s\",\"conn_state\":\"%s\",\"findings\":[", lk_audit_vantage_name(lk_audit_vantage(flow, 0, given)), (int)flow->history_len, flow->history, lk_audit_conn_state(flow));
    put_json_findings(to, flow);
    fputs("]}\n", to);
}

static double seconds(lk_time t) { return (double)t / 1e9; }

static void put_end(FILE *to, const struct lk_audit_flow *flow, unsigned e, enum lk_vantage given)
{
    const struct lk_audit_end *end = &flow->end[e];
    const struct lk_audit_counts *c = &end->count;
    double span = seconds(flow->last_at - flow->first_at);
    fprintf(to, "    %s: %" PRIu64 " packets, %" PRIu64 " bytes of data", e == 0 ? "client" : "server", c->packets, c->payload);
    if (span > 0 && c->payload > 0)
        fprintf(to, ", %.3g Mbit/s", (double)c->payload * 8 / span / 1e6);
    if (end->rtt_count > 0)
        fprintf(to, ", round trip %.3f / %.3f / %.3f ms (least, mean, most of %" PRIu64 ")", seconds(end->rtt_min) * 1e3, seconds(end->rtt_sum / (lk_time)end->rtt_count) * 1e3, seconds(end->rtt_max) * 1e3, end->rtt_count);
    fputc('\n', to);
    if (c->retransmissions + c->reordered + c->doubled + c->ambiguous + c->gaps + c->missed > 0) {
        fprintf(to, "        sent again %u", c->retransmissions);
        if (lk_audit_vantage(flow, e, given) == LK_VANTAGE_SENDER)
            fprintf(to, " (fast %u, timer %u, tail loss probe %u)", c->fast, c->timer, c->probes);
        fprintf(to, ", of these in vain %u; overtaken %u; doubled on the way %u; cannot tell %u; gaps %u; never captured %u\n", c->spurious, c->reordered, c->doubled, c->ambiguous, c->gaps, c->missed);
    }
    if (c->zero_windows + c->window_probes + c->keep_alives + c->duplicate_acks > 0)
        fprintf(to, "        duplicate ACKs %u, zero windows %u, window probes %u, keep-alives %u\n", c->duplicate_acks, c->zero_windows, c->window_probes, c->keep_alives);
    if (c->bad_checksums + c->cut + c->giants > 0)
        fprintf(to, "        of the capture: wrong checksums %u%s, cut short %u, longer than any link takes %u\n", c->bad_checksums, c->bad_checksums * 4 > c->packets ? " (filled in by the card behind it)" : "", c->cut, c->giants);
}

void lk_audit_text(FILE *to, const struct lk_audit_flow *flow, enum lk_vantage given, bool colours)
{
    fprintf(to, "%sstream %u: ", colours ? "\033[1m" : "", flow->stream);
    put_address(to, &flow->address[0], flow->port[0]);
    fputs(" - ", to);
    put_address(to, &flow->address[1], flow->port[1]);
    fprintf(to, "%s\n    frames %u to %u, %.6f s; handshake %s, teardown %s; %.*s %s; captured %s\n", colours ? "\033[0m" : "", flow->first_frame, flow->last_frame, seconds(flow->last_at - flow->first_at), lk_audit_handshake(flow),
            lk_audit_teardown(flow), (int)flow->history_len, flow->history, lk_audit_conn_state(flow),
            lk_audit_vantage(flow, 0, given) == LK_VANTAGE_SENDER ? "at the client" : lk_audit_vantage(flow, 0, given) == LK_VANTAGE_RECEIVER ? "at the server" : lk_audit_vantage(flow, 0, given) == LK_VANTAGE_MIDDLE ? "in between" : "somewhere");
    for (unsigned e = 0; e < 2; e++)
        put_end(to, flow, e, given);
    put_text_findings(to, flow, colours);
}
