#include "pages.h"

#include <assert.h>
#include <stdint.h>
#include <sys/mman.h>

/* The size of a huge page on x86-64 and of the usual ones on arm64. */
static const size_t huge_size = (size_t)2 << 20;

static size_t rounded(size_t bytes)
{
    size_t unit = bytes >= huge_size ? huge_size : 4096;

    return (bytes + unit - 1) & ~(unit - 1);
}

static void *map(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

/* Maps one huge page too much and returns what lies outside of the aligned part. */
static void *map_aligned(size_t size)
{
    char *p = map(size + huge_size);
    size_t before, after;

    if (!p)
        return NULL;
    before = (huge_size - (uintptr_t)p % huge_size) % huge_size;
    after = huge_size - before;
    if (before)
        (void)munmap(p, before);
    if (after)
        (void)munmap(p + before + size, after);
    /* Advice only: without huge pages everything works, more slowly. */
    (void)madvise(p + before, size, MADV_HUGEPAGE);
    return p + before;
}

void *pages_new(size_t bytes)
{
    assert(bytes > 0);
    if (bytes > SIZE_MAX / 2)
        return NULL;
    return bytes >= huge_size ? map_aligned(rounded(bytes)) : map(rounded(bytes));
}

void pages_free(void *p, size_t bytes)
{
    if (p)
        (void)munmap(p, rounded(bytes));
}
