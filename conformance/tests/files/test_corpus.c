/* Every trace of the tree: it reads, and neither form of it loses anything. */
#include "conformance/files/folder.h"
#include "conformance/files/trace_yaml.h"
#include "conformance/timeline/codec.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lk_fault fault;

/* Saving names the captures after the trace, as those of the tree are named. */
static void expect_both_forms(const char *path)
{
    struct lk_bump *bump = lk_bump_new(4 * LK_TRACE_BUDGET);
    struct lk_trace trace, back;
    uint8_t *bytes;
    size_t len;
    ck_assert_msg(lk_trace_read(path, bump, &trace, &fault) == 0, "%s", fault.text);
    ck_assert_int_eq(lk_trace_encode(&trace, bump, &bytes, &len), 0);
    ck_assert_int_eq(lk_trace_decode(bytes, len, bump, &back), 0);
    const char *difference = lk_trace_difference(&trace, &back);
    ck_assert_msg(difference == NULL, "%s differs in %s", path, difference);
    const char *name = strrchr(path, '/') + 1;
    const char *base = lk_bump_format(bump, "%s/test_corpus.%.*s", LK_BINARY_DIR, (int)(strlen(name) - 5), name);
    ck_assert_msg(lk_trace_save(base, &back, &fault) == 0, "%s", fault.text);
    ck_assert_msg(lk_trace_read(lk_bump_format(bump, "%s.yaml", base), bump, &back, &fault) == 0, "%s", fault.text);
    for (size_t i = 0; i < 3; i++)
        remove(lk_bump_format(bump, "%s%s", base, (const char *[]){".yaml", ".pcap", ".peer.pcap"}[i]));
    for (size_t i = 0; i < back.iface_count; i++) {
        remove(lk_bump_format(bump, "%s.%s.pcap", base, back.ifaces[i].name));
        back.ifaces[i].capture_file = trace.ifaces[i].capture_file;
    }
    back.dut.capture_file = trace.dut.capture_file;
    back.peer.capture_file = trace.peer.capture_file;
    difference = lk_trace_difference(&trace, &back);
    ck_assert_msg(difference == NULL, "%s differs in %s", path, difference);
    lk_bump_free(bump);
}

START_TEST(every_trace_of_the_tree_survives_both_forms)
{
    static const char *const suffixes[] = {".yaml", NULL};
    struct lk_bump *bump = lk_bump_new(16u << 20);
    struct lk_folder folder;
    ck_assert_int_eq(lk_folder_list(LK_SOURCE_DIR "/corpora/traces", suffixes, bump, &folder), 0);
    ck_assert_uint_eq(folder.fault_count, 0);
    ck_assert_uint_gt(folder.count, 0);
    for (size_t i = 0; i < folder.count; i++)
        expect_both_forms(folder.paths[i]);
    lk_bump_free(bump);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("files/corpus");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    tcase_add_test(all, every_trace_of_the_tree_survives_both_forms);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
