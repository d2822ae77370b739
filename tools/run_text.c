#include "run_text.h"

#include <inttypes.h>

enum { CLUSTERS_SHOWN = 20 };

/* "1,234,567" */
struct grouped {
    char text[32];
};

static struct grouped grouped(uint64_t n)
{
    struct grouped out;
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%" PRIu64, n);
    int to = 0;

    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            out.text[to++] = ',';
        out.text[to++] = digits[i];
    }
    out.text[to] = '\0';
    return out;
}

static void print_source(FILE *out, const struct run_facts *facts)
{
    const struct event_source_counters *c = facts->source;

    (void)fprintf(out,
                  "Read %s records, %s of them exchanges, in %.1f s (%.2f million a second).\n",
                  grouped(c->accepted).text, grouped(c->exchanges).text, facts->wall_s,
                  facts->wall_s > 0.0 ? (double)c->accepted / facts->wall_s / 1e6 : 0.0);
    if (c->refused + c->duplicate + c->late + c->leap + c->reorder_forced > 0)
        (void)fprintf(out,
                      "Not used: %s refused, %s duplicate, %s late, %s far ahead of their time.\n",
                      grouped(c->refused).text, grouped(c->duplicate).text, grouped(c->late).text,
                      grouped(c->leap).text);
}

static void print_cluster(FILE *out, const struct cluster_view *c)
{
    char since[MSEC_TEXT_SIZE];

    (void)fprintf(out, "  c%-5" PRIu64 " %-6s  %.3f  %-10s  %s accounts, %s exchanges, since %s\n",
                  c->cluster, level_name[c->level], c->score, c->verdict,
                  grouped(c->member_count).text, grouped(c->exchanges).text,
                  msec_format(c->first_ts, since));
}

static void print_clusters(FILE *out, const struct detector *detector)
{
    uint32_t count = detector_cluster_count(detector), alarmed = 0;
    struct cluster_view cluster;

    for (uint32_t i = 0; i < count; i++) {
        detector_cluster_view(detector, i, &cluster);
        alarmed += cluster.level >= LEVEL_REVIEW;
    }
    (void)fprintf(out, "Groups at review or act: %s%s\n", grouped(alarmed).text,
                  alarmed ? "" : " (none)");
    for (uint32_t i = 0, shown = 0; i < count && shown < CLUSTERS_SHOWN; i++) {
        detector_cluster_view(detector, i, &cluster);
        if (cluster.level < LEVEL_REVIEW)
            continue;
        print_cluster(out, &cluster);
        shown++;
    }
    if (alarmed > CLUSTERS_SHOWN)
        (void)fprintf(out, "  and %s more\n", grouped(alarmed - CLUSTERS_SHOWN).text);
}

static void print_accounts(FILE *out, const struct run_levels *levels)
{
    uint64_t seen = 0, alarmed = 0;

    for (unsigned level = 0; level <= LEVEL_ACT; level++) {
        seen += levels->accounts[level];
        alarmed += level >= LEVEL_REVIEW ? levels->accounts[level] : 0;
    }
    (void)fprintf(out, "Accounts at review or act: %s of %s, %s of them in no group.\n",
                  grouped(alarmed).text, grouped(seen).text, grouped(levels->alone).text);
}

/* Names the families that the log fed, or those that it did not; how many there are. */
static unsigned print_families(FILE *out, const struct coverage *coverage, bool fed)
{
    unsigned count = 0;

    for (unsigned f = 0; f < FAMILY_COUNT; f++) {
        if (!family_is_fed(f) || (coverage->share[f] > 0.0) != fed)
            continue;
        (void)fprintf(out, "%s%s", count++ ? ", " : " ", family_name[f]);
        if (fed)
            (void)fprintf(out, " %.0f %%", 100.0 * coverage->share[f]);
    }
    return count;
}

static void print_coverage(FILE *out, const struct detector *detector)
{
    struct coverage coverage;

    detector_coverage(detector, &coverage);
    (void)fputs("Evidence that the log could feed, by share of exchanges:", out);
    (void)fputs(print_families(out, &coverage, true) ? ".\nNot fed:" : " none.\nNot fed:", out);
    (void)fputs(print_families(out, &coverage, false) ? ".\n" : " none.\n", out);
}

void run_text_print(FILE *out, const struct detector *detector, const struct run_facts *facts,
                    const struct run_levels *levels, const char *folder)
{
    if (facts->source)
        print_source(out, facts);
    print_clusters(out, detector);
    print_accounts(out, levels);
    print_coverage(out, detector);
    (void)fprintf(out, "Details: %s\n", folder);
}
