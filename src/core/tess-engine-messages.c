/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-engine-private.h"

static DexFuture *
not_yet (void)
{
  return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED, "Not built yet");
}

DexFuture *
tess_engine_send_reply (TessEngine *self, TessConversation *conversation, const char *text, TessMessage *reply_to)
{
  return not_yet ();
}

DexFuture *
tess_engine_edit (TessEngine *self, TessConversation *conversation, TessMessage *message, const char *text)
{
  return not_yet ();
}

DexFuture *
tess_engine_delete (TessEngine *self, TessConversation *conversation, TessMessage *message, gboolean for_everyone)
{
  return not_yet ();
}

DexFuture *
tess_engine_react (TessEngine *self, TessConversation *conversation, TessMessage *message, const char *emoji)
{
  return not_yet ();
}

DexFuture *
tess_engine_set_timer (TessEngine *self, TessConversation *conversation, guint seconds)
{
  return not_yet ();
}

DexFuture *
tess_engine_set_receipts_told (TessEngine *self, gboolean told)
{
  return not_yet ();
}

DexFuture *
tess_engine_set_typing_told (TessEngine *self, gboolean told)
{
  return not_yet ();
}

void
tess_engine_set_typing (TessEngine *self, TessConversation *conversation, gboolean typing)
{
}

gboolean
tess_engine_get_receipts_told (TessEngine *self)
{
  return TRUE;
}

gboolean
tess_engine_get_typing_told (TessEngine *self)
{
  return TRUE;
}
