/* Tells systemd how the service is: the datagrams of sd_notify(3), to NOTIFY_SOCKET. */
#pragma once

#include <stdint.h>

/* "READY=1", "STATUS=...", "STOPPING=1", "WATCHDOG=1", "RELOADING=1"; lines may be combined.
 * Nothing happens when no service manager asked to be told. */
void notify_send(const char *state);

/* Microseconds within which the watchdog wants to hear of us; 0: it does not. */
uint64_t notify_watchdog_us(void);
