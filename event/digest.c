#include "digest.h"

#include "base/hash.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define ATTRIBUTE_NAME(name, help) #name,
#define ATTRIBUTE_HELP(name, help) help,
const char *const attribute_name[ATTRIBUTE_COUNT] = {ATTRIBUTE_KINDS(ATTRIBUTE_NAME)};
const char *const attribute_help[ATTRIBUTE_COUNT] = {ATTRIBUTE_KINDS(ATTRIBUTE_HELP)};

const char *const network_name[NETWORK_COUNT] = {
    "", "residential", "mobile", "business", "education", "hosting", "vpn", "proxy",
};
const char *const plan_name[PLAN_OTHER] = {
    "", "free", "pro", "team", "enterprise", "education", "research", "startup",
};
const char *const action_name[ACTION_OTHER] = {
    "", "limit", "challenge", "suspend", "ban", "restore",
};

/* Longest text of an attribute value that reports show. */
enum { ATTRIBUTE_TEXT_MAX = 63 };

/* Different kinds of value never share a hash: the kind is part of the key. */
static uint64_t kind_key(uint64_t key, enum field f)
{
    return key ^ ((uint64_t)f + 1) * 0x9e3779b97f4a7c15u;
}

static int text_reserve(struct digest_batch *batch, uint32_t more)
{
    uint32_t capacity = batch->text_capacity ? batch->text_capacity : 64 * 1024;
    char *text;

    if (batch->text_capacity - batch->text_size >= more)
        return 0;
    while (capacity - batch->text_size < more)
        capacity *= 2;
    text = realloc(batch->text, capacity);
    if (!text)
        return -ENOMEM;
    batch->text = text;
    batch->text_capacity = capacity;
    return 0;
}

/* Copies n > 0 bytes, mostly 8 to 31: inline, and for those without a loop. */
static inline void copy_short(char *to, const char *from, uint32_t n)
{
    typedef char unit __attribute__((vector_size(16)));
    unit part;
    uint64_t word;

    if (n >= sizeof part) {
        for (uint32_t i = 0; i + sizeof part <= n; i += sizeof part) {
            memcpy(&part, from + i, sizeof part);
            memcpy(to + i, &part, sizeof part);
        }
        memcpy(&part, from + n - sizeof part, sizeof part);
        memcpy(to + n - sizeof part, &part, sizeof part);
    } else if (n >= sizeof word) {
        memcpy(&word, from, sizeof word);
        memcpy(to, &word, sizeof word);
        memcpy(&word, from + n - sizeof word, sizeof word);
        memcpy(to + n - sizeof word, &word, sizeof word);
    } else {
        for (uint32_t i = 0; i < n; i++)
            to[i] = from[i];
    }
}

/* Behind the texts that the digest has. Room was reserved before. Returns the size. */
static inline uint32_t text_keep(struct digest_batch *batch, struct str s, uint32_t max)
{
    uint32_t size = s.n < max ? s.n : max;

    while (size < s.n && size > 0 && ((unsigned char)s.p[size] & 0xC0) == 0x80)
        size--; /* cut between characters */
    if (size == 0)
        return 0;
    copy_short(batch->text + batch->text_size, s.p, size);
    batch->text_size += size;
    return size;
}

static struct str text_at(const struct digest_batch *batch, uint32_t offset, uint32_t size)
{
    return size ? (struct str){batch->text + offset, size} : (struct str){NULL, 0};
}

struct str digest_account_text(const struct digest_batch *batch, const struct digest *d)
{
    return text_at(batch, d->texts.offset, d->texts.account_size);
}

struct str digest_attribute_text(const struct digest_batch *batch, const struct digest *d,
                                 enum attribute a)
{
    uint32_t offset = d->texts.offset + d->texts.account_size;

    if (a == ATTRIBUTE_net)
        a = ATTRIBUTE_ip;
    for (unsigned k = 0; k < a; k++)
        offset += d->texts.attribute_size[k];
    return text_at(batch, offset, d->texts.attribute_size[a]);
}

uint32_t digest_texts_size(const struct digest *d)
{
    uint32_t size = d->texts.account_size;

    for (unsigned k = 0; k < ATTRIBUTE_COUNT; k++)
        size += d->texts.attribute_size[k];
    return size;
}

int digest_batch_new(uint32_t capacity, struct digest_batch **out)
{
    struct digest_batch *batch = calloc(1, sizeof *batch);

    if (!batch)
        return -ENOMEM;
    batch->digest = aligned_alloc(DIGEST_LINE, capacity * sizeof *batch->digest);
    if (!batch->digest) {
        free(batch);
        return -ENOMEM;
    }
    batch->capacity = capacity;
    *out = batch;
    return 0;
}

void digest_batch_free(struct digest_batch *batch)
{
    if (!batch)
        return;
    free(batch->digest);
    free(batch->text);
    free(batch);
}

void digest_batch_clear(struct digest_batch *batch)
{
    batch->count = 0;
    batch->text_size = 0;
    batch->cut_count = 0;
}

static uint8_t word_index(struct str s, const char *const *words, uint8_t count, uint8_t other)
{
    if (!s.p)
        return 0;
    for (uint8_t i = 1; i < count; i++)
        if (s.n > 0 && words[i][0] == s.p[0] && str_eq(s, str_of(words[i])))
            return i;
    return other;
}

static uint8_t network_index(struct str s)
{
    return word_index(s, network_name, NETWORK_COUNT, NETWORK_UNKNOWN);
}

static uint8_t plan_index(struct str s)
{
    return word_index(s, plan_name, PLAN_OTHER, PLAN_OTHER);
}

static uint8_t action_index(struct str s)
{
    return word_index(s, action_name, ACTION_OTHER, ACTION_OTHER);
}

static uint8_t label_index(struct str s)
{
    static const char *const words[] = {"", "distilling", "abusive", "benign"};

    return word_index(s, words, 4, LABEL_NONE);
}

static int32_t saturated(int64_t value)
{
    return value > INT32_MAX ? INT32_MAX : (int32_t)value;
}

/* A count, or -1 when it is not known. */
#define NUMBER_OF(ev, member) (event_has((ev), FIELD_##member) ? saturated((ev)->member) : -1)

/* A text member, absent unless its bit says otherwise. */
#define TEXT_OF(ev, member) (event_has((ev), FIELD_##member) ? (ev)->member : (struct str){NULL, 0})

/* A yes or no, or that it is not known. */
#define TRUTH_OF(ev, member) (event_has((ev), FIELD_##member) ? (uint8_t)(ev)->member : (uint8_t)2)

/* Dotted decimal, the usual case: inet_pton() costs as much as all the hashes of a record. */
static bool ipv4_parse(struct str ip, unsigned char address[4])
{
    unsigned part = 0, digits = 0, parts = 0;

    for (uint32_t i = 0; i < ip.n; i++) {
        unsigned c = (unsigned char)ip.p[i];

        if (c == '.' && digits && parts < 3) {
            address[parts++] = (unsigned char)part;
            part = digits = 0;
        } else if (c >= '0' && c <= '9' && digits < 3) {
            part = part * 10 + (c - '0');
            digits++;
        } else {
            return false;
        }
        if (part > 255)
            return false;
    }
    address[3] = (unsigned char)part;
    return parts == 3 && digits;
}

/* The network of an address: IPv4 /24, IPv6 /48; 0 when it does not parse. */
static uint64_t net_hash(struct str ip, uint64_t key)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char address[16];

    if (!ip.p || ip.n >= sizeof text)
        return 0;
    if (ipv4_parse(ip, address))
        return hash_str((struct str){(const char *)address, 3}, key);
    memcpy(text, ip.p, ip.n);
    text[ip.n] = '\0';
    if (inet_pton(AF_INET6, text, address) == 1)
        return hash_str((struct str){(const char *)address, 6}, key);
    return 0;
}

/* Attributes are put in the order of their kinds: so their texts lie. */
static inline void attribute_put(struct digest_batch *batch, struct digest *d, enum attribute a,
                                 struct str value, uint64_t key, enum field f)
{
    d->attribute[a] = hash_str(value, kind_key(key, f));
    d->texts.attribute_size[a] =
        value.p ? (uint8_t)text_keep(batch, value, ATTRIBUTE_TEXT_MAX) : (uint8_t)0;
}

/* Sketches of system prompts are looked up by a hash that costs a tenth of a sketch. */
static void system_sketch(struct digest_batch *batch, struct str system, struct sketch *out)
{
    uint64_t text = hash_str(system, 0);
    struct digest_system *known = &batch->system[text % DIGEST_SYSTEMS];
    struct sketch fresh;

    if (!system.p)
        return;
    if (known->text != text) {
        sketch_make((struct str){NULL, 0}, system, &fresh);
        known->text = text;
        known->system = fresh.system;
        memcpy(known->item, fresh.system_item, sizeof known->item);
    }
    out->system = known->system;
    memcpy(out->system_item, known->item, sizeof known->item);
}

static void exchange_fill(struct digest_batch *batch, struct digest *d, const struct api_event *ev,
                          uint64_t key)
{
    struct digest_numbers *n = &d->n;

    d->id = hash_str(TEXT_OF(ev, id), kind_key(key, FIELD_id));
    d->network = network_index(TEXT_OF(ev, network));
    attribute_put(batch, d, ATTRIBUTE_ip, TEXT_OF(ev, ip), key, FIELD_ip);
    d->attribute[ATTRIBUTE_net] = net_hash(TEXT_OF(ev, ip), kind_key(key, FIELD_network));
    attribute_put(batch, d, ATTRIBUTE_client, TEXT_OF(ev, client), key, FIELD_client);
    attribute_put(batch, d, ATTRIBUTE_user_agent, TEXT_OF(ev, user_agent), key, FIELD_user_agent);
    attribute_put(batch, d, ATTRIBUTE_key, TEXT_OF(ev, key), key, FIELD_key);
    attribute_put(batch, d, ATTRIBUTE_signature, TEXT_OF(ev, signature), key, FIELD_signature);
    n->turn = NUMBER_OF(ev, turn);
    n->input_tokens = NUMBER_OF(ev, input_tokens);
    n->output_tokens = NUMBER_OF(ev, output_tokens);
    n->cached_tokens = NUMBER_OF(ev, cached_tokens);
    n->max_tokens = NUMBER_OF(ev, max_tokens);
    n->tools = NUMBER_OF(ev, tools);
    n->images = NUMBER_OF(ev, images);
    n->status = NUMBER_OF(ev, status);
    n->latency_ms = NUMBER_OF(ev, latency_ms);
    n->temperature = event_has(ev, FIELD_temperature) ? (float)ev->temperature : NAN;
    d->stream = TRUTH_OF(ev, stream);
    d->refused = TRUTH_OF(ev, refused);
    d->echo = TRUTH_OF(ev, echo);
    if (!event_has(ev, FIELD_sketch) || sketch_decode(ev->sketch, &d->sketch) < 0) {
        /* What later turns of a session say follows from the first: templates show in openers. */
        if (event_has(ev, FIELD_prompt) && n->turn > 0)
            sketch_outline(ev->prompt, &d->sketch);
        else if (event_has(ev, FIELD_prompt))
            sketch_make(ev->prompt, (struct str){NULL, 0}, &d->sketch);
        else if (event_has(ev, FIELD_embedding_lsh))
            (void)sketch_of_code(ev->embedding_lsh, &d->sketch); /* no code: as if it were absent */
        system_sketch(batch, TEXT_OF(ev, system), &d->sketch);
    }
    d->attribute[ATTRIBUTE_system] =
        d->sketch.system ? hash_u64(d->sketch.system, kind_key(key, FIELD_system)) : 0;
}

static void account_fill(struct digest_batch *batch, struct digest *d, const struct api_event *ev,
                         uint64_t key)
{
    d->created = event_has(ev, FIELD_created) ? ev->created : 0;
    d->plan = plan_index(TEXT_OF(ev, plan));
    d->verified = TRUTH_OF(ev, verified);
    attribute_put(batch, d, ATTRIBUTE_payment, TEXT_OF(ev, payment), key, FIELD_payment);
    attribute_put(batch, d, ATTRIBUTE_signup_ip, TEXT_OF(ev, signup_ip), key, FIELD_ip);
    attribute_put(batch, d, ATTRIBUTE_device, TEXT_OF(ev, device), key, FIELD_device);
    attribute_put(batch, d, ATTRIBUTE_email_domain, TEXT_OF(ev, email_domain), key,
                  FIELD_email_domain);
    attribute_put(batch, d, ATTRIBUTE_name_shape, TEXT_OF(ev, name_shape), key, FIELD_name_shape);
}

uint64_t digest_account_hash(struct str account, uint64_t key)
{
    return hash_str(account, kind_key(key, FIELD_account));
}

int digest_batch_add(struct digest_batch *batch, const struct api_event *ev, uint64_t key)
{
    struct digest *d = &batch->digest[batch->count];
    int r = text_reserve(batch, EVENT_STR_MAX + ATTRIBUTE_COUNT * (ATTRIBUTE_TEXT_MAX + 1));

    if (r < 0)
        return r;
    memset(d, 0, sizeof *d);
    d->ts = ev->ts;
    d->type = (uint8_t)ev->type;
    d->account = digest_account_hash(TEXT_OF(ev, account), key);
    d->texts.offset = batch->text_size;
    d->texts.account_size = (uint16_t)text_keep(batch, TEXT_OF(ev, account), EVENT_STR_MAX);
    d->org = hash_str(TEXT_OF(ev, org), kind_key(key, FIELD_org));
    d->model = hash_str(TEXT_OF(ev, model), kind_key(key, FIELD_model));
    d->n = (struct digest_numbers){-1, -1, -1, -1, -1, -1, -1, -1, -1, NAN};
    d->stream = d->refused = d->echo = d->verified = 2;
    if (ev->type == RECORD_EXCHANGE)
        exchange_fill(batch, d, ev, key);
    else if (ev->type == RECORD_ACCOUNT)
        account_fill(batch, d, ev, key);
    else if (ev->type == RECORD_ACTION)
        d->action = action_index(TEXT_OF(ev, action));
    else if (ev->type == RECORD_LABEL)
        d->label = label_index(TEXT_OF(ev, label));
    batch->count++;
    return 0;
}

int digest_batch_copy(struct digest_batch *to, const struct digest_batch *from, uint32_t index)
{
    const struct digest *d = &from->digest[index];
    uint32_t size = digest_texts_size(d);
    int r = text_reserve(to, size);

    if (r < 0)
        return r;
    to->digest[to->count] = *d;
    to->digest[to->count++].texts.offset = to->text_size;
    if (size > 0)
        memcpy(to->text + to->text_size, from->text + d->texts.offset, size);
    to->text_size += size;
    return 0;
}

int digest_batch_text(struct digest_batch *batch, struct str text)
{
    int r = text_reserve(batch, text.n);

    if (r == 0 && text.n > 0)
        memcpy(batch->text, text.p, text.n);
    if (r == 0)
        batch->text_size = text.n;
    return r;
}
