# Does the relay speak RFC 6455? The table of websocketcases.py over raw sockets, each case sent whole and then cut into single
# bytes; and the handshake. SPDX-License-Identifier: GPL-3.0-or-later
import base64
import os
import socket
import time

from relaytest import TIMEOUT, Closed, Device, RelayTest, WebSocket, main
from websocketcases import CASES, MAILBOX, PING, frame

LIMITS = '[limits]\nrequest_rate=10000\nrequest_burst=100000\ndeposit_rate=10000\ndeposit_burst=100000\n'
# What is longer is cut into bytes at its beginning and end only.
BYTEWISE_MAX = 600


def in_bytes(data):
    '''`data` in pieces that TCP carries one by one.'''
    if len(data) <= BYTEWISE_MAX:
        return [data[at:at + 1] for at in range(len(data))]
    middle = [data[at:at + 4099] for at in range(40, len(data) - 20, 4099)]
    middle[-1] = middle[-1][:len(data) - 20 - 40 - 4099 * (len(middle) - 1)]
    return in_bytes(data[:40]) + middle + in_bytes(data[-20:])


class Cases(RelayTest):
    config = LIMITS

    def dial(self, path):
        if path == MAILBOX:
            return Device().connect(self.relay)
        return WebSocket(self.relay, path)

    def hear(self, link, heard):
        '''The next frame, in the words of the table; True when it is the close.'''
        opcode, payload = link.receive_frame()
        if opcode == 8:
            self.assertNotEqual(len(payload), 1)
            payload[2:].decode()
            heard.append(('close', int.from_bytes(payload[:2], 'big') if payload else 1005))
        elif opcode == 10:
            heard.append(('pong', payload))
        elif opcode == 2:
            heard.append(('deposit', int.from_bytes(payload[1:5], 'big'), payload[5]))
        else:
            link.buffer = bytes([0x80 | opcode, 127]) + len(payload).to_bytes(8, 'big') + payload + link.buffer
            heard.append(('error', link.receive()['id']))
        return opcode == 8

    def send(self, link, pieces):
        link.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in pieces:
                link.raw(piece)
                if len(pieces) > 1:
                    time.sleep(0.0001)
        except ConnectionError:
            pass

    def ended(self, link, heard):
        '''Everything up to the end of the connection, which the relay has to bring about by itself.'''
        try:
            while True:
                self.hear(link, heard)
        except Closed:
            pass

    def play(self, case, pieces):
        link = self.dial(case.path)
        heard = []
        try:
            link.socket.settimeout(TIMEOUT)
            self.send(link, pieces)
            if case.code == 'eof':
                # Nothing can be answered until the peer goes away, and then there is nobody left.
                link.socket.shutdown(socket.SHUT_WR)
                self.ended(link, heard)
                return heard, []
            if case.code is None:
                while len(heard) < len(case.said):
                    self.assertFalse(self.hear(link, heard), heard)
                if case.data in UNFINISHED:
                    return heard, case.said
                link.raw(frame(PING, b'still there'))
                self.assertFalse(self.hear(link, heard), heard)
                link.raw(frame(8, b'\x03\xe8'))
                self.ended(link, heard)
                return heard, case.said + [('pong', b'still there'), ('close', 1000)]
            self.ended(link, heard)
            # What was said before the end may have gone with it, in whole or from some point on.
            said = [one for one in heard if one[0] != 'close']
            return heard, (case.said if said != case.said[:len(said)] else said) + [('close', case.code)]
        finally:
            link.close()

    def check(self, case):
        for pieces in ([case.data], in_bytes(case.data)):
            heard, expected = self.play(case, pieces)
            # Whether a pong overtakes an answer is the relay's affair; the close is the last.
            order = {'pong': 0, 'deposit': 1, 'error': 1, 'close': 2}
            self.assertEqual(heard[-1:] if case.code else [], expected[-1:] if case.code and expected else [])
            self.assertEqual(sorted(heard, key=lambda one: order[one[0]]), sorted(expected, key=lambda one: order[one[0]]),
                             f'{case.id} {case.what}, in {len(pieces)} pieces')


# Cases whose link stays in the middle of a frame: no ping can follow.
UNFINISHED = {case.data for case in CASES if case.id in ('9.5', '9.6')}


def add_tests():
    def make(case):
        return lambda self: self.check(case)
    for case in CASES:
        setattr(Cases, 'test_' + '_'.join(f'{int(part):03}' for part in case.id.split('.')) + ' ' + case.what, make(case))


add_tests()


class Handshake(RelayTest):
    config = LIMITS
    key = base64.b64encode(b'0123456789abcdef').decode()

    def ask(self, changes=(), start='GET /v1/deposit HTTP/1.1', extra=(), body=b''):
        '''The head of the relay's answer to a handshake in which `changes` (name, value; None: left out) are made.'''
        fields = {'Host': f'127.0.0.1:{self.relay.port}', 'Upgrade': 'websocket', 'Connection': 'Upgrade',
                  'Sec-WebSocket-Key': self.key, 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Protocol': 'tessera.v1'}
        fields.update(dict(changes))
        lines = [start] + [f'{name}: {value}' for name, value in fields.items() if value is not None] + list(extra)
        with socket.create_connection(('127.0.0.1', self.relay.port), timeout=TIMEOUT) as made:
            made.sendall('\r\n'.join(lines).encode() + b'\r\n\r\n' + body)
            head = b''
            while b'\r\n\r\n' not in head:
                piece = made.recv(4096)
                if not piece:
                    break
                head += piece
        return head.split(b'\r\n\r\n')[0].decode('latin-1')

    def status(self, *arguments, **members):
        head = self.ask(*arguments, **members)
        return int(head.split()[1]) if head else None

    def test_good(self):
        head = self.ask()
        self.assertTrue(head.startswith('HTTP/1.1 101 '), head)
        fields = dict(line.lower().split(': ', 1) for line in head.split('\r\n')[1:])
        self.assertEqual((fields['upgrade'], fields['connection'], fields['sec-websocket-protocol']),
                         ('websocket', 'upgrade', 'tessera.v1'))
        self.assertNotIn('sec-websocket-extensions', fields)

    def test_good_in_other_words(self):
        for changes in ({'Upgrade': 'WebSocket'}, {'Upgrade': 'WEBSOCKET'}, {'Connection': 'upgrade'}, {'Connection': 'UPGRADE'},
                        {'Connection': 'keep-alive, Upgrade'}, {'Sec-WebSocket-Protocol': 'chat, tessera.v1'},
                        {'Sec-WebSocket-Protocol': 'tessera.v1,chat'}, {'Origin': 'https://example.org'},
                        {'User-Agent': 'x' * 500}, {'sec-websocket-key': self.key, 'Sec-WebSocket-Key': None},
                        {'SEC-WEBSOCKET-VERSION': '13', 'Sec-WebSocket-Version': None}):
            self.assertEqual(self.status(changes), 101, changes)
        self.assertEqual(self.status({'Sec-WebSocket-Protocol': 'chat'}, extra=['Sec-WebSocket-Protocol: tessera.v1']), 101)

    def test_no_extension_is_taken(self):
        for offer in ('permessage-deflate', 'permessage-deflate; client_max_window_bits', 'x-webkit-deflate-frame',
                      'foo, bar; baz=1', ';;,='):
            head = self.ask({'Sec-WebSocket-Extensions': offer})
            self.assertNotIn('extensions', head.lower(), offer)
            self.assertIn(head.split()[1], ('101', '400'), offer)

    def test_other_subprotocols(self):
        for offer in (None, '', 'chat', 'Tessera.v1', 'tessera.v2', 'tessera.v1x', 'xtessera.v1', 'tessera', '"tessera.v1"'):
            self.assertEqual(self.status({'Sec-WebSocket-Protocol': offer}), 400, offer)

    def test_other_versions(self):
        '''RFC 6455 4.4: whoever speaks another version learns which one to speak.'''
        for version in ('8', '7', '0', '14', '255', '12', None, '', 'x', '13, 8', '8, 13', '013', '1 3'):
            head = self.ask({'Sec-WebSocket-Version': version})
            self.assertTrue(head.startswith('HTTP/1.1 426 '), (version, head))
            self.assertIn('\r\nsec-websocket-version: 13', head.lower())
            self.assertIn('\r\nupgrade: websocket', head.lower())

    def test_keys(self):
        for key in (None, '', 'x', self.key[:-1], self.key + '=', base64.b64encode(os.urandom(15)).decode(),
                    base64.b64encode(os.urandom(17)).decode(), '!' * 24, self.key + ', ' + self.key):
            self.assertEqual(self.status({'Sec-WebSocket-Key': key}), 400, key)
        other = base64.b64encode(os.urandom(16)).decode()
        self.assertEqual(self.status(extra=['Sec-WebSocket-Key: ' + other]), 400)

    def test_no_upgrade(self):
        for changes in ({'Upgrade': None}, {'Connection': None}, {'Upgrade': 'h2c'}, {'Connection': 'close'},
                        {'Connection': 'keep-alive'}, {'Upgrade': 'xwebsocket'}, {'Upgrade': None, 'Connection': None}):
            self.assertEqual(self.status(changes), 400, changes)

    def test_hosts(self):
        self.assertEqual(self.status({'Host': None}), 400)

    def test_methods(self):
        for method in ('POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'get', 'PATCH'):
            status = self.status(start=f'{method} /v1/deposit HTTP/1.1', changes={'Content-Length': '0'})
            self.assertIn(status, (400, 501, None), method)

    def test_http_versions(self):
        for version in ('HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/1.2', 'HTTP', ''):
            self.assertNotEqual(self.status(start=f'GET /v1/deposit {version}'), 101, version)

    def test_where_there_is_no_websocket(self):
        for path, status in (('/v1/info', 200), ('/', 200), ('/v1/deposit/', 404), ('/v1/Deposit', 404), ('/v1/deposit?x=1', 400),
                             ('/v1/mailbox?', 400), ('/v1//deposit', 404), ('/v1/%2Fdeposit', 404), ('/v2/deposit', 404)):
            self.assertEqual(self.status(start=f'GET {path} HTTP/1.1'), status, path)

    def test_with_a_body(self):
        self.assertEqual(self.status({'Content-Length': '5'}, body=b'hello'), 413)
        self.assertEqual(self.status({'Transfer-Encoding': 'chunked'}, body=b'0\r\n\r\n'), 413)

    def test_byte_by_byte(self):
        lines = ['GET /v1/deposit HTTP/1.1', 'Host: x', 'Upgrade: websocket', 'Connection: Upgrade',
                 f'Sec-WebSocket-Key: {self.key}', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Protocol: tessera.v1']
        data = '\r\n'.join(lines).encode() + b'\r\n\r\n' + frame(PING, b'early')
        with socket.create_connection(('127.0.0.1', self.relay.port), timeout=TIMEOUT) as made:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in data:
                made.sendall(bytes([byte]))
                time.sleep(0.0002)
            got = b''
            while b'early' not in got:
                piece = made.recv(4096)
                self.assertTrue(piece, got)
                got += piece
        self.assertTrue(got.startswith(b'HTTP/1.1 101 '))
        self.assertTrue(got.endswith(b'\r\n\r\n\x8a\x05early'))


if __name__ == '__main__':
    main()
