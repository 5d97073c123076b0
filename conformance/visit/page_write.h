/* Writing, for the files of the page: text, numbers, JSON and HTML that cannot leave their place. Not for other rooms. */
#ifndef LK_VISIT_PAGE_WRITE_H
#define LK_VISIT_PAGE_WRITE_H

#include "conformance/report/report.h"
#include "conformance/timeline/bump.h"

#include <stddef.h>
#include <stdint.h>

void lk_page_put(const struct lk_report_out *out, const char *text);
void lk_page_number(const struct lk_report_out *out, int64_t number);
/* A text within an element or a quoted attribute. */
void lk_page_html(const struct lk_report_out *out, const char *text);
/* A JSON string with its quotes, or null for NULL. No '<', '>' or '&' stands in it, so no text ends the script element it
 * lies in (HTML, "Restrictions for contents of script elements"). */
void lk_page_json(const struct lk_report_out *out, const char *text);
/* A JSON string of the bytes in base64 (RFC 4648 section 4). */
void lk_page_base64(const struct lk_report_out *out, const uint8_t *bytes, size_t len);

/* Every text once: fields, values and words are repeated from hop to hop. */
struct lk_page_texts {
    struct lk_bump *memory;
    const char **text;
    size_t count, capacity;
    uint32_t *slot;            /* index + 1 of a text, 0: empty; a power of two of them */
    size_t slots;
};
/* The number of this text, entered when it is new (a copy is kept). -1 when there is no memory. */
int64_t lk_page_intern(struct lk_page_texts *texts, const char *text);

#endif
