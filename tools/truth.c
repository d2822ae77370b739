#include "truth.h"

#include "base/hash.h"
#include "base/table.h"
#include "tools/json_flat.h"
#include "tools/json_lines.h"
#include "tools/text_store.h"

#include <errno.h>
#include <inttypes.h>

struct truth_index {
    struct table *account; /* hash of the account's id -> index */
    struct text_store text;
};

const char *const truth_word[TRUTH_COUNT] = {
    [TRUTH_BENIGN] = "benign",
    [TRUTH_ABUSIVE] = "abusive",
    [TRUTH_DISTILLING] = "distilling",
};
const char *const stratum_word[] = {[STRATUM_PLAIN] = "plain", [STRATUM_HARD] = "hard"};

void truth_free(struct truth *truth)
{
    if (!truth)
        return;
    if (truth->index) {
        table_free(truth->index->account);
        text_store_deinit(&truth->index->text);
    }
    free(truth->index);
    free(truth->account);
    free(truth->name);
    free(truth);
}

static int truth_new(struct truth **out)
{
    struct truth *truth = calloc(1, sizeof *truth);

    if (truth)
        truth->index = calloc(1, sizeof *truth->index);
    if (!truth || !truth->index) {
        truth_free(truth);
        return -ENOMEM;
    }
    *out = truth;
    return 0;
}

/* Room for one more; capacities are powers of two, so that they follow from the count. */
static int grow(void **array, uint32_t count, size_t size)
{
    void *more;

    if (count & (count - 1))
        return 0;
    more = realloc(*array, (count ? (size_t)count * 2 : 1) * size);
    if (!more)
        return -ENOMEM;
    *array = more;
    return 0;
}

/* Index of a name: there are as many as cohorts, a few dozen. */
static int name_index(struct truth *truth, struct str name, uint32_t *out)
{
    void *array = truth->name;
    const char *kept;

    for (*out = 0; *out < truth->name_count; ++*out)
        if (str_eq(name, str_of(truth->name[*out])))
            return 0;
    if (grow(&array, truth->name_count, sizeof *truth->name) < 0)
        return -ENOMEM;
    truth->name = array;
    kept = text_store_add(&truth->index->text, name);
    if (!kept)
        return -ENOMEM;
    truth->name[truth->name_count++] = kept;
    return 0;
}

/* An analyst's verdict on an account, or on a cluster, as the service takes them and hands them
 * out: `subject` and `verdict`. It is of no population. */
static int verdict_read(const struct json_lines *lines, struct str *id, struct str *population,
                        unsigned *class, struct err *err)
{
    const char *field = json_object_get(lines->object, "verdict") ? "verdict" : "label";
    int r = json_lines_str(lines, lines->object, "subject", JSON_OPTIONAL, id, err);

    *population = str_of("labelled");
    if (r == 0)
        r = json_lines_word(lines, lines->object, field, JSON_REQUIRED, truth_word, TRUTH_COUNT,
                            class, err);
    if (r == 0 && !id->p)
        r = json_lines_str(lines, lines->object, "account", JSON_REQUIRED, id, err);
    return r;
}

static int label_read(const struct json_lines *lines, struct str *id, struct str *population,
                      unsigned *class, struct err *err)
{
    const json_t *o = lines->object;
    int r = json_lines_str(lines, o, "account", JSON_REQUIRED, id, err);

    if (r == 0)
        r = json_lines_str(lines, o, "population", JSON_REQUIRED, population, err);
    return r < 0 ? r
                 : json_lines_word(lines, o, "truth", JSON_REQUIRED, truth_word, TRUTH_COUNT, class,
                                   err);
}

/* campaign: {NULL, 0} for none. 0, or -ENOMEM. */
static int account_keep(struct truth *truth, struct str id, struct str population,
                        struct str campaign, unsigned class, unsigned stratum)
{
    struct truth_account account = {.campaign = TRUTH_NONE};
    void *array = truth->account;

    account.truth = (uint8_t) class;
    account.stratum = (uint8_t)stratum;
    account.account = text_store_add(&truth->index->text, id);
    if (!account.account || name_index(truth, population, &account.population) < 0 ||
        (campaign.p && name_index(truth, campaign, &account.campaign) < 0) ||
        grow(&array, truth->count, sizeof account) < 0)
        return -ENOMEM;
    truth->account = array;
    truth->account[truth->count++] = account;
    return 0;
}

static bool word_of(const struct json_flat_member *m, const char *const *word, unsigned count,
                    unsigned *out)
{
    for (*out = 0; *out < count; ++*out)
        if (str_eq(m->text, str_of(word[*out])))
            return true;
    return false;
}

/* A label as tools/truth_write.c writes it. 1; 0: it is for account_read(); negative errno. */
static int account_quick(struct truth *truth, const struct json_lines *lines)
{
    enum { ACCOUNT, POPULATION, CLASS, CAMPAIGN, STRATUM, FIELDS, REQUIRED = 7 };
    static const char *const name[FIELDS] = {"account", "population", "truth", "campaign",
                                             "stratum"};
    struct json_flat_member m[FIELDS] = {0};
    uint32_t seen =
        json_flat_find((struct str){lines->line, (uint32_t)lines->size}, name, FIELDS, m);
    unsigned class, stratum = STRATUM_PLAIN;
    int r;

    for (unsigned i = 0; i < FIELDS; i++)
        if (seen >> i & 1 && m[i].kind != JSON_FLAT_STRING)
            return 0;
    if ((seen & REQUIRED) != REQUIRED || !word_of(&m[CLASS], truth_word, TRUTH_COUNT, &class) ||
        (seen >> STRATUM & 1 && !word_of(&m[STRATUM], stratum_word, 2, &stratum)))
        return 0;
    r = account_keep(truth, m[ACCOUNT].text, m[POPULATION].text, m[CAMPAIGN].text, class, stratum);
    return r < 0 ? r : 1;
}

static int account_read(struct truth *truth, const struct json_lines *lines, struct err *err)
{
    struct str id = {NULL, 0}, population, campaign = {NULL, 0};
    unsigned class = 0, stratum = STRATUM_PLAIN;
    const json_t *o = lines->object;
    bool verdict = json_object_get(o, "verdict") || json_object_get(o, "label");
    int r;

    if ((r = (verdict ? verdict_read : label_read)(lines, &id, &population, &class, err)) < 0 ||
        (r = json_lines_str(lines, o, "campaign", JSON_OPTIONAL, &campaign, err)) < 0 ||
        (r = json_lines_word(lines, o, "stratum", JSON_OPTIONAL, stratum_word, 2, &stratum, err)) <
            0)
        return r;
    return account_keep(truth, id, population, campaign, class, stratum);
}

static int index_make(struct truth *truth, const char *path, struct err *err)
{
    int r = table_new(truth->count, &truth->index->account);

    if (r < 0)
        return r;
    for (uint32_t i = 0; i < truth->count; i++) {
        uint64_t key = hash_str(str_of(truth->account[i].account), 0);

        if (table_find(truth->index->account, key) != TABLE_NONE)
            return err_set(err, -EINVAL, "%s: account: \"%.60s\" has more than one label", path,
                           truth->account[i].account);
        (void)table_put(truth->index->account, key, i);
    }
    return 0;
}

static int lines_read(struct truth *truth, struct json_lines *lines, struct err *err)
{
    int r;

    while ((r = json_lines_next_text(lines, err)) > 0) {
        r = account_quick(truth, lines);
        if (r == 0)
            r = json_lines_parse(lines, err);
        if (r == 0)
            r = account_read(truth, lines, err);
        if (r < 0)
            return r;
    }
    if (r == 0 && truth->count == 0)
        return err_set(err, -EINVAL, "%s: no labels in it", lines->path);
    return r;
}

int truth_read(const char *path, struct truth **out, struct err *err)
{
    AUTO(truth_free) struct truth *truth = NULL;
    struct json_lines lines;
    int r = truth_new(&truth);

    if (r == 0)
        r = json_lines_open(&lines, path, err);
    if (r == 0) {
        r = lines_read(truth, &lines, err);
        json_lines_close(&lines);
    }
    if (r == 0)
        r = index_make(truth, path, err);
    if (r == -ENOMEM)
        (void)err_set(err, r, "%s: out of memory", path);
    if (r < 0)
        return r;
    *out = TAKE(truth);
    return 0;
}

uint32_t truth_find(const struct truth *truth, struct str account)
{
    return table_find(truth->index->account, hash_str(account, 0));
}
