/* lockstep visit: the story of a name typed into a browser. */
#include "conformance/cli/cli.h"
#include "conformance/visit/visit.h"
#include <stdio.h>

#define BUDGET ((size_t)512 << 20)

int lk_cli_visit(int argc, char **argv)
{
    struct lk_visit_options options;
    struct lk_story story;
    lk_visit_options_init(&options);
    if (argc > 1)
        options.url = argv[1];
    struct lk_bump *memory = lk_bump_new(BUDGET);
    if (memory == NULL || lk_visit_run(&options, memory, &story) != 0)
        return LK_EXIT_UNUSABLE;
    for (size_t i = 0; i < story.packet_count; i++) {
        const struct lk_story_packet *p = &story.packets[i];
        printf("%4u %12.6f %-8s > %-8s %s\n       %s\n", p->number, (double)p->sent_at / 1e9, story.hosts[p->from].name, story.hosts[p->to].name, p->line[0], p->why[0]);
    }
    for (int k = 0; k < LK_ACTS; k++)
        printf("%s: %s\n", story.acts[k].title[0], story.acts[k].summary[0]);
    lk_bump_free(memory);
    return LK_EXIT_HELD;
}
