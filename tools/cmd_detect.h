/* stillwatch detect [FILE...] --out DIR */
#pragma once

int cmd_detect(int argc, char **argv);
