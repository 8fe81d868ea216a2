/* The JSON of protocol.md 7's anonymous HTTP requests, for both ends: relay description, account bundle, errors. Pure; any
 * thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "wire/tess-requests.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

/* GET /v1/info */
typedef struct {
  char *name;                /* cleaned for showing (tess_name_clean()) */
  char *version;             /* of the relay's program */
  uint64_t envelope_bytes;   /* limits: the largest envelope, */
  uint64_t mailbox_envelopes; /* what a mailbox holds, */
  uint64_t mailbox_bytes;
  uint64_t mailbox_days;     /* and for how long */
  bool registration_open;    /* else by invitation */
  bool directory_list;       /* names can be searched by their beginning */
  bool directory_none;       /* there are no names at all */
  uint64_t blob_bytes;       /* limits: the largest blob; 0: none are kept, */
  uint64_t blob_days;        /* and for how long */
} TessInfo;

TessInfo *tess_info_copy (const TessInfo *self);
void tess_info_free (TessInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessInfo, tess_info_free)

char *tess_info_build (const TessInfo *self);
/* NULL with MALFORMED, VALUE or TOO_LARGE: whoever answered is no relay of this version. */
TessInfo *tess_info_parse (const char *text, size_t size, GError **error);

/* GET /v1/accounts/{A}, the relay's end: one device's records as they were uploaded. */
typedef struct {
  uint8_t device[TESS_KEY_SIZE];
  GBytes *prekey;
  GBytes *one_time; /* or NULL */
} TessBundleEntry;

/* The answer's JSON text. Free with g_free(). */
char *tess_bundle_build (GBytes *device_list, const TessBundleEntry *entries, unsigned count);

/* The same, the client's end: everything verified. */
typedef struct {
  uint8_t device[TESS_KEY_SIZE];
  uint32_t number;           /* in the device list */
  bool expired;              /* the record is past its time: mail for this device waits */
  TessPrekeyRecord prekey;
  bool has_one_time;
  TessOneTimePrekey one_time;
} TessBundleDevice;

typedef struct {
  GBytes *device_list;       /* as it travels: for the store, for a hello */
  TessDeviceList list;
  unsigned count;            /* of devices that the relay serves, which may be fewer than in the list */
  TessBundleDevice devices[TESS_DEVICES_MAX];
} TessBundle;

/* An atomic reference count; safe to hand to another thread. */
TessBundle *tess_bundle_ref (TessBundle *self);
void tess_bundle_unref (TessBundle *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessBundle, tess_bundle_unref)

/* Reads and verifies an answer about @account at @now (seconds since 1970): the list is the account's, each device is in it
 * and served once, each record verifies. Any fault but an expired record refuses the answer: MALFORMED, VALUE, SIGNATURE,
 * TOO_LARGE. Whether the list is older than one known is the caller's question (tess_device_list_compare()). */
TessBundle *tess_bundle_parse (const char *text, size_t size, const uint8_t account[static TESS_KEY_SIZE], int64_t now,
                               GError **error);

/* TRUE when @name can be claimed: TESS_DIRECTORY_NAME_MIN to _MAX characters of a-z, 0-9, "_" and "-", the first a letter or
 * digit. tess_directory_prefix_check(): when such a name can begin with it. NULL is neither. */
bool tess_directory_name_check (const char *name);
bool tess_directory_prefix_check (const char *prefix);

/* A claimed name and the address it stands for. */
typedef struct {
  char *name;
  char *address;
} TessDirectoryName;

void tess_directory_name_free (TessDirectoryName *self);

/* GET /v1/names/{name} and ?prefix=, the relay's end: the answer's JSON text. @names is of TessDirectoryName. Free with
 * g_free(). */
char *tess_directory_name_build (const TessDirectoryName *name);
char *tess_directory_names_build (GPtrArray *names, bool more);

/* The same, the client's end: an answer about @name at @origin, which stands for an address there without a code; or one with
 * names that begin so, at most TESS_DIRECTORY_LIST_MAX of them. An array of TessDirectoryName. NULL with MALFORMED, VALUE,
 * TOO_LARGE, or what tess_address_parse() says of an address. */
GPtrArray *tess_directory_name_parse (const char *text, size_t size, const char *origin, const char *name, GError **error);
GPtrArray *tess_directory_names_parse (const char *text, size_t size, const char *origin, const char *prefix, GError **error);

/* PUT /v1/blobs/{ticket}, the relay's end: the answer's JSON text. Free with g_free(). */
char *tess_blob_answer_build (const char *id);

/* The body of an HTTP error: `{"error": {"code", "message"}}`. */
char *tess_http_error_build (TessRelayCode code, const char *message);
/* TESS_CODE_OTHER, and *@message_out NULL, for anything else. Free *@message_out with g_free(). */
TessRelayCode tess_http_error_parse (const char *text, size_t size, char **message_out);

G_END_DECLS
