#include "conformance/report/out.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void put_len(const struct lk_report *report, const char *text, size_t len)
{
    if (len != 0)
        report->out.write(report->out.context, text, len);
}

void put(const struct lk_report *report, const char *text)
{
    put_len(report, text, strlen(text));
}

void put_clean(const struct lk_report *report, const char *text)
{
    for (; text != NULL && *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        put_len(report, byte < 0x20 || byte == 0x7f ? "?" : text, 1);
    }
}

void putf(const struct lk_report *report, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (len > 0)
        put(report, text);
}

void put_colour(const struct lk_report *report, enum colour colour)
{
    static const char *const codes[] = {[PLAIN] = "\033[0m", [RED] = "\033[1;31m", [GREEN] = "\033[32m", [YELLOW] = "\033[33m", [DIM] = "\033[2m", [BOLD] = "\033[1m"};
    if (report->style.colours)
        put(report, codes[colour]);
}

void put_spaces(const struct lk_report *report, size_t count)
{
    static const char spaces[] = "                                ";
    for (; count > 32; count -= 32)
        put_len(report, spaces, 32);
    put_len(report, spaces, count);
}

/* As many bytes as fit: up to the last space within `width`, or all of a word that is longer. */
static size_t line_of(const char *text, size_t width)
{
    size_t len = strlen(text), cut = 0;
    if (len <= width)
        return len;
    for (size_t i = 0; i <= width || cut == 0; i++) {
        if (text[i] == '\0')
            return i;
        if (text[i] == ' ')
            cut = i;
    }
    return cut;
}

void put_wrapped(const struct lk_report *report, const char *text, size_t indent, size_t width)
{
    for (;;) {
        size_t len = line_of(text, width);
        put_len(report, text, len);
        put(report, "\n");
        text += len;
        text += strspn(text, " ");
        if (*text == '\0')
            return;
        put_spaces(report, indent);
    }
}

void put_count(const struct lk_report *report, uint64_t count, const char *one)
{
    putf(report, "%llu %s%s", (unsigned long long)count, one, count == 1 ? "" : "s");
}

size_t columns_of(const struct lk_report *report)
{
    if (report->style.columns == 0)
        return 100;
    return report->style.columns < 80 ? 80 : report->style.columns;
}

const char *verdict_word(enum lk_verdict_kind kind)
{
    switch (kind) {
    case LK_PASS: return "pass";
    case LK_FAIL: return "fail";
    case LK_SKIP: return "skip";
    default: return "error";
    }
}

/* ---- escaping ---------------------------------------------------------------------------------------------- */

static bool continues(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF. */
size_t utf8_length(const unsigned char *text)
{
    unsigned char first = text[0];
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return continues(text[1]) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        bool sound = continues(text[1]) && continues(text[2]) && !(first == 0xe0 && text[1] < 0xa0) && !(first == 0xed && text[1] > 0x9f);
        return sound ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        bool sound = continues(text[1]) && continues(text[2]) && continues(text[3]) && !(first == 0xf0 && text[1] < 0x90) && !(first == 0xf4 && text[1] > 0x8f);
        return sound ? 4 : 0;
    }
    return 0;
}

/* RFC 8259 section 7 */
static void json_byte(const struct lk_report *report, unsigned char byte)
{
    if (byte == '"' || byte == '\\')
        putf(report, "\\%c", byte);
    else if (byte == '\n')
        put(report, "\\n");
    else if (byte == '\t')
        put(report, "\\t");
    else if (byte < 0x20 || byte == 0x7f)
        putf(report, "\\u%04x", byte);
    else
        put_len(report, (const char *)&byte, 1);
}

void put_json(const struct lk_report *report, const char *text)
{
    if (text == NULL) {
        put(report, "null");
        return;
    }
    put(report, "\"");
    while (*text != '\0') {
        size_t len = utf8_length((const unsigned char *)text);
        if (len == 1)
            json_byte(report, (unsigned char)*text);
        else if (len == 0)
            put(report, "\\ufffd");
        else
            put_len(report, text, len);
        text += len == 0 ? 1 : len;
    }
    put(report, "\"");
}

static void xml_byte(const struct lk_report *report, unsigned char byte)
{
    switch (byte) {
    case '<': put(report, "&lt;"); break;
    case '>': put(report, "&gt;"); break;
    case '&': put(report, "&amp;"); break;
    case '"': put(report, "&quot;"); break;
    case '\n': put(report, "&#10;"); break;
    case '\t': put(report, "&#9;"); break;
    default:
        if (byte < 0x20)
            put(report, "?");
        else
            put_len(report, (const char *)&byte, 1);
    }
}

void put_xml(const struct lk_report *report, const char *text)
{
    while (text != NULL && *text != '\0') {
        size_t len = utf8_length((const unsigned char *)text);
        if (len == 1)
            xml_byte(report, (unsigned char)*text);
        else if (len == 0)
            put(report, "?");
        else
            put_len(report, text, len);
        text += len == 0 ? 1 : len;
    }
}
