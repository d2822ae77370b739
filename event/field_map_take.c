/* A part or a measure of a source value: the last user message of a conversation, the number of its
 * images, the host of an address. */
#include "field_map_parts.h"

#include <ctype.h>
#include <stdlib.h>

static const struct source_value NONE = {.kind = SOURCE_NONE};

static struct source_value text_value(struct str text)
{
    return (struct source_value){.kind = SOURCE_TEXT, .text = text};
}

static struct source_value count_value(int64_t count)
{
    return (struct source_value){.kind = SOURCE_INT, .integer = count};
}

/* ---- messages: OpenAI and Anthropic {role, content}, OpenTelemetry {role, parts} ---- */

/* The text of one part of a message, NULL for pictures, tool calls and the like. */
static json_t *part_text(json_t *part)
{
    json_t *text = json_object_get(part, "text");
    const char *type = json_string_value(json_object_get(part, "type"));

    if (json_is_string(part))
        return part;
    if (!text && type && strcmp(type, "text") == 0)
        text = json_object_get(part, "content"); /* OpenTelemetry */
    return json_is_string(text) ? text : NULL;
}

/* The parts' texts, one per line. */
static struct source_value parts_text(struct field_map_reader *r, json_t *parts)
{
    size_t size = 0, count = 0, i;
    json_t *part;
    char *joined, *to;

    json_array_foreach(parts, i, part) if (part_text(part))
    {
        size += json_string_length(part_text(part)) + 1;
        count++;
    }
    if (count == 0)
        return NONE;
    joined = to = scratch_take(&r->scratch, size);
    if (!joined)
        return NONE;
    json_array_foreach(parts, i, part)
    {
        json_t *text = part_text(part);

        if (!text)
            continue;
        memcpy(to, json_string_value(text), json_string_length(text));
        to += json_string_length(text);
        *to++ = '\n';
    }
    return text_value((struct str){joined, (uint32_t)(size - 1)});
}

/* The text of a message, or of a list of parts; NONE without any. */
static struct source_value message_text(struct field_map_reader *r, json_t *message)
{
    json_t *content = message;

    if (json_is_object(message)) {
        content = json_object_get(message, "content");
        if (!content)
            content = json_object_get(message, "parts");
    }
    if (json_is_string(content))
        return map_tree_value(content);
    return parts_text(r, content);
}

static bool has_role(json_t *message, const char *role)
{
    const char *is = json_string_value(json_object_get(message, "role"));

    return is && strcmp(is, role) == 0;
}

/* A plain text is its own prompt; tool results that came back as the user's leave no text. */
static struct source_value last_user(struct field_map_reader *r, json_t *messages)
{
    for (size_t i = json_array_size(messages); i-- > 0;) {
        json_t *message = json_array_get(messages, i);

        if (has_role(message, "user")) {
            struct source_value text = message_text(r, message);

            if (text.kind != SOURCE_NONE)
                return text;
        }
    }
    return NONE;
}

static struct source_value first_system(struct field_map_reader *r, json_t *messages)
{
    json_t *message;
    size_t i;

    json_array_foreach(messages, i,
                       message) if (has_role(message, "system") ||
                                    has_role(message, "developer")) return message_text(r, message);
    return NONE;
}

static struct source_value user_turn(struct field_map_reader *r, json_t *messages)
{
    int64_t count = 0;
    json_t *message;
    size_t i;

    json_array_foreach(messages, i, message) if (has_role(message, "user") &&
                                                 message_text(r, message).kind != SOURCE_NONE)
        count++;
    return count > 0 ? count_value(count - 1) : NONE;
}

static bool is_image(json_t *part)
{
    static const char *const types[] = {"image", "image_url", "input_image"};
    const char *type = json_string_value(json_object_get(part, "type"));
    const char *modality = json_string_value(json_object_get(part, "modality"));

    if (modality && strcmp(modality, "image") == 0)
        return true;
    for (size_t i = 0; type && i < sizeof types / sizeof *types; i++)
        if (strcmp(type, types[i]) == 0)
            return true;
    return false;
}

static struct source_value images(json_t *messages)
{
    int64_t count = 0;
    json_t *message, *part;
    size_t i, k;

    if (!json_is_array(messages))
        return NONE;
    json_array_foreach(messages, i, message)
    {
        json_t *parts = json_object_get(message, "content");

        if (!parts)
            parts = json_object_get(message, "parts");
        json_array_foreach(parts, k, part) count += is_image(part);
    }
    return count_value(count);
}

/* ---- text ---- */

static struct str trim(struct str s)
{
    while (s.n > 0 && s.p[0] == ' ') {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && s.p[s.n - 1] == ' ')
        s.n--;
    return s;
}

static struct source_value first_item(struct str text)
{
    const char *comma = memchr(text.p, ',', text.n);

    if (comma)
        text.n = (uint32_t)(comma - text.p);
    text = trim(text);
    return text.n ? text_value(text) : NONE;
}

/* "192.0.2.1:443" and "[2001:db8::1]:443" without the port; an address alone stays as it is. */
static struct source_value host(struct str text)
{
    const char *colon = memchr(text.p, ':', text.n);
    const char *bracket = memchr(text.p, ']', text.n);

    if (text.n && text.p[0] == '[' && bracket)
        text = (struct str){text.p + 1, (uint32_t)(bracket - text.p - 1)};
    else if (colon && !memchr(colon + 1, ':', text.n - (size_t)(colon + 1 - text.p)))
        text.n = (uint32_t)(colon - text.p);
    return text.n ? text_value(text) : NONE;
}

static struct source_value mail_domain(struct str text)
{
    const char *at = memrchr(text.p, '@', text.n);

    if (!at || at + 1 == text.p + text.n)
        return NONE;
    return text_value((struct str){at + 1, text.n - (uint32_t)(at + 1 - text.p)});
}

/* Letters to 'a', digits to '0': the contract's `name_shape`. */
static struct source_value shape(struct field_map_reader *r, struct str text)
{
    char *to = scratch_take(&r->scratch, text.n);

    if (!to)
        return NONE;
    for (uint32_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        to[i] = (char)(isalpha(c) ? 'a' : isdigit(c) ? '0' : c);
    }
    return text_value((struct str){to, text.n});
}

static struct source_value take_from_text(struct field_map_reader *r, enum map_take take,
                                          struct str text)
{
    switch (take) {
    case TAKE_LAST_USER:
    case TAKE_TEXT: return text_value(text);
    case TAKE_FIRST_ITEM: return first_item(text);
    case TAKE_HOST: return host(text);
    case TAKE_MAIL_DOMAIN: return mail_domain(text);
    case TAKE_SHAPE: return shape(r, text);
    default: return NONE;
    }
}

static struct source_value take_from_tree(struct field_map_reader *r, enum map_take take,
                                          json_t *tree)
{
    switch (take) {
    case TAKE_LAST_USER: return last_user(r, tree);
    case TAKE_FIRST_SYSTEM: return first_system(r, tree);
    case TAKE_TEXT: return message_text(r, tree);
    case TAKE_USER_TURN: return user_turn(r, tree);
    case TAKE_IMAGES: return images(tree);
    case TAKE_COUNT:
        return count_value(
            (int64_t)(json_is_array(tree) ? json_array_size(tree) : json_object_size(tree)));
    default: return NONE;
    }
}

struct source_value map_take(struct field_map_reader *r, enum map_take take, struct source_value v)
{
    struct str text;
    json_t *tree = v.tree;

    if (take == TAKE_WHOLE || v.kind == SOURCE_NONE)
        return v;
    if (v.kind == SOURCE_TREE)
        return take_from_tree(r, take, tree);
    if (!map_value_text(&r->scratch, &v, &text))
        return NONE;
    tree = take <= TAKE_COUNT ? map_tree_decode(r, text) : NULL;
    return tree ? take_from_tree(r, take, tree) : take_from_text(r, take, text);
}
