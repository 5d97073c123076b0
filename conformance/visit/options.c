/* The options' defaults, and the page that the web server has when the user brought none. */
#include "conformance/visit/visit.h"
#include "conformance/visit/world.h"
#include <string.h>

void lk_visit_options_init(struct lk_visit_options *options)
{
    static const lk_time delay[LK_VISIT_LINKS] = {[LINK_HOME] = LK_MILLISECOND, [LINK_ACCESS] = 8 * LK_MILLISECOND, [LINK_CORE] = 12 * LK_MILLISECOND,
                                                  [LINK_DNS] = 3 * LK_MILLISECOND, [LINK_WEB] = LK_MILLISECOND};
    static const uint64_t rate[LK_VISIT_LINKS] = {1000000000, 100000000, 10000000000, 1000000000, 1000000000};
    memset(options, 0, sizeof *options);
    options->url = "www.google.com";
    options->page_bytes = 6000;
    options->page_type = "text/html; charset=utf-8";
    memcpy(options->delay, delay, sizeof delay);
    memcpy(options->rate, rate, sizeof rate);
}

/* Text that is nowhere the same for long, so that a byte in the wrong place shows. */
uint8_t *world_make_page(struct lk_bump *memory, uint64_t bytes)
{
    static const char begin[] = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>It arrived</title></head><body>\n<h1>It arrived</h1>\n";
    static const char end[] = "</body></html>\n";
    uint8_t *page = lk_bump_take(memory, (size_t)bytes);
    if (page == NULL)
        return NULL;
    for (uint64_t i = 0, line = 1; i < bytes; line++) {
        char text[64] = "<p>line 0000000000 of a page that is counted</p>\n";
        uint64_t n = line;
        for (int at = 17; at > 7; at--, n /= 10)
            text[at] = (char)('0' + n % 10);
        for (size_t k = 0; text[k] != 0 && i < bytes; k++)
            page[i++] = (uint8_t)text[k];
    }
    if (bytes >= sizeof begin + sizeof end) {
        memcpy(page, begin, sizeof begin - 1);
        memset(page + bytes - sizeof end, '\n', sizeof end);
        memcpy(page + bytes - (sizeof end - 1), end, sizeof end - 1);
    }
    return page;
}
