/* Prompts and system prompts: puts a program's block, item and filler together (sim/text/). */
#include "sim/text.h"
#include "sim/text/program.h"

#include <math.h>

#define TEXT_NAME(name, help) [TEXT_##name] = #name,
const char *const text_program_name[TEXT_PROGRAM_COUNT] = {TEXT_PROGRAMS(TEXT_NAME)};
#undef TEXT_NAME
#define TEXT_HELP(name, help) [TEXT_##name] = help,
const char *const text_program_help[TEXT_PROGRAM_COUNT] = {TEXT_PROGRAMS(TEXT_HELP)};
#undef TEXT_HELP
#define PROGRAM_ROW(name, help) [TEXT_##name] = &program_##name,
static const struct program *const programs[TEXT_PROGRAM_COUNT] = {TEXT_PROGRAMS(PROGRAM_ROW)};
#undef PROGRAM_ROW

enum {
    SEED_BLOCK = 1,
    SEED_SYSTEM,
    SEED_ITEM,
    SEED_SUBJECT,
    SEED_STYLE,
    SEED_LABEL,
    INTERESTS = 24,        /* subjects that one person keeps coming back to */
    REPEAT_PER_MILLE = 26, /* follow-ups that repeat the turn before: ShareGPT, 559 chats */
    COURTESY_SIZE = 8,     /* " Thanks!" */
    TARGET_MIN = 40,       /* bytes of an item, however small a prompt is wanted */
    FILLER_RARE = 12,      /* one prompt in so many is a long one */
    CUT_PERCENT = 120,     /* of the wanted size: longer texts are cut */
    FILL_PERCENT = 90,     /* of it: shorter ones are filled up */
};

static const struct phrase labels_before[] = {
    P("\n\n"),       P("\n\nInput:\n"),   P("\n\nQuestion: "), P("\n\n---\n"),
    P("\n\nText: "), P("\n\n### Item\n"), P("\n\n<input>\n"),  P(" "),
    P("\n"),         P("\n\nTask: "),     P("\n\n\"\"\"\n"),   P("\n\n[@i]\n"),
};
static const struct phrase_list label_list = LIST(labels_before);

/* What one person's typing looks like. */
struct style {
    bool lower, no_stop, polite, terse;
};

static struct style style_of(uint64_t author)
{
    uint64_t x = seed_of(author, SEED_STYLE);

    /* OASST and InstructionWild: 53-81 % begin with a capital and end with a stop; 7-14 % polite.
     */
    return (struct style){
        .lower = (x & 127) < 32,
        .no_stop = (x >> 8 & 127) < 20,
        .polite = (x >> 16 & 127) < 32,
        .terse = (x >> 24 & 127) < 50,
    };
}

/* Whose words they are: relays pass on those of a new person in every session. */
static uint64_t author_of(const struct program *p, const struct text_request *r)
{
    if (p->scope != SCOPE_OTHERS)
        return r->author;
    return seed_of(r->author, r->session ? r->session : r->item);
}

/* The seed of what varies in a prompt. */
static uint64_t item_seed(const struct program *p, const struct text_request *r, uint64_t author)
{
    uint64_t seed = seed_of(r->program, SEED_ITEM);

    if (r->turn > 0) {
        uint64_t turn = r->turn;
        uint64_t own = seed_of(seed_of(seed, author), seed_of(r->session, turn));

        if (turn > 1 && own % 1000 < REPEAT_PER_MILLE)
            turn--;
        return seed_of(seed_of(seed, author), seed_of(r->session, turn));
    }
    if (p->scope == SCOPE_LIST)
        return seed_of(seed_of(seed, r->cohort), r->item);
    return seed_of(seed_of(seed, author), seed_of(r->session, r->item));
}

/* Lists run through their subject topic by topic; people have a few that they come back to. */
static const struct word *subject_of(const struct program *p, const struct text_request *r,
                                     uint64_t author)
{
    const struct slot *words = &text_slot[p->scope == SCOPE_LIST ? 'q' : 'n'];
    uint64_t x = p->scope == SCOPE_LIST
                     ? seed_of(r->cohort, r->topic)
                     : seed_of(author, seed_of(r->session ? r->session : r->item, 0) % INTERESTS);

    return &words->word[seed_of(x, SEED_SUBJECT) % words->count];
}

static void apply_style(struct writer *w, const struct style *style, uint32_t from)
{
    if (style->polite && writer_chance(w, 45))
        WRITE(w, " Thanks!");
    else if (style->no_stop && w->size > from &&
             (w->out[w->size - 1] == '.' || w->out[w->size - 1] == '?'))
        w->size--;
    if (style->lower && w->out[from] >= 'A' && w->out[from] <= 'Z')
        w->out[from] = (char)(w->out[from] - 'A' + 'a');
    else if (!style->lower)
        writer_capital(w, from);
}

static uint32_t filler_count(struct writer *w, const struct program *p, const struct style *style)
{
    uint32_t percent = p->styled && style->terse ? p->filler_percent / 2u : p->filler_percent;
    uint32_t count;

    if (!writer_chance(w, percent))
        return 0;
    count = 1 + (p->filler_usual ? writer_below(w, p->filler_usual) : 0);
    if (p->filler_rare && writer_below(w, FILLER_RARE) == 0)
        count += writer_below(w, p->filler_rare);
    return count;
}

/* Longer prompts of people begin a new paragraph after the question. */
static void write_filler_piece(struct writer *w, const struct program *p, uint32_t language,
                               bool paragraph)
{
    if (paragraph && p->styled)
        WRITE(w, "\n\n");
    else if (p->separator)
        write_char(w, p->separator);
    if (language)
        write_language(w, language, 1);
    else
        write_choice(w, p->filler);
}

static const struct phrase_list *first_items(struct writer *w, const struct program *p)
{
    return p->also && writer_chance(w, p->also_percent) ? p->also : p->items;
}

/* A question, order or document; and for some people what it is about before it: true then. */
static bool write_core(struct writer *w, const struct program *p, const struct text_request *r,
                       bool later)
{
    bool context_first = !later && !r->target_size && p->context_first_percent &&
                         writer_chance(w, p->context_first_percent);
    uint32_t language = r->language % TEXT_LANGUAGE_COUNT;

    if (language) {
        uint32_t few = 1 + writer_below(w, 3);

        write_language(w, language, later ? 1 : p->scope == SCOPE_LIST ? 3 : few);
        return false;
    }
    for (uint32_t n = context_first ? 1 + writer_below(w, 2) : 0; n > 0; n--) {
        write_choice(w, p->filler);
        write_char(w, p->separator);
    }
    write_choice(w, later ? p->follow_ups : first_items(w, p));
    return context_first;
}

/* The varying part, brought near the wanted size. */
static void write_item(struct writer *w, const struct program *p, const struct text_request *r,
                       const struct style *style)
{
    uint32_t from = w->size;
    bool later = r->turn > 0 && p->follow_ups, done;
    uint32_t count, wanted = r->target_size * FILL_PERCENT / 100;

    done = write_core(w, p, r, later) && writer_chance(w, 70);
    if (p->styled && p->scope == SCOPE_LIST) /* the same item, in a person's own company */
        w->state = seed_of(r->author, r->item);
    count = done || r->target_size ? 0 : filler_count(w, p, style);
    if (later && p->styled && !r->target_size) { /* short questions, often with much pasted in */
        uint32_t again = filler_count(w, p, style);

        count = again > count ? again : count;
    }
    for (uint32_t i = 0; i < count || writer_wants(w, wanted); i++) {
        if (w->size > w->limit)
            break;
        write_filler_piece(w, p, r->language % TEXT_LANGUAGE_COUNT, i == 0 && count > 2);
    }
    if (r->target_size)
        writer_cut(w, from, r->target_size * CUT_PERCENT / 100 - COURTESY_SIZE);
    if (p->styled)
        apply_style(w, style, from);
    else
        writer_capital(w, from);
}

static bool kept_is(const struct text_kept *k, const struct block_plan *plan,
                    const struct text_request *r, uint64_t seed)
{
    return k->size > 0 && k->seed == seed && k->plan == plan && k->variant == r->variant &&
           k->template_index == r->template_index && !(k->paraphrase < r->paraphrase) &&
           !(k->paraphrase > r->paraphrase);
}

static void keep(struct text_kept *k, const struct block_plan *plan, const struct text_request *r,
                 uint64_t seed, struct str text)
{
    if (text.n > sizeof k->text)
        return;
    k->plan = plan;
    k->seed = seed;
    k->paraphrase = r->paraphrase;
    k->template_index = r->template_index;
    k->variant = r->variant;
    k->size = (uint32_t)text.n;
    memcpy(k->text, text.p, text.n);
}

/* The block of the request's template and variant: where it is kept, or else written to `out`. */
static struct str block_of(const struct block_plan *plan, const struct text_request *r,
                           uint64_t seed, char *out)
{
    uint64_t place = seed_of(seed, (uint64_t)r->template_index << 32 | r->variant);
    struct text_kept *k = r->memory ? &r->memory->kept[place % TEXT_KEPT_COUNT] : NULL;
    struct writer w = {.out = out, .limit = TEXT_SYSTEM_MAX - WRITER_SLACK};
    struct str text;

    if (k && kept_is(k, plan, r, seed))
        return (struct str){k->text, k->size};
    write_block(&w, plan, r, seed);
    text = (struct str){out, w.size};
    if (k)
        keep(k, plan, r, seed, text);
    return text;
}

static void write_block_and_item(struct writer *w, const struct program *p,
                                 const struct text_request *r, const struct style *style,
                                 uint64_t item)
{
    uint64_t template = seed_of(seed_of(r->program, SEED_BLOCK), r->cohort);
    uint64_t layout = seed_of(seed_of(template, r->template_index), SEED_LABEL);
    struct text_request rest = *r;
    char room[TEXT_SYSTEM_MAX];
    struct str block = block_of(p->block, r, template, room);

    if ((layout & 3) != 0) {
        memcpy(w->out, block.p, block.n);
        w->size = (uint32_t)block.n;
        w->state = layout;
        write_choice(w, &label_list);
        w->state = item;
        write_item(w, p, r, style);
        return;
    }
    if (r->target_size)
        rest.target_size =
            r->target_size > block.n + TARGET_MIN ? r->target_size - (uint32_t)block.n : TARGET_MIN;
    w->state = item;
    write_item(w, p, &rest, style);
    WRITE(w, "\n\n");
    if (w->size + block.n > w->limit)
        return;
    memcpy(w->out + w->size, block.p, block.n);
    w->size += (uint32_t)block.n;
}

uint32_t text_prompt(const struct text_request *r, char *out)
{
    const struct program *p = programs[r->program];
    uint64_t author = author_of(p, r);
    struct style style = style_of(author);
    uint64_t item = item_seed(p, r, author);
    struct writer w = {
        .out = out,
        .limit = TEXT_PROMPT_MAX - WRITER_SLACK,
        .state = item,
        .subject = subject_of(p, r, author),
    };

    if (p->block && r->turn == 0)
        write_block_and_item(&w, p, r, &style, item);
    else
        write_item(&w, p, r, &style);
    return w.size;
}

struct str text_system(const struct text_request *r, char *out)
{
    const struct program *p = programs[r->program];

    if (!p->system)
        return (struct str){NULL, 0};
    return block_of(p->system, r, seed_of(seed_of(r->program, SEED_SYSTEM), r->cohort), out);
}
