"""ZNC: a bouncer between its users and the InspIRCd of the same world."""

import hashlib
import os
import shutil

from .process import HOST, Process, free_port

PASSWORD = 'bounce'
SALT = 'salt'
HEAD = """
Version = 1.8.2
ConnectDelay = 1
ServerThrottle = 1
AnonIPLimit = 100
<Listener only>
 Port = {port}
 Host = {host}
 IPv4 = true
 IPv6 = false
 SSL = false
</Listener>
"""
USER = """
<User {name}>
 Admin = {admin}
 Nick = {name}
 Ident = {name}
 RealName = {name}
 <Pass password>
  Method = sha256
  Hash = {hash}
  Salt = {salt}
 </Pass>
 <Network net>
  FloodBurst = 100
  FloodRate = 100.00
  JoinDelay = 0
  {server}
 </Network>
</User>
"""
ADMIN = 'keeper'
USERS = tuple(f'bnc{number}' for number in range(1, 9))


class Znc:
    name = 'znc'

    def __init__(self, folder, upstream_port):
        (folder / 'configs').mkdir(parents=True)
        self.folder = folder
        self.port = free_port()
        self.users = iter(USERS)
        common = {'hash': hashlib.sha256(f'{PASSWORD}{SALT}'.encode()).hexdigest(), 'salt': SALT}
        server = f'Server = {HOST} {upstream_port}'
        users = [USER.format(name=name, admin='false', server=server, **common) for name in USERS]
        keeper = USER.format(name=ADMIN, admin='true', server='IRCConnectEnabled = false', **common)
        text = HEAD.format(host=HOST, port=self.port) + keeper + ''.join(users)
        (folder / 'configs' / 'znc.conf').write_text(text)
        argv = ['/usr/bin/znc', '--foreground', '--datadir', folder]
        if os.geteuid() == 0:
            # It does not like to be root.
            argv = ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups', *argv]
        self.processes = [Process(self.name, argv, folder)]

    def password_of(self, name):
        """As ZNC wants the password of a server."""
        return f'{name}/net:{PASSWORD}'

    async def start(self):
        [process] = self.processes
        if os.geteuid() == 0:
            for place in (self.folder, *self.folder.rglob('*')):
                shutil.chown(place, 'nobody', 'nogroup')
        await process.start()
        await process.until_listening(self.port)

    async def stop(self):
        await self.processes[0].stop()

    async def kill(self):
        await self.processes[0].kill()
