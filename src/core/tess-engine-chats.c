/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-engine-private.h"

static DexFuture *
not_yet (void)
{
  return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED, "Not built yet");
}

DexFuture *
tess_engine_set_draft (TessEngine *self, TessConversation *conversation, const char *text)
{
  return not_yet ();
}

DexFuture *
tess_engine_set_flag (TessEngine *self, TessConversation *conversation, TessChatFlag flag, gboolean on)
{
  return not_yet ();
}

DexFuture *
tess_engine_set_nickname (TessEngine *self, TessConversation *conversation, const char *nickname)
{
  return not_yet ();
}

DexFuture *
tess_engine_set_blocked (TessEngine *self, TessConversation *conversation, gboolean blocked)
{
  return not_yet ();
}

DexFuture *
tess_engine_remove (TessEngine *self, TessConversation *conversation)
{
  return not_yet ();
}

DexFuture *
tess_engine_open_notes (TessEngine *self)
{
  return not_yet ();
}

DexFuture *
tess_engine_search (TessEngine *self, TessConversation *conversation, const char *text, gint64 before, guint max)
{
  return not_yet ();
}
