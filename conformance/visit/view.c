/* One frame taken apart (conformance/dissect) and put into a flat struct. Only the outermost header of each layer counts: what
 * an ICMP error quotes is not what this packet is. */
#include "conformance/visit/view.h"
#include "conformance/dissect/dissect.h"
#include <string.h>

#define FIELDS 512
#define LAYERS 24

struct look {
    struct lk_layer layers[LAYERS];
    struct lk_field fields[FIELDS];
    struct lk_dissection d;
    uint16_t layer; /* the one that is read */
};

static const struct lk_field *field(const struct look *l, const char *name)
{
    for (uint32_t i = 0; i < l->d.field_count; i++)
        if (l->d.fields[i].layer == l->layer && lk_field_is(&l->d.fields[i], name))
            return &l->d.fields[i];
    return NULL;
}

static uint64_t number(const struct look *l, const char *name, uint64_t otherwise)
{
    const struct lk_field *f = field(l, name);
    return f == NULL ? otherwise : f->number;
}

static uint32_t address_of(const struct lk_field *f)
{
    return f == NULL || f->bytes == NULL ? 0 : (uint32_t)f->bytes[0] << 24 | (uint32_t)f->bytes[1] << 16 | (uint32_t)f->bytes[2] << 8 | f->bytes[3];
}

static uint32_t address(const struct look *l, const char *name)
{
    return address_of(field(l, name));
}

static void mac(const struct look *l, const char *name, uint8_t out[6])
{
    const struct lk_field *f = field(l, name);
    if (f != NULL && f->bytes != NULL)
        memcpy(out, f->bytes, 6);
}

static bool enter(struct look *l, const char *name)
{
    for (uint32_t i = 0; i < l->d.layer_count && i < 4; i++)
        if (strcmp(l->d.layers[i].name, name) == 0) {
            l->layer = (uint16_t)i;
            return true;
        }
    return false;
}

static void look_arp(const struct look *l, struct lk_visit_view *v)
{
    v->arp = true;
    v->a.op = (uint8_t)number(l, "arp.opcode", 0);
    v->a.sender = address(l, "arp.src.proto_ipv4");
    v->a.target = address(l, "arp.dst.proto_ipv4");
    mac(l, "arp.src.hw_mac", v->a.sender_mac);
    mac(l, "arp.dst.hw_mac", v->a.target_mac);
    if (v->a.op == 2)
        v->kind = LK_VISIT_ARP_REPLY;
    else if (v->a.op == 1) /* RFC 5227 1.1: a probe comes from nobody, an announcement asks for its own sender */
        v->kind = v->a.sender == 0 ? LK_VISIT_ARP_PROBE : v->a.sender == v->a.target ? LK_VISIT_ARP_ANNOUNCEMENT : LK_VISIT_ARP_REQUEST;
}

static void look_ip(const struct look *l, struct lk_visit_view *v)
{
    v->ip = true;
    v->from = address(l, "ip.src");
    v->to = address(l, "ip.dst");
    v->ttl = (uint8_t)number(l, "ip.ttl", 0);
    v->protocol = (uint8_t)number(l, "ip.proto", 0);
    v->ip_at = l->d.layers[l->layer].at;
    v->ip_len = (uint32_t)number(l, "ip.len", 0);
    v->ip_id = (uint32_t)number(l, "ip.id", 0);
    v->ip_sum_ok = number(l, "ip.checksum.status", 0) == 1;
    if (!v->ip_sum_ok)
        v->unsound = "the IP header checksum is wrong";
}

/* The first line of a message that begins here. */
static void look_head(struct lk_visit_view *v)
{
    static const char *const begins[] = {"HTTP/", "GET ", "HEAD "};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        size_t n = strlen(begins[i]);
        if (v->data_len < n || memcmp(v->data, begins[i], n) != 0)
            continue;
        for (n = 0; n < v->data_len && n < LK_VISIT_TEXT - 1 && v->data[n] >= ' ' && v->data[n] < 127; n++)
            v->head[n] = (char)v->data[n];
    }
}

static uint8_t tcp_kind(const struct lk_visit_view *v)
{
    if (v->rst)
        return LK_VISIT_RST;
    if (v->syn)
        return v->acks ? LK_VISIT_SYN_ACK : LK_VISIT_SYN;
    if (v->fin)
        return LK_VISIT_FIN;
    if (v->data_len == 0)
        return LK_VISIT_PURE_ACK;
    return v->by_server ? LK_VISIT_PAGE : LK_VISIT_GET;
}

static void look_tcp(const struct look *l, const uint8_t *bytes, uint32_t web, struct lk_visit_view *v)
{
    uint64_t flags = number(l, "tcp.flags", 0);
    uint32_t header = (uint32_t)number(l, "tcp.hdr_len", 20);
    v->tcp = true;
    v->l4_at = l->d.layers[l->layer].at;
    v->from_port = (uint16_t)number(l, "tcp.srcport", 0);
    v->to_port = (uint16_t)number(l, "tcp.dstport", 0);
    v->by_server = v->from == web || (v->to != web && v->from_port < v->to_port);
    v->seq = (uint32_t)number(l, "tcp.seq_raw", 0);
    v->ack = (uint32_t)number(l, "tcp.ack_raw", 0);
    v->window = (uint32_t)number(l, "tcp.window_size_value", 0);
    v->fin = flags & 1;
    v->syn = flags >> 1 & 1;
    v->rst = flags >> 2 & 1;
    v->psh = flags >> 3 & 1;
    v->acks = flags >> 4 & 1;
    v->mss = (uint16_t)number(l, "tcp.options.mss_val", 0);
    v->wscale = (int)number(l, "tcp.options.wscale.shift", (uint64_t)-1);
    v->data = bytes + v->l4_at + header;
    v->data_len = (uint32_t)number(l, "tcp.len", 0);
    v->l4_sum_ok = number(l, "tcp.checksum.status", 0) == 1;
    if (!v->l4_sum_ok)
        v->unsound = "the TCP checksum is wrong";
    v->kind = tcp_kind(v);
    look_head(v);
}

static void look_udp(const struct look *l, const uint8_t *bytes, struct lk_visit_view *v)
{
    v->udp = true;
    v->l4_at = l->d.layers[l->layer].at;
    v->from_port = (uint16_t)number(l, "udp.srcport", 0);
    v->to_port = (uint16_t)number(l, "udp.dstport", 0);
    v->by_server = v->from_port < v->to_port; /* 53, 67 */
    uint32_t length = (uint32_t)number(l, "udp.length", 8);
    v->data = bytes + v->l4_at + 8;
    v->data_len = length < 8 ? 0 : length - 8;
    v->l4_sum_ok = number(l, "udp.checksum.status", 0) != 0; /* 3: the sender made none, RFC 768 */
    if (!v->l4_sum_ok)
        v->unsound = "the UDP checksum is wrong";
    v->dns = v->to_port == 53 || v->from_port == 53;
    v->dhcp = v->to_port == 67 || v->to_port == 68;
}

/* RFC 2132 9.6 */
static uint8_t dhcp_kind(uint8_t message)
{
    static const uint8_t kinds[] = {LK_VISIT_OTHER, LK_VISIT_DISCOVER, LK_VISIT_OFFER, LK_VISIT_DHCP_REQUEST, LK_VISIT_DECLINE, LK_VISIT_DHCP_ACK, LK_VISIT_DHCP_NAK,
                                    LK_VISIT_RELEASE};
    return message < sizeof kinds ? kinds[message] : LK_VISIT_OTHER;
}

static void look_dhcp(const struct look *l, struct lk_visit_view *v)
{
    v->message = (uint8_t)number(l, "dhcp.option.dhcp", 0);
    v->kind = dhcp_kind(v->message);
    v->xid = (uint32_t)number(l, "dhcp.id", 0);
    v->client = address(l, "dhcp.ip.client");
    v->yours = address(l, "dhcp.ip.your");
    v->server = address(l, "dhcp.option.dhcp_server_id");
    v->requested = address(l, "dhcp.option.requested_ip_address");
    v->router = address(l, "dhcp.option.router");
    v->mask = address(l, "dhcp.option.subnet_mask");
    v->lease = (uint32_t)number(l, "dhcp.option.ip_address_lease_time", 0);
    mac(l, "dhcp.hw.mac_addr", v->chaddr);
    for (uint32_t i = 0; i < l->d.field_count && v->name_servers < LK_VISIT_ADDRESSES; i++)
        if (lk_field_is(&l->d.fields[i], "dhcp.option.domain_name_server"))
            v->name_server[v->name_servers++] = address_of(&l->d.fields[i]);
}

uint32_t lk_visit_web(const struct lk_story *story)
{
    for (size_t h = 0; h < story->host_count; h++)
        if (story->hosts[h].role == LK_STORY_WEB)
            return lk_addr_ip4(&story->hosts[h].iface[0].address);
    return 0;
}

void lk_visit_look(const uint8_t *bytes, uint32_t len, uint32_t web, struct lk_visit_view *out)
{
    struct look l;
    const struct lk_dissect_frame frame = {.bytes = bytes, .captured = len, .length = len, .link = LK_LINK_ETHERNET, .number = 1};
    memset(out, 0, sizeof *out);
    out->wscale = -1;
    l.d = (struct lk_dissection){.layers = l.layers, .fields = l.fields, .layer_cap = LAYERS, .field_cap = FIELDS};
    if (lk_dissect(&frame, NULL, &l.d) != 0)
        out->unsound = l.d.end_what != NULL ? l.d.end_what : "it cannot be taken apart";
    if (enter(&l, "eth")) {
        mac(&l, "eth.dst", out->eth_to);
        mac(&l, "eth.src", out->eth_from);
    }
    if (enter(&l, "arp"))
        look_arp(&l, out);
    if (enter(&l, "ip"))
        look_ip(&l, out);
    if (out->ip && out->protocol == 6 && enter(&l, "tcp"))
        look_tcp(&l, bytes, web, out);
    if (out->ip && out->protocol == 17 && enter(&l, "udp"))
        look_udp(&l, bytes, out);
    if (out->udp && enter(&l, "dhcp"))
        look_dhcp(&l, out);
    if (out->dns)
        lk_visit_look_dns(out);
    if (out->ip && out->protocol == 1 && enter(&l, "icmp")) {
        out->icmp = true;
        out->kind = LK_VISIT_ICMP;
        out->l4_at = l.d.layers[l.layer].at;
        out->icmp_type = (uint8_t)number(&l, "icmp.type", 0);
        out->icmp_code = (uint8_t)number(&l, "icmp.code", 0);
        out->l4_sum_ok = number(&l, "icmp.checksum.status", 0) == 1;
    }
    out->sound = out->unsound == NULL;
}

const char *lk_visit_kind_name(enum lk_visit_kind kind)
{
    static const char *const names[LK_VISIT_KINDS] = {
        [LK_VISIT_OTHER] = "OTHER", [LK_VISIT_ARP_REQUEST] = "ARP", [LK_VISIT_ARP_REPLY] = "ARP-REPLY", [LK_VISIT_ARP_PROBE] = "ARP-PROBE",
        [LK_VISIT_ARP_ANNOUNCEMENT] = "ARP-ANNOUNCEMENT", [LK_VISIT_DISCOVER] = "DISCOVER", [LK_VISIT_OFFER] = "OFFER",
        [LK_VISIT_DHCP_REQUEST] = "DHCP-REQUEST", [LK_VISIT_DHCP_ACK] = "DHCP-ACK", [LK_VISIT_DHCP_NAK] = "DHCP-NAK",
        [LK_VISIT_DECLINE] = "DECLINE", [LK_VISIT_RELEASE] = "RELEASE", [LK_VISIT_QUESTION] = "DNS", [LK_VISIT_ANSWER] = "DNS-ANSWER",
        [LK_VISIT_SYN] = "SYN", [LK_VISIT_SYN_ACK] = "SYN-ACK", [LK_VISIT_PURE_ACK] = "ACK", [LK_VISIT_GET] = "GET", [LK_VISIT_PAGE] = "PAGE",
        [LK_VISIT_FIN] = "FIN", [LK_VISIT_RST] = "RST", [LK_VISIT_ICMP] = "ICMP",
    };
    return kind < LK_VISIT_KINDS && names[kind] != NULL ? names[kind] : "?";
}
