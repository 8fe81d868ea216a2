/* What goes to stdout and stderr. Names and messages come from strangers: nothing of them may reach a terminal as a command or
 * turn its reading order.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* @text with control, line-separating and bidirectional-override characters replaced; with @indent (NULL: one line) line breaks
 * stay, each followed by it. Invalid UTF-8 is mended. Free with g_free(). */
char *tess_cli_clean (const char *text, const char *indent);

/* Prints one line to stdout, flushed. FALSE when nobody reads any more. @line is clean already. */
bool tess_cli_print (const char *line);
/* Ends @builder's object and prints it as one line of JSON, in which every such character is escaped. Takes the reference. */
bool tess_cli_print_json (JsonBuilder *builder);

/* A builder inside one object, and members of it. */
JsonBuilder *tess_cli_json_new (void);
void tess_cli_json_text (JsonBuilder *builder, const char *name, const char *value);
void tess_cli_json_int (JsonBuilder *builder, const char *name, gint64 value);
void tess_cli_json_bool (JsonBuilder *builder, const char *name, bool value);

/* @ms since 1970: RFC 3339 in UTC when @exact, else the local time to the minute. Free with g_free(). */
char *tess_cli_time (gint64 ms, bool exact);

/* "tessera-cli: …" on stderr, cleaned. */
void tess_cli_complain (const char *message);

G_END_DECLS
