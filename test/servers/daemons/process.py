"""One child process with a log file, and the waiting that every server needs."""

import asyncio
import os
import random
import re
import signal
import socket
import time
from pathlib import Path

HOST = '127.0.0.1'


class Failure(Exception):
    """What a test found wrong; its text says what was waited for or expected."""


class Ports:
    """Ports below the range from which outgoing connections are served; none is given out twice.

    A process takes a block for itself, so that no other run is given a port that a server here only listens on later.
    Who listens on the first port of a block owns it.
    """

    SIZE = 500

    def __init__(self):
        blocks = list(range(15000, 32000, self.SIZE))
        random.shuffle(blocks)
        for first in blocks:
            self.owner = socket.socket()
            try:
                self.owner.bind((HOST, first))
                self.owner.listen(1)
            except OSError:
                self.owner.close()
                continue
            self.rest = iter(range(first + 1, first + self.SIZE))
            return
        raise Failure('no free block of ports found on 127.0.0.1')

    def take(self):
        for port in self.rest:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, port))
                    return port
                except OSError:
                    continue
        raise Failure('this run has used all its ports')


PORTS = Ports()


def free_port():
    """A port that nobody listens on and that nobody else is given."""
    return PORTS.take()


async def wait_until(what, check, timeout):
    """Asks `check` until it gives something true, and gives that back."""
    deadline = time.monotonic() + timeout
    while True:
        answer = check()
        if asyncio.iscoroutine(answer):
            answer = await answer
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise Failure(f'waited {timeout:g} s for {what}')
        await asyncio.sleep(0.03)


async def is_listening(port):
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True


class Process:
    """A program in its own process group; what it prints goes to `<folder>/<name>.log`."""

    def __init__(self, name, argv, folder, env=None):
        self.name = name
        self.argv = [str(part) for part in argv]
        self.folder = Path(folder)
        self.env = {**os.environ, **(env or {})}
        self.log_file = self.folder / f'{name}.log'
        self.child = None

    async def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log_file.open('ab') as log:
            self.child = await asyncio.create_subprocess_exec(
                *self.argv,
                cwd=self.folder,
                env=self.env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def is_running(self):
        return self.child is not None and self.child.returncode is None

    async def until_listening(self, port, timeout=30):
        def check():
            self.must_run()
            return is_listening(port)

        await wait_until(f'{self.name} to listen on port {port}', check, timeout)

    async def until_logged(self, pattern, start=0, timeout=30, file=None):
        """Waits for a line that the pattern finds, behind offset `start` of the log; gives the line."""

        def check():
            found = [line for line in self.log(start, file).splitlines() if re.search(pattern, line)]
            if not found:
                self.must_run()
            return found and found[0]

        return await wait_until(f'/{pattern}/ in the log of {self.name}', check, timeout)

    def must_run(self):
        if not self.is_running:
            status = self.child.returncode if self.child else 'never started'
            raise Failure(f'{self.name} ended by itself, status {status}:\n{self.tail()}')

    def log(self, start=0, file=None):
        file = file or self.log_file
        return file.read_bytes()[start:].decode(errors='replace') if file.exists() else ''

    def log_size(self):
        return self.log_file.stat().st_size if self.log_file.exists() else 0

    def tail(self, lines=40):
        return '\n'.join(self.log().splitlines()[-lines:])

    async def kill(self):
        """As a power cut would: no chance to say anything."""
        self.signal(signal.SIGKILL)
        await self.until_ended()

    async def stop(self, timeout=10):
        """SIGTERM, and SIGKILL for what does not heed it; gives the exit status."""
        self.signal(signal.SIGTERM)
        try:
            await self.until_ended(timeout)
        except Failure:
            await self.kill()
        return self.child and self.child.returncode

    async def until_ended(self, timeout=10):
        if self.child is None:
            return
        try:
            await asyncio.wait_for(self.child.wait(), timeout)
        except asyncio.TimeoutError:
            raise Failure(f'waited {timeout:g} s for {self.name} to end') from None

    def signal(self, number):
        if not self.is_running:
            return
        try:
            if number == signal.SIGKILL:
                os.killpg(self.child.pid, number)
            else:
                self.child.send_signal(number)
        except ProcessLookupError:
            pass

    def memory_bytes(self):
        """Resident size, as the kernel counts it."""
        status = Path(f'/proc/{self.child.pid}/status').read_text()
        line = next(line for line in status.splitlines() if line.startswith('VmRSS:'))
        return int(line.split()[1]) * 1024
