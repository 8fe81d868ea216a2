/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-random.h"

#include <sodium.h>
#include <string.h>

static _Thread_local TessRandomSource test_source;
static _Thread_local void *test_data;

void
tess_random_set_source (TessRandomSource source, void *data)
{
  test_source = source;
  test_data = data;
}

bool
tess_random (uint8_t *out, size_t size)
{
  if (G_LIKELY (test_source == NULL))
    {
      randombytes_buf (out, size);
      return true;
    }
  if (test_source (out, size, test_data))
    return true;
  memset (out, 0, size);
  return false;
}

uint32_t
tess_random_below (uint32_t bound)
{
  return randombytes_uniform (bound);
}
