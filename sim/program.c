#include "program.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum {
    SALT_INPUT = 0x301,
    SALT_OUTPUT,
    SALT_TOOLS,
    SALT_STREAM,
    SALT_BLOCK,
    SALT_MODEL,
    SALT_TEMPERATURE,
    SALT_LIMIT,
    SALT_INPUT_WITHIN,
    SALT_OUTPUT_WITHIN,
};

/* English first: its number is 0 in text requests too. */
const char *const program_language[] = {
    "en", "zh", "es", "de", "fr", "ja", "pt", "ru", "ko", "hi", "vi", "id", "it", "tr", "pl", "ar",
};
const uint32_t program_language_count = sizeof program_language / sizeof program_language[0];

uint8_t program_language_of(const char *country)
{
    static const struct {
        char country[3];
        uint8_t language;
    } spoken[] = {
        {"CN", 1},  {"TW", 1},  {"HK", 1},  {"ES", 2},  {"MX", 2},  {"AR", 2},  {"CO", 2},
        {"DE", 3},  {"AT", 3},  {"CH", 3},  {"FR", 4},  {"BE", 4},  {"JP", 5},  {"BR", 6},
        {"PT", 6},  {"RU", 7},  {"UA", 7},  {"KR", 8},  {"IN", 9},  {"VN", 10}, {"ID", 11},
        {"IT", 12}, {"TR", 13}, {"PL", 14}, {"EG", 15}, {"SA", 15}, {"AE", 15},
    };

    for (size_t i = 0; i < sizeof spoken / sizeof spoken[0]; i++)
        if (memcmp(spoken[i].country, country, 2) == 0)
            return spoken[i].language;
    return 0;
}

/* ---- the compiled program ---- */

/* The models there are from `from` on, as the cohort weighs them; a later one gets its own weight
 * at its release too, besides those that pivot to it. */
static int epoch_fill(struct program_plan *plan, struct model_epoch *epoch, msec_t from)
{
    const struct scenario *s = plan->scenario;
    double *weight = calloc(s->model_count + 1, sizeof *weight);
    msec_t newest = s->start;

    if (!weight)
        return -ENOMEM;
    epoch->from = from;
    epoch->newest_top = UINT32_MAX;
    for (uint32_t m = 0; m < s->model_count; m++) {
        const struct model *model = &s->model[m];

        if (model->released > from)
            continue;
        weight[m] = plan->part->model ? plan->part->model[m] : model->share;
        if (model->tier == TIER_TOP && model->released > newest) {
            newest = model->released;
            epoch->newest_top = m;
        }
    }
    law_cumulate(epoch->cumulated, weight, s->model_count);
    free(weight);
    return 0;
}

static int msec_order(const void *a, const void *b)
{
    msec_t x = *(const msec_t *)a, y = *(const msec_t *)b;

    return (x > y) - (x < y);
}

/* An epoch begins at the start and at each release during the run; releases beyond EPOCHS_MAX - 1
 * are not noticed. */
static int epochs_make(struct program_plan *plan)
{
    const struct scenario *s = plan->scenario;
    msec_t from[EPOCHS_MAX] = {s->start};
    uint32_t count = 1;

    for (uint32_t m = 0; m < s->model_count && count < EPOCHS_MAX; m++)
        if (s->model[m].released > s->start && s->model[m].released < s->end)
            from[count++] = s->model[m].released;
    qsort(from, count, sizeof *from, msec_order);
    plan->cumulated = calloc((size_t)count * (s->model_count + 1), sizeof *plan->cumulated);
    plan->model_name = calloc(s->model_count, sizeof *plan->model_name);
    if (!plan->cumulated || !plan->model_name)
        return -ENOMEM;
    for (uint32_t m = 0; m < s->model_count; m++)
        plan->model_name[m] = str_of(s->model[m].name);
    plan->epoch_count = count;
    for (uint32_t i = 0; i < count; i++) {
        plan->epoch[i].cumulated = plan->cumulated + (size_t)i * (s->model_count + 1);
        if (epoch_fill(plan, &plan->epoch[i], from[i]) < 0)
            return -ENOMEM;
    }
    return 0;
}

int program_plan_init(struct program_plan *plan, const struct scenario *scenario,
                      const struct cohort *cohort, uint64_t cohort_seed,
                      const struct law_table *half_normal)
{
    const struct reaction_part *reaction = &cohort->reaction;

    plan->part = &cohort->program;
    plan->scenario = scenario;
    plan->half_normal = half_normal;
    law_cumulate(plan->text, plan->part->text, TEXT_PROGRAM_COUNT);
    plan->cover_share = plan->part->cover_share;
    plan->between = sqrt(plan->part->token_between);
    plan->within = sqrt(1.0 - plan->part->token_between);
    plan->phase_from = reaction->phase_day > 0.0
                           ? scenario->start + (msec_t)(reaction->phase_day * MSEC_DAY)
                           : INT64_MAX;
    plan->phase_text = reaction->phase_text;
    plan->phase_refused_share = reaction->phase_refused_share;
    plan->signature_pool = mix64(cohort_seed ^ SALT_BLOCK);
    return scenario->model_count ? epochs_make(plan) : 0;
}

void program_plan_deinit(struct program_plan *plan)
{
    free(plan->cumulated);
    free(plan->model_name);
}

static uint64_t salted(uint64_t seed, uint64_t salt)
{
    return mix64(seed ^ mix64(salt));
}

/* Set once in the code that calls, and then the same in every request. */
static double temperature_of(const struct program_part *part, uint64_t bits)
{
    double cumulated[TEMPERATURE_COUNT];

    if (law_unit(bits) >= part->temperature_known)
        return NAN;
    law_cumulate(cumulated, part->temperature, TEMPERATURE_COUNT);
    return temperature_value[law_pick(cumulated, law_unit(mix64(bits)))];
}

/* People take a power of two near what they need. */
static uint32_t limit_of(const struct program_part *part, uint64_t bits)
{
    static const double factor[] = {0.25, 0.5, 0.5, 1, 1, 1, 2, 2};
    double limit = part->max_tokens * factor[bits % (sizeof factor / sizeof factor[0])];

    return part->max_tokens ? (uint32_t)(limit < 1.0 ? 1.0 : limit) : 0;
}

/* Real clients' own log-sds differ as much as their medians do. */
static double within_of(const struct program_plan *plan, uint64_t bits)
{
    static const double WITHIN_MAX = 1.5; /* of the whole law's standard deviation */
    double within = plan->within;

    if (plan->part->token_spread > 0.0)
        within *= law_exp(plan->part->token_spread * law_normal(plan->half_normal, bits));
    return within < WITHIN_MAX ? within : WITHIN_MAX;
}

void program_asker_init(const struct program_plan *plan, uint64_t seat_seed, uint64_t settings_seed,
                        const char *country, struct asker *out)
{
    const struct program_part *part = plan->part;
    double input = law_normal(plan->half_normal, mix64(seat_seed ^ SALT_INPUT));
    double output = law_normal(plan->half_normal, mix64(seat_seed ^ SALT_OUTPUT));

    out->seed = seat_seed;
    out->language = program_language_of(country);
    out->limited = false;
    out->input_shift = part->input_tokens.sigma * plan->between * input;
    out->output_shift = part->output_tokens.sigma * plan->between * output;
    out->input_within = within_of(plan, salted(seat_seed, SALT_INPUT_WITHIN));
    out->output_within = within_of(plan, salted(seat_seed, SALT_OUTPUT_WITHIN));
    out->model = law_unit(salted(settings_seed, SALT_MODEL));
    out->temperature = temperature_of(part, salted(settings_seed, SALT_TEMPERATURE));
    out->max_tokens = limit_of(part, salted(settings_seed, SALT_LIMIT));
    out->tools =
        part->tools_max ? 1 + (uint32_t)(salted(settings_seed, SALT_TOOLS) % part->tools_max) : 0;
    out->stream = law_unit(salted(settings_seed, SALT_STREAM)) < part->stream_share;
}

/* ---- a session ---- */

/* Four coins from one draw: each call takes 16 bits. */
static double coin(uint64_t *bits)
{
    double u = (double)(*bits & 0xffff) * 0x1.0p-16;

    *bits >>= 16;
    return u;
}

/* An account mostly stays with the model that its code names; assumed. */
static const double USUAL_MODEL_SHARE = 0.85;

/* Once a newer top model is out, callers move to it over pivot_ms, pivot_share of them at last. */
static uint8_t model_choose(const struct program_plan *plan, msec_t now, double u, double move)
{
    const struct model_epoch *epoch = plan->epoch;

    if (plan->epoch_count == 0)
        return 0;
    while (epoch + 1 < plan->epoch + plan->epoch_count && epoch[1].from <= now)
        epoch++;
    if (epoch->newest_top != UINT32_MAX && plan->part->pivot_share > 0.0) {
        msec_t since = now - plan->scenario->model[epoch->newest_top].released;
        msec_t span = plan->part->pivot_ms > 0 ? plan->part->pivot_ms : 1;
        double done = since < span ? (double)since / (double)span : 1.0;

        if (move < done * plan->part->pivot_share)
            return (uint8_t)epoch->newest_top;
    }
    return (uint8_t)law_pick(epoch->cumulated, u);
}

bool program_begin(const struct program_plan *plan, const struct asker *asker, uint64_t bits,
                   struct session *s)
{
    const struct program_part *part = plan->part;
    uint64_t more = mix64(bits);
    bool cover = coin(&bits) < plan->cover_share, usual;

    s->cover = cover;
    s->turn = 0;
    s->context = 0;
    usual = coin(&bits) < USUAL_MODEL_SHARE;
    s->model = model_choose(plan, s->at, usual ? asker->model : coin(&bits), coin(&bits));
    s->template_index =
        part->template_count > 1 ? (uint32_t)(more & 0xffffff) % part->template_count : 0;
    s->variant = part->variants > 1 ? (uint32_t)(more >> 24 & 0xffffff) % part->variants : 0;
    s->language = asker->language;
    if (part->language_count > 1)
        s->language = (uint8_t)((more >> 48) % (part->language_count < program_language_count
                                                    ? part->language_count
                                                    : program_language_count));
    if (cover) {
        s->text = (uint8_t)part->cover;
        s->item = mix64(s->seed);
        s->topic = 0;
    } else {
        s->text = s->at >= plan->phase_from ? (uint8_t)plan->phase_text
                                            : (uint8_t)law_pick(plan->text, law_unit(mix64(more)));
    }
    return !cover;
}

/* ---- an exchange ---- */

/* Server time of a Claude Code request is log-normal, 6.0 s at the median for 217 output tokens
 * (mu 1.94, sigma 0.70, of which output length explains most): 1.5 s and 20 ms a token for the top
 * tier, less below; the rest of the spread is noise. */
static const double FIRST_TOKEN_MS[TIER_COUNT] = {400.0, 800.0, 1500.0};
static const double TOKEN_MS[TIER_COUNT] = {6.0, 11.0, 20.0};
static const struct size_law LATENCY_NOISE = {0.0, 0.35, 0.2, 5.0};

/* A follow-up adds what was answered and a shorter message: 0.61 of the first at the median (people
 * in ShareGPT), at most 434 tokens (what a tool loop adds to the answers of Claude Code). */
static const double FOLLOW_UP = 0.61, FOLLOW_UP_MAX = 434.0;

/* A refusal is one short paragraph; the client's own errors take a moment. */
static const struct size_law REFUSAL_TOKENS = {3.9, 0.4, 15.0, 160.0};
static const double ERROR_MS = 120.0;

static void put_tokens(const struct program_plan *plan, const struct asker *asker, struct rng *rng,
                       struct session *s, struct api_event *ev)
{
    const struct program_part *part = plan->part;
    double input = law_size(plan->half_normal, &part->input_tokens, asker->input_shift,
                            asker->input_within, rng_next(rng));

    if (s->turn > 0) {
        double more = FOLLOW_UP * input;

        input = s->context + (more < FOLLOW_UP_MAX ? more : FOLLOW_UP_MAX);
    }
    EVENT_PUT(ev, input_tokens, (int64_t)law_count(input));
    EVENT_PUT(ev, cached_tokens,
              s->turn > 0 ? (int64_t)(part->cached_share * (double)s->context) : 0);
    if (asker->max_tokens)
        EVENT_PUT(ev, max_tokens, (int64_t)asker->max_tokens);
}

static double output_size(const struct program_plan *plan, const struct asker *asker,
                          struct rng *rng, bool refused)
{
    const struct program_part *part = plan->part;
    double tokens;

    if (refused)
        return law_draw(plan->half_normal, &REFUSAL_TOKENS, rng);
    tokens = law_size(plan->half_normal, &part->output_tokens, asker->output_shift,
                      asker->output_within, rng_next(rng));
    return asker->max_tokens && tokens > asker->max_tokens ? asker->max_tokens : tokens;
}

/* Overload answers 529, a limit 429; a limited account has half of its requests turned away. */
static int64_t failure_status(const struct program_plan *plan, const struct asker *asker,
                              uint64_t *bits)
{
    double u = coin(bits);

    if (asker->limited && u < 0.5)
        return 429;
    if (u >= plan->part->error_share)
        return 0;
    return u < 0.6 * plan->part->error_share ? 529 : u < 0.9 * plan->part->error_share ? 429 : 500;
}

static void put_extras(const struct program_plan *plan, const struct asker *asker, uint64_t bits,
                       const struct session *s, struct api_event *ev)
{
    const struct program_part *part = plan->part;
    double with_tools = law_unit(salted(s->seed, SALT_TOOLS)), with_images = coin(&bits);

    EVENT_PUT(ev, tools, with_tools < part->tools_share ? (int64_t)asker->tools : 0);
    EVENT_PUT(ev, images,
              with_images < part->images_share
                  ? 1 + (int64_t)(with_images / part->images_share * part->images_max)
                  : 0);
    if (!isnan(asker->temperature))
        EVENT_PUT(ev, temperature, asker->temperature);
    EVENT_PUT(ev, stream, asker->stream);
    EVENT_PUT(ev, turn, (int64_t)s->turn);
}

msec_t program_exchange(const struct program_plan *plan, const struct asker *asker,
                        const struct size_law *think_s, double think_scale, struct rng *rng,
                        struct session *s, struct api_event *ev)
{
    const struct program_part *part = plan->part;
    uint64_t bits = rng_next(rng);
    int64_t failure = failure_status(plan, asker, &bits);
    double refused_share =
        s->at >= plan->phase_from ? plan->phase_refused_share : part->refused_share;
    bool refused = !failure && coin(&bits) < refused_share;
    enum tier tier = plan->scenario->model_count ? plan->scenario->model[s->model].tier : TIER_TOP;
    double output = 0.0, latency = ERROR_MS;

    if (plan->scenario->model_count)
        EVENT_PUT(ev, model, plan->model_name[s->model]);
    put_tokens(plan, asker, rng, s, ev);
    EVENT_PUT(ev, echo, coin(&bits) < part->echo_share);
    EVENT_PUT(ev, status, failure ? failure : 200);
    EVENT_PUT(ev, refused, refused);
    if (!failure) {
        output = law_count(output_size(plan, asker, rng, refused));
        latency = FIRST_TOKEN_MS[tier] + TOKEN_MS[tier] * output;
    }
    latency *= law_draw(plan->half_normal, &LATENCY_NOISE, rng);
    EVENT_PUT(ev, output_tokens, (int64_t)output);
    EVENT_PUT(ev, latency_ms, (int64_t)latency);
    EVENT_PUT(ev, language, ((struct str){program_language[s->language], 2}));
    put_extras(plan, asker, mix64(bits ^ s->seed), s, ev);
    s->context = (uint32_t)((double)ev->input_tokens + output);
    s->turn++;
    if (s->turn >= s->turns)
        return 0;
    return (msec_t)(latency + 1.0 +
                    think_scale * MSEC_SECOND * law_draw(plan->half_normal, think_s, rng));
}

/* Foreign blocks come from a stock of the day: nothing is published on how often one is reused. */
enum { STOCK_PER_DAY = 256 };

uint64_t program_signature(const struct program_plan *plan, const struct session *s,
                           struct rng *rng)
{
    const struct program_part *part = plan->part;
    uint64_t bits;

    if (part->signature_share <= 0.0)
        return 0;
    bits = rng_next(rng);
    if (coin(&bits) < part->signature_foreign_share * part->signature_share)
        return mix64(plan->signature_pool ^ mix64((uint64_t)(s->at / MSEC_DAY)) ^
                     (bits & (STOCK_PER_DAY - 1)));
    if (s->turn == 0 || coin(&bits) >= part->signature_share)
        return 0;
    return mix64(s->seed ^ mix64(SALT_BLOCK + s->turn));
}
