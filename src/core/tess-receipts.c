/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-receipts.h"

#include "base/tess-limits.h"
#include "base/tess-random.h"
#include "core/tess-sender.h"
#include "store/tess-queries-messages.h"

struct _TessReceipts {
  TessCore *core;
  bool is_armed;
};

TessReceipts *
tess_receipts_new (TessCore *core)
{
  TessReceipts *self = g_new0 (TessReceipts, 1);

  self->core = core;
  return self;
}

void
tess_receipts_free (TessReceipts *self)
{
  g_free (self);
}

static bool
seal_receipts (TessJob *job, gpointer data, GError **error)
{
  g_autoptr (GArray) contacts = NULL;

  return tess_db_receipt_contacts (job->db, &contacts, error)
         && tess_sender_flush_all (job, contacts, TESS_FLUSH_RECEIPTS, error);
}

static void
work (TessCore *core, gpointer data)
{
  TessReceipts *self = data;
  g_autoptr (GError) error = NULL;
  int delay = TESS_RECEIPT_DELAY_MIN_MS
              + (int) tess_random_below (TESS_RECEIPT_DELAY_MAX_MS - TESS_RECEIPT_DELAY_MIN_MS + 1);
  bool go = tess_core_sleep (core, delay, NULL);

  /* What is gathered from here on is for the next round. */
  self->is_armed = false;
  if (go && !tess_core_run (core, seal_receipts, NULL, &error))
    g_warning ("Receipts could not be sealed: %s", error->message);
  tess_core_settled (core);
}

void
tess_receipts_arm (TessReceipts *self)
{
  if (self->is_armed)
    return;
  self->is_armed = true;
  tess_core_spawn (self->core, work, self);
}

bool
tess_receipts_is_busy (TessReceipts *self)
{
  return self->is_armed;
}
