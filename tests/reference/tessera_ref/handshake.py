# SPDX-License-Identifier: GPL-3.0-or-later
"""Section 2: X3DH, then ML-KEM."""
from dataclasses import dataclass

from . import ed25519, kem, records
from .basics import SUITE, Reader, check, dh, hkdf, sha256, u32, var16, x25519_public


@dataclass
class Person:
    """One device of an account, by the public keys."""
    account: bytes
    device: bytes


@dataclass
class Hello:
    ek_a: bytes
    spk_id: int
    opk_id: int
    ct: bytes
    device_list: bytes

    def encode(self):
        return self.ek_a + u32(self.spk_id) + u32(self.opk_id) + self.ct + var16(self.device_list)


@dataclass
class Agreed:
    """What both sides hold: SK and AD, and on the way DH1 to DH4, S1 and H(T)."""
    dhs: list
    s1: bytes
    transcript: bytes
    sk: bytes
    ad: bytes


def split_hello(body):
    """The hello in front of a body of type 1, and the ratchet message behind it."""
    reader = Reader(body)
    hello = Hello(reader.take(32), reader.number(4), reader.number(4), reader.take(kem.CT), reader.var(2))
    return hello, reader.rest()


def agree(dhs, ss, a, b, hello, spk, opk, ek):
    s1 = hkdf(bytes(32), b"\xff" * 32 + b"".join(dhs), b"Tessera-v1/X3DH", 32)
    transcript = sha256(SUITE + a.account + a.device + b.account + b.device + hello.ek_a + u32(hello.spk_id) + spk
                        + u32(hello.opk_id) + opk + ek + hello.ct)
    sk = hkdf(s1, ss, b"Tessera-v1/PQXDH" + transcript, 32)
    ad = sha256(b"Tessera-v1/AD" + SUITE + a.account + a.device + b.account + b.device)
    return Agreed(dhs, s1, transcript, sk, ad)


def initiate(a, device_seed, own_list, b, prekey, one_time, ephemeral, m):
    """@ephemeral: EKa's private half; @m: the randomness of the encapsulation. The prekeys are read, so checked, before."""
    dhs = [dh(ed25519.private_to_x25519(device_seed), prekey.spk), dh(ephemeral, ed25519.to_x25519(b.device)),
           dh(ephemeral, prekey.spk)]
    if one_time is not None:
        dhs.append(dh(ephemeral, one_time.opk))
    ek = prekey.ek if one_time is None else one_time.ek
    ct, ss = kem.encapsulate(ek, m)
    hello = Hello(x25519_public(ephemeral), prekey.spk_id, 0 if one_time is None else one_time.id, ct, own_list)
    opk = bytes(32) if one_time is None else one_time.opk
    return hello, agree(dhs, ss, a, b, hello, prekey.spk, opk, ek)


@dataclass
class Private:
    """The private halves that a hello names: X25519 keys, and ML-KEM seeds."""
    spk: bytes
    last_resort: bytes
    opk: bytes | None = None
    one_time: bytes | None = None


def respond(b, device_seed, private, a, hello):
    """@private: the halves of hello.spk_id and hello.opk_id. The sender @a is the one whom the envelope names."""
    listed = records.read_device_list(hello.device_list)
    check(listed.account == a.account, "another account's list")
    check(a.device in [device.key for device in listed.devices], "the sender's device is not in its list")
    check((hello.opk_id == 0) == (private.opk is None), "a one-time prekey that is not held")
    dhs = [dh(private.spk, ed25519.to_x25519(a.device)), dh(ed25519.private_to_x25519(device_seed), hello.ek_a),
           dh(private.spk, hello.ek_a)]
    if private.opk is not None:
        dhs.append(dh(private.opk, hello.ek_a))
    seed = private.last_resort if private.opk is None else private.one_time
    opk = bytes(32) if private.opk is None else x25519_public(private.opk)
    ss = kem.decapsulate(seed, hello.ct)
    return agree(dhs, ss, a, b, hello, x25519_public(private.spk), opk, kem.ek_of(seed))
