/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"

#include <sodium.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#if defined(__SANITIZE_ADDRESS__)
#define DEBUGGABLE_BUILD 1
#else
#define DEBUGGABLE_BUILD 0
#endif

static gboolean
is_debuggable (void)
{
  return DEBUGGABLE_BUILD || g_getenv ("TESSERA_DEBUGGABLE") != NULL;
}

void
tess_process_init (void)
{
  const struct rlimit none = { 0, 0 };

  if (sodium_init () < 0)
    g_error ("libsodium could not start: no random source");
  if (!is_debuggable () && setrlimit (RLIMIT_CORE, &none) != 0)
    g_warning ("core dumps could not be turned off");
}

void
tess_process_hide (void)
{
  if (!is_debuggable () && prctl (PR_SET_DUMPABLE, 0) != 0)
    g_warning ("memory could not be kept from other processes");
}
