#include "infrastructure.h"

#include "base/hash.h"
#include "base/rng.h"

#include <errno.h>
#include <stdlib.h>

enum { REGION_MAX = 256, BLOCK_SIZE = 256, ASN_PER_REGION = 64, SITE_COUNT = 1 << 16 };

/* 240.0.0.0 - 251.255.255.255 are people's, 252.0.0.0 - 255.255.255.0 organisations'. */
static const uint32_t CONSUMER_FIRST = 0xF0000000u, CONSUMER_SIZE = 0x0C000000u;
static const uint32_t BLOCKS_FIRST = 0xFC000000u, BLOCKS_LAST = 0xFFFFFF00u;
static const int64_t ASN_CONSUMER = 4200000000, ASN_BLOCKS_SHORT = 64512, ASN_BLOCKS = 4210000000;
enum { ASN_SHORT_COUNT = 1023 }; /* 64512 - 65534 */

/* One country's part of the consumer space. */
struct region {
    const char *country;
    double demand;
    uint32_t first, size;            /* IPv4 addresses */
    uint32_t site_first, site_count; /* IPv6 /48 of 2001:db8::/32 */
    uint32_t asn_count;
};

struct network_plan {
    const struct network_spec *spec;
    bool scattered;
    uint64_t seed;
    uint32_t slice[COUNTRY_MAX];  /* exits in each country, at least 1 */
    uint32_t first[COUNTRY_MAX];  /* blocks: first address of the country's exits */
    uint32_t region[COUNTRY_MAX]; /* scattered: the country's region */
    int64_t asn;                  /* blocks: the first number */
};

struct infrastructure {
    struct network_plan *network;
    uint32_t network_count;
    struct region region[REGION_MAX];
    uint32_t region_count;
    char decimal[256][4]; /* "7.": the byte with a dot after it */
    uint8_t decimal_size[256];
};

static bool is_scattered(enum network kind)
{
    return kind == NETWORK_RESIDENTIAL || kind == NETWORK_MOBILE || kind == NETWORK_PROXY;
}

/* More countries than REGION_MAX share the last region: nobody has that many. */
static uint32_t region_find(struct infrastructure *inf, const char *country)
{
    uint32_t i = 0;

    while (i < inf->region_count && strcmp(inf->region[i].country, country) != 0)
        i++;
    if (i == inf->region_count) {
        if (i == REGION_MAX)
            return REGION_MAX - 1;
        inf->region[inf->region_count++] = (struct region){.country = country};
    }
    return i;
}

static void slices_make(struct network_plan *n)
{
    const struct network_spec *s = n->spec;
    double total = 0.0;

    for (uint32_t c = 0; c < s->country_count; c++)
        total += s->country_weight[c];
    for (uint32_t c = 0; c < s->country_count; c++) {
        double share = total > 0.0 ? s->country_weight[c] / total : 1.0 / s->country_count;
        double exits = share * s->exit_count;

        n->slice[c] = exits < 1.0 ? 1 : (uint32_t)exits;
    }
}

/* Countries get consumer space in proportion to the exits that lie there. */
static void regions_place(struct infrastructure *inf)
{
    uint32_t at = CONSUMER_FIRST, site = 0;
    double total = 0.0;

    for (uint32_t i = 0; i < inf->region_count; i++)
        total += inf->region[i].demand;
    for (uint32_t i = 0; i < inf->region_count; i++) {
        struct region *r = &inf->region[i];
        double share = 0.99 * r->demand / total;
        uint32_t room_left = CONSUMER_FIRST + CONSUMER_SIZE - at;

        r->size = (uint32_t)(share * CONSUMER_SIZE) / BLOCK_SIZE * BLOCK_SIZE + BLOCK_SIZE;
        if (r->size > room_left)
            r->size = room_left;
        r->first = at;
        at += r->size;
        r->site_first = site;
        r->site_count = (uint32_t)(share * (SITE_COUNT - REGION_MAX)) + 1;
        site += r->site_count;
    }
}

/* The block networks follow one another, each country's part on a /24 of its own. */
static void blocks_place(struct infrastructure *inf)
{
    uint32_t at = BLOCKS_FIRST, asn = 0;

    for (uint32_t i = 0; i < inf->network_count; i++) {
        struct network_plan *n = &inf->network[i];
        uint32_t count = n->spec->asn_count ? n->spec->asn_count : 1;

        if (n->scattered)
            continue;
        n->asn = asn + count <= ASN_SHORT_COUNT ? ASN_BLOCKS_SHORT + asn : ASN_BLOCKS + asn;
        asn += count;
        for (uint32_t c = 0; c < n->spec->country_count; c++) {
            uint32_t room = BLOCKS_LAST - at;

            n->first[c] = at;
            if (n->slice[c] > room)
                n->slice[c] = room;
            at += (n->slice[c] + BLOCK_SIZE - 1) / BLOCK_SIZE * BLOCK_SIZE;
            if (at >= BLOCKS_LAST || at < BLOCKS_FIRST)
                at = BLOCKS_FIRST; /* 67 million addresses are given out: begin again */
        }
    }
}

static void network_plan(struct infrastructure *inf, struct network_plan *n,
                         const struct network_spec *spec)
{
    n->spec = spec;
    n->scattered = is_scattered(spec->kind);
    n->seed = hash_str(str_of(spec->name), 0);
    slices_make(n);
    if (!n->scattered)
        return;
    for (uint32_t c = 0; c < spec->country_count; c++) {
        struct region *r;

        n->region[c] = region_find(inf, spec->country[c]);
        r = &inf->region[n->region[c]];
        r->demand += n->slice[c];
        if (r->asn_count < spec->asn_count)
            r->asn_count = spec->asn_count < ASN_PER_REGION ? spec->asn_count : ASN_PER_REGION;
        if (r->asn_count == 0)
            r->asn_count = 1;
    }
}

static void decimals_make(struct infrastructure *inf)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        char *p = inf->decimal[byte];

        if (byte >= 100)
            *p++ = (char)('0' + byte / 100);
        if (byte >= 10)
            *p++ = (char)('0' + byte / 10 % 10);
        *p++ = (char)('0' + byte % 10);
        *p++ = '.';
        inf->decimal_size[byte] = (uint8_t)(p - inf->decimal[byte]);
    }
}

int infrastructure_new(const struct scenario *scenario, struct infrastructure **out)
{
    struct infrastructure *inf = calloc(1, sizeof *inf);

    if (!inf)
        return -ENOMEM;
    inf->network_count = scenario->network_count;
    inf->network = calloc(scenario->network_count + 1, sizeof *inf->network);
    if (!inf->network) {
        free(inf);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < scenario->network_count; i++)
        network_plan(inf, &inf->network[i], &scenario->network[i]);
    regions_place(inf);
    blocks_place(inf);
    decimals_make(inf);
    *out = inf;
    return 0;
}

void infrastructure_free(struct infrastructure *inf)
{
    if (!inf)
        return;
    free(inf->network);
    free(inf);
}

/* Four bytes are copied whatever the number's size: the next one overwrites the rest. */
static void ipv4_put(const struct infrastructure *inf, struct exit_address *out, uint32_t address)
{
    char *p = out->text;

    for (int shift = 24; shift >= 0; shift -= 8) {
        uint32_t byte = address >> shift & 255;

        memcpy(p, inf->decimal[byte], 4);
        p += inf->decimal_size[byte];
    }
    out->text_size = (uint32_t)(p - out->text) - 1;
}

/* As RFC 5952 wants it: no leading zeros, and no group here is likely to be zero twice. */
static char *hex_put(char *p, uint32_t group)
{
    static const char hex[] = "0123456789abcdef";
    int shift = 12;

    while (shift > 0 && group >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        *p++ = hex[group >> shift & 15];
    return p;
}

static void ipv6_put(struct exit_address *out, uint32_t site, uint64_t host)
{
    static const char prefix[] = "2001:db8:";
    char *p = out->text + sizeof prefix - 1;

    memcpy(out->text, prefix, sizeof prefix - 1);
    p = hex_put(p, site);
    *p++ = ':';
    p = hex_put(p, (uint32_t)(host >> 48) | 1);
    memcpy(p, "::", 2);
    p = hex_put(p + 2, (uint32_t)(host & 0xffff) | 1);
    out->text_size = (uint32_t)(p - out->text);
}

/* A number in [0, n) from 64 mixed bits. */
static uint32_t fold(uint64_t bits, uint32_t n)
{
    return (uint32_t)(((bits >> 32) * n) >> 32);
}

static void scattered_exit(const struct infrastructure *inf, const struct network_plan *n,
                           uint32_t country, uint32_t index, struct exit_address *out)
{
    const struct region *r = &inf->region[n->region[country]];
    uint64_t place = mix64(n->seed ^ (uint64_t)country << 32 ^ index);
    uint32_t block;

    if (n->spec->ipv6 && place & 1) {
        block = fold(place, r->site_count);
        ipv6_put(out, r->site_first + block, mix64(place));
    } else {
        uint32_t offset = fold(place, r->size);

        block = offset >> 12; /* an operator's allocation: a /20 */
        ipv4_put(inf, out, r->first + offset);
    }
    out->asn = ASN_CONSUMER + (int64_t)n->region[country] * ASN_PER_REGION +
               (int64_t)(mix64(block) % r->asn_count);
}

void infrastructure_exit(const struct infrastructure *inf, uint32_t network, uint32_t country,
                         uint64_t exit, struct exit_address *out)
{
    const struct network_plan *n = &inf->network[network];
    uint32_t index = fold(mix64(exit), n->slice[country]);

    out->country = n->spec->country[country];
    if (n->scattered) {
        scattered_exit(inf, n, country, index, out);
        return;
    }
    ipv4_put(inf, out, n->first[country] + index);
    out->asn = n->asn + (int64_t)((n->first[country] + index) / BLOCK_SIZE %
                                  (n->spec->asn_count ? n->spec->asn_count : 1));
}
