#include "tools/explain_change.h"

#include "detector/evidence.h"

#include <string.h>

static double review_score(const json_t *summary)
{
    const json_t *score =
        json_object_get(json_object_get(summary, "configuration"), "review_score");
    struct detector_config config;

    detector_config_default(&config);
    return json_is_number(score) ? json_number_value(score) : config.review_score;
}

void explain_change_of(const struct report_subject *s, const json_t *summary,
                       struct explain_change *out)
{
    double left = s->log_odds;

    memset(out, 0, sizeof *out);
    out->threshold = log_odds(review_score(summary));
    out->above = s->log_odds - out->threshold;
    out->without_together = s->log_odds;
    if (out->above < 0)
        return;
    for (uint32_t i = 0; i < s->evidence_count; i++) {
        const struct run_evidence *e = &s->evidence[i];

        if (report_is_prior(e) || e->weight <= 0)
            continue;
        if (e->weight > out->above)
            out->single[out->single_count++] = i;
        if (left >= out->threshold) {
            out->strongest = out->together ? out->strongest : i;
            left -= e->weight;
            out->together++;
        }
    }
    out->without_together = left;
}
