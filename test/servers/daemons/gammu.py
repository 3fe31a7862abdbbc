"""gammu-smsd with its dummy modem: two folders stand for the air."""

import os
import re
from datetime import datetime

from .process import Process

CONFIG = """
[gammu]
model = dummy
connection = none
device = {folder}/modem

[smsd]
service = files
inboxpath = {folder}/inbox/
outboxpath = {folder}/outbox/
sentsmspath = {folder}/sent/
errorsmspath = {folder}/errors/
inboxformat = unicode
checksecurity = 0
checkbattery = 0
checksignal = 0
checknetwork = 0
loopsleep = 1
receivefrequency = 1
statusfrequency = 0
logfile = {folder}/smsd.log
debuglevel = 0
"""

INCOMING = """[SMSBackup000]
PDU = Deliver
SMSC = "+15005550000"
SMSCUnicode = {smsc}
DateTime = {time}
State = UnRead
Number = "{sender}"
NumberUnicode = {number}
Name = ""
Text00 = {text}
Coding = Unicode_No_Compression
Folder = 1
Length = {length}
Class = -1
ReplySMSC = False
RejectDuplicates = False
ReplaceMessage = 0
MessageReference = 0
"""


def units(text):
    return text.encode('utf-16-be').hex().upper()


class Gammu:
    name = 'gammu'

    def __init__(self, folder):
        self.folder = folder
        for name in ('inbox', 'outbox', 'sent', 'errors', *(f'modem/sms/{number}' for number in range(1, 6))):
            (folder / name).mkdir(parents=True)
        file = folder / 'smsdrc'
        file.write_text(CONFIG.format(folder=folder))
        self.processes = [Process(self.name, ['/usr/bin/gammu-smsd', '-c', file], folder)]
        self.serial = 0

    async def start(self):
        await self.processes[0].start()

    async def stop(self):
        await self.processes[0].stop()

    def say(self, sender, text):
        """A text comes to the modem."""
        self.serial += 1
        content = INCOMING.format(
            smsc=units('+15005550000'),
            time=datetime.now().strftime('%Y%m%dT%H%M%S'),
            sender=sender,
            number=units(sender),
            text=units(text),
            length=len(text.encode('utf-16-be')) // 2,
        )
        place = self.folder / 'modem' / 'sms'
        (place / 'draft').write_text(content)
        os.rename(place / 'draft', place / '1' / str(self.serial))

    def heard(self):
        """Receiver and text of what has left the modem."""
        return [read(file) for file in sorted((self.folder / 'sent').iterdir())]


def read(file):
    """The daemon notes the reference in the file, and leaves the end of the old content behind the new."""
    content = file.read_text()
    number = re.search(r'^Number = "(.*)"', content, re.M).group(1)
    sections = re.findall(r'^\[SMSBackup\d+\]\n(.*?)^Coding', content, re.M | re.S)
    hexadecimal = ''.join(''.join(re.findall(r'^Text\d\d = (\w+)', section, re.M)) for section in sections)
    return number, bytes.fromhex(hexadecimal).decode('utf-16-be')
