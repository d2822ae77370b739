/* Bearer tokens and what they allow: a file of lines "ROLE[,ROLE...] TOKEN", where '#' begins a
 * comment. Kept as keyed hashes and compared in a time that tells nothing. */
#pragma once

#include "base/errmsg.h"
#include "base/str.h"

#include <stdbool.h>

enum role { ROLE_NONE = 0, ROLE_INGEST = 1, ROLE_READ = 2, ROLE_LABEL = 4, ROLE_ADMIN = 8 };

enum { TOKENS_MAX = 64, TOKEN_SIZE_MIN = 16 };

struct tokens {
    bool required; /* a file was given */
    uint64_t key[2];
    unsigned count;
    struct {
        unsigned char hash[16];
        unsigned roles; /* bits */
    } token[TOKENS_MAX];
};

/* Reads the file; NULL: everybody may do everything. 0; -EINVAL with "file:line: reason" in err. */
int tokens_load(const char *path, struct tokens *out, struct err *err);

/* The roles that an Authorization header gives, as bits; 0: it is none of ours. NULL: no header. */
unsigned tokens_roles(const struct tokens *tokens, const char *header);
