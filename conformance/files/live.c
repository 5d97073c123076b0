#define _GNU_SOURCE /* u_char, which pcap.h leans on; interface flags, getrandom() */
#include "conformance/files/live.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SNAP_LENGTH 65550 /* the longest IP packet behind an Ethernet header: what an offload may put together */
#define BUFFER (16u << 20)
#define LINK_OVERHEAD 18 /* Ethernet header and a VLAN tag */
#define CARRIER_WAIT 20000000 /* ns; a cable just plugged in is noticed with a delay */
#define CARRIER_TRIES 50
#define WENT_DOWN "the interface went down; try: ip link set dev %s up"

struct lk_live {
    char name[IFNAMSIZ];
    pcap_t *pcap;
    int fd;
    bool raw_ip;
    uint8_t mac[6];
    uint16_t mtu;
    struct lk_live_counts counts;
    uint64_t dropped_before; /* what 32-bit counters of the kernel have said so far */
    uint32_t dropped_last;
};

/* 0 when there is no such interface any more. */
static int flags_of(int fd, struct ifreq *request)
{
    return ioctl(fd, SIOCGIFFLAGS, request) == 0 ? request->ifr_flags : 0;
}

/* What the kernel says of the interface itself. */
static int look_up(struct lk_live *live, const char *interface, struct lk_fault *fault)
{
    struct ifreq request = {0};
    if (interface[0] == 0 || strlen(interface) >= sizeof request.ifr_name || if_nametoindex(interface) == 0)
        return lk_fault_at(fault, interface, 0, "no such interface (`ip link` lists them)");
    strcpy(live->name, interface);
    strcpy(request.ifr_name, interface);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return lk_fault_at(fault, interface, 0, "%s", strerror(errno));
    int flags = flags_of(fd, &request);
    for (int i = 0; i < CARRIER_TRIES && (flags & IFF_UP) && !(flags & IFF_RUNNING); i++) {
        nanosleep(&(struct timespec){.tv_nsec = CARRIER_WAIT}, NULL);
        flags = flags_of(fd, &request);
    }
    if (ioctl(fd, SIOCGIFMTU, &request) == 0)
        live->mtu = (uint16_t)(request.ifr_mtu > UINT16_MAX ? UINT16_MAX : request.ifr_mtu);
    if (ioctl(fd, SIOCGIFHWADDR, &request) == 0)
        memcpy(live->mac, request.ifr_hwaddr.sa_data, sizeof live->mac);
    close(fd);
    if (flags & IFF_LOOPBACK)
        return lk_fault_at(fault, interface, 0, "a loopback interface hands every frame back to its sender; use a veth pair or a TAP device");
    if (!(flags & IFF_UP))
        return lk_fault_at(fault, interface, 0, "the interface is down; try: ip link set dev %s up", interface);
    if (!(flags & IFF_RUNNING))
        return lk_fault_at(fault, interface, 0, "nothing is at the other end (no carrier): set the peer up, or plug the cable in");
    return 0;
}

static int refuse(struct lk_live *live, int status, struct lk_fault *fault)
{
    if (status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED)
        return lk_fault_at(fault, live->name, 0, "no permission to send and receive frames: run as root, or in a network namespace of your own (unshare -rn)");
    if (status == PCAP_ERROR_IFACE_NOT_UP)
        return lk_fault_at(fault, live->name, 0, "the interface is down; try: ip link set dev %s up", live->name);
    const char *more = pcap_geterr(live->pcap);
    return lk_fault_at(fault, live->name, 0, "cannot be opened: %s%s%s", pcap_statustostr(status), more[0] == 0 ? "" : ": ", more);
}

static int activate(struct lk_live *live, size_t buffer, struct lk_fault *fault)
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    live->pcap = pcap_create(live->name, reason);
    if (live->pcap == NULL)
        return lk_fault_at(fault, live->name, 0, "cannot be opened: %s", reason);
    pcap_set_snaplen(live->pcap, SNAP_LENGTH);
    pcap_set_promisc(live->pcap, 1);
    pcap_set_immediate_mode(live->pcap, 1);
    pcap_set_buffer_size(live->pcap, buffer == 0 || buffer > INT32_MAX ? (int)BUFFER : (int)buffer);
    pcap_set_tstamp_precision(live->pcap, PCAP_TSTAMP_PRECISION_NANO);
    int status = pcap_activate(live->pcap);
    if (status < 0)
        return refuse(live, status, fault);
    int link = pcap_datalink(live->pcap);
    live->raw_ip = link == DLT_RAW || link == DLT_IPV4;
    if (!live->raw_ip && link != DLT_EN10MB)
        return lk_fault_at(fault, live->name, 0, "neither Ethernet nor raw IP, but %s", pcap_datalink_val_to_description_or_dlt(link));
    live->fd = pcap_get_selectable_fd(live->pcap);
    if (live->fd < 0 || pcap_setnonblock(live->pcap, 1, reason) != 0 || pcap_setdirection(live->pcap, PCAP_D_IN) != 0)
        return lk_fault_at(fault, live->name, 0, "cannot be set up: %s%s", reason, pcap_geterr(live->pcap));
    return 0;
}

struct lk_live *lk_live_open(const char *interface, size_t buffer, struct lk_fault *fault)
{
    struct lk_live *live = calloc(1, sizeof *live);
    if (live == NULL) {
        lk_fault_at(fault, interface, 0, "out of memory");
        return NULL;
    }
    if (look_up(live, interface, fault) == 0 && activate(live, buffer, fault) == 0)
        return live;
    lk_live_close(live);
    return NULL;
}

void lk_live_close(struct lk_live *live)
{
    if (live == NULL)
        return;
    if (live->pcap != NULL)
        pcap_close(live->pcap);
    free(live);
}

const char *lk_live_name(const struct lk_live *live) { return live->name; }
int lk_live_fd(const struct lk_live *live) { return live->fd; }
bool lk_live_is_raw_ip(const struct lk_live *live) { return live->raw_ip; }
const uint8_t *lk_live_kernel_mac(const struct lk_live *live) { return live->mac; }
uint16_t lk_live_mtu(const struct lk_live *live) { return live->mtu; }

void lk_live_own_mac(const struct lk_live *live, uint8_t mac[6])
{
    memcpy(mac, live->mac, 6);
    if (mac[0] & 2)
        mac[3] ^= 0x5a;
    mac[0] = (uint8_t)((mac[0] | 2) & ~1);
}

int lk_live_only(struct lk_live *live, const uint8_t mac[6], struct lk_fault *fault)
{
    struct bpf_program program;
    char text[80];
    snprintf(text, sizeof text, "ether dst %02x:%02x:%02x:%02x:%02x:%02x or ether multicast", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    if (pcap_compile(live->pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN) != 0)
        return lk_fault_at(fault, live->name, 0, "no filter: %s", pcap_geterr(live->pcap));
    int result = pcap_setfilter(live->pcap, &program);
    pcap_freecode(&program);
    return result == 0 ? 0 : lk_fault_at(fault, live->name, 0, "the filter was not taken: %s", pcap_geterr(live->pcap));
}

struct taking { struct lk_live *live; lk_live_take *take; void *context; };

static void take_one(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
    struct taking *taking = (struct taking *)(void *)user;
    struct lk_live *live = taking->live;
    if (header->caplen < header->len) {
        live->counts.cut++;
        return;
    }
    live->counts.received++;
    live->counts.received_bytes += header->caplen;
    if (header->caplen > (size_t)live->mtu + LINK_OVERHEAD)
        live->counts.giants++;
    taking->take(taking->context, bytes, header->caplen, (lk_time)header->ts.tv_sec * LK_SECOND + (lk_time)header->ts.tv_usec);
}

/* libpcap passes over an interface that goes down, in case it comes back. */
static bool is_up(const struct lk_live *live)
{
    struct ifreq request = {0};
    strcpy(request.ifr_name, live->name);
    return (flags_of(live->fd, &request) & IFF_UP) != 0;
}

int lk_live_receive(struct lk_live *live, int most, lk_live_take *take, void *context, struct lk_fault *fault)
{
    struct taking taking = {live, take, context};
    int got = pcap_dispatch(live->pcap, most, take_one, (u_char *)(void *)&taking);
    if (got > 0 || (got == 0 && is_up(live)))
        return got;
    if (got == 0)
        return lk_fault_at(fault, live->name, 0, WENT_DOWN, live->name);
    return lk_fault_at(fault, live->name, 0, "receiving failed: %s", pcap_geterr(live->pcap));
}

int lk_live_send(struct lk_live *live, const uint8_t *bytes, size_t len, struct lk_fault *fault)
{
    errno = 0;
    if (pcap_inject(live->pcap, bytes, len) >= 0) {
        live->counts.sent++;
        live->counts.sent_bytes += len;
        return 0;
    }
    int reason = errno;
    if (reason == ENOBUFS || reason == EAGAIN || reason == EINTR || reason == ENOMEM) {
        live->counts.unsent++;
        return 0;
    }
    if (reason == ENETDOWN)
        return lk_fault_at(fault, live->name, 0, WENT_DOWN, live->name);
    if (reason == EMSGSIZE)
        return lk_fault_at(fault, live->name, 0, "a frame of %zu bytes is too long for it: its MTU is less than the %u it had", len, live->mtu);
    return lk_fault_at(fault, live->name, 0, "sending failed: %s", reason == 0 ? pcap_geterr(live->pcap) : strerror(reason));
}

void lk_live_count(struct lk_live *live, struct lk_live_counts *out)
{
    struct pcap_stat stat;
    if (pcap_stats(live->pcap, &stat) == 0) {
        live->dropped_before += stat.ps_drop - live->dropped_last; /* it wraps */
        live->dropped_last = stat.ps_drop;
    }
    live->counts.dropped = live->dropped_before;
    *out = live->counts;
}

bool lk_live_kernel_has(const struct lk_addr *address, char interface[64])
{
    struct ifaddrs *list;
    bool found = false;
    if (!lk_addr_is_ip4(address) || getifaddrs(&list) != 0)
        return false;
    for (const struct ifaddrs *each = list; each != NULL && !found; each = each->ifa_next) {
        struct sockaddr_in own;
        if (each->ifa_addr == NULL || each->ifa_addr->sa_family != AF_INET)
            continue;
        memcpy(&own, each->ifa_addr, sizeof own);
        found = ntohl(own.sin_addr.s_addr) == lk_addr_ip4(address);
        if (found)
            snprintf(interface, 64, "%s", each->ifa_name);
    }
    freeifaddrs(list);
    return found;
}

static lk_time read_clock(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (lk_time)t.tv_sec * LK_SECOND + (lk_time)t.tv_nsec;
}

lk_time lk_live_now(void) { return read_clock(CLOCK_MONOTONIC); }
lk_time lk_live_today(void) { return read_clock(CLOCK_REALTIME); }

int lk_live_seed(uint8_t seed[32], struct lk_fault *fault)
{
    if (getrandom(seed, 32, 0) == 32)
        return 0;
    return lk_fault_at(fault, "random numbers", 0, "the kernel has none: %s", strerror(errno));
}
