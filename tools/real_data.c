/* Each reader turns one published file into the samples that sim/calibration.c was made from. */
#include "tools/real_data.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { COLUMNS_MAX = 48, LINE_SIZE = 1 << 16, WINDOWS_PER_DAY = 144 };

/* ---- comma-separated files ---- */

struct csv {
    gzFile file;
    char path[512];
    char header[4096], line[4096];
    char *name[COLUMNS_MAX], *field[COLUMNS_MAX];
    int columns;
};

static int split(char *line, char **field)
{
    int n = 0;

    line[strcspn(line, "\r\n")] = '\0';
    for (char *p = line; p && n < COLUMNS_MAX; n++)
        field[n] = strsep(&p, ",");
    return n;
}

/* 1: open; 0: there is no such file; negative errno. */
static int csv_open(struct csv *csv, const char *folder, const char *name, struct err *err)
{
    (void)snprintf(csv->path, sizeof csv->path, "%s/traffic/%s.csv.gz", folder, name);
    csv->file = gzopen(csv->path, "rb");
    if (!csv->file)
        return errno == ENOENT ? 0 : err_set(err, -errno, "%s: %s", csv->path, strerror(errno));
    if (!gzgets(csv->file, csv->header, sizeof csv->header)) {
        gzclose(csv->file);
        return err_set(err, -EINVAL, "%s: no header", csv->path);
    }
    csv->columns = split(csv->header, csv->name);
    return 1;
}

static bool csv_next(struct csv *csv)
{
    return gzgets(csv->file, csv->line, sizeof csv->line) &&
           split(csv->line, csv->field) == csv->columns;
}

static int csv_column(const struct csv *csv, const char *name, struct err *err)
{
    for (int i = 0; i < csv->columns; i++)
        if (strcmp(csv->name[i], name) == 0)
            return i;
    return err_set(err, -EINVAL, "%s: there is no column %s", csv->path, name);
}

/* Columns by name into at[]; 0 or -EINVAL. */
static int csv_columns(const struct csv *csv, const char *const *name, int count, int *at,
                       struct err *err)
{
    for (int i = 0; i < count; i++) {
        at[i] = csv_column(csv, name[i], err);
        if (at[i] < 0)
            return at[i];
    }
    return 0;
}

static double number(const struct csv *csv, int column)
{
    return strtod(csv->field[column], NULL);
}

static double at_least(double value, double least)
{
    return value > least ? value : least;
}

/* ---- lengths: every row is a request ---- */

static int read_lengths(struct csv *csv, struct real_data *data, const enum calibration *into,
                        struct err *err)
{
    static const char *const name[] = {"input_tokens", "output_tokens"};
    int at[2], r = csv_columns(csv, name, 2, at, err);

    while (r == 0 && csv_next(csv))
        for (int i = 0; i < 2 && r == 0; i++)
            r = sample_add(&data->sample[into[i]], number(csv, at[i]));
    return r;
}

/* ---- Claude Code: rows of a session stand together ---- */

static int read_agents(struct csv *csv, struct real_data *data, const enum calibration *into,
                       struct err *err)
{
    static const char *const name[] = {"session", "input_tokens", "output_tokens", "think_time_s"};
    char session[64] = "";
    double turns = 0.0;
    int at[4], r = csv_columns(csv, name, 4, at, err);

    (void)into;
    while (r == 0 && csv_next(csv)) {
        bool first = strcmp(session, csv->field[at[0]]) != 0;

        if (first && turns > 0.0)
            r = sample_add(&data->sample[CALIBRATION_agent_turns], turns);
        if (first && r == 0)
            r = sample_add(&data->sample[CALIBRATION_agent_first_input], number(csv, at[1]));
        if (!first && r == 0 && csv->field[at[3]][0])
            r = sample_add(&data->sample[CALIBRATION_agent_think_s],
                           at_least(number(csv, at[3]), 0.01));
        turns = first ? 1.0 : turns + 1.0;
        (void)snprintf(session, sizeof session, "%s", csv->field[at[0]]);
        if (r == 0)
            r = sample_add(&data->sample[CALIBRATION_agent_input], number(csv, at[1]));
        if (r == 0)
            r = sample_add(&data->sample[CALIBRATION_agent_output], number(csv, at[2]));
    }
    return r == 0 && turns > 0.0 ? sample_add(&data->sample[CALIBRATION_agent_turns], turns) : r;
}

/* ---- ServeGen ---- */

static int read_client_lengths(struct csv *csv, struct real_data *data,
                               const enum calibration *into, struct err *err)
{
    static const char *const name[] = {"field", "requests_est", "q50", "ln_sigma"};
    static const double REQUESTS_MIN = 100.0; /* fewer do not make a median */
    int at[4], r = csv_columns(csv, name, 4, at, err);

    while (r == 0 && csv_next(csv)) {
        bool output = strcmp(csv->field[at[0]], "output_tokens") == 0;

        if ((!output && strcmp(csv->field[at[0]], "input_tokens") != 0) ||
            number(csv, at[1]) < REQUESTS_MIN)
            continue;
        r = sample_add(&data->sample[into[output]], at_least(number(csv, at[2]), 1.0));
        if (r == 0)
            r = sample_add(&data->sample[into[2 + output]], at_least(number(csv, at[3]), 0.01));
    }
    return r;
}

struct client {
    char id[32];
    double rate, hour[HOURS_PER_DAY];
    uint32_t windows;
    struct sample gap_cv;
};

double night_by_day(const double hour[HOURS_PER_DAY])
{
    static const int night[] = {1, 2, 3, 4, 5}, day[] = {10, 11, 14, 15, 16, 17, 20, 21};
    double at_night = 0.0, by_day = 0.0;

    for (size_t i = 0; i < sizeof night / sizeof *night; i++)
        at_night += hour[night[i]] / 5.0;
    for (size_t i = 0; i < sizeof day / sizeof *day; i++)
        by_day += hour[day[i]] / 8.0;
    return by_day > 0.0 ? at_least(at_night / by_day, 1e-3) : NAN;
}

/* into: per day, active share, gap CV, night by day. */
static int client_end(struct client *c, double days, struct real_data *data,
                      const enum calibration *into)
{
    double night = night_by_day(c->hour);
    int r = 0;

    if (c->windows > 0) {
        sample_sort(&c->gap_cv);
        r = sample_add(&data->sample[into[0]], c->rate * 600.0 / days);
        if (r == 0)
            r = sample_add(&data->sample[into[1]], c->windows / (WINDOWS_PER_DAY * days));
        if (r == 0 && c->gap_cv.count > 0)
            r = sample_add(&data->sample[into[2]], sample_quantile(&c->gap_cv, 0.5));
        if (r == 0 && !isnan(night))
            r = sample_add(&data->sample[into[3]], night);
    }
    sample_deinit(&c->gap_cv);
    *c = (struct client){0};
    return r;
}

static int read_client_rates(struct csv *csv, struct real_data *data, const enum calibration *into,
                             struct err *err)
{
    static const char *const name[] = {"client", "t_s", "rate_rps", "iat_cv"};
    struct client client = {0};
    double days = into[0] == CALIBRATION_m_large_per_day ? 14.0 : 1.0; /* README of the data */
    int at[4], r = csv_columns(csv, name, 4, at, err);

    while (r == 0 && csv_next(csv)) {
        uint32_t hour = (uint32_t)(number(csv, at[1]) / 3600.0) % HOURS_PER_DAY;

        if (strcmp(client.id, csv->field[at[0]]) != 0)
            r = client_end(&client, days, data, into);
        (void)snprintf(client.id, sizeof client.id, "%s", csv->field[at[0]]);
        client.rate += number(csv, at[2]);
        client.hour[hour] += number(csv, at[2]);
        client.windows++;
        if (r == 0 && csv->field[at[3]][0] && number(csv, at[3]) > 0.0)
            r = sample_add(&client.gap_cv, number(csv, at[3]));
    }
    if (r == 0)
        return client_end(&client, days, data, into);
    sample_deinit(&client.gap_cv);
    return r;
}

/* ---- ShareGPT: user turns of chats seen from their start ---- */

static int read_chats(struct csv *csv, struct real_data *data, const enum calibration *into,
                      struct err *err)
{
    static const char *const name[] = {"conv", "is_continuation_piece", "role", "words"};
    char chat[64] = "";
    double turns = 0.0;
    int at[4], r = csv_columns(csv, name, 4, at, err);

    while (r == 0 && csv_next(csv)) {
        if (csv->field[at[1]][0] != '0' || csv->field[at[2]][0] != 'u')
            continue;
        if (strcmp(chat, csv->field[at[0]]) != 0) {
            if (turns > 0.0)
                r = sample_add(&data->sample[into[0]], turns);
            turns = 0.0;
        } else {
            r = sample_add(&data->sample[into[1]], at_least(number(csv, at[3]), 1.0));
        }
        turns++;
        (void)snprintf(chat, sizeof chat, "%s", csv->field[at[0]]);
    }
    return r == 0 && turns > 0.0 ? sample_add(&data->sample[into[0]], turns) : r;
}

/* ---- prompts: JSON lines ---- */

uint32_t words_in(const char *text, size_t size)
{
    uint32_t words = 0;
    bool inside = false;

    for (size_t i = 0; i < size; i++) {
        bool space = text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r');

        words += !space && !inside;
        inside = !space;
    }
    return words;
}

static int read_prompts(const char *folder, const char *name, struct sample *into, struct err *err)
{
    static char line[LINE_SIZE];
    char path[512];
    gzFile file;
    int r = 0;

    (void)snprintf(path, sizeof path, "%s/prompts/%s.jsonl.gz", folder, name);
    file = gzopen(path, "rb");
    if (!file)
        return errno == ENOENT ? 0 : err_set(err, -errno, "%s: %s", path, strerror(errno));
    while (r == 0 && gzgets(file, line, sizeof line)) {
        json_t *row = json_loads(line, 0, NULL); /* NULL for a line that was cut: left out */
        const char *text = json_string_value(json_object_get(row, "p"));

        if (text && json_integer_value(json_object_get(row, "turn")) == 0)
            r = sample_add(into, at_least(words_in(text, strlen(text)), 1.0));
        json_decref(row);
    }
    gzclose(file);
    return r;
}

/* ---- all of it ---- */

#define C(name) CALIBRATION_##name
#define SERVEGEN(pool)                                                                             \
    C(pool##_input), C(pool##_output), C(pool##_input_sigma), C(pool##_output_sigma)
#define RATES(pool) C(pool##_per_day), C(pool##_active), C(pool##_gap_cv), C(pool##_night_day)

static const struct {
    const char *name;
    int (*read)(struct csv *csv, struct real_data *data, const enum calibration *into,
                struct err *err);
    enum calibration into[4];
} traffic[] = {
    {"azure_llm_2023_conv", read_lengths, {C(azure_conv_input), C(azure_conv_output)}},
    {"azure_llm_2023_code", read_lengths, {C(azure_code_input), C(azure_code_output)}},
    {"arxiv_summarization_lengths", read_lengths, {C(arxiv_input), C(arxiv_output)}},
    {"claude_code_sessions", read_agents, {0}},
    {"servegen_m-large_length_quantiles", read_client_lengths, {SERVEGEN(m_large)}},
    {"servegen_deepseek-r1_length_quantiles", read_client_lengths, {SERVEGEN(r1)}},
    {"servegen_m-large_rates", read_client_rates, {RATES(m_large)}},
    {"servegen_deepseek-r1_rates", read_client_rates, {RATES(r1)}},
    {"sharegpt_turn_structure", read_chats, {C(sharegpt_turns), C(sharegpt_later_words)}},
};

static const struct {
    const char *name;
    enum calibration into;
} prompts[] = {
    {"human_oasst", C(human_words)},
    {"human_iw_seed_en", C(human_words)},
};

static int read_folder(struct real_data *data, const char *folder, struct err *err)
{
    int r = 0;

    for (size_t i = 0; i < sizeof traffic / sizeof *traffic && r == 0; i++) {
        struct csv csv;

        r = csv_open(&csv, folder, traffic[i].name, err);
        if (r <= 0)
            continue;
        r = traffic[i].read(&csv, data, traffic[i].into, err);
        gzclose(csv.file);
    }
    for (size_t i = 0; i < sizeof prompts / sizeof *prompts && r == 0; i++)
        r = read_prompts(folder, prompts[i].name, &data->sample[prompts[i].into], err);
    return r == -ENOMEM ? err_set(err, r, "%s: out of memory", folder) : r;
}

const char *real_data_folder(void)
{
    const char *folder = getenv("STILLWATCH_DATA");
    struct stat st;

    if (!folder)
        folder = "../shared/data";
    return stat(folder, &st) == 0 && S_ISDIR(st.st_mode) ? folder : NULL;
}

/* A sample that has the table's quantiles. */
static int from_table(struct sample *sample, const struct calibration_table *table)
{
    enum { POINTS = 2000 };
    int r = 0;

    for (int i = 0; i < POINTS && r == 0; i++)
        r = sample_add(sample, calibration_quantile(table, (i + 0.5) / POINTS));
    return r;
}

int real_data_new(const char *folder, struct real_data **out, struct err *err)
{
    AUTO(real_data_free) struct real_data *data = calloc(1, sizeof *data);
    int r;

    if (!data)
        return err_set(err, -ENOMEM, "out of memory");
    r = folder ? read_folder(data, folder, err) : 0;
    for (int i = 0; i < CALIBRATION_COUNT && r == 0; i++) {
        struct sample *sample = &data->sample[i];

        sample->measured = sample->count > 0;
        data->measured_count += sample->measured;
        if (!sample->measured)
            r = from_table(sample, &calibration_table[i]);
        sample_sort(sample);
    }
    if (r < 0)
        return r == -ENOMEM ? err_set(err, r, "out of memory") : r;
    *out = TAKE(data);
    return 0;
}

void real_data_free(struct real_data *data)
{
    if (!data)
        return;
    for (int i = 0; i < CALIBRATION_COUNT; i++)
        sample_deinit(&data->sample[i]);
    free(data);
}
