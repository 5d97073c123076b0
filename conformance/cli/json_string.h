/* JSON as subcommands write it. */
#ifndef LK_CLI_JSON_STRING_H
#define LK_CLI_JSON_STRING_H

#include <stdio.h>

/* A JSON string with its quotes (RFC 8259 section 7). Octets beyond ASCII go out as they are. */
void lk_cli_json_string(FILE *to, const char *text);

#endif
