# Attachments: tickets, uploads, ranges, limits, expiry. SPDX-License-Identifier: GPL-3.0-or-later
import base64
import concurrent.futures
import hashlib
import http.client
import os
import resource
import socket
import sqlite3
import time

from relaytest import TIMEOUT, Device, RelayTest, b32, blake, main

MIB = 1024 * 1024


def unb32(text):
    return base64.b32decode(text + '=' * (-len(text) % 8))


class Blobs(RelayTest):
    def person(self):
        device = Device()
        return device, self.open(device.register(self.relay))

    def tickets(self, count=1):
        device, link = self.person()
        answer = device.ask(link, 'tickets', count=count)
        self.assertEqual(answer['op'], 'ok', answer)
        return answer['tickets']

    def put(self, ticket, body, **headers):
        status, answer, _ = self.relay.get('/v1/blobs/' + ticket, headers=headers, method='PUT', body=body)
        return answer['id'] if status == 200 else (status, answer['error']['code'])

    def fetch(self, name, method='GET', **headers):
        connection = http.client.HTTPConnection('127.0.0.1', self.relay.port, timeout=TIMEOUT)
        try:
            connection.request(method, '/v1/blobs/' + name, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        finally:
            connection.close()

    def files(self):
        return sorted(os.listdir(os.path.join(self.relay.data, 'db', 'blobs')))

    def wait_for_files(self, names):
        end = time.monotonic() + TIMEOUT
        while self.files() != sorted(names) and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(self.files(), sorted(names))


class Uploads(Blobs):
    def setUp(self):
        self.before = self.files()

    def test_up_and_down(self):
        info = self.relay.get('/v1/info')[1]['limits']
        self.assertEqual((info['blob_bytes'], info['blob_days']), (100 * MIB, 30))
        body = os.urandom(3 * MIB + 7)
        ticket, = self.tickets()
        self.assertEqual((len(ticket), len(unb32(ticket))), (52, 32))
        name = self.put(ticket, body)
        self.assertEqual(name, b32(blake(unb32(ticket))))
        status, got, headers = self.fetch(name)
        self.assertEqual((status, hashlib.sha256(got).digest()), (200, hashlib.sha256(body).digest()))
        self.assertEqual((headers['Content-Length'], headers['Content-Type'], headers['Accept-Ranges']),
                         (str(len(body)), 'application/octet-stream', 'bytes'))
        status, got, headers = self.fetch(name, 'HEAD')
        self.assertEqual((status, got, headers['Content-Length']), (200, b'', str(len(body))))
        self.relay.stop()
        self.relay.start()
        self.assertEqual(self.fetch(name)[1], body)

    def test_ranges(self):
        body = os.urandom(200000)
        name = self.put(self.tickets()[0], body)
        for text, start, end in (('0-0', 0, 0), ('5-9', 5, 9), ('100000-', 100000, 199999), ('-10', 199990, 199999),
                                 ('199999-300000', 199999, 199999), ('-300000', 0, 199999), ('0-199999', 0, 199999)):
            status, got, headers = self.fetch(name, Range='bytes=' + text)
            self.assertEqual((status, headers['Content-Range'], headers['Content-Length']),
                             (206, f'bytes {start}-{end}/200000', str(end - start + 1)), text)
            self.assertEqual(got, body[start:end + 1], text)
        for text in ('bytes=9-5', 'bytes=', 'bytes=-', 'bytes=1-2,4-5', 'lines=1-2', 'bytes=a-b', 'bytes=1-2-3', 'bytes=+1-2'):
            status, got, _ = self.fetch(name, Range=text)
            self.assertEqual((status, len(got)), (200, 200000), text)
        for text in ('200000-', '200000-200001', '-0'):
            status, _, headers = self.fetch(name, Range='bytes=' + text)
            self.assertEqual((status, headers['Content-Range']), (416, 'bytes */200000'), text)
        status, got, headers = self.fetch(name, 'HEAD', Range='bytes=5-9')
        self.assertEqual((status, got, headers['Content-Length']), (206, b'', '5'))

    def test_a_ticket_is_good_for_one_blob(self):
        ticket, = self.tickets()
        name = self.put(ticket, b'first')
        self.assertEqual(self.put(ticket, b'other'), (404, 'not-found'))
        self.assertEqual(self.fetch(name)[1], b'first')

    def test_a_blob_that_cannot_be_opened(self):
        '''A relay that has no descriptor left for it says that it is busy, and not that there is no such blob.'''
        name = self.put(self.tickets()[0], b'sealed')
        limits = resource.prlimit(self.relay.process.pid, resource.RLIMIT_NOFILE)
        status, end = 200, time.monotonic() + TIMEOUT
        # One that was still taken when they were counted may be free a moment later.
        while status == 200:
            self.assertLess(time.monotonic(), end)
            taken = {int(fd) for fd in os.listdir(f'/proc/{self.relay.process.pid}/fd')}
            free = [fd for fd in range(1000) if fd not in taken]
            # The first one is for the connection.
            resource.prlimit(self.relay.process.pid, resource.RLIMIT_NOFILE, (free[1], limits[1]))
            try:
                status, body, fields = self.fetch(name)
            finally:
                resource.prlimit(self.relay.process.pid, resource.RLIMIT_NOFILE, limits)
        self.assertEqual((status, b'"busy"' in body), (503, True), body)
        self.assertIn('Retry-After', fields)
        self.assertEqual(self.fetch(name)[:2], (200, b'sealed'))

    def test_a_blob_that_nobody_was_told_of(self):
        spent, unspent = self.tickets(2)
        name, lost = self.put(spent, b'first'), b32(blake(unb32(unspent)))
        self.relay.kill()
        # As a relay leaves it that dies after the file has its name, and before the ticket is spent.
        with open(os.path.join(self.relay.data, 'db', 'blobs', lost), 'wb') as file:
            file.write(b'half an upload')
        self.relay.start()
        self.assertEqual(self.put(unspent, b'sealed anew'), lost)
        self.assertEqual(self.fetch(lost)[1], b'sealed anew')
        self.assertEqual(self.fetch(name)[1], b'first')

    def test_one_ticket_at_once(self):
        ticket, = self.tickets()
        bodies = [bytes([65 + i]) * MIB for i in range(8)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda body: self.put(ticket, body), bodies))
        good = [i for i, answer in enumerate(answers) if isinstance(answer, str)]
        self.assertEqual(len(good), 1, answers)
        self.assertEqual({answer[0] for answer in answers if isinstance(answer, tuple)} - {404, 503}, set())
        self.assertEqual(self.fetch(answers[good[0]])[1], bodies[good[0]])

    def test_many_at_once(self):
        tickets = self.tickets(16)
        bodies = [os.urandom(300000 + i) for i in range(16)]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            names = list(pool.map(self.put, tickets, bodies))
            got = list(pool.map(lambda name: self.fetch(name)[1], names))
        self.assertEqual(got, bodies)

    def test_what_is_no_ticket(self):
        unknown = b32(os.urandom(32))
        for ticket in (unknown, unknown[:-1], unknown + 'A', 'x', '', '..', '%2e%2e%2frelay.db', '../relay.db', unknown + '?x=1'):
            self.assertIn(self.put(ticket, b'x'), ((404, 'not-found'), (400, 'bad-request'), (413, 'too-large')), ticket)
        self.assertEqual(self.put(unknown, b'x'), (404, 'not-found'))
        self.assertEqual(self.files(), self.before)

    def test_what_is_no_id(self):
        ticket, = self.tickets()
        name = self.put(ticket, b'sealed')
        unknown = b32(os.urandom(32))
        for path in (unknown, ticket, name[:-1], name + 'A', '', '..%2frelay.db', '%2e%2e/relay.db', '.' + name, name + '?x=1',
                     name + '/', name + '%00', 'relay.db'):
            self.assertEqual(self.fetch(path)[0], 404, path)
        self.assertEqual(self.fetch(name.lower())[0], 200)

    def test_lengths(self):
        ticket, = self.tickets()
        self.assertEqual(self.put(ticket, b''), (400, 'bad-request'))
        large = {'Content-Length': str(100 * MIB + 1), 'Expect': '100-continue'}
        self.assertEqual(self.put(ticket, None, **large), (413, 'too-large'))
        self.assertEqual(self.put(ticket, iter([b'piece'] * 3)), (400, 'bad-request'))
        self.assertIsInstance(self.put(ticket, b'x'), str)

    def test_expect(self):
        '''The ticket is judged before the body is sent.'''
        for ticket, word in ((self.tickets()[0], b'HTTP/1.1 100'), (b32(os.urandom(32)), b'HTTP/1.1 404')):
            with socket.create_connection(('127.0.0.1', self.relay.port), timeout=TIMEOUT) as raw:
                head = f'PUT /v1/blobs/{ticket} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n'
                raw.sendall(head.encode())
                self.assertEqual(raw.recv(12), word)

    def test_broken_off(self):
        '''An upload that ends early leaves nothing, and its ticket is still good.'''
        ticket, = self.tickets()
        name = b32(blake(unb32(ticket)))
        with socket.create_connection(('127.0.0.1', self.relay.port), timeout=TIMEOUT) as raw:
            raw.sendall(f'PUT /v1/blobs/{ticket} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n'.encode() + bytes(50000))
            self.wait_for_files(self.before + ['.' + name])
            self.assertEqual(self.fetch(name)[0], 404)
        self.wait_for_files(self.before)
        self.assertEqual(self.put(ticket, b'again'), name)

    def test_unfinished_uploads_go_at_the_start(self):
        self.relay.stop()
        with open(os.path.join(self.relay.data, 'db', 'blobs', '.LEFT'), 'w'):
            pass
        self.relay.start()
        self.assertEqual(self.files(), self.before)

    def test_no_trace_of_whose(self):
        device, link = self.person()
        ticket = device.ask(link, 'tickets', count=1)['tickets'][0]
        name = self.put(ticket, b'sealed')
        database = sqlite3.connect(self.relay.database())
        self.addCleanup(database.close)
        for table in ('ticket', 'upload'):
            for row in database.execute(f'SELECT * FROM {table}'):
                self.assertNotIn(unb32(name), row)
        self.assertEqual([row[0] for row in database.execute('SELECT bytes FROM upload WHERE account = ?',
                                                             (device.account.public,))], [6])

    def test_gone_with_the_account(self):
        device, link = self.person()
        ticket = device.ask(link, 'tickets', count=1)['tickets'][0]
        self.assertEqual(device.ask(link, 'delete')['op'], 'ok')
        self.assertEqual(self.put(ticket, b'x'), (404, 'not-found'))

    def test_bad_requests(self):
        device, link = self.person()
        for count in (0, 17, -1, '1', None):
            self.assertEqual(device.ask(link, 'tickets', count=count)['code'], 'bad-request', count)
        name = b32(os.urandom(32))
        for method in ('POST', 'DELETE'):
            self.assertEqual(self.relay.get('/v1/blobs/' + name, method=method)[0], 400, method)
        self.assertEqual(self.relay.get('/v1/info', method='PUT', body=b'x')[0], 413)


class Quota(Blobs):
    config = '[limits]\nblob_megabytes=1\naccount_megabytes=2\n'

    def test_size_and_quota(self):
        device, link = self.person()
        tickets = device.ask(link, 'tickets', count=4)['tickets']
        self.assertEqual(self.put(tickets[0], bytes(MIB + 1)), (413, 'too-large'))
        self.assertIsInstance(self.put(tickets[0], bytes(MIB)), str)
        self.assertIsInstance(self.put(tickets[1], bytes(MIB - 100)), str)
        self.assertEqual(self.put(tickets[2], bytes(101)), (413, 'too-large'))
        self.assertIsInstance(self.put(tickets[2], bytes(100)), str)
        self.assertEqual(device.ask(link, 'tickets', count=1)['code'], 'too-large')
        # Another account has its own.
        self.assertIsInstance(self.put(self.tickets()[0], bytes(MIB)), str)

    def test_at_once(self):
        device, link = self.person()
        tickets = device.ask(link, 'tickets', count=8)['tickets']
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda ticket: self.put(ticket, bytes(MIB)), tickets))
        self.assertEqual(len([answer for answer in answers if isinstance(answer, str)]), 2, answers)
        kept = {answer for answer in answers if isinstance(answer, str)}
        self.assertTrue(kept <= set(self.files()))
        for ticket in tickets:
            name = b32(blake(unb32(ticket)))
            self.assertEqual(self.fetch(name)[0], 200 if name in kept else 404)


class Hoarded(Blobs):
    def test_one_address_does_not_take_all_places(self):
        '''Uploads that go on for ever, of many accounts from one address: others still find room for theirs.'''
        tickets = [ticket for _ in range(4) for ticket in self.tickets(5)]
        begun = []
        for ticket in tickets[:16]:
            raw = socket.create_connection(('127.0.0.1', self.relay.port), timeout=TIMEOUT)
            self.addCleanup(raw.close)
            raw.sendall(f'PUT /v1/blobs/{ticket} HTTP/1.1\r\nHost: x\r\nContent-Length: 120000\r\n\r\n'.encode() + bytes(1000))
            begun.append(raw)
        self.wait_for_files(['.' + b32(blake(unb32(ticket))) for ticket in tickets[:16]])
        self.assertEqual(self.put(tickets[16], b'x'), (503, 'busy'))
        answer = self.relay.get('/v1/blobs/' + tickets[16], method='PUT', body=b'x', source='127.0.0.2')
        self.assertEqual(answer[0], 200)
        begun[0].close()
        end = time.monotonic() + TIMEOUT
        while self.put(tickets[17], b'x') == (503, 'busy'):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)
        self.assertIn(b32(blake(unb32(tickets[17]))), self.files())


class NoRoom(Blobs):
    config = '[limits]\nreserve_megabytes=16777216\n'

    def test_busy(self):
        ticket, = self.tickets()
        self.assertEqual(self.put(ticket, b'x'), (503, 'busy'))
        self.assertEqual(self.files(), [])


class Slow(Blobs):
    config = '[limits]\nhttp_seconds=1\n'

    def test_a_steady_transfer_takes_its_time(self):
        ticket, = self.tickets()
        with socket.create_connection(('127.0.0.1', self.relay.port), timeout=TIMEOUT) as raw:
            raw.sendall(f'PUT /v1/blobs/{ticket} HTTP/1.1\r\nHost: x\r\nContent-Length: 120000\r\n\r\n'.encode())
            for _ in range(12):
                raw.sendall(bytes(10000))
                time.sleep(0.3)
            self.assertEqual(raw.recv(12), b'HTTP/1.1 200')

    def test_who_pauses_is_dropped(self):
        ticket, = self.tickets()
        with socket.create_connection(('127.0.0.1', self.relay.port), timeout=TIMEOUT) as raw:
            raw.sendall(f'PUT /v1/blobs/{ticket} HTTP/1.1\r\nHost: x\r\nContent-Length: 120000\r\n\r\n'.encode() + bytes(60000))
            self.assertEqual(raw.recv(12), b'')
        self.wait_for_files([name for name in self.files() if name[0] != '.'])


class Without(Blobs):
    config = '[limits]\nblob_megabytes=0\n'

    def test_nothing(self):
        device, link = self.person()
        self.assertEqual(device.ask(link, 'tickets', count=1)['code'], 'not-found')
        self.assertEqual(self.put(b32(os.urandom(32)), b'x')[0], 413)
        self.assertEqual(self.relay.get('/v1/info')[1]['limits']['blob_bytes'], 0)


if __name__ == '__main__':
    main()
