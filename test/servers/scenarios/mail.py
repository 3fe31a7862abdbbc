"""E-mail: mailboxes elsewhere (mode A) and names at the gateway's own domain (mode B), on Dovecot and Exim."""

import asyncio
import urllib.request

from daemons.process import HOST, wait_until
from mail import GATEWAY, PASSWORD, jid_of, text_in
from matching import CLIENT, Stanza, condition_of, error_text, show, text_of
from scenario import check, scenario
from scenarios.register import query

MAIL = ('mail',)
OOB = '{jabber:x:oob}'
SFS = '{urn:xmpp:sfs:0}'


def from_bare(address, body):
    """A message with this text from whatever resource of an address; a quotation may stand before it."""
    return FromBare(address, body)


class FromBare:
    def __init__(self, address, body):
        self.address, self.body = address, body

    def __call__(self, element):
        bare = (element.get('from') or '').partition('/')[0]
        said = text_of(element, 'body') or ''
        is_said = said == self.body or said.endswith(f'\n{self.body}')
        return element.tag == f'{CLIENT}message' and bare == self.address and is_said

    def __str__(self):
        return f'{self.body!r} from {self.address}'


async def with_mailbox(case, name='alice', domain='mail.test'):
    """A user who has signed in to a mailbox of her own."""
    user = await case.user(name)
    user.address = f'{user.nick}@{domain}'
    case.mail.add_user(user.address)
    await user.ask_well('set', GATEWAY, query(f'<email>{user.address}</email><password>{PASSWORD}</password>'), 30)
    return user


async def with_name(case, name='carol'):
    user = await case.user(name)
    user.address = f'{user.nick}@chat.test'
    await user.ask_well('set', GATEWAY, query(f'<username>{user.nick}</username>'), 30)
    return user


def peer_of(case, name='bob'):
    address = f'{name}{case.number}@mail.test'
    case.mail.add_user(address)
    return address


async def written(case, user, peer, text, subject='Hello'):
    """The peer writes, and it arrives as a message."""
    case.mail.submit(case.mail.write(peer, user.address, text, subject), peer, [user.address])
    return await user.expect(from_bare(jid_of(peer), text), 20)


@scenario('a mailbox is signed in to with address and password, and mail goes both ways in one thread', MAIL)
async def both_ways(case):
    user = await with_mailbox(case)
    peer = peer_of(case)
    heard = await written(case, user, peer, 'How are you?', 'Question')
    check(text_of(heard, 'subject') == 'Question', 'the subject did not come')
    thread = text_of(heard, 'thread')
    user.say(f"<message to='{jid_of(peer)}' type='chat' id='m1'><body>Fine.</body><thread>{thread}</thread></message>")
    mail = await case.mail.arrived(peer, 'the answer', lambda mail: text_in(mail) == 'Fine.')
    check(mail['Subject'] == 'Re: Question', f'its subject is {mail["Subject"]}')
    check(mail['In-Reply-To'] and mail['In-Reply-To'] in mail['References'], 'it is not in the thread')
    check(mail['Auto-Submitted'] is None, 'a person wrote it')
    kept = await case.mail.arrived(user.address, 'the copy', lambda mail: text_in(mail) == 'Fine.', folder='Sent')
    check(kept['Message-ID'] == mail['Message-ID'], 'the copy is another mail')
    answer = case.mail.write(peer, user.address, 'Good.', 'Re: Question', In_Reply_To=mail['Message-ID'])
    case.mail.submit(answer, peer, [user.address])
    last = await user.expect(from_bare(jid_of(peer), 'Good.'), 20)
    check(text_of(last, 'thread') == thread, 'the answer is in another thread')
    check(text_of(last, 'subject') is None, 'the same subject came again')


@scenario('the oldest conversation works: jabber:iq:auth, and a message with subject and body becomes a mail', MAIL)
async def oldest(case):
    user = await with_mailbox(case)
    peer = peer_of(case)
    reader, writer = await asyncio.open_connection(HOST, case.jabber.client_port)
    writer.write(b"<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>")
    log_in = f'<username>{user.nick}</username><password>password</password><resource>old</resource>'
    writer.write(f"<iq type='set' id='a1' to='localhost'><query xmlns='jabber:iq:auth'>{log_in}</query></iq>".encode())
    seen = b''
    while b'a1' not in seen:
        seen += await asyncio.wait_for(reader.read(4096), 10)
    check(b"'result'" in seen or b'"result"' in seen, f'the server does not let it in: {seen}')
    writer.write(f"<message to='{jid_of(peer)}'><subject>test 1449</subject><body>test 1449</body></message>".encode())
    mail = await case.mail.arrived(peer, 'test 1449', lambda mail: mail['Subject'] == 'test 1449')
    check(text_in(mail) == 'test 1449', f'it says {text_in(mail)}')
    writer.close()


@scenario('a wrong password is refused in words that name the server, and nothing is registered', MAIL)
async def wrong_password(case):
    user = await case.user('dora')
    address = f'{user.nick}@mail.test'
    case.mail.add_user(address)
    answer = await user.ask('set', GATEWAY, query(f'<email>{address}</email><password>wrong</password>'), 30)
    check(answer.get('type') == 'error', 'it was taken')
    check('server refuses' in error_text(answer), f'it says {error_text(answer)}')
    check('wrong' not in error_text(answer), 'the password is in the error')


@scenario('a certificate that nobody vouches for is refused, and one of the configured authority is taken', MAIL)
async def certificates(case):
    user = await case.user('eve')
    for domain in ('untrusted.test', 'secure.test'):
        address = f'{user.nick}@{domain}'
        case.mail.add_user(address)
        answer = await user.ask('set', GATEWAY, query(f'<email>{address}</email><password>{PASSWORD}</password>'), 30)
        if domain == 'untrusted.test':
            check(answer.get('type') == 'error', 'the certificate was trusted')
            check('certificate of the IMAP server' in error_text(answer), f'it says {error_text(answer)}')
        else:
            check(answer.get('type') == 'result', f'the authority was not trusted: {show(answer)}')


@scenario('a recipient who does not exist, at once or by a bounce, is an error with the id of the message', MAIL)
async def bounces(case):
    user = await with_mailbox(case)
    for address, number in (('nobody@mail.test', 'b1'), (f'gone{case.number}@mail.test', 'b2')):
        user.send_message_to(jid_of(address), 'Are you there?', number=number)
        error = await user.expect(Stanza('message', type='error', id=number), 30)
        check(condition_of(error) == 'item-not-found', f'it is {condition_of(error)}: {error_text(error)}')


@scenario('a receipt comes when the mail server proves delivery, and not before', MAIL)
async def receipts(case):
    user = await with_mailbox(case)
    peer = peer_of(case)
    request = "<request xmlns='urn:xmpp:receipts'/>"
    user.say(f"<message to='{jid_of(peer)}' type='chat' id='r1'><body>Look</body>{request}</message>")

    def is_receipt(element):
        received = element.find('{urn:xmpp:receipts}received')
        return received is not None and received.get('id') == 'r1'

    await user.expect(is_receipt, 20)
    await case.mail.arrived(peer, 'the mail', lambda mail: text_in(mail) == 'Look', 1)


@scenario('N28: attachments go both ways', MAIL)
async def attachments(case):
    user = await with_mailbox(case)
    peer = peer_of(case)
    mail = case.mail.write(peer, user.address, 'See the file')
    mail.add_attachment(b'%PDF-1.4 paper', maintype='application', subtype='pdf', filename='../paper.pdf')
    case.mail.submit(mail, peer, [user.address])

    def offer(element):
        return element.tag == f'{CLIENT}message' and element.find(f'{OOB}x/{OOB}url') is not None

    offered = await user.expect(offer, 20)
    url = offered.findtext(f'{OOB}x/{OOB}url')
    source = offered.find(f'{SFS}file-sharing/{SFS}sources/{{http://jabber.org/protocol/url-data}}url-data')
    check(source is not None and source.get('target') == url, f'another address in {show(offered)}')
    check(offered.find('{urn:xmpp:fallback:0}fallback').get('for') == SFS[1:-1], 'the text is not marked as a stand-in')
    check(url.endswith('paper.pdf'), f'the address is {url}')
    content = await asyncio.to_thread(lambda: urllib.request.urlopen(url, timeout=10).read())
    check(content == b'%PDF-1.4 paper', f'it holds {content}')
    user.say(
        f"<message to='{jid_of(peer)}' type='chat' id='f1'><body>{url}</body>"
        f"<x xmlns='jabber:x:oob'><url>{url}</url></x></message>"
    )

    def has_file(mail):
        return any(part.get_filename() == 'paper.pdf' and part.get_content() == content for part in mail.walk())

    await case.mail.arrived(peer, 'the file', has_file, 30)


@scenario('mails are marked as read in the mailbox when they were seen in the chat', MAIL)
async def seen(case):
    user = await with_mailbox(case)
    peer = peer_of(case)
    heard = await written(case, user, peer, 'Read me')
    marker = f"<displayed xmlns='urn:xmpp:chat-markers:0' id='{heard.get('id')}'/>"
    user.say(f"<message to='{jid_of(peer)}' type='chat' id='d1'>{marker}</message>")

    async def is_seen():
        return any('Seen' in line for line in await asyncio.to_thread(case.mail.flags, user.address))

    await wait_until('the mail to be marked', is_seen, 15)


@scenario('mails read with another program, now or while the gateway is away, are shown as read', MAIL, 90)
async def seen_elsewhere(case):
    user = await with_mailbox(case)
    peer = peer_of(case)
    # jabberd2 knows no privileges; ejabberd 23.01 sends no copies of what is written by privilege.
    may_write = case.world.name == 'prosody'
    if may_write:
        await user.ask_well('set', None, "<enable xmlns='urn:xmpp:carbons:2'/>")

    def marker_of(heard):
        def is_marker(element):
            way = '{urn:xmpp:carbons:2}sent/{urn:xmpp:forward:0}forwarded/{jabber:client}message'
            message = element.find(way)
            if message is None or message.get('to') != jid_of(peer):
                return False
            displayed = message.find('{urn:xmpp:chat-markers:0}displayed')
            return displayed is not None and displayed.get('id') == heard.get('id')

        return is_marker

    first = await written(case, user, peer, 'One')
    await asyncio.to_thread(case.mail.mark_seen, user.address, 1)
    if may_write:
        await user.expect(marker_of(first), 15)
    second = await written(case, user, peer, 'Two')
    third = await written(case, user, peer, 'Three')
    await case.gateway.stop()
    # A change that only a server with CONDSTORE and QRESYNC tells afterwards, as Dovecot does.
    await asyncio.to_thread(case.mail.mark_seen, user.address, 2)
    await case.gateway.start_ready()
    await written(case, user, peer, 'Four')
    if may_write:
        await user.expect(marker_of(second), 15)
        check(not user.kept(marker_of(third)), 'an unread mail is shown as read')
    check(not user.kept(from_bare(jid_of(peer), 'Two')), 'a mail came again')


@scenario('while the mail servers are down nothing is lost, and all of it goes on when they are back', MAIL, 120)
async def outage(case):
    user = await with_mailbox(case)
    peer = peer_of(case)
    await written(case, user, peer, 'Before')
    await case.mail.dovecot.stop()
    await case.mail.exim.stop()
    user.send_message_to(jid_of(peer), 'While you were away')
    await user.ping(GATEWAY)
    await case.mail.dovecot.start()
    await case.mail.exim.start()
    await case.mail.arrived(peer, 'the mail', lambda mail: text_in(mail) == 'While you were away', 80)
    await written(case, user, peer, 'After')


@scenario('a recipient who cannot be given a mail now gets it later, though the gateway dies meanwhile, and nobody twice', MAIL, 90)
async def later(case):
    case.mail.exim.take_later(False)
    case.mail.add_user('later@mail.test')
    user = await with_mailbox(case)
    peer = peer_of(case)
    others = f"<address type='cc' jid='{jid_of('later@mail.test')}'/>"
    addresses = f"<addresses xmlns='http://jabber.org/protocol/address'><address type='to' jid='{jid_of(peer)}'/>{others}</addresses>"
    text = f'To both {case.number}'
    user.say(f"<message to='{jid_of(peer)}' type='chat' id='l1'><body>{text}</body>{addresses}</message>")
    mail = await case.mail.arrived(peer, 'the mail', lambda mail: text_in(mail) == text)
    await asyncio.sleep(0.5)
    await case.gateway.kill()
    await case.gateway.start_ready()
    await asyncio.sleep(1)
    case.mail.exim.take_later(True)
    late = await case.mail.arrived('later@mail.test', 'the mail', lambda mail: text_in(mail) == text, 30)
    check(late['Message-ID'] == mail['Message-ID'], 'it is another mail')
    await asyncio.sleep(2)
    for address, folder in ((peer, 'INBOX'), ('later@mail.test', 'INBOX'), (user.address, 'Sent')):
        found = [mail for mail in case.mail.mails(address, folder) if text_in(mail) == text]
        check(len(found) == 1, f'{len(found)} in {folder} of {address}')
    check(not user.kept(Stanza('message', type='error')), 'an error came')


@scenario('what is sent while the mailbox cannot be read is put into it later, once, though the gateway dies meanwhile', MAIL, 90)
async def copies(case):
    user = await with_mailbox(case)
    peer = peer_of(case)
    await case.mail.dovecot.stop()
    for number in range(5):
        user.send_message_to(jid_of(peer), f'away {number}')
    await asyncio.sleep(1.5)
    await case.gateway.kill()
    await case.gateway.start_ready()
    await case.mail.dovecot.start()

    def texts(address, folder):
        return sorted(text_in(mail) for mail in case.mail.mails(address, folder))

    wanted = [f'away {number}' for number in range(5)]
    await wait_until('the copies', lambda: len(texts(user.address, 'Sent')) >= len(wanted), 40)
    await case.mail.arrived(peer, 'the mail', lambda mail: text_in(mail) == wanted[-1], 30)
    await asyncio.sleep(2)
    check(texts(user.address, 'Sent') == wanted, f'in Sent lie {texts(user.address, "Sent")}')
    check(texts(peer, 'INBOX') == wanted, f'arrived are {texts(peer, "INBOX")}')


@scenario('when the server numbers all mails anew, no mail is told twice and none is left out', MAIL)
async def renumbered(case):
    user = await with_mailbox(case)
    peer = peer_of(case)
    await written(case, user, peer, 'The first')
    await case.mail.dovecot.stop()
    case.mail.dovecot.renumber(user.address)
    await case.mail.dovecot.start()
    await written(case, user, peer, 'The second')
    again = user.kept(from_bare(jid_of(peer), 'The first'))
    check(not again, 'the first mail came again')


@scenario('a mailbox of 20,000 mails is signed in to at once, and only new mail is told', MAIL, 180)
async def large(case):
    user = await case.user('large')
    user.address = f'{user.nick}@mail.test'
    case.mail.add_user(user.address)
    await asyncio.to_thread(fill, case.mail, user.address, 20_000)
    await user.ask_well('set', GATEWAY, query(f'<email>{user.address}</email><password>{PASSWORD}</password>'), 60)
    peer = peer_of(case)
    await written(case, user, peer, 'The new one')
    old = [element for element in user.inbox if 'Old mail' in (text_of(element, 'body') or '')]
    check(not old, f'{len(old)} old mails came')


def fill(mail, address, count):
    """Writes mails straight into the mailbox, as if they had come over the years."""
    import os

    folder = mail.dovecot.maildir(address) / 'new'
    for part in ('new', 'cur', 'tmp'):
        (folder.parent / part).mkdir(parents=True, exist_ok=True)
    for number in range(count):
        head = f'From: old@mail.test\nTo: {address}\nSubject: Old\nMessage-ID: <old{number}@mail.test>\n'
        (folder / f'{1_600_000_000 + number}.M{number}P1.test').write_text(f'{head}\nOld mail {number}\n')
    from daemons.dovecot import own

    own(folder.parent)
    check(len(os.listdir(folder)) == count, 'the mailbox could not be filled')


@scenario('a name at the domain of the gateway is claimed once, and reserved names never', MAIL)
async def names(case):
    user = await with_name(case)
    other = await case.user('dan')
    for name, condition in ((user.nick, 'conflict'), ('postmaster', 'not-acceptable'), ('a b', 'not-acceptable')):
        answer = await other.ask('set', GATEWAY, query(f'<username>{name}</username>'), 30)
        check(answer.get('type') == 'error', f'{name} was given away')
        check(condition_of(answer) == condition, f'{name} is refused with {condition_of(answer)}')


@scenario('mail to and from a name at the domain of the gateway goes both ways, and is signed', MAIL)
async def own_domain(case):
    user = await with_name(case)
    peer = peer_of(case)
    user.send_message_to(jid_of(peer), 'Hello from here')
    mail = await case.mail.arrived(peer, 'the mail', lambda mail: text_in(mail) == 'Hello from here')
    check(user.address in mail['From'], f'it is from {mail["From"]}')
    check('d=chat.test' in (mail['DKIM-Signature'] or ''), 'it is not signed')
    answer = case.mail.write(peer, user.address, 'Hello back', f'Re: {mail["Subject"]}', In_Reply_To=mail['Message-ID'])
    case.mail.submit(answer, peer, [user.address])
    await user.expect(from_bare(jid_of(peer), 'Hello back'), 20)


@scenario('who adds an address to her list has it there at once, in her own mailbox and at the domain of the gateway', MAIL)
async def added(case):
    for user in (await with_mailbox(case), await with_name(case)):
        peer = peer_of(case)
        user.say(f"<presence to='{jid_of(peer)}' type='subscribe'/>")
        await user.expect(Stanza('presence', type='subscribed', frm=jid_of(peer)), 20)


@scenario('a stranger who writes to a name at the domain of the gateway is a request first', MAIL)
async def uninvited(case):
    user = await with_name(case)
    peer = peer_of(case)
    case.mail.submit(case.mail.write(peer, user.address, 'Let me in'), peer, [user.address])
    await user.expect(Stanza('presence', type='subscribe', frm=jid_of(peer)), 20)
    check(not user.kept(from_bare(jid_of(peer), 'Let me in')), 'the mail came before she agreed')
    user.say(f"<presence to='{jid_of(peer)}' type='subscribed'/>")
    await user.expect(from_bare(jid_of(peer), 'Let me in'), 20)


@scenario('a bounce of a mail from the domain of the gateway finds its message', MAIL)
async def own_bounces(case):
    user = await with_name(case)
    user.send_message_to(jid_of(f'gone{case.number}@mail.test'), 'Are you there?', number='v1')
    error = await user.expect(Stanza('message', type='error', id='v1'), 30)
    check(condition_of(error) == 'item-not-found', f'it is {condition_of(error)}: {error_text(error)}')


@scenario('nobody gets mail at a name of the domain that is not taken', MAIL)
async def unknown_names(case):
    import smtplib

    with smtplib.SMTP(HOST, case.mail.own_port, local_hostname='localhost') as server:
        server.ehlo()
        server.mail('peer@mail.test')
        code, words = server.rcpt(f'nobody-here{case.number}@chat.test')
        check(code == 550, f'the answer is {code} {words}')
