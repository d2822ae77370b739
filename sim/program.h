/* What an exchange contains. A session decides its text, model, language and item once; each
 * exchange then adds tokens, outcome and time taken. */
#pragma once

#include "event/api_event.h"
#include "sim/law.h"

enum { EPOCHS_MAX = 16 };

/* Models that can be asked for from `from` on. */
struct model_epoch {
    msec_t from;
    uint32_t newest_top; /* top model released in the run and latest so far, or UINT32_MAX */
    double *cumulated;   /* over scenario.model, ends at 1 */
};

struct program_plan {
    const struct program_part *part;
    const struct scenario *scenario;
    const struct law_table *half_normal;
    double text[TEXT_PROGRAM_COUNT]; /* cumulated, ends at 1 */
    struct model_epoch epoch[EPOCHS_MAX];
    uint32_t epoch_count;
    double *cumulated; /* of all epochs */
    struct str *model_name;
    double cover_share;     /* a campaign under pressure raises it between windows (sim/world.h) */
    double between, within; /* of token laws: standard deviations' shares */
    enum text_program phase_text;
    msec_t phase_from; /* INT64_MAX: never */
    double phase_refused_share;
    uint64_t signature_pool; /* whose reasoning blocks foreign signatures come from */
};

/* What lasts for a session. */
struct session {
    msec_t at; /* of the next exchange */
    uint64_t seed;
    uint64_t item;
    uint32_t topic;
    uint32_t turn, turns;
    uint32_t context; /* tokens of what was said so far */
    uint32_t template_index, variant;
    uint8_t text, model, language;
    bool cover; /* not what the campaign is after */
};

/* Who asks: the parts of an account that its program needs. */
struct asker {
    uint64_t seed;                      /* of the seat */
    double input_shift, output_shift;   /* of the logarithm: the account's own medians */
    double input_within, output_within; /* of it too: how narrow its own laws are */
    double model;                       /* where its usual model lies in the weights, 0..1 */
    double temperature;                 /* NaN: not set */
    uint32_t max_tokens;                /* 0: not set */
    uint32_t tools;                     /* offered, in sessions that offer any */
    uint8_t language;                   /* the account's own */
    bool stream;
    bool limited;
};

/* `settings_seed`: whose choice of model, temperature and limits it is: the account's own, or that
 * of the group whose client program it runs. */
void program_asker_init(const struct program_plan *plan, uint64_t seat_seed, uint64_t settings_seed,
                        const char *country, struct asker *out);

/* 0, or -ENOMEM. */
int program_plan_init(struct program_plan *plan, const struct scenario *scenario,
                      const struct cohort *cohort, uint64_t cohort_seed,
                      const struct law_table *half_normal);
void program_plan_deinit(struct program_plan *plan);

/* Begins the session at `session->at` with its seed set, from 64 random bits. True: it takes an
 * item off the work list (the caller fills item and topic); false: cover, whose item is random and
 * set here. */
bool program_begin(const struct program_plan *plan, const struct asker *asker, uint64_t bits,
                   struct session *session);

/* Fills the numbers, outcome and model of the session's next exchange. Returns the time from this
 * request to the session's next one, in ms. */
msec_t program_exchange(const struct program_plan *plan, const struct asker *asker,
                        const struct size_law *think_s, double think_scale, struct rng *rng,
                        struct session *session, struct api_event *ev);

/* The id behind `signature` when the exchange sends a reasoning block back; 0: it does not. */
uint64_t program_signature(const struct program_plan *plan, const struct session *session,
                           struct rng *rng);

extern const char *const program_language[]; /* BCP 47, by number; 0 is English */
extern const uint32_t program_language_count;

/* Language most spoken where the country's traffic comes from; 0 when it is not listed. */
uint8_t program_language_of(const char *country);
