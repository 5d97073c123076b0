/* Damaged sniffing does not change a verdict into a false one: captures with frames removed, doubled, exchanged, cut short, or of
 * one direction only, against the verdicts that the whole capture gave. */
#include "conformance/audit/audit.h"
#include "conformance/files/capture.h"
#include "conformance/requirements/requirement.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS 20
#define FRAMES_MOST 4096

enum damage { WHOLE = 0, REMOVED_1, REMOVED_5, DOUBLED, EXCHANGED, CUT, ONE_WAY, DAMAGES };
static const char *const names[DAMAGES] = {"whole", "1 % removed", "5 % removed", "doubled", "neighbours exchanged", "cut to 96 bytes", "one direction"};

struct verdicts { uint32_t held[2], violated[2], unknown[2]; unsigned connections; };

static uint32_t must; /* the rules at MUST level, a bit each */
static unsigned given[DAMAGES], stand[DAMAGES];

static uint64_t state;
static uint32_t below(uint32_t bound)
{
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)((state >> 33) % bound);
}

static void take(void *context, const struct lk_audit_flow *flow, bool evicted)
{
    struct verdicts *v = context;
    (void)evicted;
    v->connections++;
    for (unsigned e = 0; e < 2; e++) {
        v->held[e] |= flow->scan.held[e] & must;
        v->violated[e] |= flow->scan.violated[e] & must;
        v->unknown[e] |= flow->scan.unknown[e] & must;
    }
}

/* Which end of the only connection sent it: the one with the lower address is the device's. */
static bool is_first(const struct lk_captured *f) { return f->len >= 34 && memcmp(f->bytes + 26, f->bytes + 30, 4) < 0; }

static void feed(struct lk_audit *a, const struct lk_captured *f, uint32_t most)
{
    lk_audit_frame(a, LK_CAPTURE_ETHERNET, f->bytes, f->len < most ? f->len : most, f->orig_len, f->number, f->at);
}

static struct verdicts judge(const struct lk_capture *capture, enum damage damage, unsigned seed)
{
    struct verdicts v = {0};
    struct lk_audit *a = lk_audit_new(&(struct lk_audit_config){.memory = 16u << 20}, &(struct lk_audit_sink){.context = &v, .connection = take});
    bool first_only = damage == ONE_WAY && seed % 2 == 0;
    state = seed * 7919u + damage;
    ck_assert_ptr_nonnull(a);
    for (size_t i = 0; i < capture->count; i++) {
        const struct lk_captured *f = &capture->frames[i];
        if ((damage == REMOVED_1 && below(100) == 0) || (damage == REMOVED_5 && below(20) == 0) || (damage == ONE_WAY && is_first(f) != first_only))
            continue;
        if (damage == EXCHANGED && i + 1 < capture->count && below(10) == 0) {
            feed(a, &capture->frames[++i], UINT32_MAX);
            feed(a, f, UINT32_MAX);
            continue;
        }
        feed(a, f, damage == CUT ? 96 : UINT32_MAX);
        if (damage == DOUBLED && below(10) == 0)
            feed(a, f, UINT32_MAX);
    }
    lk_audit_finish(a);
    lk_audit_free(a);
    return v;
}

static unsigned bits(uint32_t x) { return (unsigned)__builtin_popcount(x); }

static void compare(const char *path, const struct verdicts *whole, const struct verdicts *v, enum damage damage, unsigned seed)
{
    for (unsigned e = 0; e < 2; e++) {
        /* with one direction only nobody can say who began: the ends may have changed places */
        uint32_t known = damage == ONE_WAY ? whole->violated[0] | whole->violated[1] : whole->violated[e];
        ck_assert_msg((v->violated[e] & ~known) == 0, "%s, %s, seed %u: end %u breaks %x, in the whole capture %x", path, names[damage], seed, e, (unsigned)v->violated[e], (unsigned)known);
        given[damage] += bits(whole->held[e]) + bits(whole->violated[e]);
        stand[damage] += bits(whole->held[e] & v->held[e]) + bits(whole->violated[e] & v->violated[e]);
    }
}

static void one_capture(const char *path)
{
    struct lk_bump *bump = lk_bump_new((size_t)64 << 20);
    struct lk_capture capture;
    struct lk_fault fault = {0};
    ck_assert_msg(lk_capture_read(path, bump, &capture, &fault) == 0, "%s", fault.text);
    ck_assert_uint_lt(capture.count, FRAMES_MOST);
    struct verdicts whole = judge(&capture, WHOLE, 0);
    for (unsigned damage = REMOVED_1; damage < DAMAGES; damage++)
        for (unsigned seed = 1; seed <= (damage == CUT ? 1 : damage == ONE_WAY ? 2 : SEEDS); seed++) {
            struct verdicts v = judge(&capture, (enum damage)damage, seed);
            compare(path, &whole, &v, (enum damage)damage, seed);
        }
    lk_bump_free(bump);
}

static unsigned folder(const char *path, const char *end)
{
    DIR *dir = opendir(path);
    unsigned count = 0;
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char file[1024];
        size_t len = strlen(entry->d_name), tail = strlen(end);
        if (len <= tail || strcmp(entry->d_name + len - tail, end) != 0)
            continue;
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        one_capture(file);
        count++;
    }
    closedir(dir);
    return count;
}

START_TEST(no_damage_makes_a_false_verdict_and_most_verdicts_stand)
{
    for (unsigned rule = 0; rule < LK_SCAN_RULES; rule++)
        if (strncmp(lk_requirement_lookup(lk_scan_info((enum lk_scan_rule)rule)->requirement)->level, "MUST", 4) == 0)
            must |= UINT32_C(1) << rule;
    ck_assert_uint_ge(folder(LK_SOURCE_DIR "/corpora/labelled", ".pcap.gz"), 60);
    ck_assert_uint_ge(folder(LK_SOURCE_DIR "/corpora/traces/intruder", ".pcap"), 5);
    for (unsigned damage = REMOVED_1; damage < DAMAGES; damage++)
        printf("  %-22s %5.1f %% of the MUST verdicts stand\n", names[damage], 100.0 * stand[damage] / given[damage]);
    ck_assert_uint_ge(stand[REMOVED_1] * 10, given[REMOVED_1] * 8);
    ck_assert_uint_ge(stand[REMOVED_5] * 10, given[REMOVED_5] * 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("damage");
    TCase *tests = tcase_create("damage");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, no_damage_makes_a_false_verdict_and_most_verdicts_stand);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
