"""Kannel with its own fake SMSC, which prints what phones get and says what it is told to say."""

import re

from .process import HOST, Process, free_port

CONFIG = """
group = core
admin-port = {admin_port}
admin-password = admin
smsbox-port = {smsbox_port}
box-allow-ip = {host}
box-deny-ip = "*.*.*.*"
log-level = 1
store-type = spool
store-location = {folder}/spool
dlr-storage = internal
sms-resend-freq = 2

group = smsc
smsc = fake
smsc-id = fake
host = {host}
port = {smsc_port}
connect-allow-ip = {host}

group = smsbox
bearerbox-host = {host}
bearerbox-port = {smsbox_port}
sendsms-port = {send_port}
log-level = 1
http-request-retry = 1000
http-queue-delay = 1

group = sendsms-user
username = causeway
password = swordfish
concatenation = true
max-messages = 20

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "{hook}?from=%p&to=%P&text=%b&id=%I&coding=%c&charset=%C&time=%T"
"""

FAKESMSC = '/usr/lib/kannel/test/fakesmsc'


class Kannel:
    name = 'kannel'

    def __init__(self, folder, hook):
        self.folder = folder
        self.smsc_port, self.send_port, self.smsbox_port = free_port(), free_port(), free_port()
        (folder / 'spool').mkdir(parents=True)
        self.file = folder / 'kannel.conf'
        self.file.write_text(
            CONFIG.format(
                host=HOST,
                folder=folder,
                admin_port=free_port(),
                smsbox_port=self.smsbox_port,
                smsc_port=self.smsc_port,
                send_port=self.send_port,
                hook=hook,
            )
        )
        self.bearerbox = Process('bearerbox', ['/usr/sbin/bearerbox', '-v', '1', self.file], folder)
        self.smsbox = Process('smsbox', ['/usr/sbin/smsbox', '-v', '1', self.file], folder)
        self.phones = None
        self.processes = [self.bearerbox, self.smsbox]

    async def start(self):
        await self.bearerbox.start()
        await self.bearerbox.until_listening(self.smsbox_port)
        await self.smsbox.start()
        await self.smsbox.until_listening(self.send_port)
        await self.phones_on()

    async def stop(self):
        await self.phones_off()
        await self.smsbox.stop()
        await self.bearerbox.stop()

    async def phones_on(self, *messages):
        """The fake SMSC: says these messages, and then listens."""
        argv = [FAKESMSC, '-H', HOST, '-r', self.smsc_port, '-i', '0.1', '-m', len(messages)]
        start = self.bearerbox.log_size()
        self.phones = Process('fakesmsc', [*argv, *(messages or ['1 2 text nothing'])], self.folder)
        await self.phones.start()
        await self.bearerbox.until_logged('Fakesmsc client connected', start)

    async def phones_off(self):
        if self.phones and self.phones.is_running:
            start = self.bearerbox.log_size()
            await self.phones.kill()
            await self.bearerbox.until_logged('EOF from fakesmsc', start)

    async def say(self, sender, number, text):
        await self.phones_off()
        await self.phones_on(f'{sender} {number} text {text}')

    async def say_bytes(self, sender, number, escaped):
        """Bytes, those that are no letters in hexadecimal behind a percent sign."""
        await self.phones_off()
        await self.phones_on(f'{sender} {number} data {escaped}')

    def heard(self):
        """What phones got, one line each: sender, receiver, kind, text."""
        return re.findall(r'Got message \d+: <(.*)>', self.phones.log() if self.phones else '')
