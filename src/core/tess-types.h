/* The small types that core shows to the app and the command line. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Whether mail flows. */
typedef enum {
  TESS_LINK_OFFLINE,    /* not started, or no network */
  TESS_LINK_CONNECTING,
  TESS_LINK_ONLINE,
  TESS_LINK_WAITING,    /* not reachable; will try again by itself */
  TESS_LINK_REFUSED,    /* the relay refuses this device: a person has to act */
} TessLinkState;

GType tess_link_state_get_type (void);
#define TESS_TYPE_LINK_STATE (tess_link_state_get_type ())

/* What is known of a contact's key (protocol.md 8). */
typedef enum {
  TESS_TRUST_UNVERIFIED,
  TESS_TRUST_VERIFIED,
  TESS_TRUST_ALARM,      /* a scanned code did not match: nothing is sent until the person resolves it */
  TESS_TRUST_CHANGED,    /* their devices or keys are not those that were known: nothing is sent until the person says yes */
} TessTrust;

/* Whether nothing is sent to a contact of this trust until the person has decided. */
gboolean tess_trust_is_stopped (TessTrust trust);

GType tess_trust_get_type (void);
#define TESS_TYPE_TRUST (tess_trust_get_type ())

/* A device of a contact, as the newest list that their account signed names it (protocol.md 1). */
typedef struct {
  guint number;  /* the list's; 1 is the one that the account began with */
  char *key;     /* base32 of the device key */
  gint64 added;  /* when it was added, as they say, in ms since 1970; 0: with the account, or nothing sensible */
  gint64 seen;   /* when this person's Tessera first heard of it, in ms */
} TessContactDevice;

void tess_contact_device_free (TessContactDevice *self);

/* Somebody whom a relay tells of when it is asked for a name. Nothing of it is proven: a relay that lies can name another
 * person's address, or one of its own making. */
typedef struct {
  char *name;      /* as claimed at the relay */
  char *address;   /* TESSERA:1/…, at that relay */
  char *key_text;  /* base32 of the account key */
} TessFoundPerson;

void tess_found_person_free (TessFoundPerson *self);

/* What a profile keeps on this computer. */
typedef struct {
  guint64 bytes;     /* of its database */
  guint64 messages;  /* texts, received ones and own ones */
} TessUsage;

GType tess_usage_get_type (void);
#define TESS_TYPE_USAGE (tess_usage_get_type ())
TessUsage *tess_usage_copy (const TessUsage *self);
void tess_usage_free (TessUsage *self);

/* How far an own message has come (protocol.md 6). */
typedef enum {
  TESS_DELIVERY_NONE,      /* not an own message */
  TESS_DELIVERY_WAITING,
  TESS_DELIVERY_RELAYED,   /* durable on the recipient's relay */
  TESS_DELIVERY_DELIVERED,
  TESS_DELIVERY_READ,
  TESS_DELIVERY_FAILED,    /* TessMessage:failure says why; tess_engine_retry() */
} TessDelivery;

GType tess_delivery_get_type (void);
#define TESS_TYPE_DELIVERY (tess_delivery_get_type ())

/* What tess_engine_verify_code() found. */
typedef enum {
  TESS_VERIFY_MATCH,        /* the contact is verified now */
  TESS_VERIFY_MISMATCH,     /* the code shows another key: the contact's trust is ALARM now, sending is stopped */
  TESS_VERIFY_OWN_CODE,     /* the person scanned their own code: nothing changed */
  TESS_VERIFY_NO_SECRET,    /* an address, not a code made for scanning; the key fits but nothing was marked */
  TESS_VERIFY_OTHER_RELAY,  /* the key fits, but the code names another relay than the chat uses: nothing changed */
} TessVerifyResult;

G_END_DECLS
