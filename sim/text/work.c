/* What programs send for companies, products and researchers: a block of their own around an item.
 */
#include "program.h"

static const struct block_plan product_block = {
    .always = {&clause_openings},
    .maybe = {&clause_roles, &clause_tones, &clause_lengths, &clause_cares, &clause_methods},
};
static const struct block_plan product_system = {
    .always = {&clause_roles, &clause_tones},
    .maybe = {&clause_cares, &clause_formats, &clause_lengths, &clause_cares, &clause_methods},
};
static const struct block_plan form_block = {
    .always = {&clause_openings, &clause_formats},
    .maybe = {&clause_cares, &clause_cares, &clause_lengths, &clause_methods},
};
static const struct block_plan short_block = {
    .always = {&clause_openings},
    .maybe = {&clause_tones, &clause_lengths, &clause_cares},
};
static const struct block_plan order_block = {
    .always = {&clause_openings, &clause_formats},
    .maybe = {&clause_roles, &clause_lengths, &clause_methods, &clause_tones},
};
static const struct block_plan judge_block = {
    .always = {&clause_roles, &clause_rubrics, &clause_rubrics, &clause_formats},
    .maybe = {&clause_rubrics, &clause_methods, &clause_cares, &clause_lengths},
};
static const struct block_plan harness_block = {
    .always = {&clause_formats},
    .maybe = {&clause_methods, &clause_lengths},
};
static const struct block_plan framework_system = {
    .always = {&clause_roles, &clause_tools, &clause_formats, &clause_cares},
    .maybe = {&clause_methods, &clause_tones, &clause_tools},
};

const struct program program_product = {
    .scope = SCOPE_PERSON,
    .block = &product_block,
    .system = &product_system,
    .items = &item_questions,
    .also = &item_data,
    .also_percent = 25,
    .filler = &item_contexts,
    .follow_ups = &item_follow_ups,
    .separator = ' ',
    .filler_percent = 48,
    .filler_usual = 4,
    .filler_rare = 10,
};

const struct program program_plugin = {
    .scope = SCOPE_PERSON,
    .block = &form_block,
    .system = &product_system,
    .items = &item_questions,
    .filler = &item_contexts,
    .separator = ' ',
    .filler_percent = 50,
    .filler_usual = 3,
    .filler_rare = 10,
    .styled = true,
};

const struct program program_framework = {
    .scope = SCOPE_PERSON,
    .system = &framework_system,
    .items = &item_questions,
    .also = &item_data,
    .also_percent = 40,
    .filler = &item_contexts,
    .follow_ups = &item_follow_ups,
    .separator = ' ',
    .filler_percent = 60,
    .filler_usual = 4,
    .filler_rare = 10,
    .styled = true,
};

const struct program program_extraction = {
    .scope = SCOPE_PERSON,
    .block = &form_block,
    .system = &product_system,
    .items = &item_documents,
    .filler = &item_prose,
    .separator = ' ',
    .filler_percent = 76,
    .filler_usual = 12,
    .filler_rare = 30,
};

const struct program program_summary = {
    .scope = SCOPE_PERSON,
    .block = &short_block,
    .system = &product_system,
    .items = &item_documents,
    .filler = &item_prose,
    .separator = ' ',
    .filler_percent = 80,
    .filler_usual = 40,
    .filler_rare = 30,
};

const struct program program_translation = {
    .scope = SCOPE_PERSON,
    .block = &short_block,
    .system = &product_system,
    .items = &item_sentences,
    .filler = &item_prose,
    .separator = ' ',
    .filler_percent = 32,
    .filler_usual = 2,
    .filler_rare = 6,
};

const struct program program_benchmark = {
    .scope = SCOPE_LIST,
    .block = &harness_block,
    .items = &item_problems,
    .filler = &item_prose,
    .separator = ' ',
    .filler_percent = 36,
    .filler_usual = 3,
};

const struct program program_synthetic = {
    .scope = SCOPE_LIST,
    .block = &order_block,
    .system = &product_system,
    .items = &item_questions,
    .also = &item_problems,
    .also_percent = 35,
    .filler = &item_prose,
    .separator = ' ',
    .filler_percent = 100,
    .filler_usual = 1,
};

const struct program program_code_review = {
    .scope = SCOPE_PERSON,
    .block = &order_block,
    .system = &framework_system,
    .items = &item_results,
    .filler = &item_log_lines,
    .filler_percent = 100,
    .filler_usual = 30,
    .filler_rare = 50,
};

const struct program program_judge = {
    .scope = SCOPE_LIST,
    .block = &judge_block,
    .system = &product_system,
    .items = &item_answers,
    .filler = &item_reasoning,
    .separator = ' ',
    .filler_percent = 64,
    .filler_usual = 4,
    .filler_rare = 6,
};

const struct program program_rewrite = {
    .scope = SCOPE_LIST,
    .block = &short_block,
    .system = &product_system,
    .items = &item_sentences,
    .filler = &item_prose,
    .separator = ' ',
    .filler_percent = 100,
    .filler_usual = 2,
    .filler_rare = 2,
};
