/* How well one way of reading (the native contract, or a field map) fits a sample: which fields it
 * fills, from where, and which signal families those feed. */
#pragma once

#include "detector/detector.h"
#include "event/field_map.h"
#include "tools/doctor_sample.h"

enum { DOCTOR_EXAMPLE_SIZE = 64, DOCTOR_PATH_SIZE = 160, DOCTOR_REASONS = 5 };

struct doctor_field {
    uint32_t count; /* records that carry it */
    char from[DOCTOR_PATH_SIZE];
    char example[DOCTOR_EXAMPLE_SIZE]; /* shown to people: never a prompt, never a secret */
};

struct doctor_reason {
    const char *text; /* static */
    uint32_t count;
};

struct doctor_fit {
    uint32_t records, exchanges, skipped, refused;
    struct doctor_field field[FIELD_COUNT];
    struct doctor_reason reason[DOCTOR_REASONS]; /* of refusals, most frequent first */
    uint32_t reason_count;
    struct coverage coverage;
};

/* Reads the sample natively (`map` NULL) or through the map. 0; -ENOMEM. A CSV header that lacks
 * what the map needs leaves every line refused. */
int doctor_fit(const struct doctor_sample *sample, const struct field_map *map,
               struct doctor_fit *fit);

/* Fields filled, summed over the records: what one fit has over another. */
uint64_t doctor_fit_fill(const struct doctor_fit *fit);

/* A value as it may be shown: texts and credentials only by their size, mail addresses without the
 * name before the '@'. `is_text`: a prompt or something that may hold one. */
void doctor_mask(struct str value, bool is_text, char example[DOCTOR_EXAMPLE_SIZE]);

/* Long and random, or with a known prefix: a password, token or key rather than a name. */
bool doctor_is_secret(struct str value);
