/* Finding secrets that outlive their use. A flow runs in a child process, whose calls into libsodium and libcrypto tell the
 * parent every secret that passes (record.c: linked in front with --wrap; the child keeps no copy). When the flow is over the
 * child stops, and the parent looks for each of them, and for what it knows to derive from them, in all of its writable memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What may remain where: a reason stands beside each in the test that uses it. @where is a mapping's name or the start of it
 * ("[stack]", "[heap]", "" for any); @role is what a secret's role begins with ("" for any). Ends with a NULL @where. */
typedef struct {
  const char *where;
  const char *role;
} WatchAllowed;

typedef struct {
  unsigned secrets; /* told by the child */
  unsigned found;   /* places where one, or part of one, still was, without the allowed */
  unsigned allowed; /* and those that @allowed names */
  size_t bytes;     /* looked through */
  char *checkpoint; /* where the child stands; NULL: at its end */
  GString *report;  /* a line a place */
} WatchResult;

/* Runs @flow (@data) in a child and looks through its memory after it returned. */
void watch_run (void (*flow) (void *data), void *data, const WatchAllowed *allowed, WatchResult *result_out);
void watch_result_clear (WatchResult *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WatchResult, watch_result_clear)
/* watch_run(), where nothing but the @allowed may be found; at least @secrets_min secrets must have been told. */
void watch_expect_clean (void (*flow) (void *data), void *data, const WatchAllowed *allowed, unsigned secrets_min);

/* In the child: tells the parent a secret. Does nothing outside a flow. Any thread. */
void watch_secret (const char *role, const void *bytes, size_t size);
/* The same for two pieces that belong together. */
void watch_secret2 (const char *role, const void *bytes, size_t size, const void *more, size_t more_size);
/* In the child: the random call after @n more fails, once; 0: none. Any thread's. */
void watch_fail_random (unsigned n);
/* In the child: what looks like a secret above and is none: public by design. */
void watch_public (const void *bytes, size_t size);
/* In the child, with nothing secret alive outside guarded memory: lets the parent look through everything but that. */
void watch_checkpoint (const char *name);
/* In the child: an unguessable text, told as a secret of the role "message text". */
void watch_text (char out[static 65]);

/* What the parent derives from a told secret (derive.c): calls @add for every form in which it may lie in memory. */
typedef void (*WatchAdd) (const char *role, const char *form, const void *bytes, size_t size, void *data);
void watch_derive (const char *role, const uint8_t *bytes, size_t size, WatchAdd add, void *data);

/* Set by watch_run() in the child: where record.c writes to, and waits; -1 elsewhere. */
extern int watch_pipe, watch_control;
