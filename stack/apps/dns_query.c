/* One question: which names are asked for, which servers are asked, and what their answers mean (RFC 1034 5.3.3 as far as a
 * stub goes, RFC 1035 7, RFC 5452 9). */
#include "stack/apps/dns_answer.h"
#include "stack/apps/dns_resolver_state.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"
#include "stack/wire/dns_record.h"

#define PORT_FIRST 1024u /* RFC 5452 9.2: 1024 and above */
#define PORT_TRIES 16u
#define ERRORS 8u        /* of one socket in a row, then it is left alone until its next event */
#define NO_SERVER 255u   /* the servers changed: the next try begins with the first */

static uint8_t *scratch(const struct lk_dns_resolver *r, unsigned which)
{
    return (uint8_t *)lk_dns_at(r, r->scratch) + (size_t)which * r->config.message_bytes;
}

void lk_dns_query_silence(struct lk_stack *stack, struct lk_dns_query *q, lk_time now)
{
    if (q->socket != 0)
        lk_sock_close(stack, q->socket, now);
    q->socket = 0;
}

static void finish(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, int error, lk_time now)
{
    lk_dns_query_silence(stack, q, now);
    if (error != 0 && error != LK_E_NOTFOUND)
        q->len = 0;
    q->error = error;
    q->state = LK_DNS_DONE;
    q->done_order = ++r->done;
}

/* ---- names ---- */

static size_t text_len(const char *text)
{
    size_t len = 0;
    while (text[len] != 0)
        len++;
    return len;
}

/* The i-th name to try (RFC 1123 6.1.4.3): a name with enough dots is taken as it is first, any other last. 1; 0: no more
 * names; LK_E_DNS_NAME: this one would be too long. */
static int candidate(const struct lk_dns_resolver *r, const struct lk_dns_query *q, uint32_t i, struct lk_dns_name *out)
{
    uint32_t count = q->absolute ? 0 : r->config.search_count;
    bool as_is_first = lk_dns_name_labels(&q->given) > r->config.ndots;
    if (i > count)
        return 0;
    if (i == (as_is_first ? 0 : count)) {
        *out = q->given;
        return 1;
    }
    const char *suffix = r->config.search[as_is_first ? i - 1 : i];
    struct lk_dns_name domain;
    int error = lk_dns_name_from_text(suffix, text_len(suffix), &domain, NULL);
    return error < 0 ? error : lk_dns_name_join(&q->given, &domain, out) < 0 ? LK_E_DNS_NAME : 1;
}

/* Goes on to the next name of the search list, from candidate `i` on. False: there is none. */
static bool next_name(const struct lk_dns_resolver *r, struct lk_dns_query *q, uint32_t i)
{
    int more;
    while ((more = candidate(r, q, i, &q->name)) < 0)
        i++;
    q->candidate = (uint8_t)i;
    q->first = q->name;
    q->asked_on = 0;
    return more > 0;
}

struct lk_dns_question lk_dns_query_question(const struct lk_dns_query *q)
{
    return (struct lk_dns_question){q->name, q->type, LK_DNS_IN}; /* RFC 1123 6.1.2.2 */
}

/* ---- tries ---- */

size_t lk_dns_query_write(const struct lk_dns_resolver *r, const struct lk_dns_query *q, uint8_t *buf, size_t cap)
{
    /* RFC 1123 6.1.3.2: those who hear a multicast are not asked to ask others */
    struct lk_dns_header header = {.id = q->id, .rd = !lk_addr_is_multicast(&q->from.address)};
    struct lk_dns_question question = lk_dns_query_question(q);
    struct lk_dns_writer w;
    if (lk_dns_write_begin(&w, buf, cap, &header) < 0 || lk_dns_write_question(&w, &question) < 0)
        return 0;
    if (q->edns) {
        struct lk_dns_record opt = lk_dns_edns_record(&(struct lk_dns_edns){.udp_size = r->config.udp_size});
        if (lk_dns_write_record(&w, LK_DNS_ADDITIONAL, &opt) < 0)
            return 0;
    }
    return w.len;
}

/* RFC 5452 9.2: a port that nobody can guess, another one for each try. */
static int bind_somewhere(struct lk_dns_resolver *r, struct lk_stack *stack, lk_socket socket, lk_time now)
{
    struct lk_endpoint local = {.iface = r->config.iface};
    for (unsigned i = 0; i < PORT_TRIES; i++) {
        local.port = (uint16_t)(PORT_FIRST + lk_rng_below(&r->rng, 65536 - PORT_FIRST));
        int error = lk_sock_bind(stack, socket, &local, now);
        if (error != LK_E_ADDRINUSE)
            return error;
    }
    local.port = 0;
    return lk_sock_bind(stack, socket, &local, now);
}

/* Opens a socket and sends the question. What fails here is a try that nobody hears: its time passes, then comes the next. */
static void send_question(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, lk_time now)
{
    uint8_t message[LK_DNS_QUERY_MAX];
    size_t len = lk_dns_query_write(r, q, message, sizeof message);
    if (lk_sock_open(stack, LK_UDP, &q->socket, now) < 0) {
        q->socket = 0;
        return;
    }
    if (bind_somewhere(r, stack, q->socket, now) < 0 || lk_sock_connect(stack, q->socket, &q->from, now) < 0)
        return;
    (void)lk_sock_send(stack, q->socket, message, len, now);
}

lk_time lk_dns_query_patience(const struct lk_dns_resolver *r, const struct lk_dns_query *q)
{
    /* RFC 1123 6.1.3.3: twice as long each round */
    lk_time wait = r->config.timeout;
    for (unsigned i = 0; i < q->round; i++)
        wait = lk_time_add(wait, wait);
    return wait;
}

/* Asks the server that q->server names, by UDP. */
static void try_server(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, lk_time now)
{
    lk_dns_query_silence(stack, q, now);
    q->state = LK_DNS_ASKING;
    q->spoofs = 0;
    q->from = r->config.server[q->server];
    q->edns = r->config.udp_size != 0 && (r->plain_servers >> q->server & 1) == 0;
    q->id = (uint16_t)lk_rng_next(&r->rng); /* RFC 5452 9.2: the full range */
    q->deadline = lk_time_add(now, lk_dns_query_patience(r, q));
    send_question(r, stack, q, now);
}

/* RFC 1035 4.2.1: all other servers before the same one again. False: there is none left to ask; *error says why. */
static bool next_server(const struct lk_dns_resolver *r, struct lk_dns_query *q, int *error)
{
    uint32_t all = (1u << r->config.server_count) - 1;
    *error = (q->failed_servers & all) == all && all != 0 ? LK_E_CONNREFUSED : LK_E_TIMEDOUT;
    if ((q->failed_servers & all) == all)
        return false;
    do {
        uint32_t next = q->server == NO_SERVER ? 0 : q->server + 1u;
        q->round = (uint8_t)(q->round + (next == r->config.server_count));
        q->server = (uint8_t)(next % r->config.server_count);
    } while ((q->failed_servers >> q->server & 1) != 0);
    return q->round < r->config.attempts;
}

void lk_dns_query_late(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, lk_time now)
{
    int error;
    if (next_server(r, q, &error))
        try_server(r, stack, q, now);
    else
        finish(r, stack, q, error, now);
}

void lk_dns_query_failed(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, unsigned rcode, lk_time now)
{
    if (q->server != NO_SERVER)
        q->failed_servers |= (uint8_t)(1u << q->server);
    q->rcode = (uint8_t)rcode;
    lk_dns_query_late(r, stack, q, now);
}

/* ---- what an answer means ---- */

/* Copies the records of the answer or authority section, of one type or all. An OPT is in neither (RFC 6891 6.1.1: it is not kept). */
static void copy_section(struct lk_dns_writer *w, const uint8_t *bytes, size_t len, uint8_t section, uint16_t only)
{
    struct lk_dns_reader r;
    struct lk_dns_record record;
    if (lk_dns_read_begin(&r, bytes, len) < 0)
        return;
    while (lk_dns_read_record(&r, &record) > 0)
        if (record.section == section && (only == LK_DNS_ANY || record.type == only))
            (void)lk_dns_write_record(w, section, &record);
}

/* The answer so far and what was learned by asking on, as one answer to the first question. Its length; 0: it would be too long. */
static size_t join(struct lk_dns_resolver *r, const struct lk_dns_query *q, const uint8_t *bytes, size_t len)
{
    struct lk_dns_question first = {q->first, q->type, LK_DNS_IN};
    struct lk_dns_header header;
    struct lk_dns_writer w;
    if (lk_dns_header_parse(bytes, len, &header) < 0 || lk_dns_write_begin(&w, scratch(r, 1), r->config.message_bytes, &header) < 0 ||
        lk_dns_write_question(&w, &first) < 0)
        return 0;
    copy_section(&w, lk_dns_message_of(r, q), q->len, LK_DNS_ANSWER, LK_DNS_CNAME);
    copy_section(&w, bytes, len, LK_DNS_ANSWER, LK_DNS_ANY);
    copy_section(&w, bytes, len, LK_DNS_AUTHORITY, LK_DNS_ANY);
    return w.len;
}

static void keep_message(struct lk_dns_resolver *r, struct lk_dns_query *q, const uint8_t *bytes, size_t len)
{
    size_t joined = q->asked_on > 0 ? join(r, q, bytes, len) : 0;
    lk_memcpy(lk_dns_message_of(r, q), joined > 0 ? scratch(r, 1) : bytes, joined > 0 ? joined : len);
    q->len = (uint32_t)(joined > 0 ? joined : len);
}

/* Takes an answer to q->name. True: there is something else to ask for now; false: the question is done. */
static bool take(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, const uint8_t *bytes, size_t len,
                 const struct lk_dns_finding *finding, lk_time now)
{
    keep_message(r, q, bytes, len);
    q->failed_servers = 0;
    q->round = 0;
    if (finding->outcome == LK_DNS_FOUND) {
        q->rcode = LK_DNS_NOERROR;
        finish(r, stack, q, 0, now);
        return false;
    }
    if (finding->outcome == LK_DNS_ALIAS && q->asked_on < LK_DNS_ASKED_ON) {
        q->asked_on++;
        q->name = finding->end;
        return true;
    }
    if (finding->outcome == LK_DNS_ALIAS || finding->outcome == LK_DNS_LAME) {
        q->rcode = LK_DNS_SERVFAIL; /* a chain without an end */
        finish(r, stack, q, LK_E_CONNREFUSED, now);
        return false;
    }
    q->no_data = q->no_data || finding->outcome == LK_DNS_NO_DATA;
    if (next_name(r, q, q->candidate + 1u))
        return true;
    q->rcode = q->no_data ? LK_DNS_NOERROR : LK_DNS_NXDOMAIN;
    finish(r, stack, q, LK_E_NOTFOUND, now);
    return false;
}

/* Asks the memory, then the servers. */
static void ask(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, lk_time now)
{
    for (;;) {
        struct lk_dns_question question = lk_dns_query_question(q);
        struct lk_dns_finding finding;
        size_t cap = r->config.message_bytes;
        size_t len = lk_dns_cache_get(&r->cache, &q->name, LK_DNS_CACHE_ANY, scratch(r, 0), cap, now);
        if (len == 0)
            len = lk_dns_cache_get(&r->cache, &q->name, q->type, scratch(r, 0), cap, now);
        if (len == 0)
            break;
        lk_dns_answer_read(scratch(r, 0), len, &question, &finding);
        if (!take(r, stack, q, scratch(r, 0), len, &finding, now))
            return;
    }
    q->cached = false;
    if (q->server == NO_SERVER || q->server >= r->config.server_count)
        q->server = 0;
    if (r->config.server_count == 0)
        finish(r, stack, q, LK_E_TIMEDOUT, now);
    else
        try_server(r, stack, q, now);
}

/* Remembers an answer without what is not part of it: OPT, additional records, what stands beside a positive answer. */
static void remember(struct lk_dns_resolver *r, const struct lk_dns_query *q, const uint8_t *bytes, size_t len, const struct lk_dns_finding *finding,
                     lk_time now)
{
    bool negative = finding->outcome == LK_DNS_NO_DATA || finding->outcome == LK_DNS_NO_NAME;
    uint32_t ttl = negative && r->config.negative_ttl < finding->ttl ? r->config.negative_ttl : finding->ttl;
    struct lk_dns_question question = lk_dns_query_question(q);
    struct lk_dns_header header;
    struct lk_dns_writer w;
    if (ttl == 0 || finding->outcome == LK_DNS_LAME || lk_dns_header_parse(bytes, len, &header) < 0)
        return; /* RFC 1123 6.1.2.1: a TTL of zero is for this question only */
    header.aa = false;
    if (lk_dns_write_begin(&w, scratch(r, 1), r->config.message_bytes, &header) < 0 || lk_dns_write_question(&w, &question) < 0)
        return;
    copy_section(&w, bytes, len, LK_DNS_ANSWER, LK_DNS_ANY);
    if (negative)
        copy_section(&w, bytes, len, LK_DNS_AUTHORITY, LK_DNS_SOA);
    /* RFC 2308 5: "no such name" holds for every type; with aliases before it, it speaks of their end only */
    uint16_t type = finding->outcome == LK_DNS_NO_NAME && finding->aliases == 0 ? LK_DNS_CACHE_ANY : q->type;
    lk_dns_cache_put(&r->cache, &q->name, type, w.buf, w.len, now, lk_time_add(now, (lk_time)ttl * LK_SECOND));
}

/* RFC 6891 6.2.2, 7: a server that does not understand the OPT is asked without. */
static bool dislikes_edns(const struct lk_dns_query *q, unsigned rcode)
{
    return q->edns && (rcode == LK_DNS_FORMERR || rcode == LK_DNS_NOTIMP || rcode == LK_DNS_BADVERS);
}

void lk_dns_query_answer(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, const uint8_t *bytes, size_t len, lk_time now)
{
    struct lk_dns_question question = lk_dns_query_question(q);
    struct lk_dns_finding finding;
    bool has_opt;
    unsigned rcode = lk_dns_answer_rcode(bytes, len, &has_opt);
    if (dislikes_edns(q, rcode) && q->server != NO_SERVER) {
        r->plain_servers |= (uint8_t)(1u << q->server);
        try_server(r, stack, q, now);
        return;
    }
    if (rcode != LK_DNS_NOERROR && rcode != LK_DNS_NXDOMAIN) {
        lk_dns_query_failed(r, stack, q, rcode, now);
        return;
    }
    lk_dns_answer_read(bytes, len, &question, &finding);
    if (finding.outcome == LK_DNS_LAME) {
        lk_dns_query_failed(r, stack, q, LK_DNS_SERVFAIL, now);
        return;
    }
    q->cached = false;
    remember(r, q, bytes, len, &finding, now);
    if (take(r, stack, q, bytes, len, &finding, now))
        ask(r, stack, q, now);
}

void lk_dns_query_start(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, lk_time now)
{
    q->cached = true;
    if (next_name(r, q, 0))
        ask(r, stack, q, now);
    else
        finish(r, stack, q, LK_E_NOTFOUND, now);
}

/* ---- UDP ---- */

static bool same_endpoint(const struct lk_endpoint *a, const struct lk_endpoint *b)
{
    return a->port == b->port && lk_addr_equal(&a->address, &b->address);
}

/* One datagram. True: the try is over. */
static bool take_datagram(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, size_t len, const struct lk_endpoint *remote,
                          lk_time now)
{
    struct lk_dns_question question = lk_dns_query_question(q);
    const uint8_t *bytes = scratch(r, 0);
    struct lk_dns_header header;
    /* RFC 5452 9.1: a mismatch, and it is no answer */
    if (!same_endpoint(remote, &q->from) || !lk_dns_answer_matches(bytes, len, q->id, &question)) {
        /* 9.3: many of them, and somebody is guessing */
        if (++q->spoofs < LK_DNS_SPOOFS)
            return false;
        lk_dns_stream_ask(r, stack, q, now);
        return true;
    }
    /* RFC 1123 6.1.3.2, RFC 2181 9: what is cut short is not looked at, but asked for over TCP */
    if (lk_dns_header_parse(bytes, len, &header) > 0 && header.tc) {
        lk_dns_stream_ask(r, stack, q, now);
        return true;
    }
    /* RFC 1035 7.3: what is not sound is passed over, and the try goes on */
    if (lk_dns_check(bytes, len) < 0)
        return false;
    q->over_tcp = false;
    lk_dns_query_answer(r, stack, q, bytes, len, now);
    return true;
}

void lk_dns_query_event(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, lk_time now)
{
    struct lk_endpoint remote;
    for (unsigned errors = 0; errors < ERRORS;) {
        int64_t got = lk_sock_recv_from(stack, q->socket, scratch(r, 0), r->config.message_bytes, &remote, NULL, now);
        if (got == LK_E_AGAIN)
            return;
        if (got == LK_E_CONNREFUSED) { /* ICMP: nobody listens there */
            lk_dns_query_failed(r, stack, q, LK_DNS_SERVFAIL, now);
            return;
        }
        if (got < 0)
            errors++;
        else if (take_datagram(r, stack, q, (size_t)got, &remote, now))
            return;
    }
}
