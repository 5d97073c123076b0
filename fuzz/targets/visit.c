/* A whole visit under fates of the input's choice: what is lost, which random numbers, which delays. It always ends, in bounded
 * work; the page is whole or the failure has a name; and no act breaks its RFC as long as little is lost. */
#include "conformance/visit/visit.h"
#include "fuzz/common/law.h"
#include "stack/base/error.h"

#define BUDGET ((size_t)64 << 20)
#define MOST_LOSS 300 /* 1/10000: beyond, time-outs are judged by what waits for ARP */

static const char *const links[] = {NULL, "home", "access", "core", "dns", "web", NULL, NULL};

static uint8_t next(const uint8_t **data, size_t *size)
{
	if (*size == 0) {
		return 0;
	}
	(*size)--;
	return *(*data)++;
}

static void read_options(struct lk_visit_options *options, const uint8_t *data, size_t size)
{
	uint8_t flags = next(&data, &size);

	lk_visit_options_init(options);
	options->seed = next(&data, &size);
	options->loss = next(&data, &size) * (MOST_LOSS / 255u + 1u) % MOST_LOSS;
	options->no_such_name = (flags & 1) != 0;
	options->refuse = (flags & 2) != 0;
	options->page_bytes = next(&data, &size) * 40u;
	for (uint32_t i = 0; i < LK_VISIT_LINKS && (flags & 4) != 0; i++) {
		options->delay[i] = next(&data, &size) * LK_MILLISECOND / 4;
	}
	while (size >= 2 && options->drops < 2) {
		uint8_t what = next(&data, &size), where = next(&data, &size);
		options->drop[options->drops++] = (struct lk_visit_drop){
		    .kind = (uint8_t)(what % LK_VISIT_KINDS), .copy = 1u + where / 8u % 4u, .link = links[where % 8]};
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lk_visit_options options;
	struct lk_story story;
	struct lk_bump *memory = lk_bump_new(BUDGET);

	law(memory != NULL, "memory for a visit");
	read_options(&options, data, size);
	law(lk_visit_run(&options, memory, &story) == 0, "visit: it runs within its budget");
	law(story.packet_count < 5000, "visit: bounded work");
	if (story.failure == NULL) {
		law(story.got_bytes == story.page_bytes && (story.page_bytes == 0 || memcmp(story.got, story.page, (size_t)story.page_bytes) == 0),
		    "visit: the page is whole, or it is said why not");
		law(!options.no_such_name && !options.refuse, "visit: who is told no gets no page");
	}
	if (story.finding_count > 0) {
		fprintf(stderr, "%s\n", story.findings[0].message);
	}
	law(story.finding_count == 0, "visit: no act breaks its RFC");
	lk_bump_free(memory);
	return 0;
}
