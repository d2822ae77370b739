#include "assets.h"

static const char index_page[] = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
                                 "<title>Stillwatch</title><h1>Stillwatch</h1>"
                                 "<p>The API is under <code>/v1/</code>: "
                                 "<a href=\"/v1/clusters\">clusters</a>, "
                                 "<a href=\"/v1/findings\">findings</a>, "
                                 "<a href=\"/v1/status\">status</a>.</p></html>\n";

const struct asset assets[] = {
    {"/", "text/html; charset=utf-8", index_page, sizeof index_page - 1},
};
const unsigned asset_count = sizeof assets / sizeof assets[0];
