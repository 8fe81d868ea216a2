/* Secret memory. A key role is a struct type of its own (TESS_SECRET_TYPE), so that one cannot be passed for another; short-lived
 * ones stand on the stack as g_auto and wipe themselves; long-lived ones lie in guarded memory (tess_secret_alloc).
 * Any thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Declares the type @Type of @SIZE secret bytes with a wipe for g_auto(). It has no copy and no print function on purpose. */
#define TESS_SECRET_TYPE(Type, prefix, SIZE)                                                                                     \
  typedef struct {                                                                                                               \
    uint8_t bytes[SIZE];                                                                                                         \
  } Type;                                                                                                                        \
  G_GNUC_UNUSED static inline void prefix##_clear (Type *self) { sodium_memzero (self, sizeof *self); }                          \
  G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Type, prefix##_clear)

/* A plain buffer of @SIZE bytes that is wiped when it goes out of scope: g_auto(). For intermediate results. */
TESS_SECRET_TYPE (TessSecret32, tess_secret32, 32)
TESS_SECRET_TYPE (TessSecret64, tess_secret64, 64)

/* @size zeroed bytes in guarded, locked memory, aligned for any type. Up to TESS_SECRET_SLOT_MAX bytes are a slot of an arena
 * that many share (a sodium_malloc of each would cost system calls and pages, of which the kernel has few): guard pages stand
 * around the arena, a canary behind each slot, looked at when it is freed. Anything larger is a piece of its own. Aborts when
 * there is no memory. Free with tess_secret_free(). */
void *tess_secret_alloc (size_t size) G_GNUC_MALLOC G_GNUC_WARN_UNUSED_RESULT;
/* Wipes and frees what tess_secret_alloc() gave; NULL is fine. Aborts when something was written past its end, or it was freed
 * before. */
void tess_secret_free (void *secret);

/* Whether the @size bytes of both are the same, in a time that tells nothing of them. */
bool tess_secret_equal (const void *a, const void *b, size_t size);

/* @size zeroed bytes of plain heap for one call's intermediate texts; tess_wiped_free() wipes before it frees. For sizes known
 * only at run time; anything of fixed size stands in a g_auto struct. */
typedef struct {
  size_t size;
  uint8_t bytes[];
} TessWiped;

TessWiped *tess_wiped_new (size_t size) G_GNUC_WARN_UNUSED_RESULT;
void tess_wiped_free (TessWiped *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessWiped, tess_wiped_free)

G_END_DECLS
