/* Strict, bounded JSON (RFC 8259) for everything that comes from outside: requests, answers, message content. Pure; any
 * thread.
 *
 * json-glib takes comments, duplicate members and any depth; what is here checks the text first and hands it over then.
 * Getters report a missing or ill-typed member as TESS_WIRE_ERROR_MALFORMED, naming it, and one out of bounds as _VALUE. A
 * member that is null is there and ill-typed for every getter; tess_json_has() calls it absent.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-limits.h"
#include "wire/tess-wire-error.h"

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Numbers of the protocol are integers from 0 to this (2^53 - 1), which every JSON library carries exactly. */
#define TESS_JSON_INTEGER_MAX G_GUINT64_CONSTANT (9007199254740991)

/* Parses @size bytes at @text: valid UTF-8 without U+0000, strict syntax, depth at most TESS_JSON_DEPTH_MAX (the outermost is
 * 1), at most TESS_JSON_MEMBERS_MAX members an object, none twice, and TESS_JSON_VALUES_MAX values in all, integers within 64
 * bits, the outermost value an object. NULL with TOO_LARGE above @max bytes, else MALFORMED. */
JsonObject *tess_json_parse (const char *text, size_t size, size_t max, GError **error);
/* The text of @object. Free with g_free(). */
char *tess_json_to_text (JsonObject *object);

/* TRUE when the member is there and not null. */
bool tess_json_has (JsonObject *object, const char *name);
/* A string of at most @max bytes, borrowed from @object. */
bool tess_json_get_string (JsonObject *object, const char *name, size_t max, const char **out, GError **error);
/* An integer from 0 to @max. */
bool tess_json_get_uint (JsonObject *object, const char *name, uint64_t max, uint64_t *out, GError **error);
bool tess_json_get_bool (JsonObject *object, const char *name, bool *out, GError **error);
/* base64url of exactly @size bytes; @out is zeroed on failure. */
bool tess_json_get_bytes (JsonObject *object, const char *name, uint8_t *out, size_t size, GError **error);
/* base64url of @min to @max bytes; NULL on failure. */
GBytes *tess_json_get_blob (JsonObject *object, const char *name, size_t min, size_t max, GError **error);
/* An array of at most @max elements, an object: borrowed; NULL on failure. */
JsonArray *tess_json_get_array (JsonObject *object, const char *name, unsigned max, GError **error);
JsonObject *tess_json_get_object (JsonObject *object, const char *name, GError **error);
/* The elements of an array: as the getters above. NULL or FALSE on failure. */
bool tess_json_element_string (JsonArray *array, unsigned i, size_t max, const char **out, GError **error);
GBytes *tess_json_element_blob (JsonArray *array, unsigned i, size_t min, size_t max, GError **error);
JsonObject *tess_json_element_object (JsonArray *array, unsigned i, GError **error);

/* Adds a member of base64url. json_object_set_*_member() does for the rest. */
void tess_json_set_bytes (JsonObject *object, const char *name, const uint8_t *data, size_t size);
void tess_json_set_blob (JsonObject *object, const char *name, GBytes *bytes);
/* Adds an array of base64url from an array of GBytes. */
void tess_json_set_blobs (JsonObject *object, const char *name, GPtrArray *blobs);

G_END_DECLS
