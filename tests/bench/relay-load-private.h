/* What the dialects of the load share. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay-load-frames.h"
#include "relay-load.h"

typedef enum { LINK_CONNECTING, LINK_SHAKING, LINK_PROVING, LINK_READY } LinkStage;

struct _LoadLink {
  int fd;
  uint32_t number; /* of the device, or the depositor */
  WsRest rest;
  uint8_t stage;
  bool deposits;
  bool shaken; /* the WebSocket's handshake is through */
};

typedef struct {
  LoadLink link; /* first */
  uint32_t request;
  unsigned in_flight;
  unsigned owed;   /* open loop: what could not be written yet */
  unsigned window; /* 0: the open loop's */
  uint8_t *frame;  /* the one being written; NULL before the first */
  size_t head, size, written;
  uint32_t to;     /* whom it was for, and that device's key */
  uint8_t device[32];
} Depositor;

typedef struct {
  /* Sends the first bytes. */
  void (*hello) (Load *load, LoadLink *link);
  /* Takes what it can of the input; gives the bytes it took. */
  size_t (*input) (Load *load, LoadLink *link, uint8_t *data, size_t size);
  /* Makes depositor->frame the next deposit for device @to, with @stamp in its envelope. */
  void (*compose) (Load *load, Depositor *depositor, uint32_t to, uint64_t stamp);
} Dialect;

extern const Dialect dialect_tessera, dialect_bare, dialect_mqtt;

/* Sends a few bytes, which a loopback socket always takes at these sizes. */
void load_write (LoadLink *link, const void *data, size_t size);
/* What happened, as the dialects tell it. */
void load_ready (Load *load, LoadLink *link);
void load_stored (Load *load, LoadLink *link);
void load_refused (Load *load, LoadLink *link, unsigned status);
/* @envelope starts with the byte that says what it is. */
void load_arrived (Load *load, const uint8_t *envelope);
unsigned load_port (Load *load);
uint64_t load_nonce (Load *load);
