#include "tokens.h"

#include "base/cleanup.h"
#include "base/siphash.h"
#include "tools/text_file.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

enum { ALL_ROLES = ROLE_INGEST | ROLE_READ | ROLE_LABEL | ROLE_ADMIN };

static const struct {
    const char *name;
    unsigned roles;
} role_name[] = {
    {"ingest", ROLE_INGEST},
    {"read", ROLE_READ},
    {"label", ROLE_LABEL},
    {"admin", ALL_ROLES},
};

/* 0: one of the words is no role. */
static unsigned roles_parse(char *words)
{
    unsigned roles = 0;
    char *rest = NULL;

    for (char *word = strtok_r(words, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        unsigned found = 0;

        for (unsigned i = 0; i < sizeof role_name / sizeof role_name[0]; i++)
            if (strcmp(word, role_name[i].name) == 0)
                found = role_name[i].roles;
        if (!found)
            return 0;
        roles |= found;
    }
    return roles;
}

static int line_parse(struct tokens *tokens, const char *path, int number, char *line,
                      struct err *err)
{
    char *rest = NULL;
    char *roles = strtok_r(line, " \t\r", &rest);
    char *token = roles ? strtok_r(NULL, " \t\r", &rest) : NULL;
    unsigned bits;

    if (!roles || roles[0] == '#')
        return 0;
    bits = roles_parse(roles);
    if (!bits || !token)
        return err_set(err, -EINVAL,
                       "%s:%d: not \"ROLE[,ROLE] TOKEN\"; roles are ingest, read, label, admin",
                       path, number);
    if (strlen(token) < TOKEN_SIZE_MIN)
        return err_set(err, -EINVAL, "%s:%d: the token has fewer than %d characters", path, number,
                       TOKEN_SIZE_MIN);
    if (tokens->count == TOKENS_MAX)
        return err_set(err, -EINVAL, "%s:%d: more than %d tokens", path, number, TOKENS_MAX);
    siphash128(str_of(token), tokens->key, tokens->token[tokens->count].hash);
    tokens->token[tokens->count++].roles = bits;
    return 0;
}

int tokens_load(const char *path, struct tokens *out, struct err *err)
{
    AUTO_FREE char *text = NULL;
    size_t size;
    int r, number = 0;

    *out = (struct tokens){.required = path != NULL};
    if (!path)
        return 0;
    if (getrandom(out->key, sizeof out->key, 0) != sizeof out->key)
        return err_set(err, -EIO, "no random numbers");
    r = text_file_read(path, &text, &size, err);
    for (char *line = text; r == 0 && line;) {
        char *newline = strchr(line, '\n');

        if (newline)
            *newline = '\0';
        r = line_parse(out, path, ++number, line, err);
        line = newline ? newline + 1 : NULL;
    }
    if (r == 0 && out->count == 0)
        r = err_set(err, -EINVAL, "%s: no token in it", path);
    return r;
}

/* Looks at all bytes whatever they are. */
static bool same_hash(const unsigned char *a, const unsigned char *b)
{
    unsigned char differ = 0;

    for (unsigned i = 0; i < 16; i++)
        differ |= a[i] ^ b[i];
    return differ == 0;
}

unsigned tokens_roles(const struct tokens *tokens, const char *header)
{
    static const char scheme[] = "Bearer ";
    unsigned char hash[16];
    unsigned roles = 0;

    if (!tokens->required)
        return ALL_ROLES;
    if (!header || strncasecmp(header, scheme, sizeof scheme - 1) != 0)
        return 0;
    siphash128(str_of(header + sizeof scheme - 1), tokens->key, hash);
    for (unsigned i = 0; i < tokens->count; i++)
        roles |= same_hash(hash, tokens->token[i].hash) ? tokens->token[i].roles : 0;
    return roles;
}
