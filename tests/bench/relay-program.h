/* The programs that are measured: started, watched, and ended by their process id. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay-load.h"

#include <glib.h>
#include <stdint.h>

/* What the driver was told. */
typedef struct {
  char *relay;  /* tessera-relay */
  char *floor;  /* relay-floor */
  char *disk;   /* a folder on a disk */
  char *memory; /* a folder in memory; NULL: there is none */
  char *peers;  /* what ./dev laid out for the peers; NULL: nothing */
  char *hub;    /* peers/hub.js */
} Bench;

typedef struct {
  int pid;
  unsigned port;
  LoadDialect dialect;
  char *folder;   /* of its data; deleted with it */
  char *database;
} Program;

typedef enum { FLOOR_FORWARD, FLOOR_KEEP, FLOOR_DELETE } FloorKind;

/* A relay in a new folder under @under with the mailboxes of devices 0 to @devices - 1. */
Program *program_relay (const Bench *bench, const char *under, unsigned devices);
Program *program_floor (const Bench *bench, const char *under, FloorKind kind);
/* NULL with the reason in @why_out (static) when it cannot be had here. */
Program *program_hub (const Bench *bench, const char *under, const char **why_out);
Program *program_mosquitto (const Bench *bench, const char *under, const char **why_out);
/* Ends the program and deletes its folder. */
void program_stop (Program *self);

Load *program_load (const Program *self);

/* CPU time so far in µs: of the whole process, and of the relay's thread that owns the store (0: there is none). */
double program_cpu (const Program *self);
double program_store_cpu (const Program *self);
/* Bytes of memory resident. */
double program_memory (const Program *self);
/* Waits until the program does nothing any more. */
void program_settle (const Program *self);

/* How many descriptors a process may have here, after asking for @wanted. */
unsigned program_raise_descriptors (unsigned wanted);
