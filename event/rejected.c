#include "rejected.h"

#include "base/json_write.h"

#include <errno.h>
#include <string.h>

enum { REJECTED_SOURCE_MAX = 4096 }; /* PATH_MAX */

struct rejected {
    FILE *file;
    char *path;
    struct json_write json;
};

int rejected_new(const char *path, struct rejected **out, struct err *err)
{
    AUTO(rejected_free) struct rejected *rejected = calloc(1, sizeof *rejected);

    if (!rejected)
        return -ENOMEM;
    rejected->path = strdup(path);
    if (!rejected->path)
        return -ENOMEM;
    rejected->file = fopen(path, "we");
    if (!rejected->file)
        return err_set(err, -errno, "%s: %s", path, strerror(errno));
    /* Buffered by struct json_write alone: what failed is not tried again on closing. */
    (void)setvbuf(rejected->file, NULL, _IONBF, 0);
    json_write_init(&rejected->json, rejected->file);
    *out = TAKE(rejected);
    return 0;
}

void rejected_free(struct rejected *rejected)
{
    if (!rejected)
        return;
    json_write_deinit(&rejected->json);
    if (rejected->file)
        (void)fclose(rejected->file);
    free(rejected->path);
    free(rejected);
}

/* Bytes of the well-formed UTF-8 character at p (Unicode 15, table 3-7), 0 when there is none. */
static uint32_t character_size(const unsigned char *p, uint32_t n)
{
    uint32_t size = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;

    if (size == 0 || p[0] > 0xF4 || size > n)
        return 0;
    for (uint32_t i = 1; i < size; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
        (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
        return 0;
    return size;
}

/* The text as valid UTF-8 in `to`, which holds 3 bytes for each of the text's. */
static struct str repaired(struct str text, char *to)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    const unsigned char *p = (const unsigned char *)text.p;
    uint32_t size = 0;

    for (uint32_t i = 0; i < text.n;) {
        uint32_t n = character_size(p + i, text.n - i);

        memcpy(to + size, n ? text.p + i : replacement, n ? n : 3);
        size += n ? n : 3;
        i += n ? n : 1;
    }
    return (struct str){to, size};
}

void rejected_put(struct rejected *rejected, const char *source, uint64_t line, const char *reason,
                  struct str text)
{
    struct json_write *w = &rejected->json;
    char valid[3 * REJECTED_TEXT_MAX], valid_source[3 * REJECTED_SOURCE_MAX];
    struct str name = str_of(source);

    if (text.p && text.n > REJECTED_TEXT_MAX) {
        text.n = REJECTED_TEXT_MAX;
        while (text.n > REJECTED_TEXT_MAX - 3 && ((unsigned char)text.p[text.n] & 0xC0) == 0x80)
            text.n--; /* cut between characters */
    }
    json_write_open(w, NULL, '{');
    name.n = name.n > REJECTED_SOURCE_MAX ? REJECTED_SOURCE_MAX : name.n;
    json_write_str(w, "source", repaired(name, valid_source));
    json_write_u64(w, "line", line);
    json_write_text(w, "reason", reason);
    json_write_str(w, "text", text.p ? repaired(text, valid) : text);
    json_write_close(w, '}');
    json_write_line(w);
}

static int failure(const struct rejected *rejected, struct err *err)
{
    int r = rejected->json.error;

    return r < 0 ? err_set(err, r, "%s: %s", rejected->path, strerror(-r)) : 0;
}

int rejected_end(struct rejected *rejected, struct err *err)
{
    (void)json_write_flush(&rejected->json);
    return failure(rejected, err);
}

int rejected_error(const struct rejected *rejected, struct err *err)
{
    return failure(rejected, err);
}
