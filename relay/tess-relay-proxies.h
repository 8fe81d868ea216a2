/* Reverse proxies that the operator trusts, and what they say of whom they speak for (X-Forwarded-For; RFC 7239 Forwarded). Pure.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Elements of one header that are looked at. */
#define TESS_RELAY_FORWARDED_MAX 16

typedef enum { TESS_RELAY_X_FORWARDED_FOR, TESS_RELAY_FORWARDED } TessRelayForwarded;

/* @list are addresses and networks (10.0.0.0/8), which becomes an array of GInetAddressMask. NULL: one of them is neither. */
GPtrArray *tess_relay_proxies_parse (char **list);
/* TRUE when @address is one of @proxies. An IPv4 address inside IPv6 is the IPv4 address. */
bool tess_relay_proxies_contain (GPtrArray *proxies, GInetAddress *address);

/* The client that @header, of the kind @kind, names: read from its end, which the nearest proxy wrote, the first address that is
 * not itself a trusted proxy; what stands before it came from that client and is not believed. Where all are proxies it is the
 * first: somebody asks from such a machine. NULL when an element on the way is anything but an address, or there are too many. */
GInetAddress *tess_relay_proxies_client (GPtrArray *proxies, TessRelayForwarded kind, const char *header);

G_END_DECLS
