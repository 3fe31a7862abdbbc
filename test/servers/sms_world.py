"""One Jabber server, the networks of phones, and a gateway between them."""

import asyncio
import json
import urllib.request
from pathlib import Path

from client import Client, register
from daemons.gammu import Gammu
from daemons.kannel import Kannel
from daemons.process import HOST, Failure, Process, free_port, wait_until
from gateway import Gateway
from picture_host import PictureHost
from world import JABBER_SERVERS, SECRET, SERIAL, server_and_database

SMS = 'sms.localhost'
TOP = Path(__file__).resolve().parents[2]
TWILIO_ACCOUNT = 'AC' + '0' * 31 + '1'
TWILIO_TOKEN = 'the-token-of-this-account'
# One user of each provider, with her number.
PEOPLE = {
    'kannel': ('kim', '+15005550106'),
    'smpp': ('sam', '+15005550107'),
    'modem': ('mia', '+15005550108'),
    'twilio': ('tom', '+15005550109'),
}

# Numbers of Twilio besides: one that two people share, and that of the people who claim theirs.
SHARED = '+15005550120'
SHARERS = ('sue', 'ned')
OPERATOR = 'tom'


class PhoneNetworks:
    """An SMSC and a Twilio in a process of their own."""

    def __init__(self, folder, hooks):
        self.smsc_port, self.twilio_port, self.door = free_port(), free_port(), free_port()
        argv = ['node', '--import', 'tsx', TOP / 'test/servers/phone-networks.ts']
        argv += [self.smsc_port, self.twilio_port, self.door, f'{hooks}/twilio/twilio-secret']
        self.processes = [Process('phone-networks', argv, folder)]
        # tsx is found from the checkout.
        self.processes[0].folder = TOP
        folder.mkdir(parents=True)

    async def start(self):
        await self.processes[0].start()
        await self.processes[0].until_listening(self.door)

    async def stop(self):
        await self.processes[0].kill()

    async def do(self, act, **fields):
        return await asyncio.to_thread(self.ask, act, fields)

    def ask(self, act, fields):
        request = urllib.request.Request(f'http://{HOST}:{self.door}/{act}', json.dumps(fields).encode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            found = json.load(answer)
        if 'error' in found:
            raise Failure(f'{act}: {found["error"]}')
        return found['value']


class SmsWorld:
    def __init__(self, name, folder):
        self.folder = folder
        self.place = name
        self.name, self.database = server_and_database(name, folder)
        self.port = free_port()
        hooks = f'http://{HOST}:{self.port}/hooks/{SMS}'
        self.jabber = JABBER_SERVERS[self.name](folder / self.name, [SMS], SECRET)
        self.kannel = Kannel(folder / 'kannel', f'{hooks}/kannel/kannel-secret')
        self.modem = Gammu(folder / 'gammu')
        self.networks = PhoneNetworks(folder / 'networks', hooks)
        self.pictures = PictureHost()
        self.daemons = [self.jabber, self.kannel, self.modem, self.networks, self.pictures]
        self.daemons += [self.database] if self.database else []
        self.hook = f'{hooks}/twilio/twilio-secret'
        self.gateway = Gateway(folder / 'gateway', self.settings(), database=self.database and self.database.url)
        self.known = set()

    def settings(self):
        folder = self.modem.folder
        providers = {
            'kannel': {
                'type': 'kannel',
                'sendUrl': f'http://{HOST}:{self.kannel.send_port}/cgi-bin/sendsms',
                'username': 'causeway',
                'password': 'swordfish',
                'webhookSecret': 'kannel-secret',
            },
            'smpp': {
                'type': 'smpp',
                'host': HOST,
                'port': self.networks.smsc_port,
                'systemId': 'causeway',
                'password': 'secret',
                'reconnectMinMs': 100,
                'reconnectMaxMs': 500,
            },
            'modem': {
                'type': 'gammu',
                **{name: str(folder / name) for name in ('inbox', 'outbox', 'sent', 'errors')},
                'number': PEOPLE['modem'][1],
                'pollMs': 100,
            },
            'twilio': {
                'type': 'twilio',
                'accountSid': TWILIO_ACCOUNT,
                'authToken': TWILIO_TOKEN,
                'apiUrl': f'http://{HOST}:{self.networks.twilio_port}',
                'webhookSecret': 'twilio-secret',
            },
        }
        numbers = {
            number: {'users': [f'{user}@localhost'], 'provider': provider}
            for provider, (user, number) in PEOPLE.items()
        }
        numbers[SHARED] = {
            'users': [f'{user}@localhost' for user in SHARERS],
            'operator': f'{OPERATOR}@localhost',
            'provider': 'twilio',
        }
        options = {
            'region': 'US',
            'claims': {'from': PEOPLE['twilio'][1], 'provider': 'twilio'},
            'providers': providers,
            'numbers': numbers,
            'limits': {'segmentsPerDay': 100000, 'segmentsPerMonth': 100000, 'shortCodes': True, 'blocked': ['+1900']},
            'rate': {'burst': 1000, 'perSecond': 1000},
        }
        return {
            'jabber': {'host': HOST, 'port': self.jabber.component_port},
            'admins': ['tom@localhost'],
            'media': {'trustedHosts': [self.pictures.place]},
            'data': str(self.folder / 'gateway' / 'data'),
            'http': {'listen': f'{HOST}:{self.port}', 'publicUrl': f'http://{HOST}:{self.port}'},
            'gateways': [{'use': 'sms', 'domain': SMS, 'secret': SECRET, 'options': options}],
        }

    async def start(self):
        await asyncio.gather(*(daemon.start() for daemon in self.daemons))
        await self.gateway.start_ready()

    async def stop(self):
        await self.gateway.stop()
        await asyncio.gather(*(daemon.stop() for daemon in self.daemons))

    async def heal(self):
        if not self.gateway.is_running:
            await self.gateway.start_ready()

    def processes(self):
        return [self.gateway, *(process for daemon in self.daemons for process in daemon.processes)]


class SmsCase:
    """What one scenario works with; the users stay, as their numbers do."""

    def __init__(self, world, _network):
        self.world = world
        self.gateway = world.gateway
        self.kannel, self.modem, self.networks = world.kannel, world.modem, world.networks
        self.number = next(SERIAL)
        self.clients = []

    async def user(self, provider):
        """The user with a number of this provider, registered with the gateway."""
        return await self.person(*PEOPLE[provider])

    async def person(self, name, number):
        """A user of this name; registered with this number, if there is one."""
        port = self.world.jabber.client_port
        if name not in self.world.known:
            await register(port, name, 'password')
        client = Client(name, 'password', port)
        client.nick, client.number = name, number
        self.clients.append(client)
        await client.log_in()
        if number and name not in self.world.known:
            query = f"<query xmlns='jabber:iq:register'><phone>{number}</phone></query>"
            await client.ask_well('set', SMS, query, 20)
            self.world.known.add(name)
        return client

    def jid(self, number):
        return f'{number}@{SMS}'

    def text(self, client, number, body, receipt=True, key=None):
        """Sends a text, and asks for a receipt."""
        from xml.sax.saxutils import escape, quoteattr

        key = key or f't{next(SERIAL)}'
        request = "<request xmlns='urn:xmpp:receipts'/>" if receipt else ''
        to = quoteattr(self.jid(number))
        client.say(f"<message to={to} type='chat' id='{key}'><body>{escape(body)}</body>{request}</message>")
        return key

    async def until(self, what, check, timeout=20):
        return await wait_until(what, check, timeout)

    async def smsc(self):
        """What the SMSC has got."""
        return (await self.networks.do('smsc'))['submitted']

    def transcripts(self):
        for person in self.clients:
            yield person.nick, person.transcript

    async def end(self):
        await asyncio.gather(*(client.log_out() for client in self.clients), return_exceptions=True)
