/* The device that is a recording: it sends its own recorded frames at their recorded times, whatever is injected, and its
 * calls return what the trace says they returned. It proves the engine apart from every stack: a trace judged with it
 * must hold, and must fail as soon as one of its frames is altered. */
#ifndef LK_DUT_RECORDING_H
#define LK_DUT_RECORDING_H

#include "conformance/dut/dut.h"
#include "conformance/timeline/trace.h"

/* Needs lk_dut_config.trace: a struct lk_trace, which must outlive the device. */
const struct lk_dut *lk_dut_recording(void);

/* The times of a capture's frames, made strictly increasing by single nanoseconds, so that the order of frames with the
 * same time stamp is the recorded one for everybody. times: one for each frame. */
void lk_recording_times(const struct lk_capture *capture, lk_time *times);

#endif
