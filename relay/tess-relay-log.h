/* What the relay has to tell its operator: one line each on stderr, `time=… level=warning event=store-failing message="…"`, under
 * systemd with the journal's priority (`<4>`) in place of the time. docs/relay.md lists the events. Nothing in a line names or
 * describes a person, but for addresses where [relay] log_addresses asks for them. Any thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Has all that is logged in this process, by libraries as well, written in that form. Once, at the start. */
void tess_relay_log_init (void);

/* @event: a short name that stays the same, for programs. @level: G_LOG_LEVEL_MESSAGE or _WARNING. */
void tess_relay_log (GLogLevelFlags level, const char *event, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Whether an event that may come again and again may have a line now: one a minute tells as much as a thousand. *@last (monotonic
 * µs; 0: never) is when it had its last one, and is now if TRUE. One thread an event. */
bool tess_relay_log_again (int64_t *last);

/* The line for @message, with its line feed; @journal: with the priority. Free with g_free(). */
char *tess_relay_log_line (GLogLevelFlags level, const char *event, const char *message, bool journal);

G_END_DECLS
