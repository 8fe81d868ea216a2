/* The name at the own relay that others find this account by (protocol.md 7). SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-core.h"
#include "net/tess-mailbox-link.h"

G_BEGIN_DECLS

/* In a fiber, on a ready link: claims @name for the own address, or gives up the one there is (""). The wish is noted before the
 * relay is asked: one whose answer was not heard or kept is settled by tess_account_settle_name(). TESS_CORE_ERROR: BAD_NAME when
 * somebody has it, REFUSED where no names are kept. */
bool tess_account_claim_name (TessCore *core, TessMailboxLink *link, const char *name, GError **error);

/* In a fiber, on a ready link: asks once more for the name whose answer is not known, if there is one. @again: the relay may not
 * have the name for the address of now; the one that was claimed is claimed again. A refusal is no error. */
bool tess_account_settle_name (TessCore *core, TessMailboxLink *link, bool again, GError **error);

G_END_DECLS
