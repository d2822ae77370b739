/* Ids and attributes are hashed at the door, so that nothing behind it has ever seen them: a keyed
 * hash (base/siphash.h), the same for the same value. An address becomes an IPv6 address of the
 * private range whose /48 stands for the network, so that who shares a network still shows. */
#pragma once

#include "base/cleanup.h"
#include "base/errmsg.h"
#include "base/siphash.h"
#include "event/api_event.h"

struct pseudonym {
    uint64_t key[2];
};

enum { PSEUDONYM_FIELDS = 12, PSEUDONYM_SIZE = 48 };

/* Room for the hashed values of one record. */
struct pseudonym_text {
    char field[PSEUDONYM_FIELDS][PSEUDONYM_SIZE];
};

/* Reads the key: a file of at least 16 bytes, of which all count. 0; a negative errno with the file
 * in err. */
int pseudonym_load(const char *path, struct pseudonym *out, struct err *err);

/* Replaces the record's ids and attributes; they live in `text`. */
void pseudonym_event(const struct pseudonym *pseudonym, struct api_event *ev,
                     struct pseudonym_text *text);

/* One id. Returns `text`, of 33 bytes or more. */
const char *pseudonym_id(const struct pseudonym *pseudonym, struct str id, char *text);
