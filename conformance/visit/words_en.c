/* The story in English. */
#include "conformance/visit/words.h"
#include "stack/run/fetch.h"
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

/* What a packet that is sent on is called. */
static void thing(struct words *w, const struct fact *f)
{
    static const char *const names[LK_VISIT_KINDS] = {[LK_VISIT_QUESTION] = "The question", [LK_VISIT_ANSWER] = "The answer", [LK_VISIT_SYN] = "The SYN",
        [LK_VISIT_SYN_ACK] = "The SYN-ACK", [LK_VISIT_FIN] = "The FIN", [LK_VISIT_RST] = "The RST", [LK_VISIT_ICMP] = "The ICMP message"};
    const struct lk_visit_view *v = f->v;
    if (v->kind == LK_VISIT_PURE_ACK)
        words_add(w, "The ACK %u", f->ack);
    else if (v->tcp && v->data_len > 0)
        words_add(w, "%s, bytes %u to %u,", f->to_server ? "The request" : "The page", f->seq, f->seq + v->data_len - 1);
    else
        words_add(w, "%s", names[v->kind] != NULL ? names[v->kind] : "The packet");
}

static void line_forwarded(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v, *b = f->before;
    thing(w, f);
    words_add(w, " goes on, TTL %u", v->ttl);
    if (b->from != v->from || b->from_port != v->from_port)
        words_add(w, "; NAT: from %s:%u instead of %s:%u", f->ip_from, v->from_port, f->was_from, b->from_port);
    if (b->to != v->to || b->to_port != v->to_port)
        words_add(w, "; NAT: to %s:%u instead of %s:%u", f->ip_to, v->to_port, f->was_to, b->to_port);
}

static void line_icmp(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v;
    if (v->icmp_type == 3)
        words_add(w, v->icmp_code == 3 ? "Nobody listens on that port (ICMP port unreachable)" : v->icmp_code == 1 ? "That host cannot be reached from here (ICMP host unreachable)"
                                                                                                : "That cannot be reached (ICMP destination unreachable)");
    else if (v->icmp_type == 11)
        words_add(w, "That packet has passed too many routers (ICMP time exceeded)");
    else
        words_add(w, "ICMP type %u code %u", v->icmp_type, v->icmp_code);
}

static void english_line(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v;
    if (f->before != NULL)
        line_forwarded(w, f);
    else if (v->arp)
        line_arp(w, f);
    else if (v->dhcp)
        line_dhcp(w, f);
    else if (v->dns)
        line_dns(w, f);
    else if (v->tcp)
        line_tcp(w, f);
    else if (v->icmp)
        line_icmp(w, f);
    else
        words_add(w, "A packet of IP protocol %u", v->protocol);
    if (f->first != NULL && f->before == NULL) {
        words_add(w, ", again after ");
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
    words_add(w, "%s takes the Ethernet header off, looks up %s, and lowers the TTL from %u to %u", f->from, f->ip_to, b->ttl, v->ttl);
    if (f->translated)
        words_add(w, "; NAT writes another address and port, since the private ones mean nothing outside, and remembers them for the way back");
    words_add(w, "; the checksums follow, and a new Ethernet header carries it from %s to %s", f->from, f->to);
}

static void why_arp(struct words *w, const struct fact *f)
{
    static const char *const reasons[LK_VISIT_KINDS] = {
        [LK_VISIT_ARP_REQUEST] = "IP knows the address of the next hop, Ethernet needs its hardware address; so everybody on the link is asked",
        [LK_VISIT_ARP_REPLY] = "The owner of the address answers, to the asker alone; the asker keeps the pair for a minute",
        [LK_VISIT_ARP_PROBE] = "Before an address is used, it is asked whether somebody has it; silence means it is free",
        [LK_VISIT_ARP_ANNOUNCEMENT] = "Everybody who remembers another owner of this address forgets it now"};
    words_add(w, "%s. ", reasons[f->v->kind] != NULL ? reasons[f->v->kind] : "ARP");
    words_add(w, "ARP: 28 bytes directly in an Ethernet frame, without IP");
}

static void why_transport(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v;
    if (v->tcp) {
        words_add(w, "TCP adds ports %u → %u and byte number %u", v->from_port, v->to_port, f->seq);
        if (v->acks)
            words_add(w, ", says what has arrived (up to %u) and how much more may come", f->ack);
        words_add(w, "; ");
    } else if (v->udp)
        words_add(w, "UDP adds ports %u → %u and a checksum; ", v->from_port, v->to_port);
}

static void english_why(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v;
    if (f->before != NULL) {
        why_forwarded(w, f);
        return;
    }
    if (v->arp) {
        why_arp(w, f);
        return;
    }
    if (v->dhcp && v->from == 0)
        words_add(w, "The laptop has no address yet, so it sends from 0.0.0.0 to everybody. ");
    if (v->dhcp && v->from != 0)
        words_add(w, "The server knows the laptop's hardware address from the question and sends there. ");
    if (v->data_len > 0)
        words_add(w, "%s: %u bytes; ", v->dhcp ? "DHCP" : v->dns ? "DNS" : "HTTP", v->data_len);
    why_transport(w, f);
    words_add(w, "IP adds %s → %s and TTL %u; Ethernet adds the hardware addresses of %s and %s, for this link alone", f->ip_from, f->ip_to, v->ttl, f->from,
              v->eth_to[0] == 0xff ? "everybody" : f->to);
}

/* ---- acts ---- */

static void summary_of(struct words *w, const struct act_fact *f)
{
    switch (f->act->kind) {
    case LK_ACT_LEASE:
        if (f->v != NULL)
            words_add(w, "%s for %u s, from %s", f->ip[0], f->v->lease, f->ip[1]);
        else
            words_add(w, "no lease");
        break;
    case LK_ACT_ARP_GATEWAY:
    case LK_ACT_ARP_LAST_HOP:
        if (f->v != NULL)
            words_add(w, "%s is at %s", f->ip[0], f->mac);
        break;
    case LK_ACT_NAME:
        if (f->v != NULL && f->v->addresses > 0)
            words_add(w, "%s is %s", f->v->name, f->ip[0]);
        else if (f->v != NULL)
            words_add(w, "%s has no address", f->v->name);
        else
            words_add(w, "no answer");
        break;
    case LK_ACT_ROUTE: words_add(w, "%u times a packet was passed on", f->passed_on); break;
    case LK_ACT_NAT:
        if (f->v != NULL && f->before != NULL)
            words_add(w, "%s:%u is %s:%u outside", f->ip[1], f->before->from_port, f->ip[0], f->v->from_port);
        break;
    case LK_ACT_HANDSHAKE:
        words_add(w, f->v != NULL ? "SYN, SYN-ACK, ACK: each side has heard the other" : f->refused ? "refused by a RST" : "no answer to the SYN");
        break;
    case LK_ACT_REQUEST:
        if (f->v != NULL && f->v->head[0] != 0)
            words_add(w, "%s", f->v->head);
        break;
    case LK_ACT_RESPONSE: words_add(w, "%llu bytes with the head", (unsigned long long)f->bytes); break;
    case LK_ACT_CLOSE: words_add(w, f->fin[0] && f->fin[1] ? "FIN and ACK, both ways" : f->refused ? "broken off by a RST" : "only one side closed"); break;
    default: words_add(w, "%s: for 2 MSL the laptop remembers the connection, so that late copies of its packets cannot disturb a new one",
                       f->packets == 0 ? "nothing is sent" : "late copies are still answered"); break;
    }
}

static void english_summary(struct words *w, const struct act_fact *f)
{
    if (!f->act->happened) {
        words_add(w, "did not happen");
        return;
    }
    summary_of(w, f);
    words_add(w, "%s", w->len > 0 ? "; " : "");
    seconds(w, f->took);
    if (f->lost > 0)
        words_add(w, "; %u lost", f->lost);
    if (f->repeated > 0)
        words_add(w, "; %u sent again", f->repeated);
}

static void english_failure(struct words *w, const struct lk_fetch *f)
{
    switch (f->failed_at) {
    case LK_FETCH_LEASE: words_add(w, "no address: no DHCP server answered; try less --loss, or without --drop"); return;
    case LK_FETCH_RESOLVE:
        if (f->error == LK_E_NOTFOUND)
            words_add(w, "no such name: the DNS server does not know %s; check the spelling, or leave --no-such-name out", f->url.host);
        else
            words_add(w, "no answer: the DNS server said nothing about %s; try less --loss, or without --drop", f->url.host);
        return;
    case LK_FETCH_CONNECT:
        if (f->error == LK_E_CONNREFUSED)
            words_add(w, "connection refused: nobody listens on port %u of %s; try another port, or leave --refuse out", f->url.port, f->url.host);
        else
            words_add(w, "no connection: %s port %u does not answer; try less --loss, or without --drop", f->url.host, f->url.port);
        return;
    default: words_add(w, "the connection to %s broke while the page was on its way (%s); try less --loss", f->url.host, f->what != NULL ? f->what : lk_error_name(f->error)); return;
    }
}

const struct language visit_english = {
    .title = {[LK_ACT_LEASE] = "The laptop gets an address (DHCP)", [LK_ACT_ARP_GATEWAY] = "Where is the gateway? (ARP)", [LK_ACT_NAME] = "What is the server's address? (DNS)",
              [LK_ACT_ROUTE] = "From router to router (IP)", [LK_ACT_NAT] = "One public address for the whole home (NAT)",
              [LK_ACT_ARP_LAST_HOP] = "The last hop (ARP)", [LK_ACT_HANDSHAKE] = "The connection is opened (TCP)", [LK_ACT_REQUEST] = "The request (HTTP)",
              [LK_ACT_RESPONSE] = "The page (HTTP)", [LK_ACT_CLOSE] = "The connection is closed (TCP)", [LK_ACT_TIME_WAIT] = "Waiting for stragglers (TIME-WAIT)"},
    .phrase = {[PHRASE_STORY] = "From the name to the page: %s", [PHRASE_BY_DHCP] = "gets its address by DHCP", [PHRASE_INSIDE] = "private, inside",
               [PHRASE_OUTSIDE] = "public, outside", [PHRASE_KNOWS_NAMES] = "knows the addresses of names", [PHRASE_HAS_PAGE] = "has the page",
               [PHRASE_FORWARDS] = "passes packets on", [PHRASE_AGAIN] = "- continued", [PHRASE_WHAT] = "What happened", [PHRASE_BYTES] = "What it took",
               [PHRASE_ADDRESSES] = "Private address → public address (NAT) → server", [PHRASE_LOST] = ", %u lost",
               [PHRASE_LINK_BYTES] = "link %-7s %4u packets, %8llu bytes", [PHRASE_CONTENT] = "%llu bytes of page in %llu bytes on the home link: %u %%",
               [PHRASE_WENT_WELL] = "The page is there: %llu bytes, %.3f s after the laptop was switched on. Every act held.",
               [PHRASE_WENT_WRONG] = "%zu things went wrong.", [PHRASE_FAILED] = "No page: %s.", [PHRASE_PACKET] = "packet %u"},
    .line = english_line, .why = english_why, .summary = english_summary, .failure = english_failure,
};
