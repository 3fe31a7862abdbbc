"""Messages with somebody on the loopback network, which tells what it got (XEP-0100 §4.8, 0085, 0333, 0363)."""

import asyncio
import urllib.request

from loopback import LOOP, LOOP2
from matching import error_text, message, show, text_of
from scenario import INSPIRCD, check, scenario
from scenarios.loop import settled, signed_up
from wire import OUT

ROMEO = f'romeo@{LOOP}'
STATES = 'http://jabber.org/protocol/chatstates'
MARKERS = 'urn:xmpp:chat-markers:0'
OOB = '{jabber:x:oob}'
# What jabberd2's packaged settings allow between servers.
SMALLEST_LIMIT_BYTES = 65_535


async def texts_sent(loopback, user):
    return [args[1]['text'] for args in await loopback.calls(user.nick, 'send')]


def state(user, name, to=ROMEO):
    user.say(f"<message type='chat' to='{to}'><{name} xmlns='{STATES}'/></message>")


@scenario('G45, G46, G47: What the network refuses comes back with its words, and is kept for nobody', INSPIRCD)
async def _(case):
    alice = await signed_up(case)
    loopback = await case.loopback()
    for kind, condition in (('absent', 'service-unavailable'), ('unreachable', 'remote-server-timeout')):
        await loopback.do('refuse', method='send', kind=kind, text=f'He is {kind}.')
        number = alice.send_message_to(ROMEO, f'{alice.nick} to the {kind}')
        refused = await alice.expect(message(ROMEO, 'error', error=condition, id=number))
        check(error_text(refused) == f'He is {kind}.', f'the words are {show(refused)}')
    await loopback.show(alice.nick, 'romeo', show='online')
    alice.send_message_to(ROMEO, f'{alice.nick} at last')
    await loopback.called(alice.nick, 'send', 3)
    await settled(alice)
    heard = [text for text in await loopback.do('heard', name='romeo') if text.startswith(f'{alice.nick} ')]
    check(heard == [f'{alice.nick} at last'], f'he heard {heard}')


@scenario('G49, G50: An error is not passed on nor answered, and what is sent twice arrives once', INSPIRCD)
async def _(case):
    alice = await signed_up(case)
    loopback = await case.loopback()
    alice.say(
        f"<message type='error' id='e1' to='{ROMEO}'><body>broken</body><error type='cancel'>"
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    )
    for number, text in (('x', 'once'), ('x', 'once'), ('x', 'other'), ('y', 'once')):
        alice.send_message_to(ROMEO, text, number=number)
    await loopback.called(alice.nick, 'send', 3)
    await settled(alice)
    found = await texts_sent(loopback, alice)
    check(found == ['once', 'other', 'once'], f'the network got {found}')
    check(not alice.kept(message(ROMEO)), 'something was answered')


@scenario('N14: Who is writing is told once for each change, both ways, with nothing besides', INSPIRCD)
async def _(case):
    alice = await signed_up(case)
    loopback = await case.loopback()
    for name in ('active', 'composing', 'composing', 'paused', 'gone', 'inactive'):
        state(alice, name)
    await loopback.called(alice.nick, 'typing', 3)
    await settled(alice)
    told = [args[1] for args in await loopback.calls(alice.nick, 'typing')]
    check(told == ['typing', 'paused', 'done'], f'the network was told {told}')
    chat = {'kind': 'contact', 'id': 'romeo'}
    for step, name in (('typing', 'composing'), ('paused', 'paused'), ('done', 'active')):
        await loopback.tell(alice.nick, {'kind': 'typing', 'chat': chat, 'state': step})
        heard = await alice.expect(message(ROMEO, 'chat'))
        check([child.tag for child in heard] == [f'{{{STATES}}}{name}'], f'it is {show(heard)}')
    features = await alice.ask_well('get', ROMEO, "<query xmlns='http://jabber.org/protocol/disco#info'/>")
    check(STATES in show(features), 'it is not announced')


@scenario('N16: The network is told of the newest message that was seen, and of nothing older', INSPIRCD)
async def _(case):
    alice = await signed_up(case)
    loopback = await case.loopback()
    ids, numbers = [], []
    for text in ('one', 'two', 'three'):
        ids.append(await loopback.do('tell', user=alice.nick, **{'from': 'romeo'}, text=text))
        heard = await alice.expect(message(ROMEO, body=text))
        check(heard.find(f'{{{MARKERS}}}markable') is not None, f'it cannot be marked: {show(heard)}')
        numbers.append(heard.get('id'))
    for place in (1, 0, 1, 2):
        marker = f"<displayed xmlns='{MARKERS}' id='{numbers[place]}'/>"
        alice.say(f"<message type='chat' to='{ROMEO}' id='d{place}'>{marker}</message>")
    await loopback.called(alice.nick, 'mark', 2)
    await settled(alice)
    marked = [args[1] for args in await loopback.calls(alice.nick, 'mark')]
    check(marked == [ids[1], ids[2]], f'the network was told of {marked} of {ids}')


@scenario('C14: A text as long as a book reaches the user whole, in stanzas that each server takes', INSPIRCD)
async def _(case):
    alice = await signed_up(case)
    loopback = await case.loopback()
    text = 'Füße & <größer> 😀 ' * 10_000
    await loopback.do('tell', user=alice.nick, **{'from': 'romeo'}, text=text)
    await loopback.do('tell', user=alice.nick, **{'from': 'romeo'}, text='The end')
    taken = await alice.take_through(message(ROMEO, body='The end'), 20)
    parts = [text_of(element, 'body') for element in taken if message(ROMEO, 'chat')(element)][:-1]
    check(' '.join(parts).split() == text.split(), f'{sum(map(len, parts))} of {len(text)} characters came')
    sent = loopback.wire.of(LOOP).said(OUT).split(b'</message>')
    check(max(map(len, sent)) < SMALLEST_LIMIT_BYTES, f'a stanza has {max(map(len, sent))} bytes')


@scenario('N27: A file of the network is put where the server keeps files, with its size and leave', INSPIRCD)
async def _(case):
    loopback = await case.loopback()
    alice = await signed_up(case, domain=LOOP2)
    text = 'But soft, what light through yonder window breaks?\r\n' * 100
    await loopback.do('send file', user=alice.nick, **{'from': 'romeo'}, text=text)
    heard = await alice.expect(message(f'romeo@{LOOP2}', 'chat'), 20)
    url = heard.findtext(f'{OOB}x/{OOB}url')
    if case.world.name == 'jabberd2':
        # It keeps no files: what there was is said in words.
        check(url is None and 'note.txt' in text_of(heard, 'body'), f'it says {show(heard)}')
        return
    check(url and url.endswith('note.txt'), f'it says {show(heard)}')
    content = await asyncio.to_thread(lambda: urllib.request.urlopen(url, timeout=10).read().decode())
    check(content == text, f'{len(content)} of {len(text)} characters are there')
