/* JSON Lines: the contract, read back by a parser that is not ours. */
#include "conformance/tests/report/verdicts.h"

#include <jansson.h>

static struct written written;

static json_t *read_back(struct lk_verdict verdict)
{
    report_all(LK_REPORT_JSON, NULL, &verdict, 1, &written);
    ck_assert_ptr_eq(strchr(written.text, '\n'), written.text + written.len - 1); /* one line */
    json_error_t error;
    json_t *object = json_loads(written.text, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(object != NULL, "%s\n%s", error.text, written.text);
    return object;
}

static const char *text_at(json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

START_TEST(the_keys_in_their_order)
{
    static const char *const keys[] = {"trace", "dut", "verdict", "requirements", "compared", "first_difference", "skipped_for", "reason", "virtual_seconds"};
    json_t *object = read_back(passed()), *value;
    const char *key;
    size_t i = 0;
    json_object_foreach(object, key, value) ck_assert_str_eq(key, keys[i++]);
    ck_assert_uint_eq(i, 9);
    json_decref(object);
}
END_TEST

START_TEST(a_pass)
{
    struct lk_proof proofs[] = {{"RFC9293-3.5-a", "handshake", 1}, {"RFC9293-MUST-2", "checksum", 2}};
    struct lk_trace source = {.proves = proofs, .proof_count = 2};
    struct lk_verdict verdict = passed();
    verdict.source = &source;
    json_t *object = read_back(verdict), *compared = json_object_get(object, "compared"), *requirements = json_object_get(object, "requirements");
    ck_assert_str_eq(text_at(object, "trace"), "handshake/active-open");
    ck_assert_str_eq(text_at(object, "dut"), "builtin");
    ck_assert_str_eq(text_at(object, "verdict"), "pass");
    ck_assert_uint_eq(json_array_size(requirements), 2);
    ck_assert_str_eq(json_string_value(json_array_get(requirements, 1)), "RFC9293-MUST-2");
    ck_assert_int_eq(json_integer_value(json_object_get(compared, "frames")), 10);
    ck_assert_int_eq(json_integer_value(json_object_get(compared, "bytes")), 800);
    ck_assert_int_eq(json_integer_value(json_object_get(compared, "checks")), 41);
    ck_assert(json_is_null(json_object_get(object, "first_difference")));
    ck_assert(json_is_null(json_object_get(object, "skipped_for")));
    ck_assert(json_is_null(json_object_get(object, "reason")));
    ck_assert_double_eq(json_number_value(json_object_get(object, "virtual_seconds")), 1.5);
    json_decref(object);
}
END_TEST

START_TEST(a_failure_by_a_segment_and_by_a_rule)
{
    json_t *object = read_back(differs((struct lk_timeline){0})), *d = json_object_get(object, "first_difference");
    ck_assert_str_eq(text_at(object, "verdict"), "fail");
    ck_assert_int_eq(json_integer_value(json_object_get(d, "event")), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(d, "frame")), 2);
    ck_assert(json_is_null(json_object_get(d, "bytes")));
    ck_assert_str_eq(text_at(d, "rule"), "segments");
    ck_assert_str_eq(text_at(d, "field"), "ack");
    ck_assert_str_eq(text_at(d, "requirement"), "RFC9293-3.5-a");
    ck_assert_uint_eq(json_object_size(d), 8);
    json_decref(object);
    object = read_back(too_early((struct lk_timeline){0}));
    d = json_object_get(object, "first_difference");
    ck_assert_str_eq(text_at(d, "bytes"), "1..101");
    ck_assert(json_is_null(json_object_get(d, "frame")));
    ck_assert(json_is_null(json_object_get(d, "field")));
    ck_assert_str_eq(text_at(d, "actual"), "resent 0.100 s after the copy before");
    json_decref(object);
}
END_TEST

START_TEST(a_skip_and_an_error)
{
    json_t *object = read_back(skipped());
    ck_assert_str_eq(text_at(object, "verdict"), "skip");
    ck_assert_str_eq(text_at(object, "skipped_for"), "simultaneous-open");
    json_decref(object);
    object = read_back(broken());
    ck_assert_str_eq(text_at(object, "verdict"), "error");
    ck_assert_str_eq(text_at(object, "trace"), "odd \"name\" #1\\<&>\x01\xef\xbf\xbd");
    ck_assert_str_eq(text_at(object, "reason"), "odd.yaml:3: unknown key 'colour'\n\tdut");
    json_decref(object);
}
END_TEST

/* All sequences of three bytes around the borders of UTF-8 come out as something a strict parser takes. */
START_TEST(whatever_bytes_a_text_holds_the_line_is_sound_json)
{
    static const unsigned char borders[] = {0x01, 0x22, 0x5c, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff};
    const size_t n = sizeof borders;
    for (size_t i = 0; i < n * n * n; i++) {
        char text[] = {(char)borders[i % n], (char)borders[i / n % n], (char)borders[i / n / n], '\0'};
        struct lk_verdict verdict = broken();
        verdict.reason = text;
        json_decref(read_back(verdict));
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_keys_in_their_order, a_pass, a_failure_by_a_segment_and_by_a_rule, a_skip_and_an_error,
        whatever_bytes_a_text_holds_the_line_is_sound_json};
    return run_tests("report/json", tests, sizeof tests / sizeof tests[0]);
}
