/* The story as text for a terminal: a picture of the network, the packets under the acts they belong to, and what it came to.
 * No file is touched: all output goes through a function of the caller's. */
#ifndef LK_VISIT_SHOW_H
#define LK_VISIT_SHOW_H

#include "conformance/report/report.h"
#include "conformance/visit/story.h"

struct lk_visit_style {
    enum lk_story_language language;
    bool colours;     /* escape sequences of terminals */
    bool verbose;     /* each packet's layers and bytes too */
    uint32_t columns; /* width to fill; 0: 100. Below 80 packets take two lines each */
};

/* 0, or LK_E_NOMEM. */
int lk_visit_show(const struct lk_story *story, const struct lk_visit_style *style, const struct lk_report_out *out);
/* The end of it alone: what is wrong, and how the visit ended. */
void lk_visit_show_end(const struct lk_story *story, const struct lk_visit_style *style, const struct lk_report_out *out);

#endif
