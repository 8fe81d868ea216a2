/* What runs while its secrets are watched: whole flows through the crypto layer. Flows keep nothing secret outside guarded memory
 * and wiped buffers, and compare nothing secret. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

typedef struct {
  const char *name;
  const char *what;
  void (*flow) (void *data);
  unsigned secrets_min; /* a run tells at least so many */
} Flow;

extern const Flow flows[];
extern const unsigned n_flows;
