"""The mail side of a world: Dovecot and Exim, people with mailboxes, and what is in these."""

import asyncio
import email
import email.policy
import imaplib
import smtplib
from email.message import EmailMessage
from email.utils import make_msgid

from daemons.authorization import AuthorizationServer
from daemons.dovecot import Dovecot
from daemons.exim import Exim
from daemons.names import PAGES_HOST, NameServer, Pages
from daemons.process import HOST, free_port, wait_until

PASSWORD = 'mail-secret'
GATEWAY = 'email.localhost'


class Mail:
    def __init__(self, folder):
        self.own_port = free_port()
        self.http_port = free_port()
        self.dovecot = Dovecot(folder / 'd')
        self.exim = Exim(folder / 'e', self.dovecot, self.own_port)
        self.names = NameServer()
        self.pages = Pages(folder / 'p', ['autoconfig.auto.test', 'known.test'])
        self.authorization = AuthorizationServer(self.exim.add_token)
        self.daemons = [self.dovecot, self.exim, self.authorization, self.names, self.pages]

    def options(self):
        """The options of the gateway that most scenarios have."""

        def provider(domain, imap):
            return {
                'domain': domain,
                'imap': imap,
                'smtp': {'host': HOST, 'port': self.exim.port, 'security': 'none'},
            }

        plain = {'host': HOST, 'port': self.dovecot.imap, 'security': 'none'}
        tls = {'host': 'localhost', 'port': self.dovecot.imaps, 'security': 'tls'}
        return {
            'providers': [
                provider('mail.test', plain),
                provider('secure.test', {**tls, 'ca': str(self.dovecot.ca_file)}),
                provider('untrusted.test', tls),
                {**provider('consent.test', plain), 'oauth': self.authorization.options()},
            ],
            'ownDomain': {
                'domain': 'chat.test',
                'listen': f'{HOST}:{self.own_port}',
                'relay': {'host': HOST, 'port': self.exim.port, 'security': 'none'},
                'verify': False,
            },
            'limits': {'burst': 100000, 'perMinute': 100000},
            'timings': {'reconnectMinMs': 200, 'reconnectMaxMs': 2000, 'pollMs': 1000, 'laterMs': 500},
        }

    def publish_servers(self):
        """Three mail domains, each with a way of its own to say where its servers are."""
        self.names.publish('_imaps._tcp.srv.test', 'SRV', ('localhost', self.dovecot.imaps))
        self.names.publish('_submissions._tcp.srv.test', 'SRV', ('localhost', self.exim.tls))
        self.names.publish('autoconfig.auto.test', 'A', PAGES_HOST)
        self.names.publish('known.test', 'A', PAGES_HOST)

        def server(kind, port, tag):
            return (
                f'<{tag} type="{kind}"><hostname>localhost</hostname><port>{port}</port>'
                f'<socketType>SSL</socketType><username>%EMAILADDRESS%</username></{tag}>'
            )

        servers = server('imap', self.dovecot.imaps, 'incomingServer') + server('smtp', self.exim.tls, 'outgoingServer')
        page = f'<clientConfig version="1.1"><emailProvider id="x">{servers}</emailProvider></clientConfig>'
        self.pages.publish('autoconfig.auto.test', '/mail/config-v1.1.xml', page)
        self.pages.publish('known.test', '/.well-known/autoconfig/mail/config-v1.1.xml', page)

    def trust_file(self):
        """The certificates of all servers here, for a gateway that is to trust them as the public ones."""
        file = self.pages.folder / 'all.pem'
        file.write_text(self.dovecot.ca_file.read_text() + self.pages.ca_file.read_text())
        return file

    def add_user(self, address):
        self.dovecot.add_user(address, PASSWORD)
        self.exim.add_user(address, PASSWORD)

    def submit(self, message, sender, recipients, port=None):
        """Hands a mail in as any mail program would."""
        with smtplib.SMTP(HOST, port or self.exim.port, local_hostname='localhost') as server:
            if sender.endswith('@mail.test'):
                server.login(sender, PASSWORD)
            server.send_message(message, sender, recipients)

    def write(self, sender, recipient, text, subject='Hello', **headers):
        message = EmailMessage()
        message['From'], message['To'], message['Subject'] = sender, recipient, subject
        message['Message-ID'] = make_msgid(domain='mail.test')
        for name, value in headers.items():
            message[name.replace('_', '-')] = value
        message.set_content(text)
        return message

    def mails(self, address, folder='INBOX'):
        """All that lies in a folder, the oldest first."""
        with imaplib.IMAP4(HOST, self.dovecot.imap) as client:
            client.login(address, PASSWORD)
            client.select(folder, readonly=True)
            _, [numbers] = client.search(None, 'ALL')
            found = []
            for number in numbers.split():
                _, [(_, raw), *_] = client.fetch(number, '(BODY.PEEK[])')
                found.append(email.message_from_bytes(raw, policy=email.policy.default))
            return found

    def put(self, address, message, folder):
        with imaplib.IMAP4(HOST, self.dovecot.imap) as client:
            client.login(address, PASSWORD)
            client.append(folder, None, None, message.as_bytes())

    def mark_seen(self, address, number):
        """As another mail program does."""
        with imaplib.IMAP4(HOST, self.dovecot.imap) as client:
            client.login(address, PASSWORD)
            client.select('INBOX')
            client.store(str(number), '+FLAGS', '\\Seen')

    def flags(self, address):
        with imaplib.IMAP4(HOST, self.dovecot.imap) as client:
            client.login(address, PASSWORD)
            client.select('INBOX', readonly=True)
            _, found = client.fetch('1:*', '(FLAGS)')
            return [line.decode() for line in found if line]

    async def arrived(self, address, what, check, timeout=20, folder='INBOX'):
        """The first mail in a folder that is wanted."""

        async def look():
            mails = await asyncio.to_thread(self.mails, address, folder)
            return next((mail for mail in mails if check(mail)), None)

        return await wait_until(f'{what} in {folder} of {address}', look, timeout)


def jid_of(address):
    return f'{address.replace("@", chr(92) + "40")}@{GATEWAY}'


def text_in(mail):
    return mail.get_body(('plain',)).get_content().strip()
