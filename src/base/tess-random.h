/* The one source of random bytes. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Fills @out with @size random bytes from libsodium's generator. FALSE only when a test's source says so: callers treat that as
 * any other failure and leave their outputs zero and their state as it was. Any thread. */
bool tess_random (uint8_t *out, size_t size) G_GNUC_WARN_UNUSED_RESULT;

/* A uniform number from 0 to @bound - 1 (0 for a @bound of 0 or 1). For delays and jitter. Any thread. */
uint32_t tess_random_below (uint32_t bound);

/* For tests: replaces the source on this thread (NULL restores it), to replay published vectors or to fail at the n-th call. */
typedef bool (*TessRandomSource) (uint8_t *out, size_t size, void *data);
void tess_random_set_source (TessRandomSource source, void *data);

G_END_DECLS
