# SPDX-License-Identifier: GPL-3.0-or-later
"""Section 0: ML-KEM-768 (FIPS 203) by libcrypto, with every random input given, and X-Wing from draft-connolly-cfrg-xwing-kem."""
import ctypes
import hashlib

from .basics import check, check_x25519, dh, x25519_public

EK, CT, SS, XWING_EK, XWING_CT = 1184, 1088, 32, 1216, 1120
Q = 3329


class Param(ctypes.Structure):
    """OSSL_PARAM."""
    _fields_ = [("key", ctypes.c_char_p), ("type", ctypes.c_uint), ("data", ctypes.c_void_p), ("size", ctypes.c_size_t),
                ("returned", ctypes.c_size_t)]


OCTETS = 5  # OSSL_PARAM_OCTET_STRING
KEYPAIR = 0x87  # EVP_PKEY_KEYPAIR
lib = ctypes.CDLL("libcrypto.so.3")
for function, types in {
    "EVP_PKEY_CTX_new_from_name": "pss", "EVP_PKEY_CTX_new_from_pkey": "ppp", "EVP_PKEY_CTX_free": "p", "EVP_PKEY_free": "p",
    "EVP_PKEY_fromdata_init": "p", "EVP_PKEY_fromdata": "ppip", "EVP_PKEY_new_raw_public_key_ex": "psssz",
    "EVP_PKEY_get_raw_public_key": "psp", "EVP_PKEY_encapsulate_init": "pp", "EVP_PKEY_encapsulate": "pspsp",
    "EVP_PKEY_decapsulate_init": "pp", "EVP_PKEY_decapsulate": "pspsz",
}.items():
    kinds = {"p": ctypes.c_void_p, "s": ctypes.c_char_p, "i": ctypes.c_int, "z": ctypes.c_size_t}
    getattr(lib, function).argtypes = [kinds[kind] for kind in types]
for function in ("EVP_PKEY_CTX_new_from_name", "EVP_PKEY_CTX_new_from_pkey", "EVP_PKEY_new_raw_public_key_ex"):
    getattr(lib, function).restype = ctypes.c_void_p


def params(name, data):
    buffer = ctypes.create_string_buffer(data, len(data))
    array = (Param * 2)(Param(name, OCTETS, ctypes.addressof(buffer), len(data), 0), Param())
    array.kept = buffer
    return array


def done(code):
    if code != 1:
        raise RuntimeError("libcrypto refused")


class Key:
    """An EVP_PKEY: from a 64-byte seed d || z, or from an encapsulation key."""

    def __init__(self, seed=None, ek=None):
        self.pkey = ctypes.c_void_p()
        if ek is not None:
            self.pkey.value = lib.EVP_PKEY_new_raw_public_key_ex(None, b"ML-KEM-768", None, ek, len(ek))
            done(1 if self.pkey.value else 0)
            return
        context = lib.EVP_PKEY_CTX_new_from_name(None, b"ML-KEM-768", None)
        done(lib.EVP_PKEY_fromdata_init(context))
        done(lib.EVP_PKEY_fromdata(context, ctypes.addressof(self.pkey), KEYPAIR, params(b"seed", seed)))
        lib.EVP_PKEY_CTX_free(context)

    def __del__(self):
        lib.EVP_PKEY_free(self.pkey)

    def public(self):
        out, size = ctypes.create_string_buffer(EK), ctypes.c_size_t(EK)
        done(lib.EVP_PKEY_get_raw_public_key(self.pkey, out, ctypes.addressof(size)))
        return out.raw

    def encapsulate(self, m):
        context = lib.EVP_PKEY_CTX_new_from_pkey(None, self.pkey, None)
        ct, ss = ctypes.create_string_buffer(CT), ctypes.create_string_buffer(SS)
        ct_size, ss_size = ctypes.c_size_t(CT), ctypes.c_size_t(SS)
        done(lib.EVP_PKEY_encapsulate_init(context, params(b"ikme", m)))
        done(lib.EVP_PKEY_encapsulate(context, ct, ctypes.addressof(ct_size), ss, ctypes.addressof(ss_size)))
        lib.EVP_PKEY_CTX_free(context)
        return ct.raw, ss.raw

    def decapsulate(self, ct):
        context = lib.EVP_PKEY_CTX_new_from_pkey(None, self.pkey, None)
        ss, size = ctypes.create_string_buffer(SS), ctypes.c_size_t(SS)
        done(lib.EVP_PKEY_decapsulate_init(context, None))
        done(lib.EVP_PKEY_decapsulate(context, ss, ctypes.addressof(size), ct, len(ct)))
        lib.EVP_PKEY_CTX_free(context)
        return ss.raw


def check_ek(ek):
    """FIPS 203, 7.2: the length, and every coefficient below q."""
    check(len(ek) == EK, "an ek has 1,184 bytes")
    for at in range(0, EK - 32, 3):
        low, middle, high = ek[at:at + 3]
        check(low | (middle & 15) << 8 < Q and middle >> 4 | high << 4 < Q, "an ek is not reduced")


def ek_of(seed):
    return Key(seed=seed).public()


def encapsulate(ek, m):
    check_ek(ek)
    return Key(ek=ek).encapsulate(m)


def decapsulate(seed, ct):
    check(len(ct) == CT, "a ct has 1,088 bytes")
    return Key(seed=seed).decapsulate(ct)


def xwing_expand(seed):
    expanded = hashlib.shake_256(seed).digest(96)
    return expanded[:64], expanded[64:]


def xwing_ek_of(seed):
    seed_m, private_x = xwing_expand(seed)
    return ek_of(seed_m) + x25519_public(private_x)


def xwing_check_ek(ek):
    check(len(ek) == XWING_EK, "an X-Wing ek has 1,216 bytes")
    check_ek(ek[:EK])
    check_x25519(ek[EK:])


def xwing_combine(ss_m, ss_x, ct_x, public_x):
    return hashlib.sha3_256(ss_m + ss_x + ct_x + public_x + b"\\.//^\\").digest()


def xwing_encapsulate(ek, eseed):
    """@eseed: 32 bytes for ML-KEM, 32 of an X25519 private key."""
    xwing_check_ek(ek)
    ct_m, ss_m = encapsulate(ek[:EK], eseed[:32])
    ct_x = x25519_public(eseed[32:])
    return ct_m + ct_x, xwing_combine(ss_m, dh(eseed[32:], ek[EK:]), ct_x, ek[EK:])


def xwing_decapsulate(seed, ct):
    check(len(ct) == XWING_CT, "an X-Wing ct has 1,120 bytes")
    seed_m, private_x = xwing_expand(seed)
    ct_m, ct_x = ct[:CT], ct[CT:]
    return xwing_combine(decapsulate(seed_m, ct_m), dh(private_x, ct_x), ct_x, x25519_public(private_x))
