/* What the fuzz targets share. A target is one file with LLVMFuzzerTestOneInput (); it judges what it gets back with
 * g_assert_…(), so that a broken promise is found like a crash.
 *
 * Mutation alone never gets past a signature or a tag. So the harness owns the keys: a target's input is what stands inside,
 * or what is to be changed in something genuine, and the target signs or seals it before the code under test sees it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-bytes.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Makes every random byte from here on the same in each run of the same input: call first. */
void fuzz_begin (void);

/* A terminated copy of @size bytes, exactly as large as that, so that a sanitizer sees a read past it. Free with g_free(). */
char *fuzz_text (const uint8_t *data, size_t size);
/* TRUE when all @size bytes are zero. */
bool fuzz_is_zero (gconstpointer data, size_t size);
/* What is left of @input, without taking it. */
GBytes *fuzz_rest (TessReader *input);

/* Changes @bytes as @input says: a count, and so many of (what u8, where u16, value u8): set, flip, cut off, put in, repeat.
 * TRUE when something was changed. */
bool fuzz_patch (TessReader *input, GByteArray *bytes);
/* The same on a copy of @bytes. */
GBytes *fuzz_patched (TessReader *input, GBytes *bytes, bool *changed_out);

/* @error is set exactly when @failed, and of @domain. */
void fuzz_check_error (const GError *error, bool failed, GQuark domain);

G_END_DECLS
