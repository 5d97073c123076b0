/* DNS (RFC 1035, RFC 5452): the right question to the server of the lease, an answer that belongs to it, and a connection to the
 * address that was answered. */
#include "conformance/visit/judge.h"
#include <string.h>

#define PATIENCE (5 * LK_SECOND)

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* RFC 1035 2.3.3: without regard to case, and to the final dot of a name typed by a person. */
static bool same_name(const char *a, const char *b)
{
    while (*a != 0 && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return (*a == 0 || strcmp(a, ".") == 0) && (*b == 0 || strcmp(b, ".") == 0);
}

static void judge_question(struct judge *j, uint32_t i)
{
    const struct lk_story_packet *p = &j->story->packets[i];
    const struct lk_visit_view *v = &j->view[i];
    char text[JUDGE_TEXT];
    if (p->same_as != 0 || j->story->hosts[p->from].role != LK_STORY_CLIENT)
        return;
    if (!same_name(v->name, j->url.host))
        judge_found(j, LK_ACT_NAME, i, "RFC1035-4.1.1-b", "asks for \"%s\", not for \"%s\"", v->name, j->url.host);
    if (v->dns_type != 1 || v->dns_class != 1)
        judge_found(j, LK_ACT_NAME, i, "RFC1035-4.1.1-b", "asks for type %u class %u, not for an address in the Internet", v->dns_type, v->dns_class);
    if (v->to != j->resolver)
        judge_found(j, LK_ACT_NAME, i, NULL, "asks %s, which is not the DNS server of the lease", judge_ip(v->to, text));
    if (!v->dns_rd)
        judge_found(j, LK_ACT_NAME, i, NULL, "does not ask for recursion, and a stub resolver cannot do without");
    /* RFC 1035 4.2.1. A question that waits for ARP leaves late, perhaps together with the next one: three are too many. */
    uint32_t lately = 0;
    for (uint32_t k = 0; k < i; k++)
        lately += j->story->packets[k].from == p->from && j->view[k].kind == LK_VISIT_QUESTION && p->sent_at - j->story->packets[k].sent_at < LK_SECOND;
    if (lately >= 2)
        judge_found(j, LK_ACT_NAME, i, "RFC1035-4.2.1-b", "three questions within a second");
}

/* The question that an answer belongs to, seen where both are: at the server. */
static const struct lk_visit_view *question_of(const struct judge *j, uint32_t i)
{
    for (uint32_t k = i; k-- > 0;) {
        const struct lk_story_packet *q = &j->story->packets[k];
        if (j->view[k].kind == LK_VISIT_QUESTION && q->to == j->story->packets[i].from && q->arrived_order != 0 && q->arrived_order < j->story->packets[i].sent_order &&
            j->view[k].from == j->view[i].to && j->view[k].from_port == j->view[i].to_port)
            return &j->view[k];
    }
    return NULL;
}

static void judge_answer(struct judge *j, uint32_t i)
{
    const struct lk_story_packet *p = &j->story->packets[i];
    const struct lk_visit_view *v = &j->view[i];
    char text[JUDGE_TEXT];
    if (p->same_as != 0 || j->story->hosts[p->from].role != LK_STORY_DNS)
        return;
    const struct lk_visit_view *asked = question_of(j, i);
    if (asked == NULL) {
        judge_found(j, LK_ACT_NAME, i, "RFC5452-9.1-a", "an answer to an address and port that did not ask");
        return;
    }
    if (v->dns_id != asked->dns_id)
        judge_found(j, LK_ACT_NAME, i, "RFC1035-7.3-b", "the answer has id 0x%04x, the question 0x%04x", v->dns_id, asked->dns_id);
    if (!same_name(v->name, asked->name) || v->dns_type != asked->dns_type || v->dns_class != asked->dns_class)
        judge_found(j, LK_ACT_NAME, i, "RFC5452-9.1-a", "the answer repeats another question");
    if (v->from != asked->to || v->from_port != asked->to_port)
        judge_found(j, LK_ACT_NAME, i, "RFC2181-4.1-a", "the answer does not come from where the question went");
    if (v->dns_rd != asked->dns_rd)
        judge_found(j, LK_ACT_NAME, i, "RFC1035-4.1.1-c", "the answer does not copy the question's RD");
    for (uint32_t a = 0; a < v->addresses; a++) {
        uint32_t owner = judge_owner(j, v->address[a]);
        if (owner == LK_NONE || j->story->hosts[owner].role != LK_STORY_WEB)
            judge_found(j, LK_ACT_NAME, i, NULL, "the answer names %s, which is not the web server's address", judge_ip(v->address[a], text));
    }
    if (v->rcode != 0 && v->rcode != 3)
        judge_found(j, LK_ACT_NAME, i, NULL, "the server answers with code %u", v->rcode);
}

/* Where the laptop goes must have been answered before. */
static void judge_use(struct judge *j, uint32_t i)
{
    const struct lk_story_packet *p = &j->story->packets[i];
    const struct lk_visit_view *v = &j->view[i];
    char text[JUDGE_TEXT];
    if (v->kind != LK_VISIT_SYN || j->story->hosts[p->from].role != LK_STORY_CLIENT || j->url.is_address)
        return;
    for (uint32_t k = 0; k < j->story->packet_count; k++) {
        const struct lk_story_packet *q = &j->story->packets[k];
        if (j->view[k].kind != LK_VISIT_ANSWER || q->to != p->from || q->arrived_order == 0 || q->arrived_order > p->sent_order)
            continue;
        for (uint32_t a = 0; a < j->view[k].addresses; a++)
            if (j->view[k].address[a] == v->to)
                return;
    }
    judge_found(j, LK_ACT_NAME, i, NULL, "the laptop connects to %s, which no answer has named", judge_ip(v->to, text));
}

static void judge_answered(struct judge *j, uint32_t i)
{
    const struct lk_story_packet *p = &j->story->packets[i];
    if (p->arrived_at == LK_NEVER || j->story->hosts[p->to].role != LK_STORY_DNS || p->arrived_at + PATIENCE > j->story->ended)
        return;
    for (uint32_t k = i + 1; k < j->story->packet_count && j->story->packets[k].sent_at <= p->arrived_at + PATIENCE; k++)
        if (j->story->packets[k].from == p->to && j->view[k].kind == LK_VISIT_ANSWER)
            return;
    if (j->lossless)
        judge_found(j, LK_ACT_NAME, i, NULL, "the DNS server does not answer");
}

void judge_name(struct judge *j)
{
    for (uint32_t i = 0; i < j->story->packet_count; i++) {
        if (j->view[i].kind == LK_VISIT_QUESTION) {
            judge_question(j, i);
            judge_answered(j, i);
        } else if (j->view[i].kind == LK_VISIT_ANSWER)
            judge_answer(j, i);
        judge_use(j, i);
    }
}
