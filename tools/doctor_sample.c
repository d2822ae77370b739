#include "doctor_sample.h"

#include "event/input.h"

#include <errno.h>
#include <stdlib.h>

enum { SAMPLE_MAX = 64 * 1024 * 1024, FIRST_SIZE = 1024 * 1024 };

void doctor_sample_free(struct doctor_sample *sample)
{
    if (!sample)
        return;
    free(sample->text);
    free(sample->line);
    free(sample);
}

static uint32_t count_lines(const char *text, size_t size)
{
    uint32_t count = 0;

    for (const char *p = text; (p = memchr(p, '\n', size - (size_t)(p - text))); p++)
        count++;
    return count;
}

/* Doubles the room until it holds the lines wanted, or the input is over. */
static int fill(struct input *input, uint32_t line_max, struct doctor_sample *sample, size_t *size,
                struct err *err)
{
    size_t capacity = FIRST_SIZE;
    uint32_t lines = 0;

    *size = 0;
    sample->text = malloc(capacity);
    while (sample->text && lines < line_max) {
        ssize_t n;

        if (*size == capacity) {
            char *text = capacity < SAMPLE_MAX ? realloc(sample->text, 2 * capacity) : NULL;

            if (!text)
                return 0;
            sample->text = text;
            capacity *= 2;
        }
        n = input_read(input, sample->text + *size, capacity - *size, err);
        if (n == -EAGAIN)
            continue;
        if (n <= 0) {
            sample->whole = n == 0;
            return (int)n;
        }
        lines += count_lines(sample->text + *size, (size_t)n);
        *size += (size_t)n;
    }
    return sample->text ? 0 : err_set(err, -ENOMEM, "no memory");
}

static bool blank(struct str line)
{
    for (uint32_t i = 0; i < line.n; i++)
        if (!strchr(" \t\r", line.p[i]))
            return false;
    return true;
}

static int split(struct doctor_sample *sample, size_t size, uint32_t line_max)
{
    const char *at = sample->text, *end = at + size;

    sample->line = calloc(line_max, sizeof *sample->line);
    if (!sample->line)
        return -ENOMEM;
    while (at < end && sample->count < line_max) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        struct str line = {at, (uint32_t)((newline ? newline : end) - at)};

        if (!newline && !sample->whole)
            break; /* cut in the middle */
        if (line.n > 0 && line.p[line.n - 1] == '\r')
            line.n--;
        if (!blank(line))
            sample->line[sample->count++] = line;
        at = newline ? newline + 1 : end;
    }
    sample->whole &= at >= end;
    return 0;
}

int doctor_sample_read(const char *path, uint32_t line_max, struct doctor_sample **out,
                       struct err *err)
{
    AUTO(doctor_sample_free) struct doctor_sample *sample = calloc(1, sizeof *sample);
    AUTO(input_close) struct input *input = NULL;
    size_t size;
    int r, damage;

    if (!sample)
        return err_set(err, -ENOMEM, "no memory");
    r = input_open(path, -1, &input, err);
    if (r < 0)
        return r;
    damage = fill(input, line_max, sample, &size, &sample->damage);
    if (damage < 0 && size == 0)
        return err_set(err, damage, "%s", sample->damage.text);
    r = split(sample, size, line_max);
    if (r < 0)
        return err_set(err, r, "no memory");
    *out = TAKE(sample);
    return 0;
}
