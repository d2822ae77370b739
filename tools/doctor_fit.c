#include "doctor_fit.h"

#include "event/event_json.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

CLEANUP_DEFINE(struct detector, detector_free)
CLEANUP_DEFINE(struct digest_batch, digest_batch_free)
CLEANUP_DEFINE(struct field_map_reader, field_map_reader_free)

/* Names are shown up to here; a sentence is longer. */
enum { SHOWN_MAX = 40, SECRET_SIZE_MIN = 20 };

struct fitting {
    const struct field_map *map;
    struct field_map_reader *reader;
    struct event_json *json;
    struct detector *detector;
    struct digest_batch *batch;
    struct doctor_fit *fit;
};

bool doctor_is_secret(struct str s)
{
    static const char *const prefix[] = {"sk-",  "pk-",  "Bearer ", "Basic ", "eyJ",
                                         "AKIA", "ghp_", "xox",     "AIza"};
    bool upper = false, lower = false, digit = false;

    for (size_t i = 0; i < sizeof prefix / sizeof *prefix; i++)
        if (s.n > strlen(prefix[i]) && memcmp(s.p, prefix[i], strlen(prefix[i])) == 0)
            return true;
    if (s.n < SECRET_SIZE_MIN)
        return false;
    for (uint32_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (!isalnum(c) && !strchr("-_+/=.", c))
            return false;
        upper |= isupper(c) != 0;
        lower |= islower(c) != 0;
        digit |= isdigit(c) != 0;
    }
    return upper && lower && digit && !memchr(s.p, '/', s.n);
}

void doctor_mask(struct str value, bool is_text, char example[DOCTOR_EXAMPLE_SIZE])
{
    const char *at = value.n ? memchr(value.p, '@', value.n) : NULL;
    bool plain = true;

    for (uint32_t i = 0; i < value.n; i++)
        plain &= (unsigned char)value.p[i] >= 0x20 && value.p[i] != 0x7f;
    if (doctor_is_secret(value))
        (void)snprintf(example, DOCTOR_EXAMPLE_SIZE, "(secret, %" PRIu32 " bytes)", value.n);
    else if (is_text || value.n > SHOWN_MAX || !plain)
        (void)snprintf(example, DOCTOR_EXAMPLE_SIZE, "(text, %" PRIu32 " bytes)", value.n);
    else if (at)
        (void)snprintf(example, DOCTOR_EXAMPLE_SIZE, "...%.*s", (int)(value.p + value.n - at), at);
    else
        (void)snprintf(example, DOCTOR_EXAMPLE_SIZE, "%.*s", (int)value.n, value.p);
}

static void example_put(const struct api_event *ev, enum field f, char example[DOCTOR_EXAMPLE_SIZE])
{
    const char *at = (const char *)ev + field_info[f].offset;

    switch (field_info[f].kind) {
    case KIND_TIME: (void)msec_format(*(const msec_t *)at, example); break;
    case KIND_STR: doctor_mask(*(const struct str *)at, false, example); break;
    case KIND_TEXT: doctor_mask(*(const struct str *)at, true, example); break;
    case KIND_INT:
        (void)snprintf(example, DOCTOR_EXAMPLE_SIZE, "%" PRId64, *(const int64_t *)at);
        break;
    case KIND_NUM: (void)snprintf(example, DOCTOR_EXAMPLE_SIZE, "%g", *(const double *)at); break;
    case KIND_BOOL:
        (void)snprintf(example, DOCTOR_EXAMPLE_SIZE, "%s", *(const bool *)at ? "true" : "false");
        break;
    }
}

static void fields_count(struct fitting *t, const struct api_event *ev)
{
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        struct doctor_field *field = &t->fit->field[i];
        enum field f = (enum field)i;

        if (!event_has(ev, f) || field->count++ > 0)
            continue;
        (void)snprintf(field->from, sizeof field->from, "%s",
                       t->map ? field_map_source(t->reader, f) : field_info[f].name);
        example_put(ev, f, field->example);
    }
}

static void refusal_count(struct doctor_fit *fit, const char *text)
{
    uint32_t i = 0;

    fit->refused++;
    while (i < fit->reason_count && strcmp(fit->reason[i].text, text) != 0)
        i++;
    if (i == DOCTOR_REASONS)
        return;
    if (i == fit->reason_count)
        fit->reason[fit->reason_count++] = (struct doctor_reason){.text = text};
    fit->reason[i].count++;
    for (; i > 0 && fit->reason[i].count > fit->reason[i - 1].count; i--) {
        struct doctor_reason swap = fit->reason[i];

        fit->reason[i] = fit->reason[i - 1];
        fit->reason[i - 1] = swap;
    }
}

/* The detector itself says which families a record feeds; all records at one time, so that none is
 * late and no evaluation runs. */
static int detector_ask(struct fitting *t, const struct api_event *ev)
{
    struct api_event timeless = *ev;
    int r;

    timeless.ts = 0;
    digest_batch_clear(t->batch);
    r = digest_batch_add(t->batch, &timeless, 0);
    if (r == 0)
        detector_feed(t->detector, t->batch, NULL, 1);
    return r;
}

static int line_fit(struct fitting *t, struct str line)
{
    bool more;

    do {
        struct api_event ev;
        const char *refused;
        int r = 0;

        more = false;
        refused = t->map ? field_map_read(t->reader, line, &ev, &more)
                         : event_json_read(t->json, line, &ev);
        t->fit->records++;
        if (refused == FIELD_MAP_SKIP) {
            t->fit->skipped++;
        } else if (refused) {
            refusal_count(t->fit, refused);
        } else {
            t->fit->exchanges += ev.type == RECORD_EXCHANGE;
            fields_count(t, &ev);
            r = detector_ask(t, &ev);
        }
        if (r < 0)
            return r;
    } while (more);
    return 0;
}

/* Small tables: a sample has few accounts, and none of its values are kept. */
static int detector_small(struct detector **out)
{
    struct detector_config config;
    struct err err;

    detector_config_default(&config);
    config.accounts_max = config.hubs_max = config.door_max = config.prompts_max = 4096;
    config.groups_max = 16;
    config.names_bytes = 1024 * 1024;
    return detector_new(&config, out, &err);
}

int doctor_fit(const struct doctor_sample *sample, const struct field_map *map,
               struct doctor_fit *fit)
{
    AUTO(detector_free) struct detector *detector = NULL;
    AUTO(digest_batch_free) struct digest_batch *batch = NULL;
    AUTO(field_map_reader_free) struct field_map_reader *reader = NULL;
    AUTO(event_json_free) struct event_json *json = NULL;
    struct fitting t = {.map = map, .fit = fit};
    uint32_t i = 0;
    int r = map ? field_map_reader_new(map, 0, &reader) : event_json_new(&json);

    memset(fit, 0, sizeof *fit);
    if (r == 0)
        r = detector_small(&detector);
    if (r == 0)
        r = digest_batch_new(1, &batch);
    t.reader = reader;
    t.json = json;
    t.detector = detector;
    t.batch = batch;
    if (r == 0 && map && field_map_has_header(map) && sample->count > 0) {
        const char *refused = field_map_header(reader, sample->line[i++]);

        if (refused) {
            fit->records++;
            refusal_count(fit, refused);
            return 0;
        }
    }
    for (; r == 0 && i < sample->count; i++)
        r = line_fit(&t, sample->line[i]);
    if (r == 0)
        detector_coverage(detector, &fit->coverage);
    return r;
}

uint64_t doctor_fit_fill(const struct doctor_fit *fit)
{
    uint64_t fill = 0;

    for (unsigned f = 0; f < FIELD_COUNT; f++)
        fill += fit->field[f].count;
    return fill;
}
