/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/tess-cli.h"

#include "cli/tess-cli-output.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#define SECRET_MAX 1024

int
tess_cli_timeout (TessCli *self, int otherwise)
{
  return self->options->timeout >= 0 ? self->options->timeout : otherwise;
}

bool
tess_cli_wait (TessCli *self, DexFuture *future, int seconds, GError **error)
{
  g_autoptr (DexFuture) wanted = future;
  g_autoptr (GError) cause = NULL;

  dex_await (dex_future_first (dex_ref (wanted), dex_timeout_new_seconds (seconds), dex_ref (DEX_FUTURE (self->stopped)), NULL),
             &cause);
  if (!dex_future_is_pending (wanted))
    return dex_future_get_value (wanted, error) != NULL;
  if (cause != NULL && cause->domain == G_IO_ERROR)
    g_propagate_error (error, g_steal_pointer (&cause));
  else
    g_set_error (error, TESS_CORE_ERROR, TESS_CORE_ERROR_UNREACHABLE,
                 g_dngettext (NULL, "No answer within %d second", "No answer within %d seconds", seconds), seconds);
  return false;
}

int
tess_cli_fail (const GError *error)
{
  tess_cli_complain (error->message);
  if (g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_NO_KEYRING))
    tess_cli_complain (_("To keep the keys under a passphrase instead, give it on a file descriptor: --passphrase-fd N"));
  if (g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_PASSPHRASE_NEEDED)
      || g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_PASSPHRASE_OR_CODE))
    tess_cli_complain (_("Give it on a file descriptor: --passphrase-fd N"));
  if (g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_PASSPHRASE_OR_CODE))
    tess_cli_complain (
      _("Or take the lock away with your recovery code, on standard input: tessera-cli recover"));
  if (g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_RECOVERY_NEEDED))
    tess_cli_complain (_("Your recovery code brings them back, on standard input: tessera-cli recover"));
  if (g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_KEYRING_AWAY))
    tess_cli_complain (
      _("Without a keyring your recovery code moves them under a passphrase: tessera-cli --passphrase-fd N recover"));
  return g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_UNREACHABLE)
             || g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_PROXY)
           ? TESS_CLI_UNREACHABLE
           : TESS_CLI_FAILED;
}

TessConversation *
tess_cli_contact (TessCli *self)
{
  g_autoptr (GError) error = NULL;
  TessConversation *conversation = tess_engine_find (self->engine, self->options->arguments[0], &error);

  if (conversation == NULL)
    tess_cli_fail (error);
  return conversation;
}

TessWiped *
tess_cli_read_secret (int fd)
{
  g_autoptr (TessWiped) secret = tess_wiped_new (SECRET_MAX + 3);
  char *text = (char *) secret->bytes;
  size_t size = 0;
  ssize_t got = 1;

  while (got != 0 && size < SECRET_MAX + 2)
    {
      got = read (fd, text + size, SECRET_MAX + 2 - size);
      if (got > 0)
        size += (size_t) got;
      else if (got < 0 && errno != EINTR)
        break;
    }
  if (size > 0 && text[size - 1] == '\n')
    size--;
  text[size] = '\0';
  if (got >= 0 && size > 0 && size <= SECRET_MAX && g_utf8_validate_len (text, size, NULL))
    return g_steal_pointer (&secret);
  tess_cli_complain (got < 0 && fd == STDIN_FILENO ? _("Standard input cannot be read")
                     : got < 0                     ? _("The file descriptor of --passphrase-fd cannot be read")
                     : size == 0                   ? _("The passphrase or code is empty")
                     : size > SECRET_MAX           ? _("The passphrase or code is too long")
                                                   : _("The passphrase or code is not UTF-8"));
  return NULL;
}

TessWiped *
tess_cli_read_stdin_secret (const TessCliOptions *options)
{
  if (options->passphrase_fd != STDIN_FILENO)
    return tess_cli_read_secret (STDIN_FILENO);
  tess_cli_complain (_("Standard input holds the passphrase already"));
  return NULL;
}

/* All of stdin in @buffer of @size bytes; -1 with errno, @size when there is more. */
static ssize_t
read_stdin (char *buffer, size_t size)
{
  size_t filled = 0;

  while (filled < size)
    {
      ssize_t got = read (STDIN_FILENO, buffer + filled, size - filled);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        return -1;
      if (got == 0)
        break;
      filled += (size_t) got;
    }
  return (ssize_t) filled;
}

char *
tess_cli_text (TessCli *self, const char *text, size_t max)
{
  g_autofree char *buffer = NULL;
  ssize_t size;

  if (strcmp (text, "-") != 0)
    return g_strdup (text);
  if (self->options->passphrase_fd == STDIN_FILENO)
    {
      tess_cli_complain (_("Standard input holds the passphrase already"));
      return NULL;
    }
  buffer = g_malloc (max + 3);
  size = read_stdin (buffer, max + 2);
  if (size > 0 && buffer[size - 1] == '\n')
    size--;
  if (size < 0 || (size_t) size > max || !g_utf8_validate_len (buffer, (size_t) size, NULL))
    {
      tess_cli_complain (size < 0               ? _("Standard input cannot be read")
                         : (size_t) size > max ? _("Standard input holds too much")
                                               : _("Standard input is not UTF-8"));
      return NULL;
    }
  buffer[size] = '\0';
  return g_steal_pointer (&buffer);
}

int
tess_cli_flush (TessCli *self, int seconds)
{
  g_autoptr (GError) error = NULL;

  return tess_cli_wait (self, tess_engine_flush (self->engine), seconds, &error) ? TESS_CLI_DONE : tess_cli_fail (error);
}
