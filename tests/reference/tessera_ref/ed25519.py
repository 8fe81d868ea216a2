# SPDX-License-Identifier: GPL-3.0-or-later
"""Section 0: Ed25519 with strict rules, from RFC 8032 and the page; and the map to X25519."""
import functools
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .basics import Refusal, check

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)
ZERO = (0, 1, 1, 0)


def add(a, b):
    """Extended coordinates (X, Y, Z, T), RFC 8032, 5.1.4: complete, so it doubles too."""
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, d - c, d + c, f + e
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def negate(a):
    return (P - a[0], a[1], a[2], P - a[3])


def multiply(scalar, point):
    out = ZERO
    for bit in bin(scalar)[2:]:
        out = add(out, out)
        if bit == "1":
            out = add(out, point)
    return out


def is_zero(a):
    return a[0] % P == 0 and (a[1] - a[2]) % P == 0


def encode(a):
    inverse = pow(a[2], -1, P)
    x, y = a[0] * inverse % P, a[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(data):
    """The point of a canonical encoding; anything else is refused."""
    check(len(data) == 32, "an Ed25519 key has 32 bytes")
    value = int.from_bytes(data, "little")
    y, sign = value & (1 << 255) - 1, value >> 255
    check(y < P, "not canonical")
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == P - u and u != 0:
        x = x * ROOT % P
    check(v * x * x % P == u, "off the curve")
    check(x != 0 or sign == 0, "not canonical")
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def small_order(point):
    return is_zero(multiply(8, point))


@functools.lru_cache(1024)
def check_key(public):
    """A and D: canonical points of prime order. (The neutral element has order 1.)"""
    point = decode(public)
    check(not is_zero(point) and is_zero(multiply(L, point)), "not of prime order")


def public_of(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def signed_text(role, record):
    return b"Tessera-v1/" + role.encode() + b"\0" + record


def sign(seed, role, record):
    return Ed25519PrivateKey.from_private_bytes(seed).sign(signed_text(role, record))


def verify_text(public, text, signature):
    """Cofactorless: R = S B - h A, with A, R canonical and not of small order, S below L."""
    check(len(signature) == 64, "a signature has 64 bytes")
    point_a, point_r = decode(public), decode(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    check(scalar < L, "S is not canonical")
    check(not small_order(point_a) and not small_order(point_r), "small order")
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % L
    if encode(add(multiply(scalar, BASE), negate(multiply(h, point_a)))) != signature[:32]:
        raise Refusal("the signature does not fit")


@functools.lru_cache(4096)
def verify(public, role, record, signature):
    verify_text(public, signed_text(role, record), signature)


def to_x25519(public):
    """The birational map u = (1 + y) / (1 - y), for keys that pass check_key ()."""
    check_key(public)
    y = decode(public)[1]
    return ((1 + y) * pow(1 - y, -1, P) % P).to_bytes(32, "little")


def private_to_x25519(seed):
    scalar = bytearray(hashlib.sha512(seed).digest()[:32])
    scalar[0] &= 248
    scalar[31] = scalar[31] & 127 | 64
    return bytes(scalar)
