#include "metrics_write.h"

enum { DIGITS = 6 };

void proportion_write(struct json_write *w, const char *name, const struct proportion *p)
{
    json_write_open(w, name, '{');
    json_write_u64(w, "hit", p->hit);
    json_write_u64(w, "of", p->of);
    json_write_f64(w, "value", p->value, DIGITS);
    json_write_f64(w, "low", p->low, DIGITS);
    json_write_f64(w, "high", p->high, DIGITS);
    json_write_close(w, '}');
}

void calibration_write(struct json_write *w, const char *name, const char *noun,
                       const struct calibration *c)
{
    json_write_open(w, name, '{');
    json_write_u64(w, noun, c->count);
    json_write_f64(w, "ece", c->ece, DIGITS);
    json_write_f64(w, "brier", c->brier, DIGITS);
    json_write_open(w, "bins", '[');
    for (unsigned b = 0; b < CALIBRATION_BINS; b++) {
        json_write_open(w, NULL, '{');
        json_write_u64(w, noun, c->bin[b].count);
        json_write_u64(w, "distilling", c->bin[b].positives);
        json_write_f64(w, "score", c->bin[b].score, DIGITS);
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
    json_write_close(w, '}');
}
