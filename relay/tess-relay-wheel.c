/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-wheel.h"

void
tess_relay_wheel_init (TessRelayWheel *self, int64_t second)
{
  *self = (TessRelayWheel) { .second = second };
}

static GQueue *
slot_of (TessRelayWheel *self, int64_t second)
{
  return &self->slots[second % TESS_RELAY_WHEEL_SLOTS];
}

void
tess_relay_wheel_set (TessRelayWheel *self, TessRelayTimer *timer, void *data, int64_t second)
{
  int64_t due = CLAMP (second, self->second + 1, self->second + TESS_RELAY_WHEEL_SLOTS - 1);

  if (timer->due != 0 && timer->due <= due)
    return;
  tess_relay_wheel_unset (self, timer);
  timer->due = due;
  timer->node.data = data;
  g_queue_push_tail_link (slot_of (self, due), &timer->node);
}

void
tess_relay_wheel_unset (TessRelayWheel *self, TessRelayTimer *timer)
{
  if (timer->due != 0)
    g_queue_unlink (slot_of (self, timer->due), &timer->node);
  timer->due = 0;
}

void *
tess_relay_wheel_take (TessRelayWheel *self, int64_t second)
{
  GList *node;

  while ((node = slot_of (self, self->second)->head) == NULL)
    {
      if (self->second >= second)
        return NULL;
      self->second++;
    }
  tess_relay_wheel_unset (self, (TessRelayTimer *) node); /* its first member */
  return node->data;
}
