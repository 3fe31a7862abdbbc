"""The rooms of a user among her bookmarks, where her server lets us put them there."""

import time

from daemons.process import wait_until
from loopback import LOOP
from matching import Stanza, presence
from scenario import INSPIRCD, check, scenario
from scenarios.dialogues import command
from scenarios.loop import sign_up
from scenarios.roster import registered

NODE = 'urn:xmpp:bookmarks:1'
PUBSUB = 'http://jabber.org/protocol/pubsub'
ITEM = f'{{{PUBSUB}}}item'
MUC_USER = '{http://jabber.org/protocol/muc#user}'
EXTENSIONS = "<extensions><state xmlns='urn:example:client' minimized='true'/></extensions>"


async def choose_bookmarks(client):
    node = 'causeway:settings'
    form = await client.ask_well('set', LOOP, command(node))
    await client.ask_well('set', LOOP, command(node, form.get('sessionid'), bookmarks='on'))


async def bookmarks_of(client):
    """The `conference` elements by room."""
    answer = await client.ask('get', None, f"<pubsub xmlns='{PUBSUB}'><items node='{NODE}'/></pubsub>")
    return {item.get('id'): item[0] for item in answer.iter(ITEM)}


async def bookmarked(client, room):
    async def is_there():
        return room in await bookmarks_of(client)

    await wait_until(f'a bookmark of {room}', is_there, 10)
    return (await bookmarks_of(client))[room]


def is_invitation(room):
    wanted = Stanza('message', frm=room)
    return lambda stanza: wanted(stanza) and stanza.find(f'{MUC_USER}x/{MUC_USER}invite') is not None


@scenario('N13, N24: A room is put among the bookmarks where the server lets us, and what is there is kept', INSPIRCD, timeout=90)
async def _(case):
    loopback = await case.loopback()
    garden, hall = f'#garden@{LOOP}', f'#hall@{LOOP}'
    alice = await registered(case)
    await choose_bookmarks(alice)
    people = [{'nick': alice.nick, 'rank': 'participant'}]
    state = {'nick': alice.nick, 'members': people}
    await loopback.tell(alice.nick, {'kind': 'room', 'room': '#garden', 'state': state})
    if case.world.name != 'prosody':
        await alice.expect(is_invitation(garden))
        return
    made = await bookmarked(alice, garden)
    check(made.get('autojoin') == 'true', 'no client would come in')
    check(made.findtext(f'{{{NODE}}}nick') == alice.nick, 'it is of another nick')
    hers = f"<conference xmlns='{NODE}' name='My hall' autojoin='0'>{EXTENSIONS}</conference>"
    await alice.ask_well(
        'set',
        None,
        f"<pubsub xmlns='{PUBSUB}'><publish node='{NODE}'><item id='{hall}'>{hers}</item></publish></pubsub>",
    )
    alice.enter(hall, alice.nick)

    async def has_nick():
        return (await bookmarks_of(alice))[hall].find(f'{{{NODE}}}nick') is not None

    await wait_until('her bookmark to have a nick', has_nick, 10)
    kept = (await bookmarks_of(alice))[hall]
    check(kept.get('name') == 'My hall' and kept.get('autojoin') == '0', 'what she chose is gone')
    check(kept.find('.//{urn:example:client}state') is not None, 'an extension is gone')
    await alice.ask_well('set', LOOP, "<query xmlns='jabber:iq:register'><remove/></query>")

    async def is_gone():
        return garden not in await bookmarks_of(alice)

    await wait_until('the bookmark of the gateway to go', is_gone, 10)
    check(hall in await bookmarks_of(alice), 'her own bookmark is gone')


@scenario('N13: A server that swallows what is asked in the name of a user is given up after half a minute', INSPIRCD, timeout=90)
async def _(case):
    if case.world.name != 'prosody':
        return
    loopback = await case.loopback()
    alice = await case.user('silent')
    await sign_up(alice)
    await choose_bookmarks(alice)
    state = {'nick': alice.nick, 'members': [{'nick': alice.nick, 'rank': 'participant'}]}
    await loopback.tell(alice.nick, {'kind': 'room', 'room': '#cellar', 'state': state})
    await loopback.list(alice.nick, [{'id': 'romeo', 'name': 'Romeo'}])
    await alice.ping(LOOP)
    started = time.monotonic()
    await alice.expect(is_invitation(f'#cellar@{LOOP}'), 40)
    await alice.expect(presence(f'romeo@{LOOP}', 'subscribe'), 40)
    check(time.monotonic() - started > 20, 'it was not waited for')
    check(case.jabber.processes[0].log().count('swallowed what') >= 2, 'nothing was asked')
