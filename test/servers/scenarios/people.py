"""Nicks, roles, kicks and bans."""

from matching import item_of, message, presence, show
from scenario import INSPIRCD, check, scenario
from scenarios.entering import enter, together

ADMIN = 'http://jabber.org/protocol/muc#admin'


def change(**attributes):
    item = ' '.join(f"{name}='{value}'" for name, value in attributes.items())
    return f"<query xmlns='{ADMIN}'><item {item}><reason>enough</reason></item></query>"


@scenario('A nick changed by the user is 303 for the user and NICK for IRC')
async def _(case):
    alice, bob = await together(case)
    alice.rename(case.room, f'{alice.nick}x')
    await bob.expect(rf'^:{alice.nick}!\S+ NICK :?{alice.nick}x$')
    await alice.expect(presence(f'{case.room}/{alice.nick}', 'unavailable', status=[303, 110], nick=f'{alice.nick}x'))
    await alice.expect(presence(f'{case.room}/{alice.nick}x', status=[110]))


@scenario('A nick changed on IRC is 303 for the room')
async def _(case):
    alice, bob = await together(case)
    bob.say(f'NICK {bob.nick}x')
    gone = await alice.expect(presence(f'{case.room}/{bob.nick}', 'unavailable', status=[303], nick=f'{bob.nick}x'))
    check(item_of(gone) is not None, 'no item')
    await alice.expect(presence(f'{case.room}/{bob.nick}x', role='moderator'))


@scenario('Joining with a nick in use is a conflict, and another nick then works')
async def _(case):
    bob = await case.peer('bob')
    await bob.join(case.channel)
    alice = await case.user('alice')
    alice.enter(case.room, bob.nick)
    await alice.expect(presence(f'{case.room}/{bob.nick}', 'error', error='conflict'))
    await enter(alice, case.room, alice.nick)
    await bob.expect(rf'^:{alice.nick}!\S+ JOIN')


@scenario('Changing to a nick in use is a conflict, and the old nick stays')
async def _(case):
    alice, bob = await together(case)
    alice.rename(case.room, bob.nick)
    await alice.expect(presence(f'{case.room}/{bob.nick}', 'error', error='conflict'))
    number = alice.send_message_to(case.room, 'still me', 'groupchat')
    await alice.expect(message(f'{case.room}/{alice.nick}', 'groupchat', id=number))


@scenario('Operators are moderators, the voiced and the rest participants')
async def _(case):
    alice, bob = await together(case)
    await bob.mode(case.channel, f'+o {alice.nick}')
    seen = await alice.expect(presence(f'{case.room}/{alice.nick}', role='moderator'))
    check(item_of(seen).get('affiliation') in ('admin', 'owner'), f'an operator has {show(seen)}')
    await bob.mode(case.channel, f'-o {alice.nick}')
    await alice.expect(presence(f'{case.room}/{alice.nick}', role='participant', affiliation='none', status=[110]))
    await bob.mode(case.channel, f'-o {bob.nick}')
    await alice.expect(presence(f'{case.room}/{bob.nick}', role='participant', affiliation='none'))


@scenario('The first to join a channel becomes its moderator', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    await enter(alice, case.room)
    bob = await case.peer('bob')
    await bob.join(case.channel)
    check(f'@{alice.nick}' in await bob.names(case.channel), 'the user is no operator on IRC')
    phone = await case.another_client(alice.nick, 'phone')
    phone.enter(case.room, alice.nick)
    await phone.expect(presence(f'{case.room}/{alice.nick}', role='moderator', status=[110]))


@scenario('A kick on IRC puts the user out with 307, its actor and its reason')
async def _(case):
    alice, bob = await together(case)
    bob.say(f'KICK {case.channel} {alice.nick} :mind your tongue')
    gone = await alice.expect(
        presence(f'{case.room}/{alice.nick}', 'unavailable', status=[307, 110], role='none', actor=bob.nick)
    )
    check('mind your tongue' in show(gone), 'the reason is lost')
    number = alice.send_message_to(case.room, 'hello?', 'groupchat')
    await alice.expect(message(case.room, 'error', error='not-acceptable', id=number))
    await enter(alice, case.room)


@scenario('A moderator of the room kicks somebody on IRC')
async def _(case):
    alice, bob = await together(case)
    carol = await case.peer('carol')
    await carol.join(case.channel)
    await bob.mode(case.channel, f'+o {alice.nick}')
    await alice.expect(presence(f'{case.room}/{alice.nick}', role='moderator'))
    await alice.ask_well('set', case.room, change(nick=carol.nick, role='none'))
    await carol.expect(rf'^:{alice.nick}!\S+ KICK {case.channel} {carol.nick} :enough')
    await alice.expect(presence(f'{case.room}/{carol.nick}', 'unavailable', status=[307], role='none', actor=alice.nick))


@scenario('A kick by somebody without the right is answered with an error')
async def _(case):
    alice, bob = await together(case)
    answer = await alice.ask('set', case.room, change(nick=bob.nick, role='none'))
    check(answer.get('type') == 'error', 'the kick was answered with a result')
    answer = await alice.ask('set', case.room, change(nick='nobody99', role='none'))
    check(answer.get('type') == 'error', 'the kick of nobody was answered with a result')


@scenario('A moderator bans somebody: 301 in the room, and the channel keeps them out')
async def _(case):
    alice, bob = await together(case)
    carol = await case.peer('carol')
    await carol.join(case.channel)
    await bob.mode(case.channel, f'+o {alice.nick}')
    await alice.expect(presence(f'{case.room}/{alice.nick}', role='moderator'))
    seen = next(iter(alice.kept(presence(f'{case.room}/{carol.nick}'))))
    shown = item_of(seen).get('jid')
    await alice.ask_well('set', case.room, change(affiliation='outcast', jid=shown or case.person(carol.nick)))
    await carol.expect(rf'^:{alice.nick}!\S+ KICK {case.channel} {carol.nick}')
    await alice.expect(presence(f'{case.room}/{carol.nick}', 'unavailable', status=[301], role='none'))
    carol.say(f'JOIN {case.channel}')
    await carol.expect(rf' 474 \S+ {case.channel} ')


@scenario('A moderator gives and takes voice and operator status')
async def _(case):
    alice, bob = await together(case)
    await bob.mode(case.channel, f'+o {alice.nick}')
    await alice.expect(presence(f'{case.room}/{alice.nick}', role='moderator'))
    carol = await case.peer('carol')
    await carol.join(case.channel)
    await alice.expect(presence(f'{case.room}/{carol.nick}'))
    await alice.ask_well('set', case.room, change(nick=carol.nick, role='moderator'))
    await alice.expect(presence(f'{case.room}/{carol.nick}', role='moderator'))
    await alice.ask_well('set', case.room, change(nick=carol.nick, role='participant'))
    await alice.expect(presence(f'{case.room}/{carol.nick}', role='participant'))
