#include "tools/recall_file.h"

#include "base/cleanup.h"
#include "base/json_write.h"
#include "base/rng.h"
#include "base/siphash.h"
#include "detector/linkage.h"
#include "tools/json_lines.h"
#include "tools/json_save.h"
#include "tools/text_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1, HEX_SIZE = 17 };

static const char NAME[] = "stillwatch_memory";

/* Tells whether two files were made with one key, without telling the key. */
static void key_check(uint64_t hash_key, char text[SIPHASH_HEX_SIZE])
{
    siphash_hex(str_of(NAME), hash_key, text);
}

/* A keyed hash over all entries, one after the other. */
static uint64_t digest_add(uint64_t digest, uint64_t hash_key, const struct recall_entry *e)
{
    uint32_t strength;
    uint64_t word[5], out[2];

    memcpy(&strength, &e->strength, sizeof strength);
    word[0] = digest;
    word[1] = e->key;
    word[2] = (uint64_t)e->kind << 32 | strength;
    word[3] = (uint64_t)e->since;
    word[4] = (uint64_t)e->ts;
    siphash128((struct str){(const char *)word, sizeof word},
               (const uint64_t[2]){mix64(hash_key), 0x6d656d6f7279u}, (uint8_t *)out);
    return out[0];
}

/* ---- writing ---- */

struct saved {
    const struct recall_entry **entry; /* ascending keys */
    uint32_t count;
    uint64_t hash_key;
};

static int by_key(const void *a, const void *b)
{
    uint64_t x = (*(const struct recall_entry *const *)a)->key;
    uint64_t y = (*(const struct recall_entry *const *)b)->key;

    return (x > y) - (x < y);
}

static void write_lines(const void *what, struct json_write *w)
{
    const struct saved *s = what;
    char text[SIPHASH_HEX_SIZE];
    uint64_t digest = 0;

    for (uint32_t i = 0; i < s->count; i++)
        digest = digest_add(digest, s->hash_key, s->entry[i]);
    json_write_open(w, NULL, '{');
    json_write_u64(w, NAME, VERSION);
    key_check(s->hash_key, text);
    json_write_text(w, "key", text);
    json_write_u64(w, "values", s->count);
    (void)snprintf(text, sizeof text, "%016" PRIx64, digest);
    json_write_text(w, "digest", text);
    json_write_close(w, '}');
    json_write_line(w);
    for (uint32_t i = 0; i < s->count; i++) {
        const struct recall_entry *e = s->entry[i];

        (void)snprintf(text, sizeof text, "%016" PRIx64, e->key);
        json_write_open(w, NULL, '{');
        json_write_text(w, "kind", linkage_kind_name(e->kind));
        json_write_text(w, "value", text);
        json_write_exact(w, "strength", (double)e->strength);
        json_write_i64(w, "since", e->since);
        json_write_i64(w, "ts", e->ts);
        json_write_close(w, '}');
        json_write_line(w);
    }
}

static int fill(FILE *file, const void *what)
{
    return json_save_into(file, write_lines, what);
}

int recall_file_save(const char *path, uint64_t hash_key, const struct recall *recall,
                     struct err *err)
{
    const char *slash = strrchr(path, '/');
    AUTO_FREE char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    struct saved saved = {.hash_key = hash_key};
    int r;

    saved.entry = calloc((size_t)recall_used(recall) + 1, sizeof *saved.entry);
    if (!folder || !saved.entry) {
        free(saved.entry);
        return err_set(err, -ENOMEM, "%s: out of memory", path);
    }
    for (uint32_t i = 0; i < recall_used(recall); i++)
        if (recall_get(recall, i)->key)
            saved.entry[saved.count++] = recall_get(recall, i);
    qsort(saved.entry, saved.count, sizeof *saved.entry, by_key);
    r = text_file_replace(folder, slash ? slash + 1 : path, fill, &saved, err);
    free(saved.entry);
    return r;
}

/* ---- reading ---- */

struct header {
    uint64_t values, digest;
};

static int hex_read(const struct json_lines *l, const char *field, uint64_t *out, struct err *err)
{
    struct str text = {NULL, 0};
    char *end = NULL;
    int r = json_lines_str(l, l->object, field, JSON_REQUIRED, &text, err);

    if (r < 0)
        return r;
    *out = text.n == HEX_SIZE - 1 && text.p[0] != '-' && text.p[0] != '+'
               ? strtoull(text.p, &end, 16)
               : 0;
    return end == text.p + HEX_SIZE - 1
               ? 0
               : json_lines_refuse(l, field, "is not 16 hex digits: damaged", err);
}

static int header_read(const struct json_lines *l, uint64_t hash_key, struct header *out,
                       struct err *err)
{
    char check[SIPHASH_HEX_SIZE];
    struct str key = {NULL, 0};
    uint64_t version = 0;
    int r = json_lines_u64(l, l->object, NAME, JSON_REQUIRED, &version, err);

    if (r == 0 && version != VERSION)
        return json_lines_refuse(l, NAME, "is of a version that this program does not know", err);
    if (r == 0)
        r = json_lines_str(l, l->object, "key", JSON_REQUIRED, &key, err);
    key_check(hash_key, check);
    if (r == 0 && !str_eq(key, str_of(check)))
        return json_lines_refuse(l, "key", "the memory was made with another hash_key", err);
    if (r == 0)
        r = json_lines_u64(l, l->object, "values", JSON_REQUIRED, &out->values, err);
    return r < 0 ? r : hex_read(l, "digest", &out->digest, err);
}

static int entry_read(const struct json_lines *l, struct recall_entry *e, struct err *err)
{
    const char *kinds[LINK_KIND_COUNT];
    double strength = 0.0;
    unsigned kind = 0;
    int r;

    for (unsigned k = 0; k < LINK_KIND_COUNT; k++)
        kinds[k] = linkage_kind_name(k);
    *e = (struct recall_entry){0};
    if ((r = json_lines_word(l, l->object, "kind", JSON_REQUIRED, kinds, LINK_KIND_COUNT, &kind,
                             err)) < 0 ||
        (r = hex_read(l, "value", &e->key, err)) < 0 ||
        (r = json_lines_f64(l, l->object, "strength", JSON_REQUIRED, &strength, err)) < 0 ||
        (r = json_lines_i64(l, l->object, "since", JSON_REQUIRED, &e->since, err)) < 0 ||
        (r = json_lines_i64(l, l->object, "ts", JSON_REQUIRED, &e->ts, err)) < 0)
        return r;
    e->kind = (uint8_t)kind;
    e->strength = (float)strength;
    return 0;
}

static int lines_read(struct json_lines *l, uint64_t hash_key, struct recall *recall,
                      struct err *err)
{
    struct header header = {0, 0};
    struct recall_entry e;
    uint64_t count = 0, digest = 0;
    int r = json_lines_next(l, err);

    if (r == 0)
        return err_set(err, -EINVAL, "%s: is empty: no memory of stillwatch", l->path);
    if (r > 0)
        r = header_read(l, hash_key, &header, err);
    while (r == 0 && (r = json_lines_next(l, err)) > 0) {
        r = entry_read(l, &e, err);
        if (r < 0)
            return r;
        digest = digest_add(digest, hash_key, &e);
        count++;
        if (!recall_put(recall, &e))
            return json_lines_refuse(l, "value", "is nothing that is remembered: damaged", err);
    }
    if (r < 0)
        return r;
    if (count != header.values)
        return err_set(err, -EINVAL,
                       "%s: damaged: %" PRIu64 " values announced, %" PRIu64 " are there", l->path,
                       header.values, count);
    return digest == header.digest
               ? 0
               : err_set(err, -EINVAL, "%s: damaged: the digest does not fit the values", l->path);
}

int recall_file_load(const char *path, uint64_t hash_key, struct recall *recall, struct err *err)
{
    struct json_lines lines;
    int r = json_lines_open(&lines, path, err);

    if (r == -ENOENT) { /* the first run */
        err->text[0] = '\0';
        return 0;
    }
    if (r < 0)
        return r;
    r = lines_read(&lines, hash_key, recall, err);
    json_lines_close(&lines);
    return r;
}
