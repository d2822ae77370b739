/* Every account shows its own payment instrument and device, an address of forty and a mail domain
 * of two hundred; half of them are long-standing. One in a hundred was banned: groups of 500, of
 * which four members each share a device, and all a template. */
#include "recall_case.h"

#include "base/cleanup.h"
#include "base/pages.h"
#include "base/rng.h"
#include "detector/content.h"
#include "detector/recall.h"

#include <errno.h>
#include <stdlib.h>

enum {
    ACCOUNTS = 1000000,
    BANNED = ACCOUNTS / 100,
    RING = 500,
    HUBS = 1 << 18,
    DOOR = 1 << 22,
    NAMES_BYTES = 1 << 16,
    REMEMBERED = 1 << 18,
};

struct world {
    struct account *account;
    struct names *names;
    struct hubs *hubs;
    struct groups *groups;
    struct recall *recall;
    struct link_context ctx;
};

void recall_case_close(void *pass)
{
    struct world *w = pass;

    if (!w)
        return;
    recall_free(w->recall);
    groups_free(w->groups);
    hubs_free(w->hubs);
    names_free(w->names);
    pages_free(w->account, (size_t)ACCOUNTS * sizeof *w->account);
    free(w);
}
CLEANUP_DEFINE(void, recall_case_close)

static bool is_trusted(const void *ctx, uint32_t index)
{
    (void)ctx;
    return index >= ACCOUNTS / 2;
}

static void show(struct world *w, uint32_t account, unsigned kind, uint64_t value)
{
    uint64_t hash = mix64(value << 4 | kind);

    if (account_value(&w->account[account], kind, hash))
        (void)hubs_observe(w->hubs, value_pack(kind, hash), STR(""), account,
                           is_trusted(NULL, account), is_trusted, NULL, 0);
}

static void show_template(struct world *w, uint32_t account)
{
    uint32_t phrase = 1 + account / RING, members = account % RING + 1;

    (void)content_see(&w->account[account], phrase);
    (void)content_hold(&w->account[account], phrase);
    (void)hubs_observe_counted(w->hubs, value_pack(LINK_ITEM, item_hash(phrase)),
                               account - account % RING, account, members, 0, 0);
}

static void account_make(struct world *w, uint32_t i)
{
    static const struct tie tie = {12.0f, true};
    bool banned = i < BANNED;

    account_init(&w->account[i], mix64(i) | 1, 0);
    w->account[i].closed = banned;
    show(w, i, ATTRIBUTE_payment, i);
    show(w, i, ATTRIBUTE_device, banned ? i / 4 : i);
    show(w, i, ATTRIBUTE_ip, i / 40);
    show(w, i, ATTRIBUTE_email_domain, i / 200);
    if (banned)
        show_template(w, i);
    if (banned && i % RING)
        (void)groups_link(w->groups, i - 1, i, tie);
    if (banned && i % RING == RING - 1)
        groups_get(w->groups, w->account[i].cluster)->level_raised = LEVEL_ACT;
}

int recall_case_open(const struct bench_data *data, void **pass)
{
    const struct hubs_config hubs = {HUBS, DOOR};
    const struct recall_config recall = {REMEMBERED, 30 * MSEC_DAY, 1};
    struct world *w = calloc(1, sizeof *w);
    AUTO(recall_case_close) void *owned = w;

    (void)data;
    if (!w || !(w->account = pages_new((size_t)ACCOUNTS * sizeof *w->account)) ||
        names_new(NAMES_BYTES, &w->names) < 0 || hubs_new(&hubs, w->names, &w->hubs) < 0 ||
        groups_new(BANNED / RING + 1, ACCOUNTS, w->account, &w->groups) < 0 ||
        recall_new(&recall, &w->recall) < 0)
        return -ENOMEM;
    for (uint32_t i = 0; i < ACCOUNTS; i++)
        account_make(w, i);
    w->ctx = (struct link_context){w->account, w->hubs, ACCOUNTS, ACCOUNTS / 2, 0xffff, 0};
    *pass = TAKE(owned);
    return 0;
}

uint64_t recall_case_run(const struct bench_data *data, void *pass, uint64_t *bytes)
{
    struct world *w = pass;

    (void)data;
    *bytes = 0;
    recall_learn(w->recall, &w->ctx, w->groups, ACCOUNTS, MSEC_DAY);
    return recall_count(w->recall) > BANNED ? ACCOUNTS : 0; /* 0: it did not learn */
}
