#include "tools/explain_facts.h"

#include <string.h>

bool explain_rarity_of(const struct run *run, const struct run_evidence *e,
                       struct explain_rarity *out)
{
    const json_t *counts = json_object_get(json_object_get(run->summary, "sharing"), e->signal);
    size_t step = 0;
    uint64_t all;

    /* Accounts hold many phrases, and would count once for each. */
    if (!json_is_array(counts) || strcmp(e->signal, "template") == 0 ||
        !(e->observed >= SHARING_FIRST))
        return false;
    while (step + 1 < SHARING_STEPS && (double)(SHARING_FIRST << (step + 1)) <= e->observed)
        step++;
    all = (uint64_t)json_integer_value(json_array_get(counts, step)); /* beyond the last one: 0 */
    out->sharing = (uint64_t)SHARING_FIRST << step;
    out->others = all > (uint64_t)e->observed ? all - (uint64_t)e->observed : 0;
    out->of = run->account_count;
    return out->others <= out->of;
}

bool explain_without_data(const json_t *summary, enum signal_family family)
{
    return report_needs_data(family) && report_coverage(summary, family) <= 0;
}

bool explain_silent(const json_t *summary, const struct report_subject *s,
                    enum signal_family family)
{
    if (!report_needs_data(family) || !(report_coverage(summary, family) > 0))
        return false;
    for (uint32_t i = 0; i < s->evidence_count; i++)
        if (strcmp(s->evidence[i].family, family_name[family]) == 0 ||
            strcmp(s->evidence[i].family, family_name[FAMILY_membership]) == 0)
            return false;
    for (uint32_t i = 0; !s->account && s->group && i < s->group->lack_count; i++)
        if (strcmp(s->group->lack[i].family, family_name[family]) == 0)
            return false;
    return true;
}
