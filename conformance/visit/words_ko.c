/* The story in Korean. Particles that depend on the sound of a name are avoided: names and numbers come from packets. */
#include "conformance/visit/words.h"
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

static void korean_line(struct words *w, const struct fact *f)
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
        words_add(w, "ICMP 종류 %u, 코드 %u", v->icmp_type, v->icmp_code);
    else
        words_add(w, "그 밖의 패킷");
    if (f->first != NULL && f->before == NULL) {
        words_add(w, " - 다시 보냄: ");
        seconds(w, f->since_first);
        words_add(w, " 동안 답이 없었습니다");
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
    words_add(w, "%s에서 다음 구간으로 전달: TTL %u → %u", f->from, b->ttl, v->ttl);
    if (b->from != v->from || b->from_port != v->from_port)
        words_add(w, "; NAT: 출발지 %s:%u → %s:%u", f->was_from, b->from_port, f->ip_from, v->from_port);
    if (b->to != v->to || b->to_port != v->to_port)
        words_add(w, "; NAT: 목적지 %s:%u → %s:%u", f->was_to, b->to_port, f->ip_to, v->to_port);
    words_add(w, "; 체크섬을 그에 맞게 고치고, 이 링크의 이더넷 주소를 새로 붙입니다");
}

static void why_layers(struct words *w, const struct fact *f)
{
    const struct lk_visit_view *v = f->v;
    if (v->arp) {
        words_add(w, v->kind == LK_VISIT_ARP_REPLY ? "물어본 곳에만 답합니다. "
                     : v->kind == LK_VISIT_ARP_REQUEST ? "다음 홉의 IP 주소는 알지만, 이더넷에는 하드웨어 주소가 필요합니다. " : "");
        words_add(w, "ARP는 IP 없이 이더넷에 바로 실립니다");
        return;
    }
    if (v->dhcp)
        words_add(w, "노트북에 아직 주소가 없어 모두에게 보냅니다. ");
    words_add(w, "%s", v->dns ? "DNS 메시지; " : v->dhcp ? "DHCP 메시지; " : v->data_len > 0 ? "HTTP; " : "");
    if (v->tcp)
        words_add(w, "TCP: 포트 %u → %u, 바이트 번호 %u%s; ", v->from_port, v->to_port, f->seq, v->acks ? ", 어디까지 받았는지" : "");
    if (v->udp)
        words_add(w, "UDP: 포트 %u → %u; ", v->from_port, v->to_port);
    words_add(w, "IP: %s → %s, TTL %u; 이더넷: 하드웨어 주소 %s → %s", f->ip_from, f->ip_to, v->ttl, f->from, v->eth_to[0] == 0xff ? "모두" : f->to);
}

static void korean_why(struct words *w, const struct fact *f)
{
    if (f->before != NULL)
        why_forwarded(w, f);
    else
        why_layers(w, f);
}

static void korean_summary(struct words *w, const struct lk_story *story, const struct lk_story_act *act)
{
    (void)story;
    if (!act->happened) {
        words_add(w, "일어나지 않음");
        return;
    }
    seconds(w, act->to - act->from);
    words_add(w, " 걸림");
}

const struct language visit_korean = {
    .title = {[LK_ACT_LEASE] = "노트북이 주소를 빌립니다 (DHCP)", [LK_ACT_ARP_GATEWAY] = "게이트웨이는 어디에? (ARP)",
              [LK_ACT_NAME] = "서버의 주소는? (DNS)", [LK_ACT_ROUTE] = "라우터에서 라우터로 (IP)",
              [LK_ACT_NAT] = "온 집이 공인 주소 하나로 (NAT)", [LK_ACT_ARP_LAST_HOP] = "마지막 홉 (ARP)",
              [LK_ACT_HANDSHAKE] = "연결을 엽니다: 3방향 핸드셰이크 (TCP)", [LK_ACT_REQUEST] = "요청 (HTTP)", [LK_ACT_RESPONSE] = "웹 페이지 (HTTP)",
              [LK_ACT_CLOSE] = "연결을 닫습니다: 4방향 종료 (TCP)", [LK_ACT_TIME_WAIT] = "뒤늦은 패킷을 기다립니다 (TIME-WAIT)"},
    .line = korean_line, .why = korean_why, .summary = korean_summary,
};
