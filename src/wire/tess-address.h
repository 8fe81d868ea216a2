/* Relay origins (protocol.md 7) and addresses (protocol.md 8), which arrive typed, pasted and photographed. Pure; any thread.
 * The text of each error is a static msgid that can be shown to a person.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "wire/tess-records.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

#define TESS_ORIGIN_BYTES_MAX 270   /* "https://" + a host of 253 + ":65535", rounded up */
#define TESS_ADDRESS_BYTES_MAX 384  /* a code with the longest host */
#define TESS_CODE_SIZE 16           /* the one-use secret of a shown code */

/* TRUE when @origin is exactly what protocol.md 7 calls one: `https://host[:port]` (or http for localhost and 127.0.0.0/8),
 * lower case, no default port, no final slash, the host a DNS name (punycode) or IPv4. */
bool tess_origin_check (const char *origin);

/* The origin that a person means who types @text ("relay.example.org", "127.0.0.1:8080", "https://Relay.Example.org/"): white
 * space trimmed, lower case, international names to punycode, default port and final slash dropped; without a scheme http for
 * this machine and https otherwise. NULL with HOST, PORT or INSECURE. Free with g_free(). */
char *tess_origin_from_typed (const char *text, GError **error);

/* The `host[:port]` part of a checked @origin, borrowed from it: what people are shown. */
const char *tess_origin_host (const char *origin);

typedef struct {
  char *origin;
  uint8_t account[TESS_KEY_SIZE];
  uint8_t capability[TESS_CAPABILITY_SIZE]; /* the request capability */
  bool has_code;                            /* a code that is being shown: verifying is possible */
  uint8_t code[TESS_CODE_SIZE];
} TessAddress;

TessAddress *tess_address_new (const char *origin, const uint8_t account[static TESS_KEY_SIZE],
                               const uint8_t capability[static TESS_CAPABILITY_SIZE]);
TessAddress *tess_address_copy (const TessAddress *self);
/* Wipes and frees; NULL is fine. */
void tess_address_free (TessAddress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessAddress, tess_address_free)

/* Reads an address, link or code from any text, surrounding white space allowed. NULL with NOT_AN_ADDRESS, NEWER_VERSION,
 * TRUNCATED, HOST, PORT or KEY. */
TessAddress *tess_address_parse (const char *text, GError **error);

/* `TESSERA:1/…` in capitals, for QR codes; with the code's last part when @self has one. NULL when the origin cannot stand in an
 * address (not checked, or https to this machine). Free with g_free(). */
char *tess_address_to_string (const TessAddress *self);
/* The same as a link, `tessera:1/…` in small letters. */
char *tess_address_to_link (const TessAddress *self);

G_END_DECLS
