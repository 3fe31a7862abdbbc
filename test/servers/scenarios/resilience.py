"""Servers that go away, and a gateway that does."""

import asyncio
import time

from daemons.process import Failure, wait_until
from gateway import Gateway
from matching import message, one_of, presence
from scenario import INSPIRCD, check, scenario
from scenarios.entering import enter, together
from scenarios.register import registered

BACK_WITHIN = 45
MEMORY_LIMIT_BYTES = 300 * 1024 * 1024


@scenario('C11, C13: A Jabber server that restarts has its gateways back within 45 seconds', INSPIRCD, timeout=90)
async def _(case):
    await case.user('early')
    await case.jabber.stop()
    await case.jabber.start()
    started = time.monotonic()
    alice = await case.user('alice')

    async def answers():
        for domain in ('irc.localhost', 'irc2.localhost'):
            try:
                answer = await alice.ping(domain, 3)
            except Failure:  # asked while the gateway was half attached
                return False
            if answer.get('type') != 'result':
                return False
        return True

    await wait_until('both gateways to answer again', answers, BACK_WITHIN)
    check(time.monotonic() - started < BACK_WITHIN, f'it took {time.monotonic() - started:.0f} s')
    bob = await case.peer('bob')
    await bob.join(case.channel)
    await enter(alice, case.room)
    alice.send_message_to(case.room, 'back again', 'groupchat')
    await bob.expect_text(case.channel, 'back again')


@scenario('An IRC server that dies and returns: the user is told, and rejoined by itself', timeout=120)
async def _(case):
    alice, _bob, _carol = await together(case, 'bob', 'carol')
    mark = len(alice.inbox)
    del alice.inbox[:mark]
    await case.ircd.kill()
    places = [case.room, f'{case.room}/{alice.nick}', 'irc.localhost', f'{case.network}@irc.localhost']
    await alice.expect(one_of(message(places), presence(places, 'unavailable')), timeout=20)
    await case.ircd.start()
    dave = await case.peer('dave')
    await dave.join(case.channel)
    if not any(name.endswith(alice.nick) for name in await dave.names(case.channel)):
        await dave.expect(rf'^:{alice.nick}!\S+ JOIN :?{case.channel}', timeout=75)
    dave.say(f'PRIVMSG {case.channel} :welcome back')
    await alice.expect(message(f'{case.room}/{dave.nick}', 'groupchat', body='welcome back'), timeout=20)
    expected = {alice.nick, dave.nick}
    check(alice.occupants(case.room) == expected, f'occupants: {alice.occupants(case.room)}, not {expected}')
    number = alice.send_message_to(case.room, 'here I am', 'groupchat')
    await dave.expect_text(case.channel, 'here I am')
    await alice.expect(message(f'{case.room}/{alice.nick}', 'groupchat', id=number))


@scenario('G57: SIGTERM says unavailable to everybody and ends within five seconds', INSPIRCD)
async def _(case):
    alice = await registered(case)
    bob = await case.peer('bob')
    await bob.join(case.channel)
    await enter(alice, case.room)
    started = time.monotonic()
    status = await case.gateway.stop(timeout=6)
    took = time.monotonic() - started
    check(took < 5, f'it took {took:.1f} s')
    check(status == 0, f'exit status {status}')
    await alice.expect(presence('irc2.localhost', 'unavailable'))
    await alice.expect(presence(f'{case.room}/{alice.nick}', 'unavailable', status=[110, 332]))
    await bob.expect(rf'^:{alice.nick}!\S+ QUIT')
    await case.gateway.start_ready()


@scenario('C07: A wrong secret is named in the log, and tried again slowly', INSPIRCD)
async def _(case):
    settings = case.world.settings()
    settings['data'] += '-wrong'
    settings['gateways'] = [{**settings['gateways'][0], 'secret': 'something-else'}]
    wrong = Gateway(case.gateway.folder, settings, f'wrong-secret-{case.number}')
    await case.gateway.stop()
    try:
        await wrong.start()
        line = await wrong.until_logged(r'gateways\[.*secret', timeout=20)
        check('irc.localhost' in line, f'the log does not say whose secret: {line}')
        check('something-else' not in wrong.log(), 'the secret itself is in the log')
        try:
            await wrong.until_ended(3)
        except Failure:
            pass
        wrong.must_run()
        tries = [line for line in wrong.log().splitlines() if 'attached' in line]
        check(len(tries) == 1, f'{len(tries)} tries in three seconds')
    finally:
        await wrong.stop()
    await case.gateway.start_ready()


@scenario('C03: A second start of the same gateway waits for its turn and does no harm to the first', INSPIRCD)
async def _(case):
    alice, bob = await together(case)
    settings = case.world.settings()
    settings['data'] += '-second'
    # What listens itself would be in the way of the first before any Jabber server is.
    settings.pop('http')
    settings['gateways'] = [gateway for gateway in settings['gateways'] if gateway['use'] == 'irc']
    second = Gateway(case.gateway.folder, settings, f'second-{case.number}')
    await second.start()
    try:
        await wait_until('the second gateway to log something', lambda: second.log_size() > 0, 20)
        if case.world.name == 'prosody':
            await second.until_logged('conflict', timeout=20)
    finally:
        await second.stop()
    answer = await alice.ping('irc.localhost')
    check(answer.get('type') == 'result', 'the first gateway is gone')
    alice.send_message_to(case.room, 'unharmed', 'groupchat')
    await bob.expect_text(case.channel, 'unharmed')


@scenario('A user whose Jabber connection breaks leaves IRC', INSPIRCD)
async def _(case):
    alice, bob = await together(case)
    alice.abort()
    await bob.expect(rf'^:{alice.nick}!\S+ (QUIT|PART)', timeout=30)


@scenario('After all this the gateway is the same process and has kept its size', INSPIRCD)
async def _(case):
    users = await asyncio.gather(*(case.user(f'user{number}x') for number in range(10)))
    await asyncio.gather(*(enter(user, case.room, user.nick) for user in users))
    size = case.gateway.memory_bytes()
    check(size < MEMORY_LIMIT_BYTES, f'{size >> 20} MiB resident')
    check('uncaught' not in case.gateway.log().lower(), 'the log tells of something uncaught')
