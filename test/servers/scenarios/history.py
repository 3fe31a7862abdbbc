"""What an IRC server remembers and says again."""

from matching import message, show, text_of
from scenario import INSPIRCD, check, scenario
from scenarios.entering import enter, together

MAM = 'urn:xmpp:mam:2'
DELAY = '{urn:xmpp:delay}delay'


async def archived(user, room):
    """The bodies of all that is in the archive of the room."""
    query = f"<query xmlns='{MAM}'><set xmlns='http://jabber.org/protocol/rsm'><max>100</max></set></query>"
    await user.ask_well('set', room, query)
    results = user.kept(lambda element: element.find(f'{{{MAM}}}result') is not None)
    return [element.findtext('.//{jabber:client}body') for element in results]


def bodies(user, room):
    return [text_of(each, 'body') for each in user.kept(message(type='groupchat')) if each.get('from').startswith(f'{room}/')]


@scenario('What the server replays after a lost connection is shown once, with its time, and archived once', INSPIRCD)
async def _(case):
    alice, bob = await together(case)
    await bob.mode(case.channel, '+H 20:1h')
    bob.say(f'PRIVMSG {case.channel} :before')
    await alice.expect(message(f'{case.room}/{bob.nick}', 'groupchat', body='before'))
    number = alice.send_message_to(case.room, 'mine', 'groupchat')
    await alice.expect(message(f'{case.room}/{alice.nick}', 'groupchat', id=number))
    alice.send_message_to(f'{case.network}@irc.localhost', 'QUIT :lost')
    await bob.expect(rf'^:{alice.nick}!\S+ QUIT')
    bob.say(f'PRIVMSG {case.channel} :meanwhile')
    await bob.expect(rf'^:{alice.nick}!\S+ JOIN', 20)
    bob.say(f'PRIVMSG {case.channel} :after')
    missed = await alice.expect(message(f'{case.room}/{bob.nick}', 'groupchat', body='meanwhile'), 20)
    check(missed.find(DELAY) is not None, f'without its time: {show(missed)}')
    await alice.expect(message(f'{case.room}/{bob.nick}', 'groupchat', body='after'))
    check(bodies(alice, case.room) == [], f'told again: {bodies(alice, case.room)}')
    found = [body for body in await archived(alice, case.room) if body]
    check(found == ['before', 'mine', 'meanwhile', 'after'], f'the archive has {found}')


@scenario('What the server replays to one who comes again is not shown or archived a second time', INSPIRCD)
async def _(case):
    alice, bob = await together(case)
    await bob.mode(case.channel, '+H 20:1h')
    bob.say(f'PRIVMSG {case.channel} :before')
    await alice.expect(message(f'{case.room}/{bob.nick}', 'groupchat', body='before'))
    alice.leave(case.room, alice.nick)
    await bob.expect(rf'^:{alice.nick}!\S+ PART')
    bob.say(f'PRIVMSG {case.channel} :meanwhile')
    await bob.settle()
    await enter(alice, case.room)
    await alice.expect(message(f'{case.room}/{bob.nick}', 'groupchat', body='meanwhile'))
    found = [body for body in await archived(alice, case.room) if body]
    check(found == ['before', 'meanwhile'], f'the archive has {found}')
