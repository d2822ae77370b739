#include "client.h"

#include "base/rng.h"

struct product {
    const char *name;
    uint32_t major, minors; /* versions major.0 .. major.(minors - 1) are about */
};

enum { PRODUCTS = 6 };

/* Invented names in the proportions of the real thing: official libraries first, then plain HTTP.
 */
static const struct product product[PATHWAY_COUNT][PRODUCTS] = {
    [PATHWAY_API] = {{"sdk-python", 1, 9},
                     {"sdk-typescript", 2, 7},
                     {"python-requests", 2, 4},
                     {"node-fetch", 3, 3},
                     {"go-http-client", 1, 2},
                     {"okhttp", 4, 5}},
    [PATHWAY_WEB] = {{"Mozilla/5.0 Chrome", 126, 6},
                     {"Mozilla/5.0 Safari", 17, 5},
                     {"app-ios", 4, 9},
                     {"app-android", 4, 9},
                     {"Mozilla/5.0 Firefox", 127, 5},
                     {"desktop", 1, 8}},
    [PATHWAY_CLOUD] = {{"cloud-sdk-python", 1, 8},
                       {"cloud-sdk-java", 2, 6},
                       {"cloud-cli", 2, 5},
                       {"cloud-sdk-go", 1, 6},
                       {"cloud-sdk-js", 3, 7},
                       {"cloud-gateway", 1, 2}},
    [PATHWAY_AGGREGATOR] = {{"router", 1, 3},
                            {"gateway", 2, 3},
                            {"sdk-python", 1, 9},
                            {"proxy-go", 0, 6},
                            {"edge-worker", 1, 4},
                            {"sdk-typescript", 2, 7}},
};

static char *number_put(char *p, uint32_t n)
{
    if (n >= 100)
        *p++ = (char)('0' + n / 100 % 10);
    if (n >= 10)
        *p++ = (char)('0' + n / 10 % 10);
    *p++ = (char)('0' + n % 10);
    return p;
}

static char *hex_put(char *p, uint64_t bits, int digits)
{
    for (int i = 0; i < digits; i++)
        *p++ = "0123456789abcdef"[bits >> (4 * i) & 15];
    return p;
}

static void user_agent_make(struct client *out, const struct product *of, uint32_t minor,
                            uint32_t patch)
{
    size_t n = strlen(of->name);
    char *p = out->user_agent + n;

    memcpy(out->user_agent, of->name, n);
    *p++ = '/';
    p = number_put(p, of->major);
    *p++ = '.';
    p = number_put(p, minor);
    *p++ = '.';
    p = number_put(p, patch);
    out->user_agent_size = (uint8_t)(p - out->user_agent);
}

/* The handshake of a product's version; JA4 is protocol and counts, then two hashes. */
static void fingerprint_make(struct client *out, uint64_t seed)
{
    char *p = out->fingerprint;
    uint64_t h = mix64(seed);

    memcpy(p, "t13d", 4);
    p += 4;
    *p++ = '1';
    *p++ = (char)('0' + h % 8);
    *p++ = (char)('0' + (h >> 8) % 2);
    *p++ = (char)('5' + (h >> 16) % 5);
    memcpy(p, "h2_", 3);
    p = hex_put(p + 3, mix64(h), 12);
    *p++ = '_';
    p = hex_put(p, mix64(h + 1), 12);
    out->fingerprint_size = (uint8_t)(p - out->fingerprint);
}

/* Each product has 0.45 of what the more popular ones left: a handful carries nearly all. */
static uint32_t product_pick(uint64_t bits)
{
    uint32_t i = 0;

    while (i + 1 < PRODUCTS && (bits & 0xff) >= 115) {
        bits >>= 8;
        i++;
    }
    return i;
}

void client_popular(enum pathway pathway, uint64_t bits, struct client *out)
{
    uint32_t which = product_pick(bits);
    const struct product *of = &product[pathway][which];
    uint32_t minor = (uint32_t)((bits >> 48) % of->minors);

    user_agent_make(out, of, minor, (uint32_t)((bits >> 56) % 3));
    /* Two minor versions share a TLS library. */
    fingerprint_make(out, (uint64_t)pathway << 32 | which << 8 | minor / 2);
}

void client_own(enum pathway pathway, uint64_t seed, struct client *out)
{
    uint64_t bits = mix64(seed);
    const struct product *of = &product[pathway][product_pick(bits)];

    user_agent_make(out, of, (uint32_t)((bits >> 48) % of->minors), (uint32_t)(bits >> 56) % 40);
    fingerprint_make(out, seed);
}
