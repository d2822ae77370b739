/* A document told once and shown twice: as one self-contained HTML page and as Markdown. Calls give
 * the structure; this module owns the syntax, and escapes every text that passes through it, so
 * that nothing a log contains (account ids are chosen by strangers) can become markup. Control and
 * text-direction characters are shown as \uXXXX. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum doc_form { DOC_HTML, DOC_MARKDOWN, DOC_PLAIN }; /* plain: for doc_escape() alone */
enum doc_align { DOC_LEFT, DOC_RIGHT };

struct doc_column {
    const char *head;
    enum doc_align align;
};

enum { DOC_COLUMN_MAX = 16, DOC_NAME_CHARS = 72 }; /* longer names are cut when shown */

struct doc {
    FILE *out;
    enum doc_form form;
    uint32_t cell, column_count; /* of the table that is open */
    const struct doc_column *column;
};

/* The frame. `style` is CSS text for HTML. */
void doc_open(struct doc *doc, FILE *out, enum doc_form form, const char *title, const char *style);
void doc_close(struct doc *doc);

/* Links to sections, in order; `id` and `title` alternate and NULL ends. HTML only. */
void doc_contents(struct doc *doc, const char *const *entry);

/* A part with a heading of level 2 to 4. */
void doc_section(struct doc *doc, int level, const char *id, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void doc_section_end(struct doc *doc);

/* A paragraph in pieces: open, any number of words and strong words, close. `kind` is NULL, or a
 * class of the style sheet such as "lead" or "note". */
void doc_paragraph(struct doc *doc, const char *kind);
void doc_words(struct doc *doc, const char *format, ...) __attribute__((format(printf, 2, 3)));
void doc_strong(struct doc *doc, const char *format, ...) __attribute__((format(printf, 2, 3)));
void doc_name(struct doc *doc, const char *name); /* an id or value out of a log, cut */
void doc_paragraph_end(struct doc *doc);

/* A whole paragraph of plain words. */
void doc_say(struct doc *doc, const char *kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void doc_list(struct doc *doc);
void doc_item(struct doc *doc, const char *format, ...) __attribute__((format(printf, 2, 3)));
void doc_list_end(struct doc *doc);

/* Numbers that matter, side by side. */
void doc_tiles(struct doc *doc);
void doc_tile(struct doc *doc, const char *value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void doc_tiles_end(struct doc *doc);

/* A share between 0 and 1 as a bar with its number. */
void doc_meter(struct doc *doc, const char *label, double share, const char *value);

/* A table of at most DOC_COLUMN_MAX columns; `column` is borrowed until its end. A row is
 * doc_row(), then exactly one cell per column; the first cell names the row. */
void doc_table(struct doc *doc, const char *caption, const struct doc_column *column,
               uint32_t count);
void doc_row(struct doc *doc);
void doc_cell(struct doc *doc, const char *format, ...) __attribute__((format(printf, 2, 3)));
void doc_cell_name(struct doc *doc, const char *name);
void doc_cell_link(struct doc *doc, const char *id, const char *text); /* to a section */
void doc_cell_level(struct doc *doc, const char *level);               /* a badge */
void doc_cell_bar(struct doc *doc, double share, const char *value);
void doc_table_end(struct doc *doc);

/* A part that is folded away in HTML until opened. */
void doc_details(struct doc *doc, bool open, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void doc_details_end(struct doc *doc);

/* A picture with its caption; HTML only, the data stand in a table nearby. */
void doc_figure(struct doc *doc, void (*draw)(FILE *out, const void *ctx), const void *ctx,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Text as the form needs it: what the functions above use, and messages to a terminal (DOC_PLAIN:
 * only what could move its cursor or turn its text is replaced). */
void doc_escape(FILE *out, enum doc_form form, const char *text);
