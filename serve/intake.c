#include "intake.h"

#include "base/hash.h"
#include "detector/config.h"
#include "serve/say.h"

#include <errno.h>
#include <event2/buffer.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum { GROUP_MAX = 1024, WAIT_NS = 500000 };

static void count(atomic_uint_fast64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

bool intake_admit(struct intake *intake, size_t size)
{
    if (atomic_fetch_add(&intake->bytes, size) + size <= intake->config.bytes_max &&
        atomic_load(&intake->records) <= intake->config.records_max)
        return true;
    atomic_fetch_sub(&intake->bytes, size);
    count(&intake->overload, 1);
    return false;
}

void intake_put(struct intake *intake, struct ingest *ingest)
{
    queue_put(&intake->undecoded, &ingest->item);
}

void intake_release(struct intake *intake, struct ingest *ingest)
{
    atomic_fetch_sub(&intake->bytes, ingest->charged);
    if (ingest->packed)
        evbuffer_free(ingest->packed);
    decoded_drop(&ingest->decoded);
    free(ingest->frame.payload);
    free(ingest);
}

void intake_judged(struct intake *intake, uint32_t records)
{
    atomic_fetch_sub(&intake->records, records);
}

/* ---- decoding -----------------------------------------------------------------------------------
 */

static void answer(struct intake *intake, struct ingest *ingest, int status, const char *reason)
{
    ingest->status = status;
    ingest->reason = reason;
    queue_put(intake->config.answers, &ingest->item);
}

static void refuse_body(struct intake *intake, struct ingest *ingest, int status,
                        const char *reason)
{
    count(status == 413 ? &intake->bombs : &intake->bad_bodies, 1);
    decoded_drop(&ingest->decoded);
    answer(intake, ingest, status, reason);
}

/* The body's text, in *text; *owned is what to free afterwards. 0, or a negative errno. */
static int body_text(struct intake *intake, struct ingest *ingest, struct str *text, char **owned)
{
    size_t size = evbuffer_get_length(ingest->packed);
    char *packed = size > 0 ? (char *)evbuffer_pullup(ingest->packed, -1) : NULL;
    int r;

    *owned = NULL;
    if (size > 0 && !packed)
        return -ENOMEM;
    if (ingest->coding == CODING_PLAIN || size == 0) {
        *text = (struct str){packed ? packed : "", (uint32_t)size};
        return 0;
    }
    r = body_unpack(ingest->coding, packed, size, intake->config.unpacked_max, owned, &size);
    if (r == 0)
        *text = (struct str){*owned, (uint32_t)size};
    return r;
}

static void decode(struct intake *intake, struct body_reader *reader, struct ingest *ingest)
{
    struct decoded *decoded = &ingest->decoded;
    struct frame_header *header = &ingest->frame.header;
    AUTO_FREE char *owned = NULL;
    const char *reason = NULL;
    struct str text;
    int r = body_text(intake, ingest, &text, &owned);

    decoded->pool = intake->config.pool;
    decoded->hash_key = intake->config.hash_key;
    decoded->pseudonym = intake->config.pseudonym;
    if (r == -EFBIG) {
        refuse_body(intake, ingest, 413, "the body unpacks to more than is allowed");
        return;
    }
    if (r == -EBADMSG) {
        refuse_body(intake, ingest, 400, "the body cannot be unpacked: it is damaged");
        return;
    }
    if (r == 0)
        r = ingest->kind->decode(reader, ingest->map, text, decoded, &reason);
    if (r == 0)
        r = frame_put_batches(&ingest->frame, decoded->first);
    if (r < 0) {
        refuse_body(intake, ingest,
                    r == -ENOMEM                 ? 503
                    : r == -E2BIG || r == -EFBIG ? 413
                                                 : 400,
                    reason         ? reason
                    : r == -ENOMEM ? "no memory"
                                   : "the body cannot be read");
        return;
    }
    header->kind = FRAME_RECORDS;
    header->key = ingest->key;
    header->body = ingest->key ? XXH3_64bits(text.p, text.n) : 0;
    header->accepted = decoded->accepted;
    header->refused = decoded->refused;
    header->skipped = decoded->skipped;
    frame_end(&ingest->frame);
    evbuffer_free(ingest->packed);
    ingest->packed = NULL;
    count(&intake->body_bytes, ingest->charged);
    count(&intake->cut_texts, decoded->cut);
    atomic_fetch_add(&intake->records, decoded->accepted);
    queue_put(&intake->unlogged, &ingest->item);
}

static void *decoder_main(void *arg)
{
    static const struct timespec pause = {0, WAIT_NS};
    struct intake *intake = arg;
    struct body_reader reader;
    struct item *item;

    if (body_reader_init(&reader, intake->config.hash_key) < 0)
        abort(); /* at the start, for some kilobytes */
    while ((item = queue_take(&intake->undecoded, -1))) {
        while (atomic_load(&intake->records) > intake->config.records_max)
            (void)nanosleep(&pause, NULL);
        decode(intake, &reader, (struct ingest *)item);
    }
    body_reader_deinit(&reader);
    return NULL;
}

/* ---- the log ------------------------------------------------------------------------------------
 */

/* Bodies that are written with one sync. */
struct group {
    struct ingest *ingest[GROUP_MAX];
    struct frame *frame[GROUP_MAX];
    struct delivery *delivery[GROUP_MAX];
    uint32_t count;
};

static void deliver(struct intake *intake, struct ingest *ingest, struct delivery *delivery)
{
    delivery->header = ingest->frame.header;
    delivery->list = ingest->decoded.first;
    ingest->decoded.first = ingest->decoded.tail = NULL;
    if (delivery->header.kind == FRAME_CONFIG) {
        delivery->is_config = true;
        delivery->config = (struct detector_config *)(void *)TAKE(ingest->frame.payload);
    }
    queue_put(intake->config.delivered, &delivery->work.item);
}

/* The body is in the log, or an earlier one under its key is. */
static void acknowledge(struct intake *intake, struct ingest *ingest, const struct batch_id *known)
{
    struct decoded *decoded = &ingest->decoded;

    if (known) {
        intake_judged(intake, decoded->accepted);
        decoded_drop(decoded);
        if (known->body != ingest->frame.header.body) {
            count(&intake->bad_bodies, 1);
            answer(intake, ingest, 422, "the idempotency key was used for another body");
            return;
        }
        ingest->duplicate = true;
        decoded->accepted = known->accepted;
        decoded->refused = known->refused;
        decoded->skipped = known->skipped;
        count(&intake->duplicate_batches, 1);
    } else {
        count(&intake->batches, 1);
    }
    answer(intake, ingest, ingest->kind ? ingest->kind->status : 200, NULL);
}

static void group_failed(struct intake *intake, struct group *group, const struct err *err)
{
    for (uint32_t i = 0; i < group->count; i++) {
        struct ingest *ingest = group->ingest[i];

        free(group->delivery[i]);
        intake_judged(intake, ingest->decoded.accepted);
        decoded_drop(&ingest->decoded);
        ingest->err = *err;
        answer(intake, ingest, 503, "the log cannot be written; send it again later");
    }
    count(&intake->log_failures, group->count);
}

static void group_write(struct intake *intake, struct group *group)
{
    struct err err = {""};
    int r = group->count > 0
                ? journal_append(intake->config.journal, group->frame, group->count, &err)
                : 0;

    if (r < 0) {
        if (journal_broken(intake->config.journal))
            atomic_store(&intake->broken, true);
        say("log_failed", "%s; %u batches were not acknowledged", err.text, group->count);
        group_failed(intake, group, &err);
        return;
    }
    count(&intake->syncs, group->count > 0);
    for (uint32_t i = 0; i < group->count; i++) {
        struct ingest *ingest = group->ingest[i];
        const struct frame_header *header = &ingest->frame.header;

        if (header->key) {
            const struct batch_id id = {header->key, header->body, header->accepted,
                                        header->refused, header->skipped};

            batch_ids_put(intake->config.ids, &id);
        }
        count(&intake->durable, header->accepted);
        count(&intake->refused, header->refused);
        deliver(intake, ingest, group->delivery[i]);
        acknowledge(intake, ingest, NULL);
    }
}

static bool in_group(const struct group *group, uint64_t key)
{
    for (uint32_t i = 0; key && i < group->count; i++)
        if (group->ingest[i]->key == key)
            return true;
    return false;
}

/* Writes all that waits, in groups. A key that is in the group already waits for the next one,
 * when it is known whether the first was written. */
static void write_all(struct intake *intake, struct item *list)
{
    struct item *again = NULL, **last = &again;
    struct group group;

    group.count = 0;
    while (list && group.count < GROUP_MAX) {
        struct ingest *ingest = (struct ingest *)list;
        const struct batch_id *known = batch_ids_find(intake->config.ids, ingest->key);
        struct delivery *delivery;

        list = list->next;
        ingest->item.next = NULL;
        if (known) {
            acknowledge(intake, ingest, known);
        } else if (in_group(&group, ingest->key)) {
            *last = &ingest->item;
            last = &ingest->item.next;
        } else if (!(delivery = calloc(1, sizeof *delivery))) {
            intake_judged(intake, ingest->decoded.accepted);
            refuse_body(intake, ingest, 503, "no memory");
        } else {
            group.delivery[group.count] = delivery;
            group.frame[group.count] = &ingest->frame;
            group.ingest[group.count++] = ingest;
        }
    }
    group_write(intake, &group);
    *last = list;
    if (again)
        write_all(intake, again);
}

static void *logger_main(void *arg)
{
    struct intake *intake = arg;
    struct item *list;
    uint64_t retained = 0;

    while ((list = queue_take_all(&intake->unlogged, -1))) {
        uint64_t needed = atomic_load(&intake->needed);

        write_all(intake, list);
        if (needed != retained)
            journal_retain(intake->config.journal, needed);
        retained = needed;
    }
    return NULL;
}

void intake_put_config(struct intake *intake, struct ingest *ingest,
                       const struct detector_config *config)
{
    if (frame_put_bytes(&ingest->frame, config, sizeof *config) < 0) {
        answer(intake, ingest, 503, "no memory");
        return;
    }
    ingest->frame.header.kind = FRAME_CONFIG;
    frame_end(&ingest->frame);
    queue_put(&intake->unlogged, &ingest->item);
}

/* ---- the threads --------------------------------------------------------------------------------
 */

int intake_start(const struct intake_config *config, struct intake *intake)
{
    sigset_t all, before;
    int r = 0;

    memset(intake, 0, sizeof *intake);
    intake->config = *config;
    queue_init(&intake->undecoded, -1);
    queue_init(&intake->unlogged, -1);
    intake->decoder = calloc(config->decode_threads, sizeof *intake->decoder);
    if (!intake->decoder)
        return -ENOMEM;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&intake->logger, NULL, logger_main, intake);
    intake->logger_runs = r == 0;
    while (r == 0 && intake->decoders_run < config->decode_threads) {
        r = pthread_create(&intake->decoder[intake->decoders_run], NULL, decoder_main, intake);
        intake->decoders_run += r == 0;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -r;
}

void intake_stop(struct intake *intake)
{
    queue_close(&intake->undecoded);
    for (uint32_t i = 0; i < intake->decoders_run; i++)
        (void)pthread_join(intake->decoder[i], NULL);
    queue_close(&intake->unlogged);
    if (intake->logger_runs)
        (void)pthread_join(intake->logger, NULL);
    free(intake->decoder);
    queue_deinit(&intake->undecoded);
    queue_deinit(&intake->unlogged);
}
