/* What kind of file somebody has named, told by its content. */
#pragma once

#include "base/errmsg.h"

enum file_kind {
    FILE_EVENTS, /* lines of records, or compressed */
    FILE_SCENARIO,
    FILE_FIELD_MAP,
    FILE_CONFIG, /* of the detector */
    FILE_SCHEMA, /* a JSON Schema: nothing of ours to check beyond its JSON */
    FILE_POLICY, /* of enforcement */
    FILE_KIND_COUNT
};
extern const char *const file_kind_name[FILE_KIND_COUNT];

/* 0; a negative errno with file and line in err: the file cannot be read, or is neither lines of
 * records nor a JSON object that looks like one of the others. "-" is stdin: events. */
int file_recognise(const char *path, enum file_kind *kind, struct err *err);
