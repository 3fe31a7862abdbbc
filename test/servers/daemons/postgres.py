"""PostgreSQL: one cluster with one database, for the gateway; runs without privileges."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from .process import HOST, Process, free_port

USER = 'postgres'
NAME = 'causeway'
PASSWORD = 'the-password-of-the-database'
CONFIG = """
listen_addresses = '{host}'
port = {port}
unix_socket_directories = ''
max_connections = 50
"""


def program(name):
    """The newest that is installed."""
    folders = Path('/usr/lib/postgresql').iterdir()
    return max(folders, key=lambda folder: float(folder.name)) / 'bin' / name


def as_user(*argv):
    """It refuses to be run by root."""
    if os.getuid() != 0:
        return [str(part) for part in argv]
    return ['setpriv', f'--reuid={USER}', f'--regid={USER}', '--clear-groups', *(str(part) for part in argv)]


class Postgres:
    name = 'postgres'

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.url = f'postgres://{NAME}:{PASSWORD}@{HOST}:{self.port}/{NAME}'
        folder.mkdir(parents=True)
        password = folder / 'password'
        password.write_text(PASSWORD)
        if os.getuid() == 0:
            shutil.chown(folder, USER)
            shutil.chown(password, USER)
        self.data = folder / 'data'
        initdb = as_user(program('initdb'), '-D', self.data, '-U', NAME, '-A', 'scram-sha-256', f'--pwfile={password}')
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=folder)
        with (self.data / 'postgresql.conf').open('a') as file:
            file.write(CONFIG.format(host=HOST, port=self.port))
        self.processes = [self.process()]

    def process(self):
        return Process(self.name, as_user(program('postgres'), '-D', self.data), self.folder)

    async def start(self):
        self.processes = [self.process()]
        [process] = self.processes
        await process.start()
        await process.until_listening(self.port)
        await process.until_logged('ready to accept connections')
        if not (self.folder / 'made').exists():
            self.ask(f'CREATE DATABASE {NAME}', 'postgres')
            (self.folder / 'made').touch()

    def ask(self, statement, database=NAME):
        """What the database answers, a line for each row."""
        url = self.url.removesuffix(NAME) + database
        argv = [program('psql'), '-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c', statement, url]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.splitlines()

    async def stop(self):
        """Without waiting until its clients have gone."""
        [process] = self.processes
        process.signal(signal.SIGINT)
        await process.until_ended()

    async def kill(self):
        """As a power cut would; what was committed is there again after the start."""
        await self.processes[0].kill()

    def hang(self):
        """It neither answers nor hangs up."""
        self.signal_all(signal.SIGSTOP)

    def go_on(self):
        self.signal_all(signal.SIGCONT)

    def signal_all(self, number):
        """Each connection has a process."""
        pid = self.processes[0].child.pid
        children = Path(f'/proc/{pid}/task/{pid}/children').read_text().split()
        for one in (pid, *map(int, children)):
            os.kill(one, number)
