/* Waiting for a future from a widget, without outliving it. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>
#include <libdex.h>

G_BEGIN_DECLS

/* What @owner does with the outcome: @value when it resolved, or NULL and @error. */
typedef void (*TessAwaitFunc) (gpointer owner, const GValue *value, const GError *error, gpointer data);

/* Calls @func once @future (consumed) is decided, unless @owner, a GObject, is gone by then; it is held during the call. @data
 * may be NULL, and @destroy frees it either way. */
void tess_await (DexFuture *future, gpointer owner, TessAwaitFunc func, gpointer data, GDestroyNotify destroy);

/* The same, for a future of which only its failure is of interest. */
typedef void (*TessAwaitFailed) (gpointer owner, const GError *error);
void tess_await_failure (DexFuture *future, gpointer owner, TessAwaitFailed func);

G_END_DECLS
