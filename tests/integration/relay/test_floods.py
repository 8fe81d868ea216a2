# Clients that take all they can get: connections, mailboxes, prekeys, disk, numbers. Each attack is watched (siege.py): the
# relay's memory stays within a bound, and an honest client is served meanwhile. SPDX-License-Identifier: GPL-3.0-or-later
import os
import socket
import struct
import time

from relaytest import FULL, SLOW_DOWN, STORED, Closed, Depositor, Device, WebSocket, ack, envelope, mail, main
from siege import Siege, descriptors, grows

ATTACKER = '127.0.0.66'


class Silent(Siege):
    config = ('[limits]\nconnections=11000\nconnections_per_address=1100\nrequest_rate=100000\nrequest_burst=100000\n'
              'http_seconds=20\n')

    @grows(80)
    def test_thousands_that_say_nothing(self):
        '''Half of them not even a request, half a WebSocket that never authenticates.'''
        count = descriptors(3000)
        made = []
        try:
            for number in range(count):
                one = socket.create_connection(('127.0.0.1', self.relay.port), 10, (f'127.1.0.{number % 10 + 1}', 0))
                made.append(one)
                if number % 2 == 0:
                    one.sendall(b'GET /v1/mailbox HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                                b'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
                                b'Sec-WebSocket-Protocol: tessera.v1\r\n\r\n')
            self.assertEqual(self.relay.get('/v1/info', source='127.0.0.9')[0], 200)
        finally:
            for one in made:
                one.close()


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
        self.assertGreater(self.ended(links), 150)

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


class Floods(Siege):
    config = ('[limits]\nrequest_rate=20\nrequest_burst=400\ndeposit_rate=200\ndeposit_burst=2000\nhttp_seconds=2\n'
              'stall_seconds=2\n')

    def test_a_mailbox_is_flooded(self):
        '''Under the capability that is in an address: fifty stay, the rest is told so, the owner hears those who know more.'''
        device = Device()
        box = self.open(device.register(self.relay))
        link = self.open(Depositor(self.relay, ATTACKER))
        numbers = {link.post(device, device.request) for _ in range(1500)}
        answers = [link.answer() for _ in numbers]
        self.assertEqual({request for request, _, _ in answers}, numbers)
        statuses = [status for _, status, _ in answers]
        self.assertEqual(statuses.count(STORED), 50)
        self.assertLessEqual(set(statuses), {STORED, FULL, SLOW_DOWN})
        friend = self.open(Depositor(self.relay, '127.0.0.67'))
        self.assertEqual(friend.deposit(device, device.contact), STORED)
        kinds = [mail(box)[1] for _ in range(51)]
        self.assertEqual((kinds.count(2), kinds.count(1)), (50, 1))

    def test_answers_are_never_read(self):
        '''Deposits without end from one who takes no answer: held back, then closed.'''
        device = Device()
        self.open(device.register(self.relay))
        link = self.open(Depositor(self.relay, ATTACKER))
        link.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.socket.settimeout(5)
        frame = WebSocket.frame(2, b'\1' + struct.pack('>I', 7) + device.public + os.urandom(16) + os.urandom(16) + envelope())
        try:
            for _ in range(20000):
                link.raw(frame)
        except (ConnectionError, TimeoutError):
            pass

    def test_prekeys_are_drained(self):
        '''Each is given once; then there is the last resort, and whoever asks on and on has to wait.'''
        device = Device()
        self.open(device.register(self.relay, one_time=40))
        given, codes = [], set()
        for _ in range(500):
            status, answer, _ = self.relay.bundle(device.account.public, device.request, one_time=True, source=ATTACKER)
            codes.add(status)
            if status == 200:
                given += [one['one_time'] for one in answer['devices'] if 'one_time' in one]
                self.assertIn('prekey', answer['devices'][0])
        self.assertEqual(len(set(given)), len(given))
        self.assertEqual(codes, {200, 429})
        status, answer, _ = self.relay.bundle(device.account.public, device.request, one_time=True, source='127.0.0.68')
        self.assertIn((status, answer.get('error', {}).get('code')), ((200, None), (429, 'slow-down')))
        if status == 200:
            self.assertIn('prekey', answer['devices'][0])

    def test_disk_is_hoarded(self):
        '''Tickets beyond count, and uploads that announce much and stop: what was begun is cleared away.'''
        device = Device()
        link = self.open(device.register(self.relay))
        tickets = []
        for _ in range(10):
            tickets += device.ask(link, 'tickets', count=16)['tickets']
        # Sixty-four are kept; of those made in one second, which is not said.
        self.assertIn(404, [self.relay.get('/v1/blobs/' + ticket, method='PUT', body=b'x')[0] for ticket in tickets[:16]])
        begun = [self.socket(f'PUT /v1/blobs/{ticket} HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\n'.encode()
                             + bytes(20000), source=ATTACKER) for ticket in tickets[-40:]]
        for one in begun:
            self.assertTrue(self.ends(one, 20))
        end = time.monotonic() + 10
        while self.unfinished() and time.monotonic() < end:
            time.sleep(0.1)
        self.assertEqual(self.unfinished(), [])

    def unfinished(self):
        folder = os.path.join(os.path.dirname(self.relay.database()), 'blobs')
        return [name for name in os.listdir(folder) if name.startswith('.')]

    def test_numbers_are_abused(self):
        '''Acknowledgements of what was never delivered, backwards and without end cost nobody a message.'''
        device = Device()
        link = self.open(Depositor(self.relay, ATTACKER))
        box = self.open(device.register(self.relay))
        sealed = [envelope() for _ in range(5)]
        for one in sealed:
            self.assertEqual(link.deposit(device, device.contact, one), STORED)
        first = mail(box)[0]
        for number in (first + 1000, 2 ** 63, 2 ** 64 - 1):
            try:
                ack(box, number)
                box.closed_with()
            except Closed:
                pass
            box = self.open(device.connect(self.relay))
            self.assertEqual(box.ready['waiting'], 5)
        got = [mail(box) for _ in range(5)]
        self.assertEqual([one[2] for one in got], sealed)
        ack(box, got[1][0])
        for _ in range(3000):
            ack(box, got[0][0])
            ack(box, 0)
        try:
            box.closed_with(0.5)
        except TimeoutError:
            pass
        again = self.open(device.connect(self.relay))
        self.assertEqual([mail(again)[2] for _ in range(3)], sealed[2:])

    def test_accounts_without_end(self):
        '''Registrations from one address: it is told to wait, and others are not.'''
        codes = []
        try:
            for _ in range(600):
                device = Device()
                link = device.connect(self.relay, '127.0.0.69')
                codes.append(device.ask(link, 'register', device_list='', prekey='', one_time=[])['code'])
                link.close()
        except (AssertionError, Closed, ConnectionError, KeyError):
            codes.append('refused')
        self.assertEqual(codes[-1], 'refused')
        self.assertLess(len(codes), 600)
        Device().register(self.relay, source='127.0.0.70').close()

    def test_smuggled_requests(self):
        '''Where two readers could see different ends of a request there is none: one answer at most, and the end.'''
        inner = b'GET /v1/info HTTP/1.1\r\nHost: x\r\n\r\n'
        for head in (b'Content-Length: 4\r\nTransfer-Encoding: chunked', b'Transfer-Encoding: chunked\r\nContent-Length: 4',
                     b'Content-Length: 4\r\nContent-Length: 40', b'Content-Length: -1', b'Content-Length: 0x4',
                     b'Transfer-Encoding: identity, chunked', b'Content-Length: 99999999999999999999'):
            one = self.socket(b'PUT /v1/blobs/AAAA HTTP/1.1\r\nHost: x\r\n' + head + b'\r\n\r\n0\r\n\r\n' + inner, ATTACKER)
            one.shutdown(socket.SHUT_WR)
            answer = b''
            try:
                while piece := one.recv(65536):
                    answer += piece
            except ConnectionError:
                pass
            self.assertNotIn(b'"protocols"', answer, head)
            self.assertLessEqual(answer.count(b'HTTP/1.'), 1, head)


if __name__ == '__main__':
    main()
