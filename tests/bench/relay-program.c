/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay-program.h"

#include "relay/tess-relay-store.h"
#include "wire/tess-records.h"

#include <glib/gstdio.h>
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_SECONDS 20
#define QUIET_US 50000
#define SETTLE_US 10000000

/* -- Starting ------------------------------------------------------------------------------------------------------------ */

static Program *
program_new (const char *under, LoadDialect dialect)
{
  Program *self = g_new0 (Program, 1);

  self->dialect = dialect;
  self->folder = g_build_filename (under, "measured-XXXXXX", NULL);
  if (g_mkdtemp (self->folder) == NULL)
    g_error ("no folder under %s: %s", under, g_strerror (errno));
  self->database = g_build_filename (self->folder, "relay.db", NULL);
  return self;
}

/* Between fork and exec. */
static void
enter_root (gpointer data)
{
  if (chroot (data) != 0 || chdir ("/") != 0)
    _exit (126);
}

/* Starts @argv, in the system under @root if that is not NULL, and reads the port from its first line unless it is known. */
static void
start (Program *self, char *root, char **argv, char **environment)
{
  g_autoptr (GError) error = NULL;
  char line[256] = "";
  FILE *words;
  const char *port;
  guint64 number;
  int out = -1;
  /* A broker that does not say its port has nothing to say. */
  GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | (self->port != 0 ? G_SPAWN_STDERR_TO_DEV_NULL : 0);

  if (!g_spawn_async_with_pipes (NULL, argv, environment, flags, root != NULL ? enter_root : NULL, root,
                                 &self->pid, NULL, self->port == 0 ? &out : NULL, NULL, &error))
    g_error ("%s does not start: %s", argv[0], error->message);
  if (self->port != 0)
    return;
  words = fdopen (out, "r");
  if (fgets (line, sizeof line, words) == NULL)
    g_error ("%s did not start", argv[0]);
  port = strrchr (line, ':');
  g_strchomp (line);
  if (port == NULL || !g_ascii_string_to_unsigned (port + 1, 10, 1, 65535, &number, NULL))
    g_error ("%s said: %s", argv[0], line);
  self->port = (unsigned) number;
  fclose (words);
}

static void
run_sql (sqlite3 *db, const char *sql)
{
  if (sqlite3_exec (db, sql, NULL, NULL, NULL) != SQLITE_OK)
    g_error ("%s: %s", sql, sqlite3_errmsg (db));
}

/* Registers the devices in the database, where it costs nothing that is measured. */
static void
register_devices (const char *path, unsigned devices)
{
  g_autoptr (GError) error = NULL;
  TessRelayStore *store = tess_relay_store_open (path, &error);
  sqlite3_stmt *account, *mailbox;
  sqlite3 *db;
  uint8_t hash[TESS_CAPABILITY_HASH_SIZE], public[32], secret[64];

  if (store == NULL)
    g_error ("%s", error->message);
  tess_relay_store_close (store);
  tess_capability_hash (load_capability, hash);
  if (sqlite3_open (path, &db) != SQLITE_OK
      || sqlite3_prepare_v2 (db, "INSERT INTO account (account, version, list, contact, request)"
                                 " VALUES (?, 1, x'', ?, x'')", -1, &account, NULL) != SQLITE_OK
      || sqlite3_prepare_v2 (db, "INSERT INTO mailbox (device, account) VALUES (?1, ?1)", -1, &mailbox, NULL) != SQLITE_OK)
    g_error ("the relay's tables have changed: %s", sqlite3_errmsg (db));
  run_sql (db, "BEGIN");
  for (uint32_t i = 0; i < devices; i++)
    {
      load_device (i, public, secret);
      sqlite3_bind_blob (account, 1, public, 32, SQLITE_STATIC);
      sqlite3_bind_blob (account, 2, hash, sizeof hash, SQLITE_STATIC);
      sqlite3_bind_blob (mailbox, 1, public, 32, SQLITE_STATIC);
      if (sqlite3_step (account) != SQLITE_DONE || sqlite3_step (mailbox) != SQLITE_DONE)
        g_error ("%s", sqlite3_errmsg (db));
      sqlite3_reset (account);
      sqlite3_reset (mailbox);
    }
  run_sql (db, "COMMIT");
  sqlite3_finalize (account);
  sqlite3_finalize (mailbox);
  sqlite3_close (db);
}

Program *
program_relay (const Bench *bench, const char *under, unsigned devices)
{
  Program *self = program_new (under, LOAD_TESSERA);
  g_autofree char *config = g_build_filename (self->folder, "measured.conf", NULL);
  char *argv[] = { bench->relay, (char *) "--listen", (char *) "127.0.0.1:0", (char *) "--data", self->folder,
                   (char *) "--config", config, NULL };
  static const char settings[] = "[limits]\nconnections=1000000\nconnections_per_address=1000000\nrequest_rate=1000000\n"
                                 "request_burst=1000000\ndeposit_rate=1000000\ndeposit_burst=1000000\nping_seconds=3600\n";

  g_chmod (self->folder, 0700);
  register_devices (self->database, devices);
  if (!g_file_set_contents (config, settings, -1, NULL))
    g_error ("%s cannot be written", config);
  start (self, NULL, argv, NULL);
  return self;
}

Program *
program_floor (const Bench *bench, const char *under, FloorKind kind)
{
  static const char *const kinds[] = { "none", "keep", "delete" };
  Program *self = program_new (under, LOAD_BARE);
  char *argv[] = { bench->floor, (char *) kinds[kind], kind == FLOOR_FORWARD ? NULL : self->database, NULL };

  start (self, NULL, argv, NULL);
  return self;
}

/* -- Peers --------------------------------------------------------------------------------------------------------------- */

/* A peer is a program of another system, where the source folder is at the same place. */
static bool
has_peer (const Bench *bench, const char *path)
{
  g_autofree char *at = bench->peers != NULL ? g_build_filename (bench->peers, path, NULL) : NULL;

  return at != NULL && g_file_test (at, G_FILE_TEST_IS_EXECUTABLE);
}

Program *
program_hub (const Bench *bench, const char *under, const char **why_out)
{
  const char *modules = g_getenv ("BENCH_NODE_PATH") != NULL ? g_getenv ("BENCH_NODE_PATH") : "/nowhere";
  g_autofree char *addon = g_build_filename (modules, "better-sqlite3", "build", "Release", "better_sqlite3.node", NULL);
  g_auto (GStrv) environment = NULL;
  Program *self;

  *why_out = !has_peer (bench, "usr/bin/node")                ? "there is no node"
             : !g_file_test (addon, G_FILE_TEST_EXISTS) ? "npm gave no better-sqlite3"
                                                        : NULL;
  if (*why_out != NULL)
    return NULL;
  self = program_new (under, LOAD_BARE);
  environment = g_environ_setenv (g_get_environ (), "NODE_PATH", modules, TRUE);
  start (self, bench->peers, (char *[]) { (char *) "/usr/bin/node", bench->hub, self->database, NULL }, environment);
  return self;
}

static unsigned
free_port (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (bind (fd, (struct sockaddr *) &address, sizeof address) != 0 || getsockname (fd, (struct sockaddr *) &address, &size) != 0)
    g_error ("no free port: %s", g_strerror (errno));
  close (fd);
  return ntohs (address.sin_port);
}

static void
await_port (unsigned port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons ((uint16_t) port) };
  gint64 limit = g_get_monotonic_time () + START_SECONDS * G_USEC_PER_SEC;
  bool there = false;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  while (!there)
    {
      int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

      there = connect (fd, (struct sockaddr *) &address, sizeof address) == 0;
      close (fd);
      if (!there && g_get_monotonic_time () > limit)
        g_error ("nothing listens on port %u", port);
      if (!there)
        g_usleep (20000);
    }
}

Program *
program_mosquitto (const Bench *bench, const char *under, const char **why_out)
{
  g_autofree char *config = NULL, *text = NULL;
  Program *self;

  *why_out = !has_peer (bench, "usr/sbin/mosquitto") ? "there is no mosquitto" : NULL;
  if (*why_out != NULL)
    return NULL;
  self = program_new (under, LOAD_MQTT);
  self->port = free_port ();
  config = g_build_filename (self->folder, "mosquitto.conf", NULL);
  text = g_strdup_printf ("listener %u 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 0\nmax_queued_messages 0\n"
                          "set_tcp_nodelay true\nlog_type none\nuser root\n", self->port);
  if (!g_file_set_contents (config, text, -1, NULL))
    g_error ("%s cannot be written", config);
  start (self, bench->peers, (char *[]) { (char *) "/usr/sbin/mosquitto", (char *) "-c", config, NULL }, NULL);
  await_port (self->port);
  return self;
}

/* -- Ending -------------------------------------------------------------------------------------------------------------- */

static void
delete_folder (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *one = g_build_filename (path, name, NULL);

      if (g_file_test (one, G_FILE_TEST_IS_DIR))
        delete_folder (one);
      else
        g_unlink (one);
    }
  g_rmdir (path);
}

void
program_stop (Program *self)
{
  kill (self->pid, SIGKILL);
  waitpid (self->pid, NULL, 0);
  delete_folder (self->folder);
  g_free (self->folder);
  g_free (self->database);
  g_free (self);
}

Load *
program_load (const Program *self)
{
  return load_new (self->dialect, self->port);
}

/* -- Watching ------------------------------------------------------------------------------------------------------------ */

double
program_cpu (const Program *self)
{
  struct timespec now;
  clockid_t clock;

  if (clock_getcpuclockid (self->pid, &clock) != 0 || clock_gettime (clock, &now) != 0)
    g_error ("process %d has ended", self->pid);
  return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

double
program_store_cpu (const Program *self)
{
  g_autofree char *tasks = g_strdup_printf ("/proc/%d/task", self->pid);
  g_autoptr (GDir) folder = g_dir_open (tasks, 0, NULL);
  const char *name;
  double spent = 0;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *comm = g_build_filename (tasks, name, "comm", NULL);
      g_autofree char *stat = g_build_filename (tasks, name, "schedstat", NULL);
      g_autofree char *what = NULL, *figures = NULL;

      if (g_file_get_contents (comm, &what, NULL, NULL) && strcmp (what, "store\n") == 0
          && g_file_get_contents (stat, &figures, NULL, NULL))
        spent += g_ascii_strtod (figures, NULL) / 1e3;
    }
  return spent;
}

double
program_memory (const Program *self)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/statm", self->pid), *text = NULL;
  g_auto (GStrv) figures = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    g_error ("process %d has ended", self->pid);
  figures = g_strsplit (text, " ", 3);
  return g_ascii_strtod (figures[1], NULL) * (double) sysconf (_SC_PAGESIZE);
}

void
program_settle (const Program *self)
{
  gint64 limit = g_get_monotonic_time () + SETTLE_US;
  double last = -1, now;

  for (now = program_cpu (self); now - last > 500 && g_get_monotonic_time () < limit; now = program_cpu (self))
    {
      last = now;
      g_usleep (QUIET_US);
    }
}

unsigned
program_raise_descriptors (unsigned wanted)
{
  struct rlimit limit;

  getrlimit (RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < wanted)
    setrlimit (RLIMIT_NOFILE, &(struct rlimit) { wanted, wanted });
  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  return (unsigned) MIN (limit.rlim_max, (rlim_t) UINT32_MAX);
}
