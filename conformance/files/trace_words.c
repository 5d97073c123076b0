#include "conformance/files/trace_words.h"

#include <string.h>

const struct lk_yaml_word lk_words_role[] = {{"client", LK_ROLE_CLIENT}, {"server", LK_ROLE_SERVER}, {"both", LK_ROLE_BOTH}, {NULL, 0}};
const struct lk_yaml_word lk_words_runs[] = {
    {"udp-echo", LK_RUNS_UDP_ECHO}, {"gateway", LK_RUNS_GATEWAY}, {"dns-resolver", LK_RUNS_DNS_RESOLVER}, {"dns-server", LK_RUNS_DNS_SERVER},
    {"dhcp-client", LK_RUNS_DHCP_CLIENT}, {"dhcp-server", LK_RUNS_DHCP_SERVER}, {"http-server", LK_RUNS_HTTP_SERVER}, {"http-client", LK_RUNS_HTTP_CLIENT}, {NULL, 0}};
const struct lk_yaml_word lk_words_neighbours[] = {{"answered", LK_NEIGHBOURS_ANSWERED}, {"recorded", LK_NEIGHBOURS_RECORDED}, {NULL, 0}};
const struct lk_yaml_word lk_words_dir[] = {{"out", LK_OUT}, {"in", LK_IN}, {NULL, 0}};
const struct lk_yaml_word lk_words_kind[] = {{"recorded", LK_PEER_RECORDED}, {"acting", LK_PEER_ACTING}, {NULL, 0}};
const struct lk_yaml_word lk_words_mode[] = {{"exact", LK_MATCH_EXACT}, {"stream", LK_MATCH_STREAM}, {"fields", LK_MATCH_FIELDS}, {NULL, 0}};
const struct lk_yaml_word lk_words_do[] = {
    {"listen", LK_DO_LISTEN}, {"connect", LK_DO_CONNECT}, {"accept", LK_DO_ACCEPT}, {"send", LK_DO_SEND}, {"recv", LK_DO_RECV},
    {"shutdown", LK_DO_SHUTDOWN}, {"close", LK_DO_CLOSE}, {"abort", LK_DO_ABORT}, {"option", LK_DO_OPTION}, {NULL, 0}};
const struct lk_yaml_word lk_words_data[] = {{"recorded", LK_DATA_RECORDED}, {"pattern", LK_DATA_PATTERN}, {NULL, 0}};
const struct lk_yaml_word lk_words_how[] = {{"read", 0}, {"write", 1}, {"both", 2}, {NULL, 0}};
const struct lk_yaml_word lk_words_when[] = { /* "received" takes a number */
    {"established", LK_WHEN_ESTABLISHED}, {"readable", LK_WHEN_READABLE}, {"received", LK_WHEN_RECEIVED}, {"all acknowledged", LK_WHEN_ALL_ACKED},
    {"peer closed", LK_WHEN_PEER_CLOSED}, {"closed", LK_WHEN_CLOSED}, {NULL, 0}};
const struct lk_yaml_word lk_words_fate[] = { /* "late" takes a time */
    {"lost", LK_FATE_LOST}, {"duplicated", LK_FATE_DUPLICATED}, {"corrupted", LK_FATE_CORRUPTED}, {"late", LK_FATE_LATE}, {NULL, 0}};
const struct lk_yaml_word lk_words_ack[] = {{"every", LK_ACK_EVERY}, {"second", LK_ACK_SECOND}, {"delayed", LK_ACK_DELAYED}, {NULL, 0}}; /* takes a time */
const struct lk_yaml_word lk_words_compare[] = {{"window", 0}, {"psh", 0}, {"option-order", 0}, {"option-values", 0}, {"ttl", 0}, {"acks", 0}, {"right-edge", 0}, {NULL, 0}};

const char *lk_word_for(const struct lk_yaml_word *words, uint8_t value)
{
    for (; words->word != NULL; words++)
        if (words->value == value)
            return words->word;
    return NULL;
}

bool lk_word_is_errno(const char *name)
{
    static const char *const names[] = {"ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EPIPE", "ENOTCONN", "EADDRINUSE", "EHOSTUNREACH", "ENETUNREACH",
                                        "ECONNABORTED", "EINVAL", "EOPNOTSUPP", "ENOMEM", "EBADF", "EISCONN"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}
