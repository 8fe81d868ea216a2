# One who uses the relay as it is meant while others attack it: from an address of its own, twenty times a second an envelope is
# deposited, fetched and acknowledged, now and then over new connections. A process of its own, so that what it measures is the
# relay. On each line of its input it says in a line of JSON how it went since the last one.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import select
import statistics
import sys
import time
from types import SimpleNamespace

from relaytest import STORED, Depositor, Device, ack, envelope, mail

SOURCE = '127.0.0.200'
EVERY = 0.05
# Trips before an answer: an attack that is over in no time is followed by them.
AT_LEAST = 5


class Honest:
    def __init__(self, relay):
        self.relay = relay
        self.device = Device()
        self.box = self.device.register(relay, source=SOURCE)
        self.link = Depositor(relay, SOURCE)
        self.trips = 0

    def trip(self):
        '''One round, in seconds: from the deposit, or the first packet of a new connection, to the envelope's arrival.'''
        began = time.monotonic()
        self.trips += 1
        if self.trips % 10 == 0:
            self.link.close()
            self.link = Depositor(self.relay, SOURCE)
        sealed = envelope()
        status = self.link.deposit(self.device, self.device.contact, sealed)
        if status != STORED:
            raise AssertionError(f'an honest deposit was answered with {status}')
        sequence, _, got = mail(self.box)
        if got != sealed:
            raise AssertionError('another envelope came than was sent')
        ack(self.box, sequence)
        return time.monotonic() - began


def main():
    honest = Honest(SimpleNamespace(port=int(sys.argv[1])))
    print('ready', flush=True)
    took, asked, failure = [], False, None
    while True:
        try:
            took.append(honest.trip())
        except Exception as error:
            failure = repr(error)
        asked = asked or bool(select.select([sys.stdin], [], [], max(0, EVERY - (took[-1] if took else 0)))[0])
        if failure or (asked and len(took) >= AT_LEAST):
            if not sys.stdin.readline():
                return
            print(json.dumps({'failure': failure, 'trips': len(took), 'worst': max(took, default=0),
                              'median': statistics.median(took) if took else 0}), flush=True)
            if failure:
                return
            took, asked = [], False


main()
