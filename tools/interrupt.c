#include "interrupt.h"

#include <signal.h>
#include <stdatomic.h>

static _Atomic(struct event_source *) stopped;
static atomic_bool came;

static void on_signal(int number)
{
    struct event_source *source = atomic_load(&stopped);

    (void)number;
    atomic_store(&came, true);
    if (source)
        event_source_stop(source);
}

void interrupt_catch(struct event_source *source)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | SA_RESETHAND};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    atomic_store(&stopped, source);
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGPIPE, &ignore, NULL);
    (void)sigaction(SIGXFSZ, &ignore, NULL);
}

bool interrupt_came(void)
{
    return atomic_load(&came);
}

void interrupt_release(void)
{
    atomic_store(&stopped, NULL);
}
