/* The words of the trace format and what they stand for: read by the YAML reader, written by the YAML writer. */
#ifndef LK_FILES_TRACE_WORDS_H
#define LK_FILES_TRACE_WORDS_H

#include "conformance/files/yaml_map.h"

extern const struct lk_yaml_word lk_words_role[], lk_words_runs[], lk_words_neighbours[], lk_words_dir[], lk_words_kind[], lk_words_mode[], lk_words_do[],
    lk_words_data[], lk_words_how[], lk_words_when[], lk_words_fate[], lk_words_ack[], lk_words_compare[];

/* The word for a value; NULL when the table has none. */
const char *lk_word_for(const struct lk_yaml_word *words, uint8_t value);
/* Whether this is the name of an error that a call of the device may return. */
bool lk_word_is_errno(const char *name);

#endif
