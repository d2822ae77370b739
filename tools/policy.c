/* One table of keys per object is all that parsing needs; tools/policies/schema.json says the same
 * and is held to it by tests/e2e/test_enforce.py. */
#include "tools/policy.h"

#include "base/json_place.h"
#include "base/nearest.h"
#include "tools/text_file.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, KEYS_MAX = 16 };

struct reading {
    const char *path, *text;
    size_t size;
    struct err *err;
};

struct number_key {
    const char *name;
    size_t offset;
    double max;
};

#define HOURS_MAX    8760.0
#define RULE(name)   offsetof(struct policy_rule, name)
#define APPEAL(name) offsetof(struct policy_appeal, name)

static const struct number_key rule_number[] = {
    {"score_min", RULE(score_min), 1},
    {"delay_h", RULE(delay_h), HOURS_MAX},
    {"spread_h", RULE(spread_h), HOURS_MAX},
    {"lasts_h", RULE(lasts_h), 10 * HOURS_MAX},
    {"cleared_share", RULE(cleared_share), 1},
    {"missed_share", RULE(missed_share), 1},
    {NULL, 0, 0},
};
static const struct number_key appeal_number[] = {
    {"honest_share", APPEAL(honest_share), 1},
    {"campaign_share", APPEAL(campaign_share), 1},
    {"delay_h", APPEAL(delay_h), HOURS_MAX},
    {"honest_granted", APPEAL(honest_granted), 1},
    {"campaign_granted", APPEAL(campaign_granted), 1},
    {"holds_days", APPEAL(holds_days), 3660},
    {NULL, 0, 0},
};

static int fail(const struct reading *r, const struct json_place *at, const char *message,
                const char *detail)
{
    char path[JSON_PLACE_TEXT_SIZE];

    return err_set(r->err, -EINVAL, "%s:%d: %s: %s%s", r->path,
                   json_place_line(at, r->text, r->size), json_place_text(at, path), message,
                   detail);
}

/* Known are `word`, and the keys of numbers; either ends with NULL and may be NULL. */
static int refuse_key(const struct reading *r, const struct json_place *at, const char *const *word,
                      const struct number_key *number)
{
    const char *known[KEYS_MAX], *nearest;
    uint32_t count = 0;

    for (; word && *word; word++)
        known[count++] = *word;
    for (; number && number->name; number++)
        known[count++] = number->name;
    nearest = nearest_word(at->key, known, count);
    return fail(r, at, nearest ? "unknown key; did you mean " : "unknown key",
                nearest ? nearest : "");
}

/* The key's number into *target. 1: there is no such key. */
static int number_read(const struct reading *r, const struct number_key *key, const json_t *value,
                       const struct json_place *at, void *target)
{
    while (key->name && strcmp(key->name, at->key) != 0)
        key++;
    if (!key->name)
        return 1;
    if (!json_is_number(value) || !(json_number_value(value) >= 0.0) ||
        json_number_value(value) > key->max) {
        char range[64];

        (void)snprintf(range, sizeof range, "%g", key->max);
        return fail(r, at, "must be a number from 0 to ", range);
    }
    *(double *)(void *)((char *)target + key->offset) = json_number_value(value);
    return 0;
}

static int word_read(const struct reading *r, const json_t *value, const char *const *word,
                     uint32_t from, uint32_t to, const struct json_place *at, uint32_t *out)
{
    const char *text = json_string_value(value);
    const char *nearest;

    for (uint32_t i = from; text && i < to; i++)
        if (strcmp(word[i], text) == 0) {
            *out = i;
            return 0;
        }
    nearest = text ? nearest_word(text, word + from, to - from) : NULL;
    return fail(r, at, nearest ? "unknown word; did you mean " : "not one of the known words",
                nearest ? nearest : "");
}

static int rule_key_read(const struct reading *r, struct policy_rule *rule, const json_t *value,
                         const struct json_place *at)
{
    static const char *const word[] = {"level", "action", "group", NULL};
    uint32_t chosen = 0;
    int e;

    if (strcmp(at->key, "level") == 0) {
        e = word_read(r, value, level_name, LEVEL_WATCH, LEVEL_ACT + 1, at, &chosen);
        rule->level = (enum level)chosen;
        return e;
    }
    if (strcmp(at->key, "action") == 0) {
        e = word_read(r, value, action_name, ACTION_LIMIT, ACTION_RESTORE, at, &chosen);
        rule->action = (enum action)chosen;
        return e;
    }
    if (strcmp(at->key, "group") == 0) {
        rule->group = json_is_true(value) ? POLICY_MEMBERS : POLICY_OTHERS;
        return json_is_boolean(value) ? 0 : fail(r, at, "must be true or false", "");
    }
    e = number_read(r, rule_number, value, at, rule);
    return e > 0 ? refuse_key(r, at, word, rule_number) : e;
}

static int rule_read(const struct reading *r, struct policy_rule *rule, json_t *json,
                     const struct json_place *at)
{
    const char *name;
    json_t *value;

    if (!json_is_object(json))
        return fail(r, at, "must be an object", "");
    *rule = (struct policy_rule){.lasts_h = 24.0, .score_min = (double)NAN};
    json_object_foreach(json, name, value)
    {
        const struct json_place place = {at, name, 0};
        int e = rule_key_read(r, rule, value, &place);

        if (e < 0)
            return e;
    }
    if (rule->action == ACTION_NONE)
        return fail(r, at, "`action` is missing", "");
    if ((rule->level != LEVEL_NONE) == !isnan(rule->score_min))
        return fail(r, at, "needs either `level` or `score_min`", "");
    return 0;
}

static int rules_read(const struct reading *r, struct policy *p, const json_t *list,
                      const struct json_place *at)
{
    if (!json_is_array(list) || json_array_size(list) > POLICY_RULES_MAX)
        return fail(r, at, "must be an array of at most 16 rules", "");
    for (p->rule_count = 0; p->rule_count < json_array_size(list); p->rule_count++) {
        const struct json_place place = {at, NULL, p->rule_count};
        int e = rule_read(r, &p->rule[p->rule_count], json_array_get(list, p->rule_count), &place);

        if (e < 0)
            return e;
    }
    return 0;
}

static int appeal_read(const struct reading *r, struct policy *p, json_t *json,
                       const struct json_place *at)
{
    const char *name;
    json_t *value;

    if (!json_is_object(json))
        return fail(r, at, "must be an object", "");
    json_object_foreach(json, name, value)
    {
        const struct json_place place = {at, name, 0};
        int e = number_read(r, appeal_number, value, &place, &p->appeal);

        if (e != 0)
            return e > 0 ? refuse_key(r, &place, NULL, appeal_number) : e;
    }
    return 0;
}

static int name_read(const struct reading *r, struct policy *p, const json_t *value,
                     const struct json_place *at)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    const char *text = json_string_value(value);

    if (!text || !*text || strlen(text) >= sizeof p->name || text[strspn(text, letters)])
        return fail(r, at, "must be 1 to 47 letters, digits, '_', '-' or '.'", "");
    (void)snprintf(p->name, sizeof p->name, "%s", text);
    return 0;
}

static int key_read(const struct reading *r, struct policy *p, json_t *value,
                    const struct json_place *at)
{
    static const char *const word[] = {"policy", "about", "step_min", "rules", "appeal", NULL};

    if (strcmp(at->key, "$schema") == 0)
        return 0;
    if (strcmp(at->key, "policy") == 0)
        return name_read(r, p, value, at);
    if (strcmp(at->key, "about") == 0)
        return json_is_string(value) ? 0 : fail(r, at, "must be a text", "");
    if (strcmp(at->key, "rules") == 0)
        return rules_read(r, p, value, at);
    if (strcmp(at->key, "appeal") == 0)
        return appeal_read(r, p, value, at);
    if (strcmp(at->key, "step_min") != 0)
        return refuse_key(r, at, word, NULL);
    p->step_min = (double)json_integer_value(value);
    return json_is_integer(value) && p->step_min >= 5.0 && p->step_min <= 60.0
               ? 0
               : fail(r, at, "must be a whole number of minutes from 5 to 60", "");
}

static int file_read(const char *path, struct policy *out, struct err *err)
{
    AUTO_FREE char *text = NULL;
    json_auto_t *root = NULL;
    struct json_place top = {NULL, NULL, 0};
    struct reading r = {.path = path, .err = err};
    json_error_t at;
    const char *name;
    json_t *value;
    int e = text_file_read(path, &text, &r.size, err);

    if (e < 0)
        return e;
    r.text = text;
    root = json_loadb(text, r.size, JSON_REJECT_DUPLICATES, &at);
    if (!root)
        return err_set(err, -EINVAL, "%s:%d: %s", path, at.line, at.text);
    if (!json_is_object(root))
        return fail(&r, &top, "not an object", "");
    *out = (struct policy){.step_min = 60.0, .appeal.holds_days = 7.0};
    json_object_foreach(root, name, value)
    {
        const struct json_place place = {&top, name, 0};

        e = key_read(&r, out, value, &place);
        if (e < 0)
            return e;
    }
    if (!*out->name || !json_object_get(root, "rules"))
        return fail(&r, &top, *out->name ? "`rules` is missing" : "`policy` is missing", "");
    return 0;
}

int policy_load(const char *name, struct policy *out, struct err *err)
{
    char path[PATH_SIZE];

    if (strchr(name, '/') || strstr(name, ".json") || access(name, F_OK) == 0)
        return file_read(name, out, err);
    (void)snprintf(path, sizeof path, "%s/%s.json",
                   access(POLICIES_SOURCE, R_OK) == 0 ? POLICIES_SOURCE : POLICIES_INSTALLED, name);
    if (access(path, R_OK) < 0)
        return err_set(err, -ENOENT,
                       "no policy '%.100s'; there are observe-only, careful and strict, or name a "
                       "file",
                       name);
    return file_read(path, out, err);
}
