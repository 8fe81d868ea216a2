/* The JSON of protocol.md 7 on the mailbox's WebSocket, for both ends. Pure; any thread.
 *
 * What is parsed here has the right shape and sizes; signatures and states (is this list newer, is this device registered) are
 * for the receiver: tess-records.h. Texts are UTF-8 and at most TESS_JSON_BYTES_MAX.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "wire/tess-json.h"
#include "wire/tess-records.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

#define TESS_SUBPROTOCOL "tessera.v1"
#define TESS_CAPABILITY_HEADER "Tessera-Capability"
#define TESS_PATH_MAILBOX "/v1/mailbox"
#define TESS_PATH_DEPOSIT "/v1/deposit"
#define TESS_PATH_INFO "/v1/info"
#define TESS_PATH_HEALTH "/v1/health"
#define TESS_PATH_ACCOUNTS "/v1/accounts/" /* then base32(A) */
#define TESS_PATH_BLOBS "/v1/blobs/"       /* then base32(ticket) or base32(id) */
#define TESS_PATH_NAMES "/v1/names"        /* then /name or ?prefix= */

/* Why a WebSocket was closed. */
typedef enum {
  TESS_CLOSE_MALFORMED = 4000,
  TESS_CLOSE_REPLACED = 4001,
  TESS_CLOSE_AUTH = 4003,
  TESS_CLOSE_TOO_SLOW = 4008,
} TessClose;

/* Why a relay refused, over HTTP and on the mailbox. */
typedef enum {
  TESS_CODE_BAD_REQUEST,
  TESS_CODE_CAPABILITY,
  TESS_CODE_NOT_FOUND,
  TESS_CODE_TOO_LARGE,
  TESS_CODE_SLOW_DOWN,
  TESS_CODE_BUSY,
  TESS_CODE_INVITATION,
  TESS_CODE_STALE,
  TESS_CODE_UNREGISTERED,
  TESS_CODE_TAKEN,
  TESS_CODE_OTHER, /* one of a later version: treat as a refusal */
} TessRelayCode;

/* The name on the wire; a TESS_CODE_OTHER is never sent. */
const char *tess_relay_code_name (TessRelayCode code);
/* The HTTP status that goes with @code (400 for those that only the mailbox knows). */
unsigned tess_relay_code_status (TessRelayCode code);
/* TESS_CODE_OTHER for an unknown or NULL @name. */
TessRelayCode tess_relay_code_from_name (const char *name);

/* From a client. */
typedef enum {
  TESS_REQUEST_AUTH,
  TESS_REQUEST_REGISTER,
  TESS_REQUEST_PUBLISH,
  TESS_REQUEST_DEVICES,
  TESS_REQUEST_CAPABILITIES,
  TESS_REQUEST_NAME,
  TESS_REQUEST_TICKETS,
  TESS_REQUEST_DELETE,
} TessRequestOp;

typedef struct {
  TessRequestOp op;
  uint64_t id;                                         /* 0 to TESS_JSON_INTEGER_MAX; AUTH has none */
  uint8_t device[TESS_KEY_SIZE];                       /* AUTH */
  uint8_t signature[TESS_SIGNATURE_SIZE];              /* AUTH */
  GBytes *device_list;                                 /* REGISTER, DEVICES: 41 + 64 to TESS_DEVICE_LIST_SIZE_MAX bytes */
  GBytes *prekey;                                      /* REGISTER, PUBLISH (or NULL): TESS_PREKEY_RECORD_SIZE bytes */
  GPtrArray *one_time;                                 /* REGISTER, PUBLISH (or NULL): GBytes; at most TESS_ONE_TIME_UPLOAD */
  bool replace;                                        /* PUBLISH */
  char *invitation;                                    /* REGISTER, or NULL */
  uint8_t contact_hash[TESS_CAPABILITY_HASH_SIZE];     /* CAPABILITIES */
  uint8_t request_hash[TESS_CAPABILITY_HASH_SIZE];
  char *name;                                          /* NAME: NULL gives the name up */
  char *address;                                       /* NAME: what the relay is to tell who asks for it; NULL without a name */
  unsigned count;                                      /* TICKETS: 1 to TESS_TICKETS_MAX */
} TessRequest;

/* A zeroed request of the kind @op. */
TessRequest *tess_request_new (TessRequestOp op);
void tess_request_free (TessRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessRequest, tess_request_free)

/* The request as JSON text. Free with g_free(). */
char *tess_request_build (const TessRequest *self);
/* NULL with MALFORMED, VALUE or TOO_LARGE. @id_out is the request's id where one could be read, so that the error can be
 * answered, else -1. */
TessRequest *tess_request_parse (const char *text, size_t size, int64_t *id_out, GError **error);

/* From a relay. */
typedef enum {
  TESS_NOTICE_CHALLENGE,
  TESS_NOTICE_READY,
  TESS_NOTICE_OK,
  TESS_NOTICE_ERROR,
  TESS_NOTICE_ONE_TIME,
} TessNoticeOp;

typedef struct {
  TessNoticeOp op;
  int64_t id;                     /* OK, ERROR; -1: an ERROR about the connection */
  uint8_t nonce[TESS_NONCE_SIZE]; /* CHALLENGE */
  char *relay;                    /* CHALLENGE: the relay's origin */
  bool registered;                /* READY */
  uint64_t waiting;               /* READY: envelopes in the mailbox */
  uint64_t acked;                 /* READY: the highest sequence acknowledged */
  int64_t one_time;               /* READY, ONE_TIME, OK to REGISTER and PUBLISH: how many are left; -1: not said */
  TessRelayCode code;             /* ERROR */
  char *message;                  /* ERROR: English, for a log */
  GPtrArray *tickets;             /* OK to TICKETS: strings, or NULL */
} TessNotice;

TessNotice *tess_notice_new (TessNoticeOp op);
void tess_notice_free (TessNotice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessNotice, tess_notice_free)

/* The notice as JSON text. Free with g_free(). */
char *tess_notice_build (const TessNotice *self);
/* NULL with MALFORMED, VALUE or TOO_LARGE. An unknown `op` is MALFORMED. */
TessNotice *tess_notice_parse (const char *text, size_t size, GError **error);

G_END_DECLS
