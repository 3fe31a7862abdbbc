"""ZNC between the gateway and the IRC server: what it replays, could not pass on, and hears from its other clients."""

import asyncio

from daemons.znc import ADMIN
from matching import error_text, message, presence, show
from scenario import ZNC, check, scenario
from scenarios.dialogues import command
from scenarios.entering import enter
from scenarios.history import DELAY, bodies
from scenarios.register import befriend, form

GATEWAY = 'irc.localhost'
STATUS = f'*status%znc@{GATEWAY}'


async def sign_in(case, who='alice', password=None):
    """A user of the gateway who has an account at the bouncer, and what she is answered."""
    name = next(case.ircd.users)
    user = await case.user(who)
    user.nick = name
    fields = form(nick=name, server='znc', server_password=password or case.ircd.password_of(name))
    return user, await user.ask('set', GATEWAY, fields, timeout=30)


async def signed_in(case):
    user, answer = await sign_in(case)
    check(answer.get('type') == 'result', f'not taken: {show(answer)}')
    await befriend(user, GATEWAY)
    return user


async def person(case, name='bob'):
    """Somebody on IRC without a bouncer, in the channel."""
    peer = await case.peer(name, case.world.inspircd.port)
    await peer.join(case.channel)
    return peer


async def other_client(case, user):
    """Another program that the user has at the bouncer, once that is on IRC."""
    client = await case.peer('other', case.ircd.port, case.ircd.password_of(user.nick))
    client.say(f'PRIVMSG {user.nick} :on IRC')
    while not client.kept(rf'^:{user.nick}!\S+ PRIVMSG {user.nick} :on IRC'):
        await asyncio.sleep(0.1)
        client.say(f'PRIVMSG {user.nick} :on IRC')
    return client


async def until_alone(case, user):
    """No program of the user is connected to the bouncer any more, which begins to remember."""
    keeper = await case.peer('keeper', case.ircd.port, case.ircd.password_of(ADMIN))
    while True:
        keeper.say(f'PRIVMSG *status :ListClients {user.nick}')
        answer = await keeper.expect(r'^:\*status!\S+ PRIVMSG \S+ :(No clients are connected|\+)')
        if answer.group(1) != '+':
            return
        await asyncio.sleep(0.1)
        await keeper.settle()
        keeper.lines.clear()


@scenario('ZNC: Its password is tried before it is taken, and ZNC answers as a contact', ZNC, places=('prosody',))
async def _(case):
    _, answer = await sign_in(case, 'bob', 'bnc1/net:wrong')
    check(answer.get('type') == 'error', f'a wrong password was taken: {show(answer)}')
    check('Invalid Password' in error_text(answer), f'the reason is not said: {show(answer)}')
    alice = await signed_in(case)
    alice.send_message_to(STATUS, 'Version')
    await alice.expect(message(STATUS, 'chat', body_has='ZNC 1'))


@scenario('ZNC: What the user says by another program at the bouncer is shown as hers', ZNC, places=('prosody',))
async def _(case):
    alice = await signed_in(case)
    bob = await person(case)
    phone = await other_client(case, alice)
    await enter(alice, case.room)
    number = alice.send_message_to(case.room, 'from my desk', 'groupchat')
    await bob.expect_text(case.channel, 'from my desk')
    await phone.expect_text(case.channel, 'from my desk')
    await alice.expect(message(f'{case.room}/{alice.nick}', 'groupchat', id=number))
    phone.say(f'PRIVMSG {case.channel} :from my phone')
    await alice.expect(message(f'{case.room}/{alice.nick}', 'groupchat', body='from my phone'))
    phone.say(f'PRIVMSG {bob.nick} :psst')
    await alice.expect(message(case.person(bob.nick), body_has='psst'))
    bob.say(f'PRIVMSG {case.channel} :end')
    await alice.expect(message(f'{case.room}/{bob.nick}', 'groupchat', body='end'))
    check(bodies(alice, case.room) == [], f'told again: {bodies(alice, case.room)}')


@scenario('ZNC: What it has no connection for comes back, and rooms are entered again with the next one', ZNC, places=('prosody',))
async def _(case):
    alice = await signed_in(case)
    bob = await person(case)
    await other_client(case, alice)
    await enter(alice, case.room)
    await bob.expect(rf'^:{alice.nick}!\S+ JOIN')
    alice.send_message_to(STATUS, 'Disconnect')
    await bob.expect(rf'^:{alice.nick}!\S+ QUIT')
    await alice.expect(message(STATUS, body_has='Disconnected from IRC'))
    for address, kind in ((case.room, 'groupchat'), (case.person(bob.nick), 'chat')):
        number = alice.send_message_to(address, 'into the void', kind)
        await alice.expect(message(address, 'error', id=number, error='remote-server-timeout'))
    alice.send_message_to(STATUS, 'Connect')
    await bob.expect(rf'^:{alice.nick}!\S+ JOIN', 20)
    bob.say(f'PRIVMSG {case.channel} :there you are')
    await alice.expect(message(f'{case.room}/{bob.nick}', 'groupchat', body='there you are'))


@scenario('ZNC: What it replays is shown once, with its time, in rooms that are entered later, too', ZNC, places=('prosody',))
async def _(case):
    alice = await signed_in(case)
    bob = await person(case)
    phone = await other_client(case, alice)
    await phone.join(case.channel)
    await phone.quit()
    await until_alone(case, alice)
    bob.say(f'PRIVMSG {case.channel} :while you were away')
    await bob.settle()
    await enter(alice, case.room_of(f'{case.channel}b'))
    is_missed = message(f'{case.room}/{bob.nick}', 'groupchat', body='while you were away')
    missed = [each for each in await enter(alice, case.room) if is_missed(each)]
    check(len(missed) == 1, f'told {len(missed)} times')
    check(missed[0].find(DELAY) is not None, f'without its time: {show(missed[0])}')
    first = await alice.ask_well('set', GATEWAY, command('disconnect-from-irc-server'))
    chosen = {'irc-servers': 'znc'}
    await alice.ask_well('set', GATEWAY, command('disconnect-from-irc-server', first.get('sessionid'), **chosen))
    await alice.expect(presence(f'{case.room}/{alice.nick}', 'unavailable'))
    await until_alone(case, alice)
    bob.say(f'PRIVMSG {case.channel} :again')
    await bob.settle()
    await enter(alice, case.room)
    await alice.expect(message(f'{case.room}/{bob.nick}', 'groupchat', body='again'))
    bob.say(f'PRIVMSG {case.channel} :end')
    await alice.expect(message(f'{case.room}/{bob.nick}', 'groupchat', body='end'))
    check('again' not in bodies(alice, case.room), f'told again: {bodies(alice, case.room)}')
