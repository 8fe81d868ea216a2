/* session-vectors write|compare FILE: makes tests/vectors/session-v1.json, or says where it is not what would be made.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "vectors.h"

#include <stdio.h>
#include <string.h>

int
main (int argc, char *argv[])
{
  bool same;

  if (argc != 3 || (strcmp (argv[1], "write") != 0 && strcmp (argv[1], "compare") != 0))
    {
      fprintf (stderr, "session-vectors write|compare FILE\n");
      return 2;
    }
  tess_process_init ();
  drawn_begin ();
  out_object (NULL);
  out_number ("protocol", 1);
  out_number ("now", NOW);
  vectors_people ();
  vectors_records ();
  vectors_handshakes ();
  vectors_sessions ();
  vectors_envelopes ();
  vectors_contents ();
  vectors_addresses ();
  vectors_relay ();
  vectors_key_files ();
  vectors_recovery_files ();
  vectors_backups ();
  out_end ();
  same = out_write (argv[2], strcmp (argv[1], "compare") == 0);
  if (!same)
    fprintf (stderr, "If the protocol was meant to change: session-vectors write %s\n", argv[2]);
  return same ? 0 : 1;
}
