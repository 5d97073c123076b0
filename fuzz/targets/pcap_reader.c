/* The capture reader on any bytes, gzip included. It gives whole frames, then the end or one line that says what is
 * wrong; it takes no more memory than it was allowed. */
#include "conformance/files/capture.h"
#include "fuzz/common/law.h"

#define BUDGET (4u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = exact_copy(data, size);
    struct lk_bump *bump = lk_bump_new(BUDGET);
    struct lk_capture capture;
    struct lk_fault fault = {""};
    law(bump != NULL, "memory for the arena");
    int result = lk_capture_read_memory("input", bytes, size, bump, &capture, &fault);
    free(bytes); /* nothing that was handed out may point into it */
    law(result == 0 || result == -1, "0 or -1");
    law((result == 0) == (fault.text[0] == 0), "a fault exactly when it failed");
    law(result == 0 || strncmp(fault.text, "input:", 6) == 0, "the fault names the file");
    law(strchr(fault.text, '\n') == NULL, "the fault is one line");
    law(lk_bump_used(bump) <= BUDGET, "the budget is kept");
    uint32_t sum = 0;
    for (size_t i = 0; i < capture.count; i++) {
        law(capture.frames[i].number == i + 1, "frames are numbered from 1");
        law(capture.frames[i].at <= 2 * LK_TIME_MAX && capture.frames[i].at >= -2 * LK_TIME_MAX, "times fit");
        for (size_t at = 0; at < capture.frames[i].len; at++)
            sum += capture.frames[i].bytes[at];
    }
    must_be_initialised((const uint8_t *)&sum, sizeof sum);
    lk_bump_free(bump);
    return 0;
}
