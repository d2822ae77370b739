/* The inner loops of the content sketch, over one block of a text: folding, counting, and the
 * hashes of all windows below a limit. Inside event/ only; a header so that tests can hold every
 * code path to the plain definition. */
#pragma once

#include "event/sketch.h"

enum {
    SKETCH_BLOCK = 2048, /* bytes per call: the scratch memory stays within the L1 cache */
    SKETCH_HITS = 48,    /* hashes below the limit that a selection keeps */
    SKETCH_SLACK = 128,  /* bytes behind a block that the vector loops read and ignore */
};

/* What a walk over a text gathers, block after block; before the first all zeros, but
 * `limit`, and `last` a space. */
struct sketch_walk {
    uint32_t limit; /* hashes < limit are hits; 0: every hash is one */
    uint32_t hits;  /* more than SKETCH_HITS: the selection overflowed, `hit` is of no use */
    uint32_t hit[SKETCH_HITS];        /* in no particular order, duplicates kept */
    uint32_t words, high;             /* runs of non-space bytes; bytes >= 0x80 */
    unsigned char last_visible, last; /* last byte that is not a space, last byte; folded */
};

struct sketch_folded {
    unsigned char byte[SKETCH_BLOCK + SKETCH_WINDOW + SKETCH_SLACK];
};

/* Folds `size` + `ahead` bytes into *folded, counts the first `size` <= SKETCH_BLOCK of them and
 * adds the windows that start at the first `windows` <= size bytes; `ahead` < SKETCH_WINDOW bytes
 * belong to the next block, and windows +
 * SKETCH_WINDOW - 1 <= size + ahead. */
typedef void sketch_block_func(const char *text, uint32_t size, uint32_t ahead, uint32_t windows,
                               struct sketch_folded *folded, struct sketch_walk *walk);

/* Ascending, distinct, at most `max` of at most SKETCH_HITS hits; returns how many. */
typedef uint32_t sketch_rank_func(const struct sketch_walk *walk, uint32_t max, uint32_t *item);

/* All paths of this machine, with identical results; the first is the fastest. */
struct sketch_path {
    const char *name;
    sketch_block_func *block;
    sketch_rank_func *rank;
};
enum { SKETCH_PATHS_MAX = 3 };
uint32_t sketch_paths(struct sketch_path path[SKETCH_PATHS_MAX]);

/* Hash of the one window that starts at `folded`, as the loops compute it; never 0. */
uint32_t sketch_window_hash(const unsigned char *folded);

/* What folding makes of a byte. */
static inline unsigned char sketch_fold(unsigned char c)
{
    unsigned char lower = (unsigned char)(c - 'A') < 26 ? c | 0x20 : c;
    unsigned char shape = (unsigned char)(c - '0') < 10 ? '0' : lower;

    return (unsigned char)(c - '\t') < 5 ? ' ' : shape; /* \t \n \v \f \r are adjacent */
}
