#include "siphash.h"

#include "base/rng.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

static uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void rounds(uint64_t v[4], int count)
{
    for (int i = 0; i < count; i++) {
        v[0] += v[1];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[0] = rotate(v[0], 32);
        v[2] += v[3];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[2] = rotate(v[2], 32);
    }
}

static uint64_t load(const unsigned char *p, uint32_t n)
{
    uint64_t word = 0;

    for (uint32_t i = 0; i < n; i++)
        word |= (uint64_t)p[i] << 8 * i;
    return word;
}

static uint64_t load_word(const unsigned char *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof word);
    return le64toh(word);
}

static void store(uint64_t word, uint8_t *out)
{
    word = htole64(word);
    memcpy(out, &word, sizeof word);
}

static void absorb(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    rounds(v, 2);
    v[0] ^= word;
}

void siphash128(struct str data, const uint64_t key[2], uint8_t out[16])
{
    uint64_t v[4] = {
        key[0] ^ 0x736f6d6570736575u,
        key[1] ^ 0x646f72616e646f6du ^ 0xee, /* 0xee and 0xdd ask for 128 bits */
        key[0] ^ 0x6c7967656e657261u,
        key[1] ^ 0x7465646279746573u,
    };
    const unsigned char *p = (const unsigned char *)data.p;
    uint32_t left = data.n;

    for (; left >= 8; p += 8, left -= 8)
        absorb(v, load_word(p));
    absorb(v, load(p, left) | (uint64_t)(data.n & 0xff) << 56);
    v[2] ^= 0xee;
    rounds(v, 4);
    store(v[0] ^ v[1] ^ v[2] ^ v[3], out);
    v[1] ^= 0xdd;
    rounds(v, 4);
    store(v[0] ^ v[1] ^ v[2] ^ v[3], out + 8);
}

void siphash_hex(struct str data, uint64_t secret, char text[SIPHASH_HEX_SIZE])
{
    const uint64_t key[2] = {mix64(secret), mix64(secret ^ 0x6669656c646d6170u)};
    uint8_t hash[16];

    siphash128(data, key, hash);
    for (int i = 0; i < 16; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", hash[i]);
}
