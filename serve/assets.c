#include "assets.h"

#include <string.h>

/* Made by serve/embed.py; ends with a row of NULLs. */
extern const struct asset asset_table[];

const struct asset *asset_find(const char *path)
{
    for (const struct asset *asset = asset_table; asset->path; asset++)
        if (strcmp(asset->path, path) == 0)
            return asset;
    return NULL;
}
