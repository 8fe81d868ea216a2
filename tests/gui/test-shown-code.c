/* One's own code on the screen, as whoever scans it reads it: one that stays there past its time gives way to another that works.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "gui/inside.h"
#include "unit/core/core-fixture.h"
#include "unit/core/engine-fixture.h"

#include "base/tess-clock.h"
#include "qr/tess-qr.h"
#include "ui/tess-code-view.h"
#include "ui/tess-lock.h"

#include <adwaita.h>

#define SIDE 400

typedef struct {
  GtkWidget *view;
  char *code; /* read last; NULL: none is there */
  const char *other_than;
} Screen;

/* A camera's picture of @self. */
static GBytes *
look (Screen *self)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (self->view);
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  GskRenderer *renderer = gtk_native_get_renderer (gtk_widget_get_native (self->view));

  gdk_paintable_snapshot (paintable, snapshot, SIDE, SIDE);
  node = gtk_snapshot_to_node (snapshot);
  if (node == NULL)
    return NULL;
  texture = gsk_renderer_render_texture (renderer, node, &GRAPHENE_RECT_INIT (0, 0, SIDE, SIDE));
  return gdk_texture_save_to_png_bytes (texture);
}

static bool
is_another_code_seen (gpointer data)
{
  Screen *self = data;
  g_autoptr (GBytes) picture = look (self);
  g_auto (GStrv) texts = picture != NULL ? tess_qr_read_bytes (picture, NULL) : NULL;

  g_clear_pointer (&self->code, g_free);
  if (texts != NULL)
    self->code = tess_qr_pick ((const char *const *) texts, "TESSERA:", NULL);
  return self->code != NULL && g_strcmp0 (self->code, self->other_than) != 0;
}

static bool
is_verified (gpointer conversation)
{
  return tess_contact_get_trust (tess_conversation_get_contact (conversation)) == TESS_TRUST_VERIFIED;
}

static void
wake (gint64 after)
{
  tess_clock_set_offset (after);
  g_signal_emit_by_name (tess_lock_get (), "woke");
}

static void
test_renewed (EngineFixture *fixture, gconstpointer unused)
{
  TessConversation *to_bob = engine_add (fixture->alice, fixture->bob), *to_alice = engine_add (fixture->bob, fixture->alice);
  GtkWidget *window = adw_window_new ();
  g_autofree char *first = NULL;
  Screen screen = { g_object_new (TESS_TYPE_CODE_VIEW, "compact", TRUE, NULL), NULL, NULL };

  tess_code_view_set_engine (TESS_CODE_VIEW (screen.view), fixture->alice, to_bob);
  adw_window_set_content (ADW_WINDOW (window), screen.view);
  gtk_window_present (GTK_WINDOW (window));
  test_until (is_another_code_seen, &screen);
  first = g_strdup (screen.code);
  wake (60);
  g_assert_true (is_another_code_seen (&screen));
  g_assert_cmpstr (screen.code, ==, first);
  screen.other_than = first;
  wake (2 * 60 * 60);
  test_until (is_another_code_seen, &screen);
  g_assert_cmpint (test_int (tess_engine_verify_code (fixture->bob, to_alice, screen.code)), ==, TESS_VERIFY_MATCH);
  test_until (is_verified, to_bob);
  gtk_window_destroy (GTK_WINDOW (window));
  g_free (screen.code);
  tess_clock_set_offset (0);
}

int
main (int argc, char **argv)
{
  inside_begin (&argc, &argv);
  g_test_add ("/ui/shown-code/renewed", EngineFixture, NULL, engine_set_up, test_renewed, engine_tear_down);
  return g_test_run ();
}
