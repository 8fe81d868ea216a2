/* What was typed on the command line. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* The exit codes of tessera-cli. */
enum {
  TESS_CLI_DONE = 0,
  TESS_CLI_FAILED = 1,
  TESS_CLI_USAGE = 2,
  TESS_CLI_UNREACHABLE = 3,
};

typedef struct _TessCli TessCli;

/* Which options a command takes besides the general ones. */
typedef enum {
  TESS_CLI_TAKES_REGISTRATION = 1 << 0, /* --name, --relay, --invitation */
  TESS_CLI_TAKES_PNG = 1 << 1,          /* --png, --for */
  TESS_CLI_TAKES_CODE = 1 << 2,         /* --code, --image */
  TESS_CLI_TAKES_TIMEOUT = 1 << 3,
  TESS_CLI_TAKES_FOLLOW = 1 << 4,
  TESS_CLI_TAKES_LIMIT = 1 << 5,
  TESS_CLI_TAKES_EVERYONE = 1 << 6,     /* --for-everyone */
  TESS_CLI_TAKES_INVITATION = 1 << 7,   /* without --name and --relay */
  TESS_CLI_TAKES_PASSPHRASE = 1 << 8,   /* --passphrase */
} TessCliTakes;

/* One command. Its function runs in a fiber with the engine open and gives the exit code. */
typedef struct {
  const char *name;
  const char *arguments; /* as help shows them, one word each; NULL: none */
  const char *summary;
  const char *details;
  TessCliTakes takes;
  bool for_newcomers;    /* can run without an account */
  bool online;           /* the engine is started */
  bool recovers;         /* the profile is opened by what stdin holds */
  int (*run) (TessCli *cli);
} TessCliCommand;

/* Every command, ended by one without a name. */
extern const TessCliCommand tess_cli_commands[];

typedef struct {
  const TessCliCommand *command;
  char *profile;
  gboolean json;
  int passphrase_fd; /* -1: none */
  char **arguments;  /* as many as the command has; UTF-8, save those of files */
  char *name, *relay, *invitation;
  char *png, *contact;
  char *code, *image;
  int timeout;       /* seconds; -1: not given */
  gboolean follow;
  gboolean for_everyone;
  gboolean with_passphrase;
  int limit;         /* 0: all */
} TessCliOptions;

/* Parses; prints help or the version and ends the process when asked to. FALSE: wrong usage, said on stderr. */
bool tess_cli_options_parse (TessCliOptions *self, int argc, char **argv);
void tess_cli_options_clear (TessCliOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TessCliOptions, tess_cli_options_clear)

G_END_DECLS
