/* A trace: what one test consists of. Read from YAML + pcap, from an event file, from a fuzz input; replayed by the
 * engine. Format version 1. All memory of a trace hangs on one lk_bump, freed at once.
 *
 * Directions are the device's: OUT is what the device under test (DUT) sends, IN is what it gets.
 * Sequence ranges are relative to the ISN of the sender of that direction: SYN is 0..1, the first data byte is 1.
 */
#ifndef LK_TIMELINE_TRACE_H
#define LK_TIMELINE_TRACE_H

#include "conformance/timeline/bump.h"
#include "stack/base/types.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LK_TIME_MAX (LK_NEVER / 4) /* no time of a trace is longer (73 years), so that sums of a few never overflow */

enum lk_dir { LK_OUT = 0, LK_IN = 1 };
enum lk_role { LK_ROLE_CLIENT = 1, LK_ROLE_SERVER = 2, LK_ROLE_BOTH = 3 };

struct lk_captured {         /* one frame of a capture */
    lk_time at;              /* since the first frame of the DUT-side capture */
    uint32_t number;         /* from 1, as Wireshark counts */
    uint32_t len, orig_len;  /* captured, on the wire */
    const uint8_t *bytes;
};
enum lk_capture_link { LK_CAPTURE_ETHERNET = 1, LK_CAPTURE_RAW_IP = 101 };
struct lk_capture { const char *file; uint32_t link; size_t count; struct lk_captured *frames;
                    lk_time start; /* what `at` = 0 is, ns since 1970; in peer_capture that of the DUT-side one */ };

/* -- dut, link, network -- */

/* What runs on the DUT beside its stack; 0: only the sockets that `calls:` use. Names: lk_runs_name(). */
enum lk_runs { LK_RUNS_SOCKETS = 0, LK_RUNS_UDP_ECHO, LK_RUNS_GATEWAY, LK_RUNS_DNS_RESOLVER, LK_RUNS_DNS_SERVER, LK_RUNS_DHCP_CLIENT, LK_RUNS_DHCP_SERVER,
               LK_RUNS_HTTP_SERVER, LK_RUNS_HTTP_CLIENT, LK_RUNS_COUNT };
struct lk_trace_host { struct lk_addr address; uint16_t port; bool has_mac; uint8_t mac[6]; uint32_t prefix; };
enum lk_neighbours { LK_NEIGHBOURS_ANSWERED = 0, LK_NEIGHBOURS_RECORDED = 1 };
struct lk_trace_network { uint64_t rate[2]; /* bit/s over the frame without FCS, by direction; 0: unlimited */
                          lk_time delay[2]; uint32_t queue; /* frames; 0: unlimited */ };

/* An interface of the DUT, when `interfaces:` lists them; otherwise there is one, with dut.host and the trace's capture. */
#define LK_TRACE_IFACES 8
struct lk_trace_iface { const char *name; struct lk_trace_host host; bool outside; /* NAT translates what leaves here */
                        const char *capture_file; struct lk_capture capture; };

/* -- fates -- */
enum lk_fate_by { LK_FATE_BYTES = 1, LK_FATE_ACK, LK_FATE_TIME };
enum lk_fate_is { LK_FATE_LOST = 1, LK_FATE_DUPLICATED, LK_FATE_CORRUPTED, LK_FATE_LATE };
struct lk_fate {
    uint8_t dir, by, is; bool required;
    uint32_t copy;           /* the n-th transmission of that range or pure ACK, from 0 */
    uint64_t from, to;       /* BYTES: relative sequence range; ACK: from = the relative acknowledgement number */
    lk_time since, until;    /* TIME: a blackout */
    lk_time late;            /* LATE: extra delay */
};

/* -- calls -- */
enum lk_when { LK_WHEN_AT = 1, LK_WHEN_ESTABLISHED, LK_WHEN_READABLE, LK_WHEN_RECEIVED, LK_WHEN_ALL_ACKED, LK_WHEN_PEER_CLOSED, LK_WHEN_CLOSED };
enum lk_do { LK_DO_LISTEN = 1, LK_DO_CONNECT, LK_DO_ACCEPT, LK_DO_SEND, LK_DO_RECV, LK_DO_SHUTDOWN, LK_DO_CLOSE, LK_DO_ABORT, LK_DO_OPTION }; /* as enum lk_dut_op */
enum lk_data { LK_DATA_RECORDED = 0, LK_DATA_PATTERN = 1 };
struct lk_call {
    uint8_t when, op, data, how;   /* how: shutdown 0 read 1 write 2 both */
    lk_time at;              /* AT: since the start; otherwise the "+ T" after the condition */
    uint32_t when_socket;    /* the SOCKET before the condition; 0: the trace's first connected socket */
    uint64_t when_bytes;     /* RECEIVED N */
    uint32_t socket;         /* numbered from 1 in order of appearance of the YAML's socket names; default 1 */
    const char *socket_name; /* or NULL */
    struct lk_addr to_address; uint16_t to_port; /* connect; 0: the peer's */
    uint64_t bytes;          /* send, recv */
    const char *name; int64_t value; /* option */
    bool has_result; int64_t result; const char *error; /* returns: result, or errno name */
    bool has_bytes; uint64_t returns_bytes;
    lk_time within;          /* LK_NEVER: no bound */
    uint32_t line;           /* of the YAML, for messages; 0 unknown */
};
struct lk_inject { uint32_t after, frame; };   /* capture numbers */

/* -- peer -- */
enum lk_peer_kind { LK_PEER_RECORDED = 1, LK_PEER_ACTING = 2 };
enum lk_peer_ack { LK_ACK_EVERY = 1, LK_ACK_SECOND = 2, LK_ACK_DELAYED = 3 };
struct lk_trace_peer { struct lk_trace_host host; const char *capture_file; uint8_t kind, ack; lk_time ack_delay;
                       uint32_t window; int32_t wscale; /* -1: not offered */ bool sack, timestamps; uint16_t mss; };

/* -- match, proves -- */
enum lk_match_mode { LK_MATCH_EXACT = 1, LK_MATCH_STREAM = 2, LK_MATCH_FIELDS = 3 };
struct lk_range { uint64_t from, to; };
struct lk_match { uint8_t mode; lk_time tolerance; /* default 10 ms */
                  const char **compare; size_t compare_count; /* more fields: window psh option-order ttl ... */
                  uint32_t excess_permille; /* excess 1.0 = 1000 */ lk_time ends_within; /* LK_NEVER: none */
                  struct lk_range *must_not_resend; size_t must_not_resend_count;
                  const char **ignore; size_t ignore_count; /* FIELDS: not compared */
                  const char **map; size_t map_count; /* FIELDS: mapped, whoever says them first */ };
#define LK_OUTCOMES_MAX 200
struct lk_outcome { struct lk_match match; const char *capture_file; struct lk_capture capture; };
struct lk_proof { const char *requirement, *check; uint32_t line; };
struct lk_pair { const char *name, *value; };

/* -- talk: a trace of mode FIELDS as lines of text, or the order in which recorded frames are played -- */
struct lk_talk { const char *text; uint32_t line; /* of the YAML, 0 unknown */ };

/* What the lines, or the captures, come to: one step after the other. Filled by lk_talk_compile() (conformance/compose). */
enum lk_step_kind { LK_STEP_IN = 1, LK_STEP_OUT, LK_STEP_SILENCE, LK_STEP_DO, LK_STEP_RETURNS,
                    /* of a TCP connection: the peer opens it, the device does; the peer sends, the device must send; the peer ends it by FIN or
                     * RST, the device must */
                    LK_STEP_CONNECT, LK_STEP_ACCEPT, LK_STEP_SEND, LK_STEP_EXPECT, LK_STEP_CLOSE, LK_STEP_RESET, LK_STEP_ENDED, LK_STEP_BROKEN };
enum lk_step_says { LK_SAYS_BYTES = 0, LK_SAYS_DNS, LK_SAYS_HTTP }; /* SEND, EXPECT: a message to be held against field by field */
struct lk_step {
    uint8_t kind, iface;
    bool optional;           /* OUT: it may come */
    bool recorded;           /* from a capture; otherwise composed */
    lk_time at;              /* when it happens in the recording, since its start */
    lk_time after, until;    /* since the step before: IN, DO: `after`; OUT, RETURNS: between the two; SILENCE: until `until` */
    uint32_t number;         /* IN, OUT: of the frame in its capture, or of the step, from 1 */
    const uint8_t *bytes; uint32_t len; /* IN, OUT: the frame; SEND, EXPECT: what is said */
    uint8_t connection, says; /* CONNECT to BROKEN: which, from 0; enum lk_step_says */
    uint32_t address[2]; uint16_t port[2]; /* CONNECT, ACCEPT: who opens, and to whom; host order */
    uint32_t call;           /* DO, RETURNS: which, from 0 */
    const char *text;        /* DO: "resolve www.example.com A"; RETURNS: what comes back; HTTP: the inside of its block */
    const char **only, **ignore, **compare; size_t only_count, ignore_count, compare_count; /* OUT: beyond what the trace says */
    uint32_t line;
};

struct lk_trace {
    const char *name;        /* topic/name, e.g. handshake/active-open */
    const char *path;        /* of the file it was read from, or NULL */
    struct { struct lk_trace_host host; uint8_t role, runs; const char *capture_file; } dut;
    struct lk_trace_iface *ifaces; size_t iface_count;
    struct lk_pair *app; size_t app_count; /* settings of what runs; a name may come several times: a list */
    struct lk_talk *talk; size_t talk_count;
    struct lk_step *steps; size_t step_count; /* of mode FIELDS, worked out from the rest */
    struct { const char *type; uint8_t neighbours; uint16_t mtu; } link;
    struct lk_trace_network network;
    struct lk_fate *fates; size_t fate_count;
    struct lk_call *calls; size_t call_count;
    struct lk_inject *injects; size_t inject_count;
    struct lk_trace_peer peer;
    struct { const char *profile; const char *pull; /* frame | batch */ struct lk_pair *settings; size_t setting_count; } config;
    struct lk_match match;
    struct lk_outcome *outcomes; size_t outcome_count;
    struct lk_proof *proves; size_t proof_count;
    struct lk_pair *source; size_t source_count; /* kept as text for people */
    struct lk_capture capture, peer_capture;     /* count 0 when absent */
    struct lk_bump *memory;
};

/* An empty trace with the defaults of the format: prefix 24, MTU 1500, a peer that acknowledges every segment, window 65535,
 * MSS 1460, no window scale, SACK or timestamps; pull by frame, tolerance 10 ms, excess 1.0, no bound on the end. */
void lk_trace_init(struct lk_trace *trace, struct lk_bump *memory);

/* "udp-echo", "gateway" ...; NULL for an unknown number and for LK_RUNS_SOCKETS. */
const char *lk_runs_name(unsigned runs);

/* The capture of an interface: that of `interfaces`, or the trace's own for interface 0. */
const struct lk_capture *lk_trace_iface_capture(const struct lk_trace *trace, size_t iface);
/* How many interfaces the DUT has (at least 1), and each of them. */
size_t lk_trace_iface_count(const struct lk_trace *trace);
struct lk_trace_iface lk_trace_iface(const struct lk_trace *trace, size_t iface);
/* The first setting of what runs with that name at or after *from (which then stands behind it); NULL when there is none. */
const char *lk_trace_app(const struct lk_trace *trace, const char *name, size_t *from);

/* Compares everything that a replay depends on, field by field, texts by content. Left out are name, path, line numbers
 * and the captures' paths. NULL when equal, otherwise the name of the first field that differs (static). */
const char *lk_trace_difference(const struct lk_trace *a, const struct lk_trace *b);

#endif
