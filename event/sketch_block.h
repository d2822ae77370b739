/* The inner loops of the content sketch, over one block of a text: folding, counting, and the
 * hashes of all windows below a limit. Inside event/ only; a header so that tests can hold every
 * code path to the plain definition. */
#pragma once

#include "event/sketch.h"

enum {
    SKETCH_BLOCK = 2048, /* bytes per call: the scratch memory stays within the L1 cache */
    SKETCH_LEAD = 32,    /* room for the end of the block before */
    SKETCH_SLACK = 64,   /* bytes behind a block that the vector loops read and ignore */
    SKETCH_HITS = 128,   /* candidates kept between two selections */
    SKETCH_PAD = 32,     /* and behind them, for whole vectors */
};

/* Folded text: a block at `byte + SKETCH_LEAD`, what came before it directly in front. */
struct sketch_folded {
    unsigned char byte[SKETCH_LEAD + SKETCH_BLOCK + SKETCH_SLACK];
};

/* What is counted while folding; before the first block all zeros. */
struct sketch_counts {
    uint32_t words, high;       /* runs of non-space bytes; bytes >= 0x80 */
    unsigned char last_visible; /* last byte that is not a space, folded; 0: none */
    bool inside;                /* the last byte is no space */
};

/* The smallest of the hashes seen. Hashes are kept as vectors compare them, as signed numbers: with
 * the highest bit inverted. */
struct sketch_hits {
    int32_t last;   /* greater ones are passed over; falls as better ones are found */
    uint32_t max;   /* distinct ones wanted, 1..SKETCH_ITEMS */
    uint32_t count; /* of `hit`, in no particular order, with duplicates */
    int32_t hit[SKETCH_HITS + SKETCH_PAD];
};

/* Folds `size` <= SKETCH_BLOCK bytes to folded->byte + SKETCH_LEAD and counts them. */
typedef void sketch_fold_func(const char *text, uint32_t size, struct sketch_folded *folded,
                              struct sketch_counts *counts);

/* Adds the `count` windows that start at folded, folded + 1, ... SKETCH_SLACK bytes behind the last
 * of them are read. */
typedef void sketch_windows_func(const unsigned char *folded, uint32_t count,
                                 struct sketch_hits *hits);

/* Leaves the smallest distinct hits, ascending, at most hits->max. */
typedef void sketch_select_func(struct sketch_hits *hits);

/* All paths of this machine, with identical results; the first is the fastest. */
struct sketch_path {
    const char *name;
    sketch_fold_func *fold;
    sketch_windows_func *windows;
    sketch_select_func *select;
};
enum { SKETCH_PATHS_MAX = 3 };
uint32_t sketch_paths(struct sketch_path path[SKETCH_PATHS_MAX]);

/* Hash of the one window that starts at `folded`, as the loops compute it; never 0. */
uint32_t sketch_window_hash(const unsigned char *folded);

/* Between a hash and its signed form. */
static inline int32_t sketch_signed(uint32_t hash)
{
    return (int32_t)(hash ^ 0x80000000u);
}

static inline uint32_t sketch_unsigned(int32_t hit)
{
    return (uint32_t)hit ^ 0x80000000u;
}

/* What folding makes of a byte. */
static inline unsigned char sketch_fold(unsigned char c)
{
    unsigned char lower = (unsigned char)(c - 'A') < 26 ? c | 0x20 : c;
    unsigned char shape = (unsigned char)(c - '0') < 10 ? '0' : lower;

    return (unsigned char)(c - '\t') < 5 ? ' ' : shape; /* \t \n \v \f \r are adjacent */
}
