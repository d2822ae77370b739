/* stillwatch simulate */
#pragma once

int cmd_simulate(int argc, char **argv);
