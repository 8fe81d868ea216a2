/* What the engine's workers share: the open profile, running jobs, and telling what they changed. Main thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-core-error.h"
#include "core/tess-job.h"
#include "core/tess-profile-keys.h"
#include "core/tess-progress.h"
#include "core/tess-types.h"
#include "store/tess-profile-dir.h"
#include "store/tess-store.h"

#include <libdex.h>

G_BEGIN_DECLS

typedef struct _TessBundles TessBundles;
typedef struct _TessInbox TessInbox;
typedef struct _TessOutbox TessOutbox;
typedef struct _TessReceipts TessReceipts;
typedef struct _TessSupervisor TessSupervisor;
typedef struct _TessFlusher TessFlusher;
typedef struct _TessUpkeep TessUpkeep;
typedef struct _TessExpiry TessExpiry;

/* Who shows what happens: the engine. Each may be called at any time on the main thread; none after tess_core_close() began. */
typedef struct {
  void (*changed) (gpointer data, TessChanges *changes);
  void (*link) (gpointer data, TessLinkState state, const char *message);
  void (*account) (gpointer data);
} TessCoreSink;

/* Counted on the main thread: each fiber holds one. */
typedef struct {
  grefcount count;
  TessProfileDir *dir;
  TessStore *store;
  TessIdentity *identity;
  TessProfileKeys *keys; /* guarded; NULL unless they are in the keyring */
  bool app_lock;         /* they are there under the app lock's passphrase */
  DexPromise *recovery;  /* while the recovery file or the app lock is being changed, resolved when that ends; else NULL */
  char *name;      /* "" before registering */
  char *relay;
  char *directory_name; /* claimed at the own relay; "" or NULL: none */
  bool claims_name;     /* the relay is being asked for another */
  bool registered;
  bool restored;        /* from a backup, and not registered yet */
  bool unsettled;       /* its keys are in the database alone, and not in the keyring yet */
  bool is_registering;
  DexPromise *backup;   /* while one is written or restored, resolved when that ends; else NULL */
  TessProgress *backup_progress; /* its */
  int64_t backup_time;  /* of the newest backup, seconds; 0: none */
  bool receipts_told; /* of reading, and of typing */
  bool typing_told;
  bool started;
  bool is_closing;
  DexPromise *closing; /* rejected with UNREACHABLE when the engine closes: part of every long wait */
  unsigned fibers;     /* of tess_core_spawn() that have not ended */
  DexPromise *ended;   /* resolved when the engine closes and none is left */
  const TessCoreSink *sink;
  gpointer sink_data;
  TessBundles *bundles;
  TessInbox *inbox;
  TessOutbox *outbox;
  TessReceipts *receipts;
  TessSupervisor *supervisor;
  TessFlusher *flusher;
  TessUpkeep *upkeep;
  TessExpiry *expiry;
} TessCore;

/* Takes over the lock, the store and the identity. */
TessCore *tess_core_new (TessProfileDir *dir, TessStore *store, TessIdentity *identity);
TessCore *tess_core_ref (TessCore *self);
void tess_core_unref (TessCore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessCore, tess_core_unref)

/* A job of core (tess-job.h). @data is a counted box, borrowed. */
typedef bool (*TessCoreJob) (TessJob *job, gpointer data, GError **error);

/* In a fiber: runs @job in one transaction and waits for its commit; then the changes are shown and the workers told, and only
 * then this returns. @data (may be NULL) is held by @ref and let go by @unref on the database thread. Errors are
 * TESS_CORE_ERROR. */
bool tess_core_run (TessCore *self, TessCoreJob job, gpointer data, GError **error);

/* In a fiber: waits for @future (taken), but not longer than until the engine closes. */
bool tess_core_wait (TessCore *self, DexFuture *future, GError **error);
/* The same for a time: TRUE when it passed or @wake (borrowed, may be NULL) resolved; FALSE when the engine closes. */
bool tess_core_sleep (TessCore *self, int msec, DexPromise *wake);

/* A fiber on the main thread that holds the core; its end is nobody's business. */
typedef void (*TessCoreFiber) (TessCore *core, gpointer data);
void tess_core_spawn (TessCore *self, TessCoreFiber fiber, gpointer data);

/* The same for the calls of the engine: resolves to what @fiber returned, and runs to its end even when nobody waits any more. */
DexFuture *tess_core_call (DexFiberFunc fiber, gpointer data, GDestroyNotify data_free);

/* An error of any layer as TESS_CORE_ERROR with a sentence to show; takes @error. Codes of core stay as they are. */
GError *tess_core_error_take (GError *error);
/* The same in place, for functions with a GError **. */
void tess_core_error_turn (GError **error);

/* Ends the workers' waits; the store is left open for what they have to finish. */
void tess_core_stop (TessCore *self);
/* In a fiber, after tess_core_stop(): waits until all fibers have ended, but not longer than TESS_CLOSE_SECONDS. */
void tess_core_await_end (TessCore *self);

/* Loads name, relay, registered and the like from the settings: at opening, after restoring and after registering. In a fiber. */
bool tess_core_load_account (TessCore *self, GError **error);

/* Something may be settled: for tess_engine_flush(). */
void tess_core_settled (TessCore *self);

G_END_DECLS
