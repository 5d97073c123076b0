/* The subcommands of `lockstep`, one file each. argv[0] is the subcommand's name; the return value is the exit status:
 * 0 all held, 1 something failed, 2 usage, unreadable input, or nothing ran. */
#ifndef LK_CLI_H
#define LK_CLI_H

int lk_cli_dissect(int argc, char **argv);
int lk_cli_replay(int argc, char **argv);

#endif
