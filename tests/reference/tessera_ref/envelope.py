# SPDX-License-Identifier: GPL-3.0-or-later
"""Section 4: what the relay sees."""
from . import kem
from .basics import Reader, check, hkdf, seal, u8, u32, unseal, var32

VERSION, SIZES = b"\x01", (4096, 16384, 65536)
HELLO_AND_MESSAGE, MESSAGE = 1, 2
OUTSIDE = 1 + 4 + kem.XWING_CT + 16
INSIDE = 1 + 32 + 32 + 4


def key_of(ss):
    return hkdf(b"", ss, b"Tessera-v1/Envelope", 32)


def size_for(body_length):
    fitting = [size for size in SIZES if OUTSIDE + INSIDE + body_length <= size]
    check(fitting, "too long for an envelope")
    return fitting[0]


def seal_inner(key_id, ek, device, inner, eseed):
    """Any inner part at all, for those that must be refused."""
    ct, ss = kem.xwing_encapsulate(ek, eseed)
    head = VERSION + u32(key_id)
    return head + ct + seal(key_of(ss), bytes(24), head + device, inner)


def inner_of(kind, sender, body):
    return u8(kind) + sender.account + sender.device + var32(body)


def seal_envelope(key_id, ek, device, kind, sender, body, eseed):
    inner = inner_of(kind, sender, body)
    return seal_inner(key_id, ek, device, inner + bytes(size_for(len(body)) - OUTSIDE - len(inner)), eseed)


def key_id_of(envelope):
    check(len(envelope) in SIZES and envelope[:1] == VERSION, "no envelope")
    return int.from_bytes(envelope[1:5], "big")


def open_envelope(envelope, seed, device):
    """(type, account, device, body); @seed is that of the envelope key that key_id_of () names."""
    key_id_of(envelope)
    reader = Reader(envelope)
    head, ct = reader.take(5), reader.take(kem.XWING_CT)
    inner = Reader(unseal(key_of(kem.xwing_decapsulate(seed, ct)), bytes(24), head + device, reader.rest()))
    kind, account, sender, body = inner.number(1), inner.take(32), inner.take(32), inner.var(4)
    check(kind in (HELLO_AND_MESSAGE, MESSAGE), "another type")
    check(not any(inner.rest()), "padding that is not zero")
    return kind, account, sender, body
