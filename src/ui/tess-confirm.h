/* What is asked before a chat or a person is gone. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Asks over @parent, and then does it; a failure is said in a toast of the window. */
void tess_confirm_remove (GtkWidget *parent, TessEngine *engine, TessConversation *conversation);
void tess_confirm_block (GtkWidget *parent, TessEngine *engine, TessConversation *conversation);

G_END_DECLS
