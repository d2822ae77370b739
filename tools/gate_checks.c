/* A bound has one form wherever it comes from, so that `gate`, `run --expect` and CI say the same.
 */
#include "tools/gate_checks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct gate_measure_info gate_measure[GATE_MEASURE_COUNT] = {
#define GATE_INFO(id, option, whole, at_least, title) {option, whole, at_least, title},
    GATE_MEASURES(GATE_INFO)
#undef GATE_INFO
};

static int check_add(struct gate_checks *checks, enum gate_measure measure, const char *of,
                     double bound, struct err *err)
{
    struct gate_check *check = &checks->item[checks->count];

    if (checks->count == GATE_CHECKS_MAX)
        return err_set(err, -EINVAL, "more than %d bounds", GATE_CHECKS_MAX);
    check->measure = measure;
    check->bound = bound;
    (void)snprintf(check->of, sizeof check->of, "%s", of);
    checks->count++;
    return 0;
}

int gate_checks_add(struct gate_checks *checks, enum gate_measure measure, const char *text,
                    struct err *err)
{
    const struct gate_measure_info *info = &gate_measure[measure];
    const char *equals = strrchr(text, '=');
    const char *number = equals ? equals + 1 : text;
    size_t size = equals ? (size_t)(equals - text) : strlen(info->whole);
    char of[NAME_SIZE], *end;
    double bound = strtod(number, &end);

    if (end == number || *end || !(bound >= 0.0 && bound <= 1.0))
        return err_set(err, -EINVAL, "--%s: '%s' is not NAME=SHARE with a share from 0 to 1",
                       info->option, text);
    if (size == 0 || size >= sizeof of)
        return err_set(err, -EINVAL, "--%s: '%s': no such name is possible", info->option, text);
    memcpy(of, equals ? text : info->whole, size);
    of[size] = '\0';
    return check_add(checks, measure, of, bound, err);
}

static int whole_add(struct gate_checks *checks, enum gate_measure measure, double bound,
                     struct err *err)
{
    return isnan(bound) ? 0 : check_add(checks, measure, gate_measure[measure].whole, bound, err);
}

int gate_checks_expect(struct gate_checks *checks, const struct expectation *x, struct err *err)
{
    int r = whole_add(checks, GATE_RECALL, x->recall_min, err);

    for (uint32_t i = 0; r == 0 && i < x->recall_of_count; i++)
        r = check_add(checks, GATE_RECALL, x->recall_of[i].name, x->recall_of[i].bound, err);
    if (r == 0)
        r = whole_add(checks, GATE_PRECISION, x->precision_min, err);
    if (r == 0)
        r = whole_add(checks, GATE_FPR, x->false_positive_rate_max, err);
    for (uint32_t i = 0; r == 0 && i < x->false_positive_rate_of_count; i++)
        r = check_add(checks, GATE_FPR, x->false_positive_rate_of[i].name,
                      x->false_positive_rate_of[i].bound, err);
    return r == 0 ? whole_add(checks, GATE_LEAKED, x->leaked_share_max, err) : r;
}

void gate_checks_write(const struct gate_checks *checks, struct json_write *w, const char *name)
{
    json_write_open(w, name, '[');
    for (uint32_t i = 0; i < checks->count; i++) {
        const struct gate_check *check = &checks->item[i];

        json_write_open(w, NULL, '{');
        json_write_text(w, "measure", gate_measure[check->measure].option);
        json_write_text(w, "of", check->of);
        json_write_exact(w, "bound", check->bound);
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
}

static int measure_find(const char *option)
{
    for (int i = 0; option && i < GATE_MEASURE_COUNT; i++)
        if (strcmp(gate_measure[i].option, option) == 0)
            return i;
    return -1;
}

int gate_checks_read(struct gate_checks *checks, const json_t *list, struct err *err)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        int measure = measure_find(json_string_value(json_object_get(item, "measure")));
        const char *of = json_string_value(json_object_get(item, "of"));
        const json_t *bound = json_object_get(item, "bound");
        int r;

        if (measure < 0 || !of || strlen(of) >= NAME_SIZE || !json_is_number(bound))
            return err_set(err, -EINVAL, "expect: element %zu is no bound", i);
        r = check_add(checks, (enum gate_measure)measure, of, json_number_value(bound), err);
        if (r < 0)
            return r;
    }
    return 0;
}
