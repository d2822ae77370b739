/* What persons type, and what is relayed for them. Shares of questions, orders, courtesy and the
 * lengths follow OASST, InstructionWild and ShareGPT (docs: traffic, "Prompt sets"). */
#include "program.h"

const struct program program_chat = {
    .scope = SCOPE_PERSON,
    .items = &item_questions,
    .also = &item_problems,
    .also_percent = 4,
    .filler = &item_contexts,
    .follow_ups = &item_follow_ups,
    .separator = ' ',
    .context_first_percent = 30,
    .filler_percent = 40,
    .filler_usual = 3,
    .filler_rare = 26,
    .styled = true,
};

const struct program program_developer = {
    .scope = SCOPE_PERSON,
    .items = &item_code_questions,
    .filler = &item_code_contexts,
    .follow_ups = &item_code_follow_ups,
    .separator = ' ',
    .context_first_percent = 30,
    .filler_percent = 60,
    .filler_usual = 3,
    .filler_rare = 30,
    .styled = true,
};

static const struct block_plan harness = {
    .always = {&clause_roles, &clause_tools, &clause_tools, &clause_cares},
    .maybe = {&clause_tools, &clause_methods, &clause_formats, &clause_tools, &clause_tones},
};

const struct program program_agent = {
    .scope = SCOPE_PERSON,
    .system = &harness,
    .items = &item_tasks,
    .filler = &item_log_lines,
    .follow_ups = &item_results,
    .filler_percent = 72,
    .filler_usual = 10,
    .filler_rare = 60,
};

static const struct block_plan desk = {
    .always = {&clause_roles, &clause_cares, &clause_tones},
    .maybe = {&clause_lengths, &clause_formats, &clause_cares, &clause_tones},
};

const struct program program_support = {
    .scope = SCOPE_PERSON,
    .system = &desk,
    .items = &item_questions,
    .filler = &item_contexts,
    .follow_ups = &item_follow_ups,
    .separator = ' ',
    .context_first_percent = 50,
    .filler_percent = 60,
    .filler_usual = 3,
    .filler_rare = 6,
    .styled = true,
};

/* The item is the exercise: whoever is in the class sends the same one, in words of his own around
 * it. */
const struct program program_classroom = {
    .scope = SCOPE_LIST,
    .items = &item_problems,
    .filler = &item_contexts,
    .follow_ups = &item_follow_ups,
    .separator = ' ',
    .filler_percent = 60,
    .filler_usual = 2,
    .filler_rare = 4,
    .styled = true,
};

const struct program program_security = {
    .scope = SCOPE_PERSON,
    .items = &item_probing,
    .filler = &item_contexts,
    .separator = ' ',
    .context_first_percent = 20,
    .filler_percent = 60,
    .filler_usual = 3,
    .filler_rare = 8,
    .styled = true,
};

const struct program program_relay = {
    .scope = SCOPE_OTHERS,
    .items = &item_questions,
    .filler = &item_contexts,
    .follow_ups = &item_follow_ups,
    .separator = ' ',
    .context_first_percent = 30,
    .filler_percent = 40,
    .filler_usual = 3,
    .filler_rare = 26,
    .styled = true,
};

const struct program program_probe = {
    .scope = SCOPE_OTHERS,
    .items = &item_probing,
    .filler = &item_contexts,
    .separator = ' ',
    .context_first_percent = 20,
    .filler_percent = 70,
    .filler_usual = 4,
    .filler_rare = 6,
    .styled = true,
};
