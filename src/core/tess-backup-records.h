/* The records of a backup (protocol.md 12), to and from the database's rows. Pure; any thread.
 *
 * A writer appends the record's body to a TessWriter, which is to be asked then whether it fitted. A reader gives NULL when the
 * body is anything but a record of that kind; else the row, which its own function frees.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-bytes.h"
#include "base/tess-secret.h"
#include "store/tess-queries-backup.h"
#include "store/tess-queries-contacts.h"

G_BEGIN_DECLS

/* The kinds; 0 is the file's own end. What is unknown is skipped: it was written by a newer version. */
typedef enum {
  TESS_BACKUP_PROFILE = 1, /* the first record, once */
  TESS_BACKUP_CONTACT = 2,
  TESS_BACKUP_CONVERSATION = 3,
  TESS_BACKUP_MESSAGE = 4,
  TESS_BACKUP_REACTION = 5, /* to the message before it */
} TessBackupKind;

/* Bytes. A longer draft is left out. */
#define TESS_BACKUP_DRAFT_MAX (256 * 1024)
#define TESS_BACKUP_BODY_MAX 60000
#define TESS_BACKUP_WORD_MAX 256 /* a failure's */

/* Wiped when freed. */
typedef struct {
  uint8_t account_seed[32];
  uint8_t contact_capability[16];
  uint8_t request_capability[16];
  uint64_t list_version;   /* of the own device list */
  uint32_t device_number;  /* the highest that was given */
  int64_t made;            /* seconds */
  bool receipts_told;
  bool typing_told;
  char *name;
  char *relay;
  char *directory_name;    /* "": none */
} TessBackupProfile;

void tess_backup_profile_free (TessBackupProfile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessBackupProfile, tess_backup_profile_free)

/* Who the profile is, and what its settings are. */
void tess_backup_profile_write (const TessBackupProfile *self, TessWriter *writer);
/* The same read; free with tess_backup_profile_free(). */
TessBackupProfile *tess_backup_profile_read (const uint8_t *body, size_t size);

/* @devices (TessDeviceRow): those of the contact's list, of which the first sight and the newest record's time are kept. Reading
 * fills device, seen and prekey_created. */
void tess_backup_contact_write (const TessContactRow *row, GPtrArray *devices, TessWriter *writer);
TessContactRow *tess_backup_contact_read (const uint8_t *body, size_t size, GPtrArray **devices_out);

/* Contacts go by their place among the file's: @contact is 1 for the first. */
void tess_backup_conversation_write (const TessConversationRow *row, uint32_t contact, TessWriter *writer);
TessConversationRow *tess_backup_conversation_read (const uint8_t *body, size_t size, uint32_t *contact_out);

/* @answered: the chat's draft answers it. Reading gives -1 as the sender of what is not one's own. */
void tess_backup_message_write (const TessMessageRow *row, uint32_t contact, bool answered, TessWriter *writer);
TessMessageRow *tess_backup_message_read (const uint8_t *body, size_t size, uint32_t *contact_out, bool *answered_out);

/* As for messages, -1 is the other person. */
void tess_backup_reaction_write (const TessReactionRow *row, TessWriter *writer);
TessReactionRow *tess_backup_reaction_read (const uint8_t *body, size_t size);

G_END_DECLS
