/* The detector's configuration: one table row per option is its only definition. Parsing, defaults,
 * `--print-config`, the configuration digest and the documentation walk it. */
#pragma once

#include "base/errmsg.h"
#include "base/msec.h"

#include <stdint.h>

/* X(type, name, default, min, max, unit, help); types: u32, u64, f64, msec */
#define DETECTOR_OPTIONS(X)                                                                        \
    X(u32, accounts_max, 1000000, 16, 50000000, "accounts", "accounts kept")                       \
    X(u32, hubs_max, 1000000, 16, 50000000, "values", "shared values kept")                        \
    X(u32, door_max, 4000000, 16, 100000000, "values",                                             \
      "values remembered that one account showed")                                                 \
    X(u32, prompts_max, 4000000, 16, 100000000, "prompts", "recent prompts remembered, as hashes") \
    X(u32, phrases_max, 4000000, 16, 100000000, "phrases", "windows of prompts remembered")        \
    X(u32, groups_max, 16384, 16, 1000000, "groups", "groups kept")                                \
    X(u32, names_bytes, 67108864, 4096, 4000000000, "bytes", "room for ids and values in reports") \
    X(msec, tick_ms, 300000, 1000, 86400000, "ms", "event time between group evaluations")         \
    X(msec, regroup_ms, 21600000, 1000, 864000000, "ms", "event time between checks of all links") \
    X(u32, partners, 6, 1, 16, "accounts", "of a shared value that a newcomer is compared with")   \
    X(f64, trusted_days, 60, 0, 10000, "days",                                                     \
      "age at the stream's start that makes an account trusted")                                   \
    X(f64, base_rate, 0.001, 1e-9, 0.5, "probability", "share of accounts that distil, a priori")  \
    X(f64, watch_score, 0.2, 0, 1, "probability", "level watch from here")                         \
    X(f64, review_score, 0.5, 0, 1, "probability", "level review from here")                       \
    X(f64, act_score, 0.95, 0, 1, "probability", "level act from here")                            \
    X(u32, families, 0xffff, 0, 0xffff, "bits",                                                    \
      "signal families used, bit by bit in the order of detector.h: for ablation")                 \
    X(u64, hash_key, 0, 0, UINT64_MAX, "", "secret key of the tables")

struct detector_config {
#define CONFIG_u32                                             uint32_t
#define CONFIG_u64                                             uint64_t
#define CONFIG_f64                                             double
#define CONFIG_msec                                            msec_t
#define CONFIG_MEMBER(type, name, value, min, max, unit, help) CONFIG_##type name;
    DETECTOR_OPTIONS(CONFIG_MEMBER)
#undef CONFIG_MEMBER
};

struct config_option {
    const char *name, *type, *unit, *help;
    double value, min, max; /* default and range */
    uint32_t offset;
};

extern const struct config_option config_option[];
extern const uint32_t config_option_count;

/* Whether `to` holds together and may follow `from` while there is state: the sizes of tables and
 * the hash key cannot change. 0; -EINVAL with the option in err. */
int detector_config_change(const struct detector_config *from, const struct detector_config *to,
                           struct err *err);

void detector_config_default(struct detector_config *config);

/* Sets one option by name from text. 0; -EINVAL with name, range and "did you mean" in err. */
int detector_config_set(struct detector_config *config, const char *name, const char *value,
                        struct err *err);

/* Value of an option as text, for print-config and digests; `size` >= 32. */
const char *detector_config_get(const struct detector_config *config, uint32_t option, char *text,
                                uint32_t size);

/* Hash of all values: the configuration digest of summary.json. */
uint64_t detector_config_digest(const struct detector_config *config);
