/* The tables of the trace format's keys. Inside this room only; the format stands in corpora/README.md. */
#ifndef LK_FILES_TRACE_SCHEMA_H
#define LK_FILES_TRACE_SCHEMA_H

#include "conformance/files/yaml_map.h"

/* Reads the root of the document into yaml->trace, which holds the defaults. */
bool lk_yaml_trace(struct lk_yaml *yaml, const yaml_node_t *root);
/* `calls:`, into a struct lk_trace. */
bool lk_yaml_calls(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into);

#endif
