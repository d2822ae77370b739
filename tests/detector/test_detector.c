/* The detector as a whole, fed with small hand-made worlds. */
#include "base/rng.h"
#include "detector/detector.h"
#include "detector/recall.h"
#include "tests/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 256, HONEST = 800, RING = 30 };

static const msec_t START = 1769904000000; /* 2026-02-01 */

struct bench {
    struct detector *detector;
    struct digest_batch *batch;
};

static void flush(struct bench *b)
{
    detector_feed(b->detector, b->batch, NULL, b->batch->count);
    digest_batch_clear(b->batch);
}

static void feed(struct bench *b, const struct api_event *ev)
{
    if (b->batch->count == b->batch->capacity)
        flush(b);
    assert_int_equal(digest_batch_add(b->batch, ev, 1), 0);
}

static struct detector_config bench_config(void)
{
    struct detector_config config;

    detector_config_default(&config);
    config.accounts_max = 4096;
    config.hubs_max = 65536;
    config.names_bytes = 1 << 20;
    config.groups_max = 256;
    return config;
}

static void bench_start(struct bench *b, const struct detector_config *config)
{
    struct err err;

    assert_int_equal(detector_new(config, &b->detector, &err), 0);
    assert_int_equal(digest_batch_new(BATCH, &b->batch), 0);
}

static void bench_open(struct bench *b, const char *option, const char *value)
{
    struct detector_config config = bench_config();
    struct err err;

    if (option)
        assert_int_equal(detector_config_set(&config, option, value, &err), 0);
    bench_start(b, &config);
}

static void bench_close(struct bench *b)
{
    detector_free(b->detector);
    digest_batch_free(b->batch);
}

static void feed_account(struct bench *b, msec_t ts, const char *account, const char *payment,
                         msec_t created, const char *org)
{
    struct api_event ev = {.type = RECORD_ACCOUNT};

    EVENT_PUT(&ev, ts, ts);
    EVENT_PUT(&ev, account, str_of(account));
    EVENT_PUT(&ev, payment, str_of(payment));
    EVENT_PUT(&ev, created, created);
    if (org)
        EVENT_PUT(&ev, org, str_of(org));
    feed(b, &ev);
}

static void feed_prompt(struct bench *b, msec_t ts, const char *account, const char *prompt,
                        int64_t turn, int64_t output)
{
    struct api_event ev = {.type = RECORD_EXCHANGE};

    EVENT_PUT(&ev, ts, ts);
    EVENT_PUT(&ev, account, str_of(account));
    EVENT_PUT(&ev, turn, turn);
    EVENT_PUT(&ev, input_tokens, 100);
    EVENT_PUT(&ev, output_tokens, output);
    EVENT_PUT(&ev, prompt, str_of(prompt));
    feed(b, &ev);
}

/* Words that nobody else writes in this order. */
static void own_words(struct rng *rng, char *out, size_t size)
{
    static const char *const words[] = {
        "river",  "engine", "sunday", "copper", "letter", "market", "window", "harvest",
        "bridge", "violin", "parcel", "garden", "winter", "ledger", "candle", "summit",
    };
    size_t n = 0;

    for (int i = 0; i < 14; i++)
        n += (size_t)snprintf(out + n, size - n, "%s ", words[rng_below(rng, 16)]);
    (void)snprintf(out + n, size - n, "%u", (unsigned)rng_below(rng, 1000000000));
}

static void feed_honest_accounts(struct bench *b)
{
    char name[32], card[32];

    for (int i = 0; i < HONEST; i++) {
        (void)snprintf(name, sizeof name, "honest-%d", i);
        (void)snprintf(card, sizeof card, "card-%d", i);
        feed_account(b, START, name, card, START - (100 + i) * MSEC_DAY, NULL);
    }
}

/* RING accounts, ten to a card, made within half an hour before `ts`. */
static void feed_ring_accounts(struct bench *b, const char *ring, msec_t ts, const char *org)
{
    char name[32], card[32];

    for (int i = 0; i < RING; i++) {
        (void)snprintf(name, sizeof name, "%s-%d", ring, i);
        (void)snprintf(card, sizeof card, "%s-card-%d", ring, i / 10);
        feed_account(b, ts, name, card, ts - MSEC_DAY + i * MSEC_MINUTE, org);
    }
}

/* One exchange of everybody: honest accounts write what they like, with follow-ups. */
static void feed_honest_round(struct bench *b, struct rng *rng, msec_t ts, int round)
{
    char name[32], text[256];

    for (int i = 0; i < HONEST; i++) {
        (void)snprintf(name, sizeof name, "honest-%d", i);
        own_words(rng, text, sizeof text);
        feed_prompt(b, ts + i, name, text, round % 3, 20 + (int64_t)rng_below(rng, 400));
    }
}

/* A ring sends one template around items of a list. */
static void feed_ring_round(struct bench *b, const char *ring, struct rng *rng, msec_t ts,
                            int round, bool template)
{
    char name[32], text[512], words[256];

    for (int i = 0; i < RING; i++) {
        (void)snprintf(name, sizeof name, "%s-%d", ring, i);
        own_words(rng, words, sizeof words);
        (void)snprintf(text, sizeof text, "%s%s",
                       template ? "Work through the following problem in numbered steps and end "
                                  "with the result on a line of its own. Name every rule you use, "
                                  "say why it holds here, and check the result by another way "
                                  "before you write it down; leave nothing out that a reader "
                                  "would need in order to follow: "
                                : "",
                       words);
        feed_prompt(b, ts + HONEST + i, name, text, template ? 0 : round % 3, 900);
    }
}

enum { ROUNDS = 40 };
static const msec_t ROUND = 20 * MSEC_MINUTE;

/* ROUNDS rounds after `from`; `ring` NULL: of honest accounts alone. */
static void feed_rounds(struct bench *b, const char *ring, struct rng *rng, msec_t from,
                        bool template)
{
    for (int round = 0; round < ROUNDS; round++) {
        msec_t ts = from + (round + 1) * ROUND;

        feed_honest_round(b, rng, ts, round);
        if (ring)
            feed_ring_round(b, ring, rng, ts, round, template);
    }
    flush(b);
}

/* HONEST old accounts, and RING new ones with three cards between them. `ring_org` declares the
 * ring as one organisation. */
static void live(struct bench *b, const char *ring_org, bool ring_template)
{
    struct rng rng;

    rng_split(&rng, 7, 0);
    feed_honest_accounts(b);
    feed_ring_accounts(b, "ring", START, ring_org);
    feed_rounds(b, "ring", &rng, START, ring_template);
    detector_finish(b->detector, INT64_MIN);
}

static uint32_t flagged(const struct bench *b, const char *prefix)
{
    struct account_view view;
    uint32_t count = 0;

    for (uint32_t i = 0; i < detector_account_count(b->detector); i++)
        if (detector_account_view(b->detector, i, &view) && view.level >= LEVEL_REVIEW &&
            strncmp(view.account.p, prefix, strlen(prefix)) == 0)
            count++;
    return count;
}

static void a_ring_with_one_template_is_found_and_nobody_else(void **state)
{
    struct bench b;
    struct cluster_view cluster;
    struct finding finding;
    double sum = 0.0;

    (void)state;
    bench_open(&b, NULL, NULL);
    live(&b, NULL, true);
    assert_int_equal(flagged(&b, "ring-"), RING);
    assert_int_equal(flagged(&b, "honest-"), 0);
    assert_int_equal(detector_cluster_count(b.detector), 1);
    detector_cluster_view(b.detector, 0, &cluster);
    assert_int_equal(cluster.member_count, RING);
    assert_string_equal(cluster.verdict, "distilling");
    for (uint32_t i = 0; i < cluster.evidence.count; i++)
        sum += cluster.evidence.item[i].weight;
    assert_near(cluster.score, 1.0 / (1.0 + exp(-sum)), 1e-9);
    assert_true(detector_next_finding(b.detector, &finding));
    assert_true(finding.ts < START + 14 * MSEC_HOUR);
    bench_close(&b);
}

static void one_declared_organisation_is_no_ring(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, NULL, NULL);
    live(&b, "example-company", true);
    assert_int_equal(detector_cluster_count(b.detector), 0);
    assert_int_equal(flagged(&b, "ring-"), 0);
    bench_close(&b);
}

static void a_shared_card_without_a_list_is_not_flagged(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, NULL, NULL);
    live(&b, NULL, false);
    assert_int_equal(flagged(&b, "ring-"), 0);
    assert_int_equal(flagged(&b, "honest-"), 0);
    bench_close(&b);
}

static uint64_t counted(const struct bench *b, const char *name)
{
    struct counter_view counter;

    for (uint32_t i = 0; i < detector_counter_count(); i++) {
        detector_counter(b->detector, i, &counter);
        if (strcmp(counter.name, name) == 0)
            return counter.value;
    }
    fail_msg("no counter %s", name);
    return 0;
}

/* How the blocks of a world of accounts go: each to its own account, the turns of a conversation
 * over all of them, stored ones into new sessions of others, or one to everybody. */
enum blocks { BLOCKS_OWN, BLOCKS_SPREAD, BLOCKS_REPLAYED, BLOCKS_PUBLISHED };
enum { SENDERS = 60, SENT = 40 };

/* An exchange of a sender without text; `block` NULL: and without a reasoning block. Of honest
 * accounts when the number is negative. */
static void feed_block(struct bench *b, msec_t ts, int account, int64_t turn, const char *block)
{
    struct api_event ev = {.type = RECORD_EXCHANGE};
    char name[32];

    (void)snprintf(name, sizeof name, account < 0 ? "honest%d" : "sender-%d", account);
    EVENT_PUT(&ev, ts, ts);
    EVENT_PUT(&ev, account, str_of(name));
    EVENT_PUT(&ev, turn, turn);
    EVENT_PUT(&ev, input_tokens, 100);
    EVENT_PUT(&ev, output_tokens, 200);
    if (block)
        EVENT_PUT(&ev, signature, str_of(block));
    feed(b, &ev);
}

/* Among honest accounts SENDERS new ones with nothing in common but what `blocks` says, without
 * text, as `org`; NULL: undeclared. */
static void live_blocks(struct bench *b, enum blocks blocks, const char *org)
{
    /* Whose conversations a gateway spreads are not in step. */
    msec_t apart = blocks == BLOCKS_SPREAD ? 10 * MSEC_SECOND : 1;
    char name[32], card[32], block[32];
    struct rng rng;

    rng_split(&rng, 5, 0);
    feed_honest_accounts(b);
    for (int i = 0; i < SENDERS; i++) {
        (void)snprintf(name, sizeof name, "sender-%d", i);
        (void)snprintf(card, sizeof card, "sender-card-%d", i);
        feed_account(b, START, name, card, START - i * MSEC_HOUR, org);
    }
    for (int i = 1; blocks == BLOCKS_PUBLISHED && i < SENDERS; i++)
        feed_block(b, START + i, -i, 1, "block-0-0"); /* old accounts, too */
    for (int round = 0; round < SENT; round++) {
        msec_t ts = START + (round + 1) * 10 * MSEC_MINUTE;

        feed_honest_round(b, &rng, ts, round);
        for (int i = 0; i < SENDERS; i++) {
            int from = blocks == BLOCKS_OWN         ? i
                       : blocks == BLOCKS_PUBLISHED ? 0
                                                    : (int)rng_below(&rng, SENDERS);
            int turn = blocks == BLOCKS_REPLAYED ? 0 : round % 4;

            (void)snprintf(block, sizeof block, "block-%d-%d", from,
                           blocks == BLOCKS_PUBLISHED ? 0 : round / 4);
            feed_block(b, ts + HONEST + i * apart, i, turn,
                       blocks == BLOCKS_SPREAD && turn == 0 ? NULL : block);
        }
    }
    flush(b);
    detector_finish(b->detector, INT64_MIN);
}

static void stored_blocks_of_other_accounts_make_a_ring_that_is_flagged(void **state)
{
    struct bench b;
    struct cluster_view cluster;

    (void)state;
    bench_open(&b, NULL, NULL);
    live_blocks(&b, BLOCKS_REPLAYED, NULL);
    assert_int_equal(detector_cluster_count(b.detector), 1);
    detector_cluster_view(b.detector, 0, &cluster);
    assert_in_range(cluster.member_count, SENDERS * 9 / 10, SENDERS);
    assert_string_equal(cluster.verdict, "distilling");
    assert_in_range(flagged(&b, "sender-"), SENDERS * 9 / 10, SENDERS);
    bench_close(&b);
}

static void a_gateway_that_spreads_conversations_over_accounts_is_not_flagged(void **state)
{
    struct bench b;
    struct cluster_view cluster;
    uint32_t controlled = 0;

    (void)state;
    bench_open(&b, NULL, NULL);
    live_blocks(&b, BLOCKS_SPREAD, NULL);
    assert_true(detector_cluster_count(b.detector) > 0);
    for (uint32_t i = 0; i < detector_cluster_count(b.detector); i++) {
        detector_cluster_view(b.detector, i, &cluster);
        assert_string_not_equal(cluster.verdict, "distilling");
        controlled += cluster.answers.one_operator >= 0.5 ? cluster.member_count : 0;
    }
    assert_true(controlled > SENDERS / 2); /* by one operator */
    assert_int_equal(flagged(&b, "sender-"), 0);
    bench_close(&b);
}

static void own_blocks_published_ones_and_those_of_one_organisation_link_nobody(void **state)
{
    static const struct {
        enum blocks blocks;
        const char *org;
    } cases[] = {
        {BLOCKS_OWN, NULL}, {BLOCKS_PUBLISHED, NULL}, {BLOCKS_REPLAYED, "example-company"}};

    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench b;

        bench_open(&b, NULL, NULL);
        live_blocks(&b, cases[i].blocks, cases[i].org);
        assert_int_equal(detector_cluster_count(b.detector), 0);
        assert_int_equal(flagged(&b, "sender-"), 0);
        bench_close(&b);
    }
}

/* The old accounts, then `count` new ones from `first` on, each with a block of its own or none. */
static void feed_crowd(struct bench *b, msec_t ts, int first, int count, bool block)
{
    char name[32];

    for (int i = 0; i < HONEST; i++) {
        (void)snprintf(name, sizeof name, "honest-%d", i);
        feed_prompt(b, ts, name, "hello", 0, 20);
    }
    for (int i = first; i < first + count; i++) {
        (void)snprintf(name, sizeof name, "block-%d", i);
        feed_block(b, ts + (1 + i - first) * MSEC_SECOND, i, 1, block ? name : NULL);
    }
    flush(b);
}

/* The doorkeeper names the sender's slot. Who has come into it since has sent nothing. */
static void a_sender_that_was_forgotten_and_returns_is_not_linked_to_its_successor(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, "accounts_max", "1200");
    feed_honest_accounts(&b);
    feed_crowd(&b, START, 0, 400, true);
    feed_crowd(&b, START + MSEC_HOUR, 1000, 400, false);
    feed_crowd(&b, START + 2 * MSEC_HOUR, 0, 200, true);
    detector_finish(b.detector, INT64_MIN);
    assert_true(counted(&b, "accounts_evicted") >= 600);
    assert_int_equal(detector_cluster_count(b.detector), 0);
    bench_close(&b);
}

static void a_full_table_forgets_accounts_and_counts_them(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, "accounts_max", "100");
    live(&b, NULL, true);
    assert_int_equal(detector_account_count(b.detector), 100);
    assert_true(counted(&b, "accounts_evicted") > HONEST);
    bench_close(&b);
}

/* Releases and accounts may be told with dates long before the stream: trust is reckoned from the
 * first exchange. */
static void a_release_of_a_year_ago_does_not_change_who_is_trusted(void **state)
{
    double score[2];

    (void)state;
    for (unsigned told = 0; told < 2; told++) {
        struct bench b;
        struct cluster_view cluster;
        struct api_event ev = {.type = RECORD_RELEASE};

        bench_open(&b, NULL, NULL);
        EVENT_PUT(&ev, ts, START - 365 * MSEC_DAY);
        EVENT_PUT(&ev, model, STR("model-1"));
        if (told)
            feed(&b, &ev);
        live(&b, NULL, true);
        assert_int_equal(flagged(&b, "ring-"), RING);
        assert_int_equal(flagged(&b, "honest-"), 0);
        assert_int_equal(detector_cluster_count(b.detector), 1);
        detector_cluster_view(b.detector, 0, &cluster);
        score[told] = cluster.score;
        bench_close(&b);
    }
    assert_near(score[1], score[0], 0.0);
}

static void an_analyst_s_benign_label_is_as_good_as_long_standing(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, NULL, NULL);
    for (int i = 0; i < RING; i++) {
        struct api_event ev = {.type = RECORD_LABEL};
        char name[32];

        (void)snprintf(name, sizeof name, "ring-%d", i);
        EVENT_PUT(&ev, ts, START);
        EVENT_PUT(&ev, account, str_of(name));
        EVENT_PUT(&ev, label, STR("benign"));
        feed(&b, &ev);
    }
    live(&b, NULL, true);
    assert_int_equal(flagged(&b, "ring-"), 0);
    bench_close(&b);
}

enum { AGED = 80 };

/* Accounts of a year ago, each with a card of its own. HONEST ones send 1 to 40 prompts, the more
 * of them follow-ups the higher their number. AGED ones send one template: evenly, or each at its
 * own rate with its own share of follow-ups. */
static void live_aged(struct bench *b, bool evenly)
{
    struct rng rng;
    char name[32], card[32], text[512], words[256];

    rng_split(&rng, 11, 0);
    for (int i = 0; i < HONEST + AGED; i++) {
        (void)snprintf(name, sizeof name, i < HONEST ? "honest-%d" : "aged-%d", i);
        (void)snprintf(card, sizeof card, "card-%d", i);
        feed_account(b, START, name, card, START - (365 + i) * MSEC_DAY, NULL);
    }
    for (int round = 0; round < 120; round++) {
        for (int i = 0; i < HONEST + AGED; i++) {
            bool aged = i >= HONEST;
            int every = aged && evenly ? 3 : 3 + i * 7 % 40;
            int64_t turn = aged && evenly ? 0 : (int64_t)rng_below(&rng, 12) < i % 12;

            if (round % every)
                continue;
            own_words(&rng, words, sizeof words);
            (void)snprintf(name, sizeof name, aged ? "aged-%d" : "honest-%d", i);
            (void)snprintf(text, sizeof text, "%s%s",
                           aged ? "Read the statement below as a careful examiner would, set out "
                                  "each step that leads to the verdict, say which of them could "
                                  "fail and on what ground, and close with the verdict itself in "
                                  "one sentence that stands by itself; the statement: "
                                : "",
                           words);
            feed_prompt(b, START + (round + 1) * 20 * MSEC_MINUTE + i, name, text, turn,
                        aged && evenly ? 900 : 20 + (int64_t)rng_below(&rng, 4000));
        }
    }
    flush(b);
    detector_finish(b->detector, INT64_MIN);
}

static void aged_accounts_that_use_one_template_evenly_are_linked(void **state)
{
    struct bench b;
    struct cluster_view cluster;

    (void)state;
    bench_open(&b, NULL, NULL);
    live_aged(&b, true);
    assert_int_equal(detector_cluster_count(b.detector), 1);
    detector_cluster_view(b.detector, 0, &cluster);
    assert_in_range(cluster.member_count, AGED * 9 / 10, AGED);
    assert_int_equal(flagged(&b, "honest-"), 0);
    bench_close(&b);
}

static void aged_accounts_that_use_one_template_unevenly_are_not_linked(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, NULL, NULL);
    live_aged(&b, false);
    assert_int_equal(detector_cluster_count(b.detector), 0);
    bench_close(&b);
}

static void families_left_out_say_nothing(void **state)
{
    static const enum signal_family left_out[] = {FAMILY_content, FAMILY_worklist, FAMILY_payment};

    (void)state;
    for (unsigned k = 0; k < 3; k++) {
        struct bench b;
        struct cluster_view cluster;
        struct account_view account;
        char bits[16];
        uint32_t count;

        (void)snprintf(bits, sizeof bits, "%u", 0xffffu & ~(1u << left_out[k]));
        bench_open(&b, "families", bits);
        live(&b, NULL, true);
        count = detector_cluster_count(b.detector);
        if (left_out[k] == FAMILY_content)
            assert_int_equal(count, 0); /* cards alone link nobody */
        else
            assert_true(count > 0);
        for (uint32_t i = 0; i < count; i++) {
            detector_cluster_view(b.detector, i, &cluster);
            for (uint32_t e = 0; e < cluster.evidence.count; e++)
                assert_int_not_equal(cluster.evidence.item[e].family, left_out[k]);
        }
        for (uint32_t i = 0; i < detector_account_count(b.detector); i++) {
            assert_true(detector_account_view(b.detector, i, &account));
            for (uint32_t e = 0; e < account.evidence.count; e++)
                assert_int_not_equal(account.evidence.item[e].family, left_out[k]);
        }
        bench_close(&b);
    }
}

static void ban(struct bench *b, const char *ring, msec_t ts)
{
    for (int i = 0; i < RING; i++) {
        struct api_event ev = {.type = RECORD_ACTION};
        char name[32];

        (void)snprintf(name, sizeof name, "%s-%d", ring, i);
        EVENT_PUT(&ev, ts, ts);
        EVENT_PUT(&ev, account, str_of(name));
        EVENT_PUT(&ev, action, STR("ban"));
        feed(b, &ev);
    }
    flush(b);
}

/* What is remembered after a ring was found and banned. */
static void remember_ring(struct recall *memory, const struct detector_config *config)
{
    struct bench b;
    struct rng rng;

    bench_start(&b, config);
    rng_split(&rng, 7, 0);
    feed_honest_accounts(&b);
    feed_ring_accounts(&b, "ring", START, NULL);
    feed_rounds(&b, "ring", &rng, START, true);
    ban(&b, "ring", START + (ROUNDS + 1) * ROUND);
    detector_finish(b.detector, INT64_MIN);
    for (uint32_t i = 0; i < recall_used(detector_recall(b.detector)); i++) {
        struct recall_entry entry = *recall_get(detector_recall(b.detector), i);

        entry.source = 0; /* a cluster of another run, as in a file */
        (void)recall_put(memory, &entry);
    }
    bench_close(&b);
}

/* It comes back with other cards. */
static void feed_return(struct bench *b, msec_t ts)
{
    struct rng rng;

    rng_split(&rng, 8, 0);
    feed_ring_accounts(b, "back", ts, NULL);
    feed_rounds(b, "back", &rng, ts, true);
    detector_finish(b->detector, INT64_MIN);
}

/* Nats of a signal in the group that holds the account; 0 when it is not there. */
static double nats_of(const struct bench *b, const char *signal, const char *name)
{
    for (uint32_t rank = 0; rank < detector_cluster_count(b->detector); rank++) {
        struct cluster_view c;
        struct account_view first;

        detector_cluster_view(b->detector, rank, &c);
        if (!detector_account_view(b->detector, c.member[0], &first) ||
            strncmp(first.account.p, name, strlen(name)) != 0)
            continue;
        for (uint32_t i = 0; i < c.evidence.count; i++)
            if (strcmp(c.evidence.item[i].signal, signal) == 0)
                return c.evidence.item[i].weight;
    }
    return 0.0;
}

static void assert_same_findings(struct bench *a, struct bench *b)
{
    struct finding x, y;
    uint32_t count = 0;

    for (; detector_next_finding(a->detector, &x); count++) {
        assert_true(detector_next_finding(b->detector, &y));
        assert_int_equal(x.ts, y.ts);
        assert_int_equal(x.id, y.id);
        assert_int_equal(x.subject, y.subject);
        assert_int_equal(x.level, y.level);
        assert_memory_equal(&x.score, &y.score, sizeof x.score);
    }
    assert_false(detector_next_finding(b->detector, &y));
    assert_true(count > 0);
}

static void a_detector_that_is_loaded_with_a_filled_memory_finds_the_same(void **state)
{
    const msec_t next_year = START + 365 * MSEC_DAY, back = next_year + (ROUNDS + 1) * ROUND;
    struct detector_config config = bench_config();
    struct state_bytes bytes = {NULL};
    struct bench straight, loaded;
    struct rng rng;

    (void)state;
    config.hubs_max = 16384; /* what is saved is all tables as a whole */
    config.door_max = config.prompts_max = config.phrases_max = 1 << 16;
    config.recall_max = 1024;
    config.recall_days = 365;
    bench_start(&straight, &config);
    bench_start(&loaded, &config);
    remember_ring(detector_recall(straight.detector), &config);
    assert_true(recall_count(detector_recall(straight.detector)) > 3);
    rng_split(&rng, 9, 0);
    feed_honest_accounts(&straight);
    feed_rounds(&straight, NULL, &rng, next_year, true);
    detector_state(straight.detector, state_bytes_save, &bytes);
    detector_state(loaded.detector, state_bytes_load, &bytes);
    assert_int_equal(bytes.at, bytes.size);
    free(bytes.data);
    feed_return(&straight, back);
    feed_return(&loaded, back);
    assert_int_equal(flagged(&straight, "back-"), RING);
    assert_true(nats_of(&straight, "recognised", "back-") > 1.0);
    assert_near(nats_of(&loaded, "recognised", "back-"), nats_of(&straight, "recognised", "back-"),
                0.0);
    assert_true(nats_of(&straight, "resumed", "back-") > 0.0); /* both questions */
    assert_same_findings(&straight, &loaded);
    bench_close(&straight);
    bench_close(&loaded);
}

static void an_option_out_of_range_is_named(void **state)
{
    struct detector_config config;
    struct err err;

    (void)state;
    detector_config_default(&config);
    assert_true(detector_config_set(&config, "review_score", "2", &err) < 0);
    assert_non_null(strstr(err.text, "review_score"));
    assert_true(detector_config_set(&config, "reviw_score", "0.5", &err) < 0);
    assert_non_null(strstr(err.text, "did you mean review_score"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ring_with_one_template_is_found_and_nobody_else),
        cmocka_unit_test(one_declared_organisation_is_no_ring),
        cmocka_unit_test(a_shared_card_without_a_list_is_not_flagged),
        cmocka_unit_test(stored_blocks_of_other_accounts_make_a_ring_that_is_flagged),
        cmocka_unit_test(a_gateway_that_spreads_conversations_over_accounts_is_not_flagged),
        cmocka_unit_test(own_blocks_published_ones_and_those_of_one_organisation_link_nobody),
        cmocka_unit_test(a_sender_that_was_forgotten_and_returns_is_not_linked_to_its_successor),
        cmocka_unit_test(a_full_table_forgets_accounts_and_counts_them),
        cmocka_unit_test(a_release_of_a_year_ago_does_not_change_who_is_trusted),
        cmocka_unit_test(an_analyst_s_benign_label_is_as_good_as_long_standing),
        cmocka_unit_test(aged_accounts_that_use_one_template_evenly_are_linked),
        cmocka_unit_test(aged_accounts_that_use_one_template_unevenly_are_not_linked),
        cmocka_unit_test(families_left_out_say_nothing),
        cmocka_unit_test(a_detector_that_is_loaded_with_a_filled_memory_finds_the_same),
        cmocka_unit_test(an_option_out_of_range_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
