"""What the gateway shows to anybody (XEP-0030, 0092, 0199): an answer to every question, at once."""

from matching import condition_of, show
from scenario import INSPIRCD, check, scenario

INFO = "<query xmlns='http://jabber.org/protocol/disco#info'/>"
ITEMS = "<query xmlns='http://jabber.org/protocol/disco#items'/>"
DISCO = '{http://jabber.org/protocol/disco#info}'
AT_ONCE = 3


async def features_of(client, place):
    found = await client.ask_well('get', place, INFO, AT_ONCE)
    identities = [(each.get('category'), each.get('type')) for each in found.iter(f'{DISCO}identity')]
    return identities, {each.get('var') for each in found.iter(f'{DISCO}feature')}


@scenario('The server lists both gateways among its services', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    found = await alice.ask_well('get', 'localhost', ITEMS)
    places = {item.get('jid') for item in found}
    check({'irc.localhost', 'irc2.localhost'} <= places, f'the server lists {places}')


@scenario('G01, G58, R01: The gateway says what it is and what it can do', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    for domain in ('irc.localhost', 'irc2.localhost'):
        identities, features = await features_of(alice, domain)
        check(identities[:1] == [('gateway', 'irc')], f'the gateway is not the first of {identities}')
        check(('conference', 'irc') in identities, f'identities {identities}')
        for feature in (
            'http://jabber.org/protocol/disco#info',
            'http://jabber.org/protocol/muc',
            'jabber:iq:register',
            'jabber:iq:gateway',
            'jabber:iq:version',
            'urn:xmpp:ping',
        ):
            check(feature in features, f'{feature} is not announced by {domain}')
        await alice.ask_well('get', domain, ITEMS, AT_ONCE)


@scenario('N01: A room says that it is one', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    identities, features = await features_of(alice, case.room)
    check(any(category == 'conference' for category, _type in identities), f'identities {identities}')
    check('http://jabber.org/protocol/muc' in features, f'features {features}')


@scenario('N26: Ping and version are answered', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    answer = await alice.ping('irc.localhost', AT_ONCE)
    check(answer.get('type') == 'result', 'the ping is refused')
    found = await alice.ask_well('get', 'irc.localhost', "<query xmlns='jabber:iq:version'/>", AT_ONCE)
    check('auseway' in show(found), f'another name: {show(found)}')


@scenario('C16: A question that nobody knows is answered service-unavailable at every address', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    places = [
        'irc.localhost',
        'irc.localhost/resource',
        case.room,
        f'{case.room}/nick',
        case.person('nobody99'),
        'irc2.localhost',
    ]
    for place in places:
        for kind in ('get', 'set'):
            answer = await alice.ask(kind, place, "<query xmlns='urn:example:unknown'/>", AT_ONCE)
            check(condition_of(answer) == 'service-unavailable', f'{place} answers {show(answer)}')
    answer = await alice.ask('get', 'someone@irc.localhost', "<query xmlns='urn:example:unknown'/>", AT_ONCE)
    check(answer.get('type') == 'error', 'an address without a server has an answer')


@scenario('A person on IRC answers ping, disco and vCard, met or not', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    bob = case.person('bob')
    identities, features = await features_of(alice, bob)
    check(('account', 'registered') in identities, f'identities {identities}')
    check('urn:xmpp:ping' in features, f'features {features}')
    await alice.ask_well('get', bob, "<ping xmlns='urn:xmpp:ping'/>", AT_ONCE)
    card = await alice.ask_well('get', bob, "<vCard xmlns='vcard-temp'/>", AT_ONCE)
    check('bob' in (card.findtext('{vcard-temp}FN') or ''), f'the card is {show(card)}')


@scenario('N01, N02: Strangers get an answer to every usual question, at every address', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    questions = [
        INFO,
        ITEMS,
        "<vCard xmlns='vcard-temp'/>",
        "<query xmlns='jabber:iq:last'/>",
        "<time xmlns='urn:xmpp:time'/>",
        "<query xmlns='jabber:iq:version'/>",
        "<query xmlns='jabber:iq:register'/>",
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:avatar:metadata'/></pubsub>",
        "<query xmlns='urn:xmpp:mam:2'/>",
    ]
    for place in ('irc.localhost', case.room, f'{case.room}/nick', case.person('nobody99'), 'nowhere@irc.localhost'):
        for question in questions:
            await alice.ask('get', place, question, AT_ONCE)


@scenario('A stranger who only sends presence or a message is no trouble', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    alice.say("<presence to='irc.localhost'/>")
    alice.say(f"<presence to='{case.person('bob')}' type='probe'/>")
    alice.say(f"<presence to='{case.room}/x' type='error'/>")
    alice.say(f"<message to='{case.room}' type='error' id='e'><body>no</body></message>")
    alice.say("<message to='irc.localhost' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>")
    answer = await alice.ping('irc.localhost', AT_ONCE)
    check(answer.get('type') == 'result', 'the ping is refused')
