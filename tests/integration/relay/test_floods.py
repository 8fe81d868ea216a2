# Clients that take all they can get: connections, memory, mailboxes, prekeys, disk. Each attack is watched (siege.py): the
# relay's memory stays within a bound, and an honest client is served meanwhile. SPDX-License-Identifier: GPL-3.0-or-later
import os
import select
import socket
import struct
import time

from relaytest import FULL, STORED, Closed, Depositor, Device, WebSocket, ack, envelope, mail, main
from siege import Siege, descriptors, grows

ATTACKER = '127.0.0.66'


class Silent(Siege):
    config = ('[limits]\nconnections=11000\nconnections_per_address=1100\nrequest_rate=100000\nrequest_burst=100000\n')
    # A relay that takes thousands of connections a second is busy, on a machine that makes them at the same time.
    patience = 5
    head = (b'GET /v1/%s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
            b'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: tessera.v1\r\n\r\n')

    def dial(self, count, say):
        '''So many connections from ten addresses, which all say that.'''
        made = []
        for number in range(count):
            one = socket.create_connection(('127.0.0.1', self.relay.port), 10, (f'127.1.0.{number % 10 + 1}', 0))
            self.addCleanup(one.close)
            made.append(one)
            if say(number):
                one.sendall(say(number))
        return made

    @grows(160)
    def test_ten_thousand_that_say_nothing(self):
        '''Two of three not a word, the third half a head. A thousand may wait for as long as they like; the others push each
        other out long before their time.'''
        made = self.dial(descriptors(10000), lambda number: self.head[:80] if number % 3 == 0 else b'')
        self.assertEqual(self.relay.get('/v1/info', source='127.0.0.9')[0], 200)
        for one in made[:-1100]:
            self.assertTrue(self.ends(one, 20))
        # Nor does it hurt the patient where there is no crowd: the last ones are still there.
        poll = select.poll()
        for one in made[-100:]:
            poll.register(one, select.POLLRDHUP)
        self.assertEqual(poll.poll(0), [])

    @grows(24)
    def test_links_that_say_nothing(self):
        '''Idle WebSockets, on which nothing is deposited yet or nobody has authenticated, cost little.'''
        made = self.dial(2000, lambda number: self.head % (b'mailbox' if number % 4 == 0 else b'deposit'))
        for one in made:
            self.assertEqual(one.recv(12), b'HTTP/1.1 101')


class Networks(Siege):
    '''One IPv6 network is one client, as one IPv4 address is. The attacker speaks through a proxy that is believed.'''
    config = (f'[relay]\ntrusted_proxies={ATTACKER}\n[limits]\nconnections_per_address=20\nrequest_rate=5\nrequest_burst=60\n')

    def ask(self, address):
        return self.relay.get('/v1/info', {'X-Forwarded-For': address}, source=ATTACKER)[0]

    def dial(self, address):
        return self.open(WebSocket(self.relay, '/v1/deposit', headers=[f'X-Forwarded-For: {address}'], source=ATTACKER)).status

    def test_connections_of_one_network(self):
        statuses = [self.dial(f'2001:db8:1:2:{number:x}:{number:x}::1') for number in range(1, 31)]
        self.assertEqual(statuses, [101] * 20 + [429] * 10)
        self.assertEqual([self.dial('2001:db8:1:3::1'), self.dial('2001:db8:2:2::1'), self.dial('192.0.2.1')], [101] * 3)

    def test_requests_of_one_network(self):
        began = time.monotonic()
        statuses = [self.ask(f'2001:db8:7:7:ffff:{number:x}::') for number in range(150)]
        good = statuses.count(200)
        self.assertEqual(set(statuses), {200, 429})
        self.assertTrue(60 <= good <= 61 + 5 * (time.monotonic() - began), good)
        self.assertEqual((self.ask('2001:db8:7:7::9'), self.ask('2001:db8:7:8::9')), (429, 200))

    def test_an_address_within_ipv6_is_that_address(self):
        began = time.monotonic()
        statuses = [self.ask(f'{prefix}192.0.2.7') for _ in range(60) for prefix in ('', '::ffff:')]
        self.assertLessEqual(statuses.count(200), 61 + 5 * (time.monotonic() - began))
        self.assertEqual(self.ask('::ffff:192.0.2.8'), 200)

    def test_thousands_of_networks(self):
        '''What is remembered of each is bounded and small.'''
        for number in range(3000):
            self.assertEqual(self.ask(f'2001:db8:{number:x}:1::1'), 200)

    def test_a_real_one(self):
        relay = self.own_relay(config='[limits]\nconnections_per_address=5\n', host='[::1]')
        made = [socket.create_connection(('::1', relay.port), 10) for _ in range(9)]
        gone = 0
        for one in made:
            one.settimeout(0.3)
            try:
                gone += one.recv(1) == b''
            except ConnectionError:
                gone += 1
            except TimeoutError:
                pass
            one.close()
        self.assertEqual(gone, 4)


class Hoards(Siege):
    '''What many links hold together, each within its own bound.'''
    config = ('[limits]\nlink_megabytes=16\nrequest_rate=10000\nrequest_burst=100000\ndeposit_rate=10000\ndeposit_burst=100000\n'
              'connections_per_address=1000\n')

    def ended(self, links):
        '''How many of them the relay has ended by now.'''
        count = 0
        for link in links:
            link.socket.settimeout(0.001)
            try:
                while link.socket.recv(65536):
                    pass
                count += 1
            except TimeoutError:
                pass
            except ConnectionError:
                count += 1
        return count

    @grows(40)
    def test_messages_that_never_end(self):
        links = [self.open(WebSocket(self.relay, '/v1/mailbox')) for _ in range(200)]
        for link in links:
            try:
                link.raw(WebSocket.frame(1, bytes(500000), final=False))
            except ConnectionError:
                pass
        self.assertEqual(self.relay.get('/v1/info')[0], 200)
        # 100 MB were sent, and 16 MiB may stay.
        end = time.monotonic() + 20
        while self.ended(links) <= 150:
            self.assertLess(time.monotonic(), end)

    @grows(56)
    def test_mail_that_nobody_reads(self):
        people = [Device() for _ in range(90)]
        link = self.open(Depositor(self.relay))
        for device in people:
            device.register(self.relay).close()
            for _ in range(16):
                link.post(device, device.contact, envelope(65536))
            self.assertEqual({link.answer()[1] for _ in range(16)}, {STORED})
        boxes = []
        for device in people:
            box = self.open(WebSocket(self.relay, '/v1/mailbox'))
            box.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            box.send(device.answer(box.receive()))
            boxes.append(box)
        for box in boxes:
            try:
                box.take(1000)
            except Closed:
                pass
        # Nothing is lost by that: who comes back and reads gets all of it.
        again = self.open(people[0].connect(self.relay))
        self.assertEqual(again.ready['waiting'], 16)
        for _ in range(16):
            ack(again, mail(again)[0])


class Mail(Siege):
    config = '[limits]\ndeposit_rate=100000\ndeposit_burst=100000\nrequest_rate=1000\nrequest_burst=10000\nstall_seconds=2\n'

    @grows(32)
    def test_a_mailbox_is_full(self):
        '''One who was accepted fills the whole mailbox: refused from there on, others are not, and the owner empties it.'''
        device, other = Device(), Device()
        device.register(self.relay).close()
        self.open(other.register(self.relay))
        link = self.open(Depositor(self.relay, ATTACKER))
        statuses = []
        for _ in range(102):
            for _ in range(100):
                link.post(device, device.contact)
            statuses += [link.answer()[1] for _ in range(100)]
        self.assertEqual((statuses.count(STORED), statuses.count(FULL)), (10000, 200))
        link.post(device, device.contact)
        self.assertGreater(link.answer()[2], 0)
        self.assertEqual(link.deposit(other, other.contact), STORED)
        box = self.open(device.connect(self.relay))
        self.assertEqual(box.ready['waiting'], 10000)
        numbers = []
        while len(numbers) < 10000:
            numbers.append(mail(box)[0])
            if len(numbers) % 32 == 0 or len(numbers) == 10000:
                ack(box, numbers[-1])
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertEqual(device.ask(box, 'publish')['op'], 'ok')
        self.assertEqual(link.deposit(device, device.contact), STORED)

    def test_strangers_flood_a_mailbox(self):
        '''Under the capability that is in an address: fifty stay, the rest is told so, those who know more get through.'''
        device = Device()
        box = self.open(device.register(self.relay))
        link = self.open(Depositor(self.relay, ATTACKER))
        numbers = {link.post(device, device.request) for _ in range(1500)}
        answers = [link.answer() for _ in numbers]
        self.assertEqual({request for request, _, _ in answers}, numbers)
        statuses = [status for _, status, _ in answers]
        self.assertEqual((statuses.count(STORED), statuses.count(FULL)), (50, 1450))
        friend = self.open(Depositor(self.relay, '127.0.0.67'))
        self.assertEqual(friend.deposit(device, device.contact), STORED)
        kinds = [mail(box)[1] for _ in range(51)]
        self.assertEqual((kinds.count(2), kinds.count(1)), (50, 1))

    @grows(32)
    def test_answers_are_never_read(self):
        '''Deposits without end on several links, from one who takes no answer: each is held back at some point.'''
        device = Device()
        self.open(device.register(self.relay))
        held = 0
        large = WebSocket.frame(2, b'\1' + struct.pack('>I', 7) + bytes(64) + envelope(65536))
        small = WebSocket.frame(2, b'\1' + struct.pack('>I', 7) + bytes(64)) * 5000
        for number in range(8):
            link = self.open(Depositor(self.relay, ATTACKER))
            link.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            link.socket.settimeout(0.5)
            try:
                for _ in range(500):
                    link.raw(large if number % 2 else small)
            except (ConnectionError, TimeoutError):
                held += 1
        # The large ones have few answers, which fit in the system's buffers.
        self.assertGreaterEqual(held, 4)


class Readers(Siege):
    '''Those who fetch attachments and take nothing of them.'''
    config = '[limits]\nrequest_rate=100000\nrequest_burst=100000\nconnections_per_address=1000\nhttp_seconds=10\n'
    # As above.
    patience = 5

    @grows(32)
    def test_attachments_that_nobody_reads(self):
        device = Device()
        link = self.open(device.register(self.relay))
        ticket = device.ask(link, 'tickets', count=1)['tickets'][0]
        whole = os.urandom(2000000)
        name = self.relay.get('/v1/blobs/' + ticket, method='PUT', body=whole)[1]['id']
        made = []
        for number in range(500):
            one = socket.socket()
            self.addCleanup(one.close)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.bind((f'127.0.1.{number % 10 + 1}', 0))
            one.connect(('127.0.0.1', self.relay.port))
            one.sendall(f'GET /v1/blobs/{name} HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
            made.append(one)
        for one in made:
            self.assertTrue(one.recv(12).endswith(b' 200'))


class Crumbs(Siege):
    '''Hundreds of links over which the smallest messages come as fast as they go, far above every rate.'''
    config = '[limits]\nrequest_rate=1000\nrequest_burst=10000\n'

    def flood(self, links, frame):
        '''For some seconds; whatever the relay answers is taken, and whom it closes is left alone.'''
        data, poll = memoryview(frame * 1000), select.poll()
        left = {link.socket.fileno(): (link.socket, 0) for link in links}
        for link in links:
            link.socket.setblocking(False)
            poll.register(link.socket, select.POLLIN | select.POLLOUT)
        end = time.monotonic() + 4
        while time.monotonic() < end:
            for fd, events in poll.poll(100):
                made, at = left[fd]
                try:
                    if events & select.POLLIN and not made.recv(65536):
                        raise ConnectionError
                    left[fd] = made, (at + made.send(data[at:])) % len(data)
                except BlockingIOError:
                    pass
                except ConnectionError:
                    poll.unregister(fd)

    @grows(64)
    def test_requests(self):
        links = [self.open(Device().connect(self.relay, f'127.0.1.{number % 20 + 1}')) for number in range(400)]
        self.flood(links, WebSocket.frame(1, b'{"op":"dance","id":1}'))

    @grows(64)
    def test_pings(self):
        links = [self.open(Depositor(self.relay, f'127.0.1.{number % 20 + 1}')) for number in range(400)]
        self.flood(links, WebSocket.frame(9))


class Takers(Siege):
    config = '[limits]\nrequest_rate=20\nrequest_burst=400\nhttp_seconds=2\n'

    def test_prekeys_are_drained(self):
        '''Three addresses take all keys: each had to stop at its hundred, none came twice, a session can still be started
        with the last resort, and the owner, who hears of it, brings new ones.'''
        device = Device()
        box = self.open(device.register(self.relay, one_time=100))
        began, given, good = time.monotonic(), [], {}
        for source in ('127.0.0.71', '127.0.0.72', '127.0.0.73'):
            answers = [self.relay.bundle(device.account.public, device.request, True, source) for _ in range(130)]
            good[source] = [answer['devices'][0] for status, answer, _ in answers if status == 200]
            self.assertEqual({status for status, _, _ in answers}, {200, 429})
            given += [one['one_time'] for one in good[source] if 'one_time' in one]
        for source in good:
            self.assertLessEqual(len(good[source]), 101 + 0.5 * (time.monotonic() - began))
        self.assertEqual((len(given), len(set(given))), (100, 100))
        self.assertEqual(self.relay.bundle(device.account.public, os.urandom(16), True, '127.0.0.74')[0], 403)
        status, answer, _ = self.relay.bundle(device.account.public, device.request, True, '127.0.0.74')
        self.assertEqual((status, sorted(answer['devices'][0])), (200, ['device', 'prekey']))
        self.assertEqual([box.receive()['left'] for _ in range(25)], list(range(24, -1, -1)))
        self.assertEqual(device.ask(box, 'publish', one_time=device.one_times(1000, 50))['one_time'], 50)
        status, answer, _ = self.relay.bundle(device.account.public, device.contact, True, '127.0.0.74')
        self.assertIn('one_time', answer['devices'][0])

    def test_disk_is_hoarded(self):
        '''Tickets beyond count, and uploads that announce much and stop: what was begun is cleared away.'''
        device = Device()
        link = self.open(device.register(self.relay))

        def take(rounds):
            return [ticket for _ in range(rounds) for ticket in device.ask(link, 'tickets', count=16)['tickets']]
        statuses = [self.relay.get('/v1/blobs/' + ticket, method='PUT', body=b'x')[0] for ticket in take(8)]
        self.assertEqual((statuses.count(200), statuses.count(404)), (64, 64))
        begun = [self.socket(f'PUT /v1/blobs/{ticket} HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\n'.encode()
                             + bytes(20000), source=ATTACKER) for ticket in take(3)]
        for one in begun:
            self.assertTrue(self.ends(one, 20))
        end = time.monotonic() + 10
        while len(self.files()) > 64 and time.monotonic() < end:
            time.sleep(0.1)
        # What is not whole yet has a name that begins with a dot.
        self.assertEqual((len(self.files()), [name for name in self.files() if name[0] == '.']), (64, []))

    def files(self):
        return os.listdir(os.path.join(os.path.dirname(self.relay.database()), 'blobs'))


if __name__ == '__main__':
    main()
