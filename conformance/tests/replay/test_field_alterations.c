/* The matcher of mode `fields`, proven apart from every stack: each trace must hold with its own recording; then one frame of the
 * device at a time is dropped, doubled, late, or changed by one bit in one field (checksums are right again), and each of that
 * must fail. A changed field may pass when it is one of those below, or when the trace itself says that it is not compared.
 *
 * Prints the scores, and which check of which `proves` was never seen to fail. */
#include "conformance/dut/recording.h"
#include "conformance/files/folder.h"
#include "conformance/files/trace_yaml.h"
#include "conformance/replay/field_map.h"
#include "conformance/replay/replay.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUDGET ((size_t)1 << 28)

/* What a device is free to say otherwise, and why. */
static const struct { const char *field, *why; } legal[] = {
    {"ip.ttl", "RFC 1122 3.2.1.7: a host chooses it"},
    {"ip.id", "RFC 6864 4.1: any value"},
    {"ip.dsfield", "RFC 2474: the application's choice"},
    {"ip.flags", "RFC 1191 3: DF is a choice; MF and offset are compared"},
    {"udp.srcport", "RFC 6056: an ephemeral port is a choice; learnt, and held to"},
    {"tcp.srcport", "RFC 6056: likewise"},
    {"udp.port", "another name for the two"},
    {"tcp.port", "another name for the two"},
    {"dns.id", "RFC 5452 4.3: a choice; learnt, and held to"},
    {"dhcp.id", "RFC 2131 4.1: a choice; learnt, and held to"},
    {"dns.resp.len", "RFC 1035 4.1.4: names may be compressed; the record's data is compared"},
    {"dhcp.server", "RFC 2131 2: a string ends at its first NUL"},
    {"dhcp.file", "RFC 2131 2: a string ends at its first NUL"},
    {"dhcp.secs", "RFC 2131 2: filled in by the client's own clock"},
    {"icmp.ident", "RFC 792: a choice; learnt, and held to"},
    {"dhcp.option.type", "RFC 2132 2: options may stand in any order; each is compared under its own name"},
    {"dhcp.option.length", "RFC 2132 2: likewise"},
    {"dhcp.option.value", "RFC 2132 2: likewise"},
    {"dhcp.option.end", "RFC 2132 3.2: what stands behind it is nothing"},
    {"dhcp.option.padding", "RFC 2132 3.1"},
    {"dhcp.option.request_list_item", "RFC 2132 9.8: the client's wishes"},
    {"dhcp.option.dhcp_max_message_size", "RFC 2132 9.10: the client's wish"},
    {"dhcp.option.vendor_class_id", "RFC 2132 9.13: the client's choice"},
    {"ip.checksum", "RFC 1812 5.3.1: of a quoted header only; forwarding changes it"},
    {"udp.checksum", "RFC 5508 4.2: of a quoted header only, and not of a plain router; a NAT changes it"},
    {"tcp.checksum", "RFC 5508 4.2: likewise"},
    {"icmp.checksum", "RFC 5508 4.2: likewise; that a message's own is right is compared"},
    {"eth.padding", "RFC 894: not part of the packet"},
};

static unsigned long tried, failed, proofs, proofs_seen, holds_not, unlisted;

struct subject { struct lk_trace trace; struct lk_bump *memory; bool seen[256]; };

static struct lk_verdict replay(struct subject *s, unsigned kind, uint32_t frame, uint32_t at, unsigned bit, struct lk_bump *memory)
{
    struct lk_replay_options options = {.alteration = {.kind = (uint8_t)kind, .frame = frame, .late = 700 * LK_SECOND, .at = at, .bit = (uint8_t)bit}};
    struct lk_verdict verdict;
    lk_replay_run(&s->trace, lk_dut_recording(), &options, &verdict, memory);
    for (size_t i = 0; i < s->trace.proof_count && i < 256; i++)
        for (size_t j = 0; j < verdict.finding_count; j++)
            s->seen[i] |= strcmp(verdict.findings[j].check, s->trace.proves[i].check) == 0;
    return verdict;
}

static void try_frame(struct subject *s, unsigned kind, uint32_t frame)
{
    struct lk_bump *memory = lk_bump_new(BUDGET);
    struct lk_verdict verdict = replay(s, kind, frame, 0, 0, memory);
    tried++;
    failed += verdict.kind == LK_FAIL;
    if (verdict.kind != LK_FAIL) {
        printf("  %s: %s %u %s is not seen\n", s->trace.name, kind == LK_ALTER_UNASKED ? "step" : kind == LK_ALTER_RETURN ? "call" : "the device's frame", frame, lk_alter_name(kind));
        unlisted++;
    }
    lk_bump_free(memory);
}

static bool is_legal(const char *field)
{
    for (size_t i = 0; i < sizeof legal / sizeof legal[0]; i++) {
        size_t len = strlen(legal[i].field);
        if (strncmp(field, legal[i].field, len) == 0 && (field[len] == 0 || field[len] == '.' || legal[i].field[len - 1] == '.'))
            return true;
    }
    return false;
}

static bool named(const char *const *list, size_t count, const char *field)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(list[i]);
        if (strcmp(list[i], field) == 0 || (len > 0 && list[i][len - 1] == '*' && strncmp(list[i], field, len - 1) == 0))
            return true;
    }
    return false;
}

/* Whether the author took it out. */
static bool is_left_out(const struct lk_trace *t, const struct lk_step *step, const char *field)
{
    return named(t->match.ignore, t->match.ignore_count, field) || named(t->match.map, t->match.map_count, field) ||
           named(step->ignore, step->ignore_count, field) || step->only_count > 0;
}

static void try_bit(struct subject *s, const struct lk_step *step, uint32_t frame, const struct lk_field *field, uint32_t at, unsigned bit)
{
    struct lk_bump *memory = lk_bump_new(BUDGET);
    struct lk_verdict verdict = replay(s, LK_ALTER_BYTE, frame, at, bit, memory);
    tried++;
    failed += verdict.kind == LK_FAIL;
    if (verdict.kind != LK_FAIL && !is_legal(field->name) && !is_left_out(&s->trace, step, field->name)) {
        printf("  %s: the device's frame %u with another %s is not seen\n", s->trace.name, frame, field->name);
        unlisted++;
    }
    lk_bump_free(memory);
}

/* The lowest bit of each field; of words of flags every bit. */
static void try_fields(struct subject *s, const struct lk_step *step, uint32_t frame)
{
    static struct lk_field_view view;
    const struct lk_field *field;
    lk_field_view(&view, step->bytes, step->len);
    uint32_t last = UINT32_MAX;
    for (uint32_t i = 0; (field = lk_view_at(&view, i)) != NULL; i++) {
        if (field->len == 0 || field->at == last)
            continue;
        last = field->at;
        bool flags = strstr(field->name, ".flags") != NULL && field->len <= 2;
        for (uint32_t bit = 0; bit < (flags ? 8 * field->len : 1); bit++)
            try_bit(s, step, frame, field, field->at + field->len - 1 - bit / 8, bit % 8);
    }
}

/* One bit of what a connection carries, or everything from there on. What the trace does not ask for may change: then the change must be
 * in a part of the message that no word speaks of, and those are counted by themselves. */
static void try_stream(struct subject *s, unsigned kind, uint32_t connection, uint32_t at, bool exact)
{
    struct lk_bump *memory = lk_bump_new(BUDGET);
    struct lk_replay_options options = {.alteration = {.kind = (uint8_t)kind, .frame = connection, .at = at, .stream = true}};
    struct lk_verdict verdict;
    lk_replay_run(&s->trace, lk_dut_recording(), &options, &verdict, memory);
    for (size_t i = 0; i < s->trace.proof_count && i < 256; i++)
        for (size_t j = 0; j < verdict.finding_count; j++)
            s->seen[i] |= strcmp(verdict.findings[j].check, s->trace.proves[i].check) == 0;
    tried++;
    failed += verdict.kind == LK_FAIL;
    if (verdict.kind != LK_FAIL && exact) {
        printf("  %s: connection %u with byte %u %s is not seen\n", s->trace.name, connection, at, kind == LK_ALTER_BYTE ? "changed" : "and all after it missing");
        unlisted++;
    }
    lk_bump_free(memory);
}

static void alter_streams(struct subject *s)
{
    uint32_t offset[32] = {0};
    for (size_t i = 0; i < s->trace.step_count; i++) {
        const struct lk_step *step = &s->trace.steps[i];
        if (step->kind != LK_STEP_EXPECT)
            continue;
        uint32_t skip = step->says == LK_SAYS_DNS ? 42 : 0, len = step->len - skip + (skip > 0 ? 2 : 0), *at = &offset[step->connection];
        for (uint32_t byte = 0; byte < len; byte += 1 + len / 40)
            try_stream(s, LK_ALTER_BYTE, step->connection + 1u, *at + byte, step->says == LK_SAYS_BYTES);
        try_stream(s, LK_ALTER_DROPPED, step->connection + 1u, *at + len / 2, true);
        *at += len;
    }
}

static void alter(struct subject *s)
{
    uint32_t frame = 0;
    alter_streams(s);
    for (size_t i = 0; i < s->trace.step_count; i++) {
        const struct lk_step *step = &s->trace.steps[i];
        bool returns = step->kind == LK_STEP_RETURNS;
        if (returns)
            try_frame(s, LK_ALTER_RETURN, step->call + 1);
        if (step->kind == LK_STEP_SILENCE)
            try_frame(s, LK_ALTER_UNASKED, (uint32_t)i + 1);
        if (step->kind != LK_STEP_OUT)
            continue;
        frame++;
        if (!step->optional) {
            try_frame(s, LK_ALTER_DROPPED, frame);
            try_frame(s, LK_ALTER_LATE, frame);
        }
        try_frame(s, LK_ALTER_DOUBLED, frame);
        try_fields(s, step, frame);
    }
}

static void prove(const char *path)
{
    static struct subject s;
    struct lk_fault why;
    s = (struct subject){.memory = lk_bump_new(BUDGET)};
    ck_assert_msg(lk_trace_read(path, s.memory, &s.trace, &why) == 0, "%s", why.text);
    if (s.trace.match.mode != LK_MATCH_FIELDS) {
        lk_bump_free(s.memory);
        return;
    }
    struct lk_bump *memory = lk_bump_new(BUDGET);
    struct lk_verdict verdict = replay(&s, LK_ALTER_NONE, 0, 0, 0, memory);
    if (verdict.kind != LK_PASS) {
        printf("  %s does not hold by itself: %s; %s of %s, expected %s, came %s\n", s.trace.name, verdict.reason, verdict.difference.field, verdict.difference.rule,
               verdict.difference.expected, verdict.difference.actual);
        holds_not++;
    }
    lk_bump_free(memory);
    alter(&s);
    for (size_t i = 0; i < s.trace.proof_count && i < 256; i++) {
        proofs++;
        proofs_seen += s.seen[i];
        if (!s.seen[i])
            printf("  named, never seen to fail here: %s by %s in %s\n", s.trace.proves[i].requirement, s.trace.proves[i].check, s.trace.name);
    }
    lk_bump_free(s.memory);
}

START_TEST(every_trace_of_fields_holds_and_its_alterations_do_not)
{
    static const char *const suffixes[] = {".yaml", NULL};
    struct lk_bump *memory = lk_bump_new(BUDGET);
    struct lk_folder folder;
    ck_assert_int_eq(lk_folder_list(LK_SOURCE_DIR "/corpora/traces", suffixes, memory, &folder), 0);
    for (size_t i = 0; i < folder.count; i++)
        prove(folder.paths[i]);
    printf("  %lu of %lu alterations fail; %lu that pass are not listed\n  proofs: %lu of %lu seen to fail by an alteration\n", failed, tried, unlisted, proofs_seen, proofs);
    fflush(stdout);
    ck_assert_uint_gt(tried, 0);
    ck_assert_msg(holds_not == 0, "%lu traces do not hold by themselves", holds_not);
    ck_assert_msg(unlisted == 0, "%lu alterations are not seen", unlisted);
    lk_bump_free(memory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("replay/field_alterations");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 600);
    tcase_add_test(all, every_trace_of_fields_holds_and_its_alterations_do_not);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int lost = srunner_ntests_failed(runner);
    srunner_free(runner);
    return lost == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
