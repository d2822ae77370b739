/* Text and small arrays that are kept until the whole store goes, in few large pieces. */
#pragma once

#include "base/str.h"

#include <stddef.h>

struct text_piece;

struct text_store {
    struct text_piece *piece; /* the newest; NULL in an empty store */
};

/* A terminated copy, or NULL without memory. */
const char *text_store_add(struct text_store *store, struct str text);

/* Room for `size` bytes, aligned to 8; NULL without memory. */
void *text_store_room(struct text_store *store, size_t size);

void text_store_deinit(struct text_store *store);
