/* Findings go out: every one at the level asked for or above is posted to a webhook, or to an
 * Alertmanager, by a thread of its own. What was delivered is remembered over restarts; a finding
 * may be delivered twice around a crash, with the same idempotency key, and is never left out: one
 * that cannot be delivered ends in dead-letter-webhook.jsonl (or -alertmanager). Nothing is sent
 * unless a URL is given. */
#pragma once

#include "base/errmsg.h"
#include "detector/detector.h"
#include "serve/feed.h"

enum outbox_kind { OUTBOX_WEBHOOK, OUTBOX_ALERTMANAGER, OUTBOX_KINDS };

struct outbox_config {
    enum outbox_kind kind;
    const char *url;         /* the webhook's; the Alertmanager's root, such as http://host:9093 */
    const char *secret_path; /* keys the webhook's signature; NULL: none */
    const char *folder;      /* --state */
    enum level level;
    struct feed *findings;
    double first_wait_s; /* before the second attempt; doubles, with jitter; default 1 */
    uint32_t attempts;   /* default 10: about ten minutes */
};

struct outbox_counts {
    uint64_t delivered, failed, dead; /* findings; attempts; findings given up */
    uint64_t waiting;                 /* findings that are not delivered yet */
};

struct outbox;

/* Starts the thread. 0; a negative errno with the reason in err. */
int outbox_start(const struct outbox_config *config, struct outbox **out, struct err *err);

/* Ends it: what waits goes out after the next start. NULL is accepted. */
void outbox_stop(struct outbox *outbox);

void outbox_counts(struct outbox *outbox, struct outbox_counts *out);

/* The signature of a body: hex of HMAC-SHA256 over "TIMESTAMP.BODY"; `text` has room for 65. */
void outbox_sign(struct str secret, const char *timestamp, struct str body, char text[65]);
