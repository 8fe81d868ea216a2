/* What the tests of the window from inside share: the widgets of a tree. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include <stdbool.h>

/* Begins a test program as the app begins. */
void inside_begin (int *argc, char ***argv);

/* The first object of @type, by its name, among @root (a widget) and what is in it, or NULL. Borrowed. */
gpointer inside_find (gpointer root, const char *type);

/* Whether a label among @root and what is in it can be seen and says @words, and nothing else. */
bool inside_shows (GtkWidget *root, const char *words);

/* The same for test_until(), with an InsideWords. */
typedef struct {
  GtkWidget *root;
  const char *words;
} InsideWords;
bool inside_is_shown (gpointer words);
