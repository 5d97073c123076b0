/* A page of a made-up visit, for looking at the page itself: as long as wanted, or with texts that try to break out.
 *
 *     page SEGMENTS [hostile] >FILE.html     a download of so many segments over four links, the first SYN lost
 * Exit status 1 on an error.
 *
 * The frames are sound; who sends them when is simply written down here. */
#include "conformance/visit/page.h"
#include "stack/wire/arp.h"
#include "stack/wire/checksum.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAPTOP 0xc0a80064u  /* 192.168.0.100 */
#define OUTSIDE 0xcb007107u /* 203.0.113.7 */
#define SERVER 0xc6336450u  /* 198.51.100.80 */
#define RESOLVER 0xc6336435u
#define HOSTILE "</script><img src=x onerror=alert(1)>&amp;\"'\\\xff\xe2\x80\xa8<!--"

enum { HOME, ACCESS, CORE, NAMES, WEB, LINKS };
enum { PC, GATEWAY, ROUTER1, ROUTER2, DNS, SITE, HOSTS };

static const uint8_t path_web[] = {PC, GATEWAY, ROUTER1, ROUTER2, SITE}, path_dns[] = {PC, GATEWAY, ROUTER1, ROUTER2, DNS};
static const uint8_t links_web[] = {HOME, ACCESS, CORE, WEB}, links_dns[] = {HOME, ACCESS, CORE, NAMES};

static struct lk_story story;
static size_t capacity;
static lk_time now;
static bool hostile;
static uint8_t act;

static void *need(void *memory)
{
    if (memory == NULL)
        exit(1);
    return memory;
}

static struct lk_story_packet *add(uint32_t link, uint32_t from, uint32_t to, const uint8_t *bytes, size_t len, const char *line)
{
    story.packets = need(lk_bump_grow(story.memory, story.packets, story.packet_count, &capacity, sizeof *story.packets));
    struct lk_story_packet *p = &story.packets[story.packet_count++];
    const char *from_name = story.hosts[from].name, *to_name = story.hosts[to].name;
    *p = (struct lk_story_packet){.number = (uint32_t)story.packet_count, .link = link, .from = from, .to = to, .sent_at = now,
                                  .arrived_at = now + story.links[link].delay, .bytes = need(lk_bump_copy(story.memory, bytes, len)), .len = (uint32_t)len, .act = act};
    p->line[0] = need(lk_bump_format(story.memory, "%s to %s: %s", from_name, to_name, hostile ? HOSTILE : line));
    p->line[1] = need(lk_bump_format(story.memory, "%s에서 %s로: %s", from_name, to_name, hostile ? HOSTILE : line));
    p->why[0] = p->why[1] = hostile ? HOSTILE : "Made up, so that the page has something to show.";
    struct lk_story_act *a = &story.acts[act];
    a->happened = a->held = true;
    if (a->first == 0) {
        a->first = p->number;
        a->from = now;
    }
    a->last = p->number;
    a->to = p->arrived_at;
    return p;
}

/* An IP packet over its links, one after the other; the gateway rewrites the address of the laptop. `lost` on the n-th link. */
static void carry(const uint8_t *hosts, const uint8_t *links, bool back, uint8_t protocol, const uint8_t *data, size_t len, const struct lk_tcp *tcp, const struct lk_udp *udp,
                  unsigned lost, const char *line, uint32_t repeats)
{
    uint32_t other = hosts == path_dns ? RESOLVER : SERVER, before = 0;
    lk_time started = now;
    for (unsigned hop = 0; hop < 4; hop++) {
        unsigned at = back ? 3 - hop : hop;
        uint32_t from = hosts[back ? at + 1 : at], to = hosts[back ? at : at + 1], near = at == 0 ? LAPTOP : OUTSIDE;
        uint32_t source = back ? other : near, destination = back ? near : other;
        uint8_t inner[1600], packet[1600], frame[1600];
        uint64_t pseudo = lk_checksum_pseudo_ipv4(source, destination, protocol, (uint16_t)(len + (tcp ? LK_TCP_HEADER + tcp->options_len : LK_UDP_HEADER)));
        struct lk_tcp t = tcp ? *tcp : (struct lk_tcp){0};
        struct lk_udp u = udp ? *udp : (struct lk_udp){0};
        *(back ? &t.destination_port : &t.source_port) = at == 0 ? 49152 : 40001;
        *(back ? &u.destination_port : &u.source_port) = at == 0 ? 51000 : 40002;
        t.payload = u.payload = data;
        t.payload_len = u.payload_len = len;
        int n = tcp ? lk_tcp_emit_summed(&t, pseudo, inner, sizeof inner) : lk_udp_emit_summed(&u, pseudo, inner, sizeof inner);
        struct lk_ipv4 ip = {.flags = LK_IPV4_DF, .identification = (uint16_t)(0x2000 + started / 1000), .time_to_live = (uint8_t)(64 - hop), .protocol = protocol,
                             .source_address = source, .destination_address = destination, .payload = inner, .payload_len = (size_t)n};
        n = lk_ipv4_emit_summed(&ip, packet, sizeof packet);
        struct lk_ethernet ethernet = {.destination = {2, 0, 0, 0, (uint8_t)links[at], (uint8_t)to}, .source = {2, 0, 0, 0, (uint8_t)links[at], (uint8_t)from},
                                       .type = LK_ETHERTYPE_IPV4, .payload = packet, .payload_len = (size_t)n};
        n = lk_ethernet_emit(&ethernet, frame, sizeof frame);
        struct lk_story_packet *p = add(links[at], from, to, frame, (size_t)n, line);
        p->same_as = before;
        p->repeated = repeats != 0;
        p->repeats = hop == 0 ? repeats : 0;
        before = p->number;
        now = p->arrived_at;
        if (lost == hop + 1) {
            p->arrived_at = LK_NEVER;
            break;
        }
    }
    now = started;
}

static void arp(uint32_t link, uint32_t from, uint32_t to, uint16_t op, uint32_t mine, uint32_t wanted)
{
    uint8_t packet[28], frame[64];
    struct lk_arp a = {.op = op, .sha = {2, 0, 0, 0, (uint8_t)link, (uint8_t)from}, .tha = {0}, .spa = mine, .tpa = wanted};
    lk_arp_emit(&a, packet, sizeof packet);
    struct lk_ethernet ethernet = {.destination = {255, 255, 255, 255, 255, 255}, .source = {2, 0, 0, 0, (uint8_t)link, (uint8_t)from}, .type = LK_ETHERTYPE_ARP,
                                   .payload = packet, .payload_len = 28};
    add(link, from, to, frame, (size_t)lk_ethernet_emit(&ethernet, frame, sizeof frame), op == LK_ARP_REQUEST ? "who has this address?" : "that is me");
    now += 2 * LK_MILLISECOND;
}

static void datagram(bool back, const char *data, const char *line)
{
    struct lk_udp udp = {.source_port = 53, .destination_port = 53};
    carry(path_dns, links_dns, back, LK_PROTOCOL_UDP, (const uint8_t *)data, strlen(data), NULL, &udp, 0, line, 0);
    now += 40 * LK_MILLISECOND;
}

static void segment(bool back, uint8_t control, uint32_t seq, uint32_t ack, const uint8_t *data, size_t len, unsigned lost, const char *line, uint32_t repeats)
{
    static const uint8_t syn[] = {2, 4, 5, 180, 1, 1, 4, 2, 1, 3, 3, 7};
    struct lk_tcp tcp = {.source_port = 80, .destination_port = 80, .sequence_number = seq, .acknowledgment_number = ack, .control = control, .window = 64000,
                         .options = syn, .options_len = control & LK_TCP_SYN ? sizeof syn : 0};
    carry(path_web, links_web, back, LK_PROTOCOL_TCP, data, len, &tcp, NULL, lost, line, repeats);
}

static void host(uint32_t index, const char *name, uint8_t role)
{
    story.hosts[index] = (struct lk_story_host){.name = hostile ? HOSTILE : name, .role = role};
}

static void wire(uint32_t index, const char *name, uint32_t a, uint32_t b, lk_time delay, uint32_t address_a, uint32_t address_b)
{
    uint32_t ends[2] = {a, b}, addresses[2] = {address_a, address_b};
    story.links[index] = (struct lk_story_link){.name = name, .host = {a, b}, .delay = delay};
    for (int i = 0; i < 2; i++) {
        struct lk_story_host *h = &story.hosts[ends[i]];
        uint32_t n = h->ifaces++;
        story.links[index].iface[i] = n;
        h->iface[n].link = index;
        h->iface[n].prefix = 24;
        h->iface[n].outside = ends[i] == GATEWAY && index == ACCESS;
        memcpy(h->iface[n].mac, (uint8_t[]){2, 0, 0, 0, (uint8_t)index, (uint8_t)ends[i]}, 6);
        if (addresses[i] != 0)
            h->iface[n].address = lk_addr_from_ip4(addresses[i]);
    }
}

static void network(void)
{
    story.hosts = need(lk_bump_array(story.memory, story.host_count = HOSTS, sizeof *story.hosts));
    story.links = need(lk_bump_array(story.memory, story.link_count = LINKS, sizeof *story.links));
    host(PC, "laptop", LK_STORY_CLIENT);
    host(GATEWAY, "gateway", LK_STORY_GATEWAY);
    host(ROUTER1, "router-1", LK_STORY_ROUTER);
    host(ROUTER2, "router-2", LK_STORY_ROUTER);
    host(DNS, "dns", LK_STORY_DNS);
    host(SITE, "web", LK_STORY_WEB);
    wire(HOME, "home", PC, GATEWAY, LK_MILLISECOND, 0, 0xc0a80001u);
    wire(ACCESS, "access", GATEWAY, ROUTER1, 5 * LK_MILLISECOND, OUTSIDE, 0xcb007101u);
    wire(CORE, "core", ROUTER1, ROUTER2, 10 * LK_MILLISECOND, 0x0a000001u, 0x0a000002u);
    wire(NAMES, "dns", ROUTER2, DNS, LK_MILLISECOND, 0xc6336436u, RESOLVER);
    wire(WEB, "web", ROUTER2, SITE, LK_MILLISECOND, 0xc6336451u, SERVER);
}

static void download(uint32_t segments)
{
    enum { S = LK_TCP_SYN, A = LK_TCP_ACK, P = LK_TCP_PSH, F = LK_TCP_FIN };
    static const char get[] = "GET / HTTP/1.1\r\nHost: www.google.com\r\n\r\n";
    static uint8_t data[1400];
    uint32_t mine = 1001 + sizeof get - 1, sent = 5001;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)("<p>Hello. "[i % 10]);
    act = LK_ACT_REQUEST;
    segment(false, P | A, 1001, 5001, (const uint8_t *)get, sizeof get - 1, 0, "GET /", 0);
    now += 20 * LK_MILLISECOND;
    act = LK_ACT_RESPONSE;
    for (uint32_t i = 0; i < segments; i++, sent += sizeof data) {
        segment(true, A | (i + 1 == segments ? P : 0), sent, mine, data, sizeof data, 0, "a piece of the page", 0);
        now += i % 10 == 9 ? 36 * LK_MILLISECOND : 300 * LK_MICROSECOND;
        if (i % 2 == 1)
            segment(false, A, mine, sent + sizeof data, NULL, 0, 0, "so far I have it all", 0);
    }
    act = LK_ACT_CLOSE;
    now += 40 * LK_MILLISECOND;
    segment(false, F | A, mine, sent, NULL, 0, 0, "I am done", 0);
    now += 40 * LK_MILLISECOND;
    segment(true, F | A, sent, mine + 1, NULL, 0, 0, "so am I", 0);
    now += 40 * LK_MILLISECOND;
    segment(false, A, mine + 1, sent + 1, NULL, 0, 0, "goodbye", 0);
}

static void handshake(void)
{
    uint32_t first = (uint32_t)story.packet_count + 1;
    act = LK_ACT_HANDSHAKE;
    segment(false, LK_TCP_SYN, 1000, 0, NULL, 0, 3, "may I talk to you?", 0);
    now += LK_SECOND;
    segment(false, LK_TCP_SYN, 1000, 0, NULL, 0, 0, "may I talk to you?", first);
    now += 20 * LK_MILLISECOND;
    segment(true, LK_TCP_SYN | LK_TCP_ACK, 5000, 1001, NULL, 0, 0, "yes; may I too?", 0);
    now += 20 * LK_MILLISECOND;
    segment(false, LK_TCP_ACK, 1001, 5001, NULL, 0, 0, "yes", 0);
}

static void write_out(void *context, const char *text, size_t len)
{
    (void)context;
    if (fwrite(text, 1, len, stdout) != len)
        exit(1);
}

static int by_time(const void *a, const void *b)
{
    const struct lk_story_packet *x = a, *y = b;
    if (x->sent_at != y->sent_at)
        return x->sent_at < y->sent_at ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* In order of time, numbered anew. */
static void sort_packets(void)
{
    uint32_t *place = need(lk_bump_array(story.memory, story.packet_count + 1, sizeof *place));
    qsort(story.packets, story.packet_count, sizeof *story.packets, by_time);
    for (uint32_t i = 0; i < story.packet_count; i++)
        place[story.packets[i].number] = i + 1;
    for (uint32_t i = 0; i < story.packet_count; i++) {
        struct lk_story_packet *p = &story.packets[i];
        p->number = i + 1;
        p->same_as = place[p->same_as];
        p->repeats = place[p->repeats];
    }
    for (uint32_t i = (uint32_t)story.packet_count; i-- > 0;)
        story.acts[story.packets[i].act].first = i + 1;
    for (uint32_t i = 0; i < story.packet_count; i++)
        story.acts[story.packets[i].act].last = i + 1;
}

static void name_acts(void)
{
    for (uint8_t i = 0; i < LK_ACTS; i++) {
        struct lk_story_act *a = &story.acts[i];
        a->kind = i;
        a->title[0] = need(lk_bump_format(story.memory, "Act %u", i + 1u));
        a->title[1] = need(lk_bump_format(story.memory, "%u막", i + 1u));
        a->summary[0] = a->summary[1] = hostile ? HOSTILE : "What happens here, and whether it went as it should.";
    }
}

int main(int argc, char **argv)
{
    struct lk_report_out out = {NULL, write_out};
    static struct lk_story_finding finding = {.act = LK_ACT_HANDSHAKE, .requirement = "RFC6298-2-a", .message = "a finding, to see where it is shown"};
    uint32_t segments = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10;
    hostile = argc > 2 && strcmp(argv[2], "hostile") == 0;
    story.memory = need(lk_bump_new((size_t)1 << 30));
    story.url = hostile ? HOSTILE : "www.google.com";
    story.seed_text = "1";
    network();
    act = LK_ACT_ARP_GATEWAY;
    arp(HOME, PC, GATEWAY, LK_ARP_REQUEST, LAPTOP, 0xc0a80001u);
    arp(HOME, GATEWAY, PC, LK_ARP_REPLY, 0xc0a80001u, LAPTOP);
    act = LK_ACT_NAME;
    datagram(false, "where is www.google.com?", "where is www.google.com?");
    datagram(true, "at 198.51.100.80", "at 198.51.100.80");
    finding.packet = (uint32_t)story.packet_count + 1;
    handshake();
    now += 20 * LK_MILLISECOND;
    download(segments);
    sort_packets();
    name_acts();
    story.acts[LK_ACT_HANDSHAKE].held = false;
    story.findings = &finding;
    story.finding_count = 1;
    story.page_bytes = (uint64_t)segments * 1400;
    story.ended = now + 60 * LK_SECOND;
    return lk_visit_page(&story, LK_STORY_EN, &out) == 0 ? 0 : 1;
}
