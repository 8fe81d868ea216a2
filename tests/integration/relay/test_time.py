# What ends by itself, to the second, in a relay whose clocks are set ahead (later.c). SPDX-License-Identifier: GPL-3.0-or-later
import os
import resource
import socket
import struct
import tempfile
import time

from relaytest import (BEFORE, REFUSED, STORED, TIMEOUT, Closed, Depositor, Device, RelayTest, WebSocket, ack, b64, envelope,
                       mail, main)

HOUR, DAY = 3600, 86400


class TimeTest(RelayTest):
    @classmethod
    def setUpClass(cls):
        pass

    def setUp(self):
        module = os.environ.get('TESSERA_LATER_CLOCK')
        self.assertTrue(module, 'run through meson, or set TESSERA_LATER_CLOCK to the module that sets clocks ahead')
        self.clock = tempfile.NamedTemporaryFile()
        self.addCleanup(self.clock.close)
        self.later = 0
        self.set_clock(0)
        preload = {'LD_PRELOAD': module, 'TESSERA_LATER': self.clock.name, 'ASAN_OPTIONS': 'verify_asan_link_order=0'}
        self.relay = self.own_relay(config=self.config, environment=preload)

    def set_clock(self, seconds):
        '''The relay's clocks, in seconds from when the test began to count.'''
        self.later = seconds
        os.pwrite(self.clock.fileno(), struct.pack('=q', round(seconds * 1e9)), 0)

    def now(self):
        return time.time() + self.later

    def set_time(self, when):
        self.set_clock(when - time.time())

    def lives(self, link):
        '''The relay has looked at its links again, and this one stays.'''
        self.assertTrue(link.silent(2.5))

    def depositor(self):
        '''A link that the relay has begun to serve.'''
        link = self.open(Depositor(self.relay))
        link.raw(link.frame(9))
        self.assertEqual(link.receive_frame(), (10, b''))
        return link

    def ends(self, link, code):
        self.assertEqual(link.closed_with(), code)


class Links(TimeTest):
    # No pings in between.
    config = '[limits]\nping_seconds=3600\n'

    def test_deposit_links_that_are_idle(self):
        '''10 minutes from the last deposit, not from the last word.'''
        device = Device()
        box = self.open(device.register(self.relay))
        link, unused = self.depositor(), self.depositor()
        self.set_clock(300)
        self.lives(box)
        self.assertEqual(link.deposit(device, device.contact), STORED)
        deposited = self.now()
        self.assertEqual(len(mail(box)[2]), 4096)
        self.set_clock(590)
        self.lives(unused)
        self.set_clock(601)
        self.ends(unused, 1000)
        self.set_time(deposited + 594)
        link.raw(link.frame(9, b'here'))
        self.assertEqual(link.receive_frame(), (10, b'here'))
        self.lives(link)
        self.set_time(deposited + 601)
        self.ends(link, 1000)
        # A mailbox may wait for mail as long as it likes.
        self.lives(box)

    def test_registering(self):
        device, late = Device(), Device()
        link, other = self.open(device.connect(self.relay)), self.open(late.connect(self.relay))
        self.set_clock(115)
        self.lives(link)
        self.assertEqual(late.ask(other, 'publish')['code'], 'unregistered')
        answer = device.ask(link, 'register', device_list=b64(device.device_list()), prekey=b64(device.prekey()), one_time=[])
        self.assertEqual(answer['op'], 'ok')
        self.set_clock(121)
        self.ends(other, 1000)
        self.set_clock(400)
        self.lives(link)
        # Who has deleted the mailbox has as long again, from then on.
        self.assertEqual(device.ask(link, 'delete')['op'], 'ok')
        deleted = self.now()
        self.set_time(deleted + 114)
        self.lives(link)
        self.assertEqual(device.ask(link, 'publish')['code'], 'unregistered')
        self.set_time(deleted + 121)
        self.ends(link, 1000)

    def test_authenticating(self):
        links = [self.open(WebSocket(self.relay, '/v1/mailbox')) for _ in range(2)]
        challenges = [link.receive() for link in links]
        device = Device()
        self.set_clock(25)
        self.lives(links[0])
        links[0].send(device.answer(challenges[0]))
        self.assertEqual(links[0].receive()['op'], 'ready')
        self.set_clock(31)
        self.ends(links[1], 4003)

    def turn(self, link, seconds):
        '''The relay does what it does at that time.'''
        self.set_clock(seconds)
        for _ in range(3):
            link.raw(link.frame(9))
            self.assertEqual(link.receive_frame(), (10, b''))

    def test_no_descriptor_is_left(self):
        '''It is tried again every half second, and the operator hears of it once a minute.'''
        link, process = self.depositor(), self.relay.process.pid
        limits = resource.prlimit(process, resource.RLIMIT_NOFILE)
        taken = {int(fd) for fd in os.listdir(f'/proc/{process}/fd')}
        resource.prlimit(process, resource.RLIMIT_NOFILE, (min(set(range(1000)) - taken), limits[1]))
        waiting = self.open(socket.create_connection(('127.0.0.1', self.relay.port), timeout=TIMEOUT))
        waiting.sendall(b'GET /v1/info HTTP/1.1\r\nHost: x\r\n\r\n')
        for tick in range(8):
            self.turn(link, tick)
        for tick in range(62, 70):
            self.turn(link, tick)
        resource.prlimit(process, resource.RLIMIT_NOFILE, limits)
        self.turn(link, 71)
        self.assertEqual(waiting.recv(12), b'HTTP/1.1 200')
        self.assertEqual(self.relay.stop(), 0)
        self.assertEqual(self.relay.errors.count('event=no-descriptors'), 2, self.relay.errors)


class Pings(TimeTest):
    def test_pings(self):
        '''Who answers stays, who does not goes after as long again; and who could not, for the relay stood still, is asked.'''
        device, silent = Device(), Device()
        link, mute = self.open(device.register(self.relay)), self.open(silent.register(self.relay))
        self.set_clock(3 * HOUR)
        self.lives(link)
        asked = self.now()
        self.set_time(asked + 50)
        self.assertEqual(device.ask(link, 'publish')['op'], 'ok')
        self.assertEqual(mute.receive_frame(), (9, b''))
        self.set_time(asked + 62)
        with self.assertRaises(Closed):
            mute.receive_frame()
        self.assertEqual(device.ask(link, 'publish')['op'], 'ok')


class Expiry(TimeTest):
    def sweep(self):
        '''The store's thread has looked for what has expired: it does before it goes on with what comes after.'''
        for _ in range(2):
            self.assertEqual(self.relay.get('/v1/health')[0], 200)

    def test_mail(self):
        '''30 days, and as long for the ids of deposits.'''
        device = Device()
        self.open(device.register(self.relay)).close()
        first, second = os.urandom(16), os.urandom(16)
        sealed = envelope()
        self.assertEqual(self.open(Depositor(self.relay)).deposit(device, device.contact, deposit_id=first), STORED)
        began = self.now()
        self.set_clock(10)
        self.assertEqual(self.open(Depositor(self.relay)).deposit(device, device.contact, sealed, second), STORED)
        self.set_time(began + 30 * DAY - 600)
        self.sweep()
        self.assertEqual(self.open(device.connect(self.relay)).ready['waiting'], 2)
        # The first is 30 days old since some seconds, the second not yet.
        self.set_time(began + 30 * DAY + 5)
        self.sweep()
        box = self.open(device.connect(self.relay))
        self.assertEqual(box.ready['waiting'], 1)
        self.assertEqual(mail(box)[::2], (2, sealed))
        link = self.open(Depositor(self.relay))
        self.assertEqual(link.deposit(device, device.contact, deposit_id=second), BEFORE)
        self.assertEqual(link.deposit(device, device.contact, deposit_id=first), STORED)
        self.assertEqual(mail(box)[0], 3)
        ack(box, 2)
        self.set_time(began + 30 * DAY + 400)
        self.sweep()
        box = self.open(device.connect(self.relay))
        self.assertEqual((box.ready['waiting'], box.ready['acked']), (1, 2))
        self.assertEqual(self.open(Depositor(self.relay)).deposit(device, device.contact, deposit_id=second), STORED)

    def test_attachments(self):
        '''30 days, looked at once an hour.'''
        device = Device()
        link = self.open(device.register(self.relay))
        first, unused = device.ask(link, 'tickets', count=2)['tickets']
        began = self.now()
        old = self.relay.get('/v1/blobs/' + first, method='PUT', body=b'old')[1]['id']
        self.set_clock(3 * HOUR)
        link = self.open(device.connect(self.relay))
        second = device.ask(link, 'tickets', count=1)['tickets'][0]
        new = self.relay.get('/v1/blobs/' + second, method='PUT', body=b'new')[1]['id']
        for when in (30 * DAY - 2 * HOUR, 30 * DAY - HOUR + 10):
            self.set_time(began + when)
            self.sweep()
        self.assertEqual(self.relay.get('/v1/blobs/' + old)[:2], (200, 'old'))
        self.set_time(began + 30 * DAY + 20)
        self.sweep()
        self.set_time(began + 30 * DAY + HOUR + 30)
        end = time.monotonic() + 10
        while self.relay.get('/v1/blobs/' + old)[0] == 200:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)
        self.assertEqual(self.relay.get('/v1/blobs/' + old)[0], 404)
        self.assertEqual(self.relay.get('/v1/blobs/' + new)[:2], (200, 'new'))
        # A ticket has ended long before.
        self.assertEqual(self.relay.get('/v1/blobs/' + unused, method='PUT', body=b'x')[0], 404)

    def test_capabilities(self):
        '''The contact capability works for 48 hours more, the request capability no moment.'''
        device = Device()
        link = self.open(device.register(self.relay))
        contact, request = device.contact, device.request
        device.contact, device.request = os.urandom(16), os.urandom(16)
        self.assertEqual(device.set_capabilities(link)['op'], 'ok')
        replaced = self.now()
        link.close()
        depositor = self.open(Depositor(self.relay))
        self.assertEqual(depositor.deposit(device, request), REFUSED)
        self.assertEqual(self.relay.bundle(device.account.public, request)[0], 403)
        self.set_time(replaced + 48 * HOUR - 8)
        depositor = self.open(Depositor(self.relay))
        self.assertEqual(depositor.deposit(device, contact), STORED)
        self.assertEqual(self.relay.bundle(device.account.public, contact)[0], 200)
        self.set_time(replaced + 48 * HOUR + 1)
        self.assertEqual(depositor.deposit(device, contact), REFUSED)
        self.assertEqual(self.relay.bundle(device.account.public, contact)[0], 403)
        self.assertEqual(depositor.deposit(device, device.contact), STORED)
        # Mail under the old one counted as a contact's.
        self.assertEqual([mail(self.open(device.connect(self.relay)))[1]], [1])

    def test_one_time_ids(self):
        '''An id that was handed out is known as such for 90 days.'''
        device = Device()
        link = self.open(device.register(self.relay, one_time=1))
        self.assertIn('one_time', self.relay.bundle(device.account.public, device.contact, one_time=True)[1]['devices'][0])
        link.receive()
        for days, left in ((89, 0), (91, 1)):
            self.set_clock(days * DAY)
            self.sweep()
            link = self.open(device.connect(self.relay))
            self.assertEqual(device.ask(link, 'publish', one_time=device.one_times(1, 1))['one_time'], left)


if __name__ == '__main__':
    main()
