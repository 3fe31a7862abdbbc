"""One Jabber server, its IRC servers and a gateway between them, all in one temporary folder."""

import asyncio
import itertools

from client import Client, register
from daemons.ejabberd import Ejabberd
from daemons.inspircd import WEBIRC_PASSWORD, Inspircd
from daemons.jabberd2 import Jabberd2
from daemons.ngircd import Ngircd
from daemons.postgres import Postgres
from daemons.process import HOST
from daemons.prosody import Prosody
from daemons.znc import Znc
from gateway import Gateway, settings_for
from irc_peer import IrcPeer
from loopback import Loopback
from mail import Mail

JABBER_SERVERS = {'prosody': Prosody, 'ejabberd': Ejabberd, 'jabberd2': Jabberd2}
# Prosody once more, with a gateway that keeps all in PostgreSQL.
ON_POSTGRES = 'postgres'
PLACES = (*JABBER_SERVERS, ON_POSTGRES)
IRC_SERVERS = {'inspircd': 'insp', 'ngircd': 'ng', 'znc': 'znc'}
# What scenarios run on besides a Jabber server.
NETWORKS = (*IRC_SERVERS, 'mail')
LOOPBACK = ['loop.localhost', 'loop2.localhost', 'loop3.localhost']
# Nobody attaches as spare.localhost for longer than a scenario takes.
DOMAINS = ['irc.localhost', 'irc2.localhost', 'email.localhost', *LOOPBACK, 'spare.localhost']
SECRET = 'component-secret'
SERVER_PASSWORD = 'open-sesame'
SERIAL = itertools.count(1)


def server_and_database(place, folder):
    """The name of the Jabber server, and the database where it is not of SQLite."""
    return ('prosody', Postgres(folder / 'postgres')) if place == ON_POSTGRES else (place, None)


class World:
    def __init__(self, name, folder):
        self.folder = folder
        self.place = name
        self.name, self.database = server_and_database(name, folder)
        self.jabber = JABBER_SERVERS[self.name](folder / self.name, DOMAINS, SECRET)
        self.inspircd = Inspircd(folder / 'inspircd')
        self.ngircd = Ngircd(folder / 'ngircd')
        self.closed = Ngircd(folder / 'closed', SERVER_PASSWORD)
        self.znc = Znc(folder / 'znc', self.inspircd.port)
        self.mail = Mail(folder / 'mail')
        self.daemons = [self.jabber, self.inspircd, self.ngircd, self.closed, self.znc, *self.mail.daemons]
        self.daemons += [self.database] if self.database else []
        self.gateway = Gateway(folder / 'gateway', self.settings(), database=self.database and self.database.url)
        self.loopback = Loopback(folder / 'loopback', self.jabber.component_port, SECRET)

    def settings(self):
        """The gateway's configuration as most scenarios have it."""
        localhost_tls = {'host': 'localhost', 'port': self.inspircd.tls_port, 'tls': True}
        servers = {
            'insp': {'host': HOST, 'port': self.inspircd.port, 'tls': False},
            # Who says by WEBIRC where she comes from has one connection from there, and no more.
            'few': {'host': HOST, 'port': self.inspircd.port, 'tls': False, 'webirc': {'password': WEBIRC_PASSWORD}},
            'ng': {'host': HOST, 'port': self.ngircd.port, 'tls': False},
            'znc': {'host': HOST, 'port': self.znc.port, 'tls': False},
            'secure': {**localhost_tls, 'ca': str(self.inspircd.ca_file)},
            'untrusted': localhost_tls,
            'closed': {'host': HOST, 'port': self.closed.port, 'tls': False, 'password': SERVER_PASSWORD},
        }
        return settings_for(self.jabber.component_port, SECRET, self.folder / 'gateway' / 'data', servers, self.mail)

    async def start(self):
        await asyncio.gather(*(daemon.start() for daemon in self.daemons))
        await self.gateway.start_ready()

    async def stop(self):
        await self.gateway.stop()
        await self.loopback.stop()
        await asyncio.gather(*(daemon.stop() for daemon in self.daemons))

    async def heal(self):
        """What a failed scenario has left lying is put up again."""
        for daemon in self.daemons:
            if not all(process.is_running for process in daemon.processes):
                await daemon.stop()
                await daemon.start()
        if not self.gateway.is_running or self.gateway.settings != self.settings():
            await self.gateway.restart(self.settings())

    def processes(self):
        return [self.gateway, self.loopback, *(process for daemon in self.daemons for process in daemon.processes)]


class Case:
    """What one scenario works with: users, peers and channels of its own, ended with it."""

    def __init__(self, world, ircd):
        self.world = world
        self.gateway = world.gateway
        self.jabber = world.jabber
        self.mail = world.mail
        self.ircd = getattr(world, ircd)
        self.network = IRC_SERVERS.get(ircd)
        self.number = next(SERIAL)
        self.channel = f'#room{self.number}'
        self.room = self.room_of(self.channel)
        self.clients = []
        self.peers = []

    def room_of(self, channel, network=None, domain='irc.localhost'):
        return f'{channel}%{network or self.network}@{domain}'

    def person(self, nick, domain='irc.localhost'):
        """The address of a nick outside any room."""
        return f'{nick}%{self.network}@{domain}'

    async def user(self, name, resource='desk'):
        """A fresh account, logged in and available."""
        name = f'{name}{self.number}'
        await register(self.jabber.client_port, name, 'password')
        return await self.another_client(name, resource)

    async def another_client(self, name, resource):
        client = Client(name, 'password', self.jabber.client_port, resource)
        client.nick = name
        self.clients.append(client)
        return await client.log_in()

    async def loopback(self):
        """The gateways of a network that does as the scenario tells it; they are started when first asked for."""
        if not self.world.loopback.is_running:
            await self.world.loopback.start()
        return self.world.loopback

    async def peer(self, name, port=None, password=None, first_line=None):
        peer = IrcPeer(f'{name}{self.number}', port or self.ircd.port, password, first_line)
        self.peers.append(peer)
        return await peer.connect()

    def transcripts(self):
        for person in [*self.clients, *self.peers]:
            yield person.nick, person.transcript

    async def end(self):
        goodbyes = [client.log_out() for client in self.clients] + [peer.quit() for peer in self.peers]
        await asyncio.gather(*goodbyes, return_exceptions=True)
