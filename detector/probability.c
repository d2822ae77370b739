/* Calibration never decides a level: thresholds stand on the score, whose order it keeps. */
#include "probability.h"

#include "detector/evidence.h"

double probability_log_odds(const struct probability_line *line, double base_rate, double score)
{
    double prior = log_odds(base_rate);

    return line->slope > 0.0 ? prior + line->slope * (score - prior) + line->shift : (double)NAN;
}

double probability_of(const struct probability_line *line, double base_rate, double score)
{
    return logistic(probability_log_odds(line, base_rate, score));
}
