/* Stand-ins for what campaigns were described to send: a constant block around a work-list item.
 * They have the shape of it and nothing else, and are made of the same clauses as honest work. */
#include "program.h"

static const struct block_plan reasoning_block = {
    .always = {&clause_methods, &clause_formats},
    .maybe = {&clause_methods, &clause_cares, &clause_lengths},
};
static const struct block_plan persona_block = {
    .always = {&clause_roles, &clause_methods, &clause_formats},
    .maybe = {&clause_tones, &clause_cares, &clause_openings},
};
static const struct block_plan agentic_block = {
    .always = {&clause_roles, &clause_tools, &clause_methods},
    .maybe = {&clause_tools, &clause_formats, &clause_cares},
};
static const struct block_plan trace_block = {
    .always = {&clause_openings, &clause_methods, &clause_methods},
    .maybe = {&clause_formats, &clause_cares, &clause_lengths},
};
static const struct block_plan cleaning_block = {
    .always = {&clause_openings, &clause_rubrics, &clause_formats},
    .maybe = {&clause_cares, &clause_rubrics, &clause_lengths},
};
static const struct block_plan campaign_system = {
    .always = {&clause_roles, &clause_methods},
    .maybe = {&clause_cares, &clause_formats, &clause_tones},
};

const struct program program_reasoning = {
    .scope = SCOPE_LIST,
    .block = &reasoning_block,
    .system = &campaign_system,
    .items = &item_problems,
    .filler = &item_prose,
    .separator = ' ',
    .filler_percent = 36,
    .filler_usual = 3,
};

const struct program program_persona = {
    .scope = SCOPE_LIST,
    .block = &persona_block,
    .system = &campaign_system,
    .items = &item_data,
    .filler = &item_data_rows,
    .separator = '\n',
    .filler_percent = 24,
    .filler_usual = 6,
};

const struct program program_agentic = {
    .scope = SCOPE_LIST,
    .block = &agentic_block,
    .system = &campaign_system,
    .items = &item_tasks,
    .filler = &item_log_lines,
    .follow_ups = &item_results,
    .filler_percent = 32,
    .filler_usual = 8,
};

const struct program program_trace = {
    .scope = SCOPE_LIST,
    .block = &trace_block,
    .system = &campaign_system,
    .items = &item_answers,
    .filler = &item_prose,
    .separator = ' ',
    .filler_percent = 56,
    .filler_usual = 3,
};

const struct program program_cleaning = {
    .scope = SCOPE_LIST,
    .block = &cleaning_block,
    .system = &campaign_system,
    .items = &item_answers,
    .filler = &item_reasoning,
    .separator = ' ',
    .filler_percent = 80,
    .filler_usual = 12,
    .filler_rare = 20,
};
