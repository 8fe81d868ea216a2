/* One authenticated connection to the mailbox of this device (protocol.md 7, /v1/mailbox). Main thread.
 *
 * A link lives once: new, connect, use, end. It never reconnects: whoever owns it waits for its end and makes another
 * (tess-backoff.h). Every future is settled by the end at the latest. Bounds: frames, mail that is not acknowledged, unanswered
 * requests, and a time for each step.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/tess-net-error.h"
#include "wire/tess-frames.h"

#include <gio/gio.h>
#include <libdex.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

#define TESS_TYPE_MAILBOX_LINK (tess_mailbox_link_get_type ())
G_DECLARE_FINAL_TYPE (TessMailboxLink, tess_mailbox_link, TESS, MAILBOX_LINK, GObject)

/* What the relay said when it let us in. */
typedef struct {
  bool registered;   /* FALSE: only tess_mailbox_link_register() will do */
  uint64_t waiting;  /* envelopes in the mailbox */
  uint32_t one_time; /* one-time prekeys left */
  uint64_t acked;    /* the highest sequence that was ever acknowledged */
} TessMailboxReady;

#define TESS_TYPE_MAILBOX_READY (tess_mailbox_ready_get_type ())
GType tess_mailbox_ready_get_type (void) G_GNUC_CONST;
void tess_mailbox_ready_free (TessMailboxReady *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessMailboxReady, tess_mailbox_ready_free)

/* What a link asks of its owner, in the main loop. None is called after the link has ended. */
typedef struct {
  /* Signs the challenge with the device secret (tess_relay_auth_sign()), which the link never sees. FALSE ends the link with
   * AUTH. */
  bool (*sign) (const uint8_t nonce[static TESS_NONCE_SIZE], const char *origin,
                uint8_t signature_out[static TESS_SIGNATURE_SIZE],
                void *data);
  /* Mail, oldest first, with growing sequences; may begin before the future of tess_mailbox_link_connect() has been looked at.
   * At most TESS_MAILBOX_UNACKED_MAX and TESS_MAILBOX_UNACKED_BYTES_MAX are outstanding; acknowledge each once it is stored. */
  void (*mail) (TessMailboxLink *link, uint64_t sequence, TessMailClass class, GBytes *envelope, void *data);
  /* The relay has only @left one-time prekeys: publish more. May be NULL. */
  void (*one_time) (TessMailboxLink *link, uint32_t left, void *data);
} TessMailboxHandlers;

/* A link to @device's mailbox at @origin (tess_origin_check()), not connected yet. @handlers and what they point to stay valid
 * until the link ended or was closed; @handlers is copied. */
TessMailboxLink *tess_mailbox_link_new (const char *origin, const uint8_t device[static TESS_KEY_SIZE],
                                        const TessMailboxHandlers *handlers, void *data);

/* Connects and authenticates; once. Resolves to a boxed TessMailboxReady. Rejects with UNREACHABLE, TLS, NOT_A_RELAY, PROTOCOL (a
 * challenge for another origin is one), AUTH, BUSY, SLOW_DOWN, REPLACED, CLOSED: the link has ended then. */
DexFuture *tess_mailbox_link_connect (TessMailboxLink *self) G_GNUC_WARN_UNUSED_RESULT;

/* Rejects with the reason once the link has ended, never resolves: UNREACHABLE, TLS, NOT_A_RELAY, PROTOCOL, AUTH, REPLACED, BUSY,
 * SLOW_DOWN, CLOSED. Any number of callers. */
DexFuture *tess_mailbox_link_ended (TessMailboxLink *self) G_GNUC_WARN_UNUSED_RESULT;

/* Ends the link with CLOSED; pending futures are rejected. No handler is called afterwards. Does nothing on an ended link.
 * Dropping the last reference does the same. */
void tess_mailbox_link_close (TessMailboxLink *self);

/* Whether the relay is reached another way now than when the link connected, or not at all: it is as good as ended. */
bool tess_mailbox_link_has_moved (TessMailboxLink *self);

/* Whether power is saved (not, to begin with): it pings every TESS_NET_KEEPALIVE_SAVING_SECONDS then. At any time. */
void tess_mailbox_link_set_saving (TessMailboxLink *self, bool is_saving);
/* The seconds between two pings; 0 while it is not open. */
unsigned tess_mailbox_link_ping_seconds (TessMailboxLink *self);

/* Tells the relay that everything up to @sequence is stored here; it forgets it. Does nothing on an ended link, or for a sequence
 * that is not above the last acknowledged one; above the last one received is a programming error. */
void tess_mailbox_link_ack (TessMailboxLink *self, uint64_t sequence);

/* The requests of protocol.md 7. All reject with REJECTED, SLOW_DOWN, BUSY, PROTOCOL, TOO_MANY, CLOSED (before it was sent),
 * UNKNOWN_OUTCOME (the link ended before the answer, or none came within TESS_NET_REQUEST_SECONDS, which ends it); every request
 * may be repeated. Records are as tess-records.h makes them; the GBytes are borrowed for the call. */

/* Registers this device, or its account with its first; @invitation may be NULL. Resolves to the one-time prekeys held: uint. */
DexFuture *tess_mailbox_link_register (TessMailboxLink *self, GBytes *device_list, GBytes *prekey, GPtrArray *one_time,
                                       const char *invitation) G_GNUC_WARN_UNUSED_RESULT;
/* A new prekey record and/or one-time prekeys (either may be NULL); @replace drops the unissued ones first. Resolves to uint as
 * above. */
DexFuture *tess_mailbox_link_publish (TessMailboxLink *self, GBytes *prekey, GPtrArray *one_time, bool replace)
  G_GNUC_WARN_UNUSED_RESULT;
/* A newer device list. Resolves to TRUE. */
DexFuture *tess_mailbox_link_devices (TessMailboxLink *self, GBytes *device_list) G_GNUC_WARN_UNUSED_RESULT;
/* The two capabilities of the account; only their hashes (tess_capability_hash()) go out. Resolves to TRUE. */
DexFuture *tess_mailbox_link_capabilities (TessMailboxLink *self, const uint8_t contact[static TESS_CAPABILITY_SIZE],
                                           const uint8_t request[static TESS_CAPABILITY_SIZE]) G_GNUC_WARN_UNUSED_RESULT;
/* Claims @name for the account, to stand for @address (its own at this relay, without a code), or gives it up (both NULL).
 * Resolves to TRUE. */
DexFuture *tess_mailbox_link_name (TessMailboxLink *self, const char *name, const char *address) G_GNUC_WARN_UNUSED_RESULT;
/* @count (1 to TESS_TICKETS_MAX) one-use tickets for uploads. Resolves to a boxed G_TYPE_STRV. */
DexFuture *tess_mailbox_link_tickets (TessMailboxLink *self, unsigned count) G_GNUC_WARN_UNUSED_RESULT;
/* Removes the account and its mail from the relay. Resolves to TRUE. */
DexFuture *tess_mailbox_link_delete (TessMailboxLink *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
