#include "stream.h"

#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>

struct held_batch *stream_batch(struct pool *pool, msec_t ts, uint32_t first, uint32_t count)
{
    struct held_batch *batch = pool_take(pool);

    for (uint32_t i = 0; batch && i < count; i++) {
        char account[16], id[32];
        struct api_event ev = {.type = RECORD_EXCHANGE};

        (void)snprintf(account, sizeof account, "a%u", (first + i) % STREAM_ACCOUNTS);
        (void)snprintf(id, sizeof id, "id-%u", first + i);
        EVENT_PUT(&ev, ts, ts + i * MSEC_MINUTE);
        EVENT_PUT(&ev, account, str_of(account));
        EVENT_PUT(&ev, id, str_of(id));
        EVENT_PUT(&ev, ip, STR("192.0.2.7"));
        EVENT_PUT(&ev, output_tokens, 17 + i);
        EVENT_PUT(&ev, prompt, STR("a prompt that is long enough to have windows in its sketch"));
        assert_int_equal(held_batch_add(batch, &ev, 0), 0);
    }
    return batch;
}

void stream_frame(struct frame *frame, const struct held_batch *list, uint64_t seq, uint64_t key)
{
    *frame = (struct frame){.header.kind = FRAME_RECORDS, .header.key = key, .header.body = 1};
    for (const struct held_batch *b = list; b; b = b->next)
        frame->header.accepted += b->digests->count;
    assert_int_equal(frame_put_batches(frame, list), 0);
    frame_end(frame);
    frame_seal(frame, seq);
}
