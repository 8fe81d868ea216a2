# SPDX-License-Identifier: GPL-3.0-or-later
"""The bounds of protocol.md 3, each from both sides: a sender that has the keys but not the rules, against both receivers."""
from reftest import NOW, OK, Both, Draws, Party, PySide, RefTest, main
from tessera_ref import kem, ratchet
from tessera_ref.basics import DAY, seal, x25519_public

AHEAD, LAST = 1000, 2**32 - 1


def forge(side, content=b"forged", move=True, **changes):
    """A message of @side's open chain, or a new one, whose header has some fields changed; sealed as it then is."""
    session = side.session
    if session.send_ck is None:
        session._begin_sending(side.random)
    mk, ck = ratchet.step_chain(session.send_ck)
    kind = ratchet.OFFER if session.initiator else ratchet.ANSWER
    header = ratchet.Header(x25519_public(session.own_private), session.previous, session.sent, kind, session.kem_field)
    header.__dict__.update(changes)
    if move:
        session.send_ck, session.sent = ck, session.sent + 1
    head, nonce = header.encode(), side.random.draw(24)
    return head + nonce + seal(ratchet.message_key(mk), nonce, session.ad + head, content)


def skip(side, count):
    """Lets @count messages of the open chain be lost."""
    for _ in range(count):
        side.session.send_ck = ratchet.step_chain(side.session.send_ck)[1]
        side.session.sent += 1


def new_chain(side):
    """Lets the next message start a chain, whatever was received."""
    side.session.send_ck = None


class Bounds(RefTest):
    def settings(self):
        """(the evil sender, both receivers) in both roles, some turns into a session: the next message is the sender's, and
        starts a chain; the chain before has 3 messages, of which the last has not arrived."""
        for evil_starts in (True, False):
            evil, both = PySide(Draws(self.random)), Both(self)
            alice, bob = self.pair(True, *((evil, both) if evil_starts else (both, evil)))
            for _ in range(2):
                self.pass_on(bob, alice)
                self.pass_on(alice, bob)
            if evil_starts:
                self.pass_on(both, evil)
            for _ in range(2):
                self.pass_on(evil, both)
            self.lost = self.verdict(OK, evil.encrypt(b"late"))
            self.pass_on(both, evil)
            yield evil, both

    def test_ahead_in_open_chain(self):
        for evil, both in self.settings():
            self.pass_on(evil, both)
            for distance in (AHEAD, AHEAD - 1, 1, 0):
                skip(evil, distance)
                self.pass_on(evil, both)
            skip(evil, AHEAD)
            message = self.verdict(OK, evil.encrypt(b"at the bound"))
            too_far = self.verdict(OK, evil.encrypt(b"beyond"))
            self.verdict("refused", both.decrypt(too_far))
            self.assertEqual(both.decrypt(message), (OK, b"at the bound"))
            self.assertEqual(both.decrypt(too_far), (OK, b"beyond"))

    def test_last_number(self):
        for evil, both in self.settings():
            self.pass_on(evil, both)
            for number in (LAST, LAST - 1, AHEAD + 2):
                self.verdict("refused", both.decrypt(forge(evil, move=False, number=number)))
            new_chain(evil)
            for number in (LAST, LAST - 1, AHEAD + 1):
                self.verdict("refused", both.decrypt(forge(evil, move=False, number=number)))
            # Under an ended chain too, where any other unknown number is a duplicate.
            ended = both.session.ended[-1]
            self.verdict("duplicate", both.decrypt(forge(evil, move=False, dh=ended, number=LAST - 1)))
            self.verdict("refused", both.decrypt(forge(evil, move=False, dh=ended, number=LAST)))

    def test_new_chain_number(self):
        for distance, expected in ((AHEAD, OK), (AHEAD + 1, "refused")):
            for evil, both in self.settings():
                self.verdict("refused", both.decrypt(forge(evil, move=False, number=AHEAD + 1)))
                skip(evil, distance)
                self.verdict(expected, both.decrypt(forge(evil)))

    def test_new_chain_previous(self):
        for previous, expected in ((1, "refused"), (2, OK), (3, OK), (AHEAD + 2, OK), (AHEAD + 3, "refused"), (LAST, "refused"),
                                   (0, "refused")):
            for evil, both in self.settings():
                self.verdict(expected, both.decrypt(forge(evil, previous=previous)))
                if expected == OK:  # what the old chain still lacked is stored, as far as previous says
                    self.verdict(OK if previous >= 3 else "duplicate", both.decrypt(self.lost))

    def test_both_bounds_at_once(self):
        for evil, both in self.settings():
            forge(evil, move=False)
            skip(evil, AHEAD)
            self.verdict(OK, both.decrypt(forge(evil, previous=2 + AHEAD)))
            self.assertEqual(len(both.session.stored), 2 * AHEAD)
            self.assertEqual(both.decrypt(self.lost), (OK, b"late"))

    def test_first_chain(self):
        """previous must be 0 in a first chain, whoever's."""
        us, them = Party(self.random), Party(self.random)
        for evil_starts in (True, False):
            evil, both = PySide(Draws(self.random)), Both(self)
            alice, bob = (evil, both) if evil_starts else (both, evil)
            hello = alice.start(us, them, True)
            first = forge(evil) if evil_starts else self.verdict(OK, both.encrypt(b"first"))
            self.verdict(OK, bob.answer(them, us.public, hello + first, True))
            if not evil_starts:
                self.verdict(OK, evil.decrypt(first))
            for previous in (1, AHEAD, LAST):
                self.verdict("refused", both.decrypt(forge(evil, move=False, previous=previous)))
            self.verdict(OK, both.decrypt(forge(evil)))

    def test_chain_that_answers_nothing(self):
        for evil, both in self.settings():
            self.pass_on(evil, both)
            root, new = evil.session.rk, forge(evil, move=False)
            new_chain(evil)
            evil.session.previous, evil.session.their_dh = 0, both.session.their_dh
            self.verdict("refused", both.decrypt(forge(evil, move=False, previous=1)))
            evil.session.rk = root
            self.verdict("duplicate", both.decrypt(new[:37] + bytes(4) + new[41:]))

    def test_kem_of_first_message(self):
        overflow = (3329).to_bytes(2, "little") + bytes(kem.EK - 2)
        for evil, both in self.settings():
            offer, answer = {"kem": 1, "kem_field": kem.ek_of(bytes(64))}, {"kem": 2, "kem_field": bytes(kem.CT)}
            unreduced = {"kem": 1, "kem_field": overflow}
            mine = [offer, answer] if evil.session.initiator else [answer, offer]
            for wrong in [mine[1]] + ([unreduced] if evil.session.initiator else []):
                self.verdict("refused", both.decrypt(forge(evil, move=False, **wrong)))
            for kind in (0, 3, 255):
                self.verdict("refused", both.decrypt(forge(evil, move=False, kem=kind)))
            self.pass_on(evil, both)
            # Later in the chain the field is authenticated, and otherwise ignored.
            for other in (mine[0], mine[1], unreduced):
                self.verdict(OK, both.decrypt(forge(evil, **other)))
            self.verdict("refused", both.decrypt(forge(evil, move=False, kem=3)))

    def test_small_order(self):
        for evil, both in self.settings():
            for point in (bytes(32), b"\x01" + bytes(31), (2**255 - 20).to_bytes(32, "little"), b"\xff" * 32):
                verdict = both.decrypt(forge(evil, move=False, dh=point))[0]
                self.assertEqual(verdict, "auth" if point == b"\xff" * 32 else "refused")
            self.pass_on(evil, both)

    def test_stored_keys(self):
        """2,000 a session, the oldest dropped first."""
        for evil, both in self.settings():
            self.pass_on(evil, both)
            early = [self.verdict(OK, evil.encrypt(b"early")) for _ in range(3)]
            skip(evil, AHEAD - 3)
            self.pass_on(evil, both)
            skip(evil, AHEAD - 1)
            self.pass_on(evil, both)  # with the lost one of the chain before: 2,000
            self.assertEqual(len(both.session.stored), 2 * AHEAD)
            skip(evil, 2)
            self.pass_on(evil, both)
            self.assertEqual(len(both.session.stored), 2 * AHEAD)
            self.verdict("duplicate", both.decrypt(self.lost))
            self.verdict("duplicate", both.decrypt(early[0]))
            self.assertEqual(both.decrypt(early[1]), (OK, b"early"))

    def test_age_of_stored_keys(self):
        for days, more, expected in ((30, 0, OK), (30, 1, "duplicate"), (60, 0, "duplicate")):
            for evil, both in self.settings():
                self.pass_on(evil, both)
                self.verdict(expected, both.decrypt(self.lost, NOW + days * DAY + more))

    def test_ended_chains(self):
        """Of the newest 64 an unknown number is a duplicate; of an older one it is tried as a new chain."""
        for evil, both in self.settings():
            old = [self.pass_on(evil, both)]
            kept = self.verdict(OK, evil.encrypt(b"kept"))
            for _ in range(65):
                self.pass_on(both, evil)
                old.append(self.pass_on(evil, both))
            self.verdict("refused", both.decrypt(old[0]))  # it would be a second chain without our having sent
            self.pass_on(both, evil)
            self.verdict("auth", both.decrypt(old[0]))  # its previous fits; its keys do not
            self.verdict("duplicate", both.decrypt(old[1]))
            self.assertEqual(both.decrypt(kept), (OK, b"kept"))

    def test_any_header(self):
        """Headers of edge values in any mixture, sealed well or not, in a session that goes on."""
        for evil, both in self.settings():
            points = [bytes(32), b"\x09" + bytes(31), both.session.ended[0], both.session.their_dh]
            for _ in range(250):
                numbers = (0, 1, 2, 3, both.session.next, both.session.next + AHEAD, both.session.next + AHEAD + 1, AHEAD,
                           AHEAD + 1, LAST - 1, LAST)
                changes = {}
                for name, values in (("dh", points), ("previous", numbers), ("number", numbers), ("kem", (0, 1, 2, 3))):
                    if self.random.random() < 0.35:
                        changes[name] = self.random.choice(values)
                kind = changes.get("kem", 1 if evil.session.initiator else 2)
                changes["kem_field"] = kem.ek_of(self.random.randbytes(64)) if kind == 1 else self.random.randbytes(kem.CT)
                if evil.session.send_ck is not None and self.random.random() < 0.1:
                    new_chain(evil)
                both.decrypt(forge(evil, move=False, **changes))
                if self.random.random() < 0.1:
                    self.verdict(OK, both.encrypt(b"something"))


if __name__ == "__main__":
    main()
