"""The component stream (XEP-0114) with a real server at the other end, and a wire between that can be listened to."""

import hashlib
import os
import re
import xml.etree.ElementTree as ElementTree
from contextlib import suppress

from daemons.process import Failure, wait_until
from gateway import Gateway
from loopback import LOOP, LOOP2, LOOP3
from matching import condition_of, error_text
from scenario import INSPIRCD, check, scenario
from scenarios.loop import signed_up
from wire import IN, OUT, Wire
from world import SECRET

SPARE = 'spare.localhost'


class Spare:
    """A gateway of its own for one scenario, at the end of a wire to any port."""

    def __init__(self, case, target=None, domain=SPARE, secret=SECRET, **wire):
        self.wire = Wire(target or case.jabber.component_port, **wire)
        settings = case.world.settings()
        settings.pop('http')
        settings['jabber'] = {'host': 'localhost' if self.wire.tls else '127.0.0.1', 'port': self.wire.port}
        settings['jabber']['tls'] = self.wire.tls is not None
        settings['data'] += f'-spare{case.number}'
        settings['gateways'] = [{**settings['gateways'][0], 'domain': domain, 'secret': secret}]
        self.process = Gateway(case.gateway.folder, settings, f'spare-{case.number}')

    async def __aenter__(self):
        await self.wire.open()
        await self.process.start()
        return self

    async def __aexit__(self, *_):
        await self.process.stop()
        await self.wire.close()

    async def logged(self, pattern):
        return await self.process.until_logged(pattern, timeout=20)

    async def attached(self, times=1):
        await wait_until(
            f'attachment {times}', lambda: self.process.log().count('"msg":"attached"') >= times, 20
        )


def elements(data):
    """The header of a stream, and what stands in it, as far as it goes."""
    parser = ElementTree.XMLPullParser(['start', 'end'])
    parser.feed(data)
    header, depth, found = None, 0, []
    for event, element in parser.read_events():
        depth += 1 if event == 'start' else -1
        if header is None:
            header = element
        elif event == 'end' and depth == 1:
            found.append(element)
    return header, found


@scenario('C01, C06, C08, C09, C10: The stream is opened, the secret proved, and each stanza has both addresses', INSPIRCD)
async def _(case):
    await signed_up(case)
    loopback = await case.loopback()
    for domain in (LOOP, LOOP2, LOOP3):
        connection = loopback.wire.of(domain)
        ours, theirs = elements(connection.said(OUT)), elements(connection.said(IN))
        check(ours[0].tag == '{http://etherx.jabber.org/streams}stream', f'the stream is {ours[0].tag}')
        check(ours[0].get('to') == domain and ours[0].get('version') is None, f'the header has {ours[0].attrib}')
        hash = hashlib.sha1((theirs[0].get('id') + SECRET).encode()).hexdigest()
        first, *stanzas = ours[1]
        check(first.tag == '{jabber:component:accept}handshake' and first.text == hash, 'no handshake, or another')
        check(written_before(connection, b'handshake') <= 2, 'something was said before the server had answered')
        check(len(stanzas) > 0 or domain != LOOP, 'nothing was said')
        for stanza in stanzas:
            host = (stanza.get('from') or '').partition('/')[0].rpartition('@')[2]
            check(host == domain and stanza.get('to'), f'from {stanza.get("from")} to {stanza.get("to")}')


def written_before(connection, answer):
    """How often the gateway had written when this came from the server."""
    written = 0
    for direction, data in connection.pieces:
        if direction == IN and answer in data:
            break
        written += direction == OUT
    return written


@scenario('C02, C05: A name that the server does not serve is named in the log, in whatever packets it comes', INSPIRCD)
async def _(case):
    # jabberd2 takes any name from who knows its secret.
    secret = 'something-else' if case.world.name == 'jabberd2' else SECRET
    # The others wait for the handshake before they say anything.
    is_at_once = case.world.name == 'prosody'
    async with Spare(case, domain='nowhere.localhost', secret=secret, in_one_packet=is_at_once) as spare:
        line = await spare.logged('not attached')
        check('nowhere.localhost' in line and '"level":"error"' in line, f'the log says {line}')
        check(re.search(r'"reason":"(unknown-host|secret)"', line), f'the log says {line}')
        retry = int(re.search(r'"retryInSeconds":(\d+)', line).group(1))
        check(retry >= 30, f'it tries again in {retry} s')
        check(SECRET not in spare.process.log(), 'the secret is in the log')


@scenario('C04: The port for clients is named as such in the log', INSPIRCD)
async def _(case):
    async with Spare(case, target=case.jabber.client_port) as spare:
        line = await spare.logged('not attached')
        check('"level":"error"' in line, f'the log says {line}')
        # jabberd2 has one answer there for all that it does not know.
        advice = 'check jabber.port' if case.world.name == 'jabberd2' else 'not a port for components'
        check(advice in line, f'the log says {line}')


@scenario('C14: A stanza that no gateway needs is refused with its id, and the stream stays', INSPIRCD)
async def _(case):
    alice = await signed_up(case)
    loopback = await case.loopback()
    connection = loopback.wire.of(LOOP)
    number = alice.send_message_to(f'romeo@{LOOP}', 'x' * 600_000)
    refused = await alice.expect(lambda element: element.get('id') == number and element.get('type') == 'error', 20)
    check(condition_of(refused) == 'policy-violation', f'refused as {condition_of(refused)}: {error_text(refused)}')
    answer = await alice.ping(LOOP)
    check(answer.get('type') == 'result' and loopback.wire.of(LOOP) is connection, 'the stream was lost')


@scenario('C15: A server behind TLS is attached to when its certificate is good, and not when it is unknown', INSPIRCD)
async def _(case):
    inspircd = case.world.inspircd
    alice = await case.user('alice')
    for is_known in (False, True):
        spare = Spare(case, certificate=(inspircd.certificate, inspircd.key))
        if is_known:
            spare.process.env = {**os.environ, 'NODE_EXTRA_CA_CERTS': str(inspircd.ca_file)}
        async with spare:
            if not is_known:
                line = await spare.logged('not attached')
                check('"reason":"tls"' in line, f'the log says {line}')
                continue
            await spare.attached()
            check((await alice.ping(SPARE)).get('type') == 'result', 'the ping is refused')


@scenario('C17: The secret comes from a file or the environment, and a file that others can read is named', INSPIRCD)
async def _(case):
    file = case.gateway.folder / f'secret{case.number}'
    file.write_text(f'{SECRET}\n')
    file.chmod(0o644)
    async with Spare(case, secret={'file': str(file)}) as spare:
        await spare.attached()
        check(str(file) in spare.process.log() and SECRET not in spare.process.log(), 'no word about its mode')
    spare = Spare(case, secret='${SPARE_SECRET}')
    spare.process.env = {**os.environ, 'SPARE_SECRET': SECRET}
    async with spare:
        await spare.attached()


@scenario('C18: What no server may send ends the stream with an error that says so, and the gateway comes back', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    hostile = (
        (b'<!-- x -->', 'restricted-xml'),
        (b'<message><body>&x;</body></message>', 'not-well-formed'),
        (b'<a>\xff\xfe</a>', 'unsupported-encoding'),
    )
    async with Spare(case) as spare:
        for turn, (data, condition) in enumerate(hostile, 1):
            await spare.attached(turn)
            connection = spare.wire.of(SPARE)
            connection.tamper(data)
            wanted = f'<stream:error><{condition} '.encode()
            await wait_until(f'{condition} to be said', lambda: wanted in connection.said(OUT), 10)
        await spare.attached(len(hostile) + 1)
        # As deep as fits into what clients may send; ejabberd 23.01 does not survive that itself.
        depth = 100 if case.jabber.name == 'ejabberd' else 34_000
        deep = '<a>' * depth + '</a>' * depth
        answer = await alice.ask('get', SPARE, f"<query xmlns='urn:example:deep'>{deep}</query>")
        check(answer.get('type') == 'error', 'a question that is nested without end has no answer')
        check((await alice.ping(SPARE)).get('type') == 'result', 'the gateway is gone')


ODD_NAMES = (
    "<x xml:space='preserve'/>",
    "<x xml:foo='1' xml:bar='2'/>",
    "<x xmlns:q='http://www.w3.org/XML/1998/namespace' q:lang='en'/>",
    '<xml:x/>',
    '<x><xml:lang/></x>',
)


@scenario('C18: What a user writes with the prefix xml is of no consequence for others', INSPIRCD)
async def _(case):
    bob = await case.user('bob')
    loopback = await case.loopback()
    connection = loopback.wire.of(LOOP)
    for number, odd in enumerate(ODD_NAMES):
        # Servers may end the stream of whom they do not understand.
        alice = await case.user(f'alice-odd-{number}')
        alice.send_raw(f"<iq type='get' id='odd' to='{LOOP}'><query xmlns='urn:example:odd'>{odd}</query></iq>")
        alice.send_raw(f"<message to='causeway@{LOOP}' type='chat'><body>help</body>{odd}</message>")
        with suppress(Failure):
            await alice.expect(lambda element: element.get('id') == 'odd', 3)
        check((await bob.ping(LOOP)).get('type') == 'result', f'after {odd} others have no answer')
    check(loopback.wire.of(LOOP) is connection, 'the stream was lost')


@scenario('C12: A line on which nothing is said is tried, and the server answers', INSPIRCD, timeout=90)
async def _(case):
    loopback = await case.loopback()
    connection = loopback.wire.of(LOOP3)

    def pings():
        return [element.get('id') for element in elements(connection.said(OUT))[1] if 'urn:xmpp:ping' in inside(element)]

    await wait_until('a ping', pings, 40)

    def answered():
        return pings()[0] in [element.get('id') for element in elements(connection.said(IN))[1]]

    await wait_until('the answer of the server', answered, 10)


@scenario('C12: A line that has died without a word is given up within a minute', INSPIRCD, timeout=120)
async def _(case):
    alice = await case.user('alice')
    async with Spare(case) as spare:
        await spare.attached()
        spare.wire.of(SPARE).die()
        await wait_until('the next connection', lambda: len(spare.wire.connections) > 1, 70)
        await spare.attached(2)
        check((await alice.ping(SPARE)).get('type') == 'result', 'the gateway is there again')


def inside(element):
    return ' '.join(child.tag for child in element)
