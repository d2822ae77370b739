#include "seat.h"

#include "sim/identity.h"

enum { SALT_SEAT = 0x501, SALT_GROUP, SALT_ANNOUNCE, SALT_KEY, SALT_ID, SALT_SESSION };

/* What is known of the accounts that are older than the run is told in its first minutes, before
 * they act. */
static const msec_t ANNOUNCE_SPAN = 10 * MSEC_MINUTE;

static uint64_t salted(uint64_t seed, uint64_t salt)
{
    return mix64(seed ^ mix64(salt));
}

static uint64_t seat_seed(const struct cohort_plan *plan, uint32_t index)
{
    return salted(plan->seed ^ mix64(index), SALT_SEAT);
}

static uint64_t group_seed(const struct cohort_plan *plan, uint32_t index)
{
    uint32_t size = plan->cohort->group_size ? plan->cohort->group_size : 1;

    return salted(plan->seed ^ mix64(index / size), SALT_GROUP);
}

struct person seat_person(const struct cohort_plan *plan, uint32_t index, uint32_t generation)
{
    return (struct person){plan->cohort, plan->seed, seat_seed(plan, index), index, generation};
}

struct tempo_seat seat_tempo(const struct cohort_plan *plan, uint32_t index)
{
    return (struct tempo_seat){seat_seed(plan, index), group_seed(plan, index), index,
                               plan->cohort->account_count};
}

/* ---- the next thing to happen ---- */

static msec_t pending_at(const struct cohort_plan *plan, const struct seat *seat)
{
    msec_t start = plan->scenario->start;

    if (seat->pending == PENDING_RESTORE)
        return seat->life.from;
    if (seat->life.created >= start)
        return seat->life.created;
    return start + (msec_t)(law_unit(salted(seat_seed(plan, seat->index), SALT_ANNOUNCE)) *
                            (double)ANNOUNCE_SPAN);
}

static uint32_t earliest_slot(const struct seat *seat, const struct session *slot)
{
    msec_t least = slot[0].at;
    uint32_t first = 0;

    for (uint32_t i = 1; i < seat->slot_count; i++)
        if (slot[i].at < least) {
            least = slot[i].at;
            first = i;
        }
    return first;
}

/* A free slot's time is INT64_MAX. */
static uint32_t free_slot(const struct seat *seat, const struct session *slot)
{
    uint32_t i = 0;

    while (i < seat->slot_count && slot[i].at != INT64_MAX)
        i++;
    return i;
}

static msec_t life_end_at(const struct seat *seat)
{
    return seat->life.end == LIFE_RUNS_OUT ? INT64_MAX : seat->life.until;
}

/* *due is the slot whose turn comes first. */
static msec_t seat_next(const struct cohort_plan *plan, const struct seat *seat,
                        const struct session *slot, uint32_t *due)
{
    msec_t t;

    if (seat->done)
        return INT64_MAX;
    if (seat->pending != PENDING_NONE)
        return pending_at(plan, seat);
    t = seat->start < life_end_at(seat) ? seat->start : life_end_at(seat);
    if (seat->slot_count > 0) {
        *due = earliest_slot(seat, slot);
        t = slot[*due].at < t ? slot[*due].at : t;
    }
    return t;
}

/* ---- lives ---- */

static void schedule(const struct cohort_plan *plan, struct seat *seat, msec_t from)
{
    struct tempo_seat at = seat_tempo(plan, seat->index);
    struct tempo_habit habit;

    seat->start = INT64_MAX;
    if (from >= seat->life.until || seat->per_day <= 0.0F)
        return;
    tempo_habit_init(&plan->tempo, &at, seat->life.first, &habit);
    tempo_clock_set(&plan->tempo, &habit, from, &seat->clock);
    seat->start = tempo_advance(&plan->tempo, &habit, &seat->clock,
                                tempo_first_gap(&plan->tempo, &habit, &seat->rng),
                                (double)seat->per_day, seat->life.until);
    if (seat->start < from)
        seat->start = from; /* a burst may begin before the life does */
}

msec_t seat_init(const struct cohort_plan *plan, const struct law_table *half_normal,
                 struct seat *seat)
{
    struct person person = seat_person(plan, seat->index, 0);

    (void)half_normal;
    rng_split(&seat->rng, plan->seed, seat->index);
    life_first(&plan->reaction, &person, &seat->life);
    seat->pending = PENDING_ACCOUNT;
    seat->start = INT64_MAX;
    return pending_at(plan, seat);
}

/* ---- records ---- */

/* What an exchange of this visit needs again and again; made once, and only when there is one. */
struct actor {
    struct person person;
    struct access_seat access;
    struct access_home home;
    struct asker asker;
    struct tempo_habit habit;
    struct client client;
    uint64_t account;
    char account_text[NAME_ID_MAX], org_text[NAME_ID_MAX];
    struct str account_id, org_id;
    bool known;
};

static void actor_meet(const struct visit *visit, const struct cohort_plan *plan,
                       const struct seat *seat, struct actor *a)
{
    const char *country;
    struct tempo_seat at = seat_tempo(plan, seat->index);

    (void)visit;
    a->person = seat_person(plan, seat->index, seat->life.generation);
    a->account = identity_account(&a->person);
    a->account_id = name_id(a->account_text, "acc", a->account);
    a->org_id = (struct str){NULL, 0};
    if (plan->cohort->identity.accounts_per_org)
        a->org_id = name_id(a->org_text, "org", identity_org(&a->person));
    a->access = (struct access_seat){at.seed, at.group_seed, a->account};
    access_home(&plan->access, &a->access, &a->home);
    access_client(&plan->access, &a->access, &a->home, &a->client);
    country = plan->scenario->network[a->home.network].country[a->home.country];
    program_asker_init(&plan->program, at.seed,
                       access_own_client(&plan->access, &a->access) ? a->access.group_seed
                                                                    : at.seed,
                       country, &a->asker);
    tempo_habit_init(&plan->tempo, &at, seat->life.first, &a->habit);
    a->known = true;
}

static int emit(struct visit *visit, struct world_stamp *stamp, msec_t ts, struct api_event *ev)
{
    int r;

    stamp->ts = ts;
    r = visit->sink(visit->sink_ctx, stamp, ev);
    visit->records++;
    stamp->number++;
    return r;
}

static int emit_account(struct visit *visit, const struct cohort_plan *plan,
                        const struct seat *seat, const struct actor *a, msec_t ts,
                        struct world_stamp *stamp)
{
    struct exit_address home;
    struct api_event ev = {.type = RECORD_ACCOUNT};
    char text[IDENTITY_TEXT_MAX];

    infrastructure_exit(plan->access.infrastructure, a->home.network, a->home.country,
                        identity_signup_exit(&a->person), &home);
    identity_record(&a->person, ts, seat->life.created, &home, text, &ev);
    visit->tally[seat->cohort].accounts++;
    return emit(visit, stamp, ts, &ev);
}

static int emit_action(struct visit *visit, const struct actor *a, enum action action,
                       struct str by, msec_t ts, struct world_stamp *stamp)
{
    struct api_event ev = {.type = RECORD_ACTION};

    EVENT_PUT(&ev, ts, ts);
    EVENT_PUT(&ev, account, a->account_id);
    EVENT_PUT(&ev, action, str_of(action_name[action]));
    EVENT_PUT(&ev, by, by);
    return emit(visit, stamp, ts, &ev);
}

static void put_text(struct visit *visit, const struct cohort_plan *plan, const struct actor *a,
                     const struct session *s, uint32_t turn, struct api_event *ev)
{
    const struct program_part *part = &plan->cohort->program;
    uint32_t people = part->authors > 1 ? part->authors : 1;
    struct text_request request = {
        .memory = &visit->memory,
        .program = (enum text_program)s->text,
        .cohort = part->group_templates ? a->access.group_seed : plan->seed,
        .author = people > 1 ? salted(a->access.seat_seed, s->seed % people) : a->access.seat_seed,
        .template_index = s->template_index,
        .variant = s->variant,
        .paraphrase = part->paraphrase,
        .item = s->item,
        .topic = s->topic,
        .turn = turn,
        .session = s->seed,
        .language = s->language,
    };
    uint32_t n = text_prompt(&request, visit->prompt);
    struct str system;

    EVENT_PUT(ev, prompt, ((struct str){visit->prompt, n}));
    if (!part->system_prompt)
        return;
    system = text_system(&request, visit->system);
    if (system.n > 0)
        EVENT_PUT(ev, system, system);
}

/* One by one: handed on from one to the next, each would be read as a whole before its two halves
 * are written, for which processors wait. */
static void texts_clear(struct api_event *ev)
{
    static const struct str none = {NULL, 0};

    ev->org = none;
    ev->key = none;
    ev->signature = none;
    ev->system = none;
    ev->prompt = none;
}

static int emit_exchange(struct visit *visit, const struct cohort_plan *plan, struct seat *seat,
                         const struct actor *a, struct session *s, struct world_stamp *stamp)
{
    struct exit_address exit;
    struct api_event *ev = &visit->ev;
    struct tally *tally;
    char id[NAME_ID_MAX], key[NAME_ID_MAX], session[NAME_ID_MAX], block[NAME_ID_MAX];
    uint32_t keys = plan->cohort->access.keys_per_account, turn = s->turn;
    uint64_t signature;
    msec_t ts = s->at, gap;
    bool logged;

    ev->present = 0;
    texts_clear(ev);
    EVENT_PUT(ev, ts, ts);
    EVENT_PUT(ev, account, a->account_id);
    EVENT_PUT(ev, id, name_id(id, "evt", salted(s->seed ^ turn, SALT_ID)));
    if (a->org_id.p)
        EVENT_PUT(ev, org, a->org_id);
    if (keys)
        EVENT_PUT(ev, key, name_id(key, "key", salted(a->account ^ s->seed % keys, SALT_KEY)));
    access_exit(&plan->access, &a->access, &a->home, s->seed, ts, &exit);
    EVENT_PUT(ev, ip, ((struct str){exit.text, exit.text_size}));
    EVENT_PUT(ev, asn, exit.asn);
    EVENT_PUT(ev, country, ((struct str){exit.country, 2}));
    EVENT_PUT(ev, network, a->home.network_kind);
    EVENT_PUT(ev, pathway, a->home.pathway_text);
    EVENT_PUT(ev, user_agent, ((struct str){a->client.user_agent, a->client.user_agent_size}));
    EVENT_PUT(ev, client, ((struct str){a->client.fingerprint, a->client.fingerprint_size}));
    EVENT_PUT(ev, session, name_id(session, "ses", s->seed));
    signature = program_signature(&plan->program, s, &seat->rng);
    if (signature)
        EVENT_PUT(ev, signature, name_id(block, "sig", signature));
    logged = rng_unit(&seat->rng) < plan->cohort->program.text_share;
    if (logged && visit->text)
        put_text(visit, plan, a, s, turn, ev);
    tally = &visit->tally[seat->cohort];
    gap = program_exchange(&plan->program, &a->asker, &plan->cohort->tempo.think_s,
                           (double)seat->think_scale, &seat->rng, s, ev);
    tally->exchanges++;
    tally->cover += s->cover;
    tally->denied += !s->cover && (ev->refused || ev->status >= 400);
    s->at = gap > 0 ? ts + gap : INT64_MAX;
    return emit(visit, stamp, ts, ev);
}

/* ---- steps ---- */

static void sessions_drop(struct seat *seat, struct session *slot)
{
    for (uint32_t i = 0; i < seat->slot_count; i++)
        slot[i].at = INT64_MAX;
}

/* What ends the life, and who did it; ACTION_NONE: it only rests. */
static enum action life_action(const struct cohort_plan *plan, const struct life *life,
                               struct str *by)
{
    *by = life->end == LIFE_IS_ACTED_ON ? STR("policy") : STR("enforcement");
    if (life->end == LIFE_IS_ACTED_ON)
        return (enum action)life->action;
    return life->end == LIFE_IS_HIT ? plan->reaction.hit[life->hit].action : ACTION_NONE;
}

/* The life ends: by enforcement, which leaves a record, or by rest. */
static int step_life_end(struct visit *visit, const struct cohort_plan *plan, struct seat *seat,
                         struct session *slot, struct actor *a, struct world_stamp *stamp)
{
    struct person person = seat_person(plan, seat->index, 0);
    uint32_t generation = seat->life.generation;
    msec_t at = seat->life.until;
    struct str by;
    enum action action = life_action(plan, &seat->life, &by);
    bool lost;
    int r = 0;

    if (action != ACTION_NONE)
        r = emit_action(visit, a, action, by, at, stamp);
    if (action != ACTION_LIMIT)
        sessions_drop(seat, slot);
    seat->start = INT64_MAX;
    seat->done = !life_next(&plan->reaction, &person, &seat->life);
    lost = seat->done || seat->life.generation != generation;
    visit->tally[seat->cohort].closed +=
        action == ACTION_BAN || action == ACTION_SUSPEND || (action == ACTION_CHALLENGE && lost);
    if (seat->done)
        return r;
    if (seat->life.generation != generation)
        seat->pending = PENDING_ACCOUNT;
    else if (seat->life.restored)
        seat->pending = PENDING_RESTORE;
    else
        schedule(plan, seat, seat->life.from);
    a->known = false;
    return r;
}

/* ---- closed loop ---- */

msec_t seat_act(const struct cohort_plan *plan, struct seat *seat, enum action action, msec_t at,
                msec_t *until)
{
    struct person person = seat_person(plan, seat->index, 0);

    if (action == ACTION_RESTORE) {
        bool closed = seat->done || seat->pending == PENDING_RESTORE;

        if (!closed || !life_revive(&plan->reaction, &person, &seat->life, at))
            return INT64_MAX;
        seat->done = false;
        seat->pending = PENDING_RESTORE;
        seat->start = INT64_MAX;
        return at;
    }
    if (seat->done || !life_act(&person, &seat->life, action, at, until))
        return INT64_MAX;
    if (seat->pending == PENDING_RESTORE)
        seat->pending = PENDING_NONE; /* it does not come back before */
    return at;
}

msec_t seat_press(const struct cohort_plan *plan, struct seat *seat, msec_t now)
{
    struct person person = seat_person(plan, seat->index, 0);

    seat->per_day *= (float)plan->cohort->reaction.pressure_rate;
    if (seat->done)
        return INT64_MAX;
    life_shorten(&plan->reaction, &person, &seat->life, now);
    return seat->life.end == LIFE_RUNS_OUT ? INT64_MAX : seat->life.until;
}

msec_t seat_wake(const struct cohort_plan *plan, struct seat *seat, msec_t now)
{
    struct person person = seat_person(plan, seat->index, 0);

    if (seat->done || seat->life.generation > 0)
        return INT64_MAX;
    life_first(&plan->reaction, &person, &seat->life);
    if (seat->pending == PENDING_ACCOUNT)
        return pending_at(plan, seat);
    schedule(plan, seat, seat->life.from > now ? seat->life.from : now);
    return seat->start < life_end_at(seat) ? seat->start : life_end_at(seat);
}

/* ---- what is due ---- */

static int step_pending(struct visit *visit, const struct cohort_plan *plan, struct seat *seat,
                        const struct actor *a, msec_t at, struct world_stamp *stamp)
{
    int r = seat->pending == PENDING_ACCOUNT
                ? emit_account(visit, plan, seat, a, at, stamp)
                : emit_action(visit, a, ACTION_RESTORE, STR("enforcement"), at, stamp);

    seat->pending = PENDING_NONE;
    schedule(plan, seat, seat->life.from > at ? seat->life.from : at);
    return r;
}

/* The seat's next session, and when the one after it begins. */
static void session_open(const struct visit *visit, const struct cohort_plan *plan,
                         struct seat *seat, const struct actor *a, struct session *s)
{
    const struct cohort *c = plan->cohort;
    msec_t at = seat->start;
    uint64_t turns = rng_next(&seat->rng), content = rng_next(&seat->rng);
    uint64_t gap = rng_next(&seat->rng);

    tempo_gap_prefetch(&plan->tempo, &a->habit, gap);
    s->at = at;
    s->seed = salted(a->access.seat_seed ^ mix64(seat->sessions++), SALT_SESSION);
    s->turns = law_count(law_size(visit->half_normal, &c->tempo.turns, 0.0, 1.0, turns));
    if (program_begin(&plan->program, &a->asker, content, s)) {
        struct work_item item = work_item(&c->work, plan->seed, a->access.seat_seed, seat->index,
                                          c->account_count, seat->items++);

        s->item = item.item;
        s->topic = item.topic;
    }
    seat->start = tempo_advance(&plan->tempo, &a->habit, &seat->clock,
                                tempo_gap(&plan->tempo, &a->habit, gap), (double)seat->per_day,
                                seat->life.until);
    if (seat->start <= at)
        seat->start = at + 1;
}

static int step_start(struct visit *visit, const struct cohort_plan *plan, struct seat *seat,
                      struct session *slot, const struct actor *a, struct world_stamp *stamp)
{
    uint32_t i = free_slot(seat, slot);
    struct session single;

    if (seat->slot_count == 0) {
        session_open(visit, plan, seat, a, &single);
        return emit_exchange(visit, plan, seat, a, &single, stamp);
    }
    if (i == seat->slot_count) { /* as busy as it can be: the session begins a little later */
        seat->start = slot[earliest_slot(seat, slot)].at + 1;
        return 0;
    }
    session_open(visit, plan, seat, a, &slot[i]);
    return emit_exchange(visit, plan, seat, a, &slot[i], stamp);
}

int seat_run(struct visit *visit, struct seat *seat, struct session *slot, uint32_t number,
             msec_t to, msec_t *next)
{
    const struct cohort_plan *plan = &visit->plan[seat->cohort];
    struct world_stamp stamp = {.seat = number};
    struct actor actor = {.known = false};
    uint32_t due = 0;
    int r = 0;

    for (;;) {
        msec_t at = seat_next(plan, seat, slot, &due);

        *next = at;
        if (at >= to || r)
            return r;
        if (!actor.known)
            actor_meet(visit, plan, seat, &actor);
        actor.asker.limited = at < seat->life.limited_until;
        if (seat->pending != PENDING_NONE) {
            r = step_pending(visit, plan, seat, &actor, at, &stamp);
        } else if (at == life_end_at(seat)) {
            r = step_life_end(visit, plan, seat, slot, &actor, &stamp);
        } else if (at == seat->start) {
            r = step_start(visit, plan, seat, slot, &actor, &stamp);
        } else {
            r = emit_exchange(visit, plan, seat, &actor, &slot[due], &stamp);
        }
    }
}
