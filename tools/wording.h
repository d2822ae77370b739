/* How numbers and verdicts are put to people: the same words in reports, explanations and tables.
 */
#pragma once

#include "detector/detector.h"

#include <stdbool.h>

enum { WORDING_SIZE = 48 };

/* Each writes into `text` and returns it. */
const char *word_count(uint64_t n, char text[WORDING_SIZE]);          /* 13,000,000 */
const char *word_share(double share, char text[WORDING_SIZE]);        /* 12.3 %; - if NaN */
const char *word_probability(double p, char text[WORDING_SIZE]);      /* never a false 100 % */
const char *word_nats(double nats, char text[WORDING_SIZE]);          /* +3.20, −1.05 */
const char *word_time(msec_t t, char text[WORDING_SIZE]);             /* 2026-02-03 14:05 */
const char *word_span(msec_t span, char text[WORDING_SIZE]);          /* 3 d 4 h */
const char *word_value(double value, char text[WORDING_SIZE]);        /* 4 digits; - if NaN */
const char *word_signal(const char *signal, char text[WORDING_SIZE]); /* _ becomes a space */

/* Rounds `count` summands to `digits` decimals so that what is printed adds up to the printed sum:
 * each is the difference of two rounded running sums, so off by one last digit at most. */
void word_sum(const double *summand, uint32_t count, int digits, double *rounded, double *total);

/* What a level asks for, and what a verdict on a group means: one sentence each. */
const char *word_level(enum level level);
const char *word_verdict(const char *verdict);

/* What happened between two groups, as "split_from" and "merged"; the other's id follows. */
const char *word_past(const char *what);

/* What to do next, in order; NULL ends. */
const char *const *word_advice(const char *verdict, enum level level, bool is_group);
