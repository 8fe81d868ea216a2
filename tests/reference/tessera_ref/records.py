# SPDX-License-Identifier: GPL-3.0-or-later
"""Section 1: device lists, prekey records and one-time prekeys, each as `record || signature`."""
from dataclasses import dataclass, field

from . import ed25519, kem
from .basics import DAY, SUITE, Reader, check, check_x25519, u8, u32, u64

MOST_DEVICES, LONGEST_LIFE = 8, 14 * DAY


@dataclass
class Device:
    number: int
    key: bytes
    added: int
    signature: bytes


@dataclass
class DeviceList:
    account: bytes
    version: int
    devices: list = field(default_factory=list)

    def vouch(self, number, device_seed, added):
        """Adds a device that signs for itself (role device)."""
        signature = ed25519.sign(device_seed, "device", self.account + u32(number))
        self.devices.append(Device(number, ed25519.public_of(device_seed), added, signature))

    def record(self):
        entries = b"".join(u32(device.number) + device.key + u64(device.added) + device.signature for device in self.devices)
        return self.account + u64(self.version) + u8(len(self.devices)) + entries

    def signed(self, account_seed):
        return self.record() + ed25519.sign(account_seed, "device-list", self.record())


def read_device_list(data):
    reader = Reader(data)
    found = DeviceList(reader.take(32), reader.number(8))
    count = reader.number(1)
    check(count <= MOST_DEVICES, "too many devices")
    for _ in range(count):
        found.devices.append(Device(reader.number(4), reader.take(32), reader.number(8), reader.take(64)))
    record, signature = reader.data[:reader.at], reader.take(64)
    reader.end()
    ed25519.check_key(found.account)
    for device in found.devices:
        ed25519.check_key(device.key)
    check(len({device.number for device in found.devices}) == count, "a number twice")
    check(len({device.key for device in found.devices}) == count, "a device twice")
    ed25519.verify(found.account, "device-list", record, signature)
    for device in found.devices:
        ed25519.verify(device.key, "device", found.account + u32(device.number), device.signature)
    return found


@dataclass
class Prekey:
    device: bytes
    spk_id: int
    spk: bytes
    ek: bytes
    envelope_key_id: int
    envelope_ek: bytes
    created: int
    expires: int

    def record(self):
        return (SUITE + self.device + u32(self.spk_id) + self.spk + self.ek + u32(self.envelope_key_id) + self.envelope_ek
                + u64(self.created) + u64(self.expires))

    def signed(self, device_seed):
        return self.record() + ed25519.sign(device_seed, "prekey", self.record())


def read_prekey(data, device, now):
    """@device: the D of a device list that was read."""
    reader = Reader(data)
    check(reader.take(1) == SUITE, "another suite")
    found = Prekey(reader.take(32), reader.number(4), reader.take(32), reader.take(kem.EK), reader.number(4),
                   reader.take(kem.XWING_EK), reader.number(8), reader.number(8))
    record, signature = reader.data[:reader.at], reader.take(64)
    reader.end()
    check(found.created < found.expires <= found.created + LONGEST_LIFE, "a life of another length")
    check(found.created <= now + DAY, "made in the future")
    check(now < found.expires, "expired")
    check(found.device == device, "another device's")
    check_x25519(found.spk)
    kem.check_ek(found.ek)
    kem.xwing_check_ek(found.envelope_ek)
    ed25519.verify(found.device, "prekey", record, signature)
    return found


@dataclass
class OneTime:
    device: bytes
    id: int
    opk: bytes
    ek: bytes

    def record(self):
        return self.device + u32(self.id) + self.opk + self.ek

    def signed(self, device_seed):
        return self.record() + ed25519.sign(device_seed, "one-time", self.record())


def read_one_time(data, device):
    """@device: the D of a device list that was read."""
    reader = Reader(data)
    found = OneTime(reader.take(32), reader.number(4), reader.take(32), reader.take(kem.EK))
    record, signature = reader.data[:reader.at], reader.take(64)
    reader.end()
    check(found.id != 0, "an id of 0")
    check(found.device == device, "another device's")
    check_x25519(found.opk)
    kem.check_ek(found.ek)
    ed25519.verify(found.device, "one-time", record, signature)
    return found
