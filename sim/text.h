/* Prompts: harmless, real-looking text from grammars, so that content sketches have something
 * honest to work on. Nothing here is a working jailbreak or extraction prompt: campaign programs
 * are stand-ins with the shape of what was described (a constant block around a varying item).
 *
 * Pure functions of their arguments: the same request gives the same text on any thread. */
#pragma once

#include "base/rng.h"
#include "base/str.h"

/* X(name, what it stands for) */
#define TEXT_PROGRAMS(X)                                                                           \
    X(chat, "a person's questions, with follow-ups")                                               \
    X(developer, "code questions with snippets and error messages")                                \
    X(agent, "turns of a coding agent: long context, tool results")                                \
    X(product, "a product's template around its users' input")                                     \
    X(plugin, "a popular plugin's template, sent by thousands of users")                           \
    X(framework, "a framework's default system prompt around own questions")                       \
    X(extraction, "document text with an instruction to extract fields")                           \
    X(summary, "articles to summarise")                                                            \
    X(translation, "sentences to translate, several languages")                                    \
    X(support, "customer service tickets")                                                         \
    X(benchmark, "items of a public benchmark, in order")                                          \
    X(synthetic, "permitted synthetic data: many short generation orders")                         \
    X(classroom, "one exercise, asked by a whole class")                                           \
    X(code_review, "diffs to review, from continuous integration")                                 \
    X(judge, "a rubric around an answer to be scored")                                             \
    X(security, "a researcher's varied probing questions")                                         \
    X(rewrite, "sentences to rewrite in another tone")                                             \
    X(reasoning, "a fixed request for worked reasoning around a varying problem")                  \
    X(persona, "variants of one expert role around a varying data question")                       \
    X(agentic, "tasks for a tool-using agent, one list item each")                                 \
    X(trace, "orders to restate the reasoning of a finished answer")                               \
    X(cleaning, "earlier output to normalise and score")                                           \
    X(probe, "one-off wordings, each different, many declined")                                    \
    X(relay, "other people's chats passed on")

#define TEXT_ENUM(name, help) TEXT_##name,
enum text_program { TEXT_PROGRAMS(TEXT_ENUM) TEXT_PROGRAM_COUNT };
#undef TEXT_ENUM

extern const char *const text_program_name[TEXT_PROGRAM_COUNT];
extern const char *const text_program_help[TEXT_PROGRAM_COUNT];

enum { TEXT_PROMPT_MAX = 6 * 1024, TEXT_SYSTEM_MAX = 2 * 1024, TEXT_LANGUAGE_COUNT = 16 };

extern const char *const text_language[TEXT_LANGUAGE_COUNT]; /* BCP 47, English first */

/* What many requests share, blocks and system prompts, once it is written. All zeros: nothing yet.
 * Texts are the same whatever it holds, and without it; it only makes them cheaper. */
enum { TEXT_KEPT_COUNT = 256, TEXT_KEPT_SIZE = 988 };
struct text_memory {
    struct text_kept {
        const void *plan; /* this and the next four determine the text */
        uint64_t seed;
        double paraphrase;
        uint32_t template_index, variant;
        uint32_t size; /* 0: a free place */
        char text[TEXT_KEPT_SIZE];
    } kept[TEXT_KEPT_COUNT]; /* by a hash; the last one stays */
};

struct text_request {
    struct text_memory *memory; /* NULL: none */
    enum text_program program;
    uint64_t cohort;         /* seed of what is shared: templates, system prompt, list, topics. One
                              * per product where every customer has a product of his own */
    uint64_t author;         /* seed of what one person shares: style, subjects */
    uint32_t template_index; /* which of the cohort's templates */
    uint32_t variant;        /* which wording of it */
    double paraphrase;       /* 0: variants differ in a word; 1: little is left in common */
    uint64_t item;           /* work-list item, or a random number: what fills the slot */
    uint32_t topic;          /* block of the list the item belongs to */
    uint32_t turn;           /* 0: first of a session */
    uint64_t session;        /* so that later turns stay on the subject */
    uint32_t language; /* into text_language; others than 0 change words and script of the item */
    uint32_t target_size; /* wanted bytes, 0: as the program has it; honoured within +-30 %, but
                           * a template's own block is never cut */
};

/* Writes the prompt into `out` (TEXT_PROMPT_MAX bytes), valid UTF-8, not terminated. Returns the
 * size. Takes about 100 ns and 1 ns per byte on a shared processor: whole words are copied, not
 * letters. */
uint32_t text_prompt(const struct text_request *request, char *out);

/* The system prompt that goes with it: in the request's memory until that is used again, or else
 * written to `out` (TEXT_SYSTEM_MAX bytes). Empty: none. Constant per cohort (products, plugins,
 * campaigns) or per framework. */
struct str text_system(const struct text_request *request, char *out);

/* Seconds between turns, tokens and the like are not decided here: see sim/world.h. */
