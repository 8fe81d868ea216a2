/* Waiting in tests of core: the main loop turns until a future is settled. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <libdex.h>
#include <stdbool.h>

/* Turns the main loop until @future (taken) is settled or 30 s have passed (which fails the test). The settled future. */
DexFuture *test_settle (DexFuture *future);
/* test_settle(), and it must have resolved. */
void test_done (DexFuture *future);
/* The object, string or int it resolved with. */
gpointer test_object (DexFuture *future);
char *test_string (DexFuture *future);
int test_int (DexFuture *future);
/* It must reject with this. */
void test_rejects (DexFuture *future, GQuark domain, int code);
/* Turns the main loop until @holds says so; fails the test after 30 s. */
typedef bool (*TestHolds) (gpointer data);
void test_until (TestHolds holds, gpointer data);

/* A new folder below the test's own; removed with it by test_folder_remove(). */
char *test_folder_new (void);
void test_folder_remove (char *path);
