"""InspIRCd: a plain port and one with TLS, behind a certificate authority of our own."""

import os
import subprocess

from .process import HOST, Process, free_port

MODULES = """
cap ircv3 ircv3_accounttag ircv3_batch ircv3_capnotify ircv3_chghost ircv3_ctctags ircv3_echomessage
ircv3_invitenotify ircv3_labeledresponse ircv3_msgid ircv3_servertime monitor namesx uhnames setname
chanhistory cgiirc services_account botmode ssl_gnutls sslinfo
"""

WEBIRC_PASSWORD = 'gate-secret'

CONFIG = """
<server name="insp.test" description="InspIRCd" network="Insp">
<admin name="Admin" nick="admin" email="admin@localhost">
<bind address="{host}" port="{port}" type="clients">
<bind address="{host}" port="{tls_port}" type="clients" sslprofile="own">
<sslprofile name="own" provider="gnutls" hash="sha256" certfile="{folder}/server.pem" keyfile="{folder}/server.key">
<connect name="few" allow="fd00::/8" timeout="20" pingfreq="120" localmax="1" globalmax="1" maxchans="100"
 resolvehostnames="no" fakelag="no" commandrate="100000000" threshold="1000" hardsendq="10M" softsendq="5M" recvq="1M">
<cgihost type="webirc" password="{webirc_password}" mask="{host}">
<connect name="many" allow="*" timeout="20" pingfreq="120" localmax="1000" globalmax="1000" maxchans="100"
 resolvehostnames="no" fakelag="no" commandrate="100000000" threshold="1000" hardsendq="10M" softsendq="5M" recvq="1M">
<options prefixquit="" defaultmodes="not">
<limits maxnick="30" maxchan="64" maxtopic="307" maxkick="255">
<connectban threshold="1000">
<sslinfo operonly="no">
<path configdir="{folder}" datadir="{folder}" logdir="{folder}" runtimedir="{folder}">
<pid file="{folder}/inspircd.pid">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="{folder}/inspircd-own.log">
"""


def openssl(folder, *words):
    subprocess.run(['openssl', *words], cwd=folder, check=True, capture_output=True)


def make_certificates(folder):
    """ca.pem, and server.pem signed by it for `localhost`."""
    openssl(
        folder,
        *'req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=Test-CA -keyout ca.key -out ca.pem'.split(),
    )
    openssl(folder, *'req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr'.split())
    (folder / 'names').write_text('subjectAltName=DNS:localhost')
    openssl(
        folder,
        *'x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial'.split(),
        *'-days 30 -extfile names -out server.pem'.split(),
    )


class Inspircd:
    name = 'inspircd'

    def __init__(self, folder):
        folder.mkdir(parents=True)
        self.port, self.tls_port = free_port(), free_port()
        self.ca_file = folder / 'ca.pem'
        self.certificate, self.key = folder / 'server.pem', folder / 'server.key'
        make_certificates(folder)
        ports = {'port': self.port, 'tls_port': self.tls_port}
        config = CONFIG.format(host=HOST, **ports, folder=folder, webirc_password=WEBIRC_PASSWORD)
        config += '\n'.join(f'<module name="{name}">' for name in MODULES.split())
        file = folder / 'inspircd.conf'
        file.write_text(config + '\n')
        argv = ['/usr/sbin/inspircd', '--nofork', '--config', file]
        if os.geteuid() == 0:
            argv.append('--runasroot')
        self.processes = [Process(self.name, argv, folder)]

    async def start(self):
        [process] = self.processes
        await process.start()
        await process.until_listening(self.port)
        await process.until_listening(self.tls_port)

    async def stop(self):
        await self.processes[0].stop()

    async def kill(self):
        await self.processes[0].kill()
