#include "text_store.h"

#include <stdlib.h>

enum { PIECE_SIZE = 256 * 1024 };

struct text_piece {
    struct text_piece *older;
    size_t used, size;
    _Alignas(8) char text[];
};

static struct text_piece *piece_new(struct text_store *store, size_t size)
{
    struct text_piece *piece = malloc(sizeof *piece + size);

    if (!piece)
        return NULL;
    *piece = (struct text_piece){store->piece, 0, size};
    store->piece = piece;
    return piece;
}

static char *room(struct text_store *store, size_t size, size_t alignment)
{
    struct text_piece *piece = store->piece;
    size_t at = piece ? (piece->used + alignment - 1) / alignment * alignment : 0;

    if (!piece || piece->size < at || piece->size - at < size) {
        piece = piece_new(store, size > PIECE_SIZE ? size : PIECE_SIZE);
        if (!piece)
            return NULL;
        at = 0;
    }
    piece->used = at + size;
    return piece->text + at;
}

const char *text_store_add(struct text_store *store, struct str text)
{
    char *at = room(store, (size_t)text.n + 1, 1);

    if (!at)
        return NULL;
    if (text.n)
        memcpy(at, text.p, text.n);
    at[text.n] = '\0';
    return at;
}

void *text_store_room(struct text_store *store, size_t size)
{
    return room(store, size, 8);
}

void text_store_deinit(struct text_store *store)
{
    while (store->piece) {
        struct text_piece *older = store->piece->older;

        free(store->piece);
        store->piece = older;
    }
}
