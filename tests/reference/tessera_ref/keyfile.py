# SPDX-License-Identifier: GPL-3.0-or-later
"""Section 12: key files. Argon2id is libcrypto's."""
import ctypes

from .basics import Reader, Refusal, Unauthentic, check, hkdf, seal, u8, u32, unseal, var16
from .kem import OCTETS, Param, done, lib

MAGIC, MOST, LANES, UNSIGNED = b"TESSKEYS", 1024, 1, 2  # OSSL_PARAM_UNSIGNED_INTEGER
PASSES, MEMORY = range(1, 17), range(8, 1024 * 1024 + 1)
for function, types in {"EVP_KDF_fetch": "pss", "EVP_KDF_CTX_new": "p", "EVP_KDF_derive": "pszp", "EVP_KDF_CTX_free": "p",
                        "EVP_KDF_free": "p"}.items():
    kinds = {"p": ctypes.c_void_p, "s": ctypes.c_char_p, "z": ctypes.c_size_t}
    getattr(lib, function).argtypes = [kinds[kind] for kind in types]
lib.EVP_KDF_fetch.restype = lib.EVP_KDF_CTX_new.restype = ctypes.c_void_p


class Damaged(Refusal):
    """The passphrase is right, what it opens is not what was written."""
    verdict = "damaged"


def argon2id(passphrase, salt, passes, memory_kib):
    """32 bytes, one lane."""
    octets = {b"pass": passphrase, b"salt": salt}
    numbers = {b"iter": passes, b"lanes": LANES, b"memcost": memory_kib, b"threads": 1}
    buffers = [ctypes.create_string_buffer(data, len(data)) for data in octets.values()]
    values = [ctypes.c_uint32(number) for number in numbers.values()]
    params = [Param(name, OCTETS, ctypes.addressof(buffer), len(buffer), 0) for name, buffer in zip(octets, buffers)]
    params += [Param(name, UNSIGNED, ctypes.addressof(value), 4, 0) for name, value in zip(numbers, values)]
    array = (Param * (len(params) + 1))(*params, Param())
    kdf = lib.EVP_KDF_fetch(None, b"ARGON2ID", None)
    context = lib.EVP_KDF_CTX_new(kdf)
    out = ctypes.create_string_buffer(32)
    done(lib.EVP_KDF_derive(context, out, 32, ctypes.addressof(array)))
    lib.EVP_KDF_CTX_free(context)
    lib.EVP_KDF_free(kdf)
    return out.raw


def stretch(passphrase, salt, passes, memory_kib):
    """(commitment, key)"""
    keys = hkdf(b"", argon2id(passphrase, salt, passes, memory_kib), b"Tessera-v1/Key-File", 64)
    return keys[:32], keys[32:]


def wrap(passphrase, passes, memory_kib, salt, nonce, secret):
    check(1 <= len(secret) <= MOST and 1 <= len(passphrase) <= MOST, "too short or too long")
    commitment, key = stretch(passphrase, salt, passes, memory_kib)
    header = MAGIC + u8(1) + u32(passes) + u32(memory_kib) + salt + commitment + nonce
    return header + var16(seal(key, nonce, header, secret))


def open_file(passphrase, data):
    reader = Reader(data)
    check(reader.take(8) == MAGIC and reader.number(1) == 1, "no key file")
    passes, memory_kib = reader.number(4), reader.number(4)
    salt, commitment, nonce = reader.take(16), reader.take(32), reader.take(24)
    header, sealed = reader.data[:reader.at], reader.var(2)
    reader.end()
    check(17 <= len(sealed) <= MOST + 16 and passes in PASSES and memory_kib in MEMORY, "out of bounds")
    expected, key = stretch(passphrase, salt, passes, memory_kib)
    if expected != commitment:
        raise Unauthentic("another passphrase")
    try:
        return unseal(key, nonce, header, sealed)
    except Unauthentic:
        raise Damaged("damaged") from None
