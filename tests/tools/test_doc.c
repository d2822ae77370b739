#include "tests/support.h"
#include "tools/doc.h"

#include <stdlib.h>
#include <string.h>

/* What `tell` writes in a form, between doc_open() and doc_close(); free it. */
static char *written(enum doc_form form, void (*tell)(struct doc *))
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    struct doc doc;

    assert_non_null(out);
    doc_open(&doc, out, form, "a title", "");
    tell(&doc);
    doc_close(&doc);
    assert_int_equal(fclose(out), 0);
    return text;
}

static char *escaped(enum doc_form form, const char *raw)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    doc_escape(out, form, raw);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void assert_escaped(enum doc_form form, const char *raw, const char *expected)
{
    char *text = escaped(form, raw);

    assert_string_equal(text, expected);
    free(text);
}

static void html_keeps_no_markup_of_the_log(void **state)
{
    (void)state;
    assert_escaped(DOC_HTML, "<b a=\"1\" c='2'>&", "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;");
}

static void markdown_keeps_no_markup_of_the_log(void **state)
{
    (void)state;
    assert_escaped(DOC_MARKDOWN, "a|b`c*d_e[f](g)<h>", "a\\|b\\`c\\*d\\_e\\[f\\](g)&lt;h&gt;");
    assert_escaped(DOC_MARKDOWN, "http://x www.y z@q", "http&#58;//x &#119;ww.y z&#64;q");
}

static void characters_that_deceive_are_spelled_out(void **state)
{
    (void)state;
    assert_escaped(DOC_HTML, "a\nb\x1b[2J", "a\\u000ab\\u001b[2J");
    assert_escaped(DOC_HTML,
                   "\xe2\x80\xae"
                   "cba",
                   "\\u202ecba"); /* right-to-left override */
    assert_escaped(DOC_PLAIN,
                   "\xc2\x9b"
                   "x<",
                   "\\u009bx<");                               /* a terminal's control */
    assert_escaped(DOC_MARKDOWN, "\xe2\x80\x8b", "\\\\u200b"); /* no width */
}

static void other_text_stays_as_it_is(void **state)
{
    (void)state;
    assert_escaped(DOC_HTML, "größe 大 −1 🙂", "größe 大 −1 🙂");
    assert_escaped(DOC_HTML,
                   "a\xff"
                   "b",
                   "a\\ufffdb"); /* no UTF-8 */
    assert_escaped(DOC_HTML, "", "");
}

static void tell_name(struct doc *doc)
{
    char name[2 * DOC_NAME_CHARS + 1];

    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    doc_name(doc, name);
}

static void long_names_are_cut(void **state)
{
    char *text = written(DOC_MARKDOWN, tell_name), expected[DOC_NAME_CHARS + 16];

    (void)state;
    memset(expected, 'n', DOC_NAME_CHARS);
    (void)snprintf(expected + DOC_NAME_CHARS, 16, "…");
    assert_non_null(strstr(text, expected));
    memset(expected, 'n', DOC_NAME_CHARS + 1);
    expected[DOC_NAME_CHARS + 1] = '\0';
    assert_null(strstr(text, expected));
    free(text);
}

static void tell_table(struct doc *doc)
{
    static const struct doc_column column[] = {{"Who", DOC_LEFT}, {"How many", DOC_RIGHT}};

    doc_table(doc, "People", column, 2);
    doc_row(doc);
    doc_cell_name(doc, "<a>");
    doc_cell(doc, "%d", 7);
    doc_table_end(doc);
}

static void tables_are_the_same_in_both_forms(void **state)
{
    char *html = written(DOC_HTML, tell_table), *markdown = written(DOC_MARKDOWN, tell_table);

    (void)state;
    assert_non_null(strstr(html, "<th scope=\"row\"><code>&lt;a&gt;</code></th><td class=\"n\">7"));
    assert_non_null(strstr(markdown, "| Who | How many |\n|---|---:|\n| &lt;a&gt; | 7 |\n"));
    free(html);
    free(markdown);
}

static void tell_nothing(struct doc *doc)
{
    (void)doc;
}

static void the_page_allows_no_script_and_no_network(void **state)
{
    char *html = written(DOC_HTML, tell_nothing);

    (void)state;
    assert_non_null(strstr(html, "default-src 'none'"));
    assert_null(strstr(html, "<script"));
    assert_null(strstr(html, "http://"));
    assert_null(strstr(html, "https://"));
    free(html);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_keeps_no_markup_of_the_log),
        cmocka_unit_test(markdown_keeps_no_markup_of_the_log),
        cmocka_unit_test(characters_that_deceive_are_spelled_out),
        cmocka_unit_test(other_text_stays_as_it_is),
        cmocka_unit_test(long_names_are_cut),
        cmocka_unit_test(tables_are_the_same_in_both_forms),
        cmocka_unit_test(the_page_allows_no_script_and_no_network),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
