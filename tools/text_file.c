#include "text_file.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int text_file_read(const char *path, char **text, size_t *size, struct err *err)
{
    AUTO_FCLOSE FILE *file = fopen(path, "re");
    AUTO_FREE char *buffer = NULL;
    size_t capacity = 4096, n = 0;

    if (!file)
        return err_set(err, -errno, "%s: %s", path, strerror(errno));
    for (;;) {
        char *grown = realloc(buffer, capacity + 1);

        if (!grown)
            return -ENOMEM;
        buffer = grown;
        n += fread(buffer + n, 1, capacity - n, file);
        if (ferror(file))
            return err_set(err, errno ? -errno : -EIO, "%s: %s", path, strerror(errno));
        if (n < capacity)
            break;
        if (capacity >= TEXT_FILE_MAX)
            return err_set(err, -EFBIG, "%s: %s", path, strerror(EFBIG));
        capacity *= 2;
    }
    buffer[n] = '\0';
    *text = TAKE(buffer);
    *size = n;
    return 0;
}

int text_file_replace(const char *folder, const char *name, int (*fill)(FILE *, const void *),
                      const void *ctx, struct err *err)
{
    AUTO_FREE char *path = NULL, *fresh = NULL;
    FILE *f;
    int r;

    if (asprintf(&path, "%s/%s", folder, name) < 0)
        path = NULL;
    if (asprintf(&fresh, "%s/.%s.new", folder, name) < 0)
        fresh = NULL;
    if (!path || !fresh)
        return err_set(err, -ENOMEM, "out of memory");
    f = fopen(fresh, "we");
    if (!f)
        return err_set(err, -errno, "%s: %s", fresh, strerror(errno));
    r = fill(f, ctx);
    if (ferror(f) && r == 0)
        r = -EIO;
    if (fclose(f) != 0 && r == 0)
        r = -errno;
    if (r == 0 && rename(fresh, path) != 0)
        r = -errno;
    if (r < 0) {
        (void)remove(fresh);
        return err_set(err, r, "%s: %s", path, strerror(-r));
    }
    return 0;
}
