/* Why an input could not be used, as the one line that a person gets to read: "file:place: reason". The place is a
 * line number of a text file, or "frame N" of a capture, or nothing when the file as a whole is meant. */
#ifndef LK_TIMELINE_FAULT_H
#define LK_TIMELINE_FAULT_H

#include <stddef.h>

struct lk_fault { char text[512]; };

/* Fills *fault (cut at its end; a control character becomes '?', so it stays one line). line 0: no place. Returns -1, so
 * that a reader can end with `return lk_fault_at(...)`. fault may be NULL. */
int lk_fault_at(struct lk_fault *fault, const char *file, size_t line, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same for a frame of a capture, counted from 1; 0: the file as a whole. */
int lk_fault_in_frame(struct lk_fault *fault, const char *file, size_t frame, const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
