/* The inner loop of the content sketch: hashes of all windows of a folded text, and those of them
 * below a limit. Inside event/ only; a header so that tests can hold every code path to the plain
 * definition. */
#pragma once

#include <stdint.h>

enum {
    SKETCH_BLOCK = 2048, /* windows per call: the scratch memory stays within the L1 cache */
    SKETCH_HITS = 32,    /* hashes below the limit that a selection keeps */
};

/* Hashes below a limit, unsorted, duplicates kept; more than SKETCH_HITS of them are only counted.
 */
struct sketch_hits {
    uint32_t limit; /* hashes < limit are hits; 0: every hash is one */
    uint32_t count; /* > SKETCH_HITS: the selection overflowed */
    uint32_t hash[SKETCH_HITS];
};

/* Adds the hits among `count` <= SKETCH_BLOCK windows, the i-th starting at folded + i; the text
 * must be readable to folded + count + SKETCH_WINDOW - 1 + SKETCH_SLACK. */
enum { SKETCH_SLACK = 128 };
typedef void sketch_windows_func(const unsigned char *folded, uint32_t count,
                                 struct sketch_hits *hits);

/* All paths of this machine: identical results. The first is the one that sketch_make() takes. */
struct sketch_path {
    const char *name;
    sketch_windows_func *windows;
};
uint32_t sketch_paths(struct sketch_path path[3]);

/* Hash of the one window that starts at `folded`, as the loops above compute it; never 0. */
uint32_t sketch_window_hash(const unsigned char *folded);

/* What folding makes of a byte. */
static inline unsigned char sketch_fold(unsigned char c)
{
    unsigned char lower = (unsigned char)(c - 'A') < 26 ? c | 0x20 : c;
    unsigned char shape = (unsigned char)(c - '0') < 10 ? '0' : lower;

    return (unsigned char)(c - '\t') < 5 ? ' ' : shape; /* \t \n \v \f \r are adjacent */
}
