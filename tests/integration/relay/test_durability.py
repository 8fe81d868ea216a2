# What the relay said it stored is stored: across kill -9, restarts, full disks, damaged files.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import pathlib
import random
import resource
import select
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time

from relaytest import (BEFORE, NO_MAILBOX, SLOW_DOWN, STORED, TIMEOUT, Closed, Depositor, Device, Relay, RelayTest, WebSocket,
                       ack, envelope, mail, main, options)
from siege import descriptors


class Restart(RelayTest):
    def setUp(self):
        self.relay = self.own_relay()
        self.device = Device()
        self.device.register(self.relay, one_time=10).close()

    @classmethod
    def setUpClass(cls):
        pass

    def drain(self, expected=None):
        '''Fetches and acknowledges all that waits; gives {envelope: sequence}.'''
        box = self.open(self.device.connect(self.relay))
        got = {}
        for _ in range(box.ready['waiting']):
            sequence, _, sealed = mail(box)
            self.assertNotIn(sealed, got)
            got[sealed] = sequence
            if len(got) % 32 == 0:
                ack(box, sequence)
        if got:
            ack(box, max(got.values()))
        self.assertEqual(self.device.ask(box, 'publish')['op'], 'ok')
        box.close()
        return got

    def test_clean_restart(self):
        link = self.open(Depositor(self.relay))
        deposit_id, sealed = os.urandom(16), envelope()
        self.assertEqual(link.deposit(self.device, self.device.contact, sealed, deposit_id), STORED)
        self.assertEqual(self.relay.stop(), 0)
        self.assertEqual(self.relay.errors, '')
        self.relay.start()
        link = self.open(Depositor(self.relay))
        self.assertEqual(link.deposit(self.device, self.device.contact, sealed, deposit_id), BEFORE)
        first = self.drain()
        self.assertEqual(list(first), [sealed])
        self.relay.stop(signal.SIGINT)
        self.relay.start()
        link = self.open(Depositor(self.relay))
        self.assertEqual(link.deposit(self.device, self.device.contact, sealed, deposit_id), BEFORE)
        self.assertEqual(link.deposit(self.device, self.device.contact), STORED)
        again = self.drain()
        self.assertEqual(len(again), 1)
        self.assertGreater(min(again.values()), max(first.values()))

    def test_clients_are_told_to_go(self):
        box = self.open(self.device.connect(self.relay))
        link = self.open(Depositor(self.relay))
        began = time.monotonic()
        waiting = threading.Thread(target=self.relay.stop)
        waiting.start()
        self.assertEqual((box.closed_with(), link.closed_with()), (1001, 1001))
        waiting.join()
        self.assertEqual(self.relay.process.returncode, 0)
        self.assertLess(time.monotonic() - began, 5)

    def test_kill_at_once(self):
        link = self.open(Depositor(self.relay))
        sealed = envelope()
        self.assertEqual(link.deposit(self.device, self.device.contact, sealed), STORED)
        self.relay.kill()
        self.relay.start()
        self.assertEqual(list(self.drain()), [sealed])

    def test_kill_under_load(self):
        '''Killed at random moments while four depositors send: all that was stored comes, nothing comes twice after its ack.'''
        stored, lock = set(), threading.Lock()
        received = {}
        for _ in range(5):
            stop = threading.Event()
            threads = [threading.Thread(target=self.flood, args=(stop, stored, lock)) for _ in range(4)]
            for thread in threads:
                thread.start()
            time.sleep(random.uniform(0.05, 0.4))
            self.relay.kill()
            stop.set()
            for thread in threads:
                thread.join()
            self.relay.start()
            for sealed, sequence in self.drain().items():
                self.assertNotIn(sealed, received)
                self.assertGreater(sequence, max(received.values(), default=0))
                received[sealed] = sequence
        self.assertGreater(len(stored), 0)
        self.assertEqual(stored - set(received), set())

    def flood(self, stop, stored, lock):
        try:
            link = Depositor(self.relay)
            flying = {}
            while not stop.is_set():
                sealed = envelope()
                flying[link.post(self.device, self.device.contact, sealed)] = sealed
                if len(flying) >= 16:
                    request, status, _ = link.answer()
                    if status == STORED:
                        with lock:
                            stored.add(flying.pop(request))
                    else:
                        time.sleep(0.02)
                        flying.pop(request)
        except (Closed, OSError):
            pass

    def test_full_disk(self):
        '''No room: depositors are told to wait, mail still flows out, and all works again once there is room.'''
        link = self.open(Depositor(self.relay))
        sealed = envelope()
        self.assertEqual(link.deposit(self.device, self.device.contact, sealed), STORED)
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        wal = os.path.getsize(self.relay.database() + '-wal')
        resource.prlimit(self.relay.process.pid, resource.RLIMIT_FSIZE, (max(wal - 8192, 4096), resource.RLIM_INFINITY))
        statuses = [link.deposit(self.device, self.device.contact, envelope(65536)) for _ in range(5)]
        self.assertIn(SLOW_DOWN, statuses)
        box = self.open(self.device.connect(self.relay))
        self.assertEqual(mail(box)[2], sealed)
        self.assertEqual(self.relay.get('/v1/info')[0], 200)
        self.assertEqual(self.relay.bundle(self.device.account.public, self.device.contact)[0], 200)
        status, answer, headers = self.relay.bundle(self.device.account.public, self.device.contact, one_time=True)
        self.assertEqual((status, answer['error']['code']), (503, 'busy'))
        self.assertIn('Retry-After', headers)
        resource.prlimit(self.relay.process.pid, resource.RLIMIT_FSIZE, unlimited)
        self.assertEqual(link.deposit(self.device, self.device.contact, envelope()), STORED)
        self.assertEqual(self.relay.bundle(self.device.account.public, self.device.contact, one_time=True)[0], 200)
        box.close()
        self.assertEqual(len(self.drain()), statuses.count(STORED) + 2)
        self.relay.stop()
        self.assertIn('busy', self.relay.errors)


class ReadOnly(RelayTest):
    @classmethod
    def setUpClass(cls):
        pass

    def setUp(self):
        module = os.environ.get('TESSERA_READ_ONLY_DISK')
        self.assertTrue(module, 'run through meson, or set TESSERA_READ_ONLY_DISK to the module that makes the disk read-only')
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.switch = os.path.join(folder.name, 'read-only')
        self.stuck = os.path.join(folder.name, 'stuck')
        self.full = os.path.join(folder.name, 'full')
        self.unreadable = os.path.join(folder.name, 'unreadable')
        preload = {'LD_PRELOAD': module, 'TESSERA_READ_ONLY': self.switch, 'TESSERA_STUCK': self.stuck, 'TESSERA_FULL': self.full,
                   'TESSERA_UNREADABLE': self.unreadable, 'ASAN_OPTIONS': 'verify_asan_link_order=0'}
        self.relay = self.own_relay(environment=preload)
        # A relay whose disk is stuck cannot be stopped.
        for switch in (self.stuck, self.unreadable):
            self.addCleanup(pathlib.Path(switch).unlink, missing_ok=True)

    def test_read_only_disk(self):
        '''A disk that turns read-only: nothing is taken, what is there is served, and all works again by itself once it can.'''
        device, sealed, deposit_id = Device(), envelope(), os.urandom(16)
        box = self.open(device.register(self.relay, one_time=10))
        link = self.open(Depositor(self.relay))
        first, second = device.ask(box, 'tickets', count=2)['tickets']
        blob = self.relay.get('/v1/blobs/' + first, method='PUT', body=b'12345')[1]['id']
        self.assertEqual(link.deposit(device, device.contact, sealed), STORED)
        self.assertEqual(mail(box)[2], sealed)
        with open(self.switch, 'w'):
            pass
        for _ in range(3):
            self.assertEqual(link.deposit(device, device.contact, deposit_id=deposit_id), SLOW_DOWN)
        ack(box, 1)
        self.assertEqual(device.ask(box, 'publish', one_time=device.one_times(20, 1))['code'], 'busy')
        self.assertEqual(self.relay.get('/v1/health')[0], 503)
        self.assertEqual(self.relay.get('/v1/blobs/' + second, method='PUT', body=b'1')[1]['error']['code'], 'busy')
        self.assertEqual(self.relay.bundle(device.account.public, device.contact, one_time=True)[0], 503)
        # What only reads is served.
        self.assertEqual(self.relay.get('/v1/info')[0], 200)
        self.assertEqual(self.relay.bundle(device.account.public, device.contact)[0], 200)
        self.assertEqual(self.relay.get('/v1/blobs/' + blob)[1], '12345')
        again = self.open(device.connect(self.relay))
        self.assertEqual((again.ready['waiting'], mail(again)[2]), (1, sealed))
        os.unlink(self.switch)
        end = time.monotonic() + 15
        while self.relay.get('/v1/health')[0] != 200:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)
        self.assertEqual(link.deposit(device, device.contact, deposit_id=deposit_id), STORED)
        self.assertEqual(self.relay.get('/v1/blobs/' + second, method='PUT', body=b'1')[0], 200)
        left = self.relay.bundle(device.account.public, device.contact, one_time=True)[1]['devices'][0]
        self.assertIn('one_time', left)
        ack(again, mail(again)[0])
        self.assertEqual(device.ask(again, 'publish')['one_time'], 9)
        self.assertEqual(self.relay.stop(), 0)
        self.assertIn('event=store-failing', self.relay.errors)
        self.assertIn('event=store-recovered', self.relay.errors)
        self.relay.start()
        self.assertEqual(self.open(device.connect(self.relay)).ready['waiting'], 0)

    def test_many_bring_all_they_can(self):
        '''While the disk stands still, the links of one address that go on depositing leave room for who deposits once.'''
        device = Device()
        device.register(self.relay).close()
        honest = self.open(Depositor(self.relay))
        links = [self.open(Depositor(self.relay, '127.0.0.66')) for _ in range(60)]
        deposit = b'\1' + bytes(4) + device.public + device.contact + bytes(16) + envelope(65536)
        data = memoryview(WebSocket.frame(2, deposit) * 64)
        left, poll = {}, select.poll()
        for link in links:
            link.socket.setblocking(False)
            poll.register(link.socket, select.POLLOUT)
            left[link.socket.fileno()] = link.socket, 0
        with open(self.stuck, 'w'):
            pass
        # Until all is sent, or the relay takes no more.
        while ready := poll.poll(1000):
            for fd, _ in ready:
                made, at = left[fd]
                left[fd] = made, at + made.send(data[at:])
                if left[fd][1] == len(data):
                    poll.unregister(fd)
        number = honest.post(device, device.contact)
        self.assertTrue(honest.silent())
        os.unlink(self.stuck)
        self.assertEqual(honest.answer()[:2], (number, STORED))

    def test_many_addresses_bring_all_they_can(self):
        '''Nor do links that bring one envelope each, of a dozen addresses, which together are more than the relay queues.'''
        wanted = 1320
        if descriptors(wanted) < wanted:
            raise AssertionError('the system lets nobody open that many sockets')
        device = Device()
        device.register(self.relay).close()
        honest = self.open(Depositor(self.relay))
        links = [self.open(Depositor(self.relay, f'127.0.1.{number % 12 + 1}')) for number in range(wanted)]
        frame = WebSocket.frame(2, b'\1' + bytes(4 + 32 + 16 + 16) + envelope(65536))
        with open(self.stuck, 'w'):
            pass
        first = honest.post(device, device.contact)
        self.assertTrue(honest.silent())
        for link in links:
            link.raw(frame)
        # It is more than there is room for: the first are told so.
        poll = select.poll()
        for link in links:
            poll.register(link.socket, select.POLLIN)
        self.assertNotEqual(poll.poll(10000), [])
        second = honest.post(device, device.contact)
        box = self.open(WebSocket(self.relay, '/v1/mailbox', source='127.0.0.7'))
        box.send(device.answer(box.receive()))
        self.assertTrue(box.silent())
        self.assertTrue(honest.silent())
        os.unlink(self.stuck)
        self.assertEqual([honest.answer()[:2] for _ in range(2)], [(first, STORED), (second, STORED)])
        self.assertEqual(box.receive()['waiting'], 2)
        ack(box, [mail(box)[0] for _ in range(2)][-1])
        self.assertEqual(device.ask(box, 'publish')['op'], 'ok')
        self.assertEqual({link.answer()[1] for link in links}, {NO_MAILBOX, SLOW_DOWN})

    def test_attachments_that_take_their_time(self):
        '''While the disk gives out no attachment, all others are served; and who waits for one gets it in the end.'''
        device, body = Device(), os.urandom(300000)
        box = self.open(device.register(self.relay))
        ticket = device.ask(box, 'tickets', count=1)['tickets'][0]
        blob = self.relay.get('/v1/blobs/' + ticket, method='PUT', body=body)[1]['id']
        with open(self.unreadable, 'w'):
            pass
        asked = [self.open(socket.create_connection(('127.0.0.1', self.relay.port), timeout=TIMEOUT)) for _ in range(12)]
        for one in asked:
            one.sendall(f'GET /v1/blobs/{blob} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'.encode())
        # Who has lost patience meanwhile is no trouble either.
        for one in asked[6:]:
            one.close()
        self.assertEqual(self.relay.get('/v1/info')[0], 200)
        link = self.open(Depositor(self.relay))
        self.assertEqual(link.deposit(device, device.contact), STORED)
        ack(box, mail(box)[0])
        self.assertEqual(select.select(asked[:6], [], [], 0)[0], [])
        os.unlink(self.unreadable)
        for one in asked[:6]:
            with one.makefile('rb') as answer:
                self.assertTrue(answer.read().endswith(b'\r\n\r\n' + body))
        self.assertEqual((self.relay.stop(), self.relay.errors), (0, ''))

    def test_an_upload_that_waits_for_the_disk(self):
        '''What has come whole is answered when the disk has it, however long that takes; then it is the client's turn again.'''
        relay = self.own_relay(config='[limits]\nhttp_seconds=1\n', environment=self.relay.environment)
        self.addCleanup(pathlib.Path(self.stuck).unlink, missing_ok=True)
        device = Device()
        box = self.open(device.register(relay))
        ticket = device.ask(box, 'tickets', count=1)['tickets'][0]
        with open(self.stuck, 'w'):
            pass
        link = self.open(socket.create_connection(('127.0.0.1', relay.port), timeout=TIMEOUT))
        link.sendall(f'PUT /v1/blobs/{ticket} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nbytes'.encode())
        self.assertEqual(select.select([link], [], [], 3.5)[0], [])
        os.unlink(self.stuck)
        with link.makefile('rb') as answer:
            self.assertTrue(answer.read().startswith(b'HTTP/1.1 200'))

    def deposit_until(self, link, device, status):
        end = time.monotonic() + 15
        while link.deposit(device, device.contact) != status:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)

    def test_a_disk_that_is_almost_full(self):
        '''Deposits stop before the last of it is taken: whoever fetches mail can still say so, and makes room by that.'''
        device = Device()
        box = self.open(device.register(self.relay))
        link = self.open(Depositor(self.relay))
        self.assertEqual(link.deposit(device, device.contact), STORED)
        with open(self.full, 'w'):
            pass
        self.deposit_until(link, device, SLOW_DOWN)
        self.assertEqual(self.relay.get('/v1/health')[0], 503)
        ticket = device.ask(box, 'tickets', count=1)['tickets'][0]
        self.assertEqual(self.relay.get('/v1/blobs/' + ticket, method='PUT', body=b'1')[1]['error']['code'], 'busy')
        waiting = self.open(device.connect(self.relay)).ready['waiting']
        box = self.open(device.connect(self.relay))
        ack(box, [mail(box)[0] for _ in range(waiting)][-1])
        self.assertEqual(self.open(device.connect(self.relay)).ready['waiting'], 0)
        os.unlink(self.full)
        self.deposit_until(link, device, STORED)
        self.assertEqual(self.relay.get('/v1/health')[0], 200)
        self.relay.stop()
        self.assertEqual(self.relay.errors.count('event=disk-low'), 1, self.relay.errors)

    def test_read_only_from_the_start(self):
        self.relay.stop()
        with open(self.switch, 'w'):
            pass
        done = subprocess.run([options.relay, '--listen', '127.0.0.1:0', '--data', os.path.join(self.relay.data, 'db')],
                              capture_output=True, text=True, timeout=20, env=self.relay.environment)
        self.assertEqual(done.returncode, 1)
        self.assertIn('nothing can be written to the data folder: Read-only file system', done.stderr)


class Acks(RelayTest):
    '''An ack waits for company on its way to the store, and whoever looks finds it done.'''

    def setUp(self):
        self.relay = self.own_relay()
        self.device = Device()
        self.box = self.open(self.device.register(self.relay))
        self.link = self.open(Depositor(self.relay))

    @classmethod
    def setUpClass(cls):
        pass

    def take(self, capability, count=1):
        '''So much mail comes and is acknowledged; the relay has read that.'''
        for _ in range(count):
            self.assertEqual(self.link.deposit(self.device, capability), STORED)
        sequence = [mail(self.box)[0] for _ in range(count)][-1]
        ack(self.box, sequence)
        self.box.raw(self.box.frame(9))
        while self.box.receive_frame()[0] != 10:
            pass
        return sequence

    def ready(self):
        ready = self.open(self.device.connect(self.relay)).ready
        return ready['waiting'], ready['acked']

    def test_alone(self):
        sequence = self.take(self.device.contact)
        database = sqlite3.connect(f'file:{self.relay.database()}?mode=ro', uri=True)
        limit = time.monotonic() + 10
        while database.execute('SELECT count(*) FROM mail').fetchone()[0] > 0:
            self.assertLess(time.monotonic(), limit)
            time.sleep(0.005)
        database.close()
        self.relay.kill()
        self.relay.start()
        self.assertEqual(self.ready(), (0, sequence))

    def test_then_the_relay_ends(self):
        sequence = self.take(self.device.contact)
        self.box.close()
        self.link.close()
        self.assertEqual(self.relay.stop(), 0)
        self.relay.start()
        self.assertEqual(self.ready(), (0, sequence))

    def test_then_another_link(self):
        sequence = self.take(self.device.contact)
        self.assertEqual(self.ready(), (0, sequence))
        self.assertEqual(self.box.closed_with(), 4001)

    def test_then_it_closes(self):
        sequence = self.take(self.device.contact)
        self.box.send(b'', opcode=8)
        self.assertEqual(self.box.closed_with(), 1005)
        self.assertEqual(self.ready(), (0, sequence))

    def test_then_a_request(self):
        '''A mailbox that is registered anew counts from the beginning: what was acknowledged in the one before says nothing.'''
        self.take(self.device.contact, 5)
        self.assertEqual(self.device.ask(self.box, 'publish')['op'], 'ok')
        self.relay.kill()
        self.relay.start()
        self.assertEqual(self.ready(), (0, 5))

    def test_then_a_deposit(self):
        '''There is room for one more as soon as one is acknowledged.'''
        for _ in range(2):
            self.take(self.device.request, 50)


class Data(RelayTest):
    @classmethod
    def setUpClass(cls):
        pass

    def run_relay(self, *arguments):
        done = subprocess.run([options.relay, '--listen', '127.0.0.1:0', *arguments], capture_output=True, text=True, timeout=20)
        return done.returncode, done.stderr

    def refused(self, folder, *words):
        path = os.path.join(folder, 'relay.db')
        with open(path, 'rb') as file:
            before = file.read()
        code, errors = self.run_relay('--data', folder)
        self.assertEqual(code, 1)
        for word in words:
            self.assertIn(word, errors)
        with open(path, 'rb') as file:
            self.assertEqual(file.read(), before)

    def folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return folder.name

    def made(self):
        relay = self.own_relay()
        Device().register(relay).close()
        relay.stop()
        return os.path.join(relay.data, 'db')

    def test_mode(self):
        folder = self.made()
        self.assertEqual(os.stat(folder).st_mode & 0o777, 0o700)
        self.assertEqual(os.stat(os.path.join(folder, 'relay.db')).st_mode & 0o077, 0)

    def test_no_database(self):
        folder = self.folder()
        with open(os.path.join(folder, 'relay.db'), 'wb') as file:
            file.write(b'this is a letter to my aunt\n' * 500)
        self.refused(folder, 'relay.db', 'damaged')

    def test_damaged(self):
        folder = self.made()
        with open(os.path.join(folder, 'relay.db'), 'r+b') as file:
            file.seek(4096)
            file.write(os.urandom(16384))
        self.refused(folder, 'relay.db', 'damaged')

    def test_newer_schema(self):
        folder = self.made()
        database = sqlite3.connect(os.path.join(folder, 'relay.db'))
        database.execute('PRAGMA user_version = 99')
        database.commit()
        database.execute('PRAGMA wal_checkpoint(TRUNCATE)')
        database.close()
        self.refused(folder, 'relay.db', 'newer')

    def test_another_programs(self):
        folder = self.folder()
        database = sqlite3.connect(os.path.join(folder, 'relay.db'))
        database.execute('CREATE TABLE recipes (name)')
        database.commit()
        database.close()
        self.refused(folder, 'relay.db', 'another program')

    def test_unwritable(self):
        folder = self.folder()
        with open(os.path.join(folder, 'file'), 'w'):
            pass
        code, errors = self.run_relay('--data', os.path.join(folder, 'file', 'below'))
        self.assertEqual(code, 1)
        self.assertIn('data folder', errors)
        code, errors = self.run_relay('--data', '/proc/nowhere')
        self.assertEqual(code, 1)
        self.assertIn('data folder', errors)

    def test_one_relay_a_folder(self):
        relay = self.own_relay()
        code, errors = self.run_relay('--data', os.path.join(relay.data, 'db'))
        self.assertEqual(code, 1)
        self.assertIn('another tessera-relay', errors)


if __name__ == '__main__':
    main()
