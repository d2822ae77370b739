/* stillwatch evaluate RUN --truth FILE */
#pragma once

int cmd_evaluate(int argc, char **argv);
