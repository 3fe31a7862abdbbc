"""What a mail user can ask for besides writing: commands, folders, consent in place of a password; and LMTP."""

import asyncio
import copy
import html
import re
import smtplib
import urllib.request

from client import register
from daemons.process import HOST, Failure, wait_until
from mail import GATEWAY, PASSWORD, jid_of, text_in
from matching import CLIENT, condition_of, show, text_of
from scenario import check, scenario
from scenarios.dialogues import command
from scenarios.mail import MAIL, from_bare, peer_of, with_mailbox, with_name, written
from scenarios.mail_crashes import Correspondence, counts_of, said


async def run(user, node, to=GATEWAY, **answers):
    """A command with at most one form; all that it says in the end."""
    first = await user.ask_well('set', to, command(node), 30)
    if first.get('status') != 'executing':
        return ''.join(first.itertext())
    done = await user.ask_well('set', to, command(node, first.get('sessionid'), 'complete', **answers), 30)
    check(done.get('status') == 'completed', f'{node} is not done: {show(done)}')
    return ''.join(done.itertext())


async def administrator(case):
    try:
        await register(case.jabber.client_port, 'admin', 'password')
    except Failure:
        pass  # another scenario has made it
    return await case.another_client('admin', f'desk{case.number}')


@scenario('mails from before the registration come by command, as many as are asked for', MAIL)
async def recent(case):
    user = await case.user('fay')
    user.address = f'{user.nick}@mail.test'
    case.mail.add_user(user.address)
    peer = peer_of(case)
    for number in range(3):
        mail = case.mail.write(peer, user.address, f'Old {number}')
        await asyncio.to_thread(case.mail.put, user.address, mail, 'INBOX')
    registration = f"<query xmlns='jabber:iq:register'><email>{user.address}</email><password>{PASSWORD}</password></query>"
    await user.ask_well('set', GATEWAY, registration, 30)
    told = await run(user, 'recent', count='2')
    check('2' in told, f'it says {told}')
    for number in (1, 2):
        await user.expect(from_bare(jid_of(peer), f'Old {number}'), 20)
    check(not user.kept(from_bare(jid_of(peer), 'Old 0')), 'more came than was asked for')


@scenario('what was left out of a mail comes by command', MAIL)
async def full_text(case):
    user = await with_mailbox(case)
    peer = peer_of(case)
    text = 'Yes, on Monday.\n\nOn Tue, 3 Nov 2026 at 10:00, Alice wrote:\n> Shall we meet?\n> I am free on Monday.\n'
    case.mail.submit(case.mail.write(peer, user.address, text), peer, [user.address])
    heard = await user.expect(lambda element: 'Yes, on Monday.' in (text_of(element, 'body') or ''), 20)
    check('Shall we meet' not in text_of(heard, 'body'), 'the quotation was not left out')
    told = await run(user, 'full-text', jid_of(peer))
    check('Shall we meet?' in told and 'Yes, on Monday.' in told, f'it says {told}')


@scenario('a mail that the mail server cannot give out is passed over, and the user is told', MAIL, 120)
async def withheld(case):
    user = await with_mailbox(case)
    peer = peer_of(case)
    await written(case, user, peer, 'Before')
    await case.gateway.stop()
    for body in ('The good one', 'The bad one', 'The one behind it'):
        await asyncio.to_thread(case.mail.put, user.address, case.mail.write(peer, user.address, body), 'INBOX')
    case.mail.dovecot.withhold(user.address, b'The bad one')
    await case.gateway.start_ready()
    await user.expect(from_bare(jid_of(peer), 'The one behind it'), 60)
    bodies = [text_of(element, 'body') or '' for element in user.inbox]
    check(any(body.endswith('The good one') for body in bodies), 'the mail before it did not come')
    check(any('does not give out' in body for body in bodies), f'nothing is said of it: {bodies}')


@scenario('another folder is read when the user asks for it', MAIL, 90)
async def folders(case):
    user = await with_mailbox(case)
    peer = peer_of(case)
    await run(user, 'settings', folders='\\Junk', level='all', newsletters='digest', seen='true')
    # Reading begins with what comes after the folder was looked at for the first time, and nobody tells when that was.
    for turn in range(10):
        body = f'Among the junk, {turn}'
        mail = case.mail.write(peer, user.address, body)
        await asyncio.to_thread(case.mail.put, user.address, mail, 'Junk')
        try:
            return await user.expect(from_bare(jid_of(peer), body), 5)
        except Failure:
            continue
    raise Failure('nothing came from the other folder')


@scenario('an administrator is told the DNS records, and gives a user a further address', MAIL)
async def domain(case):
    admin = await administrator(case)
    records = await run(admin, 'dns-records')
    for part in ('causeway._domainkey.chat.test. TXT "v=DKIM1', 'v=spf1', 'v=DMARC1'):
        check(part in records, f'{part} is not in {records}')
    user = await with_name(case)
    peer = peer_of(case)
    user.send_message_to(jid_of(peer), 'Hello')
    first = await case.mail.arrived(peer, 'the mail', lambda mail: text_in(mail) == 'Hello')
    alias = f'sales{case.number}'
    await run(admin, 'aliases', alias=alias, target=user.nick)
    answer = case.mail.write(peer, f'{alias}@chat.test', 'To the alias', In_Reply_To=first['Message-ID'])
    case.mail.submit(answer, peer, [f'{alias}@chat.test'])
    await user.expect(from_bare(jid_of(peer), 'To the alias'), 20)
    listed = await user.ask('set', GATEWAY, command('aliases'))
    check(listed.get('type') == 'error', 'anybody may see the aliases')


@scenario('a mail server in front hands mail to the domain of the gateway by LMTP', MAIL, 120)
async def lmtp(case):
    settings = copy.deepcopy(case.gateway.settings)
    own = next(one for one in settings['gateways'] if one['use'] == 'email')['options']['ownDomain']
    own['protocol'] = 'lmtp'
    await case.gateway.restart(settings)
    user, other = await with_name(case), await with_name(case, 'dan')
    peer = peer_of(case)
    for one in (user, other):
        one.send_message_to(jid_of(peer), f'From {one.nick}')
    await case.mail.arrived(peer, 'the mail', lambda mail: text_in(mail) == f'From {other.nick}')
    await case.mail.arrived(peer, 'the mail', lambda mail: text_in(mail) == f'From {user.nick}')
    recipients = [user.address, other.address, f'nobody-here{case.number}@chat.test']
    mail = case.mail.write(peer, ', '.join(recipients), 'To both')
    case.mail.submit(mail, peer, recipients, case.mail.exim.lmtp_entry)
    for one in (user, other):
        await one.expect(from_bare(jid_of(peer), 'To both'), 20)

    def is_bounce(mail):
        return recipients[-1] in mail.as_string() and mail.get_content_type() == 'multipart/report'

    # Each recipient has an answer of its own: one refusal is a bounce for that one alone.
    await case.mail.arrived(peer, 'the bounce', is_bounce, 30)


@scenario('a user gives consent in the browser in place of a password, until she takes it back', MAIL, 120)
async def consent(case):
    user = await case.user('grace')
    user.address = f'{user.nick}@consent.test'
    case.mail.dovecot.add_user(user.address, 'nobody-knows')
    node = 'jabber:iq:register'
    first = await user.ask_well('set', GATEWAY, command(node))
    session = first.get('sessionid')
    step = await user.ask_well('set', GATEWAY, command(node, session, 'next', email=user.address), 30)
    link = html.unescape(re.search(r'http://[^\s<"\']+/authorize\?[^\s<"\']+', show(step)).group())
    early = await user.ask_well('set', GATEWAY, command(node, session, 'next', proof='123456'), 30)
    check(early.get('status') == 'executing', 'it went on without the consent')
    back = case.mail.authorization.consent(link, user.address)
    page = await asyncio.to_thread(lambda: urllib.request.urlopen(back, timeout=10).read().decode())
    check(user.bare in page and user.address in page, f'whom it is for is not said: {page}')
    proof = re.search(r'\b\d{6}\b', page).group()
    wrong = str((int(proof) + 1) % 1_000_000).zfill(6)
    unproven = await user.ask_well('set', GATEWAY, command(node, session, 'next', proof=wrong), 30)
    check(unproven.get('status') == 'executing', 'it went on without the number on the page')
    done = await user.ask_well('set', GATEWAY, command(node, session, 'next', proof=proof), 30)
    check(done.get('status') == 'completed', f'after the consent ({page}): {show(done)}')
    # She shows herself to the gateway, as her client does once it is on her list.
    user.say(f"<presence to='{GATEWAY}'/>")
    peer = peer_of(case)
    mail = case.mail.write(peer, user.address, 'Do you read me?')
    await asyncio.to_thread(deliver, case, mail, peer, user.address)
    await user.expect(from_bare(jid_of(peer), 'Do you read me?'), 20)
    user.send_message_to(jid_of(peer), 'Loud and clear.')
    await case.mail.arrived(peer, 'the answer', lambda mail: text_in(mail) == 'Loud and clear.')
    check(user.address in case.mail.authorization.refreshed, 'the refresh token was not used')
    case.mail.authorization.revoke(user.address)
    await case.mail.dovecot.stop()
    await case.mail.dovecot.start()


    def is_told(element):
        return element.tag == f'{CLIENT}presence' and 'has not given access' in ''.join(element.itertext())

    # XEP-0100 §4.4.2: an error, and the gateway's presence, which says what to do.
    error = await user.expect(lambda element: is_told(element) and element.get('type') == 'error', 40)
    check(condition_of(error) == 'not-authorized', f'it is {show(error)}')
    await user.expect(lambda element: is_told(element) and 'register again' in (text_of(element, 'status') or ''), 10)


def deliver(case, mail, sender, recipient):
    """By LMTP, as Exim knows nothing of this domain."""
    with smtplib.LMTP(HOST, case.mail.dovecot.lmtp) as server:
        server.send_message(mail, sender, [recipient])


@scenario('the Jabber server restarts while mails go both ways: nothing is lost, and nothing comes twice', MAIL, 180)
async def restart(case):
    alice, carol = await with_mailbox(case), await with_name(case)
    talks = [Correspondence(case, alice, peer_of(case, 'bob')), Correspondence(case, carol, peer_of(case, 'dave'))]
    for talk in talks:
        talk.user.send_message_to(jid_of(talk.peer), 'Before')
        await case.mail.arrived(talk.peer, 'the first mail', lambda mail: text_in(mail) == 'Before')
        # Whoever is on her list may write to her.
        talk.user.say(f"<presence to='{jid_of(talk.peer)}' type='subscribe'/>")
        for number in range(20):
            talk.write(number)
        # The gateway has what it was sent before this.
        await talk.user.ping(GATEWAY, 30)
    posts = [asyncio.create_task(asyncio.to_thread(talk.post)) for talk in talks]
    await asyncio.sleep(0.3)
    await case.jabber.stop()
    await asyncio.gather(*posts)
    await asyncio.sleep(1)
    await case.jabber.start()
    for talk in talks:
        again = await wait_until(f'{talk.user.nick} to log in again', lambda who=talk.user: logged_in(case, who), 60)
        # As a client does that has the gateway on its list: what came back while she was away waits for that.
        again.say(f"<presence to='{GATEWAY}'/>")
        again.inbox[:0] = talk.user.inbox
        talk.user = again
    try:
        await wait_until('all mails', lambda: all(talk.is_complete() for talk in talks), 60)
    finally:
        for talk in talks:
            out, back = counts_of(talk.mails(), talk.written), counts_of(talk.heard(), talk.written)
            print(f'# {case.world.place}, {talk.user.nick}: out: {said(out)}; in: {said(back)}', flush=True)
    for talk in talks:
        out, back = counts_of(talk.mails(), talk.written), counts_of(talk.heard(), talk.written)
        check(out['again under the same id'] == out['again under another id'] == 0, 'a mail went out twice')
        check(back['again under another id'] == 0, 'a mail came twice')


async def logged_in(case, user):
    try:
        again = await case.another_client(user.nick, 'again')
    except Failure:
        return None
    again.address = user.address
    return again
