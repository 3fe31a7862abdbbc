"""The gateway itself, as an administrator runs it: a process with a configuration file."""

import json
import os
from pathlib import Path

from daemons.process import HOST, Process

ROOT = Path(__file__).resolve().parents[2]
# As `npm start` has it: with other flags, what is kept of the last build is not used.
START = json.loads((ROOT / 'package.json').read_text())['scripts']['start'].split()


class Gateway(Process):
    """`settings` is the configuration of the documentation; JSON is YAML too."""

    def __init__(self, folder, settings, name='gateway', database=None):
        """`database` is the address of one that is not of SQLite."""
        folder.mkdir(parents=True, exist_ok=True)
        self.database = database
        self.config_file = folder / f'{name}.yaml'
        self.configure(settings)
        super().__init__(name, [*START[:-1], ROOT / START[-1], '--config', self.config_file], folder)

    def configure(self, settings):
        self.settings = settings
        place = {'database': self.database} if self.database else {}
        self.config_file.write_text(json.dumps({**settings, **place}, indent=1))

    async def start_ready(self, timeout=30):
        start = self.log_size()
        await self.start()
        await self.until_logged(r'\bready\b', start, timeout)

    async def restart(self, settings=None, env=None):
        await self.stop()
        self.env = {**os.environ, **(env or {})}
        if settings:
            self.configure(settings)
        await self.start_ready()


def settings_for(component_port, secret, data, servers, mail):
    """Two gateways of one kind: irc.localhost is open to all, irc2.localhost wants a registration. And one for mail."""

    def gateway(domain, registration):
        return {
            'use': 'irc',
            'domain': domain,
            'secret': secret,
            'options': {
                'registration': registration,
                'servers': servers,
                'throttle': {'burst': 100, 'perSecond': 100},
            },
        }

    return {
        'jabber': {'host': HOST, 'port': component_port},
        'admins': ['admin@localhost'],
        'data': str(data),
        'http': {
            'listen': f'{HOST}:{mail.http_port}',
            'publicUrl': f'http://{HOST}:{mail.http_port}',
        },
        'media': {'trustedHosts': [f'{HOST}:{mail.http_port}']},
        'gateways': [
            gateway('irc.localhost', 'optional'),
            gateway('irc2.localhost', 'required'),
            {'use': 'email', 'domain': 'email.localhost', 'secret': secret, 'options': mail.options()},
        ],
    }
