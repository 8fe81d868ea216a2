# SPDX-License-Identifier: GPL-3.0-or-later
"""Section 3: the Double Ratchet with an interleaved ML-KEM exchange."""
import copy
from dataclasses import dataclass, field

from . import kem
from .basics import DAY, Duplicate, Reader, check, dh, hkdf, hmac, seal, u8, u32, unseal, x25519_public

VERSION, OFFER, ANSWER = b"\x01", 1, 2
KEM_BYTES = {OFFER: kem.EK, ANSWER: kem.CT}
AHEAD, MOST_STORED, MOST_ENDED, STORED_FOR, LAST_NUMBER = 1000, 2000, 64, 30 * DAY, 2**32 - 1


@dataclass
class Header:
    dh: bytes
    previous: int
    number: int
    kem: int
    kem_field: bytes

    def encode(self):
        return VERSION + self.dh + u32(self.previous) + u32(self.number) + u8(self.kem) + self.kem_field


def split_message(message):
    """The header, its bytes, the nonce and what is sealed."""
    reader = Reader(message)
    check(reader.take(1) == VERSION, "another version")
    public, previous, number, kind = reader.take(32), reader.number(4), reader.number(4), reader.number(1)
    check(number != LAST_NUMBER, "a number too far ahead")
    check(kind in KEM_BYTES, "another kem")
    header = Header(public, previous, number, kind, reader.take(KEM_BYTES[kind]))
    head, nonce, sealed = reader.data[:reader.at], reader.take(24), reader.rest()
    check(len(sealed) >= 16, "short")
    return header, head, nonce, sealed


def step_root(rk, secret):
    out = hkdf(rk, secret, b"Tessera-v1/Root", 64)
    return out[:32], out[32:]


def step_chain(ck):
    return hmac(ck, b"\x01"), hmac(ck, b"\x02")


def message_key(mk):
    return hkdf(b"", mk, b"Tessera-v1/Message", 32)


@dataclass
class Session:
    """One side. A field that is None is not there (any more)."""
    initiator: bool
    ad: bytes
    rk: bytes
    their_dh: bytes | None  # the initiator's first: SPKb
    own_private: bytes | None  # the responder's first: SPKb's private half
    heard: bool = False  # whether a chain of theirs began
    send_ck: bytes | None = None
    sent: int = 0
    previous: int = 0
    receive_ck: bytes | None = None
    next: int = 0
    offer_seed: bytes | None = None
    their_offer: bytes | None = None
    kem_field: bytes = b""
    stored: dict = field(default_factory=dict)  # (DH key, number): (mk, when), oldest first
    ended: list = field(default_factory=list)
    last_mk: bytes = b""

    def encrypt(self, content, random):
        if self.send_ck is None:
            self._begin_sending(random)
        check(self.sent < LAST_NUMBER, "the chain is full")
        mk, self.send_ck = step_chain(self.send_ck)
        kind = OFFER if self.initiator else ANSWER
        head = Header(x25519_public(self.own_private), self.previous, self.sent, kind, self.kem_field).encode()
        self.sent += 1
        self.last_mk = mk
        nonce = random.draw(24)
        return head + nonce + seal(message_key(mk), nonce, self.ad + head, content)

    def _begin_sending(self, random):
        check(self.initiator or self.heard, "the responder cannot send first")
        private, secret = random.draw(32), b""
        if self.initiator:
            self.offer_seed = random.draw(64)
            self.kem_field = kem.ek_of(self.offer_seed)
        else:
            self.kem_field, secret = kem.encapsulate(self.their_offer, random.draw(32))
        self.own_private, self.previous, self.sent = private, self.sent, 0
        self.rk, self.send_ck = step_root(self.rk, dh(private, self.their_dh) + secret)

    def decrypt(self, message, now):
        """The content; the state changes only on success."""
        trial = copy.copy(self)
        trial.stored, trial.ended = dict(self.stored), list(self.ended)
        content = trial._decrypt(message, now)
        self.__dict__.update(trial.__dict__)
        return content

    def _decrypt(self, message, now):
        header, head, nonce, sealed = split_message(message)
        self.stored = {name: kept for name, kept in self.stored.items() if now - kept[1] <= STORED_FOR}
        name = (header.dh, header.number)
        if name in self.stored:
            mk = self.stored.pop(name)[0]
        else:
            if not self.heard or header.dh != self.their_dh:
                if header.dh in self.ended:
                    raise Duplicate("an unknown number of an ended chain")
                self._begin_receiving(header, now)
            mk = self._step_to(header.number, now)
        self.last_mk = mk
        return unseal(message_key(mk), nonce, self.ad + head, sealed)

    def _step_to(self, number, now):
        if number < self.next:
            raise Duplicate("a number below the next")
        check(number - self.next <= AHEAD, "a number too far ahead")
        self._store_until(number, now)
        mk, self.receive_ck = step_chain(self.receive_ck)
        self.next += 1
        return mk

    def _store_until(self, number, now):
        while self.next < number:
            mk, self.receive_ck = step_chain(self.receive_ck)
            self.stored[self.their_dh, self.next] = (mk, now)
            self.next += 1
        while len(self.stored) > MOST_STORED:
            del self.stored[next(iter(self.stored))]

    def _begin_receiving(self, header, now):
        """A new chain of theirs: the checks come before anything is derived."""
        check(header.number <= AHEAD, "a number too far ahead")
        if self.heard:
            check(self.next <= header.previous <= self.next + AHEAD, "previous is out of bounds")
        else:
            check(header.previous == 0, "previous of a first chain")
        check(self.send_ck is not None or not (self.heard or self.initiator), "a new chain that answers nothing")
        check(header.kem == (ANSWER if self.initiator else OFFER), "the other side's kem")
        secret = b""
        if self.initiator:
            secret = kem.decapsulate(self.offer_seed, header.kem_field)
        else:
            kem.check_ek(header.kem_field)
            self.their_offer = header.kem_field
        if self.heard:
            self._store_until(header.previous, now)
            self.ended = (self.ended + [self.their_dh])[-MOST_ENDED:]
        self.rk, self.receive_ck = step_root(self.rk, dh(self.own_private, header.dh) + secret)
        self.their_dh, self.heard, self.next = header.dh, True, 0
        self.own_private = self.send_ck = self.offer_seed = None


def initiator(sk, ad, spk):
    return Session(True, ad, sk, spk, None)


def responder(sk, ad, spk_private):
    return Session(False, ad, sk, None, spk_private)
