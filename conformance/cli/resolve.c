/* lockstep resolve: names over a real interface, asked of real servers. */
#include "conformance/cli/cli.h"
#include "conformance/cli/live_host.h"
#include "conformance/cli/resolve_print.h"
#include "conformance/timeline/units.h"
#include "stack/base/error.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: lockstep resolve --interface IF [OPTION...] NAME [TYPE]\n"
    "Asks DNS servers for the records of a name (TYPE: A, AAAA, MX, TXT, PTR ... or TYPE65280; default A) over a real interface with a\n"
    "stack of its own, and prints their data, one a line, aliases first, as dig +short does. With PTR an IPv4 address is a name too.\n";
static const char usage_more[] =
    "  --udp-size N     the longest answer to take over UDP (default 1232; 0: ask without EDNS0, which is 512)\n"
    "  --search D       a domain to look in for names without a dot (up to 4 times)\n"
    "  --timeout S      the first wait for a server, doubled with each round (default 2)\n"
    "  --tries N        rounds over all servers (default 2)\n"
    "  --json           one JSON object: name type error rcode tcp server answers[{name type ttl data}]\n"
    "Exit status: 0 there are records, 1 there are none, with one line that says why and what to try, 2 usage.\n";

struct options {
    struct lk_live_options live;
    struct lk_dns_resolver_config dns;
    const char *name;
    uint16_t type;
    bool json;
};

struct work {
    const struct options *options;
    struct lk_live_host *host;
    struct lk_dns_resolver *dns;
    struct lk_fault fault;
};

/* -- the host -- */

static bool open_host(struct work *w)
{
    struct lk_config config;
    uint8_t seed[32];
    size_t size = lk_dns_resolver_footprint(&w->options->dns);
    lk_config_init(&config, "linux");
    config.udp_sockets = 16;
    config.udp_queue = 32;
    config.udp_queue_bytes = 1500;
    config.udp_send_queue = 8;
    w->host = lk_live_host_open(&w->options->live, &config, &w->fault);
    if (w->host == NULL)
        return false;
    w->dns = lk_live_memory(size);
    if (w->dns == NULL || lk_live_seed(seed, &w->fault) != 0 || lk_dns_resolver_init(w->dns, size, &w->options->dns, lk_live_now(), seed) != 0) {
        lk_fault_at(&w->fault, w->options->live.interface, 0, "out of memory");
        return false;
    }
    w->host->run.app[w->host->run.apps++] = (struct lk_app){&lk_dns_resolver_app, w->dns};
    return true;
}

static bool step(struct work *w, lk_time until)
{
    enum lk_live_loop_state state = lk_live_loop_step(&w->host->loop, until, &w->fault);
    if (state == LK_LIVE_STOPPED)
        lk_fault_at(&w->fault, w->options->live.interface, 0, "stopped by a signal");
    return state == LK_LIVE_GOES_ON;
}

/* Waits for the lease, and takes the servers it names unless some were given. */
static bool lease(struct work *w)
{
    struct lk_dhcp_lease got;
    struct lk_dhcp_event event;
    struct lk_endpoint server[LK_DNS_SERVERS] = {0};
    uint32_t count = 0;
    while (!lk_dhcp_client_lease(w->host->dhcp, &got)) {
        while (lk_dhcp_client_next(w->host->dhcp, &event))
            if (event.error == LK_E_TIMEDOUT) {
                lk_fault_at(&w->fault, w->options->live.interface, 0, "no DHCP server answered; give an address with --address");
                return false;
            }
        if (!step(w, LK_NEVER))
            return false;
    }
    for (uint32_t i = 0; i < got.dns_servers && count < LK_DNS_SERVERS; i++)
        server[count++] = (struct lk_endpoint){.address = got.dns_server[i], .iface = LK_ANY};
    if (w->options->dns.server_count == 0 && count == 0)
        lk_fault_at(&w->fault, w->options->live.interface, 0, "the lease names no DNS server");
    else if (w->options->dns.server_count == 0)
        return lk_dns_resolver_servers(w->dns, server, count, w->host->loop.now) == 0;
    return w->options->dns.server_count > 0;
}

/* -- the question -- */

static const char *why(const struct lk_dns_result *result, char text[64])
{
    if (result->error == 0)
        return NULL;
    if (result->error == LK_E_NOTFOUND)
        return result->rcode == LK_DNS_NXDOMAIN ? "there is no such name" : "the name has no such record";
    if (result->error == LK_E_TIMEDOUT)
        return "no DNS server answered; is the server's address right, and the way to it open?";
    snprintf(text, 64, "the DNS servers refuse or fail (rcode %u)", result->rcode);
    return text;
}

static int resolve(struct work *w)
{
    struct lk_dns_result result;
    uint32_t query;
    char text[64];
    const struct options *o = w->options;
    w->host->loop.now = lk_live_now();
    if ((w->host->dhcp != NULL && !lease(w)) || lk_dns_resolve(w->dns, w->host->stack, o->name, o->type, &query, w->host->loop.now) != 0)
        return -1;
    while (!lk_dns_resolver_next(w->dns, &result))
        if (!step(w, LK_NEVER))
            return -1;
    const char *error = why(&result, text);
    if (o->json)
        lk_resolve_print_json(o->name, o->type, &result, error);
    else if (error == NULL)
        lk_resolve_print_short(&result);
    if (error != NULL)
        fprintf(stderr, "lockstep resolve: %s: %s\n", o->name, error);
    return error == NULL ? LK_EXIT_HELD : LK_EXIT_FAILED;
}

/* The end of a connection takes a few frames more. */
static void linger(struct work *w)
{
    lk_time until = lk_live_now() + 50 * LK_MILLISECOND;
    lk_dns_resolver_close(w->dns, w->host->stack, lk_live_now());
    while (lk_live_now() < until && step(w, until))
        ;
}

static int run(const struct options *options)
{
    struct work w = {.options = options};
    lk_live_loop_signals();
    int status = open_host(&w) ? resolve(&w) : -1;
    if (status < 0)
        fprintf(stderr, "lockstep resolve: %s\n", w.fault.text);
    else
        linger(&w);
    if (w.host != NULL && lk_live_host_close(w.host, &w.fault) != 0) {
        fprintf(stderr, "lockstep resolve: %s\n", w.fault.text);
        status = -1;
    }
    free(w.dns);
    return status < 0 ? LK_EXIT_FAILED : status;
}

/* -- arguments -- */

static bool add_search(struct lk_dns_resolver_config *dns, const char *domain)
{
    struct lk_dns_name name;
    if (dns->search_count == LK_DNS_SEARCH || domain == NULL || strlen(domain) >= sizeof dns->search[0] ||
        lk_dns_name_from_text(domain, strlen(domain), &name, NULL) < 0)
        return false;
    strcpy(dns->search[dns->search_count++], domain);
    return true;
}

/* 1: took one, 2: took it and its value, 0: neither; -1: the value is wrong, and it was said. */
static int take_option(void *taken, const char *name, const char *value)
{
    struct options *o = taken;
    uint64_t number;
    int live = lk_live_option(&o->live, "resolve", name, value);
    if (live != 0)
        return live < 0 ? -1 : 2;
    if (strcmp(name, "--json") == 0)
        return o->json = true;
    if (strcmp(name, "--search") == 0)
        return add_search(&o->dns, value) ? 2 : 0;
    if (strcmp(name, "--udp-size") == 0 && value != NULL && lk_read_number(value, 4096, &number) && (number == 0 || number >= 512)) {
        o->dns.udp_size = (uint16_t)number;
        return 2;
    }
    if (strcmp(name, "--timeout") == 0 && value != NULL && lk_read_number(value, 600, &number) && number >= 1) {
        o->dns.timeout = (lk_time)number * LK_SECOND;
        return 2;
    }
    if (strcmp(name, "--tries") == 0 && value != NULL && lk_read_number(value, 16, &number) && number >= 1) {
        o->dns.attempts = (uint16_t)number;
        return 2;
    }
    return 0;
}

/* RFC 1035 3.5: 192.0.2.1 is looked for as 1.2.0.192.in-addr.arpa. */
static const char *reverse(const char *name, char text[64])
{
    uint8_t a[4];
    if (inet_pton(AF_INET, name, a) != 1)
        return name;
    snprintf(text, 64, "%u.%u.%u.%u.in-addr.arpa.", a[3], a[2], a[1], a[0]);
    return text;
}

/* The name and the type. */
static bool read_question(struct options *o, int count, char **argv, char text[64])
{
    struct lk_dns_name name;
    o->type = LK_DNS_A;
    if (count < 1 || count > 2)
        fprintf(stderr, "lockstep resolve: %s (try --help)\n", count < 1 ? "no name given" : "one name and one type at a time");
    else if (count == 2 && !lk_resolve_type(argv[1], &o->type))
        fprintf(stderr, "lockstep resolve: %s is no type of record\n", argv[1]);
    else if (lk_dns_name_from_text(argv[0], strlen(argv[0]), &name, NULL) < 0)
        fprintf(stderr, "lockstep resolve: %s is no name: labels of 1 to 63 octets, 255 in all\n", argv[0]);
    else {
        o->name = o->type == LK_DNS_PTR ? reverse(argv[0], text) : argv[0];
        return true;
    }
    return false;
}

int lk_cli_resolve(int argc, char **argv)
{
    static struct options options;
    char text[64];
    lk_dns_resolver_config_init(&options.dns);
    options.dns.message_bytes = LK_DNS_MESSAGE_MAX;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return fputs(usage, stdout) < 0 || fputs(lk_live_usage, stdout) < 0 || fputs(usage_more, stdout) < 0 ? LK_EXIT_UNUSABLE : LK_EXIT_HELD;
    int first = lk_live_arguments(argc, argv, "resolve", take_option, &options);
    if (first < 0 || !read_question(&options, argc - first, argv + first, text) || !lk_live_options_whole(&options.live, "resolve"))
        return LK_EXIT_UNUSABLE;
    options.dns.server_count = options.live.dns_count;
    memcpy(options.dns.server, options.live.dns, sizeof options.dns.server);
    if (options.live.fixed && options.dns.server_count == 0) {
        fprintf(stderr, "lockstep resolve: --address needs --dns: which server is to be asked?\n");
        return LK_EXIT_UNUSABLE;
    }
    return run(&options);
}
