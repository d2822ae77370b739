#include "doctor_propose.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Candidates kept per field. */
enum { CANDIDATES = 3, NAME_SIZE = 128 };

#define SHAPE_BIT(name) (1u << SHAPE_##name)
#define TIMES           (SHAPE_BIT(RFC3339) | SHAPE_BIT(UTC) | SHAPE_BIT(CLF) | SHAPE_BIT(EPOCH))
#define NUMBERS         (SHAPE_BIT(INT) | SHAPE_BIT(NUM))
#define ADDRESSES       (SHAPE_BIT(IP) | SHAPE_BIT(IP_LIST) | SHAPE_BIT(IP_PORT))
#define NAMES                                                                                      \
    (SHAPE_BIT(WORD) | SHAPE_BIT(INT) | SHAPE_BIT(MODEL) | SHAPE_BIT(SECRET) | SHAPE_BIT(IP))
#define TEXTS (SHAPE_BIT(TEXT) | SHAPE_BIT(WORD) | SHAPE_BIT(MESSAGES))

/* What a field's column is called, most telling name first: lower case, without punctuation; and
 * what its values look like. Names as they are in gateways' and providers' logs. */
struct clue {
    enum field field;
    uint32_t shapes;
    const char *names;
};

static const struct clue clues[] = {
    {FIELD_ts, TIMES,
     "ts timestamp time datetime starttime createdat requesttime requestedat eventtime loggedat "
     "isotime date when created"},
    {FIELD_account, NAMES,
     "account accountid userid user customerid customer enduserid enduser useraccount username "
     "principal subject clientid caller consumer who uid email"},
    {FIELD_id, NAMES, "requestid id eventid callid xrequestid messageid uuid rid"},
    {FIELD_org, NAMES,
     "org orgid organization organizationid tenant tenantid team teamid workspace workspaceid "
     "company projectid project"},
    {FIELD_key, NAMES, "apikeyid keyid apikeyhash apikey key token credential authorization auth"},
    {FIELD_ip, ADDRESSES,
     "ip clientip ipaddress remoteaddr remoteip sourceip srcip clientaddress xforwardedfor "
     "forwardedfor addr address peer"},
    {FIELD_asn, SHAPE_BIT(INT), "asn autonomoussystem"},
    {FIELD_country, SHAPE_BIT(WORD), "country countrycode geocountry isocountry"},
    {FIELD_user_agent, SHAPE_BIT(TEXT) | SHAPE_BIT(WORD), "useragent ua httpuseragent agent"},
    {FIELD_client, SHAPE_BIT(WORD) | SHAPE_BIT(SECRET),
     "ja4 ja3 ja3hash tlsfingerprint fingerprint"},
    {FIELD_model, SHAPE_BIT(MODEL) | SHAPE_BIT(WORD),
     "model modelname requestmodel modelid engine deployment llm"},
    {FIELD_session, NAMES, "session sessionid conversationid conversation threadid chatid"},
    {FIELD_turn, SHAPE_BIT(INT), "turn turnindex turnnumber"},
    {FIELD_input_tokens, SHAPE_BIT(INT),
     "inputtokens prompttokens tokensin inputtokencount prompttokencount intokens"},
    {FIELD_output_tokens, SHAPE_BIT(INT),
     "outputtokens completiontokens tokensout outputtokencount generatedtokens outtokens"},
    {FIELD_cached_tokens, SHAPE_BIT(INT),
     "cachedtokens cachereadinputtokens cachereadtokens cachedinputtokens"},
    {FIELD_max_tokens, SHAPE_BIT(INT), "maxtokens maxoutputtokens maxcompletiontokens"},
    {FIELD_temperature, NUMBERS, "temperature temp"},
    {FIELD_tools, SHAPE_BIT(LIST), "tools functions tooldefinitions"},
    {FIELD_stream, SHAPE_BIT(BOOL), "stream streaming isstream streamed"},
    {FIELD_status, SHAPE_BIT(INT), "status statuscode httpstatus responsecode responsestatus code"},
    {FIELD_refused, SHAPE_BIT(BOOL), "refused refusal declined"},
    {FIELD_latency_ms, NUMBERS,
     "latencyms durationms elapsedms latency duration elapsed responsetime responsetimems took "
     "requesttime tookms totalms"},
    {FIELD_language, SHAPE_BIT(WORD), "language lang locale"},
    {FIELD_system, TEXTS, "system systemprompt systemmessage instructions"},
    {FIELD_prompt, TEXTS,
     "prompt messages input query question usermessage message prompttext text"},
};

/* Lower case letters and digits of `from` on. */
static void plain_name(const char *from, char out[NAME_SIZE])
{
    size_t n = 0;

    for (; *from && n + 1 < NAME_SIZE; from++)
        if (isalnum((unsigned char)*from))
            out[n++] = (char)tolower((unsigned char)*from);
    out[n] = '\0';
}

/* Where the path's last name starts: "a.b[c.d]" -> "c.d]", and of that the last dotted part. */
static const char *last_name(const char *path)
{
    const char *last = path;

    for (const char *p = path; *p; p++)
        if ((*p == '.' || *p == '[') && p[1])
            last = p + 1;
    return last;
}

/* 100 for the field's first name, less for later ones, 0 for none. The whole path as a name
 * ("customer.id") counts more than its last part ("id"), and that more than its ending. */
static int name_score(const struct clue *clue, const char *path)
{
    char whole[NAME_SIZE], last[NAME_SIZE];
    int score = 100;

    plain_name(path, whole);
    plain_name(last_name(path), last);
    for (const char *word = clue->names; *word; score -= 3) {
        size_t n = strcspn(word, " "), size = strlen(whole);

        if (size == n && memcmp(whole, word, n) == 0)
            return score;
        if (strlen(last) == n && memcmp(last, word, n) == 0)
            return score * 6 / 10;
        if (n >= 5 && size > n && memcmp(whole + size - n, word, n) == 0)
            return score / 2;
        word += n + (word[n] == ' ');
    }
    return 0;
}

/* Some shapes tell by themselves what a column is, whatever its name. */
static int shape_score(enum field f, enum doctor_shape shape)
{
    if (f == FIELD_ts && (shape == SHAPE_RFC3339 || shape == SHAPE_UTC || shape == SHAPE_CLF))
        return 30;
    if (f == FIELD_ip && (shape == SHAPE_IP || shape == SHAPE_IP_LIST || shape == SHAPE_IP_PORT))
        return 20;
    if (f == FIELD_key && shape == SHAPE_SECRET)
        return 20;
    if (f == FIELD_model && shape == SHAPE_MODEL)
        return 30;
    if (f == FIELD_prompt && shape == SHAPE_MESSAGES)
        return 40;
    return 0;
}

static int column_score(const struct clue *clue, const struct doctor_column *column)
{
    enum doctor_shape shape = doctor_column_shape(column);
    int name, other;

    if (!(clue->shapes >> shape & 1))
        return 0;
    name = name_score(clue, column->path);
    other = shape_score(clue->field, shape);
    return name > other ? name : other;
}

/* A column speaks for the field that it fits best, and for no other. */
static int own_score(const struct clue *clue, const struct doctor_column *column)
{
    int score = column_score(clue, column);

    for (size_t i = 0; i < sizeof clues / sizeof *clues; i++)
        if (column_score(&clues[i], column) > score)
            return 0;
    return score;
}

/* ---- rules ---- */

static const char *shape_take(enum field f, enum doctor_shape shape)
{
    if (f == FIELD_ip && shape == SHAPE_IP_LIST)
        return "first_item";
    if (f == FIELD_ip && shape == SHAPE_IP_PORT)
        return "host";
    if (f == FIELD_prompt && shape == SHAPE_MESSAGES)
        return "last_user";
    if (f == FIELD_system && shape == SHAPE_MESSAGES)
        return "text";
    if (f == FIELD_tools)
        return "count";
    return NULL;
}

/* A path alone, or with how it is read. */
static json_t *candidate(enum field f, const struct doctor_column *column)
{
    enum doctor_shape shape = doctor_column_shape(column);
    const char *take = shape_take(f, shape);
    json_t *path = json_string(column->path);
    json_t *object;

    if (!take && shape != SHAPE_SECRET)
        return path;
    object = json_object();
    json_object_set_new(object, "path", path);
    if (take)
        json_object_set_new(object, "take", json_string(take));
    if (shape == SHAPE_SECRET)
        json_object_set_new(object, "hash", json_true());
    return object;
}

/* Durations below an hour when read as seconds, and with fractions, are seconds. */
static double latency_scale(const struct doctor_column *column)
{
    char name[NAME_SIZE];
    size_t n;

    plain_name(last_name(column->path), name);
    n = strlen(name);
    if (n >= 2 && strcmp(name + n - 2, "ms") == 0)
        return 1;
    if (n >= 2 && strcmp(name + n - 2, "us") == 0)
        return 1e-3;
    if (n >= 2 && strcmp(name + n - 2, "ns") == 0)
        return 1e-6;
    return column->shape[SHAPE_NUM] > 0 && column->number_max < 3600 ? 1000 : 1;
}

static json_t *rule(enum field f, const struct doctor_column *const *best, uint32_t count)
{
    bool plain = f != FIELD_ts && f != FIELD_latency_ms;
    json_t *from = count == 1 ? candidate(f, best[0]) : json_array();
    json_t *object;

    for (uint32_t i = 0; count > 1 && i < count; i++)
        json_array_append_new(from, candidate(f, best[i]));
    if (plain && !json_is_object(from))
        return from;
    object = json_object();
    if (json_is_object(from)) { /* {"path", "take", "hash"}: the same, as the rule's own */
        json_object_set(object, "from", json_object_get(from, "path"));
        json_object_del(from, "path");
        json_object_update(object, from);
        json_decref(from);
    } else {
        json_object_set_new(object, "from", from);
    }
    if (f == FIELD_ts)
        json_object_set_new(object, "time", json_string("any"));
    if (f == FIELD_latency_ms && latency_scale(best[0]) != 1)
        json_object_set_new(object, "scale", json_real(latency_scale(best[0])));
    return object;
}

/* The best columns for a field, best first. */
static uint32_t best_columns(const struct clue *clue, const struct doctor_columns *columns,
                             const struct doctor_column *best[CANDIDATES])
{
    int score[CANDIDATES] = {0};
    uint32_t limit = clue->field == FIELD_latency_ms ? 1 : CANDIDATES; /* one unit per rule */
    uint32_t count = 0;

    for (uint32_t i = 0; i < columns->count; i++) {
        int s = own_score(clue, &columns->column[i]);
        uint32_t at = count;

        if (s == 0)
            continue;
        while (at > 0 && score[at - 1] < s)
            at--;
        if (at == limit)
            continue;
        if (count < limit)
            count++;
        for (uint32_t k = count - 1; k > at; k--) {
            score[k] = score[k - 1];
            best[k] = best[k - 1];
        }
        score[at] = s;
        best[at] = &columns->column[i];
    }
    /* What is merely named a little like the best one is noise beside it. */
    while (count > 1 && score[count - 1] * 2 < score[0])
        count--;
    return count;
}

/* Messages hold more than the prompt. */
static void conversation_rules(json_t *fields, const struct doctor_column *column)
{
    static const struct {
        const char *field, *take;
    } parts[] = {{"system", "first_system"}, {"turn", "user_turn"}, {"images", "images"}};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        json_t *object;

        if (json_object_get(fields, parts[i].field))
            continue;
        object = json_object();
        json_object_set_new(object, "from", json_string(column->path));
        json_object_set_new(object, "take", json_string(parts[i].take));
        json_object_set_new(fields, parts[i].field, object);
    }
}

static json_t *fields_propose(const struct doctor_columns *columns)
{
    json_t *fields = json_object();

    for (size_t i = 0; i < sizeof clues / sizeof *clues; i++) {
        const struct doctor_column *best[CANDIDATES] = {NULL};
        uint32_t count = best_columns(&clues[i], columns, best);

        if (count == 0)
            continue;
        json_object_set_new(fields, field_info[clues[i].field].name,
                            rule(clues[i].field, best, count));
        if (clues[i].field == FIELD_prompt && doctor_column_shape(best[0]) == SHAPE_MESSAGES)
            conversation_rules(fields, best[0]);
    }
    /* Without a name for the caller its credential, then its address, stands in. */
    if (!json_object_get(fields, "account") && json_object_get(fields, "key"))
        json_object_set(fields, "account", json_object_get(fields, "key"));
    else if (!json_object_get(fields, "account") && json_object_get(fields, "ip"))
        json_object_set(fields, "account", json_object_get(fields, "ip"));
    return fields;
}

json_t *doctor_propose(const struct doctor_columns *columns, const char *name, const char **missing)
{
    const char delimiter[2] = {columns->delimiter, '\0'};
    json_t *map = json_object();
    json_t *fields = fields_propose(columns);

    *missing = NULL;
    if (!json_object_get(fields, "account"))
        *missing = "account";
    if (!json_object_get(fields, "ts"))
        *missing = "ts";
    json_object_set_new(map, "name", json_string(name));
    json_object_set_new(map, "about",
                        json_string("proposed by `stillwatch doctor`; check every line of it"));
    json_object_set_new(map, "format", json_string(columns->csv ? "csv" : "jsonl"));
    if (columns->csv && columns->delimiter != ',')
        json_object_set_new(map, "delimiter", json_string(delimiter));
    json_object_set_new(map, "absent", json_pack("[sss]", "", "-", "NULL"));
    if (columns->array)
        json_object_set_new(map, "records", json_pack("[ss]", "[*]", "."));
    json_object_set_new(map, "fields", fields);
    if (!fields || json_object_size(map) < 5) {
        json_decref(map);
        return NULL;
    }
    return map;
}
