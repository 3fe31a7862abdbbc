"""Gateways of the loopback network, which does as a scenario tells it, in a process of their own."""

import asyncio
import json
import urllib.error
import urllib.request
from pathlib import Path

from daemons.process import HOST, Process, free_port, wait_until
from wire import Wire

ROOT = Path(__file__).resolve().parents[2]
LOOP = 'loop.localhost'
# Asks for a field that is not of old, has no privileges anywhere, and keeps messages on disk.
LOOP2 = 'loop2.localhost'
# Registers on a page on the web.
LOOP3 = 'loop3.localhost'
FEATURES = 'edit retract react mark typing presence changeContact lookup join leave rename reply receipts files'


class Refused(Exception):
    """The network cannot do this; it says why."""


class Loopback(Process):
    """Its way to the Jabber server is a wire that keeps what went over it."""

    def __init__(self, folder, component_port, secret):
        folder.mkdir(parents=True)
        self.port = free_port()
        self.secret = secret
        self.wire = Wire(component_port)
        config = folder / 'loopback.yaml'
        config.write_text(json.dumps(self.settings(folder / 'data')))
        program = ['node', '--import', 'tsx', ROOT / 'test/servers/loopback.ts', config, self.port]
        # tsx is found, and its settings are read, from the checkout.
        super().__init__('loopback', program, ROOT)
        self.log_file = folder / 'loopback.log'

    def settings(self, data):
        def gateway(domain, **options):
            return {'use': 'loopback', 'domain': domain, 'secret': self.secret, 'options': options}

        return {
            'jabber': {'host': HOST, 'port': self.wire.port},
            'data': str(data),
            'media': {'trustedHosts': [HOST]},
            'gateways': [
                gateway(LOOP),
                gateway(LOOP2, needs=['shoe-size'], delivery='stored', features=FEATURES.split()),
                gateway(LOOP3, page=True),
            ],
        }

    async def start(self):
        start = self.log_size()
        await self.wire.open()
        await super().start()
        await self.until_logged(r'\bready\b', start)
        await self.do('meet', name='romeo')

    async def stop(self, timeout=10):
        status = await super().stop(timeout)
        await self.wire.close()
        return status

    # --- what the network does

    async def do(self, deed, **details):
        """What the network answers, or Refused when it cannot do that."""
        request = urllib.request.Request(
            f'http://{HOST}:{self.port}/', json.dumps({'do': deed, **details}).encode(), method='POST'
        )

        def post():
            try:
                with urllib.request.urlopen(request, timeout=5) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                raise Refused(error.read().decode()) from None

        return await asyncio.to_thread(post)

    async def once_there(self, deed, **details):
        """A deed for a user, as soon as she is on the network."""
        async def done():
            try:
                return [await self.do(deed, **details)]
            except Refused:
                return None

        [answer] = await wait_until(f'{details["user"]} to be on the network', done, 10)
        return answer

    async def tell(self, user, event):
        await self.once_there('emit', user=user, event=event)

    async def list(self, user, contacts):
        await self.tell(user, {'kind': 'contact-list', 'contacts': contacts, 'isComplete': True})

    async def show(self, user, contact, **how):
        await self.tell(user, {'kind': 'contact', 'contact': {'id': contact, **how}})

    # --- what it was asked

    async def calls(self, user, method):
        """The arguments of all calls of a method for a user, in order."""
        return [call['args'] for call in await self.do('calls', user=user) if call['method'] == method]

    async def called(self, user, method, count=1, wanted=lambda args: True):
        """Waits until there were so many calls that are wanted, and gives the last of them."""

        async def there():
            found = [args for args in await self.calls(user, method) if wanted(args)]
            return len(found) >= count and [found[-1]]

        [found] = await wait_until(f'call {count} of {method} for {user}', there, 10)
        return found
