/* The way that packets go is the kernel's answer. SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tess-net-path.h"

#include <gio/gunixsocketaddress.h>

static void
test_source (void)
{
  g_autoptr (GSocketAddress) here = g_inet_socket_address_new_from_string ("127.0.0.1", 1);
  g_autoptr (GSocketAddress) there = g_inet_socket_address_new_from_string ("192.0.2.1", 443);
  g_autoptr (GSocketAddress) file = g_unix_socket_address_new ("/nowhere");
  g_autofree char *near = tess_net_path_source (here), *again = tess_net_path_source (here);
  g_autofree char *far = tess_net_path_source (there), *none = tess_net_path_source (file);

  g_assert_cmpstr (near, ==, "127.0.0.1");
  g_assert_cmpstr (again, ==, near);
  g_assert_cmpstr (far, !=, near); /* NULL where there is no network */
  g_assert_null (none);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/path/source", test_source);
  return g_test_run ();
}
