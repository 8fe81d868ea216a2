# Clients that mean harm, over raw sockets. SPDX-License-Identifier: GPL-3.0-or-later
import os
import socket
import struct
import time

from relaytest import STORED, Closed, Depositor, Device, RelayTest, WebSocket, ack, b32, b64, envelope, mail, main
from siege import Siege

QUICK = '[limits]\nhttp_seconds=2\nstall_seconds=2\nping_seconds=2\n'


class Frames(Siege):
    def broken(self, code, *frames, path='/v1/mailbox'):
        link = self.open(WebSocket(self.relay, path))
        for frame in frames:
            link.raw(frame)
        self.assertEqual(link.closed_with(), code, frames[0][:20])
        link.close()

    def test_protocol_errors(self):
        frame = WebSocket.frame
        for bad in (frame(1, b'{}', masked=False), frame(1, b'{}', bits=0x40), frame(1, b'{}', bits=0x10), frame(3, b'x'),
                    frame(7), frame(11), frame(15), frame(0, b'x'), frame(9, final=False), frame(9, b'', length=126),
                    frame(8, b'\x03'), frame(8, struct.pack('>H', 999)), frame(8, struct.pack('>H', 1005)),
                    frame(8, struct.pack('>H', 5000)), frame(8, struct.pack('>H', 1000) + b'\xff'),
                    b'\x81\xfe\x00\x05' + bytes(9), b'\x81\xff' + bytes(7) + b'\x05' + bytes(9),
                    b'\x82\xff\xff' + bytes(7) + bytes(4)):
            self.broken(1002, bad)
        self.broken(1002, frame(1, b'{', final=False), frame(1, b'}'))
        self.broken(1002, frame(2, b'{', final=False), frame(2, b'}', final=False))

    def test_bad_utf8(self):
        for text in (b'\xff\xfe', b'\xed\xa0\x80', b'{"op":"\xc0\xaf"}', b'\xf4\x90\x80\x80'):
            self.broken(1007, WebSocket.frame(1, text))

    def test_oversized_frames(self):
        frame = WebSocket.frame
        self.broken(1009, frame(1, length=512 * 1024 + 1))
        self.broken(1009, frame(2, length=65536 + 257))
        self.broken(1009, frame(2, length=1 << 40))
        self.broken(1009, frame(2, length=(1 << 62)), path='/v1/deposit')
        self.broken(1009, frame(1, length=100000), path='/v1/deposit')

    def test_oversized_in_fragments(self):
        for path, opcode, pieces in (('/v1/mailbox', 1, 40), ('/v1/mailbox', 2, 10), ('/v1/deposit', 2, 10),
                                     ('/v1/deposit', 1, 2)):
            link = self.open(WebSocket(self.relay, path))
            try:
                link.raw(WebSocket.frame(opcode, b'x' * 16384, final=False))
                for _ in range(pieces):
                    link.raw(WebSocket.frame(0, b'x' * 16384, final=False))
            except ConnectionError:
                pass
            self.assertEqual(link.closed_with(), 1009, path)

    def test_endless_empty_fragments(self):
        link = self.open(Depositor(self.relay))
        link.raw(WebSocket.frame(2, b'', final=False))
        for _ in range(200):
            link.raw(WebSocket.frame(0, b'', final=False) * 200)

    def test_announced_sizes_cost_nothing(self):
        links = [self.open(WebSocket(self.relay, '/v1/mailbox')) for _ in range(200)]
        for link in links:
            link.raw(WebSocket.frame(1, b'{', length=512 * 1024))
        self.assertEqual(self.relay.get('/v1/info')[0], 200)

    def test_honest_fragments_and_control_frames_between(self):
        device = Device()
        self.open(device.register(self.relay))
        link = self.open(Depositor(self.relay))
        whole = b'\1' + struct.pack('>I', 7) + device.public + device.contact + os.urandom(16) + envelope()
        link.raw(WebSocket.frame(2, whole[:1], final=False) + WebSocket.frame(9, b'are you there'))
        self.assertEqual(link.receive_frame(), (10, b'are you there'))
        for at in range(1, len(whole), 100):
            link.raw(WebSocket.frame(0, whole[at:at + 100], final=at + 100 >= len(whole)))
        self.assertEqual(link.answer(), (7, STORED, None))
        for byte in WebSocket.frame(2, whole):
            link.raw(bytes([byte]))
        self.assertEqual(link.answer()[1], 1)

    def test_close_is_answered(self):
        for payload, code in ((struct.pack('>H', 1000) + b'bye', 1000), (b'', 1005), (struct.pack('>H', 4999), 4999)):
            link = self.open(Depositor(self.relay))
            link.raw(WebSocket.frame(8, payload))
            self.assertEqual(link.closed_with(), code)
            self.assertTrue(self.ends(link.socket, 3))

    def test_half_closed(self):
        '''What came whole before the end is done, and the link ends with it, closed or not; nothing of it stays.'''
        device = Device()
        self.open(device.register(self.relay)).close()
        for rest in (b'', WebSocket.frame(2, b'x' * 100)[:50], WebSocket.frame(2, b'x', final=False)):
            link = self.open(Depositor(self.relay))
            began = time.monotonic()
            link.raw(WebSocket.frame(2, b'\1' + struct.pack('>I', 7) + device.public + device.contact + os.urandom(16)
                                     + envelope()) + rest)
            link.socket.shutdown(socket.SHUT_WR)
            link.closed_with()
            self.assertTrue(self.ends(link.socket, 3))
            self.assertLess(time.monotonic() - began, 3)
        self.assertEqual(self.open(device.connect(self.relay)).ready['waiting'], 3)

    def test_handshakes(self):
        head = 'GET /v1/deposit HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
        key, protocol = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n', 'Sec-WebSocket-Protocol: tessera.v1\r\n'
        version = 'Sec-WebSocket-Version: 13\r\n'
        for rest in (version + protocol, key + version,
                     key + version + 'Sec-WebSocket-Protocol: chat\r\n'):
            made = self.socket((head + rest + '\r\n').encode())
            self.assertIn(b' 400 ', made.recv(4096))
        made = self.socket((head + key + 'Sec-WebSocket-Version: 8\r\n' + protocol + '\r\n').encode())
        answer = made.recv(4096)
        self.assertTrue(answer.startswith(b'HTTP/1.1 426 ') and b'\r\nSec-WebSocket-Version: 13\r\n' in answer, answer)
        made = self.socket((head + key + key.replace('A', 'B', 1) + version + protocol + '\r\n').encode())
        self.assertIn(b' 400 ', made.recv(4096))

    def test_frames_sent_with_the_handshake(self):
        device = Device()
        self.open(device.register(self.relay))
        deposit = b'\1' + struct.pack('>I', 9) + device.public + device.contact + os.urandom(16) + envelope()
        link = self.open(WebSocket(self.relay, '/v1/deposit', early=WebSocket.frame(2, deposit)))
        self.assertEqual(link.receive()[:6], b'\x81' + struct.pack('>IB', 9, STORED))


class Json(Siege):
    def test_malformed(self):
        for text in ('', '[]', '"x"', '{', '{"op":1}', '{"op":"auth"}', '{"op":"auth","op":"auth"}', '[' * 100000,
                     '{"a":' * 60000, '{"op":"auth","device":"' + 'A' * 400000 + '","signature":""}', '/* hm */ {}',
                     '{"op":"auth",}', '\x00'):
            link = self.open(WebSocket(self.relay, '/v1/mailbox'))
            link.receive()
            link.send(text)
            self.assertEqual(link.closed_with(), 4000, text[:40])
            link.close()

    def test_malformed_when_ready(self):
        device = Device()
        for text in ('{', '{"op":"publish"}', '{"op":"publish","id":-1}', '{"op":"publish","id":1.5}',
                     '{"id":"x","op":"publish"}'):
            link = self.open(device.register(self.relay))
            link.send(text)
            self.assertEqual(link.closed_with(), 4000, text)
            link.close()

    def test_depth(self):
        device = Device()
        link = self.open(device.register(self.relay))
        link.send('{"op":"publish","id":77,"x":' + '[' * 40 + ']' * 40 + '}')
        try:
            answer = link.receive()
            self.assertEqual(answer['code'], 'bad-request')
        except Closed as closed:
            self.assertEqual(closed.code, 4000)

    def test_too_many_keys(self):
        device = Device()
        link = self.open(device.register(self.relay))
        answer = device.ask(link, 'publish', one_time=['AAAA'] * 101)
        self.assertEqual((answer['op'], answer['code']), ('error', 'bad-request'))


class Slow(Siege):
    config = QUICK

    def test_silent_connections(self):
        made = [self.socket() for _ in range(50)]
        time.sleep(1)
        self.assertEqual(self.relay.get('/v1/info')[0], 200)
        for one in made:
            self.assertTrue(self.ends(one, 5))

    def test_slow_headers(self):
        made = self.socket(b'GET /v1/info HTTP/1.1\r\nHost: x\r\n')
        began = time.monotonic()
        try:
            while time.monotonic() - began < 8:
                made.sendall(b'X-A: b\r\n')
                time.sleep(0.2)
        except OSError:
            pass
        self.assertLess(time.monotonic() - began, 6)

    def test_slow_body(self):
        made = self.socket(b'GET /v1/info HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc')
        self.assertTrue(self.ends(made, 6))

    def test_silent_before_auth(self):
        link = self.open(WebSocket(self.relay, '/v1/mailbox'))
        self.assertEqual(link.closed_with(), 4003)

    def test_slow_frames_before_auth(self):
        link = self.open(WebSocket(self.relay, '/v1/mailbox'))
        link.receive()
        began = time.monotonic()
        try:
            link.raw(WebSocket.frame(1, b'', length=1000))
            while time.monotonic() - began < 12:
                link.raw(b'x')
                time.sleep(0.2)
        except OSError:
            pass
        self.assertLess(time.monotonic() - began, 11)

    def test_half_open(self):
        '''A peer that answers no ping is dropped; one that does stays.'''
        device, other = Device(), Device()
        dead = device.register(self.relay)
        self.addCleanup(dead.close)
        alive = self.open(other.register(self.relay))
        began = time.monotonic()
        while time.monotonic() - began < 7:
            self.assertTrue(alive.silent(0.5))
        self.assertEqual(other.ask(alive, 'publish')['op'], 'ok')
        with self.assertRaises(Closed):
            while True:
                dead.receive_frame()

    def test_a_reader_that_does_not_read(self):
        device = Device()
        box = self.open(device.register(self.relay))
        box.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        link = self.open(Depositor(self.relay))
        for _ in range(80):
            self.assertEqual(link.deposit(device, device.contact, envelope(65536)), STORED)
        time.sleep(4.5)
        self.assertEqual(box.closed_with(), 4008)
        again = self.open(device.connect(self.relay))
        self.assertEqual(again.ready['waiting'], 80)

    def test_pings_from_a_peer_that_does_not_read(self):
        link = self.open(Depositor(self.relay))
        link.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.socket.settimeout(4)
        ping = WebSocket.frame(9, b'x' * 125) * 500
        try:
            for _ in range(2000):
                link.raw(ping)
        except OSError:
            pass

    def test_empty_pings_from_a_peer_that_does_not_read(self):
        # Their answers are two bytes each on the wire, and far more while they wait.
        link = self.open(Depositor(self.relay))
        link.socket.settimeout(2)
        pings = WebSocket.frame(9) * 10000
        try:
            for _ in range(1000):
                link.raw(pings)
        except OSError:
            pass


class Http(Siege):
    def test_path_tricks(self):
        for path in ('/../../etc/passwd', '/v1/accounts/../../etc/passwd', '/v1/accounts/%2e%2e%2f',
                     '/v1/accounts/' + 'A' * 3000, '/v1/accounts/%00', '/v1/accounts/', '/v1/blobs/../../x', '/%ff%fe',
                     '/v1/names?prefix=' + 'a' * 5000, '*', '', 'http://other.example/v1/', '/v1/accounts/' + 'A' * 51 + '1'):
            made = self.socket(f'GET {path} HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
            answer = made.recv(4096)
            self.assertTrue(answer == b'' or answer.split()[1] in (b'400', b'404'), (path, answer[:60]))

    def test_methods(self):
        for method in ('POST', 'PUT', 'DELETE', 'CONNECT', 'TRACE', 'OPTIONS', 'HEAD', 'BREW', 'get'):
            made = self.socket(f'{method} /v1/info HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'.encode())
            answer = made.recv(4096)
            self.assertTrue(answer == b'' or answer.split()[1][:1] in (b'4', b'5'), (method, answer[:60]))

    def test_garbage(self):
        for data in (b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + os.urandom(500), b'\0' * 5000, b'\r\n' * 5000,
                     b'GET\r\n\r\n', b'GET / HTTP/9.9\r\n\r\n', b'GET /v1/info HTTP/1.1\r\n\r\n', os.urandom(20000)):
            made = self.socket()
            try:
                made.sendall(data)
                made.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            self.assertTrue(self.ends(made, 5))

    def test_huge_headers(self):
        made = self.socket(b'GET /v1/info HTTP/1.1\r\nHost: x\r\n')
        try:
            for _ in range(3000):
                made.sendall(b'X-Filler: ' + b'y' * 8000 + b'\r\n')
        except OSError:
            pass
        self.assertTrue(self.ends(made, 5))

    def test_huge_body(self):
        made = self.socket(b'POST /v1/info HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
        try:
            for _ in range(1000):
                made.sendall(b'10000\r\n' + b'z' * 65536 + b'\r\n')
        except OSError:
            pass

    def test_gone_while_the_store_answers(self):
        device = Device()
        self.open(device.register(self.relay, one_time=100))
        status, _, _ = self.relay.bundle(device.account.public, device.contact)
        request = (f'GET /v1/accounts/{b32(device.account.public)} HTTP/1.1\r\nHost: x\r\n'
                   f'Tessera-Capability: {b64(device.contact)}\r\n\r\n').encode()
        for _ in range(40):
            made = self.socket(request)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            made.close()


class Caps(Siege):
    config = '[limits]\nconnections_per_address=20\n'

    def test_connections_from_one_address(self):
        made = [self.socket() for _ in range(40)]
        time.sleep(0.3)
        ended = 0
        for one in made:
            one.settimeout(0.05)
            try:
                ended += one.recv(1) == b''
            except ConnectionError:
                ended += 1
            except TimeoutError:
                pass
        self.assertEqual(ended, 20)
        for one in made:
            one.close()
        time.sleep(0.3)
        links = [self.open(Depositor(self.relay)) for _ in range(15)]
        self.assertEqual(len(links), 15)


class Counting(Siege):
    config = '[limits]\nrequest_rate=1\nrequest_burst=20\n'

    def test_bad_requests_are_counted(self):
        link = self.open(Device().connect(self.relay))
        codes = []
        for number in range(40):
            link.send({'op': 'dance', 'id': number})
            codes.append(link.receive()['code'])
        self.assertEqual(codes[0], 'bad-request')
        self.assertEqual(codes[-1], 'slow-down')


class Privacy(RelayTest):
    def test_nothing_is_logged(self):
        relay = self.own_relay()
        device = Device()
        box = self.open(device.register(relay))
        link = self.open(Depositor(relay))
        self.assertEqual(link.deposit(device, device.contact), STORED)
        ack(box, mail(box)[0])
        relay.get('/v1/nope')
        bad = self.open(WebSocket(relay, '/v1/mailbox'))
        bad.raw(os.urandom(100))
        bad.closed_with()
        relay.stop()
        self.assertEqual(relay.errors, '')


if __name__ == '__main__':
    main()
