"""Contacts that come and go, whoever wants it (XEP-0100 §4.4, §4.6, §4.7, §5.1, §5.2), with a roster in between."""

from daemons.process import wait_until
from loopback import LOOP, LOOP2
from matching import CLIENT, presence, show, text_of
from scenario import INSPIRCD, check, scenario
from scenarios.entering import together
from scenarios.loop import presences, settled, signed_up
from scenarios.register import GATEWAY, befriend, query
from scenarios.roster import on_roster, roster_of
from slixmpp.plugins.xep_0030.stanza.info import DiscoInfo
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath
from wire import IN, OUT

ROMEO = f'romeo@{LOOP}'
SEEN = f'{ROMEO}/causeway'
ROSTERX = 'http://jabber.org/protocol/rosterx'
INFO = 'http://jabber.org/protocol/disco#info'
CAPS = '{http://jabber.org/protocol/caps}c'
ASKS = {'kind': 'contact-asks', 'contact': 'romeo', 'name': 'Romeo M.', 'text': 'It is I'}


def subscribe(user, jid=ROMEO):
    user.say(f"<presence to='{jid}' type='subscribe'><status>Hello</status></presence>")


async def changes(loopback, user):
    return [args[1] for args in await loopback.calls(user.nick, 'changeContact')]


async def agreed(case):
    """Alice and Romeo see each other."""
    alice = await signed_up(case)
    loopback = await case.loopback()
    subscribe(alice)
    await loopback.called(alice.nick, 'changeContact')
    await loopback.show(alice.nick, 'romeo', show='online', status='On the balcony')
    await alice.expect(presence(ROMEO, 'subscribe'))
    alice.say(f"<presence to='{ROMEO}' type='subscribed'/>")
    await on_roster(alice, ROMEO)
    return alice, loopback


@scenario('G21, G22, G33: A yes is subscribed, presence of a resource, subscribe, in this order, and then no more', INSPIRCD)
async def _(case):
    alice, loopback = await agreed(case)
    order = [
        element.get('type') or element.get('from')
        for element in alice.everything
        if (element.get('from') or '').startswith(ROMEO) and element.tag == f'{CLIENT}presence'
    ]
    # A server may let through what it had kept from before as well.
    kept = [step for place, step in enumerate(order) if step not in order[:place]]
    check(kept == ['subscribed', SEEN, 'subscribe'], f'the order is {order}')
    await loopback.show(alice.nick, 'romeo', show='away', status='')
    shown = await alice.expect(lambda element: presence(SEEN)(element) and text_of(element, 'show') == 'away')
    check(text_of(shown, 'status') is None, f'the status of before stays: {show(shown)}')
    await settled(alice)
    presences(alice, ROMEO)
    await settled(alice)
    check(presences(alice, ROMEO) == [], 'it went on')
    check(await changes(loopback, alice) == ['add'], 'the network was told more')


@scenario('N03: The hash in the presence of a contact is that of what it says of itself', INSPIRCD)
async def _(case):
    alice, bob = await together(case)
    nick = case.person(bob.nick)
    subscribe(alice, nick)
    alice.register_plugin('xep_0030')
    alice.register_plugin('xep_0115')
    shown = await alice.expect(presence(f'{nick}/causeway'))
    for who, found in ((f'{nick}/causeway', shown), (GATEWAY, await of_gateway(alice))):
        caps = found.find(CAPS)
        node, ver = caps.get('node'), caps.get('ver')
        info = await alice.ask_well('get', who, f"<query xmlns='{INFO}' node='{node}#{ver}'/>")
        check(info.get('node') == f'{node}#{ver}', f'another node: {show(info)}')
        counted = alice['xep_0115'].generate_verstring(DiscoInfo(xml=info), caps.get('hash'))
        check(counted == ver, f'{who} says {ver}, and what it says makes {counted}')


async def of_gateway(user):
    """The presence of the gateway itself, which a client asks for."""
    await user.ask_well('set', GATEWAY, query(f'<nick>{user.nick}</nick>'))
    await befriend(user, GATEWAY)
    return next(each for each in user.everything if presence(GATEWAY)(each))


@scenario('G32: A no is unsubscribed, at once or later', INSPIRCD)
async def _(case):
    alice = await signed_up(case)
    loopback = await case.loopback()
    await loopback.do('refuse', method='changeContact', kind='refused', text='Romeo wants no company.')
    subscribe(alice)
    if case.world.name == 'jabberd2':
        # It lets an answer through only if it is a yes (mod_roster.c: "ignore bogus answers").
        await wait_until('the refusal', lambda: b'Romeo wants no company.' in loopback.wire.of(LOOP).said(OUT), 10)
        return
    refused = await alice.expect(presence(ROMEO, 'unsubscribed'))
    check('no company' in show(refused), 'the reason is lost')
    subscribe(alice)
    await loopback.called(alice.nick, 'changeContact', 2)
    await loopback.tell(alice.nick, {'kind': 'contact-removed', 'contact': 'romeo'})
    await alice.expect(presence(ROMEO, 'unsubscribed'))
    await settled(alice)
    check(presences(alice, ROMEO) == [], 'there was more')


@scenario('G35: Who is off the roster is off the network, hears nothing of the user, and does not come back', INSPIRCD)
async def _(case):
    alice, loopback = await agreed(case)
    item = f"<query xmlns='jabber:iq:roster'><item jid='{ROMEO}' subscription='remove'/></query>"
    await alice.ask_well('set', None, item)
    await loopback.called(alice.nick, 'changeContact', wanted=lambda args: args[1] == 'remove')
    await settled(alice)
    presences(alice, ROMEO)
    alice.say('<presence><show>dnd</show></presence>')
    alice.say(f"<presence to='{ROMEO}'><show>chat</show></presence>")
    await loopback.called(alice.nick, 'presence', wanted=lambda args: args == ['dnd'])
    await loopback.list(alice.nick, [{'id': 'romeo', 'show': 'online'}])
    await settled(alice)
    check(await changes(loopback, alice) == ['add', 'remove'], 'the network was told of the user again')
    check(ROMEO not in await roster_of(alice) and presences(alice, ROMEO) == [], 'it came back')


@scenario('G36, G37, G38: A contact asks under its name, is let in, and seen when the user wants to see it', INSPIRCD)
async def _(case):
    alice = await signed_up(case)
    loopback = await case.loopback()
    for _turn in range(2):
        await loopback.tell(alice.nick, ASKS)
    asked = await alice.expect(presence(ROMEO, 'subscribe'))
    if case.world.name != 'jabberd2':
        check('Romeo M.' in show(asked) and 'It is I' in show(asked), f'without its words: {show(asked)}')
    await settled(alice)
    check(presences(alice, ROMEO) == [], 'it asked twice, or said more')
    alice.say(f"<presence to='{ROMEO}' type='subscribed'/>")
    await loopback.called(alice.nick, 'changeContact', wanted=lambda args: args[1] == 'accept')
    await on_roster(alice, ROMEO, 'from')
    subscribe(alice)
    await loopback.called(alice.nick, 'changeContact', wanted=lambda args: args[1] == 'add')
    await loopback.show(alice.nick, 'romeo', show='dnd')
    await alice.expect(presence(ROMEO, 'subscribed'))
    await alice.expect(presence(SEEN))
    await on_roster(alice, ROMEO)


@scenario('G39: A contact that is turned down is refused on the network, and let in nowhere', INSPIRCD)
async def _(case):
    alice = await signed_up(case)
    loopback = await case.loopback()
    await loopback.tell(alice.nick, ASKS)
    await alice.expect(presence(ROMEO, 'subscribe'))
    alice.say(f"<presence to='{ROMEO}' type='unsubscribed'/>")
    await loopback.called(alice.nick, 'changeContact')
    alice.say(f"<presence to='{ROMEO}'><show>chat</show></presence>")
    await settled(alice)
    check(await changes(loopback, alice) == ['refuse'], 'it was let in')


@scenario('G40: A contact that leaves says unsubscribe, unsubscribed, unavailable', INSPIRCD)
async def _(case):
    alice, loopback = await agreed(case)
    await settled(alice)
    presences(alice, ROMEO)
    await loopback.tell(alice.nick, {'kind': 'contact-removed', 'contact': 'romeo'})

    async def is_off():
        item = (await roster_of(alice)).get(ROMEO)
        return item is None or item.get('subscription') == 'none'

    await wait_until('no subscription to be left', is_off, 10)
    await settled(alice)
    found = presences(alice, ROMEO)
    check(set(found) == {'unsubscribe', 'unsubscribed', 'unavailable'}, f'it said {found}')


@scenario('N11, G41: A list is told to a client that takes it, one action a stanza; what goes, to others by message', INSPIRCD)
async def _(case):
    loopback = await case.loopback()
    alice = await signed_up(case, domain=LOOP2)
    alice.register_plugin('xep_0030')
    alice.register_plugin('xep_0115')
    alice['xep_0030'].add_feature(ROSTERX)
    wanted = MatchXPath(f'{CLIENT}iq/{{{ROSTERX}}}x')
    alice.register_handler(Callback('items', wanted, lambda iq: iq.reply().send()))
    await show_features(alice, loopback)
    romeo, juliet = f'romeo@{LOOP2}', f'juliet@{LOOP2}'
    await loopback.list(alice.nick, [{'id': 'romeo', 'name': 'Romeo'}, {'id': 'juliet'}])
    if case.world.name == 'jabberd2':
        # It says itself what clients can do, and knows nothing of this: the contacts ask.
        for jid in (romeo, juliet):
            await alice.expect(presence(jid, 'subscribe'))
        return
    offered = await alice.expect(lambda element: element.find(f'{{{ROSTERX}}}x') is not None)
    items = list(offered.find(f'{{{ROSTERX}}}x'))
    check(offered.tag == f'{CLIENT}iq' and offered.get('to') == alice.full, f'told by {show(offered)}')
    check([item.get('jid') for item in items] == [romeo, juliet], f'the list is {show(offered)}')
    check({item.get('action') for item in items} == {'add'}, 'more than one action')
    await settled(alice, LOOP2)
    check(not alice.kept(presence([romeo, juliet], 'subscribe')), 'the contacts asked all the same')
    alice['xep_0030'].del_feature(feature=ROSTERX)
    await show_features(alice, loopback)
    await loopback.list(alice.nick, [{'id': 'juliet'}])
    told = await alice.expect(lambda element: element.find(f'{{{ROSTERX}}}x') is not None)
    check(told.tag == f'{CLIENT}message' and told.get('to') in (alice.bare, alice.full), f'told by {show(told)}')
    items = [(item.get('action'), item.get('jid')) for item in told.find(f'{{{ROSTERX}}}x')]
    check(items == [('delete', romeo)], f'it tells {items}')


async def show_features(user, loopback):
    """The client says by its presence what it can do, and the gateway has heard it."""
    await user['xep_0115'].update_caps(broadcast=False)
    version = await user['xep_0115'].get_verstring(user.boundjid.full)
    before = loopback.wire.of(LOOP2).said(IN).count(version.encode())
    user.send_presence()
    await wait_until('the gateway to hear it', lambda: loopback.wire.of(LOOP2).said(IN).count(version.encode()) > before, 10)
    await settled(user, LOOP2)
