/* libFuzzer target: the reader against jansson, on lines of any bytes. */
#include "tests/event/json_oracle.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct event_json *reader;
    const char *difference;

    if (!reader && event_json_new(&reader) < 0)
        abort();
    difference = json_oracle_differs(reader, (struct str){(const char *)data, (uint32_t)size});
    if (difference) {
        (void)fprintf(stderr, "%s\n", difference);
        abort();
    }
    return 0;
}
