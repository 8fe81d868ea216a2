/* Published test vectors: `name = hex` lines, cases parted by empty lines. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The cases of tests/vectors/@file, each a GHashTable of strings. Aborts the test when there are none. */
GPtrArray *vectors_load (const char *file);

/* Whether a case has the field; its bytes (aborts unless it is hex of that many bytes); its bytes, of any number; its digits. */
bool vectors_has (GPtrArray *cases, unsigned index, const char *name);
void vectors_fixed (GPtrArray *cases, unsigned index, const char *name, uint8_t *out, size_t size);
GByteArray *vectors_bytes (GPtrArray *cases, unsigned index, const char *name);
uint64_t vectors_number (GPtrArray *cases, unsigned index, const char *name);
const char *vectors_text (GPtrArray *cases, unsigned index, const char *name);
