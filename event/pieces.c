#include "pieces.h"

#include "event/json_value.h"

static struct str trim(struct str s)
{
    while (s.n > 0 && json_is_space(s.p[0]))
        s.p++, s.n--;
    while (s.n > 0 && json_is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

static struct str behind(struct str s, uint32_t n)
{
    return (struct str){s.p + n, s.n - n};
}

/* Where the value at the text's beginning ends: behind its last bracket, or before a comma that is
 * not inside it. The text's end if there is none; *closed is then false for a value in brackets. */
static uint32_t value_size(struct str s, bool *closed)
{
    uint32_t depth = 0;
    bool inside = false;

    *closed = true;
    for (uint32_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (inside) {
            if (c == '\\')
                i++;
            inside = c != '"';
        } else if (c == '"') {
            inside = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && depth > 0) {
            if (--depth == 0)
                return i + 1;
        } else if (c == ',' && depth == 0) {
            return i;
        }
    }
    *closed = depth == 0;
    return s.n;
}

static bool is_document(struct str text)
{
    bool closed;

    return text.n > 0 && (text.p[0] == '{' || text.p[0] == '[') &&
           value_size(text, &closed) == text.n && closed;
}

void pieces_start(struct pieces *p, struct str body, bool only_lines)
{
    struct str text = trim(body);

    p->is_lines = only_lines || !is_document(text);
    p->is_array = !p->is_lines && text.p[0] == '[' && text.p[text.n - 1] == ']';
    p->rest = p->is_lines ? body : p->is_array ? (struct str){text.p + 1, text.n - 2} : text;
}

static bool next_line(struct pieces *p, struct str *piece)
{
    while (p->rest.n > 0) {
        const char *newline = memchr(p->rest.p, '\n', p->rest.n);
        uint32_t n = newline ? (uint32_t)(newline - p->rest.p) : p->rest.n;

        *piece = (struct str){p->rest.p, n};
        p->rest = behind(p->rest, n + (newline ? 1 : 0));
        if (n > 0 && piece->p[n - 1] == '\r')
            piece->n--;
        if (trim(*piece).n > 0)
            return true;
    }
    return false;
}

static bool next_element(struct pieces *p, struct str *piece)
{
    struct str rest = trim(p->rest);
    bool closed;
    uint32_t n = value_size(rest, &closed), end = n;

    if (rest.n == 0)
        return false;
    while (end < rest.n && json_is_space(rest.p[end]))
        end++;
    if (end < rest.n && rest.p[end] != ',')
        n = end = rest.n;
    *piece = trim((struct str){rest.p, n});
    p->rest = behind(rest, end + (end < rest.n ? 1 : 0));
    return true;
}

bool pieces_next(struct pieces *p, struct str *piece)
{
    if (p->is_lines)
        return next_line(p, piece);
    if (p->is_array)
        return next_element(p, piece);
    *piece = p->rest;
    p->rest.n = 0;
    return piece->n > 0;
}
