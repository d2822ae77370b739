#include "reported.h"

#include "tests/support.h"

#include <stdio.h>

struct report_data *reported_load(const char *folder)
{
    struct report_data *data = NULL;
    struct err err = {""};

    if (report_data_load(folder, &data, &err) < 0)
        fail_msg("%s", err.text);
    return data;
}

char *reported_text(const char *folder, enum doc_form form)
{
    struct report_data *data = reported_load(folder);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    report_write(data, out, form);
    assert_int_equal(fclose(out), 0);
    report_data_free(data);
    return text;
}
