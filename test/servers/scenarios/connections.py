"""Connections to IRC servers: TLS, passwords, refusals, two gateways at once."""

import asyncio
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from daemons.inspircd import WEBIRC_PASSWORD, openssl
from daemons.process import HOST, Failure
from matching import CLIENT, error_text, message, presence, show
from scenario import INSPIRCD, NGIRCD, Broken, check, scenario
from scenarios.dialogues import command, note
from scenarios.entering import enter, together
from scenarios.register import GATEWAY, befriend, query


@scenario('TLS with a certificate from the configured authority works', INSPIRCD)
async def _(case):
    bob = await case.peer('bob')
    await bob.join(case.channel)
    alice = await case.user('alice')
    room = case.room_of(case.channel, 'secure')
    await enter(alice, room)
    alice.send_message_to(room, 'in secret', 'groupchat')
    await bob.expect_text(case.channel, 'in secret')
    bob.say(f'WHOIS {alice.nick}')
    await bob.expect(rf' 671 \S+ {alice.nick} ')


@scenario('A user shows a certificate of her own, and the server knows her by it', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    bob = await case.peer('bob')
    await bob.join(case.channel)
    room = case.room_of(case.channel, 'secure')
    server = room.partition('%')[2]
    with TemporaryDirectory() as name:
        folder = Path(name)
        openssl(folder, *'req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=alice -keyout key.pem -out cert.pem'.split())
        pem = (folder / 'key.pem').read_text() + (folder / 'cert.pem').read_text()
    first = await alice.ask_well('set', server, command('configure'))
    done = await alice.ask_well('set', server, command('configure', first.get('sessionid'), certificate=pem))
    kind, text = note(done)
    check(kind == 'info' and (print_ := re.search('[0-9a-f]{64}', text)), f'ended with {show(done)}')
    await enter(alice, room)
    bob.say(f'WHOIS {alice.nick}')
    seen = (await bob.expect(rf' 276 \S+ {alice.nick} :.* fingerprint (\S+)')).group(1)
    check(seen == print_.group(), f'the server saw {seen}, she was told {print_.group()}')


@scenario('TLS with a certificate of no known authority is refused with the reason', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    room = case.room_of(case.channel, 'untrusted')
    alice.enter(room, alice.nick)
    refusal = await alice.expect(presence(f'{room}/{alice.nick}', 'error', error=True), timeout=30)
    check('certificate' in error_text(refusal).lower(), f'the reason is not said: {show(refusal)}')


@scenario('A server password from the configuration opens the server', NGIRCD)
async def _(case):
    closed = case.world.closed
    bob = await case.peer('bob', closed.port, closed.password)
    await bob.join(case.channel)
    alice = await case.user('alice')
    room = case.room_of(case.channel, 'closed')
    await enter(alice, room)
    alice.send_message_to(room, 'in the club', 'groupchat')
    await bob.expect_text(case.channel, 'in the club')


@scenario('A channel with a key refuses the join without it and takes it with it')
async def _(case):
    bob = await case.peer('bob')
    await bob.join(case.channel)
    await bob.mode(case.channel, '+k sesame')
    alice = await case.user('alice')
    alice.enter(case.room, alice.nick)
    await alice.expect(presence(f'{case.room}/{alice.nick}', 'error', error='not-authorized'))
    alice.enter(case.room, alice.nick, password='sesame')
    await alice.expect(presence(f'{case.room}/{alice.nick}', status=[110]))


@scenario('Banned, not invited, full: each join is refused with its own condition')
async def _(case):
    alice = await case.user('alice')
    await enter(alice, case.room_of(f'{case.channel}-open'))
    bob = await case.peer('bob')
    refusals = (('+b *!*@*', 'forbidden'), ('+i', 'registration-required'), ('+l 1', 'service-unavailable'))
    for number, (mode, condition) in enumerate(refusals):
        channel = f'{case.channel}-{number}'
        await bob.join(channel)
        await bob.mode(channel, mode)
        room = case.room_of(channel)
        alice.enter(room, alice.nick)
        await alice.expect(presence(f'{room}/{alice.nick}', 'error', error=condition))


@scenario('An IRC server that does not exist or does not answer is an error, not silence', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    room = case.room_of(case.channel, 'no-such-host.invalid')
    alice.enter(room, alice.nick)
    await alice.expect(presence(f'{room}/{alice.nick}', 'error', error=True), timeout=40)


@scenario('Two gateways in one process are used at once by one user')
async def _(case):
    alice, bob = await together(case)
    await alice.ask_well('set', GATEWAY, query(f'<nick>{alice.nick}two</nick>'))
    await befriend(alice)
    second_room = case.room_of(case.channel, domain=GATEWAY)
    await enter(alice, second_room, f'{alice.nick}two')
    check(len(await bob.names(case.channel)) == 3, 'the two are not two people on IRC')
    bob.say(f'PRIVMSG {case.channel} :both of you')
    for room in (case.room, second_room):
        await alice.expect(message(f'{room}/{bob.nick}', 'groupchat', body='both of you'))
    alice.send_message_to(second_room, 'from the second', 'groupchat')
    await alice.expect(message(f'{case.room}/{alice.nick}two', 'groupchat', body='from the second'))
    await alice.expect(message(f'{second_room}/{alice.nick}two', 'groupchat', body='from the second'))


@scenario('Two users of one channel hear each other once')
async def _(case):
    alice, bob = await together(case)
    carol = await case.user('carol')
    await enter(carol, case.room)
    await alice.expect(presence(f'{case.room}/{carol.nick}'))
    alice.send_message_to(case.room, 'once', 'groupchat')
    await bob.expect_text(case.channel, 'once')
    bob.say(f'PRIVMSG {case.channel} :done')
    for user in (alice, carol):
        taken = await user.take_through(message(f'{case.room}/{bob.nick}', body='done'))
        texts = [stanza.findtext(f'{CLIENT}body') for stanza in taken]
        check(texts.count('once') == 1, f'{user.nick} heard {texts}')


@scenario('A hundred messages from IRC in one burst all arrive in order')
async def _(case):
    alice, bob = await together(case)
    for number in range(100):
        bob.say(f'PRIVMSG {case.channel} :burst {number}')
    taken = await alice.take_through(message(f'{case.room}/{bob.nick}', body='burst 99'), timeout=30)
    texts = [text for stanza in taken if (text := stanza.findtext(f'{CLIENT}body') or '').startswith('burst')]
    check(texts == [f'burst {number}' for number in range(100)], f'{len(texts)} came, or not in order')


@scenario('Users come from hosts of their own where the server lets the gateway say so, and limits count each apart', INSPIRCD)
async def _(case):
    room = case.room_of(case.channel, 'few')
    from_one_address = f'WEBIRC {WEBIRC_PASSWORD} other one.example.org fd00::1'
    first = await case.peer('first', first_line=from_one_address)
    try:
        await asyncio.wait_for(case.peer('second', first_line=from_one_address), 5)
        raise Broken('the server does not count the connections of an address')
    except (Failure, asyncio.TimeoutError):
        pass
    users = [await case.user(name) for name in ('alice', 'bob', 'carol')]
    for user in users:
        await enter(user, room)
    hosts = set()
    for user in users:
        first.say(f'WHOIS {user.nick}')
        hosts.add((await first.expect(rf' 311 \S+ {user.nick} \S+ (\S+) ')).group(1))
    check(len(hosts) == 3 and HOST not in hosts, f'they come from {hosts}')
    # She leaves IRC for good, and comes again.
    alice = users[0]
    await alice.log_out()
    gone = await case.another_client(alice.nick, 'phone')
    await enter(gone, room)
    first.say(f'WHOIS {alice.nick}')
    again = (await first.expect(rf' 311 \S+ {alice.nick} \S+ (\S+) ')).group(1)
    check(again in hosts, f'they came from {hosts}, and she now from {again}')


@scenario('A server that is called by its name and by its host is one connection, and each room has the name it was entered by', INSPIRCD)
async def _(case):
    alice, bob = await together(case)
    other = f'{case.channel}b'
    await bob.join(other)
    by_host = case.room_of(other, HOST)
    await enter(alice, by_host)
    bob.say(f'PRIVMSG {other} :here')
    await alice.expect(message(f'{by_host}/{bob.nick}', 'groupchat', body='here'))
    bob.say(f'WHOIS {alice.nick}')
    channels = (await bob.expect(rf' 319 \S+ {alice.nick} :(.*)$')).group(1).split()
    check({each.lstrip('@+') for each in channels} == {case.channel, other}, f'in {channels}')
    again = case.room_of(case.channel, HOST)
    alice.enter(again, alice.nick)
    refusal = await alice.expect(presence(f'{again}/{alice.nick}', 'error', error='redirect'))
    check(quote(case.channel) in show(refusal), f'the address is not said: {show(refusal)}')
