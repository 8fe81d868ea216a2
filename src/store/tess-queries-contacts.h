/* Contacts and their devices. For jobs, as tess-queries-keys.h. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/tess-db.h"
#include "store/tess-store-error.h"

G_BEGIN_DECLS

typedef enum {
  TESS_CONTACT_UNVERIFIED = 0,
  TESS_CONTACT_VERIFIED = 1,
  TESS_CONTACT_CHANGED = 2,  /* was verified, then its keys or devices changed: sending waits for a yes */
  TESS_CONTACT_MISMATCH = 3, /* a scanned code did not match: sending is stopped */
} TessContactTrust;

typedef struct {
  int64_t id;                  /* set by insert */
  uint8_t account[32];         /* A; unique */
  char *name;                  /* what they call themselves; "" until known */
  char *nickname;              /* what the user calls them; NULL: none */
  char *relay;                 /* their relay's origin (protocol.md 7) */
  bool has_contact_capability; /* they gave us theirs in `profile` */
  bool has_request_capability; /* from their address */
  uint8_t contact_capability[16];
  uint8_t request_capability[16];
  TessContactTrust trust;
  bool accepted;               /* added by the user, or their request was; else a request from a stranger */
  bool blocked;
  GBytes *device_list;         /* the newest signed one, NULL until fetched */
  uint64_t device_list_version;
  int64_t profile_sent;        /* version of our profile (a number of core's) they were last sent; 0: none */
  int64_t fetched;             /* when their bundle was last fetched (seconds); 0: never */
  int64_t added;               /* seconds */
} TessContactRow;

void tess_contact_row_free (TessContactRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessContactRow, tess_contact_row_free)

/* Stores a new contact and sets its id; EXISTS when the account is known. */
bool tess_db_contact_insert (TessDb *db, TessContactRow *row, GError **error);
/* Writes every column of the row of @row's id; the account never changes. */
bool tess_db_contact_update (TessDb *db, const TessContactRow *row, GError **error);
bool tess_db_contact_find (TessDb *db, int64_t id, TessContactRow **row_out, GError **error);
bool tess_db_contact_find_account (TessDb *db, const uint8_t account[static 32], TessContactRow **row_out, GError **error);
/* The contact whose known devices hold @device. */
bool tess_db_contact_find_device (TessDb *db, const uint8_t device[static 32], TessContactRow **row_out, GError **error);
/* All (TessContactRow), by id. */
bool tess_db_contact_list (TessDb *db, GPtrArray **rows_out, GError **error);
/* Removes a contact with everything that belongs to it: devices, sessions, conversation, messages, outbox. */
bool tess_db_contact_remove (TessDb *db, int64_t id, GError **error);

/* A device of a contact, as in the newest list. */
typedef struct {
  int64_t contact;
  uint8_t device[32];          /* D */
  uint32_t number;
  int64_t seen;                /* when a list first named it, seconds; set by the first write, and kept */
  GBytes *prekey;              /* signed record, NULL: none valid known */
  int64_t prekey_fetched;      /* seconds */
  int64_t prekey_created;      /* of the newest record known; 0: none */
  int64_t prekey_expires;      /* from the record; 0: none */
  bool has_dh;                 /* what follows is known */
  uint8_t dh[32];              /* the X25519 form of D: computed by us, never taken from outside */
  /* Answers to mail that decrypts under nothing (protocol.md 6). */
  int64_t reset_last;          /* when a fresh session was last started for it; 0: never */
  int64_t reset_wait;          /* seconds to wait before the next one */
  int64_t reset_since;         /* first one still unanswered; 0: none */
} TessDeviceRow;

void tess_device_row_free (TessDeviceRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessDeviceRow, tess_device_row_free)

/* Inserts the device or writes every column of it. EXISTS when it belongs to another contact. */
bool tess_db_device_put (TessDb *db, const TessDeviceRow *row, GError **error);
bool tess_db_device_find (TessDb *db, int64_t contact, const uint8_t device[static 32], TessDeviceRow **row_out, GError **error);
/* The contact's devices (TessDeviceRow), by number. */
bool tess_db_device_list (TessDb *db, int64_t contact, GPtrArray **rows_out, GError **error);
/* Removes the device and its sessions; its mail in the outbox too. */
bool tess_db_device_remove (TessDb *db, int64_t contact, const uint8_t device[static 32], GError **error);

G_END_DECLS
