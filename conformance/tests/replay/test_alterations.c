/* The matcher and the rules, proven apart from every stack: each trace is judged with its own recording in open loop and must
 * hold; then one frame at a time is altered, and each alteration must fail or stand in legal.tsv with the section of an RFC
 * that permits it. At least 80 % must fail, in every class of alteration and every topic of traces.
 *
 * Prints the scores, and which check of which `proves` was seen to fail. The scores always count; that the list is complete and
 * holds nothing that fails counts with LOCKSTEP_LEGAL=strict (conformance/test says so), so that a trace may be recorded anew
 * first and its lines written after. LOCKSTEP_SURVIVORS=FILE writes a draft of the list: whoever takes it over checks each reason. */
#include "conformance/files/folder.h"
#include "conformance/files/trace_yaml.h"
#include "conformance/replay/conn.h"
#include "conformance/replay/replay.h"
#include "conformance/dut/recording.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUDGET ((size_t)1 << 28)
#define LATE (700 * LK_MILLISECOND)
#define MOST_FRAMES 48 /* of one trace; of a longer one every n-th, and all that are no plain new data */
#define NEEDED 80      /* per cent */

struct score { char name[64]; unsigned long failed, tried; };
struct legal { char trace[96], alteration[16]; unsigned frame; bool used; };

static struct score classes[LK_ALTER_KINDS], topics[32];
static struct legal legal[8192];
static size_t legal_count, topic_count;
static unsigned long proofs, proofs_seen, broken, survivor_count;
static FILE *survivors;
static char unlisted[4096];

/* ---- the list of what is legal ---- */

static void read_legal(void)
{
    FILE *file = fopen(LK_SOURCE_DIR "/conformance/tests/replay/legal.tsv", "r");
    char line[512];
    ck_assert_msg(file != NULL, "legal.tsv is missing");
    while (legal_count < sizeof legal / sizeof *legal && fgets(line, sizeof line, file) != NULL) {
        struct legal *l = &legal[legal_count];
        char rfc[64];
        if (line[0] == '#' || strncmp(line, "trace\t", 6) == 0)
            continue;
        ck_assert_msg(sscanf(line, "%95s %u %15s %63[^\t\n]", l->trace, &l->frame, l->alteration, rfc) == 4 && strncmp(rfc, "RFC", 3) == 0, "legal.tsv: %s", line);
        legal_count++;
    }
    fclose(file);
}

static bool is_legal(const char *trace, unsigned frame, const char *alteration)
{
    for (size_t i = 0; i < legal_count; i++)
        if (legal[i].frame == frame && strcmp(legal[i].trace, trace) == 0 && strcmp(legal[i].alteration, alteration) == 0)
            return legal[i].used = true;
    return false;
}

static struct score *topic_of(const char *trace)
{
    char name[64];
    size_t len = strcspn(trace, "/");
    snprintf(name, sizeof name, "%.*s", (int)len, trace);
    for (size_t i = 0; i < topic_count; i++)
        if (strcmp(topics[i].name, name) == 0)
            return &topics[i];
    ck_assert_uint_lt(topic_count, sizeof topics / sizeof *topics);
    strcpy(topics[topic_count].name, name);
    return &topics[topic_count++];
}

/* ---- one trace ---- */

struct subject { const char *path; struct lk_trace trace; struct lk_bump *memory; bool seen[256]; };

static void load(struct subject *s)
{
    struct lk_fault why;
    s->memory = lk_bump_new(BUDGET);
    ck_assert_msg(lk_trace_read(s->path, s->memory, &s->trace, &why) == 0, "%s", why.text);
}

static void note_seen(struct subject *s, const struct lk_verdict *verdict)
{
    for (size_t i = 0; i < s->trace.proof_count && i < 256; i++)
        for (size_t j = 0; j < verdict->finding_count; j++)
            s->seen[i] |= verdict->findings[j].severity == LK_MUST && strcmp(verdict->findings[j].check, s->trace.proves[i].check) == 0;
}

/* The section that may make it legal, and why. */
static const char *draft_reason(unsigned kind, const struct lk_segment *segment)
{
    bool pure_ack = segment->seg_len == 0 && !(segment->tcp.control & LK_TCP_RST);
    if (kind == LK_ALTER_OPTION && (segment->tcp.control & LK_TCP_RST))
        return "RFC7323-3.2\ttimestamps on a RST are a SHOULD";
    if (kind == LK_ALTER_SEQ && (segment->tcp.control & LK_TCP_SYN))
        return "RFC9293-3.4.1\tany ISN will do";
    if (kind == LK_ALTER_SEQ && pure_ack)
        return "RFC9293-3.8.6.1\ta window probe that becomes a plain ACK: the next one comes";
    if (kind == LK_ALTER_DROPPED && pure_ack)
        return "RFC9293-3.8.6.3\tanother segment acknowledges the same within 500 ms";
    if (kind == LK_ALTER_DOUBLED && pure_ack)
        return "RFC9293-3.10.7.4\ta duplicate ACK of one who sends can be ignored, and nothing forbids it";
    if (kind == LK_ALTER_DOUBLED)
        return "RFC6675-4\tNextSeg() rule 3: in recovery what is not SACKed may be sent again";
    if (kind == LK_ALTER_DROPPED || kind == LK_ALTER_LATE)
        return "RFC5681-3.1\tcwnd is an upper bound: a sender may send later than it could, or not resend what was not lost";
    return "?\t?";
}

static void write_draft(const struct subject *s, unsigned kind, uint32_t frame)
{
    struct lk_segment segment;
    for (size_t i = 0; i < s->trace.capture.count; i++)
        if (s->trace.capture.frames[i].number == frame && kind != LK_ALTER_RETURN) {
            lk_segment_read(s->trace.capture.frames[i].bytes, s->trace.capture.frames[i].len, s->trace.capture.link, &segment);
            fprintf(survivors, "%s\t%u\t%s\t%s\n", s->trace.name, frame, lk_alter_name(kind), draft_reason(kind, &segment));
        }
}

static void missed(const struct subject *s, unsigned kind, uint32_t frame)
{
    size_t len = strlen(unlisted);
    survivor_count++;
    if (survivors != NULL)
        write_draft(s, kind, frame);
    if (!is_legal(s->trace.name, frame, lk_alter_name(kind)) && len + 100 < sizeof unlisted)
        snprintf(unlisted + len, sizeof unlisted - len, "  %s frame %u %s\n", s->trace.name, frame, lk_alter_name(kind));
}

static void try_one(struct subject *s, unsigned kind, uint32_t frame)
{
    struct lk_replay_options options = {.open_loop = true, .alteration = {.kind = (uint8_t)kind, .frame = frame, .late = LATE}};
    struct lk_bump *memory = lk_bump_new(BUDGET);
    struct lk_verdict verdict;
    lk_replay_run(&s->trace, lk_dut_recording(), &options, &verdict, memory);
    bool failed = verdict.kind == LK_FAIL;
    classes[kind].tried++;
    classes[kind].failed += failed;
    topic_of(s->trace.name)->tried++;
    topic_of(s->trace.name)->failed += failed;
    note_seen(s, &verdict);
    if (!failed)
        missed(s, kind, frame);
    lk_bump_free(memory);
}

static bool can_be_altered(unsigned kind, const struct lk_captured *frame)
{
    uint8_t copy[65536];
    if (frame->len > sizeof copy)
        return false;
    memcpy(copy, frame->bytes, frame->len);
    return lk_alter_bytes(kind, copy, frame->len);
}

static bool is_devices(const struct subject *s, const struct lk_captured *frame, bool *plain)
{
    struct lk_segment segment;
    lk_segment_read(frame->bytes, frame->len, s->trace.capture.link, &segment);
    *plain = segment.is_tcp && segment.tcp.payload_len >= 536;
    return segment.is_tcp && segment.src == lk_addr_ip4(&s->trace.dut.host.address) && segment.dst == lk_addr_ip4(&s->trace.peer.host.address);
}

static void alter_frames(struct subject *s)
{
    size_t every = 1 + s->trace.capture.count / (2 * MOST_FRAMES), nth = 0;
    for (size_t i = 0; i < s->trace.capture.count; i++) {
        const struct lk_captured *frame = &s->trace.capture.frames[i];
        bool plain;
        if (!is_devices(s, frame, &plain) || (plain && nth++ % every != 0))
            continue;
        for (unsigned kind = LK_ALTER_DROPPED; kind < LK_ALTER_RETURN; kind++)
            if (can_be_altered(kind, frame))
                try_one(s, kind, frame->number);
    }
}

static void alter_returns(struct subject *s)
{
    for (size_t i = 0; i < s->trace.call_count; i++)
        if (s->trace.calls[i].has_result || s->trace.calls[i].error != NULL || s->trace.calls[i].has_bytes)
            try_one(s, LK_ALTER_RETURN, (uint32_t)i + 1);
}

static bool judge_unaltered(struct subject *s)
{
    struct lk_replay_options options = {.open_loop = true};
    struct lk_bump *memory = lk_bump_new(BUDGET);
    struct lk_verdict verdict;
    lk_replay_run(&s->trace, lk_dut_recording(), &options, &verdict, memory);
    bool holds = verdict.kind == LK_PASS;
    if (!holds) {
        printf("  %s does not hold by itself: %s; %s, expected %s, came %s\n", s->trace.name, verdict.reason, verdict.difference.rule, verdict.difference.expected, verdict.difference.actual);
        broken++;
    }
    lk_bump_free(memory);
    return holds;
}

static void prove(const char *path)
{
    static struct subject s;
    s = (struct subject){.path = path};
    load(&s);
    if (s.trace.match.mode == LK_MATCH_FIELDS) { /* test_field_alterations.c */
        lk_bump_free(s.memory);
        return;
    }
    if (judge_unaltered(&s)) {
        alter_frames(&s);
        alter_returns(&s);
    }
    for (size_t i = 0; i < s.trace.proof_count; i++) {
        proofs++;
        proofs_seen += i < 256 && s.seen[i];
        if (i >= 256 || !s.seen[i])
            printf("  named, never seen to fail here: %s by %s in %s\n", s.trace.proves[i].requirement, s.trace.proves[i].check, s.trace.name);
    }
    lk_bump_free(s.memory);
}

/* ---- all ---- */

static void print_score(const struct score *score)
{
    printf("  %-16s %5lu of %5lu fail, %3lu %%\n", score->name, score->failed, score->tried, score->tried == 0 ? 100 : score->failed * 100 / score->tried);
}

static void check_score(const struct score *score)
{
    ck_assert_msg(score->tried == 0 || score->failed * 100 >= score->tried * NEEDED, "%s: only %lu of %lu alterations are seen", score->name, score->failed, score->tried);
}

static void print_scores(void)
{
    for (unsigned i = 1; i < LK_ALTER_BYTE; i++) {
        snprintf(classes[i].name, sizeof classes[i].name, "%s", lk_alter_name(i));
        print_score(&classes[i]);
    }
    for (size_t i = 0; i < topic_count; i++)
        print_score(&topics[i]);
    printf("  proofs: %lu of %lu seen to fail by an alteration\n", proofs_seen, proofs);
}

START_TEST(every_trace_holds_and_its_alterations_do_not)
{
    static const char *const suffixes[] = {".yaml", NULL};
    struct lk_bump *memory = lk_bump_new(BUDGET);
    struct lk_folder folder;
    const char *name = getenv("LOCKSTEP_SURVIVORS");
    survivors = name == NULL ? NULL : fopen(name, "w");
    if (survivors != NULL)
        fputs("# Alterations that a stack may legally show: no fault of the matcher. frame: number in the capture.\ntrace\tframe\talteration\tsection\twhy\n", survivors);
    read_legal();
    ck_assert_int_eq(lk_folder_list(LK_SOURCE_DIR "/corpora/traces", suffixes, memory, &folder), 0);
    ck_assert_uint_gt(folder.count, 0);
    for (size_t i = 0; i < folder.count; i++)
        prove(folder.paths[i]);
    if (survivors != NULL)
        fclose(survivors);
    print_scores();
    ck_assert_msg(broken == 0, "%lu traces do not hold by themselves", broken);
    for (unsigned i = 1; i < LK_ALTER_BYTE; i++)
        check_score(&classes[i]);
    for (size_t i = 0; i < topic_count; i++)
        check_score(&topics[i]);
    printf("  %lu alterations did not fail, %zu legal ones are listed\n", survivor_count, legal_count);
    const char *legal_mode = getenv("LOCKSTEP_LEGAL");
    if (legal_mode == NULL || strcmp(legal_mode, "strict") != 0) {
        lk_bump_free(memory);
        return;
    }
    ck_assert_msg(unlisted[0] == 0, "not seen, and not in legal.tsv:\n%s", unlisted);
    for (size_t i = 0; i < legal_count; i++)
        ck_assert_msg(legal[i].used, "legal.tsv: %s frame %u %s fails, take it off the list", legal[i].trace, legal[i].frame, legal[i].alteration);
    lk_bump_free(memory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("alterations");
    TCase *tcase = tcase_create("every trace");
    tcase_set_timeout(tcase, 600);
    tcase_add_test(tcase, every_trace_holds_and_its_alterations_do_not);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
