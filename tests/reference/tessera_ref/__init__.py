# SPDX-License-Identifier: GPL-3.0-or-later
"""A second implementation of docs/protocol.md, for tests only: it is slow, and its secrets leak through time and memory.

Modules follow the page: `basics` is section 0, `records` section 1, `handshake` 2, `ratchet` 3, `envelope` 4, `address` 8.
"""
