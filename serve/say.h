/* What the daemon tells its log, on stderr: one line for every decision that a person may ask about
 * later; text, or JSON objects. From any thread. Never a prompt. */
#pragma once

#include <stdbool.h>

void say_as_json(bool json);

/* `event` is a word to search for: [a-z_]+. */
void say(const char *event, const char *format, ...) __attribute__((format(printf, 2, 3)));
