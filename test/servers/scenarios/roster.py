"""A network's list of contacts on the user's roster, by whatever the server lets us do."""

import asyncio

from daemons.process import wait_until
from loopback import LOOP
from matching import presence
from scenario import INSPIRCD, check, scenario

ROMEO = f'romeo@{LOOP}'
SEEN = f'{ROMEO}/causeway'
ROSTER = '{jabber:iq:roster}'
CONTACTS = [
    {'id': 'romeo', 'name': 'Romeo', 'groups': ['Verona'], 'show': 'away'},
    {'id': 'juliet', 'name': 'Juliet', 'show': 'online'},
]


async def registered(case):
    alice = await case.user('alice')
    await alice.ask_well('set', LOOP, f"<query xmlns='jabber:iq:register'><nick>{alice.nick}</nick></query>")
    await alice.expect(presence(LOOP, 'subscribe'))
    alice.say(f"<presence to='{LOOP}' type='subscribed'/>")
    alice.say(f"<presence to='{LOOP}' type='subscribe'/>")
    await alice.expect(presence(LOOP, 'subscribed'))
    alice.say('<presence/>')
    await alice.expect(presence(LOOP))
    return alice


async def roster_of(user):
    query = await user.ask_well('get', None, "<query xmlns='jabber:iq:roster'/>")
    return {item.get('jid'): item for item in query if item.tag == f'{ROSTER}item'}


async def on_roster(user, jid, subscription='both'):
    async def look():
        item = (await roster_of(user)).get(jid)
        await asyncio.sleep(0.2)
        return [item] if item is not None and item.get('subscription') == subscription else None

    [item] = await wait_until(f'{jid} on the roster with {subscription}', look, 10)
    return item


async def befriended(alice, jid):
    """By request: what each server understands."""
    await alice.expect(presence(jid, 'subscribe'), 20)
    alice.say(f"<presence to='{jid}' type='subscribed'/>")
    alice.say(f"<presence to='{jid}' type='subscribe'/>")
    await alice.expect(presence(jid, 'subscribed'))


@scenario("N12: A network's contacts come to the roster, by privilege or by asking, and are shown", INSPIRCD, timeout=90)
async def _(case):
    loopback = await case.loopback()
    alice = await registered(case)
    await loopback.list(alice.nick, CONTACTS)
    if case.world.name == 'prosody':
        item = await on_roster(alice, ROMEO)
        check(item.get('name') == 'Romeo', f'the name is {item.get("name")}')
        check([group.text for group in item] == ['Verona'], 'the group is lost')
    else:
        # ejabberd 23.01 announces the privilege and fails at it; jabberd2 has none.
        await befriended(alice, ROMEO)
    await alice.expect(presence(SEEN))
    await on_roster(alice, ROMEO)
    writes = loopback.log().count('privileges')
    await loopback.list(alice.nick, CONTACTS)
    await loopback.tell(alice.nick, {'kind': 'contact', 'contact': {'id': 'romeo', 'show': 'offline'}})
    await alice.expect(presence(SEEN, 'unavailable'))
    check(not alice.kept(presence(ROMEO, 'subscribe')), 'the contact asked again')
    check((writes > 0) == (case.world.name != 'jabberd2'), 'privileges were not as the server gives them')


@scenario('A contact that is taken off the roster is not put there again', INSPIRCD, timeout=90)
async def _(case):
    loopback = await case.loopback()
    alice = await registered(case)
    await loopback.list(alice.nick, CONTACTS)
    if case.world.name != 'prosody':
        await befriended(alice, ROMEO)
    await on_roster(alice, ROMEO)
    await alice.ask_well(
        'set', None, f"<query xmlns='jabber:iq:roster'><item jid='{ROMEO}' subscription='remove'/></query>"
    )
    await alice.ask_well('get', LOOP, "<query xmlns='jabber:iq:register'/>")
    alice.inbox.clear()
    await loopback.list(alice.nick, [*CONTACTS, {'id': 'nurse', 'name': 'Nurse'}])
    if case.world.name == 'prosody':
        await on_roster(alice, f'nurse@{LOOP}')
    else:
        await alice.expect(presence(f'nurse@{LOOP}', 'subscribe'), 20)
    check(ROMEO not in await roster_of(alice), 'it is on the roster again')
    check(not alice.kept(presence(ROMEO, 'subscribe')), 'it asked again')


@scenario('G56: After a restart of the gateway who is there is asked, and shown what there is', INSPIRCD, timeout=90)
async def _(case):
    loopback = await case.loopback()
    alice = await registered(case)
    await loopback.list(alice.nick, CONTACTS)
    if case.world.name != 'prosody':
        await befriended(alice, ROMEO)
    await alice.expect(presence(SEEN))
    await loopback.stop()
    await alice.expect(presence(SEEN, 'unavailable'))
    await alice.expect(presence(LOOP, 'unavailable'))
    alice.inbox.clear()
    await loopback.start()
    await alice.expect(presence(LOOP))
    await loopback.list(alice.nick, CONTACTS)
    await alice.expect(presence(SEEN))
