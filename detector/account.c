#include "account.h"

#include "base/rng.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
    PARAMETERS_HABIT = 8, /* the same tuple this many times more often than others */
    PARAMETERS_SALT = 0x7061,
};

void account_init(struct account *a, uint64_t id, msec_t ts)
{
    memset(a, 0, sizeof *a);
    a->id = id;
    a->first_ts = a->last_ts = ts;
    a->alert_ts = INT64_MIN;
    a->cluster = a->next = ACCOUNT_NONE;
}

/* ln(1 + x) for token counts, from a table of mantissas: 1e-3 is more than enough here. */
static float log1p_tokens(int32_t x)
{
    static const float step[16] = {
        0.0000f, 0.0606f, 0.1178f, 0.1719f, 0.2231f, 0.2719f, 0.3185f, 0.3629f,
        0.4055f, 0.4463f, 0.4855f, 0.5232f, 0.5596f, 0.5947f, 0.6286f, 0.6614f,
    };
    uint32_t v = (uint32_t)x + 1;
    unsigned exponent = 31u - (unsigned)__builtin_clz(v);
    uint32_t mantissa = exponent >= 8 ? v >> (exponent - 8) : v << (8 - exponent);
    uint32_t high = mantissa >> 4 & 15;
    float low = (float)(mantissa & 15) / 16.0f;
    float next = high == 15 ? 0.6931f : step[high + 1];

    return 0.693147f * (float)exponent + step[high] + low * (next - step[high]);
}

static void log_sum_add(struct log_sum *s, int32_t x)
{
    s->count++;
    s->sum += log1p_tokens(x);
    if (s->count == 1u << 20) { /* floats stay exact enough, and old habits fade */
        s->count /= 2;
        s->sum /= 2;
    }
}

static void log_spread_add(struct log_spread *s, int32_t x)
{
    float value = log1p_tokens(x);

    s->count++;
    s->sum += value;
    s->square += value * value;
    if (s->count == 1u << 20) { /* as above */
        s->count /= 2;
        s->sum /= 2;
        s->square /= 2;
    }
}

double log_spread_mean(const struct log_spread *s)
{
    return s->count ? (double)s->sum / s->count : 0.0;
}

double log_spread_sd(const struct log_spread *s)
{
    double mean = log_spread_mean(s);

    if (s->count < 2)
        return 0.0;
    return sqrt(fmax((double)s->square - mean * (double)s->sum, 0.0) / (s->count - 1));
}

double log_sum_mean(const struct log_sum *s)
{
    return s->count ? (double)s->sum / s->count : 0.0;
}

void account_exchange(struct account *a, const struct digest *d)
{
    const struct digest_numbers *n = &d->n;

    a->exchanges++;
    if (n->turn > 0 && n->tools <= 0) {
        a->waits++;
        a->unattended += d->ts - a->last_ts < (msec_t)a->last_latency_ms + READING_MS;
    }
    a->last_latency_ms = n->latency_ms > 0 ? (uint32_t)n->latency_ms : 0;
    if (n->turn >= 0) {
        a->turns_known++;
        a->follow_ups += n->turn > 0;
    }
    if (n->input_tokens >= 0)
        log_sum_add(&a->input, n->input_tokens);
    if (n->output_tokens >= 0)
        log_sum_add(&a->output, n->output_tokens);
    if (n->max_tokens > 0)
        a->limits += log1p_tokens(n->max_tokens);
    a->echoes += d->echo == 1;
    a->refusals += d->refused == 1;
    if (d->sketch.prompt) {
        a->texts++;
        log_spread_add(&a->words, d->sketch.words);
        a->short_prompts += d->sketch.words < SHORT_PROMPT_WORDS;
        a->openers += account_opener(d);
    }
    if (d->org)
        a->org = d->org;
    a->last_ts = d->ts;
}

/* With SSE2, which has no comparison of 64 bits, two halves that are both the same. */
bool account_holds(const struct account *a, uint64_t value)
{
#ifdef __SSE2__
    const __m128i *list = (const __m128i *)(const void *)a->value;
    const __m128i wanted = _mm_set1_epi64x((long long)value);
    __m128i same = _mm_setzero_si128();

    for (unsigned i = 0; i < ACCOUNT_VALUES / 2; i++) {
        __m128i half = _mm_cmpeq_epi32(_mm_loadu_si128(list + i), wanted);

        same = _mm_or_si128(same, _mm_and_si128(half, _mm_shuffle_epi32(half, 0xb1)));
    }
    return _mm_movemask_epi8(same) != 0;
#else
    for (unsigned i = 0; i < ACCOUNT_VALUES; i++)
        if (a->value[i] == value)
            return true;
    return false;
#endif
}
_Static_assert(ACCOUNT_VALUES % 2 == 0, "account_holds() compares two at a time");

bool account_value_new(const struct account *a, unsigned kind, uint64_t hash)
{
    return a->last[kind] != (uint32_t)(hash >> 32) && !account_holds(a, value_pack(kind, hash));
}

/* Kinds of which an account shows many values keep to a part of the list, so that a rotating exit
 * does not push out the payment instrument. */
static bool transient(unsigned kind)
{
    return kind == ATTRIBUTE_ip || kind == ATTRIBUTE_net || kind == ATTRIBUTE_system ||
           kind == ATTRIBUTE_user_agent || kind == ATTRIBUTE_key;
}

/* Slots from the first on are reused in turn, from the second on they hold reasoning blocks. */
enum { TRANSIENT_FROM = 9, BLOCKS_FROM = ACCOUNT_VALUES - ACCOUNT_BLOCKS };

/* Whether the value is not the one that was seen last. */
static bool turns(struct account *a, unsigned kind, uint64_t hash)
{
    uint32_t high = (uint32_t)(hash >> 32);
    bool other = a->last[kind] != high;

    a->last[kind] = high;
    return other;
}

bool account_value(struct account *a, unsigned kind, uint64_t hash)
{
    uint64_t value = value_pack(kind, hash);

    assert(kind != ATTRIBUTE_signature);
    if (kind < ATTRIBUTE_COUNT && !turns(a, kind, hash))
        return false;
    if (account_holds(a, value))
        return false;
    for (unsigned i = 0; !transient(kind) && i < TRANSIENT_FROM; i++) {
        if (a->value[i] == 0) {
            a->value[i] = value;
            return true;
        }
    }
    a->value[TRANSIENT_FROM + a->value_next] = value;
    a->value_next = (uint8_t)((a->value_next + 1) % (BLOCKS_FROM - TRANSIENT_FROM));
    return true;
}

bool account_block_turns(struct account *a, uint64_t hash)
{
    return turns(a, ATTRIBUTE_signature, hash);
}

void account_hold_block(struct account *a, uint64_t value)
{
    a->value[BLOCKS_FROM + (value >> 32) % ACCOUNT_BLOCKS] = value;
}

bool account_trusted(const struct account *a, msec_t trusted_before)
{
    return (a->created != 0 && a->created < trusted_before) || a->cleared;
}

/* The habit is found by majority vote (Boyer and Moore), which needs one candidate and one count.
 */
bool account_parameters(struct account *a, const struct digest *d, uint64_t *out)
{
    uint64_t tuple, h;

    if (isnan(d->n.temperature) && d->n.max_tokens < 0)
        return false;
    tuple = (uint64_t)(isnan(d->n.temperature) ? 0xffff : (uint32_t)(d->n.temperature * 1000.0f));
    tuple = tuple << 32 | (uint32_t)d->n.max_tokens;
    h = mix64(tuple ^ mix64(PARAMETERS_SALT + (uint64_t)(d->stream * 2 + (d->n.tools > 0))));
    if (a->parameters_count == 0)
        a->parameters = (uint32_t)(h >> 32);
    if (a->parameters == (uint32_t)(h >> 32))
        a->parameters_count += a->parameters_count < UINT32_MAX;
    else
        a->parameters_count--;
    if (a->parameters_told || a->parameters_count < PARAMETERS_HABIT)
        return false;
    a->parameters_told = 1;
    *out = h;
    return true;
}
