/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-supervisor.h"

#include "base/tess-i18n.h"
#include "core/tess-account-name.h"
#include "core/tess-account.h"
#include "core/tess-bundles.h"
#include "core/tess-inbox.h"
#include "core/tess-outbox.h"
#include "core/tess-power.h"
#include "net/tess-backoff.h"
#include "net/tess-net-proxy.h"

#include <gio/gio.h>
#include <time.h>

#define RENEW_AFTER_MS 500  /* an attempt that is younger has seen the network as it is now */
#define SLEPT_MS 1000       /* less than that is no sleep */
#define SETTLE_MAX_MS 15000 /* deposits do not wait longer than this for a mailbox that does not empty */

struct _TessSupervisor {
  TessCore *core;
  TessMailboxLink *link;
  TessBackoff backoff;
  TessLinkState state;
  char *message;
  DexPromise *nudge;
  DexPromise *settled;     /* resolved while not settling */
  GNetworkMonitor *monitor;
  gulong monitor_handler;
  TessPower *power;        /* NULL before the start */
  unsigned proxy_watch;    /* 0 before the start */
  int64_t begun_ms;        /* monotonic: when the link began to connect */
  int64_t slept_ms;        /* how long the machine had slept by then */
  bool was_away;           /* there was no network since */
  bool again;              /* the link was closed to connect anew */
  bool is_running;
  bool is_maintaining;
  bool is_replaced;        /* by another device of the account */
  uint32_t left;           /* one-time prekeys at the relay, as the next upload has to know; G_MAXUINT32: none is asked for */
};

static bool sign (const uint8_t nonce[static TESS_NONCE_SIZE], const char *origin,
                  uint8_t signature_out[static TESS_SIGNATURE_SIZE], void *data);
static void mail (TessMailboxLink *link, uint64_t sequence, TessMailClass class, GBytes *envelope, void *data);
static void ignore_mail (TessMailboxLink *link, uint64_t sequence, TessMailClass class, GBytes *envelope, void *data);
static void one_time (TessMailboxLink *link, uint32_t left, void *data);

static const TessMailboxHandlers handlers = { .sign = sign, .mail = mail, .one_time = one_time };
static const TessMailboxHandlers registering_handlers = { .sign = sign, .mail = ignore_mail };

TessSupervisor *
tess_supervisor_new (TessCore *core)
{
  TessSupervisor *self = g_new0 (TessSupervisor, 1);

  self->core = core;
  self->state = TESS_LINK_OFFLINE;
  self->message = g_strdup (_("Offline"));
  self->nudge = dex_promise_new ();
  self->settled = dex_promise_new ();
  self->left = G_MAXUINT32;
  tess_backoff_init (&self->backoff, TESS_BACKOFF_LINK_MIN_MS, TESS_BACKOFF_LINK_MAX_MS);
  return self;
}

void
tess_supervisor_free (TessSupervisor *self)
{
  g_clear_object (&self->link);
  tess_power_free (self->power);
  dex_clear (&self->nudge);
  dex_clear (&self->settled);
  g_free (self->message);
  g_free (self);
}

TessLinkState
tess_supervisor_get_state (TessSupervisor *self)
{
  return self->state;
}

const char *
tess_supervisor_get_message (TessSupervisor *self)
{
  return self->message;
}

static void
set_state (TessSupervisor *self, TessLinkState state, const char *message)
{
  bool same_text = !g_set_str (&self->message, message);

  if (self->state == state && same_text)
    return;
  self->state = state;
  g_info ("link: %s", message);
  if (self->core->sink != NULL)
    self->core->sink->link (self->core->sink_data, state, message);
}

/* What the link asks of us. */

static bool
sign (const uint8_t nonce[static TESS_NONCE_SIZE], const char *origin, uint8_t signature_out[static TESS_SIGNATURE_SIZE],
      void *data)
{
  TessSupervisor *self = data;
  g_auto (TessSignSecret) secret = { 0 };

  tess_identity_device_sign_secret (self->core->identity, &secret);
  tess_relay_auth_sign (nonce, origin, secret.bytes, signature_out);
  return true;
}

static void
mail (TessMailboxLink *link, uint64_t sequence, TessMailClass class, GBytes *envelope, void *data)
{
  TessSupervisor *self = data;

  if (link == self->link)
    tess_inbox_mail (self->core->inbox, link, sequence, class, envelope);
}

static void
ignore_mail (TessMailboxLink *link, uint64_t sequence, TessMailClass class, GBytes *envelope, void *data)
{
}

/* Uploads keys. What is asked for while one is under way is done after it. */
static void
maintain (TessSupervisor *self, TessMailboxLink *link, uint32_t left)
{
  self->left = MIN (self->left, left);
  if (self->is_maintaining)
    return;
  self->is_maintaining = true;
  do
    {
      g_autoptr (GError) error = NULL;

      left = self->left;
      self->left = G_MAXUINT32;
      if (!tess_account_maintain (self->core, link, left, &error))
        g_info ("own keys could not be refreshed now: %s", error->message);
    }
  while (self->left != G_MAXUINT32 && link == self->link && !self->core->is_closing);
  self->left = G_MAXUINT32;
  self->is_maintaining = false;
}

void
tess_supervisor_upload (TessSupervisor *self)
{
  g_autoptr (TessMailboxLink) link = NULL;

  if (self->state != TESS_LINK_ONLINE)
    return;
  link = g_object_ref (self->link);
  maintain (self, link, TESS_ONE_TIME_UPLOAD);
}

bool
tess_supervisor_claim (TessSupervisor *self, const char *name, GError **error)
{
  g_autoptr (TessMailboxLink) link = NULL;

  if (self->state != TESS_LINK_ONLINE)
    {
      g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_UNREACHABLE, _("The relay cannot be reached."));
      return false;
    }
  link = g_object_ref (self->link);
  return tess_account_claim_name (self->core, link, name, error);
}

typedef struct {
  TessMailboxLink *link;
  uint32_t left;
} Refill;

static void
refill (TessCore *core, gpointer data)
{
  g_autofree Refill *refill_data = data;
  g_autoptr (TessMailboxLink) link = refill_data->link;

  maintain (core->supervisor, link, refill_data->left);
}

static void
one_time (TessMailboxLink *link, uint32_t left, void *data)
{
  TessSupervisor *self = data;
  Refill *refill_data = g_new0 (Refill, 1);

  refill_data->link = g_object_ref (link);
  refill_data->left = left;
  tess_core_spawn (self->core, refill, refill_data);
}

TessMailboxLink *
tess_supervisor_make_link (TessSupervisor *self, const char *origin)
{
  return tess_mailbox_link_new (origin, self->core->identity->us.device.bytes, &registering_handlers, self);
}

/* Settling. */

bool
tess_supervisor_is_settling (TessSupervisor *self)
{
  return dex_future_is_pending (DEX_FUTURE (self->settled));
}

static void
settle (TessSupervisor *self)
{
  if (!tess_supervisor_is_settling (self))
    return;
  dex_promise_resolve_boolean (self->settled, TRUE);
  tess_core_settled (self->core);
}

void
tess_supervisor_await_settled (TessSupervisor *self)
{
  tess_core_sleep (self->core, SETTLE_MAX_MS, self->settled);
}

/* The life of one link. */

static bool
is_final (const GError *error)
{
  return g_error_matches (error, TESS_NET_ERROR, TESS_NET_ERROR_AUTH)
         || g_error_matches (error, TESS_NET_ERROR, TESS_NET_ERROR_REPLACED);
}

/* What no time mends. */
static bool
is_hopeless (const GError *error)
{
  return is_final (error) || g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_REPLACED)
         || g_error_matches (error, TESS_NET_ERROR, TESS_NET_ERROR_PROXY_UNKNOWN);
}

static void
show_trouble (TessSupervisor *self, const GError *error)
{
  g_autoptr (GError) turned = tess_core_error_take (g_error_copy (error));
  g_autofree char *text = NULL;

  self->is_replaced |= g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_REPLACED);
  if (is_final (error) || g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_REFUSED)
      || g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_REPLACED)
      || g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_INVITATION))
    {
      set_state (self, TESS_LINK_REFUSED, turned->message);
      return;
    }
  if (is_hopeless (error))
    {
      set_state (self, TESS_LINK_WAITING, turned->message);
      return;
    }
  if (self->monitor != NULL && !g_network_monitor_get_network_available (self->monitor))
    {
      set_state (self, TESS_LINK_WAITING, _("No network. Messages will be sent later."));
      return;
    }
  text = g_strdup_printf ("%s %s", turned->message, _("Trying again by itself."));
  set_state (self, TESS_LINK_WAITING, text);
}

/* After the relay let us in: what has to be before mail is sent. */
static bool
greet (TessSupervisor *self, const TessMailboxReady *ready, GError **error)
{
  TessCore *core = self->core;

  if (!ready->registered && !tess_account_register (core, self->link, false, NULL, error))
    return false;
  if (!tess_account_check_rollback (core, ready->acked, error))
    return false;
  self->is_replaced = false;
  set_state (self, TESS_LINK_ONLINE, _("Online"));
  tess_backoff_reset (&self->backoff);
  tess_inbox_ready (core->inbox, ready->waiting);
  maintain (self, self->link, ready->registered ? ready->one_time : TESS_ONE_TIME_UPLOAD);
  return true;
}

/* Waits for the end of the link. */
static void
stay (TessSupervisor *self, GError **error)
{
  g_autoptr (DexFuture) ended = tess_mailbox_link_ended (self->link);

  dex_await (dex_future_first (dex_ref (ended), dex_ref (DEX_FUTURE (self->core->closing)), NULL), NULL);
  if (!dex_future_is_pending (ended))
    dex_future_get_value (ended, error);
}

static int64_t
clock_ms (clockid_t id)
{
  struct timespec now = { 0 };

  clock_gettime (id, &now);
  return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* How long the machine has slept since it was started. */
static int64_t
slept_ms (void)
{
  return clock_ms (CLOCK_BOOTTIME) - clock_ms (CLOCK_MONOTONIC);
}

static void
live_once (TessSupervisor *self, GError **error)
{
  TessCore *core = self->core;
  g_autoptr (TessMailboxReady) ready = NULL;

  set_state (self, TESS_LINK_CONNECTING, _("Connecting…"));
  self->begun_ms = clock_ms (CLOCK_MONOTONIC);
  self->slept_ms = slept_ms ();
  self->was_away = false;
  self->again = false;
  g_clear_object (&self->link);
  self->link = tess_mailbox_link_new (core->relay, core->identity->us.device.bytes, &handlers, self);
  tess_mailbox_link_set_saving (self->link, tess_supervisor_is_saving (self));
  tess_inbox_begin (core->inbox);
  ready = dex_await_boxed (tess_mailbox_link_connect (self->link), error);
  if (ready == NULL || core->is_closing || !greet (self, ready, error))
    return;
  stay (self, error);
}

static void
run (TessCore *core, gpointer data)
{
  TessSupervisor *self = core->supervisor;

  while (!core->is_closing)
    {
      g_autoptr (GError) error = NULL;
      uint32_t wait;

      live_once (self, &error);
      if (core->is_closing)
        break;
      if (error == NULL)
        g_set_error_literal (&error, TESS_NET_ERROR, TESS_NET_ERROR_UNREACHABLE, "The link ended");
      tess_mailbox_link_close (self->link);
      tess_inbox_end (core->inbox, error);
      if (self->again)
        continue;
      show_trouble (self, error);
      settle (self);
      wait = is_hopeless (error) ? G_MAXINT : MAX (tess_backoff_next (&self->backoff), tess_net_error_retry_after (error));
      tess_core_sleep (core, (int) MIN (wait, G_MAXINT), self->nudge);
    }
  self->is_running = false;
}

/* The mailbox was emptied for the first time: deposits may go. */
static void
watch_drained (TessCore *core, gpointer data)
{
  dex_await (dex_future_first (tess_inbox_drained (core->inbox), dex_ref (DEX_FUTURE (core->closing)), NULL), NULL);
  settle (core->supervisor);
}

void
tess_supervisor_nudge (TessSupervisor *self)
{
  g_autoptr (DexPromise) nudge = g_steal_pointer (&self->nudge);

  self->nudge = dex_promise_new ();
  tess_backoff_reset (&self->backoff);
  dex_promise_resolve_boolean (nudge, TRUE);
  tess_outbox_nudge (self->core->outbox);
  tess_bundles_nudge (self->core->bundles);
}

void
tess_supervisor_renew (TessSupervisor *self)
{
  if (self->state == TESS_LINK_ONLINE
      || (self->state == TESS_LINK_CONNECTING && clock_ms (CLOCK_MONOTONIC) - self->begun_ms > RENEW_AFTER_MS))
    {
      self->again = true;
      tess_mailbox_link_close (self->link);
      tess_outbox_close_links (self->core->outbox);
    }
  tess_supervisor_nudge (self);
}

/* Whatever was open has ended, or has to. */
static void
proxy_changed (void *data)
{
  TessSupervisor *self = data;

  self->again = true;
  if (self->link != NULL)
    tess_mailbox_link_close (self->link);
  tess_outbox_close_links (self->core->outbox);
  tess_supervisor_nudge (self);
}

/* Networks change often without meaning us: what still goes the same way is left alone. */
static void
network_changed (GNetworkMonitor *monitor, gboolean is_available, gpointer data)
{
  TessSupervisor *self = data;

  if (!is_available)
    self->was_away = true;
  else if (self->was_away || slept_ms () - self->slept_ms > SLEPT_MS || self->state == TESS_LINK_CONNECTING
           || (self->link != NULL && tess_mailbox_link_has_moved (self->link)))
    tess_supervisor_renew (self);
  else
    tess_supervisor_nudge (self);
}

static void
power_changed (bool is_saving, void *data)
{
  TessSupervisor *self = data;

  if (self->link != NULL)
    tess_mailbox_link_set_saving (self->link, is_saving);
}

bool
tess_supervisor_is_replaced (TessSupervisor *self)
{
  return self->is_replaced;
}

bool
tess_supervisor_is_saving (TessSupervisor *self)
{
  return self->power != NULL && tess_power_is_saving (self->power);
}

unsigned
tess_supervisor_ping_seconds (TessSupervisor *self)
{
  return self->link != NULL ? tess_mailbox_link_ping_seconds (self->link) : 0;
}

void
tess_supervisor_start (TessSupervisor *self)
{
  if (self->is_running || self->core->is_closing)
    return;
  self->is_running = true;
  self->monitor = g_network_monitor_get_default ();
  self->monitor_handler = g_signal_connect (self->monitor, "network-changed", G_CALLBACK (network_changed), self);
  self->power = tess_power_new (power_changed, self);
  self->proxy_watch = tess_net_proxy_watch (proxy_changed, self);
  tess_core_spawn (self->core, watch_drained, NULL);
  tess_core_spawn (self->core, run, NULL);
}

void
tess_supervisor_stop (TessSupervisor *self)
{
  if (self->monitor_handler != 0)
    g_clear_signal_handler (&self->monitor_handler, self->monitor);
  g_clear_pointer (&self->power, tess_power_free);
  g_clear_handle_id (&self->proxy_watch, tess_net_proxy_unwatch);
  if (self->link != NULL)
    tess_mailbox_link_close (self->link);
  set_state (self, TESS_LINK_OFFLINE, _("Offline"));
}
