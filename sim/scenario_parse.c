#include "sim/scenario_parse.h"

#include "base/nearest.h"
#include "sim/kinds.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 64 };

static int section_read(struct reader *r, const struct section *section, const json_t *json,
                        void *target, const struct json_place *at);

int reader_fail(const struct reader *r, const struct json_place *place, const char *format, ...)
{
    char path[JSON_PLACE_TEXT_SIZE], message[ERR_TEXT_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return err_set(r->err, -EINVAL, "%s:%d: %s: %s", r->file,
                   json_place_line(place, r->text, r->size), json_place_text(place, path), message);
}

static int fail_word(const struct reader *r, const struct json_place *at, const char *what,
                     const char *word, const char *const *known, uint32_t count)
{
    const char *words[WORDS_MAX];
    const char *nearest;
    uint32_t n = 0;

    for (uint32_t i = 0; i < count && n < WORDS_MAX; i++)
        if (known[i] && *known[i])
            words[n++] = known[i];
    nearest = nearest_word(word, words, n);
    if (nearest)
        return reader_fail(r, at, "unknown %s \"%s\"; did you mean \"%s\"?", what, word, nearest);
    return reader_fail(r, at, "unknown %s \"%s\"", what, word);
}

static void *member(void *target, size_t offset)
{
    return (char *)target + offset;
}

static const char *type_name(const json_t *json)
{
    static const char *const names[] = {"an object", "an array", "a text", "a number",
                                        "a number",  "a flag",   "a flag", "null"};

    return names[json_typeof(json)];
}

static int fail_type(const struct reader *r, const struct json_place *at, const char *wanted,
                     const json_t *json)
{
    return reader_fail(r, at, "must be %s, not %s", wanted, type_name(json));
}

/* --- numbers ------------------------------------------------------------------------------- */

static int number_read(const struct reader *r, const struct key *key, const json_t *json,
                       const struct json_place *at, double *out)
{
    double v;

    if (!json_is_number(json))
        return fail_type(r, at, "a number", json);
    v = json_number_value(json);
    if (!(v >= key->min && v <= key->max))
        return reader_fail(r, at, "must be from %g to %g%s%s", key->min, key->max,
                           key->unit ? " " : "", key->unit ? key->unit : "");
    *out = v;
    return 0;
}

/* Stores a number in the form that the key's kind has in memory. */
static void number_store(const struct key *key, msec_t start, void *target, double v)
{
    void *p = member(target, key->offset);

    switch (key->kind) {
    case KEY_COUNT: *(uint32_t *)p = (uint32_t)v; break;
    case KEY_BIG: *(uint64_t *)p = (uint64_t)v; break;
    case KEY_NUMBER: *(double *)p = v; break;
    case KEY_SPAN: *(msec_t *)p = (msec_t)llround(v * (double)key->unit_ms); break;
    case KEY_DAY: *(msec_t *)p = start + (msec_t)llround(v * (double)MSEC_DAY); break;
    default: break;
    }
}

static int scalar_read(struct reader *r, const struct key *key, const json_t *json, void *target,
                       const struct json_place *at)
{
    double v = 0;
    int e = number_read(r, key, json, at, &v);

    if (e)
        return e;
    if ((key->kind == KEY_COUNT || key->kind == KEY_BIG) && v != floor(v))
        return reader_fail(r, at, "must be a whole number");
    number_store(key, r->scenario->start, target, v);
    return 0;
}

static int flag_read(struct reader *r, const struct key *key, const json_t *json, void *target,
                     const struct json_place *at)
{
    if (!json_is_boolean(json))
        return fail_type(r, at, "true or false", json);
    *(bool *)member(target, key->offset) = json_is_true(json);
    return 0;
}

static int time_read(struct reader *r, const struct key *key, const json_t *json, void *target,
                     const struct json_place *at)
{
    if (!json_is_string(json))
        return fail_type(r, at, "a time such as \"2026-02-01T00:00:00Z\"", json);
    if (msec_parse(json_string_value(json), (uint32_t)json_string_length(json),
                   member(target, key->offset)))
        return reader_fail(r, at, "is no RFC 3339 time such as 2026-02-01T00:00:00Z");
    return 0;
}

/* The numbers of a law given as an object; absent ones keep what *value has. */
static int law_members(const struct reader *r, const struct key *key, const json_t *json,
                       const struct json_place *at, double value[4])
{
    static const char *const names[4] = {"median", "sigma", "min", "max"};
    const json_t *item;
    const char *name;

    json_object_foreach((json_t *)(uintptr_t)json, name, item)
    {
        const struct json_place place = {at, name, 0};
        struct key bound = *key;
        uint32_t i = 0;
        int e;

        while (i < 4 && strcmp(name, names[i]) != 0)
            i++;
        if (i == 4)
            return fail_word(r, &place, "key", name, names, 4);
        if (i == 1)
            bound.max = 10, bound.unit = NULL; /* sigma of the logarithm */
        e = number_read(r, &bound, item, &place, &value[i]);
        if (e)
            return e;
    }
    return 0;
}

static int law_read(struct reader *r, const struct key *key, const json_t *json, void *target,
                    const struct json_place *at)
{
    struct size_law *law = member(target, key->offset);
    double value[4] = {-1, 0, 0, key->max};
    int e;

    if (json_is_object(json)) {
        e = law_members(r, key, json, at, value);
    } else {
        e = number_read(r, key, json, at, &value[0]);
        value[2] = value[3] = value[0];
    }
    if (e)
        return e;
    if (value[0] < 0)
        return reader_fail(r, at, "needs `median`");
    if (value[0] < value[2] || value[0] > value[3])
        return reader_fail(r, at, "`median` must lie between `min` and `max`");
    *law = (struct size_law){value[0] > 0 ? log(value[0]) : 0, value[1], value[2], value[3]};
    if (value[0] == 0) /* the logarithm of 0 is none: a constant */
        *law = (struct size_law){0};
    return 0;
}

/* --- words and weights --------------------------------------------------------------------- */

static int choice_find(const struct reader *r, const struct key *key, const char *word,
                       const struct json_place *at, uint32_t *out)
{
    for (uint32_t i = 0; i < key->word_count; i++) {
        if (key->word[i] && *key->word[i] && strcmp(key->word[i], word) == 0) {
            *out = i;
            return 0;
        }
    }
    return fail_word(r, at, key->name, word, key->word, key->word_count);
}

static int choice_read(struct reader *r, const struct key *key, const json_t *json, void *target,
                       const struct json_place *at)
{
    uint32_t i = 0;
    int e;

    if (!json_is_string(json))
        return fail_type(r, at, "a text", json);
    e = choice_find(r, key, json_string_value(json), at, &i);
    if (!e)
        *(unsigned *)member(target, key->offset) = i; /* an enum is an unsigned int */
    return e;
}

static int weight_read(const struct reader *r, const json_t *json, const struct json_place *at,
                       double *out)
{
    const struct key weight = {.min = 0, .max = 1e9};

    return number_read(r, &weight, json, at, out);
}

/* An object of names to weights, of which some must be positive. `key` says which names exist. */
static int weights_fill(const struct reader *r, const struct key *key, const json_t *json,
                        double *weight, const struct json_place *at)
{
    const json_t *item;
    const char *name;
    double sum = 0;

    if (!json_is_object(json))
        return fail_type(r, at, "an object of names and weights", json);
    memset(weight, 0, key->word_count * sizeof *weight);
    json_object_foreach((json_t *)(uintptr_t)json, name, item)
    {
        const struct json_place place = {at, name, 0};
        uint32_t i = 0;
        int e = choice_find(r, key, name, &place, &i);

        if (!e)
            e = weight_read(r, item, &place, &weight[i]);
        if (e)
            return e;
        sum += weight[i];
    }
    return sum > 0 ? 0 : reader_fail(r, at, "needs a weight above 0");
}

static int weights_read(struct reader *r, const struct key *key, const json_t *json, void *target,
                        const struct json_place *at)
{
    return weights_fill(r, key, json, member(target, key->offset), at);
}

/* The same with the names of networks or models, which the file itself may bring. */
static int named_weights_read(struct reader *r, const struct key *key, const json_t *json,
                              void *target, const struct json_place *at)
{
    const struct scenario *s = r->scenario;
    bool networks = key->kind == KEY_NETWORKS;
    uint32_t count = networks ? s->network_count : s->model_count;
    double **weight = member(target, key->offset);
    const char **name = calloc(count, sizeof *name);
    struct key known = {.name = networks ? "network" : "model", .word_count = count};
    int e = -ENOMEM;

    if (!*weight)
        *weight = calloc(count, sizeof **weight);
    if (name && *weight) {
        for (uint32_t i = 0; i < count; i++)
            name[i] = networks ? s->network[i].name : s->model[i].name;
        known.word = name;
        e = weights_fill(r, &known, json, *weight, at);
    }
    free(name);
    return e;
}

static int hours_read(struct reader *r, const struct key *key, const json_t *json, void *target,
                      const struct json_place *at)
{
    const struct key profile = {
        .name = "day profile", .word = day_profile_name, .word_count = DAY_PROFILE_COUNT};
    double *hour = member(target, key->offset);
    double sum = 0;
    uint32_t i = 0;
    int e;

    if (json_is_string(json)) {
        e = choice_find(r, &profile, json_string_value(json), at, &i);
        if (!e)
            memcpy(hour, day_profile[i], sizeof day_profile[i]);
        return e;
    }
    if (!json_is_array(json) || json_array_size(json) != HOURS_PER_DAY)
        return reader_fail(r, at, "must be the name of a day profile or %d weights", HOURS_PER_DAY);
    for (i = 0; i < HOURS_PER_DAY; i++) {
        const struct json_place place = {at, NULL, i};

        e = weight_read(r, json_array_get(json, i), &place, &hour[i]);
        if (e)
            return e;
        sum += hour[i];
    }
    return sum > 0 ? 0 : reader_fail(r, at, "needs a weight above 0");
}

static int cohort_read(struct reader *r, const struct key *key, const json_t *json, void *target,
                       const struct json_place *at)
{
    const char *names[WORDS_MAX];
    const struct scenario *s = r->scenario;
    uint32_t n = 0;

    if (!json_is_string(json))
        return fail_type(r, at, "the name of a population or campaign", json);
    for (uint32_t i = 0; i < s->cohort_count; i++) {
        if (strcmp(s->cohort[i].name, json_string_value(json)) == 0) {
            *(uint32_t *)member(target, key->offset) = i;
            return 0;
        }
        if (n < WORDS_MAX)
            names[n++] = s->cohort[i].name;
    }
    return fail_word(r, at, "population or campaign", json_string_value(json), names, n);
}

/* Whether a bound may be set for the name; the names that may are added to `names`. */
static bool bound_name(const struct scenario *s, const struct key *key, const char *name,
                       const char *names[WORDS_MAX], uint32_t *count)
{
    bool campaigns = key->kind == KEY_CAMPAIGN_BOUNDS, known = false;

    for (uint32_t i = 0; i < key->word_count; i++) {
        known |= strcmp(key->word[i], name) == 0;
        names[(*count)++] = key->word[i];
    }
    for (uint32_t i = 0; i < s->cohort_count; i++) {
        if (s->cohort[i].campaign != campaigns)
            continue;
        known |= strcmp(s->cohort[i].name, name) == 0;
        if (*count < WORDS_MAX)
            names[(*count)++] = s->cohort[i].name;
    }
    return known;
}

static int bounds_read(struct reader *r, const struct key *key, const json_t *json, void *target,
                       const struct json_place *at)
{
    struct expect_bound *bound = member(target, key->offset);
    uint32_t *count = member(target, key->count_offset);
    const json_t *item;
    const char *name;

    if (!json_is_object(json) || json_object_size(json) > EXPECT_MAX)
        return reader_fail(r, at, "must be an object of at most %d names and shares", EXPECT_MAX);
    json_object_foreach((json_t *)(uintptr_t)json, name, item)
    {
        const struct json_place place = {at, name, 0};
        const char *names[WORDS_MAX];
        uint32_t n = 0;
        int e;

        if (!bound_name(r->scenario, key, name, names, &n))
            return fail_word(
                r, &place, key->kind == KEY_CAMPAIGN_BOUNDS ? "campaign" : "stratum or population",
                name, names, n);
        e = number_read(r, key, item, &place, &bound[*count].bound);
        if (e)
            return e;
        (void)snprintf(bound[(*count)++].name, NAME_SIZE, "%s", name);
    }
    return 0;
}

/* --- texts --------------------------------------------------------------------------------- */

/* Names go into account labels, file names and reports: nothing there needs quoting. */
static bool name_good(const char *name)
{
    size_t n = strlen(name);

    if (n == 0 || n >= NAME_SIZE)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)name[i]) && !strchr("_.-", name[i]))
            return false;
    return true;
}

static int name_read(struct reader *r, const struct key *key, const json_t *json, void *target,
                     const struct json_place *at)
{
    if (!json_is_string(json))
        return fail_type(r, at, "a text", json);
    if (!name_good(json_string_value(json)))
        return reader_fail(r, at, "must be 1 to %d letters, digits, '_', '-' or '.'",
                           NAME_SIZE - 1);
    (void)snprintf(member(target, key->offset), NAME_SIZE, "%s", json_string_value(json));
    return 0;
}

static int text_read(struct reader *r, const struct key *key, const json_t *json, void *target,
                     const struct json_place *at)
{
    char **text = member(target, key->offset);

    if (!json_is_string(json))
        return fail_type(r, at, "a text", json);
    *text = strdup(json_string_value(json));
    return *text ? 0 : -ENOMEM;
}

static int texts_read(struct reader *r, const struct key *key, const json_t *json, void *target,
                      const struct json_place *at)
{
    char ***text = member(target, key->offset);
    uint32_t *count = member(target, key->count_offset);

    if (!json_is_array(json))
        return fail_type(r, at, "an array of texts", json);
    *text = calloc(json_array_size(json) + 1, sizeof **text);
    if (!*text)
        return -ENOMEM;
    for (size_t i = 0; i < json_array_size(json); i++) {
        const struct json_place place = {at, NULL, i};
        const struct key element = {0};
        int e = text_read(r, &element, json_array_get(json, i), &(*text)[i], &place);

        if (e)
            return e;
        ++*count;
    }
    return 0;
}

static int country_read(const struct reader *r, const char *code, char out[COUNTRY_CODE_SIZE],
                        const struct json_place *at)
{
    if (!code || strlen(code) != 2 || !isupper((unsigned char)code[0]) ||
        !isupper((unsigned char)code[1]))
        return reader_fail(r, at, "is no country code of two capital letters");
    memcpy(out, code, COUNTRY_CODE_SIZE);
    return 0;
}

static int countries_read(struct reader *r, const struct key *key, const json_t *json, void *target,
                          const struct json_place *at)
{
    char(*country)[COUNTRY_CODE_SIZE] = member(target, key->offset);
    uint32_t *count = member(target, key->count_offset);

    if (!json_is_array(json) || json_array_size(json) > COUNTRY_MAX)
        return reader_fail(r, at, "must be an array of at most %d country codes", COUNTRY_MAX);
    for (*count = 0; *count < json_array_size(json); ++*count) {
        const struct json_place place = {at, NULL, *count};
        int e = country_read(r, json_string_value(json_array_get(json, *count)), country[*count],
                             &place);

        if (e)
            return e;
    }
    return 0;
}

static int country_weights_read(struct reader *r, const struct key *key, const json_t *json,
                                void *target, const struct json_place *at)
{
    struct network_spec *network = target;
    const json_t *item;
    const char *code;
    double sum = 0;

    (void)key;
    if (!json_is_object(json) || json_object_size(json) > COUNTRY_MAX)
        return reader_fail(r, at, "must be an object of at most %d country codes and weights",
                           COUNTRY_MAX);
    json_object_foreach((json_t *)(uintptr_t)json, code, item)
    {
        const struct json_place place = {at, code, 0};
        uint32_t i = network->country_count++;
        int e = country_read(r, code, network->country[i], &place);

        if (!e)
            e = weight_read(r, item, &place, &network->country_weight[i]);
        if (e)
            return e;
        sum += network->country_weight[i];
    }
    return sum > 0 ? 0 : reader_fail(r, at, "needs a weight above 0");
}

/* --- structure ----------------------------------------------------------------------------- */

static int part_read(struct reader *r, const struct key *key, const json_t *json, void *target,
                     const struct json_place *at)
{
    return section_read(r, key->section, json, member(target, key->offset), at);
}

static void initial_set(const struct section *section, msec_t start, void *target)
{
    for (uint32_t i = 0; i < section->key_count; i++) {
        const struct key *key = &section->key[i];

        if (key->kind == KEY_PART)
            initial_set(key->section, start, member(target, key->offset));
        else if (key->initial != 0)
            number_store(key, start, target, key->initial);
    }
}

/* The keys that choose the defaults must be known before any other key of the cohort. */
static int cohort_defaults(struct reader *r, const struct section *section, const json_t *json,
                           struct cohort *c, const struct json_place *at)
{
    bool campaign = section->defaults == DEFAULTS_CAMPAIGN;
    const struct key *key = &section->key[1];
    const json_t *kind = json_object_get(json, key->name);
    const json_t *accounts = json_object_get(json, "accounts");
    const json_t *evasion = json_object_get(json, "evasion");
    const struct json_place place = {at, key->name, 0};
    uint32_t index = 0;
    int e;

    if (!kind)
        return reader_fail(r, at, "`%s` is missing", key->name);
    if (!json_is_string(kind))
        return fail_type(r, &place, "a text", kind);
    e = choice_find(r, key, json_string_value(kind), &place, &index);
    if (e)
        return e;
    c->line = json_place_line(at, r->text, r->size);
    c->account_count = (uint32_t)fmin(fmax(json_number_value(accounts), 1), UINT32_MAX);
    if (campaign) {
        /* Its range is checked when the key itself is read. */
        double level = fmin(fmax(json_number_value(evasion), 0), EVASION_LEVEL_COUNT - 1);

        cohort_campaign_defaults(c, index, (int)level, r->scenario->days);
    } else {
        cohort_population_defaults(c, index, r->scenario->days);
    }
    c->program.text_share = r->scenario->text_share;
    return 0;
}

static int element_read(struct reader *r, const struct section *section, const json_t *json,
                        void *target, const struct json_place *at)
{
    int e = 0;

    if (!json_is_object(json))
        return fail_type(r, at, "an object", json);
    initial_set(section, r->scenario->start, target);
    if (section->defaults != DEFAULTS_INITIAL)
        e = cohort_defaults(r, section, json, target, at);
    return e ? e : section_read(r, section, json, target, at);
}

/* Appends to what is there: populations and campaigns share one array. */
static int list_read(struct reader *r, const struct key *key, const json_t *json, void *target,
                     const struct json_place *at)
{
    void **list = member(target, key->offset);
    uint32_t *count = member(target, key->count_offset);
    char *grown;

    if (!json_is_array(json) || json_array_size(json) > SCENARIO_LIST_MAX)
        return reader_fail(r, at, "must be an array of at most %d objects", SCENARIO_LIST_MAX);
    grown = realloc(*list, (*count + json_array_size(json) + 1) * key->element_size);
    if (!grown)
        return -ENOMEM;
    *list = grown;
    for (size_t i = 0; i < json_array_size(json); i++) {
        const struct json_place place = {at, NULL, i};
        void *element = grown + *count * key->element_size;
        int e;

        memset(element, 0, key->element_size);
        ++*count; /* counted before it is read, so that a failure frees what it owns */
        e = element_read(r, key->section, json_array_get(json, i), element, &place);
        if (e)
            return e;
    }
    if (key->section->defaults == DEFAULTS_POPULATION)
        r->population_count = *count;
    return 0;
}

static int ignored_read(struct reader *r, const struct key *key, const json_t *json, void *target,
                        const struct json_place *at)
{
    (void)r, (void)key, (void)json, (void)target, (void)at;
    return 0;
}

typedef int (*key_read)(struct reader *r, const struct key *key, const json_t *json, void *target,
                        const struct json_place *at);

static const key_read read_kind[] = {
    [KEY_COUNT] = scalar_read,
    [KEY_BIG] = scalar_read,
    [KEY_NUMBER] = scalar_read,
    [KEY_FLAG] = flag_read,
    [KEY_SPAN] = scalar_read,
    [KEY_DAY] = scalar_read,
    [KEY_TIME] = time_read,
    [KEY_LAW] = law_read,
    [KEY_HOURS] = hours_read,
    [KEY_CHOICE] = choice_read,
    [KEY_WEIGHTS] = weights_read,
    [KEY_NETWORKS] = named_weights_read,
    [KEY_MODELS] = named_weights_read,
    [KEY_COHORT] = cohort_read,
    [KEY_NAME] = name_read,
    [KEY_TEXT] = text_read,
    [KEY_TEXTS] = texts_read,
    [KEY_COUNTRIES] = countries_read,
    [KEY_COUNTRY_WEIGHTS] = country_weights_read,
    [KEY_CAMPAIGN_BOUNDS] = bounds_read,
    [KEY_POPULATION_BOUNDS] = bounds_read,
    [KEY_KIND] = ignored_read,
    [KEY_PART] = part_read,
    [KEY_LIST] = list_read,
    [KEY_IGNORED] = ignored_read,
};

static int unknown_refuse(const struct reader *r, const struct section *section, const json_t *json,
                          const struct json_place *at)
{
    const char *names[WORDS_MAX];
    const json_t *item;
    const char *name;

    for (uint32_t i = 0; i < section->key_count; i++)
        names[i] = section->key[i].name;
    json_object_foreach((json_t *)(uintptr_t)json, name, item)
    {
        const struct json_place place = {at, name, 0};
        uint32_t i = 0;

        while (i < section->key_count && strcmp(name, names[i]) != 0)
            i++;
        if (i == section->key_count)
            return fail_word(r, &place, "key", name, names, section->key_count);
    }
    return 0;
}

/* What networks and models are there, when the file has had its say about them. */
static int builtin_add(struct scenario *s)
{
    struct network_spec *network;

    if (s->model_count == 0) {
        free(s->model);
        s->model = calloc(default_model_count, sizeof *s->model);
        if (!s->model)
            return -ENOMEM;
        memcpy(s->model, default_model, default_model_count * sizeof *s->model);
        s->model_count = default_model_count;
        for (uint32_t i = 0; i < s->model_count; i++)
            s->model[i].released = s->start;
    }
    network = realloc(s->network, (s->network_count + default_network_count) * sizeof *network);
    if (!network)
        return -ENOMEM;
    s->network = network;
    for (uint32_t i = 0; i < default_network_count; i++) {
        uint32_t j = 0;

        while (j < s->network_count && strcmp(network[j].name, default_network[i].name) != 0)
            j++;
        if (j == s->network_count)
            network[s->network_count++] = default_network[i];
    }
    return 0;
}

static int section_read(struct reader *r, const struct section *section, const json_t *json,
                        void *target, const struct json_place *at)
{
    int e;

    if (!json_is_object(json))
        return fail_type(r, at, "an object", json);
    e = unknown_refuse(r, section, json, at);
    for (uint32_t i = 0; !e && i < section->key_count; i++) {
        const struct key *key = &section->key[i];
        const json_t *value = json_object_get(json, key->name);
        const struct json_place place = {at, key->name, 0};

        if (value)
            e = read_kind[key->kind](r, key, value, target, &place);
        else if (key->required)
            e = reader_fail(r, at, "`%s` is missing", key->name);
        /* Cohorts refer to networks and models: these must be complete before. */
        if (!e && section == &scenario_section && strcmp(key->name, "networks") == 0)
            e = builtin_add(r->scenario);
    }
    return e;
}

int scenario_parse(struct reader *r, const json_t *root)
{
    const struct json_place top = {NULL, NULL, 0};

    if (!json_is_object(root))
        return fail_type(r, &top, "an object", root);
    initial_set(&scenario_section, 0, r->scenario);
    return section_read(r, &scenario_section, root, r->scenario, &top);
}
