#define _GNU_SOURCE /* inet_pton() under -std=c17 */
#include "conformance/cli/live_host.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char lk_live_usage[] =
    "  --interface IF   the interface to use (needed). Run as root, or in a namespace of your own (unshare -rn)\n"
    "  --address A/P    address and prefix length of ours, one that nobody has, not the kernel either;\n"
    "                   without it DHCP asks for one\n"
    "  --gateway G      the router to other networks (with --address)\n"
    "  --dns D          a DNS server (with --address; up to 4 times)\n"
    "  --mac M          link address of ours (default: the interface's, made local)\n"
    "  --pcap FILE      records all frames, both ways\n";

/* -- options -- */

static bool read_ip4(const char *text, struct lk_addr *out)
{
    struct in_addr in;
    if (inet_pton(AF_INET, text, &in) != 1)
        return false;
    *out = lk_addr_from_ip4(ntohl(in.s_addr));
    return true;
}

static bool read_address(const char *text, struct lk_live_options *options)
{
    char address[48];
    char *end;
    const char *slash = strchr(text, '/');
    if (slash == NULL || (size_t)(slash - text) >= sizeof address || !isdigit((unsigned char)slash[1]))
        return false;
    memcpy(address, text, (size_t)(slash - text));
    address[slash - text] = 0;
    unsigned long prefix = strtoul(slash + 1, &end, 10);
    options->prefix = (uint32_t)prefix;
    return options->fixed = *end == 0 && prefix >= 1 && prefix <= 32 && read_ip4(address, &options->address);
}

static bool read_mac(const char *text, struct lk_live_options *options)
{
    for (size_t i = 0; i < 6; i++, text += 2) {
        char pair[3] = {text[0], text[0] == 0 ? 0 : text[1], 0};
        if (!isxdigit((unsigned char)pair[0]) || !isxdigit((unsigned char)pair[1]) || (text[2] != (i == 5 ? 0 : ':')))
            return false;
        options->mac[i] = (uint8_t)strtoul(pair, NULL, 16);
        text += i < 5;
    }
    return options->own_mac = (options->mac[0] & 1) == 0;
}

static bool read_dns(const char *text, struct lk_live_options *options)
{
    struct lk_endpoint server = {.iface = LK_ANY};
    if (options->dns_count == LK_DNS_SERVERS || !read_ip4(text, &server.address))
        return false;
    options->dns[options->dns_count++] = server;
    return true;
}

int lk_live_option(struct lk_live_options *options, const char *command, const char *name, const char *value)
{
    static const char *const names[] = {"--interface", "--address", "--gateway", "--dns", "--mac", "--pcap"};
    size_t which = 0;
    while (which < sizeof names / sizeof *names && strcmp(names[which], name) != 0)
        which++;
    if (which == sizeof names / sizeof *names)
        return 0;
    bool good = value != NULL && value[0] != 0;
    switch (good ? which : SIZE_MAX) {
    case 0: options->interface = value; break;
    case 1: good = read_address(value, options); break;
    case 2: good = read_ip4(value, &options->gateway); break;
    case 3: good = read_dns(value, options); break;
    case 4: good = read_mac(value, options); break;
    case 5: options->pcap = value; break;
    default: break;
    }
    if (good)
        return 1;
    fprintf(stderr, "lockstep %s: %s%s%s: %s (try --help)\n", command, name, value == NULL || value[0] == 0 ? "" : " ", value == NULL ? "" : value,
            value == NULL || value[0] == 0 ? "a value is missing" : which == 1 ? "not like 192.0.2.2/24" : which == 4 ? "not like 02:00:5e:00:53:01" : "not like 192.0.2.1, or too many");
    return -1;
}

int lk_live_arguments(int argc, char **argv, const char *command, int (*take)(void *options, const char *name, const char *value), void *options)
{
    int i = 1;
    while (i < argc && argv[i][0] == '-' && argv[i][1] != 0) {
        char *equals = argv[i][1] == '-' ? strchr(argv[i], '=') : NULL;
        if (strcmp(argv[i], "--") == 0)
            return i + 1;
        if (equals != NULL)
            *equals = 0;
        int took = take(options, argv[i], equals != NULL ? equals + 1 : argv[i + 1]);
        if (took == 0)
            fprintf(stderr, "lockstep %s: unknown option or value: %s (try --help)\n", command, argv[i]);
        if (took <= 0)
            return -1;
        i += equals != NULL ? 1 : took;
    }
    return i;
}

bool lk_live_options_whole(const struct lk_live_options *options, const char *command)
{
    const char *wrong = NULL;
    bool routed = !lk_addr_is_unspecified(&options->gateway);
    if (options->interface == NULL)
        wrong = "--interface is missing";
    else if (!options->fixed && (routed || options->dns_count > 0))
        wrong = "--gateway and --dns go with --address; DHCP brings its own";
    else if (routed && !lk_addr_in_prefix(&options->gateway, &options->address, 96 + options->prefix))
        wrong = "the gateway is not in the network of --address";
    if (wrong != NULL)
        fprintf(stderr, "lockstep %s: %s (try --help)\n", command, wrong);
    return wrong == NULL;
}

/* -- life -- */

void *lk_live_memory(size_t size)
{
    return size == 0 ? NULL : calloc(1, size); /* aligned for everything that malloc() is */
}

const char *lk_live_address_text(const struct lk_addr *address, char text[48])
{
    struct in_addr in = {.s_addr = htonl(lk_addr_ip4(address))};
    return inet_ntop(AF_INET, &in, text, 48);
}

/* The stack in its memory, with what the interface decides. */
static int build_stack(struct lk_live_host *host, struct lk_config *config, struct lk_fault *fault)
{
    uint8_t seed[32];
    size_t size;
    config->ifaces = 1;
    config->iface[0] = (struct lk_iface_config){.link = lk_live_is_raw_ip(host->live) ? LK_LINK_RAW_IP : LK_LINK_ETHERNET, .mtu = lk_live_mtu(host->live)};
    memcpy(config->iface[0].mac, host->mac, 6);
    if ((size = lk_stack_footprint(config)) == 0)
        return lk_fault_at(fault, lk_live_name(host->live), 0, "the stack cannot be configured: %s is out of range", lk_config_check(config));
    host->stack = lk_live_memory(size);
    if (host->stack == NULL)
        return lk_fault_at(fault, lk_live_name(host->live), 0, "out of memory: %zu bytes for the stack", size);
    if (lk_live_seed(seed, fault) != 0)
        return -1;
    int error = lk_stack_init(host->stack, size, config, lk_live_now(), seed);
    return error == 0 ? 0 : lk_fault_at(fault, lk_live_name(host->live), 0, "the stack cannot be built: %s", lk_error_name(error));
}

static int fix_address(struct lk_live_host *host, const struct lk_live_options *options, struct lk_fault *fault)
{
    static const struct lk_addr anywhere = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}};
    char own[48], interface[64];
    lk_time now = lk_live_now();
    int error = lk_addr_add(host->stack, 0, options->address, options->prefix, LK_ADDR_PREFERRED, now);
    if (error == 0 && !lk_addr_is_unspecified(&options->gateway))
        error = lk_route_add(host->stack, anywhere, 0, options->gateway, 0, now);
    lk_live_address_text(&options->address, own);
    if (error != 0)
        return lk_fault_at(fault, options->interface, 0, "%s/%u cannot be ours: %s", own, options->prefix, lk_error_name(error));
    if (lk_live_kernel_has(&options->address, interface))
        fprintf(stderr, "lockstep: %s is the kernel's too, on %s: it will answer and reset our connections. Take an address that nobody has, or: ip address del %s/%u dev %s\n",
                own, interface, own, options->prefix, interface);
    return 0;
}

static int ask_for_lease(struct lk_live_host *host, struct lk_fault *fault)
{
    struct lk_dhcp_client_config config;
    uint8_t seed[32];
    const char *name = lk_live_name(host->live);
    if (lk_live_is_raw_ip(host->live))
        return lk_fault_at(fault, name, 0, "DHCP needs Ethernet; give --address");
    lk_dhcp_client_config_init(&config);
    config.iface = 0;
    memcpy(config.mac, host->mac, 6);
    size_t size = lk_dhcp_client_footprint(&config);
    if (lk_live_seed(seed, fault) != 0)
        return -1;
    lk_time now = lk_live_now();
    host->dhcp = lk_live_memory(size);
    int error = host->dhcp == NULL ? LK_E_NOMEM : lk_dhcp_client_init(host->dhcp, size, &config, now, seed);
    if (error == 0)
        error = lk_dhcp_client_start(host->dhcp, host->stack, now);
    if (error != 0)
        return lk_fault_at(fault, name, 0, "the DHCP client cannot start: %s", lk_error_name(error));
    host->run.app[host->run.apps++] = (struct lk_app){&lk_dhcp_client_app, host->dhcp};
    return 0;
}

static int open_all(struct lk_live_host *host, const struct lk_live_options *options, struct lk_config *config, struct lk_fault *fault)
{
    host->live = lk_live_open(options->interface, 0, fault);
    if (host->live == NULL)
        return -1;
    if (options->own_mac)
        memcpy(host->mac, options->mac, 6);
    else
        lk_live_own_mac(host->live, host->mac);
    if (!lk_live_is_raw_ip(host->live) && lk_live_only(host->live, host->mac, fault) != 0)
        return -1;
    if (build_stack(host, config, fault) != 0)
        return -1;
    host->run.stack = host->stack;
    lk_live_loop_init(&host->loop, &host->run);
    host->loop.port[host->loop.ports++] = host->live;
    if (options->pcap != NULL) {
        host->pcap = lk_capture_writer_open(options->pcap, lk_live_is_raw_ip(host->live) ? LK_CAPTURE_RAW_IP : LK_CAPTURE_ETHERNET, fault);
        if (host->pcap == NULL)
            return -1;
        host->loop.record[0].to = host->pcap;
    }
    return options->fixed ? fix_address(host, options, fault) : ask_for_lease(host, fault);
}

static void discard(struct lk_live_host *host)
{
    lk_live_close(host->live);
    free(host->stack);
    free(host->dhcp);
    free(host);
}

struct lk_live_host *lk_live_host_open(const struct lk_live_options *options, struct lk_config *config, struct lk_fault *fault)
{
    struct lk_live_host *host = lk_live_memory(sizeof *host);
    if (host == NULL) {
        lk_fault_at(fault, options->interface, 0, "out of memory");
        return NULL;
    }
    if (open_all(host, options, config, fault) == 0)
        return host;
    lk_capture_writer_close(host->pcap, NULL);
    discard(host);
    return NULL;
}

int lk_live_host_close(struct lk_live_host *host, struct lk_fault *fault)
{
    struct lk_dhcp_lease lease;
    if (host == NULL)
        return 0;
    lk_live_loop_flush(&host->loop, NULL);
    if (host->dhcp != NULL && lk_dhcp_client_lease(host->dhcp, &lease)) {
        lk_dhcp_client_release(host->dhcp, host->stack, host->loop.now);
        lk_live_loop_flush(&host->loop, NULL);
    }
    int result = lk_live_loop_end(&host->loop, fault);
    if (lk_capture_writer_close(host->pcap, result == 0 ? fault : NULL) != 0)
        result = -1;
    discard(host);
    return result;
}

void lk_live_host_complain(const struct lk_live_host *host)
{
    struct lk_live_counts frames;
    struct lk_counters stack;
    const char *name = lk_live_name(host->live);
    lk_live_count(host->live, &frames);
    lk_stack_counters(host->stack, &stack);
    if (frames.giants > 0)
        fprintf(stderr, "lockstep: %llu frames were longer than the MTU: an offload put them together; try: ethtool -K %s gro off lro off (and tso off gso off at a veth's other end)\n",
                (unsigned long long)frames.giants, name);
    if (stack.rx[LK_RX_DROP_TCP_CHECKSUM] > 0)
        fprintf(stderr, "lockstep: %llu segments came with a wrong checksum; if the sender is on this machine it leaves that to an offload: ethtool -K ITS-INTERFACE tx off\n",
                (unsigned long long)stack.rx[LK_RX_DROP_TCP_CHECKSUM]);
    if (frames.dropped > 0)
        fprintf(stderr, "lockstep: %llu frames came faster than they were taken, and were lost\n", (unsigned long long)frames.dropped);
    if (frames.cut > 0)
        fprintf(stderr, "lockstep: %llu frames were longer than can be captured, and were lost\n", (unsigned long long)frames.cut);
}
