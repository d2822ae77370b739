/* A window's records as event lines, formatted on the simulating threads and written in stream
 * order: a place to store records for sim_windows.h. */
#pragma once

#include "event/api_event.h"
#include "tools/out_file.h"

#include <stdbool.h>
#include <stdint.h>

struct sim_pages;

/* `sketch`: a content sketch takes the place of prompt and system. 0; -ENOMEM. */
int sim_pages_new(uint32_t shard_count, bool sketch, struct sim_pages **out);
void sim_pages_free(struct sim_pages *pages);
CLEANUP_DEFINE(struct sim_pages, sim_pages_free)

/* As struct sim_windows_owner wants them; ctx: struct sim_pages. Of a shard's window the n-th
 * record, from 0, gets the index sim_pages_index(shard, n). */
void sim_pages_clear(void *ctx, uint32_t slot);
int sim_pages_add(void *ctx, uint32_t slot, uint32_t shard, const struct api_event *ev,
                  uint32_t *index);
uint32_t sim_pages_index(uint32_t shard, uint32_t number);

/* Writes one line of the slot; small pieces are put together. sim_pages_flush() writes what is
 * left. 0; a negative errno with the file in err. */
int sim_pages_write(struct sim_pages *pages, struct out_file *file, uint32_t slot, uint32_t index,
                    struct err *err);
int sim_pages_flush(struct sim_pages *pages, struct out_file *file, struct err *err);
