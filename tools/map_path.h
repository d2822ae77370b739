/* Field maps by name: `--map litellm` is the shipped map, anything else a file of one's own. */
#pragma once

#include "event/field_map.h"

#include <stddef.h>

enum { MAP_PATH_SIZE = 4096, MAP_NAMES_MAX = 32 };

/* Loads the file `name`, or the shipped map of that name when it holds no '/' and no ".json". 0;
 * -EINVAL or -ENOENT with the file, or the names there are, in err. */
int map_path_load(const char *name, struct field_map **out, struct err *err);

/* The shipped map's file. Returns `path`. */
const char *map_path_shipped(const char *name, char path[MAP_PATH_SIZE]);

/* Names of the shipped maps, ascending; free() each. At most MAP_NAMES_MAX. */
uint32_t map_path_names(char *names[MAP_NAMES_MAX]);
