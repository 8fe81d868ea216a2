/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-tls.h"

#include "relay/tess-relay-error.h"
#include "relay/tess-relay-tls-stream.h"

#include <stdbool.h>

struct _TessRelayTls {
  SSL_CTX *context;
};

/* Keys under a passphrase are refused instead of asked for. */
static int
no_passphrase (char *buffer, int size, int writing, void *data)
{
  return 0;
}

static int
choose_protocol (SSL *ssl, const unsigned char **out, unsigned char *out_size, const unsigned char *offered,
                 unsigned offered_size, void *data)
{
  static const unsigned char ours[] = "\x08http/1.1";
  unsigned char *chosen;

  if (SSL_select_next_proto (&chosen, out_size, ours, sizeof ours - 1, offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

static bool
fail (const char *path, const char *what, GError **error)
{
  const char *reason = ERR_reason_error_string (ERR_peek_error ());

  g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_CONFIG, "%s: %s%s%s", path, what, reason != NULL ? ": " : "",
               reason != NULL ? reason : "");
  ERR_clear_error ();
  return false;
}

static bool
read_files (SSL_CTX *context, const char *certificate, const char *key, GError **error)
{
  ERR_clear_error ();
  if (SSL_CTX_use_certificate_chain_file (context, certificate) != 1)
    return fail (certificate, "holds no certificate that can be used", error);
  if (SSL_CTX_use_PrivateKey_file (context, key, SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key (context) != 1)
    return fail (key, "holds no key that belongs to the certificate", error);
  return true;
}

TessRelayTls *
tess_relay_tls_load (const char *certificate, const char *key, GError **error)
{
  g_autoptr (TessRelayTls) self = g_new0 (TessRelayTls, 1);

  self->context = SSL_CTX_new (TLS_server_method ());
  if (self->context == NULL)
    {
      fail (certificate, "cannot be used", error);
      return NULL;
    }
  SSL_CTX_set_min_proto_version (self->context, TLS1_2_VERSION);
  /* Without tickets no connection can be known as the one that came before. */
  SSL_CTX_set_options (self->context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET
                                        | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_num_tickets (self->context, 0);
  SSL_CTX_set_mode (self->context, SSL_MODE_RELEASE_BUFFERS);
  /* One record a call: nobody keeps the others waiting with records that carry nothing. */
  SSL_CTX_clear_mode (self->context, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_session_cache_mode (self->context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_default_passwd_cb (self->context, no_passphrase);
  SSL_CTX_set_alpn_select_cb (self->context, choose_protocol, NULL);
  return read_files (self->context, certificate, key, error) ? g_steal_pointer (&self) : NULL;
}

void
tess_relay_tls_free (TessRelayTls *self)
{
  SSL_CTX_free (self->context);
  g_free (self);
}

GIOStream *
tess_relay_tls_accept (TessRelayTls *self, GSocketConnection *connection)
{
  SSL *ssl = SSL_new (self->context);

  return ssl != NULL ? tess_relay_tls_stream_new (ssl, connection) : NULL;
}
