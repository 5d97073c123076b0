/* Part of visit: the page as a file, which has its name only when it is whole. */
#include "conformance/cli/visit_page.h"

#include "conformance/files/partial.h"
#include "conformance/visit/page.h"
#include "stack/base/error.h"

#include <stdio.h>
#include <stdlib.h>

struct page_file {
    struct lk_partial *partial;
    struct lk_fault fault;
    bool failed;
};

static void write_piece(void *context, const char *text, size_t len)
{
    struct page_file *file = context;
    if (!file->failed && lk_partial_write(file->partial, (const uint8_t *)text, len, &file->fault) != 0)
        file->failed = true;
}

/* What was written of a page that will not be whole is of no use. */
static void abandon(struct page_file *file)
{
    char *left = lk_partial_abandon(file->partial);
    if (left != NULL)
        remove(left);
    free(left);
}

int lk_cli_visit_page(const struct lk_story *story, enum lk_story_language lang, const char *path)
{
    struct page_file file = {.failed = false};
    file.partial = lk_partial_open(path, &file.fault);
    if (file.partial == NULL) {
        fprintf(stderr, "lockstep visit: %s\n", file.fault.text);
        return -1;
    }
    struct lk_report_out out = {&file, write_piece};
    int status = lk_visit_page(story, lang, &out);
    if (status != 0 || file.failed) {
        abandon(&file);
        fprintf(stderr, "lockstep visit: %s\n", file.failed ? file.fault.text : status == LK_E_NOMEM ? "no memory for the page" : "the story contradicts itself, no page was written");
        return -1;
    }
    if (lk_partial_finish(file.partial, &file.fault) == 0)
        return 0;
    fprintf(stderr, "lockstep visit: %s\n", file.fault.text);
    return -1;
}
