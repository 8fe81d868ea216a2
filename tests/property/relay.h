/* The relay, honest or not, and what people do with it. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "world.h"

/* What a relay may answer when asked for somebody's keys. From HARMLESS on, what is sealed for them may be read by nobody. */
typedef enum {
  BUNDLE_HONEST,
  BUNDLE_NO_ONE_TIME,
  BUNDLE_OLD_LIST,        /* a device list of a lower version */
  BUNDLE_SOMEBODY_ELSE,   /* another account's keys */
  BUNDLE_FORGED,          /* a byte changed */
  BUNDLE_NOTHING,         /* no answer */
  BUNDLE_HARMLESS,
  BUNDLE_OLD_RECORD = BUNDLE_HARMLESS, /* a prekey record of before */
  BUNDLE_ONE_TIME_TWICE,  /* one that was handed out already */
  BUNDLE_LIES,
} BundleLie;

/* What becomes of a deposit. From HARMLESS on, it may be lost for good. */
typedef enum {
  DEPOSIT_STORED,
  DEPOSIT_UNANSWERED,  /* stored, but the answer is lost: it comes again */
  DEPOSIT_UNSENT,      /* the connection broke before: it comes again */
  DEPOSIT_LATER,       /* full or too fast */
  DEPOSIT_HARMLESS,
  DEPOSIT_DROPPED = DEPOSIT_HARMLESS, /* answered as stored, and lost for good */
  DEPOSIT_REFUSED,     /* the capability is refused */
  DEPOSIT_NO_MAILBOX,
  DEPOSIT_FATES,
} DepositFate;

/* Sends what @who's own outbox holds, each entry with a fate of its own; everything is stored while the world settles. */
void relay_deposit (World *self, guint who);

/* Asks for the keys of everybody whom @who wants some of, and uses them. */
void relay_fetch_keys (World *self, guint who);

/* @who is online: erases what is old, and uploads new keys. */
void relay_upload (World *self, guint who);

/* Hands the mail at @at of @who's mailbox over. With @keep it is not acknowledged, and comes again. */
void relay_deliver (World *self, guint who, guint at, bool keep);
/* Hands @envelope over, which is not from the mailbox as it is: altered, another's, or from before. Nothing may come of it but
 * what @said is (NULL: no text). */
void relay_hand_over (World *self, guint who, GBytes *envelope, TessMailClass class, const char *what);

/* The relay says how far it saw @who acknowledge. */
void relay_ready (World *self, guint who);
/* The relay loses the mail at @at for good. */
void relay_drop (World *self, guint who, guint at);
/* Drops what is older than mail may be (30 days). */
void relay_expire (World *self);
