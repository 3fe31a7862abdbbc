"""Dovecot: IMAP with and without TLS, LMTP, a mailbox for each user that is named; runs without privileges."""

import base64
import os
import shutil
import subprocess

from .process import HOST, Process, free_port

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
default_internal_user = {user}
default_internal_group = {user}
default_login_user = {user}
protocols = imap lmtp
listen = {host}
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:~/Maildir
mail_max_userip_connections = 0
mail_fsync = never
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users/%u
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users/%u
}}
namespace inbox {{
  inbox = yes
  mailbox Drafts {{
    special_use = \\Drafts
    auto = create
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = create
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  service_count = 0
  client_limit = 1000
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 1024
}}
service lmtp {{
  user = {user}
  inet_listener lmtp {{
    address = {host}
    port = {lmtp}
  }}
}}
"""

# Access tokens are JWTs (RFC 7519) that name the mailbox.
OAUTH = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = email
"""
TOKEN_KEY = b'the-key-of-the-authorization-server'

USER = 'mail'


def as_user(*argv):
    """Mail daemons run as a user of their own when the tests are run by root."""
    if os.getuid() != 0:
        return list(argv)
    return ['setpriv', f'--reuid={USER}', f'--regid={USER}', '--clear-groups', *argv]


def own(folder):
    if os.getuid() == 0:
        subprocess.run(['chown', '-R', f'{USER}:{USER}', folder], check=True)


def user_name():
    return USER if os.getuid() == 0 else subprocess.check_output(['id', '-un'], text=True).strip()


class Dovecot:
    name = 'dovecot'

    def __init__(self, folder):
        # Short, as names of sockets must be.
        folder.mkdir(parents=True)
        self.folder = folder
        self.imap, self.imaps, self.lmtp = free_port(), free_port(), free_port()
        for sub in ('run', 'state', 'home', 'users'):
            (folder / sub).mkdir()
        subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30']
            + ['-keyout', folder / 'key.pem', '-out', folder / 'cert.pem', '-subj', '/CN=localhost']
            + ['-addext', f'subjectAltName=DNS:localhost,IP:{HOST}'],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        self.ca_file = folder / 'ca.pem'
        shutil.copy(folder / 'cert.pem', self.ca_file)
        (folder / 'dovecot.conf').write_text(
            CONFIG.format(
                folder=folder,
                host=HOST,
                user=user_name(),
                imap=self.imap,
                imaps=self.imaps,
                lmtp=self.lmtp,
            )
        )
        (folder / 'oauth2.conf').write_text(OAUTH.format(folder=folder))
        keys = folder / 'keys' / 'default' / 'HS256'
        keys.mkdir(parents=True)
        (keys / 'default').write_bytes(base64.b64encode(TOKEN_KEY))
        own(folder)
        self.processes = [self.process()]

    def process(self):
        argv = as_user('/usr/sbin/dovecot', '-F', '-c', str(self.folder / 'dovecot.conf'))
        return Process(self.name, argv, self.folder)

    def add_user(self, address, password):
        """A file for each, as Dovecot looks at one that it knows only once a second."""
        home = self.folder / 'home' / address
        home.mkdir(exist_ok=True)
        number = os.stat(self.folder / 'home').st_uid
        (self.folder / 'users' / address).write_text(f'{address}:{password}:{number}:{number}::{home}\n')
        own(home)

    def maildir(self, address):
        return self.folder / 'home' / address / 'Maildir'

    def withhold(self, address, words):
        """The mails with these words cannot be read any more: Dovecot hangs up on whoever asks for them."""
        for file in self.maildir(address).glob('*/*'):
            if file.parent.name in ('cur', 'new') and words in file.read_bytes():
                file.chmod(0)

    def renumber(self, address):
        """Forgets the numbers of all mails: the UIDVALIDITY of the inbox changes."""
        for name in ('dovecot-uidlist', 'dovecot.index', 'dovecot.index.log', 'dovecot.index.cache', 'dovecot-uidvalidity'):
            (self.maildir(address) / name).unlink(missing_ok=True)
        for file in self.maildir(address).glob('dovecot-uidvalidity.*'):
            file.unlink()

    async def start(self):
        # With sockets of the last run about, it takes seconds to greet.
        shutil.rmtree(self.folder / 'run', ignore_errors=True)
        (self.folder / 'run').mkdir()
        own(self.folder / 'run')
        self.processes = [self.process()]
        [process] = self.processes
        await process.start()
        for port in (self.imap, self.imaps, self.lmtp):
            await process.until_listening(port)

    async def stop(self):
        await self.processes[0].stop()

    async def kill(self):
        await self.processes[0].kill()
