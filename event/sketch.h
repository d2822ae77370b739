/* Content sketch: what is kept of `prompt` and `system` when the text itself is gone. It holds
 * hashes of short windows of the text, so that a constant block inside varying prompts shows as the
 * same values again, and nothing from which the text could be read.
 *
 * Text is folded first (ASCII letters to lower case, digits to '0', white space to ' '; other bytes
 * as they are); a window is SKETCH_WINDOW folded bytes. `item` is a bottom-k sample of the windows'
 * hashes (Broder, SEQUENCES 1997): the k smallest, so any two texts that share a block of windows
 * tend to share items. Of a text longer than 2 SKETCH_ENDS only the windows within its first and
 * last SKETCH_ENDS bytes are looked at: that bounds the work, and constant blocks stand at the
 * ends, where a sample of the whole would nearly always miss them. Window hashes are not keyed:
 * sketches of different installations compare. */
#pragma once

#include "base/str.h"

enum {
    SKETCH_WINDOW = 24, /* bytes; shorter stock phrases recur among strangers */
    SKETCH_ENDS = 4096,
    SKETCH_ITEMS = 12,
    SKETCH_SYSTEM_ITEMS = 4,
    SKETCH_VERSION = 1,
    SKETCH_TEXT_SIZE = 180, /* room for sketch_encode() with its terminator */
};

struct sketch {
    uint64_t prompt;             /* hash of the whole folded prompt; 0: no prompt known */
    uint64_t system;             /* the same of the system prompt */
    uint32_t item[SKETCH_ITEMS]; /* ascending, distinct; 0 fills up */
    uint32_t head, tail;         /* first and last window; 0 when the prompt is shorter */
    uint32_t system_item[SKETCH_SYSTEM_ITEMS];
    uint32_t prompt_size; /* bytes */
    uint16_t words;       /* runs of non-space bytes, saturating */
    uint8_t non_ascii;    /* share of bytes >= 0x80, in 1/255 */
    uint8_t question;     /* 1 when the last visible byte is '?' */
};

/* Either text may be absent. Same text, same sketch, on every machine and code path. */
void sketch_make(struct str prompt, struct str system, struct sketch *out);

/* A sketch of the prompt without the sample of its windows: `item`, `head` and `tail` stay 0. A
 * third of the cost. */
void sketch_outline(struct str prompt, struct sketch *out);

/* What stands for a prompt where only `embedding_lsh` is logged: a 64-bit locality-sensitive code,
 * 16 hex digits. Its first and last SKETCH_CODE_BITS bits take the place of the first and the last
 * window, so prompts with nearly the same embedding share them; the size is not known and counts as
 * no short prompt's. 0, or -EINVAL for other text. */
enum { SKETCH_CODE_BITS = 21 };
int sketch_of_code(struct str code, struct sketch *out);

/* The `sketch` field of the contract: version byte and the members above, little endian, base64. */
void sketch_encode(const struct sketch *sketch, char text[SKETCH_TEXT_SIZE]);
/* 0; -EINVAL when it is not base64 of the right length, or no sketch that sketch_make() could have
 * made (items out of order); -ENOTSUP for another version. */
int sketch_decode(struct str text, struct sketch *out);
