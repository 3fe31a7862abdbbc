"""jabberd2: three daemons, made from copies of the packaged settings."""

import gzip
import sqlite3
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from .process import HOST, Failure, Process, free_port

PACKAGED = Path('/etc/jabberd2')
SCHEMA = Path('/usr/share/doc/jabberd2/db-setup.sqlite.gz')


class Jabberd2:
    name = 'jabberd2'

    def __init__(self, folder, domains, secret):
        del domains  # the router takes any name that knows the secret
        folder.mkdir(parents=True)
        self.client_port, self.component_port = free_port(), free_port()
        self.folder = folder
        router_link = {'router/ip': HOST, 'router/port': self.component_port, 'router/pass': secret}
        # One database each: two daemons writing to one SQLite file lock each other out.
        sessions, accounts = folder / 'sessions.db', folder / 'accounts.db'
        self.create_database(sessions)
        self.create_database(accounts)
        self.write_users(secret)
        self.write(
            'router',
            {
                'local/ip': HOST,
                'local/port': self.component_port,
                'local/secret': secret,
                'local/users': folder / 'router-users.xml',
            },
        )
        self.write('sm', {**router_link, 'local/id': 'localhost', 'storage/sqlite/dbname': sessions})
        self.write(
            'c2s',
            {
                **router_link,
                'local/id': 'localhost',
                'local/ip': HOST,
                'local/port': self.client_port,
                'authreg/sqlite/dbname': accounts,
                'io/limits/stanzas': 0,
                'io/limits/stanzasize': 1_048_576,
            },
        )
        self.processes = [
            Process(f'jabberd2-{part}', [f'/usr/sbin/jabberd2-{part}', '-c', folder / f'{part}.xml'], folder)
            for part in ('router', 'sm', 'c2s')
        ]

    def create_database(self, file):
        if not SCHEMA.exists():
            raise Failure(f'{SCHEMA} is missing: is the package jabberd2 installed with its documents?')
        database = sqlite3.connect(file)
        database.executescript(gzip.decompress(SCHEMA.read_bytes()).decode())
        database.close()

    def write_users(self, secret):
        users = ElementTree.parse(PACKAGED / 'router-users.xml')
        users.getroot().find('user/secret').text = secret
        users.write(self.folder / 'router-users.xml')

    def write(self, part, values):
        """A copy of the packaged file with `values` in place, nothing outside the folder named."""
        settings = ElementTree.parse(PACKAGED / f'{part}.xml')
        root = settings.getroot()
        values = {
            'pidfile': self.folder / f'{part}.pid',
            'log/file': self.folder / f'{part}-own.log',
            **values,
        }
        for path, value in values.items():
            found = root.findall(path)
            if not found:
                raise Failure(f'{PACKAGED}/{part}.xml has no element {path}')
            for element in found:
                element.text = str(value)
        settings.write(self.folder / f'{part}.xml')

    async def start(self):
        router, sessions, clients = self.processes
        sessions_log = self.folder / 'sm-own.log'
        sessions_log.unlink(missing_ok=True)
        await router.start()
        await router.until_listening(self.component_port)
        await sessions.start()
        await sessions.until_logged('ready for sessions', file=sessions_log)
        await clients.start()
        await clients.until_listening(self.client_port)

    async def stop(self):
        for process in reversed(self.processes):
            await process.stop()
