"""A DNS server (RFC 1035) that knows what it is told, and the web server of mail domains that publish their servers."""

import asyncio
import socket
import ssl
import struct
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from .process import HOST, free_port

TYPES = {'A': 1, 'TXT': 16, 'SRV': 33}
# Nobody else listens there: addresses of this host are many.
PAGES_HOST = '127.44.0.1'


def encoded_name(name):
    labels = [label.encode() for label in name.strip('.').split('.')]
    return b''.join(bytes([len(label)]) + label for label in labels) + b'\0'


def encoded_data(kind, data):
    if kind == 'A':
        return socket.inet_aton(data)
    if kind == 'SRV':
        host, port = data
        return struct.pack('!HHH', 10, 0, port) + encoded_name(host)
    text = data.encode()
    parts = [text[at : at + 255] for at in range(0, len(text), 255)]
    return b''.join(bytes([len(part)]) + part for part in parts)


class NameServer(asyncio.DatagramProtocol):
    name = 'name server'
    # It has no process of its own.
    processes = ()

    def __init__(self):
        self.port = free_port()
        self.records = {}
        self.asked = []
        self.transport = None

    def publish(self, name, kind, *data):
        self.records[name.lower(), TYPES[kind]] = [encoded_data(kind, one) for one in data]

    async def start(self):
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(HOST, self.port))

    async def stop(self):
        if self.transport is not None:
            self.transport.close()
            self.transport = None

    def datagram_received(self, data, client):
        number, _, questions = struct.unpack('!HHH', data[:6])
        if questions != 1 or self.transport is None:
            return
        labels, at = [], 12
        while data[at]:
            labels.append(data[at + 1 : at + 1 + data[at]].decode('ascii', 'replace'))
            at += 1 + data[at]
        [kind] = struct.unpack('!H', data[at + 1 : at + 3])
        name = '.'.join(labels).lower()
        self.asked.append(name)
        found = self.records.get((name, kind), [])
        is_known = any(known == name for known, _ in self.records)
        # An answer with authority; "no such name" where there is nothing at all.
        header = struct.pack('!HHHHHH', number, 0x8580 | (0 if is_known else 3), 1, len(found), 0, 0)
        answers = [b'\xc0\x0c' + struct.pack('!HHIH', kind, 1, 60, len(one)) + one for one in found]
        self.transport.sendto(header + data[12 : at + 5] + b''.join(answers), client)


class Pages:
    """https://<any of these hosts>/, at the one port that clients try: nobody but root may open it."""

    name = 'pages of mail domains'
    processes = ()

    def __init__(self, folder, hosts):
        self.folder = folder
        self.pages = {}
        self.server = None
        folder.mkdir(parents=True)
        self.ca_file = folder / 'cert.pem'
        names = ','.join(f'DNS:{host}' for host in hosts)
        subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=pages']
            + ['-keyout', folder / 'key.pem', '-out', self.ca_file, '-addext', f'subjectAltName={names}'],
            check=True,
            stderr=subprocess.DEVNULL,
        )

    def publish(self, host, path, text):
        self.pages[host, path] = text

    @property
    def is_open(self):
        return self.server is not None

    async def start(self):
        pages = self.pages

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                text = pages.get((self.headers['Host'], self.path.partition('?')[0]))
                content = (text or 'nothing here').encode()
                self.send_response(200 if text else 404)
                self.send_header('Content-Length', str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        try:
            self.server = ThreadingHTTPServer((PAGES_HOST, 443), Handler)
        except OSError:
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca_file, self.folder / 'key.pem')
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        Thread(target=self.server.serve_forever, daemon=True).start()

    async def stop(self):
        if self.server is not None:
            await asyncio.to_thread(self.server.shutdown)
            self.server.server_close()
            self.server = None
