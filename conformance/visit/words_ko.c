/* The story in Korean. Particles that depend on the sound of a name are avoided: names and numbers come from packets. */
#include "conformance/visit/words.h"
#include "stack/run/fetch.h"
#include <string.h>

static void seconds(struct words *w, lk_time t)
{
    if (t >= LK_SECOND)
        words_add(w, "%.3f초", (double)t / 1e9);
    else
        words_add(w, "%.1f밀리초", (double)t / 1e6);
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
    case LK_VISIT_ARP_PROBE: words_add(w, "%s 주소를 이미 쓰고 있는 곳이 있나요? (ARP 프로브)", f->ip_to); break;
    case LK_VISIT_ARP_ANNOUNCEMENT: words_add(w, "이제부터 %s 주소는 제가 씁니다 (ARP 알림)", f->ip_from); break;
    case LK_VISIT_ARP_REPLY:
        words_add(w, "%s의 하드웨어 주소는 %02x:%02x:%02x:%02x:%02x:%02x입니다 (ARP 응답)", f->ip_from, v->a.sender_mac[0], v->a.sender_mac[1],
                  v->a.sender_mac[2], v->a.sender_mac[3], v->a.sender_mac[4], v->a.sender_mac[5]);
        break;
    default: words_add(w, "%s 주소를 가진 곳은 어디인가요? %s에게 알려 주세요 (ARP 요청, 이 링크의 모두에게)", f->ip_to, f->ip_from);
    }
}

static void line_dhcp(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v;
    switch (v->kind) {
    case LK_VISIT_DISCOVER: words_add(w, "DHCP 서버가 있나요? 주소가 필요합니다 (DISCOVER, 0.0.0.0에서 모두에게)"); break;
    case LK_VISIT_OFFER: address(w, v->yours); words_add(w, " 주소를 쓸 수 있습니다 (OFFER)"); break;
    case LK_VISIT_DHCP_REQUEST:
        address(w, v->requested != 0 ? v->requested : v->client);
        words_add(w, " 주소를 쓰겠습니다. 확인해 주세요 (REQUEST)");
        break;
    case LK_VISIT_DHCP_ACK:
        address(w, v->yours);
        words_add(w, " 주소를 %u초 동안 빌려드립니다. 라우터 ", v->lease);
        address(w, v->router);
        words_add(w, ", DNS 서버 ");
        address(w, v->name_servers > 0 ? v->name_server[0] : 0);
        words_add(w, " (ACK)");
        break;
    case LK_VISIT_DHCP_NAK: words_add(w, "그 주소는 쓸 수 없습니다 (NAK)"); break;
    case LK_VISIT_DECLINE: words_add(w, "그 주소는 이미 다른 곳에서 쓰고 있습니다 (DECLINE)"); break;
    case LK_VISIT_RELEASE: words_add(w, "주소를 돌려드립니다 (RELEASE)"); break;
    default: words_add(w, "DHCP 메시지");
    }
}

static void line_dns(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v;
    const char *type = v->dns_type == 28 ? "IPv6 주소" : v->dns_type == 1 ? "주소" : "레코드";
    if (v->kind == LK_VISIT_QUESTION)
        words_add(w, "%s의 %s는 무엇인가요? (DNS 질의 0x%04x)", v->name, type, v->dns_id);
    else if (v->rcode == 3)
        words_add(w, "%s: 그런 이름은 없습니다 (DNS 응답: NXDOMAIN)", v->name);
    else if (v->addresses == 0)
        words_add(w, "%s의 %s: 알려 줄 것이 없습니다 (DNS 응답, 코드 %u)", v->name, type, v->rcode);
    else {
        words_add(w, "%s의 주소는 ", v->name);
        address(w, v->address[0]);
        words_add(w, "입니다 (질의 0x%04x에 대한 DNS 응답, %u초 동안 유효)", v->dns_id, v->ttl_of_answer);
    }
}

static void line_ack(struct words *w, const struct fact *f)
{
    if (f->acks_fin)
        words_add(w, "더 보낼 것이 없다는 말씀, 확인했습니다 (ACK %u)", f->ack);
    else if (f->newly_acked > 0)
        words_add(w, "%u번 바이트까지 모두 받았습니다 (ACK %u)", f->ack - 1, f->ack);
    else if (f->acks_syn)
        words_add(w, "저도 들었습니다. 이제 연결되었습니다 (ACK %u)", f->ack);
    else
        words_add(w, "아직 %u번 바이트를 기다리고 있습니다 (ACK %u 반복)", f->ack, f->ack);
}

static void line_tcp(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v;
    switch (v->kind) {
    case LK_VISIT_SYN: words_add(w, "%u번 포트에 연결해도 될까요? 제 바이트 번호는 %u부터입니다 (SYN)", v->to_port, v->seq); break;
    case LK_VISIT_SYN_ACK: words_add(w, "네, 제 번호는 %u부터이고, 이제 1번 바이트를 기다립니다 (SYN-ACK)", v->seq); break;
    case LK_VISIT_RST:
        words_add(w, v->acks && f->seq == 0 ? "여기 %u번 포트에는 기다리는 프로그램이 없습니다 (RST)" : "%u번 포트에 그런 연결은 없습니다 (RST)", v->from_port);
        break;
    case LK_VISIT_FIN:
        words_add(w, "더 보낼 것이 없습니다 (FIN%s", f->acks_fin ? ", 상대의 FIN도 확인)" : ")");
        if (v->data_len > 0)
            words_add(w, ", 마지막 %u바이트와 함께", v->data_len);
        break;
    case LK_VISIT_PURE_ACK: line_ack(w, f); break;
    default:
        if (v->head[0] != 0)
            words_add(w, "\"%s\" (%u~%u번 바이트)", v->head, f->seq, f->seq + v->data_len - 1);
        else
            words_add(w, "%s의 %u~%u번 바이트", f->to_server ? "요청" : "응답", f->seq, f->seq + v->data_len - 1);
    }
}

/* What a packet that is sent on is called. */
static void thing(struct words *w, const struct fact *f)
{
    static const char *const names[LK_VISIT_KINDS] = {[LK_VISIT_QUESTION] = "질의", [LK_VISIT_ANSWER] = "응답", [LK_VISIT_SYN] = "SYN", [LK_VISIT_SYN_ACK] = "SYN-ACK",
                                                      [LK_VISIT_FIN] = "FIN", [LK_VISIT_RST] = "RST", [LK_VISIT_ICMP] = "ICMP 메시지"};
    const struct lk_visit_view *v = f->v;
    if (v->kind == LK_VISIT_PURE_ACK)
        words_add(w, "ACK %u", f->ack);
    else if (v->tcp && v->data_len > 0)
        words_add(w, "%s의 %u~%u번 바이트", f->to_server ? "요청" : "페이지", f->seq, f->seq + v->data_len - 1);
    else
        words_add(w, "%s", names[v->kind] != NULL ? names[v->kind] : "패킷");
}

static void line_forwarded(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v, *b = f->before;
    thing(w, f);
    words_add(w, " 전달, TTL %u", v->ttl);
    if (b->from != v->from || b->from_port != v->from_port)
        words_add(w, "; NAT: 출발지 %s:%u → %s:%u", f->was_from, b->from_port, f->ip_from, v->from_port);
    if (b->to != v->to || b->to_port != v->to_port)
        words_add(w, "; NAT: 목적지 %s:%u → %s:%u", f->was_to, b->to_port, f->ip_to, v->to_port);
}

static void line_icmp(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v;
    if (v->icmp_type == 3)
        words_add(w, v->icmp_code == 3 ? "그 포트에는 기다리는 프로그램이 없습니다 (ICMP 포트 도달 불가)"
                     : v->icmp_code == 1 ? "여기서는 그 호스트에 닿을 수 없습니다 (ICMP 호스트 도달 불가)" : "목적지에 닿을 수 없습니다 (ICMP 목적지 도달 불가)");
    else if (v->icmp_type == 11)
        words_add(w, "그 패킷은 너무 많은 라우터를 지났습니다 (ICMP 시간 초과)");
    else
        words_add(w, "ICMP 종류 %u, 코드 %u", v->icmp_type, v->icmp_code);
}

static void korean_line(struct words *w, const struct fact *f)
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
        words_add(w, "IP 프로토콜 %u번 패킷", v->protocol);
    if (f->first != NULL && f->before == NULL) {
        words_add(w, " - ");
        seconds(w, f->since_first);
        words_add(w, " 뒤에 다시 보냄");
    }
    if (!v->sound)
        words_add(w, " - 손상됨: %s", v->unsound);
    if (f->lost)
        words_add(w, " - 도중에 사라짐");
}

/* ---- why, and which layer added what ---- */

static void why_forwarded(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v, *b = f->before;
    words_add(w, "%s: 이더넷 헤더를 떼고, %s 쪽 경로를 찾고, TTL을 %u에서 %u로 줄입니다", f->from, f->ip_to, b->ttl, v->ttl);
    if (f->translated)
        words_add(w, "; 사설 주소는 바깥에서 통하지 않으므로 NAT가 주소와 포트를 바꿔 쓰고, 돌아올 때를 위해 기억해 둡니다");
    words_add(w, "; 체크섬을 그에 맞게 고치고, %s → %s 구간의 새 이더넷 헤더를 붙입니다", f->from, f->to);
}

static void why_arp(struct words *w, const struct fact *f)
{
    static const char *const reasons[LK_VISIT_KINDS] = {
        [LK_VISIT_ARP_REQUEST] = "다음 홉의 IP 주소는 알지만 이더넷에는 하드웨어 주소가 필요하므로, 이 링크의 모두에게 묻습니다",
        [LK_VISIT_ARP_REPLY] = "주소의 주인이 물어본 곳에만 답하고, 물어본 쪽은 이 짝을 1분 동안 기억합니다",
        [LK_VISIT_ARP_PROBE] = "주소를 쓰기 전에 이미 쓰는 곳이 있는지 묻습니다. 답이 없으면 비어 있는 것입니다",
        [LK_VISIT_ARP_ANNOUNCEMENT] = "이 주소의 주인을 달리 기억하던 곳은 이제 새로 고칩니다"};
    words_add(w, "%s. ", reasons[f->v->kind] != NULL ? reasons[f->v->kind] : "ARP");
    words_add(w, "ARP: IP 없이 이더넷 프레임에 바로 실리는 28바이트");
}

static void why_transport(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v;
    if (v->tcp) {
        words_add(w, "TCP: 포트 %u → %u, 바이트 번호 %u", v->from_port, v->to_port, f->seq);
        if (v->acks)
            words_add(w, ", 어디까지 받았고(%u 앞까지) 얼마나 더 받을 수 있는지", f->ack);
        words_add(w, "; ");
    } else if (v->udp)
        words_add(w, "UDP: 포트 %u → %u와 체크섬; ", v->from_port, v->to_port);
}

static void korean_why(struct words *w, const struct fact *f)
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
        words_add(w, "노트북에 아직 주소가 없으므로 0.0.0.0에서 모두에게 보냅니다. ");
    if (v->dhcp && v->from != 0)
        words_add(w, "서버는 질문에 적힌 노트북의 하드웨어 주소로 보냅니다. ");
    if (v->data_len > 0)
        words_add(w, "%s: %u바이트; ", v->dhcp ? "DHCP" : v->dns ? "DNS" : "HTTP", v->data_len);
    why_transport(w, f);
    words_add(w, "IP: %s → %s, TTL %u; 이더넷: 이 링크에서만 쓰이는 하드웨어 주소, %s → %s", f->ip_from, f->ip_to, v->ttl, f->from,
              v->eth_to[0] == 0xff ? "모두" : f->to);
}

/* ---- acts ---- */

static void summary_of(struct words *w, const struct act_fact *f)
{
    switch (f->act->kind) {
    case LK_ACT_LEASE:
        if (f->v != NULL)
            words_add(w, "%s, %u초 동안, 빌려준 곳 %s", f->ip[0], f->v->lease, f->ip[1]);
        else
            words_add(w, "빌린 주소 없음");
        break;
    case LK_ACT_ARP_GATEWAY:
    case LK_ACT_ARP_LAST_HOP:
        if (f->v != NULL)
            words_add(w, "%s의 하드웨어 주소는 %s", f->ip[0], f->mac);
        break;
    case LK_ACT_NAME:
        if (f->v != NULL && f->v->addresses > 0)
            words_add(w, "%s의 주소는 %s", f->v->name, f->ip[0]);
        else if (f->v != NULL)
            words_add(w, "%s의 주소는 없음", f->v->name);
        else
            words_add(w, "응답 없음");
        break;
    case LK_ACT_ROUTE: words_add(w, "패킷을 모두 %u번 전달", f->passed_on); break;
    case LK_ACT_NAT:
        if (f->v != NULL && f->before != NULL)
            words_add(w, "안의 %s:%u, 밖에서는 %s:%u", f->ip[1], f->before->from_port, f->ip[0], f->v->from_port);
        break;
    case LK_ACT_HANDSHAKE:
        words_add(w, f->v != NULL ? "SYN, SYN-ACK, ACK: 서로의 말이 들리는 것을 확인" : f->refused ? "RST로 거절됨" : "SYN에 응답 없음");
        break;
    case LK_ACT_REQUEST:
        if (f->v != NULL && f->v->head[0] != 0)
            words_add(w, "%s", f->v->head);
        break;
    case LK_ACT_RESPONSE: words_add(w, "헤더까지 %llu바이트", (unsigned long long)f->bytes); break;
    case LK_ACT_CLOSE: words_add(w, f->fin[0] && f->fin[1] ? "양쪽 모두 FIN과 ACK" : f->refused ? "RST로 끊어짐" : "한쪽만 닫음"); break;
    default:
        words_add(w, "%s: 늦게 온 사본이 새 연결을 어지럽히지 않도록 노트북이 2MSL 동안 연결을 기억합니다", f->packets == 0 ? "보내는 것 없음" : "늦게 온 사본에만 답함");
        break;
    }
}

static void korean_summary(struct words *w, const struct act_fact *f)
{
    if (!f->act->happened) {
        words_add(w, "일어나지 않음");
        return;
    }
    summary_of(w, f);
    words_add(w, "%s", w->len > 0 ? "; " : "");
    seconds(w, f->took);
    if (f->lost > 0)
        words_add(w, "; %u개 사라짐", f->lost);
    if (f->repeated > 0)
        words_add(w, "; %u번 다시 보냄", f->repeated);
}

static void korean_failure(struct words *w, const struct lk_fetch *f)
{
    switch (f->failed_at) {
    case LK_FETCH_LEASE: words_add(w, "주소를 얻지 못했습니다. 응답하는 DHCP 서버가 없습니다. --loss를 줄이거나 --drop 없이 해 보세요"); return;
    case LK_FETCH_RESOLVE:
        if (f->error == LK_E_NOTFOUND)
            words_add(w, "그런 이름이 없습니다. DNS 서버가 %s: 모르는 이름이라고 합니다. 철자를 확인하거나 --no-such-name 없이 해 보세요", f->url.host);
        else
            words_add(w, "%s의 주소를 묻는 질의에 DNS 서버의 응답이 없습니다. --loss를 줄이거나 --drop 없이 해 보세요", f->url.host);
        return;
    case LK_FETCH_CONNECT:
        if (f->error == LK_E_CONNREFUSED)
            words_add(w, "연결이 거절되었습니다. %s의 %u번 포트에는 기다리는 프로그램이 없습니다. 다른 포트로, 또는 --refuse 없이 해 보세요", f->url.host, f->url.port);
        else
            words_add(w, "연결하지 못했습니다. %s의 %u번 포트가 응답하지 않습니다. --loss를 줄이거나 --drop 없이 해 보세요", f->url.host, f->url.port);
        return;
    default: words_add(w, "페이지를 받는 중에 %s 쪽 연결이 끊어졌습니다 (%s). --loss를 줄여 보세요", f->url.host, f->what != NULL ? f->what : lk_error_name(f->error)); return;
    }
}

const struct language visit_korean = {
    .title = {[LK_ACT_LEASE] = "노트북이 주소를 빌립니다 (DHCP)", [LK_ACT_ARP_GATEWAY] = "게이트웨이는 어디에? (ARP)",
              [LK_ACT_NAME] = "서버의 주소는? (DNS)", [LK_ACT_ROUTE] = "라우터에서 라우터로 (IP)",
              [LK_ACT_NAT] = "온 집이 공인 주소 하나로 (NAT)", [LK_ACT_ARP_LAST_HOP] = "마지막 홉 (ARP)",
              [LK_ACT_HANDSHAKE] = "연결을 엽니다: 3방향 핸드셰이크 (TCP)", [LK_ACT_REQUEST] = "요청 (HTTP)", [LK_ACT_RESPONSE] = "웹 페이지 (HTTP)",
              [LK_ACT_CLOSE] = "연결을 닫습니다: 4방향 종료 (TCP)", [LK_ACT_TIME_WAIT] = "뒤늦은 패킷을 기다립니다 (TIME-WAIT)"},
    .phrase = {[PHRASE_STORY] = "이름에서 웹 페이지까지: %s", [PHRASE_BY_DHCP] = "DHCP로 주소를 받음", [PHRASE_INSIDE] = "사설, 안쪽", [PHRASE_OUTSIDE] = "공인, 바깥쪽",
               [PHRASE_KNOWS_NAMES] = "이름의 주소를 알고 있음", [PHRASE_HAS_PAGE] = "웹 페이지가 있음", [PHRASE_FORWARDS] = "패킷을 전달함",
               [PHRASE_AGAIN] = "- 이어서", [PHRASE_WHAT] = "일어난 일", [PHRASE_BYTES] = "오간 양", [PHRASE_ADDRESSES] = "사설 주소 → 공인 주소 (NAT) → 서버",
               [PHRASE_LOST] = ", %u개 사라짐", [PHRASE_LINK_BYTES] = "링크 %-7s 패킷 %4u개, %8llu바이트",
               [PHRASE_CONTENT] = "웹 페이지 %llu바이트를 위해 집 링크에 %llu바이트: %u %%",
               [PHRASE_WENT_WELL] = "웹 페이지가 도착했습니다: %llu바이트, 노트북을 켠 지 %.3f초. 모든 단계가 규칙대로였습니다.",
               [PHRASE_WENT_WRONG] = "규칙에 어긋난 일이 %zu가지 있었습니다.", [PHRASE_FAILED] = "웹 페이지를 받지 못했습니다: %s.", [PHRASE_PACKET] = "패킷 %u"},
    .line = korean_line, .why = korean_why, .summary = korean_summary, .failure = korean_failure,
};
