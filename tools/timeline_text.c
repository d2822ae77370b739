#include "tools/timeline_text.h"

#include <errno.h>
#include <stdio.h>

const char *timeline_write_text(const struct timeline *timeline, char text[TIMELINE_TEXT_SIZE])
{
    uint32_t at = 0, empty = 0;

    for (uint32_t i = 0; i < timeline->count; i++) {
        uint8_t cell = timeline->cell[i];
        char first = cell & TIMELINE_NEWEST ? 'A' : 'a';

        if (cell % TIMELINE_CLASSES == 0) {
            empty++;
            continue;
        }
        if (empty)
            at += (uint32_t)snprintf(text + at, TIMELINE_TEXT_SIZE - at, "%u", empty);
        empty = 0;
        text[at++] = (char)(first + cell % TIMELINE_CLASSES - 1);
    }
    text[at] = '\0';
    return text;
}

static bool is_class(char c, char first)
{
    return c >= first && c < first + TIMELINE_CLASSES - 1;
}

int timeline_read_text(struct str text, struct timeline *out)
{
    uint32_t empty = 0;

    out->count = 0;
    for (uint32_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool newest = is_class(c, 'A');

        if (c >= '0' && c <= '9') {
            empty = empty * 10 + (uint32_t)(c - '0');
            if (empty >= TIMELINE_CELLS)
                return -EINVAL;
            continue;
        }
        if (out->count + empty >= TIMELINE_CELLS || (!newest && !is_class(c, 'a')))
            return -EINVAL;
        for (; empty > 0; empty--)
            out->cell[out->count++] = 0;
        out->cell[out->count++] = (uint8_t)(newest ? c - 'A' + 1 + TIMELINE_NEWEST : c - 'a' + 1);
    }
    return empty ? -EINVAL : 0;
}
