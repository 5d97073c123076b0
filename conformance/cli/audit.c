/* lockstep audit: what a capture tells of its TCP connections. */
#include "conformance/cli/audit_print.h"
#include "conformance/cli/cli.h"
#include "conformance/files/capture.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: lockstep audit [--json] [--vantage sender|receiver|middle|auto] [--memory MB] CAPTURE...\n"
    "Sums up every TCP connection of pcap and pcapng files, gzip or not: how it began and ended, what was sent again and why, what\n"
    "was overtaken, doubled or lost, and by whom. What a capture cannot tell is counted as that.\n"
    "  --json          JSON Lines, one object a connection: file stream client server client_packets server_packets client_bytes\n"
    "                  server_bytes handshake teardown retransmissions fast_retransmissions rto_retransmissions\n"
    "                  spurious_retransmissions duplicate_acks out_of_order ambiguous_gaps lost_segments zero_windows window_probes\n"
    "                  keep_alives resets doubled missed_by_capture bad_checksums vantage history conn_state findings[]\n"
    "  --vantage WHERE where the capture was taken, seen from the sender of the data (default auto: by evidence of the handshake)\n"
    "  --memory MB     how much may be used (default 1024); beyond it the connection quiet longest is summed up early\n"
    "Exit status: 0, 1 when a MUST of an RFC was broken, 2 when a file could not be read to its end (its whole frames are judged first).\n";

struct options { bool json, colours, broken; enum lk_vantage vantage; size_t memory; const char *file; };

static void print(void *context, const struct lk_audit_flow *flow, bool evicted)
{
    struct options *o = context;
    (void)evicted;
    o->broken |= lk_audit_must_broken(flow);
    if (o->json)
        lk_audit_json(stdout, o->file, flow, o->vantage);
    else
        lk_audit_text(stdout, flow, o->vantage, o->colours);
}

static void print_totals(const char *file, const struct lk_audit_totals *t)
{
    printf("%s: %" PRIu64 " frames, %" PRIu64 " bytes: TCP %" PRIu64 " in %" PRIu64 " connections, UDP %" PRIu64 ", ICMP %" PRIu64 ", ARP %" PRIu64 ", other %" PRIu64 "\n", file, t->frames, t->bytes, t->tcp, t->connections, t->udp, t->icmp, t->arp,
           t->other + t->other_ip);
    if (t->fragments + t->cut + t->malformed + t->unsupported + t->backwards > 0)
        printf("    fragments %" PRIu64 ", cut within a header %" PRIu64 ", malformed %" PRIu64 ", of an unknown link type %" PRIu64 ", earlier than the frame before %" PRIu64 "\n", t->fragments, t->cut, t->malformed, t->unsupported,
               t->backwards);
    if (t->evicted > 0)
        printf("    %" PRIu64 " connections were summed up early, when memory was used up (--memory)\n", t->evicted);
}

/* 0, or 2. */
static int audit_file(const char *path, struct options *o)
{
    struct lk_fault fault = {0};
    struct lk_capture_reader *reader = lk_capture_open_any(path, &fault);
    if (reader == NULL) {
        fprintf(stderr, "lockstep audit: %s\n", fault.text);
        return LK_EXIT_UNUSABLE;
    }
    o->file = path;
    struct lk_audit *audit = lk_audit_new(&(struct lk_audit_config){.memory = o->memory, .vantage = o->vantage}, &(struct lk_audit_sink){.context = o, .connection = print});
    if (audit == NULL) {
        fprintf(stderr, "lockstep audit: %s: out of memory\n", path);
        lk_capture_close(reader);
        return LK_EXIT_UNUSABLE;
    }
    struct lk_captured frame;
    int got;
    while ((got = lk_capture_next(reader, &frame, &fault)) == 1)
        lk_audit_frame(audit, lk_capture_link(reader), frame.bytes, frame.len, frame.orig_len, frame.number, frame.at);
    lk_audit_finish(audit);
    if (!o->json)
        print_totals(path, lk_audit_totals(audit));
    if (got < 0)
        fprintf(stderr, "lockstep audit: %s\n", fault.text);
    lk_audit_free(audit);
    lk_capture_close(reader);
    return got < 0 ? LK_EXIT_UNUSABLE : o->broken ? LK_EXIT_FAILED : LK_EXIT_HELD;
}

static bool parse_vantage(const char *text, enum lk_vantage *out)
{
    static const char *const names[] = {"auto", "sender", "receiver", "middle"};
    for (unsigned i = 0; i < 4; i++)
        if (strcmp(text, names[i]) == 0)
            return *out = (enum lk_vantage)i, true;
    return false;
}

static int misuse(const char *what, const char *which)
{
    fprintf(stderr, "lockstep audit: %s%s (try --help)\n", what, which);
    return LK_EXIT_UNUSABLE;
}

int lk_cli_audit(int argc, char **argv)
{
    struct options o = {.memory = (size_t)1024 << 20, .colours = isatty(STDOUT_FILENO) == 1};
    int i = 1, status = LK_EXIT_HELD;
    for (; i < argc && argv[i][0] == '-' && argv[i][1] != 0; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return fputs(usage, stdout), LK_EXIT_HELD;
        if (strcmp(argv[i], "--json") == 0) {
            o.json = true;
        } else if (strcmp(argv[i], "--vantage") == 0) {
            if (value == NULL || !parse_vantage(value, &o.vantage))
                return misuse("--vantage needs sender, receiver, middle or auto", "");
            i++;
        } else if (strcmp(argv[i], "--memory") == 0) {
            char *end = NULL;
            unsigned long mb = value == NULL ? 0 : strtoul(value, &end, 10);
            if (mb == 0 || mb > 1u << 20 || *end != 0)
                return misuse("--memory needs a number of megabytes", "");
            o.memory = (size_t)mb << 20;
            i++;
        } else {
            return misuse("unknown option ", argv[i]);
        }
    }
    if (i == argc)
        return misuse("no capture given", "");
    for (; i < argc; i++) {
        int one = audit_file(argv[i], &o);
        if (one > status)
            status = one;
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "lockstep audit: standard output: %s\n", strerror(errno));
        status = LK_EXIT_UNUSABLE;
    }
    return status;
}
