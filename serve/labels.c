#include "labels.h"

#include "base/hash.h"
#include "base/table.h"
#include "tools/text_file.h"

#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>

const char *const label_verdict[LABEL_VERDICTS] = {"distilling", "abusive", "benign"};

enum { READ_LINES = 256 };

struct label {
    uint8_t verdict;
    bool is_cluster;
    int64_t ts;
    char *subject, *note, *by; /* owned */
};

struct labels {
    pthread_mutex_t lock;
    char *folder;
    struct feed *feed;
    struct table *index;
    struct label *label;
    uint32_t used;
};

static uint64_t subject_hash(struct str subject, bool is_cluster)
{
    return hash_str(subject, is_cluster ? 0x636c7573u : 0x6163636fu);
}

static char *copy_of(struct str s)
{
    return strndup(s.p ? s.p : "", s.p ? s.n : 0);
}

static int verdict_find(const char *name)
{
    for (int i = 0; i < LABEL_VERDICTS; i++)
        if (name && strcmp(name, label_verdict[i]) == 0)
            return i;
    return -EINVAL;
}

static void label_clear(struct label *label)
{
    free(label->subject);
    free(label->note);
    free(label->by);
}

/* Takes the verdict up in memory. */
static int remember(struct labels *labels, const struct label_text *text)
{
    uint64_t hash = subject_hash(text->subject, text->is_cluster);
    uint32_t slot = table_find(labels->index, hash);
    struct label *label;

    if (slot == TABLE_NONE) {
        if (labels->used == LABELS_MAX)
            return -ENOSPC;
        slot = labels->used++;
        (void)table_put(labels->index, hash, slot);
    }
    label = &labels->label[slot];
    label_clear(label);
    *label = (struct label){(uint8_t)verdict_find(text->verdict),
                            text->is_cluster,
                            text->ts,
                            copy_of(text->subject),
                            copy_of(text->note),
                            copy_of(text->by)};
    return label->subject && label->note && label->by ? 0 : -ENOMEM;
}

/* One line of the file. Lines that are none are passed over: somebody may have edited it. */
static void recall(struct labels *labels, const char *line, size_t size)
{
    json_t *o = json_loadb(line, size, 0, NULL);
    const char *account = json_string_value(json_object_get(o, "account"));
    const char *cluster = json_string_value(json_object_get(o, "cluster"));
    struct label_text text = {
        .subject = str_of(account),
        .verdict = json_string_value(json_object_get(o, "truth")),
        .note = str_of(json_string_value(json_object_get(o, "note"))),
        .by = str_of(json_string_value(json_object_get(o, "by"))),
        .ts = json_integer_value(json_object_get(o, "ts")),
    };

    if (account && verdict_find(text.verdict) >= 0) {
        (void)remember(labels, &text);
        text.subject = str_of(cluster);
        text.is_cluster = true;
        if (cluster)
            (void)remember(labels, &text);
    }
    json_decref(o);
}

static int recall_all(struct labels *labels)
{
    uint64_t cursor = 0;

    for (;;) {
        AUTO_FREE char *text = NULL;
        size_t size;
        int r = feed_read(labels->feed, &cursor, READ_LINES, &text, &size);

        if (r < 0 || size == 0)
            return r;
        for (size_t at = 0; at < size;) {
            const char *newline = memchr(text + at, '\n', size - at);
            size_t end = newline ? (size_t)(newline - text) : size;

            recall(labels, text + at, end - at);
            at = end + 1;
        }
    }
}

int labels_open(const char *folder, struct labels **out, struct err *err)
{
    AUTO(labels_free) struct labels *labels = calloc(1, sizeof *labels);
    int r;

    if (!labels)
        return -ENOMEM;
    (void)pthread_mutex_init(&labels->lock, NULL);
    labels->folder = strdup(folder);
    labels->label = calloc(LABELS_MAX, sizeof *labels->label);
    if (!labels->folder || !labels->label || table_new(LABELS_MAX, &labels->index) < 0)
        return err_set(err, -ENOMEM, "labels: %s", strerror(ENOMEM));
    r = feed_open(folder, "verdicts.jsonl", &labels->feed, err);
    if (r == 0 && (r = recall_all(labels)) < 0)
        return err_set(err, r, "%s/verdicts.jsonl: %s", folder, strerror(-r));
    if (r < 0)
        return r;
    *out = TAKE(labels);
    return 0;
}

void labels_free(struct labels *labels)
{
    if (!labels)
        return;
    for (uint32_t i = 0; labels->label && i < labels->used; i++)
        label_clear(&labels->label[i]);
    free(labels->label);
    free(labels->folder);
    table_free(labels->index);
    feed_free(labels->feed);
    (void)pthread_mutex_destroy(&labels->lock);
    free(labels);
}

static void line_write(struct json_write *w, const struct label_text *label, struct str account)
{
    json_write_open(w, NULL, '{');
    json_write_str(w, "account", account);
    json_write_text(w, "population", "analyst");
    json_write_text(w, "truth", label->verdict);
    if (strcmp(label->verdict, "benign") == 0)
        json_write_text(w, "stratum", "hard"); /* somebody had reason to look */
    if (label->is_cluster)
        json_write_str(w, "cluster", label->subject);
    json_write_str(w, "note", label->note);
    json_write_str(w, "by", label->by);
    json_write_i64(w, "ts", label->ts);
    json_write_close(w, '}');
    json_write_line(w);
}

/* labels.jsonl: the newest verdict of each account. */
static int truth_fill(FILE *file, const void *ctx)
{
    const struct labels *labels = ctx;
    struct json_write w;
    int r;

    json_write_init(&w, file);
    for (uint32_t i = 0; i < labels->used; i++) {
        const struct label *label = &labels->label[i];
        const struct label_text text = {
            .subject = str_of(label->subject),
            .verdict = label_verdict[label->verdict],
            .note = str_of(label->note),
            .by = str_of(label->by),
            .ts = label->ts,
        };

        if (!label->is_cluster)
            line_write(&w, &text, text.subject);
    }
    r = json_write_flush(&w);
    json_write_deinit(&w);
    return r;
}

int labels_put(struct labels *labels, const struct label_text *label, const struct str *member,
               uint32_t member_count)
{
    struct json_write w;
    struct err err;
    int r;

    json_write_init(&w, NULL);
    if (!label->is_cluster)
        line_write(&w, label, label->subject);
    for (uint32_t i = 0; i < member_count; i++)
        line_write(&w, label, member[i]);
    r = w.error;
    if (r == 0)
        r = feed_put(labels->feed, (struct str){w.text, (uint32_t)w.size});
    if (r == 0)
        r = feed_sync(labels->feed);
    json_write_deinit(&w);
    if (r < 0)
        return r;
    (void)pthread_mutex_lock(&labels->lock);
    r = remember(labels, label);
    for (uint32_t i = 0; r == 0 && i < member_count; i++) {
        struct label_text one = *label;

        one.subject = member[i];
        one.is_cluster = false;
        r = remember(labels, &one);
    }
    (void)pthread_mutex_unlock(&labels->lock);
    /* Only this thread changes them. */
    return r < 0 ? r : text_file_replace(labels->folder, "labels.jsonl", truth_fill, labels, &err);
}

void labels_write(const struct labels *labels, struct str subject, bool is_cluster,
                  struct json_write *w)
{
    pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&labels->lock;
    uint32_t slot;

    (void)pthread_mutex_lock(lock);
    slot = table_find(labels->index, subject_hash(subject, is_cluster));
    if (slot == TABLE_NONE) {
        json_write_null(w, "label");
    } else {
        const struct label *label = &labels->label[slot];

        json_write_open(w, "label", '{');
        json_write_text(w, "verdict", label_verdict[label->verdict]);
        json_write_text(w, "note", label->note);
        json_write_text(w, "by", label->by);
        json_write_i64(w, "ts", label->ts);
        json_write_close(w, '}');
    }
    (void)pthread_mutex_unlock(lock);
}

uint64_t labels_count(const struct labels *labels)
{
    struct feed_end end;

    feed_end(labels->feed, &end);
    return end.lines;
}

struct feed *labels_feed(struct labels *labels)
{
    return labels->feed;
}
