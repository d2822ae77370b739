/* Large arrays on huge pages: random access to them then misses the TLB far less often. */
#pragma once

#include <stddef.h>

/* `bytes` > 0 zeroed bytes, or NULL without memory. From 2 MiB on they are aligned to huge pages
 * and the system is asked for those; memory is taken as it is touched. Free with pages_free(). */
void *pages_new(size_t bytes);

/* `bytes` as given to pages_new(). NULL is accepted. */
void pages_free(void *p, size_t bytes);
