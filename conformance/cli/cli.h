/* The subcommands of `lockstep`, one file each. argv[0] is the subcommand's name; the return value is the exit status:
 * 0 all held, 1 something failed, 2 usage, unreadable input, or nothing ran. */
#ifndef LK_CLI_H
#define LK_CLI_H

#include <stdbool.h>

enum lk_exit { LK_EXIT_HELD = 0, LK_EXIT_FAILED = 1, LK_EXIT_UNUSABLE = 2 };

int lk_cli_audit(int argc, char **argv);
int lk_cli_dissect(int argc, char **argv);
int lk_cli_fetch(int argc, char **argv);
int lk_cli_matrix(int argc, char **argv);
int lk_cli_record(int argc, char **argv);
int lk_cli_replay(int argc, char **argv);
int lk_cli_resolve(int argc, char **argv);
int lk_cli_route(int argc, char **argv);
int lk_cli_serve(int argc, char **argv);
int lk_cli_visit(int argc, char **argv);

/* Part of replay: a capture without a YAML of the same name beside it is no trace yet. Its draft goes to standard output. */
bool lk_cli_is_bare_capture(const char *path);
int lk_cli_draft(const char *path);

#endif
