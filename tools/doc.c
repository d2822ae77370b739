/* Both forms side by side, function by function: a structure that exists in one must exist in the
 * other. doc_escape() is the only way for data to get out. */
#include "tools/doc.h"

#include "base/cleanup.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Formats into heap memory that is released at the end of the block. Without memory the text is
 * missing, the structure stays. */
#define FORMATTED(text, format)                                                                    \
    AUTO_FREE char *text = NULL;                                                                   \
    va_list args_;                                                                                 \
    va_start(args_, format);                                                                       \
    if (vasprintf(&text, format, args_) < 0)                                                       \
        text = NULL;                                                                               \
    va_end(args_)

static bool html(const struct doc *doc)
{
    return doc->form == DOC_HTML;
}

static void raw(const struct doc *doc, const char *text)
{
    (void)fputs(text, doc->out);
}

/* Bytes of the UTF-8 character at `p`, 1 for a stray byte. */
static size_t utf8_size(const unsigned char *p)
{
    size_t n = *p < 0x80 ? 1 : *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : *p >= 0xc2 ? 2 : 1;

    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 1;
    return n;
}

/* The code point when the character at `p` must not reach a page as it is, else 0: controls, and
 * characters that change the direction of the text around them or have no width. */
static unsigned unshowable(const unsigned char *p, size_t n)
{
    unsigned c = *p;

    if (n == 1)
        return c < 0x20 || c == 0x7f ? (c ? c : 0xfffd) : c >= 0x80 ? 0xfffd : 0;
    if (n == 2)
        c = (c & 0x1f) << 6 | (p[1] & 0x3f);
    else if (n == 3)
        c = (c & 0x0f) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3f);
    else
        return 0;
    if (c < 0xa0 || c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
        (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff)
        return c;
    return 0;
}

static const char *html_entity(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

/* What Markdown could take for markup; "://", "www." and "@" would become links. */
static const char *markdown_escape(const char *p)
{
    switch (*p) {
    case '\\': return "\\\\";
    case '`': return "\\`";
    case '*': return "\\*";
    case '_': return "\\_";
    case '[': return "\\[";
    case ']': return "\\]";
    case '|': return "\\|";
    case '~': return "\\~";
    case '#': return "\\#";
    case '$': return "\\$";
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '@': return "&#64;";
    case 'w': return strncmp(p, "www.", 4) == 0 ? "&#119;" : NULL;
    case ':': return strncmp(p, "://", 3) == 0 ? "&#58;" : NULL;
    default: return NULL;
    }
}

static void escape_some(FILE *out, enum doc_form form, const char *text, size_t characters)
{
    const unsigned char *p = (const unsigned char *)text;

    for (; *p && characters; characters--) {
        size_t n = utf8_size(p);
        unsigned hidden = unshowable(p, n);
        const char *instead = form == DOC_HTML       ? html_entity((char)*p)
                              : form == DOC_MARKDOWN ? markdown_escape((const char *)p)
                                                     : NULL;

        if (hidden)
            (void)fprintf(out, form == DOC_MARKDOWN ? "\\\\u%04x" : "\\u%04x", hidden);
        else if (instead)
            (void)fputs(instead, out);
        else
            (void)fwrite(p, 1, n, out);
        p += n;
    }
    if (*p)
        (void)fputs("…", out);
}

void doc_escape(FILE *out, enum doc_form form, const char *text)
{
    if (text)
        escape_some(out, form, text, SIZE_MAX);
}

static void escape(const struct doc *doc, const char *text)
{
    doc_escape(doc->out, doc->form, text);
}

void doc_open(struct doc *doc, FILE *out, enum doc_form form, const char *title, const char *style)
{
    *doc = (struct doc){.out = out, .form = form};
    if (!html(doc)) {
        raw(doc, "# ");
        escape(doc, title);
        raw(doc, "\n\n");
        return;
    }
    raw(doc, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"color-scheme\" content=\"light dark\">\n"
             "<meta name=\"referrer\" content=\"no-referrer\">\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
             "style-src 'unsafe-inline'; img-src data:\">\n"
             "<link rel=\"icon\" href=\"data:,\">\n<title>");
    escape(doc, title);
    raw(doc, "</title>\n<style>\n");
    raw(doc, style);
    raw(doc, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n"
             "<header><h1>");
    escape(doc, title);
    raw(doc, "</h1></header>\n<main id=\"main\">\n");
}

void doc_close(struct doc *doc)
{
    if (html(doc))
        raw(doc, "</main>\n</body>\n</html>\n");
}

void doc_contents(struct doc *doc, const char *const *entry)
{
    if (!html(doc))
        return;
    raw(doc, "<nav aria-label=\"Contents\"><ul>");
    for (; *entry; entry += 2) {
        (void)fprintf(doc->out, "<li><a href=\"#%s\">", entry[0]);
        escape(doc, entry[1]);
        raw(doc, "</a></li>");
    }
    raw(doc, "</ul></nav>\n");
}

void doc_section(struct doc *doc, int level, const char *id, const char *format, ...)
{
    FORMATTED(text, format);

    assert(level >= 2 && level <= 4);
    if (html(doc))
        (void)fprintf(doc->out, "<section aria-labelledby=\"%s\">\n<h%d id=\"%s\">", id, level, id);
    else
        (void)fprintf(doc->out, "%.*s ", level, "####");
    escape(doc, text);
    if (html(doc))
        (void)fprintf(doc->out, "</h%d>\n", level);
    else
        raw(doc, "\n\n");
}

void doc_section_end(struct doc *doc)
{
    if (html(doc))
        raw(doc, "</section>\n");
}

void doc_paragraph(struct doc *doc, const char *kind)
{
    if (!html(doc))
        return;
    if (kind)
        (void)fprintf(doc->out, "<p class=\"%s\">", kind);
    else
        raw(doc, "<p>");
}

void doc_paragraph_end(struct doc *doc)
{
    raw(doc, html(doc) ? "</p>\n" : "\n\n");
}

void doc_words(struct doc *doc, const char *format, ...)
{
    FORMATTED(text, format);

    escape(doc, text);
}

void doc_strong(struct doc *doc, const char *format, ...)
{
    FORMATTED(text, format);

    raw(doc, html(doc) ? "<strong>" : "**");
    escape(doc, text);
    raw(doc, html(doc) ? "</strong>" : "**");
}

void doc_name(struct doc *doc, const char *name)
{
    raw(doc, html(doc) ? "<code>" : "");
    escape_some(doc->out, doc->form, name, DOC_NAME_CHARS);
    raw(doc, html(doc) ? "</code>" : "");
}

void doc_say(struct doc *doc, const char *kind, const char *format, ...)
{
    FORMATTED(text, format);

    doc_paragraph(doc, kind);
    escape(doc, text);
    doc_paragraph_end(doc);
}

void doc_list(struct doc *doc)
{
    raw(doc, html(doc) ? "<ul>\n" : "");
}

void doc_item(struct doc *doc, const char *format, ...)
{
    FORMATTED(text, format);

    raw(doc, html(doc) ? "<li>" : "- ");
    escape(doc, text);
    raw(doc, html(doc) ? "</li>\n" : "\n");
}

void doc_list_end(struct doc *doc)
{
    raw(doc, html(doc) ? "</ul>\n" : "\n");
}

void doc_tiles(struct doc *doc)
{
    raw(doc, html(doc) ? "<dl class=\"tiles\">\n" : "");
}

void doc_tile(struct doc *doc, const char *value, const char *format, ...)
{
    FORMATTED(text, format);

    raw(doc, html(doc) ? "<div><dt>" : "- ");
    escape(doc, text);
    raw(doc, html(doc) ? "</dt><dd>" : ": **");
    escape(doc, value);
    raw(doc, html(doc) ? "</dd></div>\n" : "**\n");
}

void doc_tiles_end(struct doc *doc)
{
    raw(doc, html(doc) ? "</dl>\n" : "\n");
}

/* A bar as SVG, because the page's policy forbids style attributes from data. */
static void bar(const struct doc *doc, double share)
{
    double x = share > 1 ? 1 : share > 0 ? share : 0;

    (void)fprintf(doc->out,
                  "<svg class=\"bar\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" "
                  "aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"8\"/>"
                  "<rect class=\"fill\" width=\"%.1f\" height=\"8\"/></svg>",
                  100 * x);
}

void doc_meter(struct doc *doc, const char *label, double share, const char *value)
{
    raw(doc, html(doc) ? "<div class=\"meter\"><span>" : "- ");
    escape(doc, label);
    raw(doc, html(doc) ? "</span>" : ": ");
    if (html(doc))
        bar(doc, share);
    raw(doc, html(doc) ? "<b>" : "**");
    escape(doc, value);
    raw(doc, html(doc) ? "</b></div>\n" : "**\n");
}

void doc_table(struct doc *doc, const char *caption, const struct doc_column *column,
               uint32_t count)
{
    assert(count > 0 && count <= DOC_COLUMN_MAX && doc->column_count == 0);
    doc->column = column;
    doc->column_count = count;
    doc->cell = 0;
    if (html(doc)) {
        raw(doc, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"");
        escape(doc, caption);
        raw(doc, count > 5 ? "\"><table class=\"wide\"><caption>" : "\"><table><caption>");
        escape(doc, caption);
        raw(doc, "</caption><thead><tr>");
    } else {
        raw(doc, "|");
    }
    for (uint32_t i = 0; i < count; i++) {
        bool right = column[i].align == DOC_RIGHT;

        raw(doc, !html(doc) ? " "
                 : right    ? "<th scope=\"col\" class=\"n\">"
                            : "<th scope=\"col\">");
        escape(doc, column[i].head);
        raw(doc, html(doc) ? "</th>" : " |");
    }
    raw(doc, html(doc) ? "</tr></thead><tbody>\n" : "\n|");
    for (uint32_t i = 0; !html(doc) && i < count; i++)
        raw(doc, column[i].align == DOC_RIGHT ? "---:|" : "---|");
}

static void row_end(struct doc *doc)
{
    assert(doc->cell == 0 || doc->cell == doc->column_count);
    if (doc->cell && html(doc))
        raw(doc, "</tr>\n");
    doc->cell = 0;
}

void doc_row(struct doc *doc)
{
    row_end(doc);
    raw(doc, html(doc) ? "<tr>" : "\n|");
}

static void cell_open(struct doc *doc)
{
    bool right;

    assert(doc->cell < doc->column_count);
    right = doc->column[doc->cell].align == DOC_RIGHT;
    if (!html(doc))
        raw(doc, " ");
    else if (doc->cell == 0)
        raw(doc, right ? "<th scope=\"row\" class=\"n\">" : "<th scope=\"row\">");
    else
        raw(doc, right ? "<td class=\"n\">" : "<td>");
}

static void cell_close(struct doc *doc)
{
    raw(doc, !html(doc) ? " |" : doc->cell == 0 ? "</th>" : "</td>");
    doc->cell++;
}

void doc_cell(struct doc *doc, const char *format, ...)
{
    FORMATTED(text, format);

    cell_open(doc);
    escape(doc, text);
    cell_close(doc);
}

void doc_cell_name(struct doc *doc, const char *name)
{
    cell_open(doc);
    doc_name(doc, name);
    cell_close(doc);
}

void doc_cell_link(struct doc *doc, const char *id, const char *text)
{
    cell_open(doc);
    if (html(doc))
        (void)fprintf(doc->out, "<a href=\"#%s\">", id);
    escape(doc, text);
    raw(doc, html(doc) ? "</a>" : "");
    cell_close(doc);
}

void doc_cell_level(struct doc *doc, const char *level)
{
    cell_open(doc);
    if (html(doc)) {
        raw(doc, "<span class=\"badge ");
        escape(doc, level);
        raw(doc, "\">");
    }
    escape(doc, level);
    raw(doc, html(doc) ? "</span>" : "");
    cell_close(doc);
}

void doc_cell_bar(struct doc *doc, double share, const char *value)
{
    cell_open(doc);
    escape(doc, value);
    if (html(doc))
        bar(doc, share);
    cell_close(doc);
}

void doc_table_end(struct doc *doc)
{
    row_end(doc);
    raw(doc, html(doc) ? "</tbody></table></div>\n" : "\n\n");
    doc->column_count = 0;
}

void doc_details(struct doc *doc, bool open, const char *format, ...)
{
    FORMATTED(text, format);

    if (html(doc))
        raw(doc, open ? "<details open><summary>" : "<details><summary>");
    escape(doc, text);
    raw(doc, html(doc) ? "</summary>\n" : ":\n\n");
}

void doc_details_end(struct doc *doc)
{
    raw(doc, html(doc) ? "</details>\n" : "");
}

void doc_figure(struct doc *doc, void (*draw)(FILE *out, const void *ctx), const void *ctx,
                const char *format, ...)
{
    FORMATTED(text, format);

    if (!html(doc))
        return;
    raw(doc,
        "<figure><div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Picture\">");
    draw(doc->out, ctx);
    raw(doc, "</div><figcaption>");
    escape(doc, text);
    raw(doc, "</figcaption></figure>\n");
}
