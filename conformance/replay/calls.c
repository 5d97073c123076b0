/* The trace's calls: see calls.h. */
#include "conformance/replay/calls.h"
#include "stack/base/error.h"
#include <string.h>

#define PATIENCE (10 * LK_SECOND)
#define LISTENER 0x10000u /* a listening socket's number for the device: the trace may use one name for it and what it accepts */

struct state {
    bool started, returned;
    lk_time ready, at;       /* LK_NEVER until the condition held; when it was started */
    uint64_t got;            /* recv: bytes so far */
    const uint8_t *data;     /* send: the bytes */
};

struct lk_calls { struct state *list; size_t next; /* started are those before `next` */ };

struct lk_calls *lk_calls_new(struct lk_run *run)
{
    struct lk_calls *calls = lk_bump_take(run->memory, sizeof *calls);
    if (calls == NULL || (calls->list = lk_bump_array(run->memory, run->trace->call_count, sizeof *calls->list)) == NULL)
        return NULL;
    for (size_t i = 0; i < run->trace->call_count; i++)
        calls->list[i].ready = LK_NEVER;
    return calls;
}

/* ---- sockets and connections ---- */

static bool opens(const struct lk_call *call)
{
    return call->op == LK_DO_CONNECT || call->op == LK_DO_ACCEPT;
}

static uint32_t first_socket(const struct lk_trace *trace)
{
    for (size_t i = 0; i < trace->call_count; i++)
        if (opens(&trace->calls[i]))
            return trace->calls[i].socket;
    return 1;
}

/* The call that made the socket: the last one started that opens it. SIZE_MAX: none yet. */
static size_t opener_of(const struct lk_run *run, uint32_t socket)
{
    for (size_t i = run->calls->next; i-- > 0;)
        if (opens(&run->trace->calls[i]) && run->trace->calls[i].socket == socket)
            return i;
    return SIZE_MAX;
}

/* The n-th connect made the n-th connection that the device opened, the n-th accept took the n-th established one of the peer's. */
static uint32_t connection_of(const struct lk_run *run, uint32_t socket)
{
    size_t opener = opener_of(run, socket);
    if (opener == SIZE_MAX)
        return LK_NONE;
    bool connects = run->trace->calls[opener].op == LK_DO_CONNECT;
    size_t nth = 0;
    for (size_t i = 0; i < opener; i++)
        nth += run->trace->calls[i].op == run->trace->calls[opener].op;
    for (size_t i = 0; i < run->live.count; i++) {
        const struct lk_conn *conn = &run->live.list[i];
        if (conn->opener == (connects ? LK_OUT : LK_IN) && (connects || conn->established) && nth-- == 0)
            return (uint32_t)i;
    }
    return LK_NONE;
}

static bool is_listener(const struct lk_run *run, const struct lk_call *call)
{
    return call->op == LK_DO_LISTEN || (call->op != LK_DO_CONNECT && call->op != LK_DO_ACCEPT && opener_of(run, call->socket) == SIZE_MAX);
}

static uint32_t listener(const struct lk_run *run)
{
    for (size_t i = run->calls->next; i-- > 0;)
        if (run->trace->calls[i].op == LK_DO_LISTEN)
            return run->trace->calls[i].socket | LISTENER;
    return LISTENER;
}

/* ---- conditions ---- */

/* Bytes of all sends on a socket before call number `until`. */
static uint64_t sent_before(const struct lk_run *run, uint32_t socket, size_t until)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < until; i++)
        if (run->trace->calls[i].op == LK_DO_SEND && run->trace->calls[i].socket == socket)
            sum += run->trace->calls[i].bytes;
    return sum;
}

static uint64_t read_before(const struct lk_run *run, uint32_t socket)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < run->calls->next; i++)
        if (run->trace->calls[i].op == LK_DO_RECV && run->trace->calls[i].socket == socket)
            sum += run->calls->list[i].got;
    return sum;
}

static bool established(const struct lk_run *run, uint32_t socket)
{
    size_t opener = opener_of(run, socket);
    return opener != SIZE_MAX && run->calls->list[opener].returned && connection_of(run, socket) != LK_NONE;
}

static bool holds(const struct lk_run *run, size_t index)
{
    const struct lk_call *call = &run->trace->calls[index];
    uint32_t socket = call->when_socket != 0 ? call->when_socket : first_socket(run->trace);
    uint32_t number = connection_of(run, socket);
    if (number == LK_NONE)
        return false;
    const struct lk_conn *conn = &run->live.list[number];
    switch (call->when) {
    case LK_WHEN_ESTABLISHED: return established(run, socket);
    case LK_WHEN_READABLE: return lk_conn_received(conn) > read_before(run, socket) || lk_conn_peer_closed(conn) || conn->reset[LK_IN];
    case LK_WHEN_RECEIVED: return lk_conn_received(conn) >= call->when_bytes;
    case LK_WHEN_ALL_ACKED: return established(run, socket) && conn->acked[LK_OUT] >= 1 + sent_before(run, socket, index);
    case LK_WHEN_PEER_CLOSED: return lk_conn_peer_closed(conn);
    case LK_WHEN_CLOSED: return lk_conn_closed(conn);
    default: return false;
    }
}

void lk_calls_look(struct lk_run *run)
{
    struct lk_calls *calls = run->calls;
    if (calls->next == run->trace->call_count || calls->list[calls->next].ready != LK_NEVER)
        return;
    const struct lk_call *call = &run->trace->calls[calls->next];
    if (call->when == LK_WHEN_AT)
        calls->list[calls->next].ready = call->at;
    else if (holds(run, calls->next))
        calls->list[calls->next].ready = lk_time_add(run->now, call->at);
}

lk_time lk_calls_next(const struct lk_run *run)
{
    if (run->calls->next == run->trace->call_count)
        return LK_NEVER;
    lk_time ready = run->calls->list[run->calls->next].ready;
    return ready < run->now ? run->now : ready;
}

/* ---- starting ---- */

/* What is sent: the next bytes of the connection's stream in the recording; a pattern where the recording has none. */
static uint8_t *data_for(struct lk_run *run, size_t index)
{
    const struct lk_call *call = &run->trace->calls[index];
    uint8_t *bytes = lk_bump_take(run->memory, (size_t)call->bytes);
    uint64_t from = sent_before(run, call->socket, index);
    uint32_t conn = connection_of(run, call->socket);
    if (bytes == NULL)
        return NULL;
    const struct lk_stream *stream = conn == LK_NONE || conn >= run->tape.conns.count || call->data != LK_DATA_RECORDED ? NULL : &run->tape.streams[LK_OUT][conn];
    for (uint64_t i = 0; i < call->bytes; i++)
        bytes[i] = stream != NULL && from + i < stream->len ? stream->bytes[from + i] : (uint8_t)((from + i) % 251);
    return bytes;
}

static bool fill_args(struct lk_run *run, size_t index, struct lk_dut_args *args)
{
    const struct lk_call *call = &run->trace->calls[index];
    const struct lk_trace *trace = run->trace;
    bool names_port = trace->dut.host.port != 0 && (run->dut->capabilities & LK_DUT_CAN_BIND_PORT);
    *args = (struct lk_dut_args){.size = sizeof *args, .backlog = 8, .how = call->how, .name = call->name, .value = call->value};
    args->len = (size_t)call->bytes;
    args->local_port = call->op == LK_DO_LISTEN || (call->op == LK_DO_CONNECT && names_port) ? trace->dut.host.port : 0;
    args->remote_port = call->to_port != 0 ? call->to_port : trace->peer.host.port;
    args->new_socket = call->socket;
    const struct lk_addr *to = lk_addr_is_unspecified(&call->to_address) ? &trace->peer.host.address : &call->to_address;
    memcpy(args->remote_address, to->octet, sizeof args->remote_address);
    if (call->op == LK_DO_RECV && call->bytes == 0)
        args->len = 65536;
    if (call->op == LK_DO_SEND)
        run->calls->list[index].data = args->bytes = data_for(run, index);
    return call->op != LK_DO_SEND || args->bytes != NULL;
}

static bool give_to_device(struct lk_run *run, size_t index)
{
    const struct lk_call *call = &run->trace->calls[index];
    uint32_t socket = call->op == LK_DO_ACCEPT ? listener(run) : is_listener(run, call) ? call->socket | LISTENER : call->socket;
    struct lk_dut_args args;
    if (!fill_args(run, index, &args)) {
        lk_run_no_memory(run);
        return false;
    }
    if (call->op == LK_DO_RECV && args.len > run->calls->list[index].got)
        args.len -= (size_t)run->calls->list[index].got;
    if (run->dut->call(run->device, (uint32_t)index, socket, (enum lk_dut_op)call->op, &args, run->now) == 0)
        return true;
    lk_run_stop(run, LK_RUN_ERROR, "the device could not start call %zu", index + 1);
    return false;
}

static struct lk_event *add_event(struct lk_run *run, enum lk_event_kind kind, size_t index)
{
    const struct lk_call *call = &run->trace->calls[index];
    struct lk_event *event = lk_timeline_add(&run->ours, kind, run->now);
    if (event == NULL) {
        lk_run_no_memory(run);
        return NULL;
    }
    event->call = (uint32_t)index;
    event->socket = call->socket;
    event->op = call->op;
    event->requested = call->bytes;
    return event;
}

void lk_calls_start(struct lk_run *run)
{
    struct lk_calls *calls = run->calls;
    size_t index = calls->next;
    if (lk_calls_next(run) > run->now)
        return;
    calls->list[index].started = true;
    calls->list[index].at = run->now;
    if (add_event(run, LK_EVENT_CALL, index) == NULL)
        return;
    calls->next++;
    give_to_device(run, index);
}

/* ---- returning ---- */

uint32_t lk_calls_connection(const struct lk_run *run, uint32_t socket)
{
    return connection_of(run, socket);
}

static bool expects_return(const struct lk_call *call)
{
    return call->has_result || call->has_bytes || call->error != NULL;
}

static const char *error_name(uint32_t error)
{
    static const char *const names[] = {NULL, "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EPIPE", "ENOTCONN", "EADDRINUSE", "EHOSTUNREACH", "ENETUNREACH",
                                        "ECONNABORTED", "EINVAL", "EOPNOTSUPP", "ENOMEM", "EBADF", "EISCONN"};
    return error < sizeof names / sizeof *names ? names[error] : "EOTHER";
}

static const char *operation(uint8_t op)
{
    static const char *const names[] = {"?", "listen", "connect", "accept", "send", "recv", "shutdown", "close", "abort", "option"};
    return op < sizeof names / sizeof *names ? names[op] : "?";
}

static void violated(struct lk_run *run, size_t index, const char *expected, const char *actual)
{
    uint32_t last = (uint32_t)(run->ours.count - 1);
    lk_judge_violated(run->judge, &(struct lk_judgement){.check = "returns", .severity = LK_MUST, .event = last, .order = last,
        .field = lk_bump_format(run->memory, "call %zu, %s", index + 1, operation(run->trace->calls[index].op)), .expected = expected, .actual = actual});
}

static void judge_return(struct lk_run *run, size_t index, int64_t result, const char *error)
{
    const struct lk_call *call = &run->trace->calls[index];
    lk_time took = run->now - run->calls->list[index].at;
    const char *came = error != NULL ? error : lk_bump_format(run->memory, "%lld", (long long)result);
    if (call->error != NULL && (error == NULL || strcmp(error, call->error) != 0))
        violated(run, index, call->error, came);
    else if (call->error == NULL && call->has_result && (error != NULL || result != call->result))
        violated(run, index, lk_bump_format(run->memory, "%lld", (long long)call->result), came);
    else if (call->has_bytes && (error != NULL || (uint64_t)result != call->returns_bytes))
        violated(run, index, lk_bump_format(run->memory, "%llu bytes", (unsigned long long)call->returns_bytes), came);
    else if (call->within != LK_NEVER && took > call->within)
        violated(run, index, lk_bump_format(run->memory, "within %lld us", (long long)(call->within / LK_MICROSECOND)),
                 lk_bump_format(run->memory, "after %lld us", (long long)(took / LK_MICROSECOND)));
    else if (expects_return(call))
        lk_judge_decided(run->judge, "returns", LK_HELD, 1);
}

/* The application gets the peer's bytes, all of them and in order (RFC 9293 3.8.5 asks the same of urgent data). */
static void judge_data(struct lk_run *run, size_t index, const uint8_t *bytes, size_t len)
{
    const struct lk_call *call = &run->trace->calls[index];
    uint32_t conn = connection_of(run, call->socket);
    if (conn == LK_NONE || conn >= run->tape.conns.count)
        return;
    const struct lk_stream *stream = &run->tape.streams[LK_IN][conn];
    uint64_t from = read_before(run, call->socket);
    bool same = from + len <= stream->len && memcmp(stream->bytes + from, bytes, len) == 0;
    uint32_t last = (uint32_t)(run->ours.count - 1);
    if (same)
        lk_judge_decided(run->judge, "stream-bytes", LK_HELD, 1);
    else
        lk_judge_violated(run->judge, &(struct lk_judgement){.check = "stream-bytes", .severity = LK_MUST, .event = last, .order = last, .from = from + 1, .to = from + 1 + len,
            .field = "bytes that the application got", .expected = "the peer's bytes", .actual = "others"});
}

/* recv is given again until it has what the trace says it returned: a device may hand out less at a time. */
static bool wants_more(const struct lk_call *call, uint64_t got, const struct lk_dut_happening *happening)
{
    bool counts = call->has_result || call->has_bytes;
    uint64_t expected = call->has_bytes ? call->returns_bytes : (uint64_t)call->result;
    return call->op == LK_DO_RECV && counts && happening->error == 0 && happening->result > 0 && got < expected;
}

void lk_calls_returned(struct lk_run *run, const struct lk_dut_happening *happening)
{
    size_t index = happening->id;
    if (index >= run->calls->next || run->calls->list[index].returned) {
        lk_run_stop(run, LK_RUN_ERROR, "the device returned call %u, which is not under way", happening->id);
        return;
    }
    const struct lk_call *call = &run->trace->calls[index];
    struct state *state = &run->calls->list[index];
    struct lk_event *event = add_event(run, LK_EVENT_RETURN, index);
    if (event == NULL)
        return;
    event->result = happening->result;
    event->error = error_name(happening->error);
    int64_t result = happening->result;
    if (call->op == LK_DO_RECV && happening->result > 0) {
        judge_data(run, index, happening->bytes, happening->len);
        state->got += (uint64_t)happening->result;
        result = (int64_t)state->got;
        if (wants_more(call, state->got, happening)) {
            give_to_device(run, index);
            return;
        }
    }
    state->returned = true;
    judge_return(run, index, result, event->error);
}

lk_time lk_calls_patience(const struct lk_run *run)
{
    lk_time until = 0;
    for (size_t i = 0; i < run->calls->next; i++) {
        const struct lk_call *call = &run->trace->calls[i];
        lk_time bound = lk_time_add(run->calls->list[i].at, call->within != LK_NEVER ? call->within : PATIENCE);
        if (!run->calls->list[i].returned && expects_return(call) && bound > until)
            until = bound;
    }
    return until;
}

const uint8_t *lk_calls_given(struct lk_run *run, uint32_t conn, uint64_t *len)
{
    uint64_t at = 0;
    *len = 0;
    for (size_t i = 0; i < run->calls->next; i++)
        if (run->calls->list[i].data != NULL && connection_of(run, run->trace->calls[i].socket) == conn)
            *len += run->trace->calls[i].bytes;
    uint8_t *all = lk_bump_take(run->memory, (size_t)*len);
    for (size_t i = 0; all != NULL && i < run->calls->next; i++) {
        if (run->calls->list[i].data == NULL || connection_of(run, run->trace->calls[i].socket) != conn)
            continue;
        memcpy(all + at, run->calls->list[i].data, (size_t)run->trace->calls[i].bytes);
        at += run->trace->calls[i].bytes;
    }
    return all;
}

bool lk_calls_done(const struct lk_run *run)
{
    for (size_t i = 0; i < run->trace->call_count; i++)
        if (!run->calls->list[i].returned)
            return false;
    return true;
}

void lk_calls_finish(struct lk_run *run)
{
    for (size_t i = 0; i < run->calls->next; i++) {
        const struct lk_call *call = &run->trace->calls[i];
        if (run->calls->list[i].returned || !expects_return(call))
            continue;
        violated(run, i, call->error != NULL ? call->error : "a return", "nothing until the end");
    }
    size_t idle = run->calls->next;
    if (idle < run->trace->call_count)
        lk_run_stop(run, LK_RUN_UNUSED, "call %zu (%s%s%.0u) was never started: its condition never held", idle + 1, operation(run->trace->calls[idle].op),
                    run->trace->calls[idle].line ? ", line " : "", run->trace->calls[idle].line);
}
