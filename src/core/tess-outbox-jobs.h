/* The outbox's jobs. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-job.h"
#include "wire/tess-frames.h"

G_BEGIN_DECLS

/* The first entry of a mailbox, as far as a deposit needs it: a TessIntent's object. */
typedef struct {
  uint8_t device[32];   /* in */
  int64_t id;           /* 0: nothing to do */
  int64_t contact;
  uint8_t deposit_id[16];
  uint8_t capability[16];
  bool by_request;
  bool has_other;       /* another capability is left to try */
  char *relay;
  GBytes *envelope;
  int64_t next_try_ms;
  TessDepositStatus status; /* in: the answer */
  uint32_t wait_ms;
  const char *failure;  /* out: a word, when it failed for good */
} TessDepositTask;

TessDepositTask *tess_deposit_task_new (const uint8_t device[static 32]);
void tess_deposit_task_free (gpointer task);

/* → @rows: mailboxes with something to do, as GBytes of 32. */
bool tess_outbox_job_mailboxes (TessJob *job, gpointer intent, GError **error);
/* Loads the first entry of object->device; id stays 0 when there is none or its contact is stopped. An entry never attempted
 * whose envelope key expired is sealed again first, or waits for new keys. */
bool tess_outbox_job_next (TessJob *job, gpointer intent, GError **error);
/* Just before the attempt: the envelope is fixed from here on. id becomes 0 when it may not go any more. */
bool tess_outbox_job_attempt (TessJob *job, gpointer intent, GError **error);
/* What object->status means for the entry and its message. */
bool tess_outbox_job_answer (TessJob *job, gpointer intent, GError **error);

G_END_DECLS
