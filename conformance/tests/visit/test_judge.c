/* The judge of a visit: a sound story has no finding, and a story in which one packet was altered has one, in the right act. */
#include "conformance/visit/judge.h"
#include "conformance/requirements/requirement.h"
#include "stack/base/bytes.h"
#include "stack/wire/checksum.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct lk_bump *memory;
static struct lk_story story;

static void set_up(void)
{
    struct lk_visit_options options;
    lk_visit_options_init(&options);
    memory = lk_bump_new((size_t)256 << 20);
    ck_assert_int_eq(lk_visit_run(&options, memory, &story), 0);
}

static void tear_down(void)
{
    lk_bump_free(memory);
}

/* The same story judged again: what was told before is forgotten. */
static void judge_again(void)
{
    struct lk_visit_reading reading;
    story.finding_count = 0;
    story.findings = NULL;
    memset(story.acts, 0, sizeof story.acts);
    for (size_t i = 0; i < story.packet_count; i++) {
        story.packets[i].same_as = story.packets[i].repeats = 0;
        story.packets[i].repeated = false;
    }
    ck_assert_int_eq(lk_visit_acts(&story, &reading), 0);
    ck_assert_int_eq(lk_visit_judge(&reading), 0);
}

/* The n-th packet of a kind on a link, from 0: writable. */
static struct lk_story_packet *packet(uint8_t kind, const char *link, unsigned n)
{
    for (size_t i = 0; i < story.packet_count; i++) {
        struct lk_visit_view v;
        lk_visit_look(story.packets[i].bytes, story.packets[i].len, lk_visit_web(&story), &v);
        if (v.kind == kind && strcmp(story.links[story.packets[i].link].name, link) == 0 && n-- == 0)
            return &story.packets[i];
    }
    ck_abort_msg("no %s on link %s", lk_visit_kind_name((enum lk_visit_kind)kind), link);
    return NULL;
}

static uint8_t *at(const struct lk_story_packet *p, uint32_t offset)
{
    return (uint8_t *)(uintptr_t)p->bytes + offset;
}

/* Checksums made right again after an alteration. */
static void mend(const struct lk_story_packet *p)
{
    uint8_t *ip = at(p, 14);
    uint32_t header = (ip[0] & 15u) * 4, len = lk_load_be16(ip + 2) - header;
    uint8_t *l4 = ip + header, *sum = l4 + (ip[9] == 6 ? 16 : 6);
    lk_store_be16(ip + 10, 0);
    lk_store_be16(ip + 10, lk_checksum_finish(lk_checksum_add(0, ip, header)));
    lk_store_be16(sum, 0);
    uint64_t pseudo = lk_checksum_pseudo_ipv4(lk_load_be32(ip + 12), lk_load_be32(ip + 16), ip[9], (uint16_t)len);
    lk_store_be16(sum, lk_checksum_finish(lk_checksum_add(pseudo, l4, len)));
}

/* Where what UDP and TCP carry begins. */
static uint32_t data_at(const struct lk_story_packet *p)
{
    return 14 + 20 + (p->bytes[23] == 17 ? 8u : (p->bytes[14 + 20 + 12] >> 4) * 4u);
}

enum { IP_TTL = 22, IP_SUM = 24, IP_FROM = 26, IP_TO = 30, PORT_FROM = 34, TCP_SEQ = 38, TCP_ACK = 42, ARP_OP = 20, ARP_SHA = 22, ARP_SPA = 28, ARP_THA = 32, DATA = 1000 };

/* One octet of one packet becomes another one; DATA + n counts from the payload. */
static const struct alteration {
    uint8_t kind; const char *link; unsigned n;
    uint32_t offset; uint8_t flip; bool mended;
    uint8_t act; const char *says;
} alterations[] = {
    {LK_VISIT_ARP_REPLY, "home", 0, ARP_SHA + 5, 1, false, LK_ACT_ARP_GATEWAY, "own hardware address"},
    {LK_VISIT_ARP_REPLY, "home", 0, ARP_THA + 5, 1, false, LK_ACT_ARP_GATEWAY, "does not go to the hardware address of the one who asked"},
    {LK_VISIT_ARP_REPLY, "home", 0, ARP_SPA + 3, 4, false, LK_ACT_ARP_GATEWAY, "answers for 192.168.1.5, which is not its address"},
    {LK_VISIT_ARP_REPLY, "web", 0, ARP_OP + 1, 1, false, LK_ACT_ARP_LAST_HOP, "does not answer the request"},
    {LK_VISIT_ARP_REQUEST, "web", 0, ARP_SPA + 3, 8, false, LK_ACT_ARP_LAST_HOP, "asks in the name of"},
    {LK_VISIT_ARP_REQUEST, "home", 0, 0, 1, false, LK_ACT_ARP_GATEWAY, "neither to everybody nor"},
    {LK_VISIT_SYN, "home", 0, 5, 1, false, LK_ACT_ARP_GATEWAY, "hardware address that nobody on this link has"},
    {LK_VISIT_OFFER, "home", 0, DATA + 4, 1, true, LK_ACT_LEASE, "transaction id is not that of the question"},
    {LK_VISIT_OFFER, "home", 0, DATA + 16, 1, true, LK_ACT_LEASE, "no address that a host on this link may have"},
    {LK_VISIT_DHCP_REQUEST, "home", 0, DATA + 28, 1, true, LK_ACT_LEASE, "chaddr"},
    {LK_VISIT_DHCP_REQUEST, "home", 0, IP_FROM, 10, true, LK_ACT_LEASE, "does not send from 0.0.0.0"},
    {LK_VISIT_DHCP_ACK, "home", 0, DATA + 19, 1, true, LK_ACT_LEASE, "which was not asked for"},
    {LK_VISIT_QUESTION, "home", 0, DATA + 13, 1, true, LK_ACT_NAME, "not for \"www.google.com\""},
    {LK_VISIT_QUESTION, "home", 0, DATA + 2, 1, true, LK_ACT_NAME, "does not ask for recursion"},
    {LK_VISIT_ANSWER, "dns", 0, DATA + 1, 1, true, LK_ACT_NAME, "the answer has id"},
    {LK_VISIT_ANSWER, "dns", 0, DATA + 13, 2, true, LK_ACT_NAME, "repeats another question"},
    {LK_VISIT_ANSWER, "dns", 0, IP_FROM + 3, 1, true, LK_ACT_NAME, "not come from where the question went"},
    {LK_VISIT_SYN, "core", 0, IP_TTL, 3, true, LK_ACT_ROUTE, "makes TTL 63 into"},
    {LK_VISIT_SYN, "core", 0, IP_SUM, 1, false, LK_ACT_ROUTE, "header checksum is wrong"},
    {LK_VISIT_GET, "core", 0, DATA + 20, 1, true, LK_ACT_ROUTE, "did not come in like that"},
    {LK_VISIT_SYN, "core", 0, IP_TO, 1, true, LK_ACT_ROUTE, "changes addresses, and is no NAT"},
    {LK_VISIT_SYN, "access", 0, PORT_FROM + 17, 1, false, LK_ACT_NAT, "checksum is wrong after translation"},
    {LK_VISIT_GET, "access", 0, PORT_FROM + 1, 1, true, LK_ACT_NAT, "now it is"},
    {LK_VISIT_SYN_ACK, "home", 0, PORT_FROM + 3, 1, true, LK_ACT_NAT, "not to the one it belongs to"},
    {LK_VISIT_GET, "access", 0, PORT_FROM + 3, 1, true, LK_ACT_NAT, "changes the address or port of the other end"},
    {LK_VISIT_SYN_ACK, "web", 0, TCP_ACK + 3, 4, true, LK_ACT_HANDSHAKE, "TCP rule"},
    {LK_VISIT_PAGE, "web", 0, TCP_ACK + 1, 4, true, LK_ACT_RESPONSE, "TCP rule"},
    {LK_VISIT_GET, "web", 0, DATA + 0, 32, true, LK_ACT_REQUEST, "request line is not"},
    {LK_VISIT_GET, "web", 0, DATA + 22, 1, true, LK_ACT_REQUEST, "Host fields"},
    {LK_VISIT_PAGE, "home", 0, DATA + 9, 1, true, LK_ACT_RESPONSE, "status line is not"},
    {LK_VISIT_PAGE, "home", 1, DATA + 700, 1, true, LK_ACT_RESPONSE, "of the page arrived as"},
};

static bool found(uint8_t act, const char *says)
{
    for (size_t i = 0; i < story.finding_count; i++)
        if (story.findings[i].act == act && strstr(story.findings[i].message, says) != NULL)
            return true;
    return false;
}

START_TEST(a_sound_story_has_no_finding)
{
    ck_assert_uint_eq(story.finding_count, 0);
    judge_again();
    ck_assert_uint_eq(story.finding_count, 0);
    ck_assert(story.whole);
    for (int k = 0; k < LK_ACTS; k++)
        ck_assert(story.acts[k].happened && story.acts[k].held);
}
END_TEST

START_TEST(one_altered_octet_is_found_in_the_right_act)
{
    const struct alteration *a = &alterations[_i];
    struct lk_story_packet *p = packet(a->kind, a->link, a->n);
    uint32_t offset = a->offset >= DATA ? data_at(p) + a->offset - DATA : a->offset;
    *at(p, offset) ^= a->flip;
    if (a->mended)
        mend(p);
    judge_again();
    ck_assert_msg(found(a->act, a->says), "alteration %d (%s): %zu findings, the first: %s", _i, a->says, story.finding_count,
                  story.finding_count > 0 ? story.findings[0].message : "none");
    ck_assert(!story.whole && !story.acts[a->act].held);
}
END_TEST

START_TEST(a_page_that_the_browser_got_otherwise_is_found)
{
    *(uint8_t *)(uintptr_t)(story.got + 100) ^= 1;
    judge_again();
    ck_assert(found(LK_ACT_RESPONSE, "what the browser got is not the page"));
}
END_TEST

START_TEST(a_connection_forgotten_too_early_is_found)
{
    story.ended -= LK_SECOND;
    judge_again();
    ck_assert(found(LK_ACT_TIME_WAIT, "not after 2 MSL"));
}
END_TEST

START_TEST(every_requirement_that_is_named_is_in_the_catalogue)
{
    for (size_t k = 0; k < sizeof alterations / sizeof *alterations; k++) {
        const struct alteration *a = &alterations[k];
        struct lk_story_packet *p = packet(a->kind, a->link, a->n);
        uint32_t offset = a->offset >= DATA ? data_at(p) + a->offset - DATA : a->offset;
        *at(p, offset) ^= a->flip;
        judge_again();
        for (size_t i = 0; i < story.finding_count; i++)
            if (story.findings[i].requirement != NULL)
                ck_assert_msg(lk_requirement_lookup(story.findings[i].requirement) != NULL, "%s", story.findings[i].requirement);
        *at(p, offset) ^= a->flip;
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("visit/judge");
    TCase *tcase = tcase_create("judge");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_sound_story_has_no_finding);
    tcase_add_loop_test(tcase, one_altered_octet_is_found_in_the_right_act, 0, (int)(sizeof alterations / sizeof *alterations));
    tcase_add_test(tcase, a_page_that_the_browser_got_otherwise_is_found);
    tcase_add_test(tcase, a_connection_forgotten_too_early_is_found);
    tcase_add_test(tcase, every_requirement_that_is_named_is_in_the_catalogue);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
