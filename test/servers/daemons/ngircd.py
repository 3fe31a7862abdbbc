"""ngIRCd: open, or behind a server password."""

from .process import HOST, Process, free_port

CONFIG = """
[Global]
Name = {name}.test
Info = ngIRCd
AdminInfo1 = Test
Listen = {host}
Ports = {port}
PidFile = {folder}/ngircd.pid
{password}
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxNickLength = 31
MaxPenaltyTime = 0
PingTimeout = 120
[Options]
DNS = no
Ident = no
PAM = no
"""


class Ngircd:
    name = 'ngircd'

    def __init__(self, folder, password=None):
        folder.mkdir(parents=True)
        self.port = free_port()
        self.password = password
        file = folder / 'ngircd.conf'
        file.write_text(
            CONFIG.format(
                name='closed' if password else 'ng',
                host=HOST,
                port=self.port,
                folder=folder,
                password=f'Password = {password}' if password else '',
            )
        )
        self.processes = [Process(self.name, ['/usr/sbin/ngircd', '-n', '-f', file], folder)]

    async def start(self):
        [process] = self.processes
        await process.start()
        await process.until_listening(self.port)

    async def stop(self):
        await self.processes[0].stop()

    async def kill(self):
        await self.processes[0].kill()
