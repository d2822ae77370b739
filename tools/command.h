/* The commands of the one binary. Each lives in tools/cmd_<name>.c and is one row of the table in
 * tools/main.c. */
#pragma once

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,  /* the world failed: I/O, memory */
    EXIT_INVALID = 2, /* usage or invalid input */
    EXIT_GATE = 3,    /* a gate the user asked for was not met */
};

struct command {
    const char *name;
    const char *summary;               /* one line for `stillwatch help` */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns an exit_code */
};

int cmd_run(int argc, char **argv);
int cmd_simulate(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_detect(int argc, char **argv);
int cmd_evaluate(int argc, char **argv);
int cmd_gate(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_serve(int argc, char **argv); /* serve/cmd_serve.c */
