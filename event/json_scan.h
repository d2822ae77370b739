/* A pass over JSON text of any shape, before it is read: where its quotes and its special bytes are
 * (the idea of Langdale and Lemire, "Parsing gigabytes of JSON per second", VLDB Journal 28, 2019).
 */
#pragma once

#include "base/str.h"

/* Positions ascend; behind the last one the text's size stands JSON_SCAN_ENDS times, so that a
 * reader may look ahead without counting. */
enum { JSON_SCAN_ENDS = 4, JSON_SCAN_SLACK = 64 + JSON_SCAN_ENDS };

struct json_scan {
    uint32_t *quote;   /* '"' that no backslash escapes */
    uint32_t *special; /* backslashes that begin an escape, and control characters */
    uint32_t quote_count, special_count;
    uint32_t capacity; /* positions that fit each */
    bool ascii;        /* no byte of 0x80 or more */
};

/* An all-zero struct json_scan is ready for use. */
void json_scan_deinit(struct json_scan *scan);

/* Scans any bytes, at least one. 0, or -ENOMEM. */
int json_scan(struct json_scan *scan, struct str text);

/* The ways in which json_scan() works, for the test that holds them together: without room checks,
 * for a scan whose capacity is at least the text's size + 64. The second is NULL where the
 * processor cannot. */
typedef void json_scan_func(struct json_scan *scan, struct str text);
json_scan_func json_scan_portable;
json_scan_func *json_scan_avx2(void);
json_scan_func *json_scan_avx512(void);
