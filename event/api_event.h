/* One record of the event contract (docs/events.md), as it crosses from a log or the simulator to
 * the detector. The table below is the only definition of its fields: the reader, the writer,
 * field maps, `doctor` and the documentation all walk it. */
#pragma once

#include "base/msec.h"
#include "base/str.h"

enum record_type {
    RECORD_EXCHANGE, /* one request and its response; the default when `type` is absent */
    RECORD_ACCOUNT,  /* what is known of an account */
    RECORD_RELEASE,  /* a model becomes available */
    RECORD_ACTION,   /* something was done to an account */
    RECORD_LABEL,    /* an analyst's verdict */
    RECORD_TYPE_COUNT
};

/* Record types as bits, for the table. */
#define IN_EXCHANGE (1u << RECORD_EXCHANGE)
#define IN_ACCOUNT  (1u << RECORD_ACCOUNT)
#define IN_RELEASE  (1u << RECORD_RELEASE)
#define IN_ACTION   (1u << RECORD_ACTION)
#define IN_LABEL    (1u << RECORD_LABEL)
#define IN_ALL      (IN_EXCHANGE | IN_ACCOUNT | IN_RELEASE | IN_ACTION | IN_LABEL)

enum field_kind {
    KIND_TIME, /* msec_t: integer ms or RFC 3339 in text, the integer when written */
    KIND_STR,  /* struct str, at most EVENT_STR_MAX bytes */
    KIND_TEXT, /* struct str, at most EVENT_TEXT_MAX bytes: longer ones are cut and counted */
    KIND_INT,  /* int64_t, an integer >= 0 (1.0 and 1e3 count as integers) */
    KIND_NUM,  /* double */
    KIND_BOOL, /* bool */
};

enum { EVENT_STR_MAX = 1024, EVENT_TEXT_MAX = 64 * 1024 };

/* X(member, kind, record types that carry it). Order is the order in which they are written. */
#define API_EVENT_FIELDS(X)                                                                        \
    X(ts, TIME, IN_ALL)                                                                            \
    X(account, STR, IN_EXCHANGE | IN_ACCOUNT | IN_ACTION | IN_LABEL)                               \
    X(id, STR, IN_EXCHANGE)                                                                        \
    X(org, STR, IN_EXCHANGE | IN_ACCOUNT)                                                          \
    X(key, STR, IN_EXCHANGE)                                                                       \
    X(ip, STR, IN_EXCHANGE)                                                                        \
    X(asn, INT, IN_EXCHANGE)                                                                       \
    X(country, STR, IN_EXCHANGE | IN_ACCOUNT)                                                      \
    X(network, STR, IN_EXCHANGE)                                                                   \
    X(pathway, STR, IN_EXCHANGE)                                                                   \
    X(user_agent, STR, IN_EXCHANGE)                                                                \
    X(client, STR, IN_EXCHANGE)                                                                    \
    X(model, STR, IN_EXCHANGE | IN_RELEASE)                                                        \
    X(session, STR, IN_EXCHANGE)                                                                   \
    X(turn, INT, IN_EXCHANGE)                                                                      \
    X(input_tokens, INT, IN_EXCHANGE)                                                              \
    X(output_tokens, INT, IN_EXCHANGE)                                                             \
    X(cached_tokens, INT, IN_EXCHANGE)                                                             \
    X(max_tokens, INT, IN_EXCHANGE)                                                                \
    X(temperature, NUM, IN_EXCHANGE)                                                               \
    X(tools, INT, IN_EXCHANGE)                                                                     \
    X(images, INT, IN_EXCHANGE)                                                                    \
    X(stream, BOOL, IN_EXCHANGE)                                                                   \
    X(status, INT, IN_EXCHANGE)                                                                    \
    X(refused, BOOL, IN_EXCHANGE)                                                                  \
    X(echo, BOOL, IN_EXCHANGE)                                                                     \
    X(signature, STR, IN_EXCHANGE)                                                                 \
    X(latency_ms, INT, IN_EXCHANGE)                                                                \
    X(language, STR, IN_EXCHANGE)                                                                  \
    X(system, TEXT, IN_EXCHANGE)                                                                   \
    X(prompt, TEXT, IN_EXCHANGE)                                                                   \
    X(sketch, STR, IN_EXCHANGE)                                                                    \
    X(embedding_lsh, STR, IN_EXCHANGE)                                                             \
    X(created, TIME, IN_ACCOUNT)                                                                   \
    X(email_domain, STR, IN_ACCOUNT)                                                               \
    X(payment, STR, IN_ACCOUNT)                                                                    \
    X(signup_ip, STR, IN_ACCOUNT)                                                                  \
    X(signup_asn, INT, IN_ACCOUNT)                                                                 \
    X(billing_country, STR, IN_ACCOUNT)                                                            \
    X(device, STR, IN_ACCOUNT)                                                                     \
    X(name_shape, STR, IN_ACCOUNT)                                                                 \
    X(plan, STR, IN_ACCOUNT)                                                                       \
    X(program, STR, IN_ACCOUNT)                                                                    \
    X(verified, BOOL, IN_ACCOUNT)                                                                  \
    X(action, STR, IN_ACTION)                                                                      \
    X(label, STR, IN_LABEL)                                                                        \
    X(by, STR, IN_ACTION | IN_LABEL)

#define FIELD_ENUM(member, kind, records) FIELD_##member,
enum field { API_EVENT_FIELDS(FIELD_ENUM) FIELD_COUNT };
#undef FIELD_ENUM
_Static_assert(FIELD_COUNT <= 64, "struct api_event.present is one 64-bit word");

#define FIELD_TYPE_TIME msec_t
#define FIELD_TYPE_STR  struct str
#define FIELD_TYPE_TEXT struct str
#define FIELD_TYPE_INT  int64_t
#define FIELD_TYPE_NUM  double
#define FIELD_TYPE_BOOL bool

/* A member is meaningful only while its bit in `present` is set: nobody clears the others. Text is
 * borrowed: valid as long as whoever filled the record says. */
struct api_event {
    enum record_type type;
    uint64_t present; /* bit FIELD_x */
#define FIELD_MEMBER(member, kind, records) FIELD_TYPE_##kind member;
    API_EVENT_FIELDS(FIELD_MEMBER)
#undef FIELD_MEMBER
};

struct field_info {
    const char *name;
    enum field_kind kind;
    uint32_t records; /* IN_x bits */
    uint32_t offset;  /* of the member in struct api_event */
};

extern const struct field_info field_info[FIELD_COUNT];
extern const char *const record_type_name[RECORD_TYPE_COUNT]; /* as in the `type` field */

/* FIELD_COUNT when there is no such field. */
enum field field_find(struct str name);

/* RECORD_TYPE_COUNT when there is no such type. */
enum record_type record_type_find(struct str name);

static inline bool event_has(const struct api_event *ev, enum field f)
{
    return ev->present >> f & 1;
}

static inline void event_set(struct api_event *ev, enum field f)
{
    ev->present |= (uint64_t)1 << f;
}

/* The setters of the simulator and of field maps: value and presence together. */
#define EVENT_PUT(ev, member, value) ((ev)->member = (value), event_set((ev), FIELD_##member))

/* The last millisecond of the year 9999: microseconds taken for milliseconds lie beyond it. */
#define EVENT_TS_MAX ((msec_t)253402300799999)

/* Checks what the contract demands beyond JSON and the fields' types: `ts` is a possible time,
 * `account` (for a release `model`) is there and not empty, an action or label is one of the
 * contract's. NULL, or a static sentence that names the field. */
const char *event_check(const struct api_event *ev);
