#include "json_save.h"

#include <errno.h>
#include <string.h>

int json_save_into(FILE *out, void (*write)(const void *what, struct json_write *w),
                   const void *what)
{
    struct json_write w;
    int r;

    json_write_init(&w, out);
    write(what, &w);
    r = json_write_flush(&w);
    json_write_deinit(&w);
    return r;
}

int json_save(const char *path, void (*write)(const void *what, struct json_write *w),
              const void *what, struct err *err)
{
    FILE *file = fopen(path, "wb");
    int r = -errno;

    if (!file)
        return err_set(err, r, "%s: %s", path, strerror(-r));
    r = json_save_into(file, write, what);
    if (fclose(file) != 0 && r == 0)
        r = -errno;
    return r < 0 ? err_set(err, r, "%s: %s", path, strerror(-r)) : 0;
}
