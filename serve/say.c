#include "say.h"

#include "base/json_write.h"
#include "base/msec.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_SIZE = 1024 };

static atomic_bool as_json;

void say_as_json(bool json)
{
    atomic_store(&as_json, json);
}

static msec_t wall_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (msec_t)now.tv_sec * MSEC_SECOND + now.tv_nsec / 1000000;
}

/* One write, so that lines of threads do not mix. */
static void line_out(const char *text, size_t size)
{
    ssize_t n = write(STDERR_FILENO, text, size);

    (void)n; /* nobody is left to be told */
}

void say(const char *event, const char *format, ...)
{
    char message[MESSAGE_SIZE], ts[MSEC_TEXT_SIZE];
    struct json_write w;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    (void)msec_format(wall_now(), ts);
    if (!atomic_load(&as_json)) {
        char line[MESSAGE_SIZE + 128];
        int n;

        for (char *c = message; *c; c++)
            if ((unsigned char)*c < ' ')
                *c = '?'; /* an id must not make a line of its own */
        n = snprintf(line, sizeof line, "%s %s: %s\n", ts, event, message);
        line_out(line, (size_t)n);
        return;
    }
    json_write_init(&w, NULL);
    json_write_open(&w, NULL, '{');
    json_write_text(&w, "time", ts);
    json_write_text(&w, "event", event);
    json_write_text(&w, "message", message);
    json_write_close(&w, '}');
    json_write_line(&w);
    if (w.error == 0)
        line_out(w.text, w.size);
    json_write_deinit(&w);
}
