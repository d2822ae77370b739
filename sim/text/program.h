/* What a text program consists of: an optional constant block of instructions, a varying item, and
 * filler that brings it to size. All programs are rows of the same shape, over the same words. */
#pragma once

#include "writer.h"

enum { BLOCK_CLAUSES_MAX = 8 };

/* A block of instructions is a row of clauses, each one choice of its kind. */
struct block_plan {
    const struct phrase_list *always[4]; /* in this order */
    const struct phrase_list
        *maybe[5]; /* each in 60 % of the blocks, in an order of the cohort's */
};

enum text_scope {
    SCOPE_LIST,   /* cohort and item: the same text whoever sends it */
    SCOPE_PERSON, /* author, session, turn and item */
    SCOPE_OTHERS, /* as SCOPE_PERSON, with a new author in every session */
};

struct program {
    enum text_scope scope;
    const struct block_plan *block;  /* NULL: the item alone */
    const struct block_plan *system; /* NULL: no system prompt */
    const struct phrase_list *items;
    const struct phrase_list *also;       /* in `also_percent` of the prompts instead of `items` */
    const struct phrase_list *filler;     /* sentences, lines or rows after the item */
    const struct phrase_list *follow_ups; /* later turns; NULL: items again */
    uint8_t also_percent;
    char separator;                /* between pieces of filler; 0: they bring their own */
    uint8_t filler_percent;        /* prompts that have any when no size is asked for */
    uint8_t context_first_percent; /* prompts that begin with a piece or two of filler */
    uint8_t filler_usual;          /* pieces of those at most */
    uint8_t filler_rare;           /* one prompt in twelve has up to so many more */
    bool styled; /* typed by a person: capitals, stops and courtesy as they like */
};

/* By enum text_program; the rows are in people.c, work.c and campaign.c. */
#define PROGRAM_DECLARE(name, help) extern const struct program program_##name;
TEXT_PROGRAMS(PROGRAM_DECLARE)
#undef PROGRAM_DECLARE

/* Lists that several programs share: clauses.c, items.c. */
extern const struct phrase_list clause_roles, clause_methods, clause_formats, clause_tones,
    clause_cares, clause_lengths, clause_rubrics, clause_openings, clause_tools;
extern const struct phrase_list item_problems, item_data, item_data_rows, item_tasks, item_results,
    item_log_lines, item_questions, item_follow_ups, item_contexts, item_code_questions,
    item_code_follow_ups, item_code_contexts, item_probing, item_documents, item_sentences,
    item_prose, item_answers, item_reasoning;

/* Writes the block of the request's template and variant, with a label for what follows it. */
void write_block(struct writer *w, const struct block_plan *plan, const struct text_request *r,
                 uint64_t seed);

/* Sentences in language 1..TEXT_LANGUAGE_COUNT - 1. */
void write_language(struct writer *w, uint32_t language, uint32_t sentences);
