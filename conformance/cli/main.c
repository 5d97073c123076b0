/* lockstep: which subcommand is meant. */
#include "conformance/cli/cli.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *about;
} subcommands[] = {
    {"replay", lk_cli_replay, "run traces against a stack and be told the first segment that differs"},
    {"record", lk_cli_record, "a trace from one of its forms into another: YAML and captures, event file"},
    {"matrix", lk_cli_matrix, "which requirements traces prove, and which none does"},
    {"audit", lk_cli_audit, "sum up the TCP connections of any capture: what was lost, sent again, overtaken"},
    {"dissect", lk_cli_dissect, "what is in a capture, frame by frame, with Wireshark's field names"},
    {"visit", lk_cli_visit, "the story from a name typed into a browser to the page, packet by packet"},
    {"resolve", lk_cli_resolve, "records of a name over a real interface, from real servers"},
    {"fetch", lk_cli_fetch, "pages over a real interface: address, name, connection, page"},
    {"serve", lk_cli_serve, "a folder as a web site on a real interface"},
    {"route", lk_cli_route, "a router on real interfaces, with NAT"},
};

static void print_usage(FILE *to)
{
    fputs("usage: lockstep SUBCOMMAND [ARGUMENT...]\n", to);
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++)
        fprintf(to, "  %-8s %s\n", subcommands[i].name, subcommands[i].about);
    fputs("lockstep SUBCOMMAND --help says more.\n", to);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return 0;
    }
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++)
        if (strcmp(argv[1], subcommands[i].name) == 0)
            return subcommands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "lockstep: unknown subcommand %s (try --help)\n", argv[1]);
    return 2;
}
