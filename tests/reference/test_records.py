# SPDX-License-Identifier: GPL-3.0-or-later
"""Records, keys, signatures, addresses and safety numbers: what one implementation takes, the other takes."""
import hashlib

from reftest import NOW, OK, Party, RefTest, judge, main, unhex
from tessera_ref import address, ed25519, records
from tessera_ref.basics import DAY, base32, check_x25519, dh, u32, u64

# The eight points of small order (orders 1, 2, 4, 4, 8, 8, 8, 8): RFC 7748 and 8032's curve, any text on cofactors.
TORSION = [point for point in (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
)]
P, L = ed25519.P, ed25519.L


class Comparison(RefTest):
    def same(self, reference, *words):
        """Both verdicts, which must be the same; @reference is (function, arguments…)."""
        expected, result = judge(*reference)
        got, results = self.peer.ask(*words)
        self.assertEqual(expected, got, words[0])
        self.agreed += 1
        return got, result, results

    def grind(self, scalar, key, text):
        """A signature under @scalar B plus a torsion point that the cofactorless equation holds for: h is a multiple of 8."""
        while True:
            nonce = self.random.randrange(1, L)
            point = ed25519.encode(ed25519.multiply(nonce, ed25519.BASE))
            h = int.from_bytes(hashlib.sha512(point + key + text).digest(), "little") % L
            if h % 8 == 0:
                return point + ((nonce + h * scalar) % L).to_bytes(32, "little")


class Records(Comparison):
    def read_list(self, data):
        return self.same((records.read_device_list, data), "readlist", data)[0]

    def read_prekey(self, data, device, now=NOW):
        return self.same((records.read_prekey, data, device, now), "readprekey", device, now, data)[0]

    def read_one_time(self, data, device):
        return self.same((records.read_one_time, data, device), "readonetime", device, data)[0]

    def mutations(self, data, count):
        """@data with bits, fields or lengths changed."""
        for _ in range(count):
            at, way = self.random.randrange(len(data)), self.random.randrange(4)
            if way == 0:
                yield data[:at]
            elif way == 1:
                yield data[:at] + bytes([data[at] ^ 1 << self.random.randrange(8)]) + data[at + 1:]
            elif way == 2:
                length = self.random.choice((1, 4, 8, 32))
                yield data[:at] + self.random.choice((bytes(length), b"\xff" * length)) + data[at + length:]
            else:
                yield data + self.random.randbytes(self.random.choice((1, 64)))

    def test_made_alike(self):
        """The same fields give the same bytes."""
        for count in range(9):
            party, seeds = Party(self.random), [self.random.randbytes(32) for _ in range(count)]
            mine = records.DeviceList(party.public.account, self.random.randrange(1 << 64))
            numbers = self.random.sample(range(1 << 32), count)
            for number, seed in zip(numbers, seeds):
                mine.vouch(number, seed, self.random.randrange(1 << 64))
            words = [word for number, seed, device in zip(numbers, seeds, mine.devices) for word in (number, seed, device.added)]
            self.assertEqual(self.peer.bytes("list", party.account_seed, mine.version, *words), mine.signed(party.account_seed))
            self.assertEqual(self.read_list(mine.signed(party.account_seed)), OK)
            prekey = party.prekey
            self.assertEqual(self.peer.bytes("prekey", party.device_seed, prekey.spk_id, party.spk, party.last_resort,
                                             prekey.envelope_key_id, party.envelope_seed, prekey.created, prekey.expires),
                             prekey.signed(party.device_seed))
            self.assertEqual(self.peer.bytes("onetime", party.device_seed, party.one_time.id, party.opk, party.one_time_seed),
                             party.one_time.signed(party.device_seed))
            self.agreed += 3

    def test_device_lists(self):
        party = Party(self.random)
        good = records.DeviceList(party.public.account, 3)
        seeds = [self.random.randbytes(32) for _ in range(8)]
        for number, seed in enumerate(seeds):
            good.vouch(number, seed, NOW)
        for data in self.mutations(good.signed(party.account_seed), 150):
            self.read_list(data)
        for data in self.mutations(good.record(), 100):
            self.read_list(data + ed25519.sign(party.account_seed, "device-list", data))

        def listed(*devices):
            other = records.DeviceList(party.public.account, 3, list(devices))
            return self.read_list(other.signed(party.account_seed))
        one, two = good.devices[:2]
        self.assertEqual(listed(one, two), OK)
        self.assertEqual(listed(two, one), OK)
        self.assertEqual(listed(one, one), "refused")
        again = records.DeviceList(party.public.account, 3)
        again.vouch(7, seeds[0], NOW)
        self.assertEqual(listed(one, again.devices[0]), "refused")
        again.vouch(one.number, seeds[5], NOW)
        self.assertEqual(listed(one, again.devices[1]), "refused")
        again.vouch(9, party.account_seed, NOW)  # A itself as a device
        self.assertEqual(listed(again.devices[2]), OK)
        self.assertEqual(listed(*good.devices, again.devices[2]), "refused")
        other = Party(self.random)
        self.assertEqual(listed(other.list.devices[0]), "refused")  # vouched for another account
        self.assertEqual(self.read_list(good.record() + ed25519.sign(party.account_seed, "device", good.record())), "refused")

    def test_device_lists_with_bad_points(self):
        """A mixed-order key can sign; a list with it as A or D is refused all the same."""
        for torsion in TORSION:
            scalar = self.random.randrange(1, L)
            point = ed25519.add(ed25519.multiply(scalar, ed25519.BASE), ed25519.decode(bytes.fromhex(torsion)))
            key = ed25519.encode(point)
            party = Party(self.random)
            text = party.public.account + u32(1)
            signature = self.grind(scalar, key, ed25519.signed_text("device", text))
            mixed = records.DeviceList(party.public.account, 1, [records.Device(1, key, NOW, signature)])
            good = torsion == TORSION[0]  # the neutral element changes nothing
            self.assertEqual(self.read_list(mixed.signed(party.account_seed)), OK if good else "refused")
            empty = key + u64(1) + b"\0"
            signature = self.grind(scalar, key, ed25519.signed_text("device-list", empty))
            self.assertEqual(self.read_list(empty + signature), OK if good else "refused")

    def test_prekeys(self):
        party = Party(self.random)
        device, seed = party.public.device, party.device_seed
        good = party.prekey.signed(seed)
        self.assertEqual(self.read_prekey(good, device), OK)
        self.assertEqual(self.read_prekey(good, Party(self.random).public.device), "refused")
        for data in self.mutations(good, 100):
            self.read_prekey(data, device)
        record = party.prekey.record()
        for data in self.mutations(record, 100):
            self.read_prekey(data + ed25519.sign(seed, "prekey", data), device)
        for at in (0, 1, 2, 3, 1149, 1150, 1151):  # coefficients of both ML-KEM keys, and the seed behind them
            for start in (73, 73 + 1184 + 4):
                changed = bytearray(record)
                changed[start + at] = 0xff
                if at % 3 == 1:
                    changed[start + at - 1] = 0xff
                self.read_prekey(bytes(changed) + ed25519.sign(seed, "prekey", bytes(changed)), device)
        for point in TORSION[:3] + ["e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880", "ee" + "ff" * 31,
                                    "d9" + "ff" * 31]:
            for start in (37, 73 + 1184 + 4 + 1184):
                changed = record[:start] + bytes.fromhex(point) + record[start + 32:]
                self.read_prekey(changed + ed25519.sign(seed, "prekey", changed), device)

    def test_prekey_times(self):
        party = Party(self.random)
        top = (1 << 64) - 1
        for created, expires in ((NOW, NOW), (NOW, NOW + 1), (NOW, NOW - 1), (NOW, NOW + 14 * DAY), (NOW, NOW + 14 * DAY + 1),
                                 (NOW + DAY, NOW + 2 * DAY), (NOW + DAY + 1, NOW + 2 * DAY), (NOW - 1, NOW), (NOW - DAY, NOW + 1),
                                 (0, NOW + 1), (0, 1), (top, 0), (top - 1, top), (NOW, top), (top, NOW), (0, top)):
            party.prekey.created, party.prekey.expires = created, expires
            self.read_prekey(party.prekey.signed(party.device_seed), party.public.device)
        for later in (14 * DAY - 1, 14 * DAY, 14 * DAY + 1, -DAY, -DAY - 1):
            party.prekey.created, party.prekey.expires = NOW, NOW + 14 * DAY
            verdict = self.read_prekey(party.prekey.signed(party.device_seed), party.public.device, NOW + later)
            self.assertEqual(verdict, OK if -DAY <= later < 14 * DAY else "refused")

    def test_one_times(self):
        party = Party(self.random)
        device, seed = party.public.device, party.device_seed
        good, record = party.one_time.signed(seed), party.one_time.record()
        self.assertEqual(self.read_one_time(good, device), OK)
        for data in self.mutations(good, 80):
            self.read_one_time(data, device)
        for data in self.mutations(record, 80):
            self.read_one_time(data + ed25519.sign(seed, "one-time", data), device)
        for start, field in ((32, bytes(4)), (36, bytes(32)), (68, b"\xff\xff"), (68, b"\x00\xd0"), (68, b"\x01\x0d"),
                             (68, b"\x00\x0d")):
            changed = record[:start] + field + record[start + len(field):]
            self.read_one_time(changed + ed25519.sign(seed, "one-time", changed), device)


class Keys(Comparison):
    def test_device_keys(self):
        low = [y.to_bytes(32, "little") for y in (*range(30), *range(P - 20, P + 19))]
        keys = low + [key[:31] + bytes([key[31] | 0x80]) for key in low] + [bytes.fromhex(point) for point in TORSION]
        keys += [self.random.randbytes(32) for _ in range(60)]
        keys += [ed25519.encode(ed25519.multiply(8, ed25519.decode(key))) for key in keys if judge(ed25519.decode, key)[0] == OK]
        good = 0
        for key in keys:
            verdict, expected, results = self.same((ed25519.to_x25519, key), "devicekey", key)
            if verdict == OK:
                good += 1
                self.assertEqual(unhex(results[0]), expected)
        self.assertGreater(good, 10)

    def test_agreement(self):
        low = [u.to_bytes(32, "little") for u in (*range(22), *range(P - 3, P + 19))]
        keys = low + [key[:31] + bytes([key[31] | 0x80]) for key in low] + [b"\xff" * 32]
        keys += [bytes.fromhex(point) for point in (
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7",
            "d9ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "daffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "dbffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "cdeb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880",
            "4c9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7")]
        keys += [self.random.randbytes(32) for _ in range(60)]
        for key in keys:
            private = self.random.randbytes(32)
            verdict, expected, results = self.same((dh, private, key), "dh", private, key)
            self.assertEqual(verdict, judge(check_x25519, key)[0])
            if verdict == OK:
                self.assertEqual(unhex(results[0]), expected)

    def verify(self, key, record, signature):
        return self.same((ed25519.verify, key, "prekey", record, signature), "verify", key, record, signature)[0]

    def test_signatures(self):
        seed, record = self.random.randbytes(32), b"record"
        key, good = ed25519.public_of(seed), ed25519.sign(seed, "prekey", record)
        self.assertEqual(self.verify(key, record, good), OK)
        scalar = int.from_bytes(good[32:], "little")
        for times in range(1, 16):
            if scalar + times * L < 1 << 256:
                self.assertEqual(self.verify(key, record, good[:32] + (scalar + times * L).to_bytes(32, "little")), "refused")
        for _ in range(60):
            at = self.random.randrange(64)
            changed = good[:at] + bytes([good[at] ^ 1 << self.random.randrange(8)]) + good[at + 1:]
            self.assertEqual(self.verify(key, record, changed), "refused")
        self.assertEqual(self.verify(key, b"Record", good), "refused")
        # Under a small-order key, or with a small-order R, 0 = S B - h A can be had for nothing.
        low = [y.to_bytes(32, "little") for y in (0, 1, P - 1, P, P + 1)]
        weak = [bytes.fromhex(point) for point in TORSION] + low + [point[:31] + bytes([point[31] | 0x80]) for point in low]
        for point in weak:
            for nonce in weak:
                self.assertEqual(self.verify(point, record, nonce + bytes(32)), "refused")
            self.assertEqual(self.verify(key, record, point + good[32:]), "refused")

    def test_cofactor(self):
        """What only the equation times 8 takes is refused; what the plain one takes under a mixed-order key is a signature."""
        record = b"record"
        text = ed25519.signed_text("prekey", record)
        for torsion in TORSION[1:]:
            scalar = self.random.randrange(1, L)
            key = ed25519.encode(ed25519.add(ed25519.multiply(scalar, ed25519.BASE), ed25519.decode(bytes.fromhex(torsion))))
            self.assertEqual(self.verify(key, record, self.grind(scalar, key, text)), OK)
            plain = ed25519.encode(ed25519.multiply(scalar, ed25519.BASE))
            nonce = self.random.randrange(1, L)
            mixed = ed25519.add(ed25519.multiply(nonce, ed25519.BASE), ed25519.decode(bytes.fromhex(torsion)))
            point = ed25519.encode(mixed)
            h = int.from_bytes(hashlib.sha512(point + plain + text).digest(), "little") % L
            self.assertEqual(self.verify(plain, record, point + ((nonce + h * scalar) % L).to_bytes(32, "little")), "refused")


class Addresses(Comparison):
    def read(self, text):
        verdict, expected, results = self.same((address.read_address, text), "address", text.encode())
        if verdict == OK:
            origin, account, capability, secret, written = map(unhex, results)
            self.assertEqual((origin.decode(), account, capability, secret or None),
                             (expected.origin, expected.account, expected.capability, expected.secret))
            self.assertEqual(written.decode(), address.write_address(expected))
        return verdict

    def test_hosts(self):
        tail = f"/{base32(Party(self.random).public.account)}/{base32(bytes(16))}"
        for host in ("relay.example", "RELAY.Example:443", "relay.example:80", "relay.example:8443", "localhost", "localhost:80",
                     "localhost:443", "127.0.0.1:1", "127.255.255.255", "10.0.0.1:65535", "a", "a-b.c", "xn--bcher-kva.example",
                     "1.example", "0x1.example", "a" * 63 + ".example", ".".join(["a" * 61] * 4), "0xg"):
            self.assertEqual(self.read("TESSERA:1/" + host + tail), OK, host)
        for host in ("", ".", "a.", ".a", "a..b", "-a", "a-", "a.-b", "a_b", "a b", "\u00e9.example", "a" * 64, "1", "1.2.3",
                     ".".join(["a" * 63] * 4), "1.2.3.4.5", "256.1.1.1", "01.1.1.1", "1.1.1.1.", "example.1", "example.0x1",
                     "example.0x", "0x7f000001", "a:", "a:0", "a:01", "a:65536", "a:80:80", "a:+1", "a:1 ", "[::1]", "user@a",
                     "a?b", "a#b", "127.1", "a:99999999999"):
            self.assertEqual(self.read("TESSERA:1/" + host + tail), "refused", host)

    def test_forms(self):
        account, capability, secret = Party(self.random).public.account, self.random.randbytes(16), self.random.randbytes(16)
        for code in (None, secret):
            text = address.write_address(address.Address("https://relay.example", account, capability, code))
            self.assertEqual(self.read(text), OK)
            self.assertEqual(self.read(text.lower()), OK)
            for changed in (text + "/", text + "A", text[:-1], text + "=", text.replace(":1/", ":2/"), text.replace(":1/", ":/"),
                            text.replace(":1/", ":01/"), text[1:], "X" + text, text + "/" + base32(secret) + "/" + base32(secret),
                            text[:-1] + "1", text[:-1] + "B", ""):
                self.assertEqual(self.read(changed), "refused", changed)
            for around in (" ", "\n", "\t \r\n"):
                self.assertEqual(self.read(around + text + around), OK)
            for _ in range(150):
                at = self.random.randrange(len(text))
                self.read(text[:at] + self.random.choice("aZ27018/:.-= ") + text[at + 1:])
        for point in (*TORSION, "ed" + "ff" * 30 + "7f", "02" + "00" * 31):
            wrong = address.Address("https://relay.example", bytes.fromhex(point), capability)
            self.assertEqual(self.read(address.write_address(wrong)), "refused")

    def test_safety(self):
        """Also the published pair, which stands in tests/vectors/safety-number.txt."""
        for _ in range(3):
            a, b, secret = self.random.randbytes(32), self.random.randbytes(32), self.random.randbytes(16)
            self.assertEqual(self.peer.ask("safety", a, b), (OK, [address.safety_number(a, b)]))
            self.assertEqual(self.peer.ask("safety", b, a), (OK, [address.safety_number(a, b)]))
            self.assertEqual(self.peer.bytes("mac", secret, a, b), address.verify_mac(secret, a, b))
            self.assertNotEqual(address.verify_mac(secret, a, b), address.verify_mac(secret, b, a))
            self.agreed += 3



if __name__ == "__main__":
    main()
