#include "conformance/timeline/event.h"

struct lk_event *lk_timeline_add(struct lk_timeline *timeline, enum lk_event_kind kind, lk_time at)
{
    if (timeline->count != 0 && at < timeline->events[timeline->count - 1].at)
        return NULL;
    if (timeline->count >= UINT32_MAX)
        return NULL;
    struct lk_event *events = lk_bump_grow(timeline->memory, timeline->events, timeline->count, &timeline->capacity, sizeof *events);
    if (events == NULL)
        return NULL;
    timeline->events = events;
    struct lk_event *event = &events[timeline->count];
    *event = (struct lk_event){.at = at, .kind = (uint8_t)kind, .knowledge = LK_SEEN, .number = (uint32_t)timeline->count};
    timeline->count++;
    return event;
}

struct lk_event *lk_timeline_add_frame(struct lk_timeline *timeline, lk_time at, enum lk_dir dir, const uint8_t *bytes, size_t len, uint32_t link)
{
    if (len > UINT32_MAX)
        return NULL;
    const uint8_t *copy = lk_bump_copy(timeline->memory, bytes, len);
    struct lk_event *event = copy == NULL ? NULL : lk_timeline_add(timeline, LK_EVENT_FRAME, at);
    if (event == NULL)
        return NULL;
    event->dir = (uint8_t)dir;
    event->bytes = copy;
    event->len = (uint32_t)len;
    lk_segment_read(copy, len, link, &event->segment);
    return event;
}
