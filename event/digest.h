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

/* A string that reports may show: bytes in the batch's arena; size 0: none. */
struct text_ref {
    uint32_t offset;
    uint32_t size;
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

struct digest {
    msec_t ts;
    uint64_t present;                 /* as in struct api_event */
    uint64_t account, id, org, model; /* 0: absent */
    uint64_t attribute[ATTRIBUTE_COUNT];
    msec_t created;
    struct digest_numbers n;
    struct sketch sketch;
    struct text_ref account_text;
    struct text_ref attribute_text[ATTRIBUTE_COUNT];
    uint8_t type; /* enum record_type */
    uint8_t network, plan, action, label;
    uint8_t stream, refused, echo, verified; /* 0 no, 1 yes, 2 not known */
};

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

static inline struct str digest_text(const struct digest_batch *batch, struct text_ref ref)
{
    return ref.size ? (struct str){batch->text + ref.offset, ref.size} : (struct str){NULL, 0};
}

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
