/* The page a teacher would show: the whole story of a visit as one HTML file. Nothing is loaded from anywhere: style,
 * script and data stand in the file, and a content security policy forbids the rest. Both languages are in it, a switch
 * changes between them.
 *
 * The sources of the page are the files of page/, joined at build time by page/compile; what is told is written by
 * page_data.c as JSON between them. */
#ifndef LK_VISIT_PAGE_H
#define LK_VISIT_PAGE_H

#include "conformance/report/report.h"
#include "conformance/visit/story.h"

/* Writes the page of `story` to `out`, in pieces; `lang` is the language it opens in. Every text of the story is taken as
 * foreign: whatever stands in it, it stays text. What is no UTF-8 becomes U+FFFD.
 * 0; LK_E_INVALID when the story contradicts itself (a packet on a link or of a host that is not there): nothing was
 * written; LK_E_NOMEM when there is no memory to take the packets apart: nothing was written. */
int lk_visit_page(const struct lk_story *story, enum lk_story_language lang, const struct lk_report_out *out);

#endif
