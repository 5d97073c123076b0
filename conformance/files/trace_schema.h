/* The tables of the trace format's keys. Inside this room only; the format stands in corpora/README.md. */
#ifndef LK_FILES_TRACE_SCHEMA_H
#define LK_FILES_TRACE_SCHEMA_H

#include "conformance/files/yaml_map.h"

/* Reads the root of the document into yaml->trace, which holds the defaults. */
bool lk_yaml_trace(struct lk_yaml *yaml, const yaml_node_t *root);
/* `calls:`, into a struct lk_trace. */
bool lk_yaml_calls(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into);

/* What only mode `fields` has: trace_talk.c. */
bool lk_yaml_interfaces(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into);
bool lk_yaml_app(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into);
bool lk_yaml_talk(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into);
/* Holds a trace of mode `fields` together; keys that belong to the other modes are refused. */
bool lk_yaml_check_fields(struct lk_yaml *yaml, const yaml_node_t *root);

/* A MAC address, into a struct lk_trace_host. */
bool lk_yaml_mac(struct lk_yaml *yaml, const yaml_node_t *node, const struct lk_yaml_field *field, void *into);

#endif
