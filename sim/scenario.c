/* Loading: the file's text, its tree, the overrides, then the tables' work. The text is kept while
 * reading so that every message can name a line. */
#include "sim/scenario.h"

#include "base/cleanup.h"
#include "base/hash.h"
#include "sim/scenario_parse.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_SIZE_MAX = 16 * 1024 * 1024 };

CLEANUP_DEFINE(struct scenario, scenario_free)

struct scenario_override scenario_override_none(void)
{
    return (struct scenario_override){.seed = -1, .scale = NAN, .days = NAN};
}

void scenario_free(struct scenario *s)
{
    if (!s)
        return;
    for (uint32_t i = 0; i < s->cohort_count; i++) {
        free(s->cohort[i].access.network);
        free(s->cohort[i].program.model);
    }
    for (uint32_t i = 0; i < s->cite_count; i++)
        free(s->cites[i]);
    free(s->cites);
    free(s->about);
    free(s->model);
    free(s->network);
    free(s->cohort);
    free(s->enforcement);
    free(s);
}

static int file_read(const char *path, char **out, size_t *size, struct err *err)
{
    AUTO_FCLOSE FILE *f = fopen(path, "rb");
    AUTO_FREE char *text = NULL;
    size_t n;

    if (!f)
        return err_set(err, -errno, "%s: %s", path, strerror(errno));
    text = malloc(FILE_SIZE_MAX + 1);
    if (!text)
        return -ENOMEM;
    n = fread(text, 1, FILE_SIZE_MAX + 1, f);
    if (ferror(f))
        return err_set(err, -EIO, "%s: cannot be read", path);
    if (n > FILE_SIZE_MAX)
        return err_set(err, -EINVAL, "%s:1: top level: larger than 16 MiB", path);
    text[n < FILE_SIZE_MAX ? n : FILE_SIZE_MAX] = '\0';
    *out = TAKE(text);
    *size = n;
    return 0;
}

/* Puts the command line's numbers into the tree, so that they are checked and digested as the
 * file's are. `*stretch` is what the days are multiplied by. */
static int override_apply(const struct scenario_override *over, json_t *root, double *stretch)
{
    double days = json_number_value(json_object_get(root, "days"));
    int r = 0;

    *stretch = 1;
    if (!over)
        return 0;
    if (over->seed >= 0)
        r |= json_object_set_new(root, "seed", json_integer(over->seed));
    if (!isnan(over->scale))
        r |= json_object_set_new(root, "scale", json_real(over->scale));
    if (!isnan(over->days) && days > 0)
        *stretch = over->days / days;
    return r ? -ENOMEM : 0;
}

static int digest_make(const json_t *root, double stretch, char out[17])
{
    char *canonical = json_dumps(root, JSON_SORT_KEYS | JSON_COMPACT);
    uint64_t bits;

    if (!canonical)
        return -ENOMEM;
    memcpy(&bits, &stretch, sizeof bits);
    (void)snprintf(out, 17, "%016" PRIx64, hash_str(str_of(canonical), bits));
    free(canonical);
    return 0;
}

static int check_override(const struct scenario_override *over, struct err *err)
{
    if (over && !isnan(over->scale) && !(over->scale >= 1e-6 && over->scale <= 1000))
        return err_set(err, -EINVAL, "scale %g: must be from 1e-06 to 1000", over->scale);
    if (over && !isnan(over->days) && !(over->days >= 0.01 && over->days <= 3660))
        return err_set(err, -EINVAL, "days %g: must be from 0.01 to 3660", over->days);
    return 0;
}

int scenario_load(const char *path, const struct scenario_override *over, struct scenario **out,
                  struct err *err)
{
    AUTO(scenario_free) struct scenario *s = calloc(1, sizeof *s);
    AUTO_FREE char *text = NULL;
    json_auto_t *root = NULL;
    struct reader reader = {.file = path, .scenario = s, .err = err};
    json_error_t at;
    double stretch;
    int r;

    if (!s)
        return -ENOMEM;
    r = check_override(over, err);
    if (!r)
        r = file_read(path, &text, &reader.size, err);
    if (r)
        return r;
    root = json_loadb(text, reader.size, JSON_REJECT_DUPLICATES, &at);
    if (!root)
        return err_set(err, -EINVAL, "%s:%d: %s", path, at.line, at.text);
    reader.text = text;
    r = override_apply(over, root, &stretch);
    if (!r)
        r = scenario_parse(&reader, root);
    if (!r)
        r = scenario_finish(&reader, stretch);
    if (!r)
        r = digest_make(root, stretch, s->digest);
    if (!r)
        *out = TAKE(s);
    return r;
}
