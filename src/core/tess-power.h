/* Whether the person saves power, as the desktop says: power-profiles-daemon, or the portal in a sandbox. Main thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct _TessPower TessPower;
typedef void (*TessPowerChanged) (bool is_saving, void *data);

/* Asks in a thread, for the portal may let one wait; until it is known, and where nobody tells, power is not saved. @changed
 * comes in the default main context. */
TessPower *tess_power_new (TessPowerChanged changed, void *data);
/* NULL is fine. */
void tess_power_free (TessPower *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessPower, tess_power_free)

/* As last heard. */
bool tess_power_is_saving (const TessPower *self);

G_END_DECLS
