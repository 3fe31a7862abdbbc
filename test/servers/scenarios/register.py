"""Registration with the gateway (XEP-0077, XEP-0100), and the prompt for addresses."""

from matching import condition_of, message, presence, show
from scenario import INSPIRCD, check, scenario
from scenarios.entering import enter

NS = 'jabber:iq:register'
REGISTER = '{jabber:iq:register}'
FORM = '{jabber:x:data}'
GATEWAY = 'irc2.localhost'


def query(inner=''):
    return f"<query xmlns='{NS}'>{inner}</query>"


def form(**fields):
    values = ''.join(f"<field var='{name}'><value>{value}</value></field>" for name, value in fields.items())
    kind = f"<field var='FORM_TYPE' type='hidden'><value>{NS}</value></field>"
    return query(f"<x xmlns='jabber:x:data' type='submit'>{kind}{values}</x>")


def form_fields(found):
    return {
        field.get('var'): [value.text for value in field.iter(f'{FORM}value')]
        for field in found.iter(f'{FORM}field')
    }


async def befriend(user, gateway=GATEWAY):
    """The subscription both ways that follows a registration (XEP-0100 §4.1.1)."""
    await user.expect(presence(gateway, 'subscribe'))
    user.say(f"<presence to='{gateway}' type='subscribed'/>")
    user.say(f"<presence to='{gateway}' type='subscribe'/>")
    await user.expect(presence(gateway, 'subscribed'))
    await user.expect(presence(gateway))


async def registered(case, gateway=GATEWAY):
    """A user registered under its own name."""
    user = await case.user('alice')
    await user.ask_well('set', gateway, query(f'<nick>{user.nick}</nick>'))
    await befriend(user, gateway)
    return user


async def data_on_file(user, gateway=GATEWAY):
    return await user.ask_well('get', gateway, query())


@scenario('G03, G04, R02, R08, R10: The form asks for a nick, in old fields and as a data form', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    found = await data_on_file(alice)
    check(found.find(f'{REGISTER}nick') is not None, f'no nick in {show(found)}')
    check(found.find(f'{REGISTER}instructions') is not None, 'no instructions')
    check(found.find(f'{REGISTER}registered') is None, 'registered already')
    fields = form_fields(found)
    check(fields.get('FORM_TYPE') == [NS], f'FORM_TYPE is {fields.get("FORM_TYPE")}')
    check('nick' in fields, f'the form has {list(fields)}')


@scenario('G06, R06, R26: A registration without a good nick is not-acceptable and stores nothing', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    bad = ['', '<nick/>', '<nick>two words</nick>', '<nick>a&#13;&#10;QUIT</nick>', f'<nick>{"x" * 3000}</nick>']
    for inner in ('<name>A</name>', *bad):
        answer = await alice.ask('set', GATEWAY, query(inner))
        check(condition_of(answer) == 'not-acceptable', f'{inner[:40]} gives {show(answer)}')
        check('406' in show(answer), 'the old code 406 is missing')
    check((await data_on_file(alice)).find(f'{REGISTER}registered') is None, 'registered all the same')
    check(not alice.kept(presence(GATEWAY, 'subscribe')), 'a subscription came')


@scenario('G08, G09, G12, G20, R04, R05: Registering brings result, subscription and presence, and is remembered', INSPIRCD)
async def _(case):
    alice = await registered(case)
    found = await data_on_file(alice)
    check(found.find(f'{REGISTER}registered') is not None, f'not registered: {show(found)}')
    check(found.findtext(f'{REGISTER}nick') == alice.nick, 'the nick on file is another')
    roster = await alice.ask_well('get', None, "<query xmlns='jabber:iq:roster'/>")
    entry = next((item for item in roster if item.get('jid') == GATEWAY), None)
    check(entry is not None and entry.get('subscription') == 'both', f'roster: {show(roster)}')


@scenario('R11: Registering by the data form works as well', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    await alice.ask_well('set', GATEWAY, form(nick=alice.nick))
    await befriend(alice)
    found = await data_on_file(alice)
    check(found.findtext(f'{REGISTER}nick') == alice.nick, 'the nick on file is another')


@scenario('G13, G14: A registration is changed by setting it anew, and a bad change leaves it', INSPIRCD)
async def _(case):
    alice = await registered(case)
    await alice.ask_well('set', GATEWAY, query(f'<nick>{alice.nick}new</nick>'))
    answer = await alice.ask('set', GATEWAY, query('<nick>two words</nick>'))
    check(condition_of(answer) == 'not-acceptable', f'a bad change gives {show(answer)}')
    found = await data_on_file(alice)
    check(found.findtext(f'{REGISTER}nick') == f'{alice.nick}new', 'the change is lost')
    check(not alice.kept(presence(GATEWAY, 'subscribe')), 'the subscription was asked again')


@scenario('G15, G16, G17, G18, R17: Removing a registration ends subscription and presence', INSPIRCD)
async def _(case):
    alice = await registered(case)
    await alice.ask_well('set', GATEWAY, query('<remove/>'))
    for kind in ('unsubscribe', 'unsubscribed', 'unavailable'):
        await alice.expect(presence(GATEWAY, kind))
    check((await data_on_file(alice)).find(f'{REGISTER}registered') is None, 'still registered')
    answer = await alice.ask('set', GATEWAY, query('<remove/>'))
    check(condition_of(answer) == 'registration-required', f'a second removal gives {show(answer)}')


@scenario('G44: Where registration is required a stranger is told so, and a registered user joins')
async def _(case):
    alice = await case.user('alice')
    room = case.room_of(case.channel, domain=GATEWAY)
    alice.enter(room, alice.nick)
    await alice.expect(presence(f'{room}/{alice.nick}', 'error', error='registration-required'))
    number = alice.send_message_to(case.person('bob', GATEWAY), 'hello')
    await alice.expect(message(case.person('bob', GATEWAY), 'error', error='registration-required', id=number))
    await alice.ask_well('set', GATEWAY, query(f'<nick>{alice.nick}</nick>'))
    await befriend(alice)
    await enter(alice, room)


@scenario('G53, G55: The prompt turns what people type into an address', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    found = await alice.ask_well('get', 'irc.localhost', "<query xmlns='jabber:iq:gateway'/>")
    check(found.find('{jabber:iq:gateway}prompt') is not None, f'no prompt in {show(found)}')
    asked = f"<query xmlns='jabber:iq:gateway'><prompt>{case.channel}%{case.network}</prompt></query>"
    found = await alice.ask_well('set', 'irc.localhost', asked)
    check(found.findtext('{jabber:iq:gateway}jid') == case.room, f'the address is {show(found)}')


@scenario('A registration survives a kill -9 of the gateway', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    await alice.ask_well('set', GATEWAY, query(f'<nick>{alice.nick}</nick>'))
    await case.gateway.kill()
    await case.gateway.start_ready()
    found = await data_on_file(alice)
    check(found.find(f'{REGISTER}registered') is not None, 'the registration is lost')
    check(found.findtext(f'{REGISTER}nick') == alice.nick, 'the nick on file is another')


@scenario('R18: Who is not on the list of the allowed is refused', INSPIRCD)
async def _(case):
    alice, bob = await case.user('alice'), await case.user('bob')
    allowed = {**case.world.settings(), 'registration': {'allow': [bob.bare]}}
    await case.gateway.restart(allowed)
    answer = await alice.ask('set', GATEWAY, query(f'<nick>{alice.nick}</nick>'))
    check(condition_of(answer) in ('not-allowed', 'forbidden'), f'the refusal is {show(answer)}')
    check((await data_on_file_or_error(alice)) is None, 'registered all the same')
    alice.enter(case.room, alice.nick)
    await alice.expect(presence(f'{case.room}/{alice.nick}', 'error', error=True))
    await bob.ask_well('set', GATEWAY, query(f'<nick>{bob.nick}</nick>'))


async def data_on_file_or_error(user):
    answer = await user.ask('get', GATEWAY, query())
    return answer.find(f'{REGISTER}query/{REGISTER}registered')
