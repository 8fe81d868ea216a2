# SPDX-License-Identifier: GPL-3.0-or-later
"""tests/vectors/session-v1.json made a second time by tessera_ref: each section from the inputs that stand in it.

test_vectors.py FILE. A section's function takes the inputs from what stands there and computes everything else, so the two are
equal only when every member of the file is an input or right.
"""
import copy
import hashlib
import inspect
import json
import sys

sys.dont_write_bytecode = True
from reftest import OK, Tap, judge  # noqa: E402
from tessera_ref import address, backup, content, ed25519, envelope, handshake, kem, keyfile  # noqa: E402
from tessera_ref import ratchet, records, recovery  # noqa: E402
from tessera_ref.basics import Random, check, dh, hmac, u8, u32, u64, x25519_public  # noqa: E402
import unittest  # noqa: E402

unhex = bytes.fromhex


def hash_of(data):
    return hashlib.sha256(data).hexdigest()


def patched(base, made):
    """@base with the `changes` of @made: appended where they reach beyond it, and cut to `length`."""
    data = bytearray(base)
    for change in made["changes"]:
        field = unhex(change["bytes"])
        data[change["at"]:change["at"] + len(field)] = field
    return bytes(data[:made.get("length")])


class Person:
    """One of `people`, from the private halves."""

    def __init__(self, given):
        self.account_seed, self.device_seed = unhex(given["account_seed"]), unhex(given["device_seed"])
        self.public = handshake.Person(ed25519.public_of(self.account_seed), ed25519.public_of(self.device_seed))
        prekey, one_time = given["prekey"], given["one_time"]
        self.spk, self.last_resort = unhex(prekey["spk_private"]), unhex(prekey["last_resort_seed"])
        self.envelope_seed, self.envelope_key_id = unhex(prekey["envelope_seed"]), prekey["envelope_key_id"]
        self.envelope_ek = kem.xwing_ek_of(self.envelope_seed)
        self.opk, self.one_time_seed = unhex(one_time["opk_private"]), unhex(one_time["seed"])
        self.list = records.DeviceList(self.public.account, given["device_list"]["version"])
        for device in given["device_list"]["devices"]:
            self.list.vouch(device["number"], unhex(device["seed"]), device["added"])
        self.signed_list = self.list.signed(self.account_seed)
        self.prekey = records.Prekey(self.public.device, prekey["spk_id"], x25519_public(self.spk), kem.ek_of(self.last_resort),
                                     self.envelope_key_id, self.envelope_ek, prekey["created"], prekey["expires"])
        self.one_time = records.OneTime(self.public.device, one_time["id"], x25519_public(self.opk),
                                        kem.ek_of(self.one_time_seed))

    def private(self, with_one_time):
        if with_one_time:
            return handshake.Private(self.spk, self.last_resort, self.opk, self.one_time_seed)
        return handshake.Private(self.spk, self.last_resort)


class Sections:
    """Each method is a member of the file: it fills in what it computes, and gives it back."""

    def __init__(self, file):
        self.file = file
        self.person = {given["name"]: Person(given) for given in file["people"]}

    def protocol(self, given):
        return 1

    def now(self, given):
        return self.person["alice"].prekey.created

    def people(self, given):
        for one in given:
            person = self.person[one["name"]]
            one.update(account=person.public.account.hex(), device=person.public.device.hex(),
                       device_x25519_private=ed25519.private_to_x25519(person.device_seed).hex(),
                       device_x25519=ed25519.to_x25519(person.public.device).hex())
            self.fill_list(one["device_list"], person)
            one["prekey"].update(spk=person.prekey.spk.hex(), signed=person.prekey.signed(person.device_seed).hex())
            one["one_time"].update(opk=person.one_time.opk.hex(), signed=person.one_time.signed(person.device_seed).hex())
            records.read_prekey(unhex(one["prekey"]["signed"]), person.public.device, self.file["now"])
            records.read_one_time(unhex(one["one_time"]["signed"]), person.public.device)
        return given

    @staticmethod
    def fill_list(given, person):
        made = records.DeviceList(person.public.account, given["version"])
        for device in given["devices"]:
            made.vouch(device["number"], unhex(device["seed"]), device["added"])
            device["signature"] = made.devices[-1].signature.hex()
        given["signed"] = made.signed(person.account_seed).hex()
        check(records.read_device_list(unhex(given["signed"])) == made, "read otherwise than made")

    def device_lists(self, given):
        for one in given:
            self.fill_list(one, self.person[one["account"]])
        return given

    def records(self, given):
        for one in given:
            person = self.person[one["person"]]
            base, role, seed, read = {
                "device_list": (person.signed_list, "device-list", person.account_seed, records.read_device_list),
                "prekey": (person.prekey.signed(person.device_seed), "prekey", person.device_seed,
                           lambda data: records.read_prekey(data, person.public.device, one["now"])),
                "one_time": (person.one_time.signed(person.device_seed), "one-time", person.device_seed,
                             lambda data: records.read_one_time(data, person.public.device)),
            }[one["kind"]]
            if one["signed"]:
                first = patched(base, {"changes": one["changes"][:1]})
                signature = ed25519.sign(seed, role, first[:-64])
                one["changes"][1:] = [{"at": len(base) - 64, "bytes": signature.hex()}]
            one["verdict"] = judge(read, patched(base, one))[0]
        return given

    def list_orders(self, given):
        for one in given:
            known, new = one["known_version"], one["version"]
            if new == known:
                one["verdict"] = "same" if one["same_content"] else "conflict"
            else:
                one["verdict"] = "older" if new < known else "newer" if new - known <= 1000 else "jump"
        return given

    def initiate(self, one):
        a, b = self.person[one["initiator"]], self.person[one["responder"]]
        one_time = b.one_time if one["one_time"] else None
        return handshake.initiate(a.public, a.device_seed, a.signed_list, b.public, b.prekey, one_time,
                                  unhex(one["ephemeral_private"]), unhex(one["m"]))

    def respond(self, one, hello, holds_one_time):
        a, b = self.person[one["initiator"]], self.person[one["responder"]]
        return handshake.respond(b.public, b.device_seed, b.private(holds_one_time), a.public, handshake.split_hello(hello)[0])

    def handshakes(self, given):
        for one in given:
            b = self.person[one["responder"]]
            hello, agreed = self.initiate(one)
            check(self.respond(one, hello.encode(), one["one_time"]) == agreed, "the responder agrees to something else")
            ss = kem.decapsulate(b.one_time_seed if one["one_time"] else b.last_resort, hello.ct)
            one.update(ephemeral=hello.ek_a.hex(), dh=[each.hex() for each in agreed.dhs], s1=agreed.s1.hex(), ss=ss.hex(),
                       transcript_hash=agreed.transcript.hex(), sk=agreed.sk.hex(), ad=agreed.ad.hex())
            one["hello"] = hello.encode().hex()
        return given

    def hellos(self, given):
        for one in given:
            base = self.file["handshakes"][one["handshake"]]
            hello = patched(self.initiate(base)[0].encode(), one)
            one["verdict"], agreed = judge(self.respond, base, hello, one["holds_one_time"])
            if agreed is not None:
                one["sk"] = agreed.sk.hex()
        return given

    def sessions(self, given):
        return [Run(self, one).play() for one in given]

    def sealed(self, one):
        a, b = self.person[one["from"]], self.person[one["to"]]
        body = unhex(one["body"]) if "body" in one else b"\xab" * one["body_of_ab"]
        return envelope.seal_envelope(b.envelope_key_id, b.envelope_ek, b.public.device, one["type"], a.public, body,
                                      unhex(one["eseed"]))

    def envelopes(self, given):
        runs = self.file["sessions"][0]["steps"]
        sent = [step["message"] for step in runs if "send" in step]
        given[0]["body"] = self.file["handshakes"][0]["hello"] + sent[0]
        given[1]["body"] = sent[3]
        for one in given:
            a, b = self.person[one["from"]], self.person[one["to"]]
            sealed = self.sealed(one)
            ct, ss = kem.xwing_encapsulate(b.envelope_ek, unhex(one["eseed"]))
            kind, account, device, body = envelope.open_envelope(sealed, b.envelope_seed, b.public.device)
            check((kind, account, device) == (one["type"], a.public.account, a.public.device), "opened as another's")
            check(sealed[5:5 + len(ct)] == ct, "another ct")
            inner = envelope.inner_of(kind, a.public, body)
            padding = len(sealed) - envelope.OUTSIDE - len(inner)
            one.update(ss=ss.hex(), key=envelope.key_of(ss).hex(), padding=padding, inner_hash=hash_of(inner + bytes(padding)),
                       size=len(sealed), envelope_hash=hash_of(sealed))
            if "body" in one:
                one["envelope"] = sealed.hex()
        return given

    def changed_envelopes(self, given):
        for one in given:
            base = self.file["envelopes"][one["envelope"]]
            seed = self.person[base["to"]].envelope_seed
            one["verdict"] = judge(envelope.open_envelope, patched(self.sealed(base), one), seed,
                                   self.person[one["device"]].public.device)[0]
        return given

    def contents(self, given):
        for one in given:
            verdict, result = judge(content.read_content, one["text"].encode())
            one["verdict"] = "unknown" if verdict == OK and result[0] is None else verdict
        return given

    def addresses(self, given):
        for one in given:
            code = unhex(one["code"]) if "code" in one else None
            made = address.Address(one["origin"], self.person[one["person"]].public.account, unhex(one["capability"]), code)
            one["text"] = address.write_address(made)
            one["link"] = one["text"].lower()
            check(address.read_address(one["text"]) == address.read_address(one["link"]) == made, "read otherwise than made")
        return given

    def read_addresses(self, given):
        for one in given:
            one["verdict"], result = judge(address.read_address, one["text"])
            if result is not None:
                one["origin"] = result.origin
        return given

    def verifications(self, given):
        for one in given:
            shown, scanner = self.person[one["shown"]].public, self.person[one["scanner"]].public
            one["mac"] = address.verify_mac(unhex(one["code"]), shown.account, scanner.account).hex()
        return given

    def safety_number(self, given):
        return address.safety_number(self.person["bob"].public.account, self.person["alice"].public.account)

    def framed(self, one, head):
        frame = head + self.sealed(self.file["envelopes"][one["envelope"]])
        one.update(head=head.hex(), frame_hash=hash_of(frame))
        return one

    def deposit(self, given):
        to = self.person[given["to"]].public.device
        return self.framed(given, u8(1) + u32(given["request"]) + to + unhex(given["capability"]) + unhex(given["deposit_id"]))

    def deposit_answers(self, given):
        for one in given:
            wait = u32(one["retry_after_ms"]) if one["status"] in (4, 6) else b""
            one["frame"] = (u8(0x81) + u32(one["request"]) + u8(one["status"]) + wait).hex()
        return given

    def mail(self, given):
        for one in given:
            self.framed(one, u8(0x82) + u64(one["sequence"]) + u8(one["class"]))
            one["ack"] = (u8(2) + u64(one["sequence"])).hex()
        return given

    def relay_auth(self, given):
        for one in given:
            person = self.person[one["person"]]
            text = unhex(one["nonce"]) + one["origin"].encode() + person.public.device
            one["signature"] = ed25519.sign(person.device_seed, "relay-auth", text).hex()
        return given

    def capability(self, given):
        given["kept"] = hashlib.blake2b(unhex(given["capability"]), digest_size=32).hexdigest()
        return given

    def key_files(self, given):
        for one in given:
            numbers = one["passes"], one["memory_kib"]
            passphrase, salt = one["passphrase"].encode(), unhex(one["salt"])
            one["argon2id"] = keyfile.argon2id(passphrase, salt, *numbers).hex()
            one["file"] = keyfile.wrap(passphrase, *numbers, salt, unhex(one["nonce"]), unhex(one["secret"])).hex()
            check(keyfile.open_file(passphrase, unhex(one["file"])).hex() == one["secret"], "another secret")
        return given

    def changed_key_files(self, given):
        for one in given:
            base = unhex(self.file["key_files"][one["key_file"]]["file"])
            one["verdict"] = judge(keyfile.open_file, one["passphrase"].encode(), patched(base, one))[0]
        return given

    def recovery_files(self, given):
        for one in given:
            secrets = unhex(one["account_seed"] + one["device_seed"] + one["database_key"])
            profile, kind, passphrase = unhex(one["profile"]), one["kind"], one["passphrase"].encode()
            old = unhex(given[one["old"]]["file"]) if "old" in one else b""
            one["file"] = recovery.wrap(old, profile, kind, passphrase, one["passes"], one["memory_kib"], unhex(one["salt"]),
                                        unhex(one["nonce"]), secrets).hex()
            check(recovery.open_file(profile, kind, passphrase, unhex(one["file"])) == secrets, "other secrets")
        return given

    def changed_recovery_files(self, given):
        for one in given:
            base = self.file["recovery_files"][one["recovery_file"]]
            one["verdict"] = judge(recovery.open_file, unhex(base["profile"]), one["kind"], one["passphrase"].encode(),
                                   patched(unhex(base["file"]), one))[0]
        return given

    def backups(self, given):
        for one in given:
            for record in one["records"]:
                if "body" in record:
                    record["body"] = backup.body_of(record).hex()
            passphrase = one["passphrase"].encode()
            bodies = [(record["kind"], backup.body_of(record)) for record in one["records"]]
            file = backup.write(passphrase, one["passes"], one["memory_kib"], unhex(one["salt"]), unhex(one["stream_header"]),
                                bodies)
            one["file_hash"] = hash_of(file)
            if "file" in one:
                one["file"] = file.hex()
            check(backup.read(passphrase, file) == bodies, "other records")
        return given

    def changed_backups(self, given):
        for one in given:
            base = unhex(self.file["backups"][one["backup"]]["file"])
            one["verdict"] = judge(backup.read, one["passphrase"].encode(), patched(base, one))[0]
        return given


class Run:
    """One of `sessions`."""

    def __init__(self, sections, given):
        self.given, base = given, sections.file["handshakes"][given["handshake"]]
        a, b = sections.person[base["initiator"]], sections.person[base["responder"]]
        agreed = sections.initiate(base)[1]
        self.now, self.sent, self.contents = sections.file["now"], [], []
        self.side = {base["initiator"]: ratchet.initiator(agreed.sk, agreed.ad, b.prekey.spk),
                     base["responder"]: ratchet.responder(agreed.sk, agreed.ad, b.spk)}
        self.order = base["initiator"], base["responder"]

    def play(self):
        for step in self.given["steps"]:
            if "send" in step:
                self.send(step)
            elif "skip" in step:
                self.skip(step)
            else:
                self.receive(step)
        self.given["end"] = {name: self.end(self.side[name]) for name in self.order}
        return self.given

    def begin_chain(self, session, chain):
        """What is on the way to the chain that the next message begins: computed beside the session, from its state before."""
        private = unhex(chain["ratchet_private"])
        shared = dh(private, session.their_dh)
        draws = [private, unhex(chain["offer_seed"] if session.initiator else chain["m"])]
        secret = b""
        if not session.initiator:
            secret = kem.encapsulate(session.their_offer, draws[1])[1]
            chain["ss"] = secret.hex()
        rk, ck = ratchet.step_root(session.rk, shared + secret)
        chain.update(dh=shared.hex(), rk=rk.hex(), ck=ck.hex())
        return draws

    def send(self, step):
        session, draws = self.side[step["send"]], []
        check(("chain" in step) == (session.send_ck is None), "a chain begins elsewhere")
        if "chain" in step:
            draws = self.begin_chain(session, step["chain"])
        message = session.encrypt(step["content"].encode(), Random([*draws, unhex(step["nonce"])]))
        if "chain" in step:
            check(session.rk.hex() == step["chain"]["rk"], "the session came to another root key")
            check(hmac(unhex(step["chain"]["ck"]), b"\2") == session.send_ck, "the session came to another chain key")
        step.update(mk=session.last_mk.hex(), key=ratchet.message_key(session.last_mk).hex(), message=message.hex())
        self.sent.append(message)
        self.contents.append(step["content"].encode())

    def skip(self, step):
        session = self.side[step["skip"]]
        for _ in range(step["count"]):
            session.send_ck = ratchet.step_chain(session.send_ck)[1]
            session.sent += 1

    def receive(self, step):
        session = self.side[step["receive"]]
        message = patched(self.sent[step["message"]], {"changes": [], **step})
        step["verdict"], result = judge(session.decrypt, message, self.now)
        check(result in (None, self.contents[step["message"]]), "another content")
        step["stored"] = len(session.stored)

    @staticmethod
    def end(session):
        rows = b"".join(public + u32(number) + mk for (public, number), (mk, _) in session.stored.items())
        return {"rk": session.rk.hex(), "stored": len(session.stored), "stored_hash": hash_of(rows)}


def difference(made, stands, path=""):
    """Where the two part."""
    if isinstance(made, dict) and isinstance(stands, dict) and list(made) == list(stands) or (
            isinstance(made, list) and isinstance(stands, list) and len(made) == len(stands)):
        for key in made if isinstance(made, dict) else range(len(made)):
            if made[key] != stands[key]:
                return difference(made[key], stands[key], f"{path}[{key!r}]")
    return f"{path}: made {str(made)[:100]}, stands {str(stands)[:100]}"


class Vectors(unittest.TestCase):
    file, agreed = None, 0

    def check(self, name):
        sections, stands = Sections(self.file), self.file[name]
        made = getattr(sections, name)(copy.deepcopy(stands))
        self.assertTrue(made == stands, difference(made, stands, name))
        self.agreed = len(stands) if isinstance(stands, (list, dict)) else 1

    def test_every_section(self):
        """No section of the file is without a second computation, and none that has one is missing."""
        computed = {name for name, value in vars(Sections).items() if inspect.isfunction(value)
                    and list(inspect.signature(value).parameters) == ["self", "given"]}
        self.assertEqual(set(self.file), computed)


def main():
    with open(sys.argv[1], encoding="utf-8") as opened:
        Vectors.file = json.load(opened)
    for name in Vectors.file:
        setattr(Vectors, f"test_{name}", lambda self, name=name: self.check(name))
    suite = unittest.TestLoader().loadTestsFromTestCase(Vectors)
    print(f"TAP version 13\n1..{suite.countTestCases()}", flush=True)
    result = Tap()
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
