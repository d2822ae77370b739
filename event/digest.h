/* A record as the detector takes it: keyed hashes, numbers and the content sketch, of fixed size
 * and without text. Made on the decode threads from one struct api_event; the few strings that
 * reports show lie in the batch that the digest came in.
 *
 * The seam between reading and judging, and later between processes: plain structs, no pointers. */
#pragma once

#include "event/api_event.h"
#include "event/sketch.h"

/* Attribute kinds: values that two accounts may share. */
#define ATTRIBUTE_KINDS(X)                                                                         \
    X(payment, "payment instrument")                                                               \
    X(ip, "client address")                                                                        \
    X(net, "client network (IPv4 /24, IPv6 /48)")                                                  \
    X(signup_ip, "sign-up address")                                                                \
    X(device, "device")                                                                            \
    X(email_domain, "mail domain")                                                                 \
    X(client, "client fingerprint")                                                                \
    X(user_agent, "user agent")                                                                    \
    X(name_shape, "shape of the account's name")                                                   \
    X(key, "credential")                                                                           \
    X(system, "system prompt")                                                                     \
    X(signature, "reasoning block sent back")

#define ATTRIBUTE_ENUM(name, help) ATTRIBUTE_##name,
enum attribute { ATTRIBUTE_KINDS(ATTRIBUTE_ENUM) ATTRIBUTE_COUNT };
#undef ATTRIBUTE_ENUM

extern const char *const attribute_name[ATTRIBUTE_COUNT];
extern const char *const attribute_help[ATTRIBUTE_COUNT];

/* The strings of a record that reports may show lie in the batch's arena one after another: the
 * account's id, then the attributes' in the order of their kinds. A size of 0: none. A network has
 * its address's. */
struct digest_texts {
    uint32_t offset;
    uint16_t account_size;
    uint8_t attribute_size[ATTRIBUTE_COUNT];
};

/* Closed or nearly closed vocabularies, as small numbers; 0 is "not known". */
enum network {
    NETWORK_UNKNOWN,
    NETWORK_RESIDENTIAL,
    NETWORK_MOBILE,
    NETWORK_BUSINESS,
    NETWORK_EDUCATION,
    NETWORK_HOSTING,
    NETWORK_VPN,
    NETWORK_PROXY,
    NETWORK_COUNT
};
enum plan {
    PLAN_UNKNOWN,
    PLAN_FREE,
    PLAN_PRO,
    PLAN_TEAM,
    PLAN_ENTERPRISE,
    PLAN_EDUCATION,
    PLAN_RESEARCH,
    PLAN_STARTUP,
    PLAN_OTHER,
    PLAN_COUNT
};
enum action {
    ACTION_NONE,
    ACTION_LIMIT,
    ACTION_CHALLENGE,
    ACTION_SUSPEND,
    ACTION_BAN,
    ACTION_RESTORE,
    ACTION_OTHER
};
enum label { LABEL_NONE, LABEL_DISTILLING, LABEL_ABUSIVE, LABEL_BENIGN };

/* The words of the contract; "" is "not known". */
extern const char *const network_name[NETWORK_COUNT];
extern const char *const plan_name[PLAN_OTHER];
extern const char *const action_name[ACTION_OTHER];

/* Numbers of an exchange; -1 is "not known". */
struct digest_numbers {
    int32_t turn, input_tokens, output_tokens, cached_tokens, max_tokens; /* saturating */
    int32_t tools, images, status, latency_ms;
    float temperature; /* NaN: not known */
};

/* Whole cache lines: on its way from thread to thread a digest costs by the line. */
enum { DIGEST_LINE = 64 };

struct digest {
    msec_t ts;
    uint64_t account, id, org, model; /* 0: absent */
    uint8_t type;                     /* enum record_type */
    uint8_t network, plan, action, label;
    uint8_t stream, refused, echo, verified; /* 0 no, 1 yes, 2 not known */
    struct digest_texts texts;
    uint64_t attribute[ATTRIBUTE_COUNT];
    msec_t created;
    struct digest_numbers n;
    struct sketch sketch;
} __attribute__((aligned(DIGEST_LINE)));
_Static_assert(sizeof(struct digest) <= 5 * DIGEST_LINE,
               "room for digests is mostly what they cost");

/* The sketch of a system prompt that was met before: the same few come again and again. */
struct digest_system {
    uint64_t text; /* hash of the text as it is; 0: empty */
    uint64_t system;
    uint32_t item[SKETCH_SYSTEM_ITEMS];
};

enum { DIGEST_SYSTEMS = 256 };

/* Digests in stream order, with the strings they show. */
struct digest_batch {
    struct digest *digest;
    uint32_t count, capacity;
    char *text;
    uint32_t text_size, text_capacity;
    uint64_t cut_count;                          /* prompts and system prompts that were cut */
    struct digest_system system[DIGEST_SYSTEMS]; /* by hash; kept when the batch is cleared */
};

/* capacity > 0 records. 0, or -ENOMEM. */
int digest_batch_new(uint32_t capacity, struct digest_batch **out);
void digest_batch_free(struct digest_batch *batch);
void digest_batch_clear(struct digest_batch *batch);

/* The texts of a digest of the batch; {NULL, 0}: none. Borrowed. */
struct str digest_account_text(const struct digest_batch *batch, const struct digest *d);
struct str digest_attribute_text(const struct digest_batch *batch, const struct digest *d,
                                 enum attribute a);

/* Bytes of all its texts, from d->texts.offset on. */
uint32_t digest_texts_size(const struct digest *d);

/* Appends the digest of a checked record; `key` is the installation's hash key. The batch must have
 * room. 0, or -ENOMEM (nothing is appended). An undecodable `sketch` counts as absent. */
int digest_batch_add(struct digest_batch *batch, const struct api_event *ev, uint64_t key);

/* Appends a copy of from's digest `index`, with its texts. `to` must have room. 0, or -ENOMEM
 * (nothing is appended). */
int digest_batch_copy(struct digest_batch *to, const struct digest_batch *from, uint32_t index);

/* Gives an empty batch the texts that its digests will refer to. 0, or -ENOMEM. */
int digest_batch_text(struct digest_batch *batch, struct str text);

/* The hash that digests have of this account id. */
uint64_t digest_account_hash(struct str account, uint64_t key);
