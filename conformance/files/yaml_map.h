/* A YAML document held against tables: each mapping has a table of its keys, with a reader for each value. Unknown,
 * double and missing keys, wrong types and bad words end in one line with file and line number. Inside this room only. */
#ifndef LK_FILES_YAML_MAP_H
#define LK_FILES_YAML_MAP_H

#include "conformance/timeline/bump.h"
#include "conformance/timeline/fault.h"
#include "conformance/timeline/trace.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yaml.h>

#define LK_YAML_SOCKETS 64u

struct lk_yaml {
    yaml_document_t document;
    const char *file;
    struct lk_bump *bump;
    struct lk_fault *fault;
    const char *key;             /* of the value being read, for messages */
    struct lk_trace *trace;
    size_t dut_line, peer_line;  /* where their addresses stand */
    const char *sockets[LK_YAML_SOCKETS]; /* name of socket 1, 2, ...; NULL: not taken */
};

struct lk_yaml_word { const char *word; uint8_t value; }; /* a table ends with word NULL */

struct lk_yaml_field;
typedef bool (*lk_yaml_reader)(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into);

struct lk_yaml_field {
    const char *key;
    lk_yaml_reader read;         /* false: the fault is set */
    size_t offset;               /* of the value in what the mapping fills */
    bool required;
    const struct lk_yaml_word *words;
    uint64_t most;               /* numbers */
};

/* Faults at the line of a node; always false. */
bool lk_yaml_refuse(struct lk_yaml *yaml, const yaml_node_t *node, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool lk_yaml_no_memory(struct lk_yaml *yaml, const yaml_node_t *node);
size_t lk_yaml_line(const yaml_node_t *node);

/* Reads a mapping into `into`; `what` names it in messages. */
bool lk_yaml_mapping(struct lk_yaml *yaml, const yaml_node_t *node, const char *what, const struct lk_yaml_field *fields, size_t count, void *into);
/* Calls `each` for the pairs of a mapping whose keys are free; keys are texts and come once. */
bool lk_yaml_pairs(struct lk_yaml *yaml, const yaml_node_t *node, bool (*each)(struct lk_yaml *yaml, const yaml_node_t *key, const yaml_node_t *value, void *context), void *context);
/* Reads a sequence into a new array of elements of `size` bytes. */
bool lk_yaml_list(struct lk_yaml *yaml, const yaml_node_t *node, size_t size, bool (*each)(struct lk_yaml *yaml, const yaml_node_t *node, void *into), void **array, size_t *count);
/* The value of one key of a mapping, or NULL. */
const yaml_node_t *lk_yaml_find(struct lk_yaml *yaml, const yaml_node_t *node, const char *key);

/* The text of a scalar, valid as long as the document; NULL with a fault when it is none, or holds a zero byte. */
const char *lk_yaml_scalar(struct lk_yaml *yaml, const yaml_node_t *node);

/* Readers for tables: into + field->offset is ... */
bool lk_yaml_text(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into);     /* const char * in the bump */
bool lk_yaml_file_name(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into); /* const char *, a name in the same folder */
bool lk_yaml_u16(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into);
bool lk_yaml_u32(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into);
bool lk_yaml_u64(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into);
bool lk_yaml_flag(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into);     /* bool */
bool lk_yaml_word(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into);     /* uint8_t of field->words */
bool lk_yaml_time(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into);     /* lk_time */
bool lk_yaml_address(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into);  /* struct lk_addr */

#endif
