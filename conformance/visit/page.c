/* The page: its text as joined at build time, with what it tells at the marked places. */
#include "conformance/visit/page.h"

#include "conformance/visit/page_data.h"
#include "stack/base/error.h"

#include <string.h>

#define BUDGET ((size_t)1 << 30) /* bytes; a visit of 5,000 packets takes about 15 million */

/* Made by page/compile out of page.html and what it includes; ends with a zero byte. */
extern const char lk_page_template[];

static const char *const codes[LK_STORY_LANGUAGES] = {[LK_STORY_EN] = "en", [LK_STORY_KO] = "ko"};

/* The next place to fill: "@language@", "@title@" or "@story@". NULL when there is none. */
static const char *next_mark(const char *text, size_t *len)
{
    static const char *const marks[] = {"@language@", "@title@", "@story@"};
    for (; (text = strchr(text, '@')) != NULL; text++)
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
            *len = strlen(marks[i]);
            if (strncmp(text, marks[i], *len) == 0)
                return text;
        }
    return NULL;
}

static void fill(const char *mark, const struct lk_page_data *data, enum lk_story_language lang, const struct lk_report_out *out)
{
    if (mark[1] == 'l')
        lk_page_put(out, codes[lang]);
    else if (mark[1] == 't')
        lk_page_html(out, data->story->url == NULL ? "" : data->story->url);
    else
        lk_page_data_write(data, out);
}

static void write_page(const struct lk_page_data *data, enum lk_story_language lang, const struct lk_report_out *out)
{
    const char *text = lk_page_template;
    size_t len = 0;
    for (const char *mark; (mark = next_mark(text, &len)) != NULL; text = mark + len) {
        out->write(out->context, text, (size_t)(mark - text));
        fill(mark, data, lang, out);
    }
    lk_page_put(out, text);
}

int lk_visit_page(const struct lk_story *story, enum lk_story_language lang, const struct lk_report_out *out)
{
    if ((unsigned)lang >= LK_STORY_LANGUAGES)
        return LK_E_INVALID;
    struct lk_bump *memory = lk_bump_new(BUDGET);
    if (memory == NULL)
        return LK_E_NOMEM;
    struct lk_page_data data;
    int status = lk_page_data_make(&data, story, memory);
    if (status == 0)
        write_page(&data, lang, out);
    lk_bump_free(memory);
    return status;
}
