/* A visit over a bad network: whatever is lost, the page arrives whole, and every act holds. */
#include "conformance/visit/visit.h"
#include <check.h>
#include <string.h>

#define SEEDS 100

static void visit(const struct lk_visit_options *options, const char *what)
{
    struct lk_story story;
    struct lk_bump *memory = lk_bump_new((size_t)512 << 20);
    ck_assert_ptr_nonnull(memory);
    ck_assert_int_eq(lk_visit_run(options, memory, &story), 0);
    ck_assert_msg(story.failure == NULL, "%s seed %d: %s", what, (int)options->seed, story.failure);
    ck_assert_uint_eq(story.got_bytes, story.page_bytes);
    ck_assert_mem_eq(story.got, story.page, (size_t)story.page_bytes);
    ck_assert_msg(story.finding_count == 0, "%s seed %d: %s: %s", what, (int)options->seed, story.acts[story.findings[0].act].title[LK_STORY_EN],
                  story.findings[0].message);
    ck_assert(story.whole);
    lk_bump_free(memory);
}

START_TEST(five_percent_lost_and_the_page_is_whole)
{
    struct lk_visit_options options;
    lk_visit_options_init(&options);
    options.loss = 500;
    options.seed = (uint64_t)_i;
    visit(&options, "5 % loss");
}
END_TEST

START_TEST(a_longer_page_over_one_percent_loss_is_whole)
{
    struct lk_visit_options options;
    lk_visit_options_init(&options);
    options.loss = 100;
    options.seed = (uint64_t)_i;
    options.page_bytes = 200000;
    visit(&options, "long page, 1 % loss");
}
END_TEST

static const uint8_t kinds[] = {LK_VISIT_ARP_REQUEST, LK_VISIT_ARP_REPLY, LK_VISIT_DISCOVER, LK_VISIT_OFFER, LK_VISIT_DHCP_REQUEST, LK_VISIT_DHCP_ACK,
                                LK_VISIT_QUESTION, LK_VISIT_ANSWER, LK_VISIT_SYN, LK_VISIT_SYN_ACK, LK_VISIT_PURE_ACK, LK_VISIT_GET, LK_VISIT_PAGE, LK_VISIT_FIN};
static const char *const links[] = {NULL, "home", "access", "core", "dns", "web"};

/* Each kind of packet, its first or second copy, on each link. */
START_TEST(any_single_packet_may_be_lost)
{
    struct lk_visit_options options;
    for (size_t l = 0; l < sizeof links / sizeof *links; l++)
        for (uint32_t copy = 1; copy <= 2; copy++) {
            lk_visit_options_init(&options);
            options.drop[0] = (struct lk_visit_drop){.kind = kinds[_i], .copy = copy, .link = links[l]};
            options.drops = 1;
            visit(&options, lk_visit_kind_name(kinds[_i]));
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("visit/loss");
    TCase *tcase = tcase_create("loss");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, five_percent_lost_and_the_page_is_whole, 0, SEEDS);
    tcase_add_loop_test(tcase, a_longer_page_over_one_percent_loss_is_whole, 0, 10);
    tcase_add_loop_test(tcase, any_single_packet_may_be_lost, 0, (int)sizeof kinds);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
