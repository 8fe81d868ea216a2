# SPDX-License-Identifier: GPL-3.0-or-later
"""A SOCKS5 proxy (RFC 1928, 1929) that writes down what it is asked and leads all of it to this machine."""
import contextlib
import socket
import threading


class Socks:
    """Takes any name and password. A @mode other than "good" is how it fails: "refuse" (a rule), "rubbish" (no SOCKS5 at all)."""

    def __init__(self, mode="good", port=0):
        self.mode, self.port = mode, port
        self.lock, self.requests, self.streams = threading.Lock(), [], []
        self.start()

    def start(self):
        self.server = socket.create_server(("127.0.0.1", self.port))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.serve, args=(self.server,), daemon=True).start()
        return self

    @property
    def place(self):
        return f"127.0.0.1:{self.port}"

    def serve(self, server):
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with self.lock:
                self.streams.append(client)
            threading.Thread(target=self.visit, args=(client,), daemon=True).start()

    def visit(self, client):
        with contextlib.suppress(OSError, EOFError):
            if self.mode == "rubbish":
                client.recv(256)
                client.sendall(b"SSH-2.0-OpenSSH_10.0\r\n")
            else:
                self.converse(client)
        client.close()

    def converse(self, client):
        _, count = take(client, 2)
        named = 2 in take(client, count)
        client.sendall(bytes([5, 2 if named else 0]))
        user = password = ""
        if named:
            take(client, 1)
            user, password = (take(client, take(client, 1)[0]).decode() for _ in range(2))
            client.sendall(b"\1\0")
        kind = take(client, 4)[3]
        host = take(client, take(client, 1)[0]).decode() if kind == 3 else socket.inet_ntop(
            socket.AF_INET if kind == 1 else socket.AF_INET6, take(client, 4 if kind == 1 else 16))
        port = int.from_bytes(take(client, 2), "big")
        with self.lock:
            self.requests.append((host, port, user, password))
        if self.mode == "refuse":
            client.sendall(b"\5\2\0\1" + bytes(6))
            return
        try:
            relay = socket.create_connection(("127.0.0.1", port))
        except OSError:
            client.sendall(b"\5\5\0\1" + bytes(6))
            return
        with self.lock:
            self.streams.append(relay)
        client.sendall(b"\5\0\0\1" + bytes(6))
        other = threading.Thread(target=pour, args=(relay, client), daemon=True)
        other.start()
        pour(client, relay)
        other.join()
        relay.close()

    def stop(self):
        """Nobody listens any more, and what was led ends."""
        for one in (self.server, *self.streams):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self.server.close()
        with self.lock:
            self.streams.clear()

    def take_requests(self):
        """What it was asked since the last time."""
        with self.lock:
            taken, self.requests = self.requests, []
        return taken


def take(client, size):
    data = b""
    while len(data) < size:
        more = client.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def pour(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for one in (source, sink):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
