#include "nearest.h"

#include <string.h>

enum { WORD_MAX = 64 };

/* Levenshtein distance with one row; words longer than WORD_MAX are infinitely far. */
static uint32_t distance(const char *a, const char *b)
{
    uint32_t row[WORD_MAX + 1];
    size_t n = strlen(a), m = strlen(b);

    if (n > WORD_MAX || m > WORD_MAX)
        return UINT32_MAX;
    for (size_t j = 0; j <= m; j++)
        row[j] = (uint32_t)j;
    for (size_t i = 1; i <= n; i++) {
        uint32_t corner = row[0];

        row[0] = (uint32_t)i;
        for (size_t j = 1; j <= m; j++) {
            uint32_t keep = corner + (a[i - 1] != b[j - 1]);

            corner = row[j];
            if (row[j] + 1 < keep)
                keep = row[j] + 1;
            if (row[j - 1] + 1 < keep)
                keep = row[j - 1] + 1;
            row[j] = keep;
        }
    }
    return row[m];
}

const char *nearest_word(const char *word, const char *const *candidate, uint32_t count)
{
    uint32_t best = (uint32_t)strlen(word) / 3 + 2;
    const char *nearest = NULL;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t d = distance(word, candidate[i]);

        if (d < best) {
            best = d;
            nearest = candidate[i];
        }
    }
    return nearest;
}
