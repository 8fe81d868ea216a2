/* Secrets tainted for Valgrind's memcheck. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stddef.h>

typedef struct {
  unsigned secrets;   /* pieces tainted */
  unsigned published; /* pieces and verdicts declared public */
  unsigned keys;      /* uses of a cipher with a wholly tainted key */
  unsigned lost;      /* and without: the taint got lost */
} TaintCounts;

extern TaintCounts taint_counts;

/* @bytes are secret from here on; public from here on. */
void taint_secret (void *bytes, size_t size);
void taint_public (const void *bytes, size_t size);
