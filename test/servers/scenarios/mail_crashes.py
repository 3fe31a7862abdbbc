"""What a crash leaves of mails that are on their way: nothing is lost, whichever moment it happens at."""

import asyncio
import email
import email.policy
import os
import random
import smtplib
import time

from daemons.process import HOST, Failure, wait_until
from mail import PASSWORD, jid_of, text_in
from matching import CLIENT, text_of
from scenario import check, scenario
from scenarios.mail import MAIL, from_bare, peer_of, with_mailbox, with_name, written

# On Prosody in any case; on the others so often when it is asked for.
KILLS = int(os.environ.get('KILLS', '50'))
KILLS_ELSEWHERE = KILLS if 'KILLS' in os.environ else 3
# At each kill and each way; half of them with a mailbox, half at the domain of the gateway.
MAILS_EACH = 10
ROUND_SECONDS = 1.5
# A slow machine is killed less often; how often is printed.
LOOP_SECONDS = 500
PATIENCE_SECONDS = 40


class Correspondence:
    """A user and a peer who write to each other, and what each of them has got."""

    def __init__(self, case, user, peer):
        self.case, self.user, self.peer = case, user, peer
        self.mark = f'{case.number}-{user.nick}-'
        self.written = []
        self.to_be_posted = []
        self.read_files = {}
        self.repeated = 0

    def write(self, number):
        self.written.append(number)
        self.say(number)
        self.to_be_posted.append(number)

    def say(self, number):
        self.user.send_message_to(jid_of(self.peer), f'out {self.mark}{number}', number=f'{self.mark}{number}')

    def repeat(self):
        """What the Jabber server wrote to a gateway that died unread is gone: XEP-0114 has no acknowledgements."""
        missing = set(self.written) - set(self.taken())
        self.repeated += len(missing)
        for number in sorted(missing):
            self.say(number)

    def post(self):
        """The peer's mails go to the mail server, and this has them for good."""
        numbers, self.to_be_posted = self.to_be_posted, []
        with smtplib.SMTP(HOST, self.case.mail.exim.port, local_hostname='localhost') as server:
            server.login(self.peer, PASSWORD)
            for number in numbers:
                mail = self.case.mail.write(self.peer, self.user.address, f'in {self.mark}{number}')
                server.send_message(mail, self.peer, [self.user.address])

    def mails(self):
        """Number and Message-ID of each mail that lies in the mailbox of the peer, which no program looks at."""
        for file in (self.case.mail.dovecot.maildir(self.peer) / 'new').glob('*'):
            if file.name not in self.read_files:
                mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
                self.read_files[file.name] = (self.number_in(text_in(mail), 'out'), mail['Message-ID'])
        return [found for found in self.read_files.values() if found[0] is not None]

    def copies(self):
        """Number and Message-ID of each mail that lies among what the user has sent."""
        mails = self.case.mail.mails(self.user.address, 'Sent')
        found = [(self.number_in(text_in(mail), 'out'), mail['Message-ID']) for mail in mails]
        return [one for one in found if one[0] is not None]

    def taken(self):
        return [number for number, _ in self.mails()]

    def heard(self):
        """Number and id of each message that the user has got."""
        messages = [element for element in self.user.inbox if element.tag == f'{CLIENT}message']
        found = [(self.number_in(text_of(element, 'body') or '', 'in'), element.get('id')) for element in messages]
        return [one for one in found if one[0] is not None and one[0] in self.written]

    def number_in(self, text, way):
        """The marked line of a text, which may quote others."""
        start = f'{way} {self.mark}'
        lines = [line for line in text.splitlines() if line.startswith(start)]
        return int(lines[-1][len(start) :]) if lines else None

    def progress(self):
        return len(self.mails()) + len(self.heard())

    def is_complete(self):
        return set(self.taken()) == set(self.written) == {number for number, _ in self.heard()}


def counts_of(pairs, written):
    """What both ways have in common."""
    numbers = [number for number, _ in pairs]
    return {
        'arrived': len(set(numbers)),
        'lost': len(set(written) - set(numbers)),
        'again under the same id': len(numbers) - len(set(pairs)),
        'again under another id': len(set(pairs)) - len(set(numbers)),
    }


def said(counts):
    return ', '.join(f'{count} {what}' for what, count in counts.items())


async def correspondences(case):
    """One with a mailbox elsewhere, and one with a name at the domain of the gateway."""
    alice, carol = await with_mailbox(case), await with_name(case)
    elsewhere = Correspondence(case, alice, peer_of(case, 'bob'))
    own = Correspondence(case, carol, peer_of(case, 'dave'))
    await written(case, alice, elsewhere.peer, 'Before')
    # She writes first, so that the answers need no consent.
    carol.send_message_to(jid_of(own.peer), 'Before')
    first = await case.mail.arrived(own.peer, 'the first mail', lambda mail: text_in(mail) == 'Before')
    answer = case.mail.write(own.peer, carol.address, 'Before', In_Reply_To=first['Message-ID'])
    case.mail.submit(answer, own.peer, [carol.address])
    await carol.expect(from_bare(jid_of(own.peer), 'Before'), 20)
    return {'mailbox': elsewhere, 'own domain': own}


async def progress(talks, steps, seconds):
    """Until so many more mails have arrived, either way; or not."""
    goal = sum(talk.progress() for talk in talks) + steps
    deadline = time.monotonic() + seconds
    while sum(talk.progress() for talk in talks) < goal and time.monotonic() < deadline:
        await asyncio.sleep(0.01)


async def all_arrived(talks):
    """Or nothing more arrives for a while, though the users say again what is missing."""
    before = -1
    while not all(talk.is_complete() for talk in talks) and sum(talk.progress() for talk in talks) > before:
        before = sum(talk.progress() for talk in talks)
        for talk in talks:
            talk.repeat()
        try:
            complete = lambda: all(talk.is_complete() for talk in talks)
            await wait_until('all mails', complete, PATIENCE_SECONDS)
        except Failure:
            continue


@scenario('Killed again and again while mails go both ways, the gateway loses none', MAIL, 900)
async def _(case):
    wanted = KILLS if case.world.place == 'prosody' else min(KILLS, KILLS_ELSEWHERE)
    kills = 0
    by_place = await correspondences(case)
    talks = list(by_place.values())
    chance = random.Random(case.number)
    deadline = time.monotonic() + LOOP_SECONDS
    while kills < wanted and time.monotonic() < deadline:
        for talk in talks:
            talk.repeat()
        for number in range(kills * MAILS_EACH, (kills + 1) * MAILS_EACH):
            talks[number % len(talks)].write(number)
        posts = [asyncio.create_task(asyncio.to_thread(talk.post)) for talk in talks]
        await progress(talks, chance.randrange(MAILS_EACH), ROUND_SECONDS)
        await case.gateway.kill()
        kills += 1
        await asyncio.gather(*posts)
        await case.gateway.start_ready(60)
    try:
        await all_arrived(talks)
    finally:
        found = {}
        for name, talk in by_place.items():
            out, back = counts_of(talk.mails(), talk.written), counts_of(talk.heard(), talk.written)
            found[name] = (out, back)
            print(
                f'# {case.world.place}, {name}: {kills} kills; {len(talk.written)} each way; out: {said(out)} '
                f'({talk.repeated} stanzas repeated); in: {said(back)}',
                flush=True,
            )
        if not all(talk.is_complete() for talk in talks):
            print(f'# {case.world.place}: {case.mail.exim.queued()} mails wait in Exim', flush=True)
    mailbox = by_place['mailbox']
    await wait_until('all copies', lambda: {number for number, _ in mailbox.copies()} >= set(mailbox.written), PATIENCE_SECONDS)
    copies = counts_of(mailbox.copies(), mailbox.written)
    print(f'# {case.world.place}, mailbox: copies: {said(copies)}', flush=True)
    again = copies['again under the same id']
    check(again == 0, f'{again} mails lie twice among what was sent')
    for name, (out, back) in found.items():
        for way, counts in (('out', out), ('in', back)):
            check(counts['lost'] == 0, f'{name}: {counts["lost"]} are lost on the way {way}')
            other = counts['again under another id']
            check(other == 0, f'{name}: {other} came again under another id on the way {way}')
        # One chat: not more than one mail is in doubt at any kill.
        twice = out['again under the same id']
        check(twice <= kills, f'{name}: {twice} mails went out twice')
