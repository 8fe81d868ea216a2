# SIGTERM: what was asked before is answered, nothing new is taken, and the relay is gone within seconds.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import pathlib
import signal
import socket
import sqlite3
import time
import urllib.request

from relaytest import SLOW_DOWN, STORED, TIMEOUT, Depositor, Device, RelayTest, b64, envelope, free_port, mail, main

# What docs/relay.md promises.
PROMISED_SECONDS = 10


class Stopping(RelayTest):
    @classmethod
    def setUpClass(cls):
        pass

    def setUp(self):
        self.metrics = free_port()
        self.relay = self.own_relay(config=f'[relay]\nmetrics=127.0.0.1:{self.metrics}\n')
        self.device = Device()
        self.box = self.open(self.device.register(self.relay))

    def lock(self):
        '''Nothing can be committed until this is rolled back, or for the two seconds that the relay tries.'''
        database = sqlite3.connect(self.relay.database(), isolation_level=None)
        self.addCleanup(database.close)
        database.execute('BEGIN IMMEDIATE')
        return database

    def read_metrics(self):
        with urllib.request.urlopen(f'http://127.0.0.1:{self.metrics}/metrics', timeout=TIMEOUT) as answer:
            return answer.read()

    def terminate(self):
        '''Tells it to stop, and waits until it listens no longer.'''
        self.began = time.monotonic()
        self.relay.process.send_signal(signal.SIGTERM)
        while time.monotonic() < self.began + TIMEOUT:
            try:
                socket.create_connection(('127.0.0.1', self.relay.port), timeout=TIMEOUT).close()
            except ConnectionError:
                return
            time.sleep(0.01)
        self.fail('it listens on')

    def ended(self):
        self.assertEqual(self.relay.process.wait(timeout=20), 0)
        self.assertLess(time.monotonic() - self.began, PROMISED_SECONDS)

    def upload(self, size, part):
        '''Begins to upload `size` bytes and sends `part` of them, which the relay has written when this returns.'''
        ticket = self.device.ask(self.box, 'tickets', count=1)['tickets'][0]
        folder = os.path.join(self.relay.data, 'db', 'blobs')
        link = self.open(socket.create_connection(('127.0.0.1', self.relay.port), timeout=TIMEOUT))
        link.sendall(f'PUT /v1/blobs/{ticket} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n'.encode() + b'x' * part)
        end = time.monotonic() + TIMEOUT
        while sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)) < part:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        return link

    def test_deposits_are_answered(self):
        '''The answer to what was deposited before comes after its commit and before the close; what comes later is sent back.'''
        link = self.open(Depositor(self.relay))
        database = self.lock()
        early = [link.post(self.device, self.device.contact) for _ in range(20)]
        link.raw(link.frame(9))
        self.assertEqual(link.receive_frame()[0], 10)
        self.terminate()
        late = link.post(self.device, self.device.contact)
        self.assertEqual(link.answer()[:2], (late, SLOW_DOWN))
        database.rollback()
        self.assertEqual([link.answer()[:2] for _ in early], [(number, STORED) for number in early])
        self.assertEqual(link.closed_with(), 1001)
        self.assertEqual(self.box.closed_with(), 1001)
        link.close()
        self.box.close()
        self.ended()
        self.relay.start()
        self.assertEqual(self.open(self.device.connect(self.relay)).ready['waiting'], 20)

    def test_a_request_is_answered(self):
        '''One-time prekeys that are handed out while the relay stops reach whom they were handed to.'''
        database = self.lock()
        link = self.open(socket.create_connection(('127.0.0.1', self.relay.port), timeout=TIMEOUT))
        silent = self.open(socket.create_connection(('127.0.0.1', self.relay.port), timeout=TIMEOUT))
        address = self.device.address(self.relay).split('/')
        link.sendall(f'GET /v1/accounts/{address[2]}?one_time=1 HTTP/1.1\r\nHost: x\r\n'
                     f'Tessera-Capability: {b64(self.device.request)}\r\n\r\n'.encode())
        while b'http_requests_total 2\n' not in self.read_metrics():
            time.sleep(0.01)
        self.terminate()
        self.assertEqual(silent.recv(1), b'')
        database.rollback()
        self.assertTrue(link.makefile('rb').read().startswith(b'HTTP/1.1 200'))
        self.ended()

    def test_an_upload_ends(self):
        link = self.upload(200000, 100000)
        self.terminate()
        link.sendall(b'x' * 100000)
        answer = link.makefile('rb').read()
        self.assertTrue(answer.startswith(b'HTTP/1.1 200'), answer)
        self.ended()
        self.relay.start()
        name = answer.split(b'"id":"')[1].split(b'"')[0].decode()
        self.assertEqual(self.relay.get('/v1/blobs/' + name)[1], 'x' * 200000)

    def test_an_upload_that_goes_on_is_cut(self):
        link = self.upload(200000, 100000)
        self.terminate()
        self.ended()
        self.assertEqual(link.recv(4096), b'')
        self.relay.start()
        self.assertEqual(os.listdir(os.path.join(self.relay.data, 'db', 'blobs')), [])

    def test_who_does_not_answer_is_left(self):
        '''Clients that take neither mail nor the close keep nobody waiting.'''
        link = self.open(Depositor(self.relay))
        self.box.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(60):
            self.assertEqual(link.deposit(self.device, self.device.contact, envelope(16384)), STORED)
        self.terminate()
        self.ended()

    def test_twice(self):
        '''Who is impatient changes nothing.'''
        self.upload(200000, 100000)
        self.terminate()
        self.relay.process.send_signal(signal.SIGTERM)
        self.relay.process.send_signal(signal.SIGINT)
        self.ended()

    def test_nothing_is_read_anew(self):
        '''SIGHUP neither ends it sooner nor has it say that it is ready.'''
        path = os.path.join(self.relay.data, 'notify')
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
            notices.bind(path)
            notices.settimeout(TIMEOUT)
            self.relay = self.own_relay(environment={'NOTIFY_SOCKET': path})
            self.box = self.open(self.device.register(self.relay))
            link = self.upload(200000, 100000)
            self.terminate()
            self.relay.process.send_signal(signal.SIGHUP)
            link.sendall(b'x' * 100000)
            self.assertTrue(link.makefile('rb').read().startswith(b'HTTP/1.1 200'))
            self.ended()
            self.assertEqual([notices.recv(100) for _ in range(2)], [b'READY=1', b'STOPPING=1'])
            notices.setblocking(False)
            self.assertRaises(BlockingIOError, notices.recv, 100)

    def test_a_disk_that_is_stuck(self):
        '''What the store answers only when the time for it is over finds nobody there, and the relay ends in order.'''
        module = os.environ.get('TESSERA_READ_ONLY_DISK')
        self.assertTrue(module, 'run through meson, or set TESSERA_READ_ONLY_DISK to the module that holds the disk up')
        switch = os.path.join(self.relay.data, 'stuck')
        preload = {'LD_PRELOAD': module, 'TESSERA_STUCK': switch, 'ASAN_OPTIONS': 'verify_asan_link_order=0'}
        self.relay.environment.update(preload)
        self.addCleanup(pathlib.Path(switch).unlink, missing_ok=True)
        self.relay.stop()
        self.relay.start()
        self.box = self.open(self.device.connect(self.relay))
        tickets = self.device.ask(self.box, 'tickets', count=1)['tickets']
        link = self.open(Depositor(self.relay))
        with open(switch, 'w'):
            link.post(self.device, self.device.contact)
        while b'store_queue 0\n' in self.read_metrics():
            link.post(self.device, self.device.contact)
        address = self.device.address(self.relay).split('/')
        heads = ['GET /v1/health', f'PUT /v1/blobs/{tickets[0]}', f'GET /v1/accounts/{address[2]}', 'GET /v1/names/nobody']
        asked = [self.open(socket.create_connection(('127.0.0.1', self.relay.port), timeout=TIMEOUT)) for _ in heads]
        for one, head in zip(asked, heads):
            one.sendall(f'{head} HTTP/1.1\r\nHost: x\r\nTessera-Capability: {b64(self.device.request)}\r\n'
                        f'Content-Length: {4 if "PUT" in head else 0}\r\n\r\n'.encode())
        while b'http_requests_total 6\n' not in self.read_metrics():
            time.sleep(0.01)
        self.terminate()
        self.assertEqual([one.recv(1) for one in asked], [b''] * len(asked))
        os.unlink(switch)
        self.ended()

    def test_mail_of_the_last_moment(self):
        link = self.open(Depositor(self.relay))
        database = self.lock()
        sealed = envelope()
        link.post(self.device, self.device.contact, sealed)
        link.raw(link.frame(9))
        self.assertEqual(link.receive_frame()[0], 10)
        self.terminate()
        database.rollback()
        self.assertEqual(mail(self.box)[2], sealed)
        self.assertEqual(self.box.closed_with(), 1001)


if __name__ == '__main__':
    main()
