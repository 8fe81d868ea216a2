# What a client may say in RFC 6455 frames, and what the relay answers: the table of test_websocket.py. Sections are numbered 1
# to 9, cases in the order in which they stand. SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import struct
from collections import namedtuple

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
DEPOSIT, MAILBOX = '/v1/deposit', '/v1/mailbox'
# Whole messages: an envelope's frame, and a text on an authenticated mailbox link.
BINARY_MAX, TEXT_MAX, DEPOSIT_TEXT_MAX = 65536 + 256, 512 * 1024, 4096
HEAD = 69  # bytes of a deposit before its envelope

# `said` are the answers that have to come: ('pong', payload), ('deposit', request, status), ('error', id). `code` is what the
# relay closes with; None: the link stays usable. An answer to what was said before a violation may be lost with the link.
Case = namedtuple('Case', 'id what path data said code')
CASES = []


def case(section, what, data, said=(), code=None, path=DEPOSIT):
    number = sum(one.id.startswith(f'{section}.') for one in CASES) + 1
    CASES.append(Case(f'{section}.{number}', what, path, b''.join(data) if isinstance(data, (list, tuple)) else data, list(said),
                      code))


def frame(opcode, payload=b'', final=True, mask=None, bits=0, form=0, length=None):
    '''A frame with every field as told: `mask` b'' for none, `form` 7, 16 or 64 for the length's bits, `length` a false one.'''
    mask = os.urandom(4) if mask is None else mask
    size = len(payload) if length is None else length
    form = form or (7 if size < 126 else 16 if size < 65536 else 64)
    head = bytes([(0x80 if final else 0) | bits | opcode, (0x80 if mask else 0) | {7: size, 16: 126, 64: 127}[form]])
    head += struct.pack({7: '', 16: '>H', 64: '>Q'}[form], *([] if form == 7 else [size]))
    if mask:
        pad = (mask * (len(payload) // 4 + 1))[:len(payload)]
        payload = (int.from_bytes(payload, 'big') ^ int.from_bytes(pad, 'big')).to_bytes(len(payload), 'big')
    return head + mask + payload


def deposit(number=1, size=HEAD):
    '''A well-formed deposit of that many bytes: with no envelope's size it is answered at once with "bad envelope".'''
    return b'\1' + struct.pack('>I', number) + bytes(64) + bytes(size - HEAD)


def stored(number=1, status=5):
    return 'deposit', number, status


def request(number=1, text='', size=0):
    '''A request that no relay knows, so that it is refused by its id.'''
    body = json.dumps({'op': 'dance', 'id': number, 'x': text}, ensure_ascii=False).encode()
    return body[:-2] + b'y' * max(size - len(body), 0) + body[-2:]


def raw_request(data, number=1):
    return request(number).replace(b'""', b'"' + data + b'"')


def fragments(opcode, *pieces):
    last = len(pieces) - 1
    return [frame(CONTINUATION if i else opcode, piece, final=i == last) for i, piece in enumerate(pieces)]


def close(code=None, reason=b''):
    return frame(CLOSE, b'' if code is None else struct.pack('>H', code) + reason)


# -- 1 Lengths -------------------------------------------------------------------------------------------------------------

def lengths():
    for size in (HEAD, HEAD + 1, 125, 126, 127, 128, 255, 256, 1000, 4095, 32767, 32768, 65534, 65535, 65536, 65537):
        case(1, f'binary of {size} bytes', frame(BINARY, deposit(3, size)), [stored(3)])
    case(1, 'the largest envelope', frame(BINARY, deposit(4, HEAD + 65536)), [stored(4)])
    case(1, 'the largest binary message', frame(BINARY, deposit(4, BINARY_MAX)), [stored(4)])
    case(1, 'an empty binary message is a message, and no deposit', frame(BINARY), code=4000)
    case(1, 'an empty text is a message, and no request', frame(TEXT), code=4000, path=MAILBOX)
    for size in (125, 126, 65535, 65536, 100000, TEXT_MAX):
        case(1, f'text of {size} bytes', frame(TEXT, request(5, size=size)), [('error', 5)], path=MAILBOX)
    case(1, 'two messages at once', frame(BINARY, deposit(1)) + frame(BINARY, deposit(2)), [stored(1), stored(2)])
    case(1, 'a hundred messages at once', [frame(BINARY, deposit(i)) for i in range(100)], [stored(i) for i in range(100)])
    case(1, 'text and binary in turn', [frame(TEXT, request(i)) for i in range(20)], [('error', i) for i in range(20)],
         path=MAILBOX)
    for size, form in ((0, 16), (5, 16), (125, 16), (0, 64), (125, 64), (126, 64), (65535, 64)):
        case(1, f'{size} bytes with a length of {form} bits', frame(BINARY, bytes(size), form=form), code=1002)
    for opcode in (PING, CLOSE):
        case(1, f'control frame {opcode} with a length of 16 bits', frame(opcode, b'', form=16), code=1002)
        case(1, f'control frame {opcode} with a length of 64 bits', frame(opcode, b'', form=64), code=1002)
    case(1, 'a length of 2^63', frame(BINARY, length=1 << 63, form=64), code=1002)
    case(1, 'a length of 2^64 - 1', frame(BINARY, length=(1 << 64) - 1, form=64), code=1002)
    for power in (17, 31, 32, 33, 40, 62):
        case(1, f'a length of 2^{power}', frame(BINARY, b'x', length=1 << power, form=64), code=1009)
    case(1, 'a length of 2^63 - 1', frame(TEXT, b'x', length=(1 << 63) - 1, form=64), code=1009, path=MAILBOX)
    case(1, 'a binary message one byte too large', frame(BINARY, length=BINARY_MAX + 1, form=64), code=1009)
    case(1, 'a text one byte too large', frame(TEXT, length=TEXT_MAX + 1, form=64), code=1009, path=MAILBOX)
    case(1, 'a text too large for a deposit link', frame(TEXT, length=DEPOSIT_TEXT_MAX + 1), code=1009)
    case(1, 'fragments that are too large together', fragments(BINARY, bytes(40000), bytes(30000)), code=1009)
    case(1, 'the last byte too much in a fragment of its own', fragments(BINARY, bytes(BINARY_MAX), b'x'), code=1009)
    case(1, 'a lengthy second fragment', frame(BINARY, b'x', final=False) + frame(CONTINUATION, length=(1 << 63) - 1, form=64),
         code=1009)


# -- 2 Pings and pongs -----------------------------------------------------------------------------------------------------

def pings():
    for payload in (b'', b'hello', b'\x00\xff\xfe\xfd\xfc\xfb\x00\xff', b'x' * 124, b'x' * 125):
        case(2, f'a ping of {len(payload)} bytes', frame(PING, payload), [('pong', payload)])
    case(2, 'a ping of 126 bytes', frame(PING, b'x' * 126), code=1002)
    case(2, 'a ping of 65536 bytes', frame(PING, b'x' * 65536), code=1002)
    case(2, 'ten pings', [frame(PING, b'%d' % i) for i in range(10)], [('pong', b'%d' % i) for i in range(10)])
    case(2, 'five hundred pings', [frame(PING, b'%d' % i) for i in range(500)], [('pong', b'%d' % i) for i in range(500)])
    case(2, 'an unsolicited pong', frame(PONG), [])
    case(2, 'an unsolicited pong with a payload', frame(PONG, b'nobody asked'), [])
    case(2, 'a pong of 125 bytes, and a ping', frame(PONG, b'x' * 125) + frame(PING, b'ping'), [('pong', b'ping')])
    case(2, 'a pong of 126 bytes', frame(PONG, b'x' * 126), code=1002)
    case(2, 'a hundred pongs', [frame(PONG, b'x' * 100)] * 100, [])
    case(2, 'a ping in fragments', frame(PING, b'x', final=False) + frame(CONTINUATION, b'y'), code=1002)
    case(2, 'a pong in fragments', frame(PONG, b'x', final=False), code=1002)
    case(2, 'a ping, a message, a ping', frame(PING, b'1') + frame(BINARY, deposit()) + frame(PING, b'2'),
         [('pong', b'1'), ('pong', b'2'), stored()])
    case(2, 'a ping that is announced and does not come whole, then a close inside of it', frame(PING, frame(CLOSE, b''),
         length=125),
         code='eof')


# -- 3 Reserved bits, 4 opcodes, 8 masks -------------------------------------------------------------------------------------

def reserved():
    for bits in range(1, 8):
        case(3, f'reserved bits {bits:03b} in a message', frame(BINARY, deposit(), bits=bits << 4), code=1002)
    for opcode, name in ((TEXT, 'text'), (PING, 'ping'), (PONG, 'pong'), (CLOSE, 'close')):
        case(3, f'the first reserved bit in a {name}', frame(opcode, b'', bits=0x40), code=1002)
    case(3, 'a reserved bit after a good message', frame(BINARY, deposit()) + frame(BINARY, deposit(2), bits=0x20), [stored()],
         1002)
    case(3, 'a reserved bit in a continuation', frame(BINARY, b'x', final=False) + frame(CONTINUATION, b'y', bits=0x40),
         code=1002)
    case(3, 'what deflated messages would look like', frame(TEXT, b'\xf2\x48\xcd\xc9\xc9\x07\x00', bits=0x40), code=1002,
         path=MAILBOX)


def opcodes():
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        case(4, f'opcode {opcode}', frame(opcode), code=1002)
        case(4, f'opcode {opcode} with a payload', frame(opcode, b'x' * 20), code=1002)
    case(4, 'opcode 3 between fragments', frame(BINARY, b'x', final=False) + frame(3, b'y'), code=1002)
    case(4, 'opcode 11 between fragments', frame(BINARY, b'x', final=False) + frame(11), code=1002)
    case(4, 'opcode 5 after a good message', frame(BINARY, deposit()) + frame(5), [stored()], 1002)


def masks():
    for opcode, payload in ((TEXT, b'{}'), (BINARY, deposit()), (PING, b''), (PING, b'x'), (PONG, b''), (CLOSE, b'\x03\xe8')):
        case(8, f'opcode {opcode} with {len(payload)} bytes, not masked', frame(opcode, payload, mask=b''), code=1002)
    case(8, 'a continuation that is not masked', frame(BINARY, b'x', final=False) + frame(CONTINUATION, b'y', mask=b''),
         code=1002)
    for mask in (bytes(4), b'\xff' * 4, b'\x00\x00\x00\x01', b'\x80\x00\x00\x00'):
        case(8, f'mask {mask.hex()}', frame(BINARY, deposit(), mask=mask), [stored()])
    case(8, 'another mask for each fragment', [frame(BINARY, deposit()[:30], final=False, mask=b'\1\2\3\4'),
                                               frame(CONTINUATION, deposit()[30:35], final=False, mask=b'\x99\2\x77\4'),
                                               frame(PING, b'hm', mask=b'\5\6\7\x08'),
                                               frame(CONTINUATION, deposit()[35:], mask=bytes(4))], [('pong', b'hm'), stored()])


# -- 5 Fragments -------------------------------------------------------------------------------------------------------------

def fragmentation():
    whole = deposit(9)
    case(5, 'two fragments', fragments(BINARY, whole[:10], whole[10:]), [stored(9)])
    case(5, 'an empty first fragment', fragments(BINARY, b'', whole), [stored(9)])
    case(5, 'an empty last fragment', fragments(BINARY, whole, b''), [stored(9)])
    case(5, 'empty fragments all over', fragments(BINARY, b'', whole[:5], b'', b'', whole[5:], b''), [stored(9)])
    case(5, 'a fragment a byte', fragments(BINARY, *[bytes([byte]) for byte in whole]), [stored(9)])
    case(5, 'a thousand empty fragments', fragments(BINARY, whole[:5], *[b''] * 1000, whole[5:]), [stored(9)])
    case(5, 'only empty fragments', fragments(BINARY, b'', b'', b''), code=4000)
    case(5, 'a large message in fragments of 1,000 bytes',
         fragments(BINARY, *[deposit(2, 65000)[at:at + 1000] for at in range(0, 65000, 1000)]), [stored(2)])
    case(5, 'text in fragments', fragments(TEXT, request(6)[:7], request(6)[7:]), [('error', 6)], path=MAILBOX)
    for opcode, said in ((PING, [('pong', b'between'), stored(9)]), (PONG, [stored(9)])):
        case(5, f'opcode {opcode} between fragments',
             frame(BINARY, whole[:9], final=False) + frame(opcode, b'between') + frame(CONTINUATION, whole[9:]), said)
    between = [frame(BINARY, whole[:1], final=False)]
    for i in range(1, len(whole)):
        between += [frame(PING, b'%d' % i), frame(CONTINUATION, whole[i:i + 1], final=i == len(whole) - 1)]
    case(5, 'a ping between each two fragments', between, [('pong', b'%d' % i) for i in range(1, len(whole))] + [stored(9)])
    case(5, 'a close between fragments', frame(BINARY, whole[:9], final=False) + close(1000) + frame(CONTINUATION, whole[9:]),
         code=1000)
    case(5, 'a continuation of nothing', frame(CONTINUATION, b'x'), code=1002)
    case(5, 'an empty continuation of nothing', frame(CONTINUATION), code=1002)
    case(5, 'a continuation of nothing, to be continued', frame(CONTINUATION, b'x', final=False), code=1002)
    case(5, 'a continuation after a whole message', frame(BINARY, whole) + frame(CONTINUATION, b'x'), [stored(9)], 1002)
    case(5, 'a continuation after the last fragment', fragments(BINARY, whole[:9], whole[9:]) + [frame(CONTINUATION, b'')],
         [stored(9)], 1002)
    for opcode in (TEXT, BINARY):
        for final in (True, False):
            case(5, f'opcode {opcode} starts inside of a message, {"whole" if final else "to be continued"}',
                 frame(BINARY, b'x', final=False) + frame(opcode, b'y', final=final), code=1002)
    case(5, 'a text goes on as binary', frame(TEXT, b'{', final=False) + frame(BINARY, b'}'), code=1002, path=MAILBOX)
    case(5, 'two messages in fragments, one after the other',
         fragments(BINARY, whole[:9], whole[9:]) + fragments(BINARY, deposit(8)[:3], b'', deposit(8)[3:]), [stored(9), stored(8)])
    case(5, 'a message that never ends', frame(BINARY, b'x', final=False), [])


# -- 6 Text -------------------------------------------------------------------------------------------------------------------

# By what is wrong with them; each stands inside of a request that would otherwise be well-formed.
BAD_UTF8 = {
    'a byte that goes on alone': b'\x80', 'the last such byte': b'\xbf', 'two of them': b'\x80\xbf',
    'seven of them': b'\x80\xbf' * 3 + b'\x80',
    'all of them': bytes(range(0x80, 0xc0)), 'lone beginnings of two': b' '.join(bytes([byte]) for byte in range(0xc0, 0xe0)),
    'lone beginnings of three': b' '.join(bytes([byte]) for byte in range(0xe0, 0xf0)),
    'lone beginnings of four': b' '.join(bytes([byte]) for byte in range(0xf0, 0xf8)),
    'a beginning of five': b'\xf8\x88\x80\x80\x80', 'a beginning of six': b'\xfc\x84\x80\x80\x80\x80', 'fe': b'\xfe',
    'ff': b'\xff',
    'both': b'\xfe\xfe\xff\xff', 'two of three bytes': b'\xe2\x82', 'one of two bytes': b'\xdf',
    'three of four bytes': b'\xf0\x90\x80',
    'the last of three is missing before another': b'\xef\xbf\xc3\xa4', 'a slash in two bytes': b'\xc0\xaf',
    'a slash in three bytes': b'\xe0\x80\xaf', 'a slash in four bytes': b'\xf0\x80\x80\xaf',
    'a slash in five bytes': b'\xf8\x80\x80\x80\xaf',
    'zero in two bytes': b'\xc0\x80', '7f in two bytes': b'\xc1\xbf', '7ff in three bytes': b'\xe0\x9f\xbf',
    'ffff in four bytes': b'\xf0\x8f\xbf\xbf',
    'surrogate d800': b'\xed\xa0\x80', 'surrogate db7f': b'\xed\xad\xbf', 'surrogate dbff': b'\xed\xaf\xbf',
    'surrogate dc00': b'\xed\xb0\x80',
    'surrogate dfff': b'\xed\xbf\xbf', 'a pair of surrogates': b'\xed\xa0\xbd\xed\xb8\x80',
    'the last pair': b'\xed\xaf\xbf\xed\xbf\xbf',
    'above 10ffff': b'\xf4\x90\x80\x80', 'far above': b'\xf7\xbf\xbf\xbf', 'Latin 1': 'Grüße'.encode('latin-1'),
}
GOOD_UTF8 = {
    'Greek': 'κόσμε', 'German': 'Hello-µ@ßöäüàá-UTF-8!!', 'the first of two bytes': '\u0080', 'the last of two': '\u07ff',
    'the first of three': '\u0800', 'the last before the surrogates': '\ud7ff', 'the first after them': '\ue000',
    'a replacement': '\ufffd',
    'no characters': '\ufffe\uffff', 'the first of four': '\U00010000', 'the last of all': '\U0010ffff',
    'no characters high up': '\U0001fffe\U000fffff',
    'pictures': '👩‍👩‍👧‍👦🏳️‍🌈', 'a byte order mark': '\ufeffx', 'a delete': '\x7f',
}


def texts():
    for what, text in GOOD_UTF8.items():
        case(6, f'good: {what}', frame(TEXT, request(2, text)), [('error', 2)], path=MAILBOX)
    whole = request(2, GOOD_UTF8['Greek'] + GOOD_UTF8['the last of all'])
    case(6, 'good, a fragment a byte', fragments(TEXT, *[bytes([byte]) for byte in whole]), [('error', 2)], path=MAILBOX)
    at = whole.index(b'\xce') + 1
    case(6, 'good, cut inside of a character, a ping there', frame(TEXT, whole[:at], final=False) + frame(PING, b'\xff')
         + frame(CONTINUATION, whole[at:]), [('pong', b'\xff'), ('error', 2)], path=MAILBOX)
    case(6, 'good text, no JSON', frame(TEXT, 'κόσμε'.encode()), code=4000, path=MAILBOX)
    case(6, 'good text where only binary belongs', frame(TEXT, 'κόσμε'.encode()), code=4000)
    case(6, 'bad text where only binary belongs', frame(TEXT, b'\xff'), code=1007)
    case(6, 'zeros are text', frame(TEXT, bytes(3)), code=4000, path=MAILBOX)
    case(6, 'bad after a zero', frame(TEXT, b'\0\xff'), code=1007, path=MAILBOX)
    case(6, 'binary may hold anything', frame(BINARY, deposit(1, HEAD) + b'\xff\xfe\xed\xa0\x80'), [stored()])
    for what, data in BAD_UTF8.items():
        case(6, f'bad: {what}', frame(TEXT, raw_request(data)), code=1007, path=MAILBOX)
    case(6, 'bad at the very end', frame(TEXT, b'{}\xce'), code=1007, path=MAILBOX)
    case(6, 'bad across fragments', fragments(TEXT, b'{"op":"\xce', b'","id":1}'), code=1007, path=MAILBOX)
    case(6, 'bad in the first of three fragments', fragments(TEXT, b'\xf4\x90\x80\x80', b'', b'x'), code=1007, path=MAILBOX)
    case(6, 'a character that ends in an empty fragment', fragments(TEXT, b'\xce', b''), code=1007, path=MAILBOX)
    case(6, 'bad, a fragment a byte', fragments(TEXT, *[bytes([byte]) for byte in b'\xed\xa0\x80']), code=1007, path=MAILBOX)


# -- 7 Closing ----------------------------------------------------------------------------------------------------------------

def closing():
    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999):
        case(7, f'close with {code}', close(code), code=code)
    for code in (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535):
        case(7, f'close with {code}, which is none', close(code), code=1002)
    case(7, 'close with nothing', close(), code=1005)
    case(7, 'close with half a code', frame(CLOSE, b'\x03'), code=1002)
    case(7, 'close with a reason', close(1000, 'κόσμε'.encode()), code=1000)
    case(7, 'close with the longest reason', close(1000, b'x' * 123), code=1000)
    case(7, 'close with a reason that is too long', close(1000, b'x' * 124), code=1002)
    case(7, 'close with a zero in the reason', close(1000, b'a\0b'), code=1000)
    for reason in (b'\xff', b'\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80\x65', b'\xc0\xaf', b'x\xce'):
        case(7, f'close with a bad reason, {reason.hex()}', close(1000, reason), code=1002)
    case(7, 'a close in fragments', frame(CLOSE, b'\x03\xe8', final=False), code=1002)
    case(7, 'a message after the close', close(1000) + frame(BINARY, deposit()), code=1000)
    case(7, 'a ping after the close', close(1000) + frame(PING, b'x'), code=1000)
    case(7, 'a second close', close(1000) + close(1001), code=1000)
    case(7, 'garbage after the close', close(1000) + b'\xff' * 5000, code=1000)
    case(7, 'a megabyte after the close', close(1000) + frame(BINARY, bytes(65536)) * 16, code=1000)
    case(7, 'a message, then a close', frame(PING, b'1') + close(1000), [('pong', b'1')], 1000)
    case(7, 'a violation, then a close', frame(3) + close(1000), code=1002)
    case(7, 'a violation, then a megabyte', frame(3) + bytes(1 << 20), code=1002)


# -- 9 What is no WebSocket at all ----------------------------------------------------------------------------------------------

def strangers():
    case(9, 'an HTTP request', b'GET /v1/info HTTP/1.1\r\nHost: x\r\n\r\n', code=1002)
    case(9, 'TLS', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + bytes(100), code=1002)
    case(9, 'zeros', bytes(100), code=1002)
    case(9, 'ones', b'\xff' * 100, code=1002)
    case(9, 'half a head', b'\x82', [])
    case(9, 'a head without its mask', b'\x82\xfe\x10\x00\x01', [])
    case(9, 'a server\'s frame', b'\x82\x02ab', code=1002)


for section in (lengths, pings, reserved, opcodes, fragmentation, texts, closing, masks, strangers):
    section()
