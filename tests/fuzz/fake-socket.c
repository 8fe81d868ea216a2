/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-socket.h"

#include "fuzz.h"

struct _TessSocket {
  TessSocketHandlers handlers;
  void *owner;
  uint64_t max_incoming;
  bool open, ended;
};

static TessSocket *newest;

TessSocket *
fake_socket (void)
{
  return newest;
}

TessSocket *
tess_socket_new (const char *origin, const char *path, uint64_t max_incoming, const TessSocketHandlers *handlers, void *owner)
{
  newest = g_new0 (TessSocket, 1);
  *newest = (TessSocket) { .handlers = *handlers, .owner = owner, .max_incoming = max_incoming };
  return newest;
}

void
tess_socket_free (TessSocket *self)
{
  if (self == newest)
    newest = NULL;
  g_free (self);
}

void
tess_socket_connect (TessSocket *self)
{
}

bool
tess_socket_is_open (const TessSocket *self)
{
  return self->open && !self->ended;
}

bool
tess_socket_has_ended (const TessSocket *self)
{
  return self->ended;
}

bool
tess_socket_has_moved (const TessSocket *self)
{
  return false;
}

void
tess_socket_set_saving (TessSocket *self, bool is_saving)
{
}

unsigned
tess_socket_ping_seconds (const TessSocket *self)
{
  return 0;
}

void
tess_socket_send_text (TessSocket *self, const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
}

void
tess_socket_send_binary (TessSocket *self, const uint8_t *data, size_t size)
{
  g_assert_cmpuint (size, >, 0);
}

void
tess_socket_end (TessSocket *self, GError *reason, unsigned close_code)
{
  if (!self->ended)
    {
      self->ended = true;
      self->handlers.ended (self->owner, reason);
    }
  g_error_free (reason);
}

void
tess_socket_end_protocol (TessSocket *self, const char *detail)
{
  g_assert_true (g_utf8_validate (detail, -1, NULL));
  tess_socket_end (self, tess_net_error_new (TESS_NET_ERROR_PROTOCOL, TESS_CODE_OTHER, 0, NULL), 1002);
}

void
fake_socket_open (TessSocket *self)
{
  if (self->open || self->ended)
    return;
  self->open = true;
  self->handlers.opened (self->owner);
}

/* A message within the bound that the link gave, in memory of exactly its size, as libsoup hands it over. */
void
fake_socket_text (TessSocket *self, const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);

  if (tess_socket_is_open (self) && size <= self->max_incoming && g_utf8_validate_len (text, size, NULL))
    self->handlers.text (self->owner, text, size);
}

void
fake_socket_binary (TessSocket *self, const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) frame = g_bytes_new (data, size);

  if (tess_socket_is_open (self) && size <= self->max_incoming)
    self->handlers.binary (self->owner, frame);
}

void
fake_socket_lose (TessSocket *self, unsigned close_code)
{
  tess_socket_end (self, tess_net_error_from_close (close_code), 0);
}
