/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-schema.h"

#include "store/tess-store-error.h"

/* Version 1. Times are seconds since 1970 unless a column ends in _ms; keys and ids are blobs of fixed length, held by checks. */
static const char version_1_keys[] =
  "CREATE TABLE settings ("
  "  name TEXT PRIMARY KEY NOT NULL,"
  "  value ANY"
  ") STRICT, WITHOUT ROWID;"

  "CREATE TABLE own_prekeys ("
  "  spk_id INTEGER PRIMARY KEY,"
  "  envelope_key_id INTEGER NOT NULL UNIQUE,"
  "  created INTEGER NOT NULL,"
  "  expires INTEGER NOT NULL,"
  "  published INTEGER NOT NULL,"
  "  spk_private BLOB NOT NULL CHECK (length (spk_private) = 32),"
  "  last_resort_seed BLOB NOT NULL CHECK (length (last_resort_seed) = 64),"
  "  envelope_seed BLOB NOT NULL CHECK (length (envelope_seed) = 32),"
  "  record BLOB NOT NULL"
  ") STRICT;"

  "CREATE TABLE own_one_time ("
  "  id INTEGER PRIMARY KEY,"
  "  created INTEGER NOT NULL,"
  "  uploaded INTEGER NOT NULL,"
  "  opk_private BLOB NOT NULL CHECK (length (opk_private) = 32),"
  "  kem_seed BLOB NOT NULL CHECK (length (kem_seed) = 64)"
  ") STRICT;";

static const char version_1_contacts[] =
  "CREATE TABLE contacts ("
  "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
  "  account BLOB NOT NULL UNIQUE CHECK (length (account) = 32),"
  "  name TEXT NOT NULL,"
  "  nickname TEXT,"
  "  relay TEXT NOT NULL,"
  "  contact_capability BLOB CHECK (length (contact_capability) = 16),"
  "  request_capability BLOB CHECK (length (request_capability) = 16),"
  "  trust INTEGER NOT NULL,"
  "  accepted INTEGER NOT NULL,"
  "  blocked INTEGER NOT NULL,"
  "  device_list BLOB,"
  "  device_list_version INTEGER NOT NULL,"
  "  profile_sent INTEGER NOT NULL,"
  "  fetched INTEGER NOT NULL,"
  "  added INTEGER NOT NULL"
  ") STRICT;"

  "CREATE TABLE contact_devices ("
  "  device BLOB PRIMARY KEY NOT NULL CHECK (length (device) = 32),"
  "  contact INTEGER NOT NULL REFERENCES contacts ON DELETE CASCADE,"
  "  number INTEGER NOT NULL,"
  "  prekey BLOB,"
  "  prekey_fetched INTEGER NOT NULL,"
  "  prekey_expires INTEGER NOT NULL,"
  "  reset_last INTEGER NOT NULL,"
  "  reset_wait INTEGER NOT NULL,"
  "  reset_since INTEGER NOT NULL"
  ") STRICT;"
  "CREATE INDEX contact_devices_contact ON contact_devices (contact, number);"

  "CREATE TABLE shown_codes ("
  "  secret BLOB PRIMARY KEY NOT NULL CHECK (length (secret) = 16),"
  "  contact INTEGER REFERENCES contacts ON DELETE CASCADE,"
  "  expires INTEGER NOT NULL,"
  "  used INTEGER NOT NULL"
  ") STRICT;"
  "CREATE INDEX shown_codes_contact ON shown_codes (contact);";

static const char version_1_sessions[] =
  "CREATE TABLE sessions ("
  "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
  "  contact INTEGER NOT NULL REFERENCES contacts ON DELETE CASCADE,"
  "  device BLOB NOT NULL CHECK (length (device) = 32),"
  "  active INTEGER NOT NULL,"
  "  initiator INTEGER NOT NULL,"
  "  answered INTEGER NOT NULL,"
  "  created INTEGER NOT NULL,"
  "  last_received INTEGER NOT NULL,"
  "  spk_id INTEGER NOT NULL,"
  "  ek BLOB NOT NULL CHECK (length (ek) = 32),"
  "  hello BLOB,"
  "  state BLOB NOT NULL"
  ") STRICT;"
  "CREATE INDEX sessions_device ON sessions (contact, device);"
  "CREATE UNIQUE INDEX sessions_active ON sessions (contact, device) WHERE active = 1;"

  /* The order of storing is the rowid: what is dropped first, also within one second. */
  "CREATE TABLE skipped_keys ("
  "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
  "  session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,"
  "  dh BLOB NOT NULL CHECK (length (dh) = 32),"
  "  number INTEGER NOT NULL,"
  "  key BLOB NOT NULL CHECK (length (key) = 32),"
  "  stored INTEGER NOT NULL,"
  "  UNIQUE (session, dh, number)"
  ") STRICT;"
  "CREATE INDEX skipped_keys_session ON skipped_keys (session, id);"
  "CREATE INDEX skipped_keys_stored ON skipped_keys (stored);"

  "CREATE TABLE seen_hellos ("
  "  spk_id INTEGER NOT NULL,"
  "  ek BLOB NOT NULL CHECK (length (ek) = 32),"
  "  session INTEGER REFERENCES sessions ON DELETE SET NULL,"
  "  PRIMARY KEY (spk_id, ek)"
  ") STRICT, WITHOUT ROWID;"
  "CREATE INDEX seen_hellos_session ON seen_hellos (session);"

  "CREATE TABLE seen_envelopes ("
  "  hash BLOB PRIMARY KEY NOT NULL CHECK (length (hash) = 32),"
  "  seen INTEGER NOT NULL"
  ") STRICT, WITHOUT ROWID;"
  "CREATE INDEX seen_envelopes_seen ON seen_envelopes (seen);";

static const char version_1_messages[] =
  "CREATE TABLE conversations ("
  "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
  "  contact INTEGER NOT NULL UNIQUE REFERENCES contacts ON DELETE CASCADE,"
  "  last_message INTEGER NOT NULL,"
  "  last_activity_ms INTEGER NOT NULL,"
  "  unread INTEGER NOT NULL,"
  "  draft TEXT"
  ") STRICT;"
  "CREATE INDEX conversations_activity ON conversations (last_activity_ms);"

  /* sender is a contact's id, 0 for own messages: no foreign key, messages go with their conversation. */
  "CREATE TABLE messages ("
  "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
  "  conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,"
  "  sender INTEGER NOT NULL,"
  "  message_id BLOB NOT NULL CHECK (length (message_id) = 16),"
  "  time_ms INTEGER NOT NULL,"
  "  stored_ms INTEGER NOT NULL,"
  "  kind INTEGER NOT NULL,"
  "  state INTEGER NOT NULL,"
  "  is_read INTEGER NOT NULL,"
  "  body TEXT NOT NULL,"
  "  failure TEXT,"
  "  reply_to BLOB CHECK (length (reply_to) = 16)"
  ") STRICT;"
  "CREATE UNIQUE INDEX messages_message_id ON messages (sender, message_id);"
  "CREATE INDEX messages_page ON messages (conversation, id);"
  "CREATE INDEX messages_unread ON messages (conversation, id) WHERE is_read = 0;"
  "CREATE INDEX messages_open ON messages (conversation, id) WHERE sender = 0 AND state IN (1, 2);"

  "CREATE TABLE receipts_pending ("
  "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
  "  contact INTEGER NOT NULL REFERENCES contacts ON DELETE CASCADE,"
  "  message_id BLOB NOT NULL CHECK (length (message_id) = 16),"
  "  is_read INTEGER NOT NULL,"
  "  UNIQUE (contact, message_id)"
  ") STRICT;"

  "CREATE TABLE outbox ("
  "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
  "  contact INTEGER NOT NULL REFERENCES contacts ON DELETE CASCADE,"
  "  device BLOB NOT NULL CHECK (length (device) = 32),"
  "  relay TEXT NOT NULL,"
  "  deposit_id BLOB NOT NULL UNIQUE CHECK (length (deposit_id) = 16),"
  "  envelope BLOB NOT NULL,"
  "  envelope_expires INTEGER NOT NULL,"
  "  inner BLOB,"
  "  message INTEGER REFERENCES messages ON DELETE SET NULL,"
  "  by_request INTEGER NOT NULL,"
  "  attempts INTEGER NOT NULL,"
  "  next_try_ms INTEGER NOT NULL,"
  "  created INTEGER NOT NULL"
  ") STRICT;"
  "CREATE INDEX outbox_device ON outbox (device, id);"
  "CREATE INDEX outbox_contact ON outbox (contact);"
  "CREATE INDEX outbox_message ON outbox (message);"

  "PRAGMA user_version = 1;";

static const char *const version_1[] = { version_1_keys, version_1_contacts, version_1_sessions, version_1_messages, NULL };

/* Version 2: what was agreed with a last-resort key is marked on both sides; the newest prekey record known of a device, and the
 * X25519 form of its key. */
static const char version_2_marks[] =
  "ALTER TABLE own_prekeys ADD COLUMN last_resort_uses INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE sessions ADD COLUMN last_resort INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE contact_devices ADD COLUMN prekey_created INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE contact_devices ADD COLUMN dh BLOB CHECK (length (dh) = 32);"
  "PRAGMA user_version = 2;";

static const char *const version_2[] = { version_2_marks, NULL };

/* Version 3: what can be done to a message and to a chat, and the search index. An action (kind 3) is an edit, a deletion or a
 * reaction on its way to the other side, or one that came before its target. */
static const char version_3_columns[] =
  "ALTER TABLE messages ADD COLUMN action INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE messages ADD COLUMN target BLOB CHECK (length (target) = 16);"
  "ALTER TABLE messages ADD COLUMN edited_ms INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE messages ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE messages ADD COLUMN expires_after INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE messages ADD COLUMN expires_ms INTEGER NOT NULL DEFAULT 0;"
  "CREATE INDEX messages_expires ON messages (expires_ms) WHERE expires_ms > 0;"
  "CREATE INDEX messages_target ON messages (target) WHERE target IS NOT NULL;"
  "CREATE INDEX messages_reply ON messages (reply_to) WHERE reply_to IS NOT NULL;"

  "CREATE TABLE reactions ("
  "  message INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,"
  "  sender INTEGER NOT NULL,"
  "  emoji TEXT NOT NULL,"
  "  time_ms INTEGER NOT NULL,"
  "  PRIMARY KEY (message, sender)"
  ") STRICT, WITHOUT ROWID;"

  "ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE conversations ADD COLUMN muted INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE conversations ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE conversations ADD COLUMN marked_unread INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE conversations ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE conversations ADD COLUMN timer INTEGER NOT NULL DEFAULT 0;";

/* Words of texts alone. What is erased from a text is erased from the index at once, not when it is merged. The conversation's
 * number is a word of a column of its own, so that a search in one chat does not look at what was found in others. */
static const char version_3_search[] =
  "CREATE VIRTUAL TABLE messages_fts USING fts5 (body, conversation, content = 'messages', content_rowid = 'id',"
  "  tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');"
  "INSERT INTO messages_fts (messages_fts, rank) VALUES ('secure-delete', 1);"
  "INSERT INTO messages_fts (rowid, body, conversation) SELECT id, body, conversation FROM messages WHERE kind = 0;"
  "CREATE TRIGGER messages_fts_insert AFTER INSERT ON messages WHEN new.kind = 0 BEGIN"
  "  INSERT INTO messages_fts (rowid, body, conversation) VALUES (new.id, new.body, new.conversation); END;"
  "CREATE TRIGGER messages_fts_delete AFTER DELETE ON messages WHEN old.kind = 0 BEGIN"
  "  INSERT INTO messages_fts (messages_fts, rowid, body, conversation) "
  "  VALUES ('delete', old.id, old.body, old.conversation); END;"
  "CREATE TRIGGER messages_fts_update AFTER UPDATE OF body ON messages WHEN old.kind = 0 BEGIN"
  "  INSERT INTO messages_fts (messages_fts, rowid, body, conversation) "
  "  VALUES ('delete', old.id, old.body, old.conversation);"
  "  INSERT INTO messages_fts (rowid, body, conversation) VALUES (new.id, new.body, new.conversation); END;"
  "PRAGMA user_version = 3;";

static const char *const version_3[] = { version_3_columns, version_3_search, NULL };

/* Version 4: a message costs less to store. Its words come into the search index later (tess_db_search_index()): those up to
 * the setting search.indexed (not set: none) are there, and only they are changed and erased there. Two indexes that served
 * nothing but a look through a short table now and then are gone. */
static const char version_4_later[] =
  "DROP INDEX seen_envelopes_seen;"
  "DROP INDEX conversations_activity;"
  "DROP TRIGGER messages_fts_insert;"
  "DROP TRIGGER messages_fts_delete;"
  "DROP TRIGGER messages_fts_update;"
  "INSERT INTO settings (name, value) SELECT 'search.indexed', max (id) FROM messages HAVING count (*) > 0;"
  "CREATE TRIGGER messages_fts_delete AFTER DELETE ON messages"
  "  WHEN old.kind = 0 AND old.id <= (SELECT value FROM settings WHERE name = 'search.indexed') BEGIN"
  "  INSERT INTO messages_fts (messages_fts, rowid, body, conversation) "
  "  VALUES ('delete', old.id, old.body, old.conversation); END;"
  "CREATE TRIGGER messages_fts_update AFTER UPDATE OF body ON messages"
  "  WHEN old.kind = 0 AND old.id <= (SELECT value FROM settings WHERE name = 'search.indexed') BEGIN"
  "  INSERT INTO messages_fts (messages_fts, rowid, body, conversation) "
  "  VALUES ('delete', old.id, old.body, old.conversation);"
  "  INSERT INTO messages_fts (rowid, body, conversation) VALUES (new.id, new.body, new.conversation); END;"
  "PRAGMA user_version = 4;";

static const char *const version_4[] = { version_4_later, NULL };

/* Version 5: when a contact's device was seen first. Those known before were seen with their contact: nobody had a second one. */
static const char version_5_seen[] =
  "ALTER TABLE contact_devices ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;"
  "UPDATE contact_devices SET seen = (SELECT added FROM contacts WHERE id = contact);"
  "PRAGMA user_version = 5;";

static const char *const version_5[] = { version_5_seen, NULL };

/* Version 6: what a draft answers. Rows of messages are never used again, so that one which is erased leaves nothing to mend. */
static const char version_6_answer[] =
  "ALTER TABLE conversations ADD COLUMN draft_reply INTEGER NOT NULL DEFAULT 0;"
  "PRAGMA user_version = 6;";

static const char *const version_6[] = { version_6_answer, NULL };

/* What leads from version n to n + 1. A step that was released is never changed; a dump of each version stands in tests. */
static const char *const *const steps[] = { version_1, version_2, version_3, version_4, version_5, version_6 };

int
tess_db_schema_newest (void)
{
  return G_N_ELEMENTS (steps);
}

static bool
read_version (TessDb *db, int *version_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "PRAGMA user_version");

  *version_out = tess_query_next (query) ? (int) tess_query_int (query) : -1;
  return tess_query_done (query, error);
}

int
tess_db_schema_version (TessDb *self)
{
  int version;

  return read_version (self, &version, NULL) ? version : -1;
}

static bool
run_step (TessDb *db, int version, GError **error)
{
  if (!tess_db_begin (db, error))
    return false;
  for (const char *const *sql = steps[version]; *sql != NULL; sql++)
    if (!tess_db_execute (db, *sql, error))
      {
        tess_db_rollback (db);
        return false;
      }
  return tess_db_commit (db, error);
}

bool
tess_schema_migrate (TessDb *db, GError **error)
{
  int version;

  if (!read_version (db, &version, error))
    return false;
  if (version > tess_db_schema_newest ())
    {
      g_set_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_NEWER,
                   "The database has format %d, and this version of Tessera knows formats up to %d", version,
                   tess_db_schema_newest ());
      return false;
    }
  if (version < 0)
    {
      g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_DAMAGED, "The database's format cannot be read");
      return false;
    }
  for (; version < tess_db_schema_newest (); version++)
    if (!run_step (db, version, error))
      return false;
  return true;
}
