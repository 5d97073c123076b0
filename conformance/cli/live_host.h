/* What `fetch`, `resolve` and `serve` share: a host of ours on one real interface, with its address given or leased. */
#ifndef LK_CLI_LIVE_HOST_H
#define LK_CLI_LIVE_HOST_H

#include "conformance/files/live_loop.h"
#include "stack/apps/dhcp_client.h"
#include "stack/apps/dns_resolver.h"

struct lk_live_options {
    const char *interface, *pcap;
    bool fixed;                      /* --address: no DHCP */
    struct lk_addr address, gateway; /* gateway unspecified: none */
    uint32_t prefix;
    uint32_t dns_count;
    struct lk_endpoint dns[LK_DNS_SERVERS];
    bool own_mac;                    /* --mac */
    uint8_t mac[6];
};

/* Lines of a usage text. */
extern const char lk_live_usage[];
/* `command` is the subcommand, for that line. 1: took the option and its value; 0: not one of these; -1 and one line on standard error: the value is wrong. */
int lk_live_option(struct lk_live_options *options, const char *command, const char *name, const char *value);
/* Whether what was given goes together; a line on standard error if not. */
bool lk_live_options_whole(const struct lk_live_options *options, const char *command);
/* Walks the options before the first argument that is none; `--name=value` is taken too. `take` gets each with the argument behind it
 * (NULL: none) and returns how many it took, 0 when it knows no such option or value, -1 after a line on standard error. The index
 * of the first argument, or -1 after a line on standard error. */
int lk_live_arguments(int argc, char **argv, const char *command, int (*take)(void *options, const char *name, const char *value), void *options);

struct lk_live_host {
    struct lk_live_loop loop;
    struct lk_run run;           /* applications beyond DHCP are the caller's to add */
    struct lk_stack *stack;
    struct lk_dhcp_client *dhcp; /* NULL: the address is fixed */
    struct lk_live *live;
    struct lk_capture_writer *pcap;
    uint8_t mac[6];
};

/* Fills in what the interface decides and `options` say into `config` (lk_config_init() and table sizes are the caller's), and
 * opens all. NULL and a fault. With DHCP the client is started, and there is no address yet. */
struct lk_live_host *lk_live_host_open(const struct lk_live_options *options, struct lk_config *config, struct lk_fault *fault);
/* Sends what is owed, gives a lease back, ends the capture. 0; -1 and a fault when the capture is not whole. */
int lk_live_host_close(struct lk_live_host *host, struct lk_fault *fault);

/* 16-byte aligned, zeroed memory for a machine; NULL when there is none or size is 0. To be freed. */
void *lk_live_memory(size_t size);
/* "192.0.2.1" */
const char *lk_live_address_text(const struct lk_addr *address, char text[48]);
/* One line on standard error for each way in which frames were lost or spoilt, with what to try. */
void lk_live_host_complain(const struct lk_live_host *host);

#endif
