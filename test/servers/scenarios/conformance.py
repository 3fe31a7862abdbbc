"""Rows of the conformance list that a client library and a server in between could spoil."""

from xml.sax.saxutils import quoteattr

from matching import CLIENT, Stanza, condition_of, message, presence, show
from scenario import INSPIRCD, NGIRCD, check, scenario
from scenarios.entering import enter, together

DISCO_INFO = 'http://jabber.org/protocol/disco#info'
MAM = 'urn:xmpp:mam:2'
RSM = 'http://jabber.org/protocol/rsm'
DELAY = '{urn:xmpp:delay}delay'
STANZA_ID = '{urn:xmpp:sid:0}stanza-id'
OCCUPANT_ID = '{urn:xmpp:occupant-id:0}occupant-id'
REGISTER = 'jabber:iq:register'
COMMANDS = 'http://jabber.org/protocol/commands'
LANG = '{http://www.w3.org/XML/1998/namespace}lang'


async def said(case, alice, bob, *texts):
    """What somebody on IRC says, as it comes into the room."""
    heard = []
    for text in texts:
        bob.say(f'PRIVMSG {case.channel} :{text}')
        heard.append(await alice.expect(message(f'{case.room}/{bob.nick}', 'groupchat', body=text)))
    return heard


async def page(user, room, inner):
    """One page of a room's archive: ids and texts in order, and the end."""
    query = f"<query xmlns='{MAM}' queryid='q'><set xmlns='{RSM}'>{inner}</set></query>"
    fin = await user.ask_well('set', room, query)
    results = user.kept(message(room, child=f'{{{MAM}}}result'))
    user.inbox = [element for element in user.inbox if element not in results]
    found = [result.find(f'{{{MAM}}}result') for result in results]
    return [(each.get('id'), next(each.iter(f'{CLIENT}body')).text) for each in found if next(each.iter(f'{CLIENT}body'), None) is not None], fin


@scenario('N22: The archive of a room comes by pages, in order, each with its end', INSPIRCD)
async def _(case):
    alice, bob = await together(case)
    heard = await said(case, alice, bob, 'one', 'two', 'three', 'four', 'five')
    ids = [element.find(STANZA_ID).get('id') for element in heard]
    first, fin = await page(alice, case.room, '<max>2</max>')
    texts = [text for _, text in first]
    check(texts == ['one', 'two'], f'the first page has {texts}')
    check([number for number, _ in first] == ids[:2], 'the ids are not those of the live messages')
    check(fin.get('complete') != 'true', 'complete after the first page')
    rest, fin = await page(alice, case.room, f'<max>9</max><after>{ids[1]}</after>')
    check([text for _, text in rest] == ['three', 'four', 'five'], f'the rest is {rest}')
    check(fin.get('complete') == 'true', 'not complete at the end')
    last, _fin = await page(alice, case.room, '<max>2</max><before/>')
    check([text for _, text in last] == ['four', 'five'], f'the last page is {last}')
    query = f"<query xmlns='{MAM}'><set xmlns='{RSM}'><after>nonsense</after></set></query>"
    answer = await alice.ask('set', case.room, query)
    check(condition_of(answer) == 'item-not-found', f'an unknown id gives {show(answer)}')


@scenario('N21, N23: Each message has one stanza id of the room, and its author the same occupant id everywhere', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    bob = await case.peer('bob')
    await bob.join(case.channel)
    entry = await enter(alice, case.room)
    there = next(element for element in entry if element.get('from') == f'{case.room}/{bob.nick}')
    [heard] = await said(case, alice, bob, 'hello')
    known = there.find(OCCUPANT_ID).get('id')
    check(heard.find(OCCUPANT_ID).get('id') == known, 'presence and message differ')
    forged = f"<stanza-id xmlns='urn:xmpp:sid:0' by='{case.room}' id='forged'/><occupant-id xmlns='urn:xmpp:occupant-id:0' id='{known}'/>"
    alice.say(f"<message type='groupchat' id='f1' to='{case.room}'><body>mine</body>{forged}</message>")
    mine = await alice.expect(message(f'{case.room}/{alice.nick}', 'groupchat', body='mine'))
    ids = [each.get('id') for each in mine.findall(STANZA_ID) if each.get('by') == case.room]
    check(len(ids) == 1 and ids[0] != 'forged', f'stanza ids: {ids}')
    check(mine.find(OCCUPANT_ID).get('id') != known, 'somebody else\'s occupant id was taken')


@scenario('N29, N30: Whoever comes later gets history between herself and the subject, with time and place', INSPIRCD)
async def _(case):
    alice, bob = await together(case)
    await said(case, alice, bob, 'old')
    phone = await case.another_client(alice.nick, 'phone')
    entry = await enter(phone, case.room, alice.nick)
    ours = [element for element in entry if (element.get('from') or '').startswith(case.room)]
    kinds = [element.tag.removeprefix(CLIENT) for element in ours]
    check(kinds == ['presence', 'presence', 'message', 'message'], f'the order is {kinds}')
    delay = ours[2].find(DELAY)
    check(delay is not None and delay.get('from') == case.room, f'no delay in {show(ours[2])}')
    check(delay.get('stamp').endswith('Z'), f'the stamp is {delay.get("stamp")}')


@scenario('N17, N20: On IRC a correction is said as such, and an answer names whom it answers', INSPIRCD)
async def _(case):
    alice, bob = await together(case)
    alice.send_message_to(case.room, 'helo', 'groupchat', 'c1')
    await bob.expect_text(case.channel, 'helo')
    alice.say(
        f"<message type='groupchat' id='c2' to='{case.room}'><body>hello</body>"
        "<replace xmlns='urn:xmpp:message-correct:0' id='c1'/></message>"
    )
    await bob.expect_text(case.channel, 'Correction: hello')
    [asked] = await said(case, alice, bob, 'who is there?')
    number = asked.find(STANZA_ID).get('id')
    alice.say(
        f"<message type='groupchat' id='c3' to='{case.room}'><body>me</body>"
        f"<reply xmlns='urn:xmpp:reply:0' id='{number}' to='{case.room}/{bob.nick}'/></message>"
    )
    await bob.expect_text(case.channel, f'{bob.nick}: me')


@scenario('N15, N18, N19: What IRC cannot do is refused, and no receipt is made up', NGIRCD)
async def _(case):
    alice, bob = await together(case)
    [heard] = await said(case, alice, bob, 'hello')
    number = heard.find(STANZA_ID).get('id')
    alice.say(
        f"<message type='groupchat' id='r1' to='{case.room}'>"
        f"<reactions xmlns='urn:xmpp:reactions:0' id='{number}'><reaction>\N{THUMBS UP SIGN}</reaction></reactions></message>"
    )
    alice.say(
        f"<message type='groupchat' id='r2' to='{case.room}'>"
        f"<retract xmlns='urn:xmpp:message-retract:1' id='{number}'/></message>"
    )
    for place in ('r1', 'r2'):
        await alice.expect(message(case.room, 'error', id=place))
    alice.say(
        f"<message type='chat' id='r3' to='{case.person(bob.nick)}'><body>got it?</body>"
        "<request xmlns='urn:xmpp:receipts'/></message>"
    )
    await bob.expect_text(bob.nick, 'got it?')
    await alice.ping('irc.localhost')
    receipts = alice.kept(message(child='{urn:xmpp:receipts}received'))
    check(not receipts, f'a receipt that nothing proves: {[show(each) for each in receipts]}')


@scenario('R16, R22, R23: A removal stands alone, and a password changes with its user name only', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    gateway = 'irc2.localhost'

    async def refusal(inner):
        return condition_of(await alice.ask('set', gateway, f"<query xmlns='{REGISTER}'>{inner}</query>"))

    password = '<password>x</password>'
    found = await refusal(f'<username>{alice.nick}</username>{password}')
    check(found == 'unexpected-request', f'a stranger changing a password gets {found}')
    await alice.ask_well('set', gateway, f"<query xmlns='{REGISTER}'><nick>{alice.nick}</nick></query>")
    await alice.expect(presence(gateway, 'subscribe'))
    for inner in ('<remove/><nick/>', password):
        found = await refusal(inner)
        check(found == 'bad-request', f'{inner} gives {found}')


async def asked_in_german(user, number, type, to, payload):
    user.say(f"<iq type='{type}' id='{number}' to={quoteattr(to)} xml:lang='de'>{payload}</iq>")
    answer = await user.expect(Stanza('iq', id=number, frm=[to]))
    check(answer.get('type') == 'result', f'no result: {show(answer)}')
    # Prosody says else that what we write is in its own language.
    check(answer.get(LANG) == 'de', f'the language is that of {show(answer)}')
    return answer


@scenario('G02, G54, N07: A dead protocol is refused; prompts and commands come in the language of who asks', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    gateway = 'irc.localhost'
    answer = await alice.ask('get', gateway, "<query xmlns='jabber:iq:agents'/>")
    check(condition_of(answer) == 'service-unavailable', f'a dead protocol gives {show(answer)}')
    answer = await asked_in_german(alice, 'g1', 'get', gateway, "<query xmlns='jabber:iq:gateway'/>")
    prompt = next(answer.iter('{jabber:iq:gateway}prompt')).text
    check('zum Beispiel' in prompt, f'the prompt is {prompt}')
    command = f"<command xmlns='{COMMANDS}' node='jabber:iq:register' action='execute'/>"
    answer = await asked_in_german(alice, 'g2', 'set', gateway, command)
    command = answer.find(f'{{{COMMANDS}}}command')
    check(command.get(LANG) == 'de', f'the language is that of {show(answer)}')


@scenario('G30, G31, G34, N25: A nick is asked for as a contact, shown, and gone when it is taken off', INSPIRCD)
async def _(case):
    alice, bob = await together(case)
    contact = case.person(bob.nick)
    alice.say(f"<presence type='subscribe' to={quoteattr(contact)}/>")
    await alice.expect(presence(contact, 'subscribed'))
    shown = await alice.expect(presence(f'{contact}/causeway'))
    check(shown.find('{vcard-temp:x:update}x') is not None, f'no sign of an avatar, or of none: {show(shown)}')
    item = f"<query xmlns='jabber:iq:roster'><item jid={quoteattr(contact)} subscription='remove'/></query>"
    await alice.ask_well('set', None, item)
    roster = await alice.ask_well('get', None, "<query xmlns='jabber:iq:roster'/>")
    check(contact not in show(roster), f'still on the roster: {show(roster)}')
