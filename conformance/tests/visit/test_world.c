/* The simulated network: the same options give the same story, and the story is whole. */
#include "conformance/visit/visit.h"
#include <check.h>
#include <stdio.h>
#include <string.h>

static struct lk_bump *memory;

static void set_up(void)
{
    memory = lk_bump_new((size_t)256 << 20);
}

static void tear_down(void)
{
    lk_bump_free(memory);
}

static void run(const struct lk_visit_options *options, struct lk_story *story)
{
    ck_assert_int_eq(lk_visit_run(options, memory, story), 0);
}

START_TEST(a_visit_ends_and_every_packet_is_told)
{
    struct lk_visit_options options;
    struct lk_story story;
    lk_visit_options_init(&options);
    run(&options, &story);
    ck_assert_uint_gt(story.packet_count, 40);
    for (size_t i = 0; i < story.packet_count; i++) {
        const struct lk_story_packet *p = &story.packets[i];
        ck_assert_uint_eq(p->number, i + 1);
        ck_assert(i == 0 || p->sent_at >= story.packets[i - 1].sent_at);
        ck_assert(p->arrived_at >= p->sent_at + story.links[p->link].delay);
        for (int l = 0; l < LK_STORY_LANGUAGES; l++)
            ck_assert(p->line[l][0] != 0 && p->why[l][0] != 0);
    }
    ck_assert_int_ge(story.ended, 240 * LK_SECOND); /* 2 MSL of the laptop */
    ck_assert(story.whole);
}
END_TEST

/* With losses, so that repetitions and RSTs are told too: every line in both languages, and Korean is no English. */
START_TEST(every_word_is_said_in_both_languages)
{
    struct lk_visit_options options;
    struct lk_story story;
    lk_visit_options_init(&options);
    options.loss = 1500;
    options.seed = 2;
    run(&options, &story);
    for (size_t i = 0; i < story.packet_count; i++) {
        const struct lk_story_packet *p = &story.packets[i];
        bool korean = false;
        for (const char *c = p->line[LK_STORY_KO]; *c != 0; c++)
            korean = korean || (*c & 0xf0) == 0xe0 || (unsigned char)*c >= 0xea;
        ck_assert_str_ne(p->line[LK_STORY_EN], p->line[LK_STORY_KO]);
        ck_assert_msg(korean || strchr(p->line[LK_STORY_KO], '"') != NULL, "%s", p->line[LK_STORY_KO]);
        for (const char *c = p->line[LK_STORY_EN]; *c != 0; c++)
            ck_assert_int_eq(*c & 0x80, 0);
    }
    for (int k = 0; k < LK_ACTS; k++) {
        ck_assert_str_ne(story.acts[k].title[LK_STORY_EN], story.acts[k].title[LK_STORY_KO]);
        ck_assert(story.acts[k].summary[LK_STORY_EN][0] != 0 && story.acts[k].summary[LK_STORY_KO][0] != 0);
    }
}
END_TEST

START_TEST(the_same_options_give_the_same_story)
{
    struct lk_visit_options options;
    struct lk_story a, b;
    lk_visit_options_init(&options);
    options.loss = 1000;
    options.seed = 7;
    run(&options, &a);
    run(&options, &b);
    ck_assert_uint_eq(a.packet_count, b.packet_count);
    for (size_t i = 0; i < a.packet_count; i++) {
        ck_assert_int_eq(a.packets[i].sent_at, b.packets[i].sent_at);
        ck_assert_uint_eq(a.packets[i].len, b.packets[i].len);
        ck_assert_mem_eq(a.packets[i].bytes, b.packets[i].bytes, a.packets[i].len);
    }
}
END_TEST

/* The server's port may be above, below, or the same as the port that the NAT or the laptop takes. */
static const char *const ports[] = {"www.google.com:1", "www.google.com:8080", "www.google.com:40000", "www.google.com:65535"};

static void visit_port(const char *url, struct lk_story *story)
{
    struct lk_visit_options options;
    lk_visit_options_init(&options);
    options.url = url;
    run(&options, story);
    ck_assert_msg(story->whole, "%s: %s", url, story->finding_count > 0 ? story->findings[0].message : story->failure);
}

START_TEST(whatever_the_port_the_page_comes_from_the_server)
{
    struct lk_story story;
    visit_port(ports[_i], &story);
    ck_assert_uint_eq(story.packets[story.acts[LK_ACT_REQUEST].first - 1].from, 0);
}
END_TEST

START_TEST(a_port_that_both_ends_have_tells_them_apart_all_the_same)
{
    struct lk_story story;
    char url[64];
    visit_port(ports[1], &story);
    for (uint32_t link = 0; link < 2; link++) { /* the port the laptop takes, then the one the NAT takes; the same seed, the same ports */
        const uint8_t *syn = NULL;
        for (size_t i = 0; i < story.packet_count && syn == NULL; i++)
            if (story.packets[i].act == LK_ACT_HANDSHAKE && story.packets[i].link == link)
                syn = story.packets[i].bytes;
        ck_assert_ptr_nonnull(syn);
        struct lk_story again;
        snprintf(url, sizeof url, "www.google.com:%u", (unsigned)(syn[34] << 8 | syn[35]));
        visit_port(url, &again);
    }
}
END_TEST

START_TEST(a_dropped_syn_is_sent_again_and_told_so)
{
    struct lk_visit_options options;
    struct lk_story story;
    size_t lost = 0, again = 0;
    lk_visit_options_init(&options);
    options.drop[0] = (struct lk_visit_drop){.kind = LK_VISIT_SYN, .copy = 1, .link = "core"};
    options.drops = 1;
    run(&options, &story);
    for (size_t i = 0; i < story.packet_count; i++) {
        const struct lk_story_packet *p = &story.packets[i];
        lost += p->arrived_at == LK_NEVER && strstr(p->line[LK_STORY_EN], "lost") != NULL;
        again += p->repeated && p->same_as == 0 && strstr(p->line[LK_STORY_EN], "again") != NULL;
    }
    ck_assert_uint_eq(lost, 1);
    ck_assert_uint_eq(again, 1);
}
END_TEST

START_TEST(a_forwarded_packet_points_to_the_hop_before)
{
    struct lk_visit_options options;
    struct lk_story story;
    uint32_t forwarded = 0;
    lk_visit_options_init(&options);
    run(&options, &story);
    for (size_t i = 0; i < story.packet_count; i++) {
        const struct lk_story_packet *p = &story.packets[i];
        if (p->same_as == 0)
            continue;
        const struct lk_story_packet *before = &story.packets[p->same_as - 1];
        ck_assert_uint_eq(before->to, p->from);
        ck_assert_uint_ne(before->link, p->link);
        ck_assert_int_le(before->arrived_at, p->sent_at);
        forwarded++;
    }
    ck_assert_uint_gt(forwarded, 30);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("visit/world");
    TCase *tcase = tcase_create("world");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_visit_ends_and_every_packet_is_told);
    tcase_add_test(tcase, every_word_is_said_in_both_languages);
    tcase_add_test(tcase, the_same_options_give_the_same_story);
    tcase_add_loop_test(tcase, whatever_the_port_the_page_comes_from_the_server, 0, (int)(sizeof ports / sizeof *ports));
    tcase_add_test(tcase, a_port_that_both_ends_have_tells_them_apart_all_the_same);
    tcase_add_test(tcase, a_dropped_syn_is_sent_again_and_told_so);
    tcase_add_test(tcase, a_forwarded_packet_points_to_the_hop_before);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
