/* Two to five people with real databases, a relay that lies, and one clock: what the histories happen to.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "../unit/core/party.h"

#define PEOPLE_MAX 5
#define HOUR 3600
#define DAY 86400

/* A text that somebody said. */
typedef struct {
  guint number;
  guint from, to;
  char *text;
  bool shown;      /* @to has had it in its history at some time */
  bool dropped;    /* an envelope with it was lost for good */
  bool lost;       /* a database that had it was rolled back */
} Said;

/* An envelope at the relay. */
typedef struct {
  grefcount count;
  GBytes *envelope;
  Said *said;      /* the text in it, or NULL */
  guint from;
  int64_t since;   /* when it was sealed */
  TessMailClass class;
} Mail;

/* What two people have been through, in either direction. What is owed to them depends on it. */
typedef enum {
  HARM_DROPPED = 1 << 0,  /* envelopes were lost for good */
  HARM_SESSIONS = 1 << 1, /* sessions, or the keys for starting one, were lost */
  HARM_ROLLED = 1 << 2,   /* a database was put back to an older state */
} Harm;

typedef struct {
  Party *party;
  char name[8];
  int64_t chats[PEOPLE_MAX];    /* 0: does not know them yet */
  int64_t contacts[PEOPLE_MAX]; /* of the same */
  int64_t list_version[PEOPLE_MAX]; /* the highest seen */
  bool may_trust[PEOPLE_MAX];   /* a code was scanned, or the number compared */
  bool has_kept;
  bool was_rolled;              /* once at least */
  bool must_find_out;           /* rolled back, and the relay has not said `ready` since */
  /* At the relay. */
  GPtrArray *mailbox;           /* Mail */
  GPtrArray *delivered;         /* Mail that was acknowledged, in order */
  GPtrArray *opened;            /* Mail whose content was taken: Mail */
  GHashTable *deposits;         /* ids remembered, as GBytes */
  GPtrArray *records;           /* prekey records ever published, newest last */
  GPtrArray *one_time;          /* GBytes */
  GPtrArray *issued;            /* one-time prekeys that were handed out */
  GBytes *older_list;           /* a device list of a lower version */
  uint64_t acked;
} Person;

typedef struct {
  guint32 seed;
  GRand *choices; /* what happens */
  GRand *bytes;   /* what the people's random source gives */
  int64_t clock;
  guint n;
  Person people[PEOPLE_MAX];
  GPtrArray *said;    /* Said */
  GHashTable *texts;  /* text → Said */
  unsigned harm[PEOPLE_MAX][PEOPLE_MAX]; /* of Harm, symmetric */
  bool receipts_dropped[PEOPLE_MAX][PEOPLE_MAX]; /* from, to: something without a text was lost for good */
  bool is_calm;       /* nothing is lost for good in this history */
  bool is_settling;   /* everybody behaves and nothing fails */
  guint reacted;      /* reactions so far: each is receipted as a text is */
  guint moved;        /* deposits, deliveries and fetches so far */
} World;

/* @n people out of @seed; none knows another yet. */
void world_init (World *self, guint32 seed, guint n);
void world_clear (World *self);

/* A number below @bound; TRUE once in @bound; somebody; somebody but @one. */
guint world_below (World *self, guint bound);
bool world_chance (World *self, guint bound);
guint world_somebody (World *self);
guint world_other (World *self, guint one);

/* A line of the history, printed when it fails. */
void world_note (World *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* An invariant does not hold: prints the history with the command that replays it and aborts. */
G_NORETURN void world_fail (World *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

void world_harm (World *self, guint a, guint b, unsigned harm);
/* The same between @who and everybody. */
void world_harm_all (World *self, guint who, unsigned harm);

/* Runs a job of @who. Outside of settling a write or a random call fails now and then: then everything has to be as before, and
 * FALSE is returned. */
bool world_try (World *self, guint who, PartyJob job, gpointer data);

/* Moves the clock. */
void world_pass_time (World *self, int64_t seconds);

/* Who @account is; PEOPLE_MAX: nobody. */
guint world_find_account (World *self, const uint8_t account[static 32]);
guint world_find_device (World *self, const uint8_t device[static 32]);
/* Looks up whom @who knows. */
void world_look_up (World *self, guint who);
/* A new text of somebody to somebody, of @size bytes or a little more; not yet known to the world (world_said()). */
char *world_make_text (World *self, guint from, guint to, gsize size);
Said *world_said (World *self, guint from, guint to, const char *text);

Mail *mail_ref (Mail *mail);
void mail_unref (Mail *mail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Mail, mail_unref)
