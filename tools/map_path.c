#include "map_path.h"

#include "base/nearest.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* In the source tree while there is one (tests, a build that is not installed), else where
 * `ninja install` puts them. */
static const char *folder(void)
{
    return access(MAPS_SOURCE, R_OK) == 0 ? MAPS_SOURCE : MAPS_INSTALLED;
}

const char *map_path_shipped(const char *name, char path[MAP_PATH_SIZE])
{
    (void)snprintf(path, MAP_PATH_SIZE, "%s/%s.json", folder(), name);
    return path;
}

static int is_map(const struct dirent *entry)
{
    const char *end = strrchr(entry->d_name, '.');

    return end && strcmp(end, ".json") == 0 && strcmp(entry->d_name, "schema.json") != 0;
}

uint32_t map_path_names(char *names[MAP_NAMES_MAX])
{
    struct dirent **entry;
    int found = scandir(folder(), &entry, is_map, alphasort);
    uint32_t count = 0;

    if (found < 0)
        return 0;
    for (int i = 0; i < found; i++) {
        size_t stem = strlen(entry[i]->d_name) - strlen(".json");

        if (count < MAP_NAMES_MAX && (names[count] = strndup(entry[i]->d_name, stem)))
            count++;
        free(entry[i]);
    }
    free(entry);
    return count;
}

static int unknown(const char *name, struct err *err)
{
    char *names[MAP_NAMES_MAX];
    uint32_t count = map_path_names(names);
    const char *nearest = nearest_word(name, (const char *const *)names, count);
    size_t used;

    if (nearest)
        (void)err_set(err, -ENOENT, "no field map '%.100s'; did you mean '%s'? There are:", name,
                      nearest);
    else
        (void)err_set(err, -ENOENT, "no field map '%.100s'; there are:", name);
    used = strlen(err->text);
    for (uint32_t i = 0; i < count; i++) {
        (void)snprintf(err->text + used, sizeof err->text - used, " %s", names[i]);
        used = strlen(err->text);
        free(names[i]);
    }
    return -ENOENT;
}

int map_path_load(const char *name, struct field_map **out, struct err *err)
{
    char path[MAP_PATH_SIZE];

    if (strchr(name, '/') || strstr(name, ".json"))
        return field_map_load(name, out, err);
    map_path_shipped(name, path);
    if (access(path, R_OK) < 0)
        return unknown(name, err);
    return field_map_load(path, out, err);
}
