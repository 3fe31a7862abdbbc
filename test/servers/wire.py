"""The line between a gateway and its Jabber server: it keeps what goes over it, and can be tampered with."""

import asyncio
import ssl

from daemons.process import HOST, free_port

OUT, IN = 'to the server', 'from the server'


class Wire:
    """A port in front of a server's port for components, in clear or with TLS.

    With `in_one_packet` the gateway gets what the server says when the server has hung up, and all of it at once.
    """

    def __init__(self, target, certificate=None, in_one_packet=False):
        self.target = target
        self.port = free_port()
        self.in_one_packet = in_one_packet
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*certificate)
        self.listener = None
        self.connections = []

    async def open(self):
        await self.close()
        self.connections = []
        self.listener = await asyncio.start_server(self.connect, HOST, self.port, ssl=self.tls)

    async def close(self):
        if self.listener is None:
            return
        self.listener.close()
        for connection in self.connections:
            connection.close()
        self.listener = None

    async def connect(self, reader, writer):
        connection = Connection(writer)
        self.connections.append(connection)
        await connection.run(reader, self.target, self.in_one_packet)

    def of(self, domain):
        """The latest connection of the gateway of a domain."""
        header = f"to='{domain}'>".encode()
        return next(each for each in reversed(self.connections) if header in each.said(OUT)[:300])


class Connection:
    def __init__(self, gateway):
        self.gateway = gateway
        self.server = None
        self.pieces = []
        self.is_dead = False

    async def run(self, reader, target, in_one_packet):
        try:
            from_server, self.server = await asyncio.open_connection(HOST, target)
        except OSError:
            return self.close()
        await asyncio.gather(
            self.pump(reader, self.server, OUT), self.pump(from_server, self.gateway, IN, in_one_packet)
        )

    async def pump(self, reader, writer, direction, in_one_packet=False):
        held = b''
        try:
            while data := await reader.read(65536):
                if self.is_dead:
                    continue
                self.pieces.append((direction, data))
                if in_one_packet:
                    held += data
                else:
                    writer.write(data)
                    await writer.drain()
        except (ConnectionError, ssl.SSLError):
            pass
        if held:
            writer.write(held)
        writer.close()

    def tamper(self, data):
        """The gateway gets this as though the server had said it."""
        self.gateway.write(data)

    def die(self):
        """Nothing arrives at either end any more, and neither is told; what one closes is closed."""
        self.is_dead = True

    def said(self, direction):
        return b''.join(data for way, data in self.pieces if way == direction)

    def close(self):
        for writer in (self.gateway, self.server):
            if writer is not None:
                writer.close()
