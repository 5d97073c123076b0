/* The story in English. */
#include "conformance/visit/words.h"
#include <string.h>

static void seconds(struct words *w, lk_time t)
{
    if (t >= LK_SECOND)
        words_add(w, "%.3f s", (double)t / 1e9);
    else
        words_add(w, "%.1f ms", (double)t / 1e6);
}

static void address(struct words *w, uint32_t ip)
{
    words_add(w, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
}

/* ---- the line: what it says ---- */

static void line_arp(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v;
    switch (v->kind) {
    case LK_VISIT_ARP_PROBE: words_add(w, "Is anybody already using %s? (ARP probe)", f->ip_to); break;
    case LK_VISIT_ARP_ANNOUNCEMENT: words_add(w, "From now on %s is me (ARP announcement)", f->ip_from); break;
    case LK_VISIT_ARP_REPLY:
        words_add(w, "%s is at %02x:%02x:%02x:%02x:%02x:%02x (ARP reply)", f->ip_from, v->a.sender_mac[0], v->a.sender_mac[1], v->a.sender_mac[2],
                  v->a.sender_mac[3], v->a.sender_mac[4], v->a.sender_mac[5]);
        break;
    default: words_add(w, "Who has %s? Tell %s (ARP request, to everybody on this link)", f->ip_to, f->ip_from);
    }
}

static void line_dhcp(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v;
    switch (v->kind) {
    case LK_VISIT_DISCOVER: words_add(w, "Is there a DHCP server? I need an address (DISCOVER, from 0.0.0.0 to everybody)"); break;
    case LK_VISIT_OFFER: words_add(w, "You could have "); address(w, v->yours); words_add(w, " (OFFER)"); break;
    case LK_VISIT_DHCP_REQUEST:
        words_add(w, "I take ");
        address(w, v->requested != 0 ? v->requested : v->client);
        words_add(w, ", please confirm (REQUEST)");
        break;
    case LK_VISIT_DHCP_ACK:
        address(w, v->yours);
        words_add(w, " is yours for %u s; router ", v->lease);
        address(w, v->router);
        words_add(w, ", DNS server ");
        address(w, v->name_servers > 0 ? v->name_server[0] : 0);
        words_add(w, " (ACK)");
        break;
    case LK_VISIT_DHCP_NAK: words_add(w, "You cannot have that address (NAK)"); break;
    case LK_VISIT_DECLINE: words_add(w, "Somebody uses that address already (DECLINE)"); break;
    case LK_VISIT_RELEASE: words_add(w, "I give the address back (RELEASE)"); break;
    default: words_add(w, "a DHCP message");
    }
}

static void line_dns(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v;
    const char *type = v->dns_type == 28 ? "IPv6 address" : v->dns_type == 1 ? "address" : "record";
    if (v->kind == LK_VISIT_QUESTION)
        words_add(w, "What is the %s of %s? (DNS query 0x%04x)", type, v->name, v->dns_id);
    else if (v->rcode == 3)
        words_add(w, "There is no name %s (DNS answer: NXDOMAIN)", v->name);
    else if (v->addresses == 0)
        words_add(w, "No %s for %s (DNS answer, code %u)", type, v->name, v->rcode);
    else {
        words_add(w, "%s is ", v->name);
        address(w, v->address[0]);
        words_add(w, " (DNS answer to 0x%04x, good for %u s)", v->dns_id, v->ttl_of_answer);
    }
}

static void line_ack(struct words *w, const struct fact *f)
{
    if (f->acks_fin)
        words_add(w, "I know that you are done (ACK %u)", f->ack);
    else if (f->newly_acked > 0)
        words_add(w, "Received everything up to byte %u (ACK %u)", f->ack - 1, f->ack);
    else if (f->acks_syn)
        words_add(w, "I heard you too: the connection stands (ACK %u)", f->ack);
    else
        words_add(w, "I am still waiting for byte %u (ACK %u once more)", f->ack, f->ack);
}

static void line_tcp(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v;
    switch (v->kind) {
    case LK_VISIT_SYN: words_add(w, "May I connect to port %u? My bytes count from %u (SYN)", v->to_port, v->seq); break;
    case LK_VISIT_SYN_ACK: words_add(w, "Yes; mine count from %u, and I expect your byte 1 (SYN-ACK)", v->seq); break;
    case LK_VISIT_RST: words_add(w, v->acks && f->seq == 0 ? "Nobody listens on port %u here (RST)" : "There is no such connection on port %u (RST)", v->from_port); break;
    case LK_VISIT_FIN:
        words_add(w, "I have nothing more to send (FIN%s", f->acks_fin ? ", and ACK of yours)" : ")");
        if (v->data_len > 0)
            words_add(w, ", with the last %u bytes", v->data_len);
        break;
    case LK_VISIT_PURE_ACK: line_ack(w, f); break;
    default:
        if (v->head[0] != 0)
            words_add(w, "\"%s\" (bytes %u to %u)", v->head, f->seq, f->seq + v->data_len - 1);
        else
            words_add(w, "Bytes %u to %u of the %s", f->seq, f->seq + v->data_len - 1, f->to_server ? "request" : "answer");
    }
}

static void english_line(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v;
    if (v->arp)
        line_arp(w, f);
    else if (v->dhcp)
        line_dhcp(w, f);
    else if (v->dns)
        line_dns(w, f);
    else if (v->tcp)
        line_tcp(w, f);
    else if (v->icmp)
        words_add(w, "ICMP type %u code %u", v->icmp_type, v->icmp_code);
    else
        words_add(w, "something else");
    if (f->first != NULL && f->before == NULL) {
        words_add(w, ", again: no answer for ");
        seconds(w, f->since_first);
    }
    if (!v->sound)
        words_add(w, " - damaged: %s", v->unsound);
    if (f->lost)
        words_add(w, " - lost on the way");
}

/* ---- why, and which layer added what ---- */

static void why_forwarded(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v, *b = f->before;
    words_add(w, "%s passes it on: TTL %u to %u", f->from, b->ttl, v->ttl);
    if (b->from != v->from || b->from_port != v->from_port)
        words_add(w, "; NAT makes source %s:%u into %s:%u", f->was_from, b->from_port, f->ip_from, v->from_port);
    if (b->to != v->to || b->to_port != v->to_port)
        words_add(w, "; NAT makes destination %s:%u into %s:%u", f->was_to, b->to_port, f->ip_to, v->to_port);
    words_add(w, "; checksums follow, and Ethernet gets new addresses for this link");
}

static void why_layers(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v;
    if (v->arp) {
        words_add(w, v->kind == LK_VISIT_ARP_REPLY ? "Answers the request, to the asker alone. " : v->kind == LK_VISIT_ARP_REQUEST ? "IP knows the address of the next hop, Ethernet needs its hardware address. " : "");
        words_add(w, "ARP is carried by Ethernet directly, without IP");
        return;
    }
    if (v->dhcp)
        words_add(w, "The laptop has no address yet, so it goes to everybody. ");
    words_add(w, "%s%s", v->dns ? "DNS message; " : v->dhcp ? "DHCP message; " : v->data_len > 0 ? "HTTP; " : "", "");
    if (v->tcp)
        words_add(w, "TCP adds ports %u to %u, byte number %u%s; ", v->from_port, v->to_port, f->seq, v->acks ? " and what has arrived" : "");
    if (v->udp)
        words_add(w, "UDP adds ports %u to %u; ", v->from_port, v->to_port);
    words_add(w, "IP adds %s to %s, TTL %u; Ethernet adds the hardware addresses of %s and %s", f->ip_from, f->ip_to, v->ttl, f->from,
              v->eth_to[0] == 0xff ? "everybody" : f->to);
}

static void english_why(struct words *w, const struct fact *f)
{
    if (f->before != NULL)
        why_forwarded(w, f);
    else
        why_layers(w, f);
}

static void english_summary(struct words *w, const struct lk_story *story, const struct lk_story_act *act)
{
    (void)story;
    if (!act->happened) {
        words_add(w, "did not happen");
        return;
    }
    words_add(w, "took ");
    seconds(w, act->to - act->from);
}

const struct language visit_english = {
    .title = {[LK_ACT_LEASE] = "The laptop gets an address (DHCP)", [LK_ACT_ARP_GATEWAY] = "Where is the gateway? (ARP)", [LK_ACT_NAME] = "What is the server's address? (DNS)",
              [LK_ACT_ROUTE] = "From router to router (IP)", [LK_ACT_NAT] = "One public address for the whole home (NAT)",
              [LK_ACT_ARP_LAST_HOP] = "The last hop (ARP)", [LK_ACT_HANDSHAKE] = "The connection is opened (TCP)", [LK_ACT_REQUEST] = "The request (HTTP)",
              [LK_ACT_RESPONSE] = "The page (HTTP)", [LK_ACT_CLOSE] = "The connection is closed (TCP)", [LK_ACT_TIME_WAIT] = "Waiting for stragglers (TIME-WAIT)"},
    .line = english_line, .why = english_why, .summary = english_summary,
};
