/* Part of visit: --html FILE. */
#ifndef LK_CLI_VISIT_PAGE_H
#define LK_CLI_VISIT_PAGE_H

#include "conformance/visit/story.h"

/* Writes the page of a story to `path` ("-": standard output). 0; or -1 after one line on standard error, and no file is left. */
int lk_cli_visit_page(const struct lk_story *story, enum lk_story_language lang, const char *path);

#endif
