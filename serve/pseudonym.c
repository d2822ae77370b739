#include "pseudonym.h"

#include "base/hash.h"
#include "tools/text_file.h"

#include <arpa/inet.h>
#include <errno.h>

enum { KEY_SIZE_MIN = 16 };

int pseudonym_load(const char *path, struct pseudonym *out, struct err *err)
{
    AUTO_FREE char *text = NULL;
    uint8_t hash[16];
    size_t size;
    int r = text_file_read(path, &text, &size, err);

    if (r < 0)
        return r;
    if (size < KEY_SIZE_MIN)
        return err_set(err, -EINVAL, "%s: a key has at least %d bytes, this one %zu", path,
                       KEY_SIZE_MIN, size);
    siphash128((struct str){text, (uint32_t)size}, (const uint64_t[2]){size, 0}, hash);
    memcpy(out->key, hash, sizeof out->key);
    return 0;
}

const char *pseudonym_id(const struct pseudonym *pseudonym, struct str id, char *text)
{
    static const char digit[] = "0123456789abcdef";
    uint8_t hash[16];

    siphash128(id, pseudonym->key, hash);
    for (unsigned i = 0; i < sizeof hash; i++) {
        text[2 * i] = digit[hash[i] >> 4];
        text[2 * i + 1] = digit[hash[i] & 15];
    }
    text[2 * sizeof hash] = '\0';
    return text;
}

/* The network's bytes of an address: /24 or /48. 0 when it does not parse. */
static uint32_t network_of(struct str ip, unsigned char network[6])
{
    char text[INET6_ADDRSTRLEN];
    unsigned char address[16];

    if (ip.n >= sizeof text)
        return 0;
    memcpy(text, ip.p, ip.n);
    text[ip.n] = '\0';
    if (inet_pton(AF_INET, text, address) == 1) {
        memcpy(network, address, 3);
        return 3;
    }
    if (inet_pton(AF_INET6, text, address) != 1)
        return 0;
    memcpy(network, address, 6);
    return 6;
}

/* fdNN:NNNN:NNNN for the network, the rest for the address. */
static struct str pseudonym_ip(const struct pseudonym *pseudonym, struct str ip, char *text)
{
    unsigned char network[6], address[16], hash[16];
    uint32_t n = network_of(ip, network);

    siphash128(ip, pseudonym->key, address);
    if (n == 0)
        return str_of(pseudonym_id(pseudonym, ip, text));
    siphash128((struct str){(const char *)network, n}, pseudonym->key, hash);
    address[0] = 0xfd;
    memcpy(address + 1, hash, 5);
    (void)inet_ntop(AF_INET6, address, text, PSEUDONYM_SIZE);
    return str_of(text);
}

void pseudonym_event(const struct pseudonym *pseudonym, struct api_event *ev,
                     struct pseudonym_text *text)
{
    struct str *const ids[] = {&ev->account, &ev->org,       &ev->key,       &ev->session,
                               &ev->payment, &ev->device,    &ev->signature, &ev->email_domain,
                               &ev->client,  &ev->name_shape};
    static const enum field field[] = {
        FIELD_account, FIELD_org,       FIELD_key,          FIELD_session, FIELD_payment,
        FIELD_device,  FIELD_signature, FIELD_email_domain, FIELD_client,  FIELD_name_shape};
    enum { IDS = sizeof field / sizeof field[0] };

    for (unsigned i = 0; i < IDS; i++)
        if (event_has(ev, field[i]))
            *ids[i] = str_of(pseudonym_id(pseudonym, *ids[i], text->field[i]));
    if (event_has(ev, FIELD_ip))
        ev->ip = pseudonym_ip(pseudonym, ev->ip, text->field[IDS]);
    if (event_has(ev, FIELD_signup_ip))
        ev->signup_ip = pseudonym_ip(pseudonym, ev->signup_ip, text->field[IDS + 1]);
}
