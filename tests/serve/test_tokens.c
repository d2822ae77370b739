#include "serve/tokens.h"

#include "tests/support.h"

#include <errno.h>
#include <string.h>

static int load(const char *content, struct tokens *tokens, struct err *err)
{
    char *folder = temp_folder_new();
    int r = tokens_load(temp_file(folder, "tokens", content, SIZE_MAX), tokens, err);

    temp_folder_remove(folder);
    return r;
}

static void without_a_file_everybody_may_do_everything(void **state)
{
    struct tokens tokens;
    struct err err;

    (void)state;
    assert_int_equal(tokens_load(NULL, &tokens, &err), 0);
    assert_false(tokens.required);
    assert_true(tokens_roles(&tokens, NULL) & ROLE_ADMIN);
}

static void a_token_gives_the_roles_of_its_line(void **state)
{
    struct tokens tokens;
    struct err err;

    (void)state;
    assert_int_equal(load("# gateways\ningest 0123456789abcdef\n\nread,label fedcba9876543210\r\n"
                          "admin  aaaaaaaaaaaaaaaaaaaa  the on-call\n",
                          &tokens, &err),
                     0);
    assert_true(tokens.required);
    assert_int_equal(tokens_roles(&tokens, "Bearer 0123456789abcdef"), ROLE_INGEST);
    assert_int_equal(tokens_roles(&tokens, "bearer fedcba9876543210"), ROLE_READ | ROLE_LABEL);
    assert_int_equal(tokens_roles(&tokens, "Bearer aaaaaaaaaaaaaaaaaaaa"),
                     ROLE_INGEST | ROLE_READ | ROLE_LABEL | ROLE_ADMIN);
    assert_int_equal(tokens_roles(&tokens, "Bearer 0123456789abcdeg"), 0);
    assert_int_equal(tokens_roles(&tokens, "Bearer 0123456789abcde"), 0);
    assert_int_equal(tokens_roles(&tokens, "Basic 0123456789abcdef"), 0);
    assert_int_equal(tokens_roles(&tokens, "Bearer "), 0);
    assert_int_equal(tokens_roles(&tokens, NULL), 0);
}

static void a_bad_line_is_named(void **state)
{
    struct tokens tokens;
    struct err err;

    (void)state;
    assert_int_equal(load("read 0123456789abcdef\nwrite 0123456789abcdef\n", &tokens, &err),
                     -EINVAL);
    assert_non_null(strstr(err.text, "tokens:2: "));
    assert_int_equal(load("read short\n", &tokens, &err), -EINVAL);
    assert_non_null(strstr(err.text, "fewer than 16"));
    assert_null(strstr(err.text, "short")); /* a token is never shown */
    assert_int_equal(load("# nothing\n", &tokens, &err), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_file_everybody_may_do_everything),
        cmocka_unit_test(a_token_gives_the_roles_of_its_line),
        cmocka_unit_test(a_bad_line_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
