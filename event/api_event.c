#include "api_event.h"

#include <stddef.h>

const struct field_info field_info[FIELD_COUNT] = {
#define FIELD_ROW(member, kind, records)                                                           \
    {#member, KIND_##kind, (records), (uint32_t)offsetof(struct api_event, member)},
    API_EVENT_FIELDS(FIELD_ROW)
#undef FIELD_ROW
};

const char *const record_type_name[RECORD_TYPE_COUNT] = {
    "exchange", "account", "release", "action", "label",
};

enum field field_find(struct str name)
{
    unsigned f = 0;

    while (f < FIELD_COUNT && !str_eq(name, str_of(field_info[f].name)))
        f++;
    return (enum field)f;
}

enum record_type record_type_find(struct str name)
{
    unsigned t = 0;

    while (t < RECORD_TYPE_COUNT && !str_eq(name, str_of(record_type_name[t])))
        t++;
    return (enum record_type)t;
}

static bool one_of(struct str s, const char *const *words)
{
    for (; *words; words++)
        if (str_eq(s, str_of(*words)))
            return true;
    return false;
}

/* The contract closes these two vocabularies; `network`, `plan` and `pathway` are open: values that
 * are not known are kept out of the enums and do no harm. */
static const char *check_action(const struct api_event *ev)
{
    static const char *const words[] = {"limit", "challenge", "suspend", "ban", "restore", NULL};

    if (!event_has(ev, FIELD_action))
        return "`action` is missing";
    return one_of(ev->action, words) ? NULL : "`action` is not one of the contract's";
}

static const char *check_label(const struct api_event *ev)
{
    static const char *const words[] = {"distilling", "abusive", "benign", NULL};

    if (!event_has(ev, FIELD_label))
        return "`label` is missing";
    return one_of(ev->label, words) ? NULL : "`label` is not one of the contract's";
}

const char *event_check(const struct api_event *ev)
{
    if (!event_has(ev, FIELD_ts))
        return "`ts` is missing";
    if (ev->ts < 0 || ev->ts > EVENT_TS_MAX)
        return "`ts` is not between the years 1970 and 9999";
    if (ev->type == RECORD_RELEASE) {
        if (!event_has(ev, FIELD_model) || ev->model.n == 0)
            return "`model` is missing";
        return NULL;
    }
    if (!event_has(ev, FIELD_account) || ev->account.n == 0)
        return "`account` is missing";
    if (ev->type == RECORD_ACTION)
        return check_action(ev);
    if (ev->type == RECORD_LABEL)
        return check_label(ev);
    return NULL;
}
