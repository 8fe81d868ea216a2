/* The folder of attachments: sealed files that are written once, under the name of their id, and deleted 30 days later. Nothing
 * else about a blob is kept anywhere. Main thread, but for what a thread of its own syncs and deletes.
 *
 * A file is named by the base32 of an id that this module was given as 32 bytes: no path can come from outside.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-limits.h"
#include "relay/tess-relay-error.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

/* At once; further ones are told to wait. */
#define TESS_RELAY_UPLOADS_MAX 64
/* And for one account, and from one address. */
#define TESS_RELAY_UPLOADS_OF_ONE_MAX 16

/* For whom an upload is: keys of tess-relay-throttle.h. */
typedef struct {
  uint64_t account;
  uint64_t address;
} TessRelayBlobOwner;

typedef struct _TessRelayBlobs TessRelayBlobs;

/* Of the bytes left free by attachments the last ones are for what empties mailboxes. */
#define TESS_RELAY_MAIL_RESERVE (128 * 1024 * 1024)

/* Takes the folder @data/blobs (made if need be), deletes what uploads were left unfinished. All uploads together leave @reserve
 * bytes of its disk free. NULL: TESS_RELAY_ERROR_DATA. */
TessRelayBlobs *tess_relay_blobs_new (const char *data, uint64_t reserve, GError **error);
/* Waits for what is being written out or read: each done() comes first. */
void tess_relay_blobs_free (TessRelayBlobs *self);

/* The id of the blob that @ticket uploads: BLAKE2b-256, so that the ticket reads nothing and the id uploads nothing. */
void tess_relay_blob_id (const uint8_t ticket[static TESS_TICKET_SIZE], uint8_t id_out[static TESS_BLOB_ID_SIZE]);

/* One blob on its way in. */
typedef struct _TessRelayBlobUpload TessRelayBlobUpload;

/* Begins a blob of exactly @size bytes. NULL: there is no room, there are too many, or of @owner, the same one is on its way or
 * the disk fails. */
TessRelayBlobUpload *tess_relay_blob_upload_new (TessRelayBlobs *self, const uint8_t id[static TESS_BLOB_ID_SIZE], uint64_t size,
                                                 TessRelayBlobOwner owner);
/* FALSE: too much, or the disk fails; the upload is good for nothing then. */
bool tess_relay_blob_upload_write (TessRelayBlobUpload *self, const void *data, size_t size);
/* Writes it out and gives it its name; @done comes later, with TRUE when both are durable. */
void tess_relay_blob_upload_finish (TessRelayBlobUpload *self, void (*done) (bool good, void *data), void *data);
/* Keeps a finished blob, whose ticket was spent. */
void tess_relay_blob_upload_keep (TessRelayBlobUpload *self);
/* What was not kept is deleted. Not between finish and done. */
void tess_relay_blob_upload_free (TessRelayBlobUpload *self);

/* Opens a blob for reading: gives a descriptor, which is the caller's, and its size, which is not 0. NOT_FOUND; BUSY: it may be
 * there and cannot be opened now. */
TessRelayResult tess_relay_blobs_open (TessRelayBlobs *self, const uint8_t id[static TESS_BLOB_ID_SIZE], int *fd_out,
                                       uint64_t *size_out);

/* Reads @size bytes of @fd from @offset on, on a thread: a disk that is slow stops nobody else. @done comes later, with the bytes
 * (borrowed), or with NULL where there are fewer or the disk fails; until then @fd stays open. */
void tess_relay_blobs_read (TessRelayBlobs *self, int fd, uint64_t offset, size_t size, void (*done) (GBytes *piece, void *data),
                            void *data);

/* Whether so little is left on the disk, of what attachments leave free, that mail has to stop as well: what only takes mail away
 * has to be written too, and a disk without any room would never empty. As it was a second ago. */
bool tess_relay_blobs_disk_is_low (TessRelayBlobs *self);

/* Deletes a blob, if it is there. Before any upload. */
void tess_relay_blobs_delete (TessRelayBlobs *self, const uint8_t id[static TESS_BLOB_ID_SIZE]);

/* Deletes what was stored more than TESS_BLOB_KEEP seconds before @now, on the thread. */
void tess_relay_blobs_sweep (TessRelayBlobs *self, int64_t now);

G_END_DECLS
