/* When each account was active: a coarse picture for people, which no score reads. Of every account
 * TIMELINE_CELLS cells of equal width that begin with the day of the first exchange; each says how
 * many exchanges fell into it, in one of eight classes, and whether the last of them asked for the
 * newest model. Cells are hours; when time runs beyond the last one, all cells become twice as
 * wide, so that the memory is fixed however long the stream is. */
#pragma once

#include "base/msec.h"
#include "base/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TIMELINE_CELLS = 192, /* eight days of hours: a week that begins at any hour of a day */
    TIMELINE_CLASSES = 8, /* the first is "none" */
    TIMELINE_NEWEST = 8,  /* bit of a cell beside its class */
};

/* The fewest exchanges of a class, and what stands for the class where cells are added up. */
extern const uint32_t timeline_from[TIMELINE_CLASSES], timeline_typical[TIMELINE_CLASSES];

/* One account's. */
struct timeline {
    msec_t from, width_ms; /* of the first cell; of each */
    uint32_t count;        /* cells until the last that is not empty; 0: never active */
    msec_t member_ts; /* first exchange since it is in a group, to the minute; INT64_MIN: none */
    uint8_t cell[TIMELINE_CELLS];
};

struct timelines;

/* 0, or -ENOMEM. */
int timelines_new(uint32_t accounts_max, struct timelines **out);
void timelines_free(struct timelines *timelines);

/* Begins an account's anew, before its slot is used for another. */
void timelines_forget(struct timelines *timelines, uint32_t account);

void timelines_prefetch(const struct timelines *timelines, uint32_t account);

/* Counts an exchange; ts does not go backwards. `newest`: it asked for the newest model; `member`:
 * the account is in a group. */
void timelines_add(struct timelines *timelines, uint32_t account, msec_t ts, bool newest,
                   bool member);

void timelines_get(const struct timelines *timelines, uint32_t account, struct timeline *out);
size_t timelines_memory(const struct timelines *timelines);

void timelines_state(struct timelines *timelines, state_visit *visit, void *ctx);
