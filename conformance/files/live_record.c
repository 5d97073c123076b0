#include "conformance/files/live_record.h"

#include <stdlib.h>
#include <string.h>

#define HELD ((size_t)8 << 20) /* bytes held back at most; then order gives way */

struct held { lk_time at; size_t len; };

static int put(struct lk_live_record *record, const uint8_t *bytes, size_t len, lk_time at, struct lk_fault *fault)
{
    if (at < record->last) /* clocks of different processors */
        at = record->last;
    record->last = at;
    return lk_capture_writer_add(record->to, bytes, len, at, fault);
}

int lk_live_record_until(struct lk_live_record *record, lk_time at, struct lk_fault *fault)
{
    struct held next;
    int result = 0;
    while (record->from < record->len && result == 0) {
        memcpy(&next, record->held + record->from, sizeof next);
        if (next.at > at)
            break;
        result = put(record, record->held + record->from + sizeof next, next.len, next.at, fault);
        record->from += sizeof next + next.len;
    }
    if (record->from == record->len)
        record->from = record->len = 0;
    return result;
}

static bool make_room(struct lk_live_record *record, size_t more)
{
    if (record->room - record->len >= more)
        return true;
    size_t room = record->room == 0 ? HELD / 16 : 2 * record->room;
    uint8_t *held = room > HELD ? NULL : realloc(record->held, room);
    if (held == NULL)
        return false;
    record->held = held;
    record->room = room;
    return record->room - record->len >= more;
}

int lk_live_record_sent(struct lk_live_record *record, const uint8_t *bytes, size_t len, lk_time at, struct lk_fault *fault)
{
    struct held held = {at, len};
    if (record->to == NULL)
        return 0;
    if (!make_room(record, sizeof held + len)) {
        if (lk_live_record_until(record, LK_NEVER, fault) != 0)
            return -1;
        if (!make_room(record, sizeof held + len))
            return put(record, bytes, len, at, fault);
    }
    memcpy(record->held + record->len, &held, sizeof held);
    memcpy(record->held + record->len + sizeof held, bytes, len);
    record->len += sizeof held + len;
    return 0;
}

int lk_live_record_arrived(struct lk_live_record *record, const uint8_t *bytes, size_t len, lk_time at, struct lk_fault *fault)
{
    if (record->to == NULL)
        return 0;
    return lk_live_record_until(record, at, fault) != 0 ? -1 : put(record, bytes, len, at, fault);
}

void lk_live_record_free(struct lk_live_record *record)
{
    free(record->held);
    record->held = NULL;
    record->from = record->len = record->room = 0;
}
