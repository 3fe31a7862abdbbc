"""Someone on IRC: a raw client that speaks the protocol and no more."""

import asyncio
import re

from daemons.process import HOST, Failure


def is_utf8(text):
    """False where bytes came in that are no UTF-8; they are kept as surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class IrcPeer:
    def __init__(self, nick, port, password=None, first_line=None):
        self.nick = nick
        self.port = port
        self.password = password
        self.first_line = first_line
        self.lines = []
        self.transcript = []
        self.arrived = asyncio.Condition()
        self.reading = None
        self.writer = None

    async def connect(self):
        self.reader, self.writer = await asyncio.open_connection(HOST, self.port)
        if self.first_line:
            self.say(self.first_line)
        if self.password:
            self.say(f'PASS {self.password}')
        self.say(f'NICK {self.nick}')
        self.say(f'USER {self.nick} 0 * :{self.nick}')
        self.reading = asyncio.ensure_future(self.read())
        await self.expect(r' 001 ')
        return self

    async def read(self):
        """Keeps each line as bytes read as UTF-8; what is none stays visible as surrogates."""
        try:
            while line := await self.reader.readline():
                text = line.rstrip(b'\r\n').decode(errors='surrogateescape')
                self.transcript.append(f'<-- {text!r}')
                if text.startswith('PING'):
                    self.say('PONG' + text[4:])
                    continue
                self.lines.append(text)
                async with self.arrived:
                    self.arrived.notify_all()
        except ConnectionError:
            pass

    def say(self, line):
        self.say_bytes(line.encode())

    def say_bytes(self, line):
        self.transcript.append(f'--> {line!r}')
        self.writer.write(line + b'\r\n')

    async def expect(self, pattern, timeout=10):
        """Takes the first kept line that the pattern finds; gives the match."""
        found = []

        def find():
            for place, line in enumerate(self.lines):
                if match := re.search(pattern, line):
                    found.append(match)
                    del self.lines[place]
                    return True
            return False

        async def look():
            async with self.arrived:
                await self.arrived.wait_for(find)

        try:
            await asyncio.wait_for(look(), timeout)
        except asyncio.TimeoutError:
            raise Failure(f'{self.nick} on IRC waited {timeout:g} s for /{pattern}/') from None
        return found[0]

    async def expect_text(self, target, text, frm='[^!]+', timeout=10):
        pattern = rf'^:{frm}!\S+ PRIVMSG {re.escape(target)} :{re.escape(text)}$'
        return await self.expect(pattern, timeout)

    def kept(self, pattern):
        return [line for line in self.lines if re.search(pattern, line)]

    def take_texts(self, target):
        """What was said to the target and not yet taken, in order."""
        pattern = re.compile(rf'^:\S+ PRIVMSG {re.escape(target)} :(.*)$')
        matches = [pattern.search(line) for line in self.lines]
        self.lines = [line for line, match in zip(self.lines, matches) if not match]
        return [match.group(1) for match in matches if match]

    async def join(self, channel, key=''):
        self.say(f'JOIN {channel} {key}'.rstrip())
        await self.expect(rf' 366 \S+ {re.escape(channel)} ')

    async def settle(self):
        """The server has handled all that was said before this."""
        self.say('PING :settle')
        await self.expect(r' PONG .*settle')

    async def names(self, channel):
        """Who is in the channel, with the signs before their nicks."""
        self.say(f'NAMES {channel}')
        await self.expect(rf' 366 \S+ {re.escape(channel)} ')
        place = rf' 353 \S+ . {re.escape(channel)} :(.*)$'
        found = set()
        while self.kept(place):
            found |= set((await self.expect(place)).group(1).split())
        return found

    async def mode(self, channel, change):
        self.say(f'MODE {channel} {change}')
        await self.settle()

    async def quit(self, why='gone'):
        if self.writer is None:
            return
        self.say(f'QUIT :{why}')
        try:
            await asyncio.wait_for(self.reading, 2)
        except asyncio.TimeoutError:
            self.reading.cancel()
        self.writer.close()
