/* The scenario language as tables: one row per key is its only definition. The parser, the schema
 * and the range checks walk them. */
#pragma once

#include "sim/scenario.h"

enum key_kind {
    KEY_COUNT,             /* uint32_t */
    KEY_BIG,               /* uint64_t */
    KEY_NUMBER,            /* double */
    KEY_FLAG,              /* bool */
    KEY_SPAN,              /* msec_t, written in units of `unit_ms` */
    KEY_DAY,               /* msec_t, written in days from the start of the scenario */
    KEY_TIME,              /* msec_t, RFC 3339 */
    KEY_LAW,               /* struct size_law: a number, or an object of median, sigma, min, max */
    KEY_HOURS,             /* double[HOURS_PER_DAY]: the name of a day profile, or 24 weights */
    KEY_CHOICE,            /* enum: one of `word` */
    KEY_WEIGHTS,           /* double[word_count]: object of word -> weight; unnamed words get 0 */
    KEY_NETWORKS,          /* double *: object of network name -> weight */
    KEY_MODELS,            /* double *: object of model name -> weight */
    KEY_COHORT,            /* uint32_t: name of a population or campaign */
    KEY_NAME,              /* char[NAME_SIZE] */
    KEY_TEXT,              /* char *, owned */
    KEY_TEXTS,             /* char **, owned, with its uint32_t count */
    KEY_COUNTRIES,         /* char[COUNTRY_MAX][COUNTRY_CODE_SIZE], with its uint32_t count */
    KEY_COUNTRY_WEIGHTS,   /* struct network_spec: object of country -> weight */
    KEY_CAMPAIGN_BOUNDS,   /* struct expect_bound[EXPECT_MAX] with its uint32_t count: object of
                            * campaign name -> share */
    KEY_POPULATION_BOUNDS, /* the same of population names and `word` */
    KEY_KIND,    /* chose the defaults before the other keys were read; nothing is stored */
    KEY_PART,    /* an object of its own section, embedded at `offset` */
    KEY_LIST,    /* array of objects, appended to the array at `offset` */
    KEY_IGNORED, /* "$schema" */
};

enum { SCENARIO_LIST_MAX = 4096 }; /* elements of one array of objects */

struct section;

struct key {
    const char *name;
    enum key_kind kind;
    bool required;
    const char *unit;        /* NULL: none */
    double min, max;         /* numbers, weights excepted; of a law: its median */
    double initial;          /* numbers of list elements and of the top level; 0 needs no row */
    msec_t unit_ms;          /* KEY_SPAN */
    const char *const *word; /* KEY_CHOICE, KEY_WEIGHTS, KEY_KIND; NULL or "" inside: not a word */
    const char *const *word_help; /* may be NULL */
    uint32_t word_count;
    const struct section *section; /* KEY_PART, KEY_LIST */
    size_t element_size;           /* KEY_LIST */
    size_t offset, count_offset;
    const char *help;
};

/* What a new element starts from, before its keys are read. */
enum section_defaults { DEFAULTS_INITIAL, DEFAULTS_POPULATION, DEFAULTS_CAMPAIGN };

struct section {
    const char *name; /* for messages and the schema's $defs */
    const char *help;
    enum section_defaults defaults;
    const struct key *key;
    uint32_t key_count;
};

extern const struct section scenario_section; /* the whole file */
