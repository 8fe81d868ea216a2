# Clients that bend the protocol: numbers, signatures, names, accounts, requests within requests, JSON. Each attack is watched
# (siege.py): the relay's memory stays within a bound, and an honest client is served meanwhile.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import socket
import struct
import time

from relaytest import STORED, Closed, Depositor, Device, WebSocket, ack, b64, envelope, mail, main, unb64
from siege import Siege

ATTACKER = '127.0.0.66'
# The order of Ed25519's group.
ORDER = 2 ** 252 + 27742317777372353535851937790883648493


class Numbers(Siege):
    '''Sequences and acknowledgements.'''

    def box_with(self, count, device=None):
        '''A person whose mailbox holds so much: (device, link, the envelopes, a depositor).'''
        device = device or Device()
        box = self.open(device.register(self.relay))
        link = self.open(Depositor(self.relay))
        sealed = [envelope() for _ in range(count)]
        for one in sealed:
            link.post(device, device.contact, one)
        self.assertEqual({link.answer()[1] for _ in sealed}, {STORED})
        return device, box, sealed, link

    def test_acknowledgements_of_what_never_was(self):
        device, box, sealed, _ = self.box_with(5)
        last = [mail(box)[0] for _ in sealed][-1]
        for number in (last + 1, last + 1000, 2 ** 53, 2 ** 63 - 1, 2 ** 63, 2 ** 64 - 1):
            ack(box, number)
            self.assertEqual(box.closed_with(), 4000, number)
            box = self.open(device.connect(self.relay))
            self.assertEqual((box.ready['waiting'], box.ready['acked']), (5, 0), number)
        self.assertEqual([mail(box)[2] for _ in sealed], sealed)

    def test_acknowledgements_twice_and_backwards(self):
        device, box, sealed, _ = self.box_with(6)
        numbers = [mail(box)[0] for _ in sealed]
        for number in (numbers[2], numbers[2], numbers[0], 0, numbers[1], numbers[2], numbers[3], 0, 1):
            ack(box, number)
        self.assertEqual(device.ask(box, 'publish')['op'], 'ok')
        again = self.open(device.connect(self.relay))
        self.assertEqual((again.ready['waiting'], again.ready['acked']), (2, numbers[3]))
        self.assertEqual([mail(again)[2] for _ in range(2)], sealed[4:])

    def test_acknowledgements_of_what_was_not_delivered(self):
        '''Whoever throws away mail unseen throws away their own, once, and gets what comes later.'''
        device, box, sealed, link = self.box_with(100)
        numbers = [mail(box)[0] for _ in range(64)]
        self.assertTrue(box.silent())
        ack(box, numbers[-1] + 36)
        self.assertEqual(link.deposit(device, device.contact, sealed[0]), STORED)
        self.assertEqual(mail(box)[1:], (1, sealed[0]))
        self.assertEqual(device.ask(box, 'publish')['op'], 'ok')
        self.assertEqual(self.open(device.connect(self.relay)).ready['waiting'], 1)

    def test_acknowledgements_without_end(self):
        device, box, sealed, link = self.box_with(3)
        numbers = [mail(box)[0] for _ in sealed]
        frames = b''.join(WebSocket.frame(2, b'\2' + struct.pack('>Q', number)) for number in (0, 1, numbers[0]) * 1000)
        for _ in range(30):
            box.raw(frames)
        self.assertEqual(device.ask(box, 'publish')['op'], 'ok')
        self.assertEqual(self.open(device.connect(self.relay)).ready['waiting'], 2)

    def test_acknowledgements_where_there_is_no_mail(self):
        link = self.open(Depositor(self.relay))
        ack(link, 0)
        self.assertEqual(link.closed_with(), 4000)
        stranger = self.open(Device().connect(self.relay))
        ack(stranger, 0)
        self.assertEqual(stranger.closed_with(), 4000)
        nobody = self.open(WebSocket(self.relay, '/v1/mailbox'))
        ack(nobody, 0)
        self.assertEqual(nobody.closed_with(), 4000)


class Signatures(Siege):
    def refused(self, answer, source=ATTACKER):
        link = self.open(WebSocket(self.relay, '/v1/mailbox', source=source))
        challenge = link.receive()
        link.send(answer(challenge))
        self.assertEqual(link.closed_with(), 4003)

    def test_a_signature_is_played_again(self):
        '''What a device once signed opens no second link, and does not disturb the first.'''
        device = Device()
        device.register(self.relay).close()
        box = self.open(WebSocket(self.relay, '/v1/mailbox'))
        heard = device.answer(box.receive())
        box.send(heard)
        self.assertTrue(box.receive()['registered'])
        for _ in range(200):
            self.refused(lambda challenge: heard)
        self.assertEqual(device.ask(box, 'publish')['op'], 'ok')

    def test_a_challenge_is_passed_on(self):
        '''Between two relays in the middle: what was signed for another origin, or in another role, is good for nothing.'''
        device = Device()
        self.refused(lambda challenge: device.answer(challenge, 'https://relay.example'))
        self.refused(lambda challenge: device.answer(challenge, challenge['relay'] + '/'))
        self.refused(lambda challenge: device.answer(challenge, ' ' + challenge['relay']))
        for role in ('device', 'prekey', 'relay-auth\0', ''):
            def sign(challenge):
                record = unb64(challenge['nonce']) + challenge['relay'].encode() + device.public
                return {'op': 'auth', 'device': b64(device.public), 'signature': b64(device.sign(role, record))}
            self.refused(sign)

    def test_signatures_in_other_shapes(self):
        device = Device()

        def larger(challenge):
            answer = device.answer(challenge)
            signature = unb64(answer['signature'])
            number = int.from_bytes(signature[32:], 'little') + ORDER
            return {**answer, 'signature': b64(signature[:32] + number.to_bytes(32, 'little'))}
        self.refused(larger)
        neutral = bytes([1]) + bytes(31)
        for key in (neutral, bytes(32), b'\xff' * 32, b'\xec' + b'\xff' * 30 + b'\x7f', b'\xee' + b'\xff' * 30 + b'\x7f'):
            # The key of which any signature with S = 0 is one, if small orders were let in, and others that are no keys.
            self.refused(lambda challenge: {'op': 'auth', 'device': b64(key), 'signature': b64(neutral + bytes(32))})
            self.refused(lambda challenge: {'op': 'auth', 'device': b64(key), 'signature': b64(key + bytes(32))})


class Rates(Siege):
    config = '[limits]\nrequest_rate=10\nrequest_burst=100\n'

    def dial(self, source):
        '''An authenticated link of a new device, or None: the handshake was refused.'''
        device = Device()
        link = WebSocket(self.relay, '/v1/mailbox', source=source)
        if link.status != 101:
            self.assertEqual((link.status, link.headers['retry-after'].isdigit()), (429, True))
            link.close()
            return device, None
        link.send(device.answer(link.receive()))
        link.receive()
        return device, link

    def test_accounts_without_end(self):
        '''A thousand from one address: it is told to wait, and nobody else is.'''
        began, made = time.monotonic(), 0
        for _ in range(1000):
            device, link = self.dial('127.0.0.67')
            if link is not None:
                answer = device.ask(link, 'register', device_list=b64(device.device_list()), prekey=b64(device.prekey()),
                                    one_time=[])
                made += answer['op'] == 'ok'
                self.assertIn(answer.get('code'), (None, 'slow-down'))
                link.close()
        # Each is a handshake and a request.
        self.assertLessEqual(made, (100 + 10 * (time.monotonic() - began)) / 2 + 1)
        self.assertGreaterEqual(made, 40)
        self.open(Device().register(self.relay, source='127.0.0.68'))

    def test_an_account_with_many_addresses(self):
        device = Device()
        began, good = time.monotonic(), 0
        self.open(device.register(self.relay, source='127.0.0.70'))
        for number in range(71, 76):
            link = self.open(device.connect(self.relay, f'127.0.0.{number}'))
            for _ in range(80):
                good += device.ask(link, 'publish')['op'] == 'ok'
        self.assertLessEqual(good, 100 + 10 * (time.monotonic() - began))
        self.assertEqual(device.ask(link, 'publish')['code'], 'slow-down')
        other = Device()
        self.assertEqual(other.ask(self.open(other.register(self.relay, source='127.0.0.76')), 'publish')['op'], 'ok')

    def test_names_are_grabbed_and_guessed(self):
        '''An account holds one name however many it asks for, and looking for names is slow.'''
        device = Device()
        link = self.open(device.register(self.relay, source='127.0.0.80'))
        grabbed = [f'grab{number}' for number in range(90)]
        for name in grabbed:
            self.assertEqual(device.ask(link, 'name', name=name, address=device.address(self.relay))['op'], 'ok')
        found = [self.relay.get('/v1/names/' + name, source='127.0.0.81')[0] for name in grabbed]
        self.assertEqual((set(found[:-1]), found[-1]), ({404}, 200))
        codes = [self.relay.get(f'/v1/names/guess{number}', source='127.0.0.81')[0] for number in range(60)]
        self.assertEqual(codes[-1], 429)
        self.assertEqual(self.relay.get('/v1/names/' + grabbed[-1], source='127.0.0.82')[0], 200)

    def test_requests_whose_answers_nobody_reads(self):
        device = Device()
        link = self.open(device.register(self.relay, source='127.0.0.85'))
        link.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.socket.settimeout(2)
        frames = b''.join(WebSocket.frame(1, json.dumps({'op': 'publish', 'id': number}).encode()) for number in range(1000))
        try:
            for _ in range(500):
                link.raw(frames)
        except (ConnectionError, TimeoutError):
            pass


class Requests(Siege):
    '''HTTP: where one request ends and the next begins.'''
    config = '[limits]\nrequest_rate=1000\nrequest_burst=10000\nhttp_seconds=2\n'
    inner = b'GET /v1/info HTTP/1.1\r\nHost: x\r\n\r\n'

    def everything(self, data, source=ATTACKER):
        '''All that comes back on a connection on which `data` is said, and nothing more.'''
        made = self.socket(source=source)
        answer = b''
        try:
            made.sendall(data)
            made.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        try:
            while piece := made.recv(65536):
                answer += piece
        except ConnectionError:
            pass
        made.close()
        return answer

    def test_smuggled_requests(self):
        '''Where two readers could see different ends of a request, the second is not answered.'''
        chunked, length = b'Transfer-Encoding: chunked', b'Content-Length: '
        heads = [length + b'4\r\n' + chunked, chunked + b'\r\n' + length + b'4', length + b'4\r\n' + length + b'40',
                 length + b'40\r\n' + length + b'4', length + b'5\r\n' + length + b'5', length + b'4, 40', length + b'-1',
                 length + b'+4', length + b'0x4', length + b'4 4', length + b'99999999999999999999',
                 length + b'18446744073709551620', length,
                 b'Transfer-Encoding: identity, chunked', b'Transfer-Encoding: chunked, identity', b'Transfer-Encoding: xchunked',
                 b'Transfer-Encoding : chunked', b'Transfer-Encoding:\tchunked', b'Transfer-Encoding:\r\n chunked',
                 b'Transfer-Encoding: "chunked"', b'X: y\rTransfer-Encoding: chunked', b'X: y\nTransfer-Encoding: chunked',
                 b'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', b'Content-Length : 4', b'Content-Length:\0004',
                 b' Content-Length: 4', b'X\0: y', b'Content_Length: 4', b'Connection: keep-alive',
                 b'Connection: Content-Length\r\n' + length + b'4']
        bodies = [b'0\r\n\r\n', b'0\r\nContent-Length: 100\r\nX: trailer\r\n\r\n', b'4;x=y\r\nabcd\r\n0\r\n\r\n', b'-1\r\n\r\n',
                  b'ffffffffffffffff0\r\nx', b'0x0\r\n\r\n', b'']
        for method in (b'PUT /v1/blobs/AAAA', b'POST /v1/info', b'GET /v1/deposit', b'HEAD /v1/info'):
            for head in heads:
                for body in bodies:
                    answer = self.everything(method + b' HTTP/1.1\r\nHost: x\r\n' + head + b'\r\n\r\n' + body + self.inner)
                    self.assertNotIn(b'"protocols"', answer, (method, head, body))
                    self.assertLessEqual(answer.count(b'HTTP/1.'), 1, (method, head, body))

    def test_pipelined_requests(self):
        '''One connection, one answer at most: the rest of five thousand is not even read, and the end that this brings about
        may overtake the answer.'''
        self.assertEqual(self.everything(self.inner * 2).count(b'"protocols"'), 1)
        answer = self.everything(self.inner * 5000)
        self.assertLessEqual(answer.count(b'HTTP/1.'), 1)

    def test_lines_that_are_none(self):
        for line in (b'GET /v1/info', b'GET  /v1/info  HTTP/1.1', b'GET\t/v1/info\tHTTP/1.1', b' GET /v1/info HTTP/1.1',
                     b'GET /v1/info HTTP/1.1 x', b'GET /v1/info\0 HTTP/1.1', b'GET /v1/\xff HTTP/1.1',
                     b'GET http://[::1 HTTP/1.1', b'GET /v1/info HTTP/11.1', b'GET /v1/info http/1.1', b'GET ? HTTP/1.1',
                     b'\r\n\r\nGET /v1/info HTTP/1.1', b'GET /' + b'a' * 100000 + b' HTTP/1.1',
                     b'A' * 100000 + b' / HTTP/1.1', b'GET # HTTP/1.1', b'GET /v1/info#x HTTP/1.1'):
            answer = self.everything(line + b'\r\nHost: x\r\n\r\n')
            self.assertLessEqual(answer.count(b'HTTP/1.'), 1, line[:40])

    def test_handshakes_given_up(self):
        '''Upgraded and gone at once, by reset, by half a close, or in the middle of the head.'''
        head = (b'GET /v1/mailbox HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                b'Sec-WebSocket-Version: 13\r\n'
                b'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: tessera.v1\r\n\r\n')
        for number in range(1000):
            made = self.socket(head[:len(head) - number % 3 * 40], source=ATTACKER)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            made.close()
        halves = [self.socket(head, source=ATTACKER) for _ in range(100)]
        for one in halves:
            one.shutdown(socket.SHUT_WR)
        for one in halves:
            self.assertTrue(self.ends(one, 10))

    def test_upgrades_of_what_is_no_link(self):
        for path in ('/v1/info', '/v1/blobs/' + 'A' * 52, '/v1/accounts/' + 'A' * 52, '/v1/names/alice', '/', '/v1'):
            for method in ('GET', 'PUT', 'POST'):
                data = (f'{method} {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                        'Content-Length: 0\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
                        'Sec-WebSocket-Protocol: tessera.v1\r\n\r\n')
                answer = self.everything(data.encode() + WebSocket.frame(9, b'x') + self.inner)
                self.assertNotIn(b' 101 ', answer[:20], (method, path))
                self.assertLessEqual(answer.count(b'HTTP/1.'), 1, (method, path))


class Bombs(Siege):
    '''JSON that is small to send and large to hold.'''
    config = '[limits]\nrequest_rate=1000\nrequest_burst=10000\n'

    def bombs(self):
        room = 500000
        yield '[' * room
        yield '{"a":' * (room // 5)
        yield '{"op":"x","id":1,"x":[' + '0,' * (room // 2) + '0]}'
        yield '{"op":"x","id":1,"x":[' + '[],' * (room // 3) + '0]}'
        yield '{"op":"x","id":1,"x":[' + '{},' * (room // 3) + '0]}'
        yield '{"op":"x","id":1,"x":[' + '"",' * (room // 3) + '0]}'
        yield '{"op":"x","id":1,' + ','.join(f'"{number}":0' for number in range(room // 10)) + '}'
        yield '{"op":"x","id":1,"x":"' + '\\u0041' * (room // 6) + '"}'
        yield '{"op":"x","id":1,"' + 'k' * room + '":0}'
        yield '{"op":"x","id":' + '1' * room + '}'
        yield '{"op":"x","id":1,"x":1' + '0' * room + '}'
        yield '{"op":"x","id":1e' + '9' * room + '}'
        yield ' ' * room + '{"op":"x","id":1}'

    def test_bombs(self):
        for text in self.bombs():
            for _ in range(5):
                link = self.open(Device().connect(self.relay, ATTACKER))
                link.send(text)
                try:
                    self.assertEqual(link.receive()['code'], 'bad-request', text[:40])
                except Closed as closed:
                    self.assertEqual(closed.code, 4000, text[:40])
                link.close()

    def test_keys_to_verify_without_end(self):
        '''A hundred signatures and lattice keys a request, as often as the rate allows, on several links at once.'''
        people = [Device() for _ in range(4)]
        links = [self.open(device.register(self.relay, source=ATTACKER)) for device in people]
        for first in range(0, 3):
            for device, link in zip(people, links):
                bad = device.one_times(1 + first * 100, 99) + [b64(os.urandom(1300))]
                link.send({'op': 'publish', 'id': 90 + first, 'one_time': bad})
        for link in links:
            for first in range(0, 3):
                self.assertEqual(link.receive()['code'], 'bad-request')


if __name__ == '__main__':
    main()
