"""Exim: takes mail with a password, delivers to Dovecot, refuses and bounces what its addresses say."""

import os
import subprocess
from pathlib import Path

from .dovecot import as_user, own, user_name
from .process import HOST, Process, free_port

CONFIG = """
exim_path = {binary}
exim_user = {user}
exim_group = {user}
never_users =
keep_environment =
add_environment =
primary_hostname = mail.test
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
local_interfaces = {host}
daemon_smtp_ports = {port} : {lmtp_entry} : {tls}
tls_on_connect_ports = {tls}
tls_certificate = {certificates}/cert.pem
tls_privatekey = {certificates}/key.pem
tls_advertise_hosts =
dsn_advertise_hosts = *
auth_advertise_hosts = *
acl_smtp_rcpt = check_recipient
acl_smtp_data = check_data
message_size_limit = 30M
smtp_accept_max = 200
smtp_accept_max_per_connection = 0
smtp_accept_queue_per_connection = 0
remote_max_parallel = 20
rfc1413_query_timeout = 0s
host_lookup =
qualify_domain = mail.test
domainlist here = mail.test
domainlist gateway = chat.test

begin acl

check_recipient:
  deny
    domains = +here
    local_parts = nobody
    message = 5.1.1 no such user
  defer
    domains = +here
    local_parts = later
    condition = ${{if !exists{{{folder}/takes-later}}}}
    message = 4.2.0 try again later
  accept
    domains = +here : +gateway
  accept
    authenticated = *
  deny
    message = 5.7.1 relay not permitted

check_data:
  deny
    condition = ${{if match{{$h_subject:}}{{refuse this}}}}
    message = 5.7.1 I do not like this
  accept

begin routers

gateway_by_lmtp:
  driver = manualroute
  domains = +gateway
  condition = ${{if eq{{$received_port}}{{{lmtp_entry}}}}}
  transport = gateway_by_lmtp
  route_list = * {host}
  self = send

gateway:
  driver = manualroute
  domains = +gateway
  transport = gateway
  route_list = * {host}
  self = send

mailboxes:
  driver = manualroute
  domains = +here
  transport = lmtp
  route_list = * {host}
  self = send

begin transports

lmtp:
  driver = smtp
  protocol = lmtp
  hosts = {host}
  port = {lmtp}
  allow_localhost

gateway:
  driver = smtp
  hosts = {host}
  port = {gateway}
  allow_localhost

gateway_by_lmtp:
  driver = smtp
  protocol = lmtp
  hosts = {host}
  port = {gateway}
  allow_localhost

begin retry

* * F,1h,2s

begin authenticators

plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{${{lookup{{$auth2}}lsearch{{{folder}/passwords}}}}}}{{$auth3}}}} {{!eq{{$auth3}}{{}}}}}}}}
  server_set_id = $auth2

xoauth2:
  driver = plaintext
  public_name = XOAUTH2
  server_prompts = :
  server_condition = ${{if match{{$auth1}}{{\\N^user=(.+)\\x01auth=Bearer (.+)\\x01\\x01$\\N}}{{${{if and{{{{!eq{{$1}}{{}}}}{{eq{{${{lookup{{$2}}lsearch{{{folder}/tokens}}}}}}{{$1}}}}}}}}}}{{no}}}}
  server_set_id = ${{if match{{$auth1}}{{\\N^user=([^\\x01]+)\\N}}{{$1}}{{}}}}
"""


def binary():
    """Not installed, as it would drive other mail servers out: unpacked by run.sh."""
    unpacked = os.environ.get('CAUSEWAY_EXIM')
    return Path(unpacked or '/usr/sbin/exim4')


class Exim:
    name = 'exim'

    def __init__(self, folder, dovecot, gateway_port):
        for sub in ('', 'spool', 'log'):
            (folder / sub).mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        # What is handed in here goes to the gateway by LMTP.
        self.lmtp_entry = free_port()
        self.tls = free_port()
        (folder / 'passwords').write_text('')
        (folder / 'tokens').write_text('')
        (folder / 'exim.conf').write_text(
            CONFIG.format(
                binary=binary(),
                folder=folder,
                user=user_name(),
                host=HOST,
                port=self.port,
                lmtp_entry=self.lmtp_entry,
                tls=self.tls,
                certificates=dovecot.folder,
                lmtp=dovecot.lmtp,
                gateway=gateway_port,
            )
        )
        own(folder)
        self.processes = [self.process()]

    def process(self):
        argv = as_user(str(binary()), '-C', str(self.folder / 'exim.conf'), '-bdf', '-q2s')
        return Process(self.name, argv, self.folder)

    def add_user(self, address, password):
        with (self.folder / 'passwords').open('a') as file:
            file.write(f'{address}: {password}\n')

    def add_token(self, token, address):
        with (self.folder / 'tokens').open('a') as file:
            file.write(f'{token}: {address}\n')

    async def start(self):
        self.processes = [self.process()]
        [process] = self.processes
        await process.start()
        await process.until_listening(self.port)

    async def stop(self):
        await self.processes[0].stop()

    def take_later(self, is_taken):
        """Whether later@mail.test gets mail."""
        file = self.folder / 'takes-later'
        if is_taken:
            file.touch()
        else:
            file.unlink(missing_ok=True)

    def queued(self):
        """How many mails it still has to deliver."""
        argv = as_user(str(binary()), '-C', str(self.folder / 'exim.conf'), '-bpc')
        return subprocess.run(argv, capture_output=True, text=True).stdout.strip()

    def log(self):
        file = self.folder / 'log' / 'mainlog'
        return file.read_text() if file.exists() else ''
