"""Which of the user's contacts are on IRC, though she shares no channel with them."""

from matching import presence, show, text_of
from scenario import INSPIRCD, NGIRCD, check, scenario
from scenarios.entering import enter
from scenarios.register import registered

GATEWAY = 'irc.localhost'


async def subscribed(case, *nicks):
    """A registered user on IRC who wants to see these nicks."""
    alice = await registered(case, GATEWAY)
    await enter(alice, case.room)
    for nick in nicks:
        alice.say(f"<presence to='{case.person(nick)}' type='subscribe'/>")
        await alice.expect(presence(case.person(nick), 'subscribed'))
    return alice


def seen(case, nick, type=None):
    return presence(f'{case.person(nick)}/causeway', type)


@scenario('A contact on IRC is seen coming, going and coming again, without a channel in common', INSPIRCD)
async def _(case):
    bob = await case.peer('bob')
    carol = f'carol{case.number}'
    alice = await subscribed(case, bob.nick, carol)
    await alice.expect(seen(case, bob.nick))
    await case.peer('carol')
    await alice.expect(seen(case, carol))
    await bob.quit()
    await alice.expect(seen(case, bob.nick, 'unavailable'))
    await case.peer('bob')
    await alice.expect(seen(case, bob.nick))
    alice.say(f"<presence to='{case.person(carol)}' type='unsubscribe'/>")
    await alice.expect(seen(case, carol, 'unavailable'))


@scenario('Contacts are looked for again when the gateway has lost the IRC server and found it', INSPIRCD, timeout=120)
async def _(case):
    bob = await case.peer('bob')
    alice = await subscribed(case, bob.nick)
    await alice.expect(seen(case, bob.nick))
    await case.ircd.kill()
    await alice.expect(seen(case, bob.nick, 'unavailable'), 30)
    await case.ircd.start()
    await case.peer('bob')
    await alice.expect(seen(case, bob.nick), 60)


@scenario('Where a server tells nobody of others, contacts are asked for', NGIRCD)
async def _(case):
    bob = await case.peer('bob')
    alice = await subscribed(case, bob.nick, 'nobody')
    shown = await alice.expect(seen(case, bob.nick), 30)
    check(text_of(shown, 'show') is None, f'not simply there: {show(shown)}')
    check(not alice.kept(seen(case, 'nobody')), 'nobody is there')
