/* The page: one file that holds the whole story, and nothing of the story can leave its place in it. */
#include "conformance/files/capture.h"
#include "conformance/tests/support/rule_lines.h"
#include "conformance/visit/page.h"
#include "stack/base/error.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static char *page; /* what was written last */
static size_t page_len;
static struct lk_bump *memory;
static struct lk_story story;

static void take(void *context, const char *text, size_t len)
{
    (void)context;
    page = realloc(page, page_len + len + 1);
    ck_assert_ptr_nonnull(page);
    memcpy(page + page_len, text, len);
    page_len += len;
    page[page_len] = '\0';
}

static int write_page(enum lk_story_language lang)
{
    struct lk_report_out out = {NULL, take};
    page_len = 0;
    return lk_visit_page(&story, lang, &out);
}

/* A story of real frames: a recorded connection of two hosts on one link. */
static void tell(const char *trace)
{
    struct lk_capture capture = {0};
    struct lk_fault fault;
    static struct lk_story_host hosts[2] = {{.name = "one", .role = LK_STORY_CLIENT, .ifaces = 1}, {.name = "two", .role = LK_STORY_WEB, .ifaces = 1}};
    static struct lk_story_link link = {.name = "wire", .host = {0, 1}};
    memory = lk_bump_new(1 << 26);
    ck_assert_int_eq(lk_capture_read(trace, memory, &capture, &fault), 0);
    story = (struct lk_story){.memory = memory, .url = "www.example.org", .seed_text = "1", .hosts = hosts, .host_count = 2, .links = &link, .link_count = 1,
                              .packet_count = capture.count, .whole = true, .ended = LK_SECOND};
    story.packets = lk_bump_array(memory, capture.count, sizeof *story.packets);
    for (size_t i = 0; i < capture.count; i++)
        story.packets[i] = (struct lk_story_packet){.number = (uint32_t)i + 1, .to = 1, .sent_at = capture.frames[i].at, .arrived_at = capture.frames[i].at + LK_MILLISECOND,
                                                    .bytes = capture.frames[i].bytes, .len = capture.frames[i].len, .line = {"a line", "한 줄"}, .why = {"because", "왜냐하면"}};
    for (uint8_t i = 0; i < LK_ACTS; i++)
        story.acts[i] = (struct lk_story_act){.kind = i, .title = {"title", "제목"}, .summary = {"summary", "요약"}};
}

static void forget(void)
{
    lk_bump_free(memory);
    free(page);
    page = NULL;
}

/* The JSON between the marks of the page. */
static json_t *data_of_page(void)
{
    static const char mark[] = "<script type=\"application/json\" id=\"story\">";
    char *from = strstr(page, mark);
    ck_assert_ptr_nonnull(from);
    from += sizeof mark - 1;
    char *to = strstr(from, "</script>");
    ck_assert_ptr_nonnull(to);
    json_error_t error;
    json_t *data = json_loadb(from, (size_t)(to - from), 0, &error);
    ck_assert_msg(data != NULL, "%s at %d", error.text, error.position);
    return data;
}

static size_t times(const char *needle)
{
    size_t found = 0;
    for (const char *at = page; (at = strstr(at, needle)) != NULL; at += strlen(needle))
        found++;
    return found;
}

static json_t *packet_of(json_t *data, size_t i)
{
    return json_array_get(json_object_get(data, "packets"), i);
}

static json_int_t number(json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

START_TEST(every_packet_is_there_with_layers_fields_and_bytes)
{
    tell(LK_SOURCE_DIR "/corpora/traces/flow/odd-lengths.pcap");
    ck_assert_int_eq(write_page(LK_STORY_EN), 0);
    json_t *data = data_of_page(), *texts = json_object_get(data, "texts");
    ck_assert_uint_eq(json_array_size(json_object_get(data, "packets")), story.packet_count);
    ck_assert_uint_eq(json_array_size(json_object_get(data, "acts")), LK_ACTS);
    for (size_t i = 0; i < story.packet_count; i++) {
        json_t *packet = packet_of(data, i), *fields = json_object_get(packet, "fields"), *layers = json_object_get(packet, "layers");
        ck_assert_uint_eq(strlen(json_string_value(json_object_get(packet, "bytes"))), (story.packets[i].len + 2) / 3 * 4);
        ck_assert_uint_ge(json_array_size(layers), 9);
        ck_assert_str_eq(json_string_value(json_array_get(texts, (size_t)json_integer_value(json_array_get(layers, 0)))), "eth");
        ck_assert_uint_ge(json_array_size(fields), 5 * 30);
        ck_assert_uint_eq(json_array_size(fields) % 5, 0);
        for (size_t f = 0; f < json_array_size(fields); f += 5) {
            json_int_t at = json_integer_value(json_array_get(fields, f + 2)), len = json_integer_value(json_array_get(fields, f + 3));
            ck_assert_int_le(at + len, story.packets[i].len);
        }
    }
    json_decref(data);
    forget();
}
END_TEST

START_TEST(a_packet_passed_on_is_told_by_what_changed)
{
    tell(LK_SOURCE_DIR "/corpora/traces/flow/odd-lengths.pcap");
    struct lk_story_packet *packet = &story.packets[1];
    uint8_t *bytes = lk_bump_copy(memory, story.packets[0].bytes, story.packets[0].len);
    bytes[22]--; /* time to live */
    *packet = story.packets[0];
    packet->number = 2;
    packet->same_as = 1;
    packet->bytes = bytes;
    ck_assert_int_eq(write_page(LK_STORY_EN), 0);
    json_t *data = data_of_page(), *told = packet_of(data, 1), *patch = json_object_get(told, "patch");
    ck_assert_int_eq(number(told, "base"), 1);
    ck_assert_uint_eq(json_array_size(patch), 2);
    ck_assert_int_eq(json_integer_value(json_array_get(patch, 0)), 22);
    ck_assert_str_eq(json_string_value(json_array_get(patch, 1)), "Pw==");
    ck_assert_uint_ge(json_array_size(json_object_get(told, "changed")), 2);
    json_decref(data);
    forget();
}
END_TEST

static int digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = strchr(digits, c);
    return at == NULL || c == '\0' ? 0 : (int)(at - digits);
}

/* RFC 4648 section 4 */
static size_t decode(const char *text, uint8_t *out)
{
    size_t len = 0;
    for (; *text != '\0'; text += 4) {
        uint32_t word = (uint32_t)(digit_of(text[0]) << 18 | digit_of(text[1]) << 12 | digit_of(text[2]) << 6 | digit_of(text[3]));
        out[len++] = (uint8_t)(word >> 16);
        if (text[2] != '=')
            out[len++] = (uint8_t)(word >> 8);
        if (text[3] != '=')
            out[len++] = (uint8_t)word;
    }
    return len;
}

/* The bytes of a packet as the page's script puts them together; their number. */
static size_t bytes_in_page(json_t *data, size_t i, uint8_t *out)
{
    json_t *packet = packet_of(data, i), *patch = json_object_get(packet, "patch");
    if (patch == NULL)
        return decode(json_string_value(json_object_get(packet, "bytes")), out);
    size_t len = bytes_in_page(data, (size_t)number(packet, "base") - 1, out);
    for (size_t k = 0; k < json_array_size(patch); k += 2)
        decode(json_string_value(json_array_get(patch, k + 1)), out + json_integer_value(json_array_get(patch, k)));
    return len;
}

/* Each packet passed on twice, each time with other bytes changed: runs of all lengths, at both ends, near each other. */
static void pass_on(void)
{
    size_t count = story.packet_count;
    struct lk_story_packet *packets = lk_bump_array(memory, count * 3, sizeof *packets);
    for (size_t i = 0; i < count * 3; i++) {
        packets[i] = story.packets[i / 3];
        packets[i].number = (uint32_t)i + 1;
        packets[i].same_as = i % 3 == 0 ? 0 : (uint32_t)i;
        if (i % 3 == 0)
            continue;
        uint8_t *bytes = lk_bump_copy(memory, packets[i - 1].bytes, packets[i].len);
        for (uint32_t at = 0; at < packets[i].len; at += (uint32_t)(i + at) % 9 + 1)
            if (at < 12 || at > 65) /* what is no header: the shape stays */
                bytes[at] ^= (uint8_t)(at + i) | 1u;
        packets[i].bytes = bytes;
    }
    story.packets = packets;
    story.packet_count = count * 3;
}

START_TEST(the_bytes_of_every_packet_can_be_put_together_again)
{
    static uint8_t bytes[65536];
    size_t bases = 0;
    tell(LK_SOURCE_DIR "/corpora/traces/flow/odd-lengths.pcap");
    pass_on();
    ck_assert_int_eq(write_page(LK_STORY_EN), 0);
    json_t *data = data_of_page();
    for (size_t i = 0; i < story.packet_count; i++) {
        ck_assert_uint_eq(bytes_in_page(data, i, bytes), story.packets[i].len);
        ck_assert_mem_eq(bytes, story.packets[i].bytes, story.packets[i].len);
        bases += json_object_get(packet_of(data, i), "base") != NULL;
    }
    ck_assert_uint_gt(bases, story.packet_count / 2);
    json_decref(data);
    forget();
}
END_TEST

#define HOSTILE "</script><script>alert(1)</script><!--&\"'\\\x01\xff\xe2\x80\xa8@story@"

START_TEST(no_text_leaves_its_place)
{
    static struct lk_story_finding finding = {.message = HOSTILE, .requirement = HOSTILE};
    tell(LK_SOURCE_DIR "/corpora/traces/flow/odd-lengths.pcap");
    ck_assert_int_eq(write_page(LK_STORY_EN), 0);
    size_t scripts = times("</script"), tags = times("<script"), comments = times("<!--");
    story.url = story.seed_text = HOSTILE;
    story.findings = &finding;
    story.finding_count = 1;
    for (size_t i = 0; i < LK_ACTS; i++)
        story.acts[i].title[0] = story.acts[i].summary[1] = HOSTILE;
    for (size_t i = 0; i < story.packet_count; i++)
        story.packets[i].line[0] = story.packets[i].why[1] = HOSTILE;
    story.hosts[0].name = story.links[0].name = HOSTILE;
    ck_assert_int_eq(write_page(LK_STORY_EN), 0);
    ck_assert_uint_eq(times("</script"), scripts);
    ck_assert_uint_eq(times("<script"), tags);
    ck_assert_uint_eq(times("<!--"), comments);
    json_t *data = data_of_page();
    const char *url = json_string_value(json_object_get(data, "url"));
    ck_assert_str_eq(url, "</script><script>alert(1)</script><!--&\"'\\\x01\xef\xbf\xbd\xe2\x80\xa8@story@");
    json_decref(data);
    story.hosts[0].name = "one";
    story.links[0].name = "wire";
    forget();
}
END_TEST

START_TEST(it_opens_in_the_language_asked_for_and_loads_nothing)
{
    tell(LK_SOURCE_DIR "/corpora/traces/flow/odd-lengths.pcap");
    ck_assert_int_eq(write_page(LK_STORY_KO), 0);
    ck_assert_uint_eq(times("<html lang=\"ko\">"), 1);
    ck_assert_uint_eq(times("default-src 'none'"), 1);
    ck_assert_uint_eq(times("src="), 0);
    ck_assert_uint_eq(times("@import"), 0);
    ck_assert_uint_eq(times("url("), 0);
    ck_assert_uint_eq(times("@include"), 0);
    ck_assert_uint_eq(times("innerHTML"), 0);
    ck_assert_int_eq(write_page(LK_STORY_EN), 0);
    ck_assert_uint_eq(times("<html lang=\"en\">"), 1);
    forget();
}
END_TEST

START_TEST(a_story_that_contradicts_itself_is_refused)
{
    tell(LK_SOURCE_DIR "/corpora/traces/flow/odd-lengths.pcap");
    story.packets[0].link = 1;
    ck_assert_int_eq(write_page(LK_STORY_EN), LK_E_INVALID);
    story.packets[0].link = 0;
    story.packets[0].to = 2;
    ck_assert_int_eq(write_page(LK_STORY_EN), LK_E_INVALID);
    story.packets[0].to = 1;
    story.packets[0].same_as = 1;
    ck_assert_int_eq(write_page(LK_STORY_EN), LK_E_INVALID);
    ck_assert_uint_eq(page_len, 0);
    forget();
}
END_TEST

START_TEST(a_visit_without_packets_and_frames_of_any_bytes_are_pages_too)
{
    tell(LK_SOURCE_DIR "/corpora/traces/flow/odd-lengths.pcap");
    uint8_t *bytes = lk_bump_take(memory, 70000);
    for (size_t i = 0; i < 70000; i++)
        bytes[i] = (uint8_t)(i * 7);
    story.packets[0].bytes = bytes;
    story.packets[0].len = 70000;
    story.packets[1].len = 0;
    story.packets[2].len = 17;
    ck_assert_int_eq(write_page(LK_STORY_EN), 0);
    json_decref(data_of_page());
    story.packet_count = story.host_count = story.link_count = 0;
    story.url = NULL;
    ck_assert_int_eq(write_page(LK_STORY_EN), 0);
    json_decref(data_of_page());
    forget();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_packet_is_there_with_layers_fields_and_bytes, a_packet_passed_on_is_told_by_what_changed, the_bytes_of_every_packet_can_be_put_together_again, no_text_leaves_its_place,
                                  it_opens_in_the_language_asked_for_and_loads_nothing, a_story_that_contradicts_itself_is_refused,
                                  a_visit_without_packets_and_frames_of_any_bytes_are_pages_too};
    return run_tests("visit/page", tests, sizeof tests / sizeof tests[0]);
}
