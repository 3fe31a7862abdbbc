"""Joining, talking, subjects and leaving (XEP-0045)."""

import asyncio

from matching import CLIENT, message, nick_of, presence, statuses, subject, text_of
from scenario import INSPIRCD, check, scenario
from scenarios.entering import enter, together


@scenario('N29: A joiner gets the occupants, then itself with 110, then the subject')
async def _(case):
    bob, carol = await asyncio.gather(case.peer('bob'), case.peer('carol'))
    await bob.join(case.channel)
    await carol.join(case.channel)
    bob.say(f'TOPIC {case.channel} :Of ships and sealing wax')
    await bob.settle()
    alice = await case.user('alice')
    taken = await enter(alice, case.room)
    taken = [stanza for stanza in taken if stanza.get('from', '').startswith(case.room)]
    people = [stanza for stanza in taken if stanza.tag == f'{CLIENT}presence']
    nicks = [nick_of(stanza) for stanza in people]
    check(set(nicks[:2]) == {bob.nick, carol.nick}, f'occupants are not first: {nicks}')
    check(nicks[2:] == [alice.nick], f'self-presence is not last: {nicks}')
    check([110 in statuses(stanza) for stanza in people] == [False, False, True], '110 is not on self-presence alone')
    check(taken.index(people[-1]) == 2, 'something stands before or between the presences')
    check(text_of(taken[-1], 'subject') == 'Of ships and sealing wax', 'another subject')


@scenario('A room without a topic gives an empty subject')
async def _(case):
    alice = await case.user('alice')
    taken = await enter(alice, case.room)
    check(text_of(taken[-1], 'subject') == '', 'the subject is not empty')


@scenario('What is said on IRC comes as groupchat from the nick in the room')
async def _(case):
    alice, bob = await together(case)
    bob.say(f'PRIVMSG {case.channel} :Grüße, <b>&amp; "quotes"</b> 🐙')
    await alice.expect(message(f'{case.room}/{bob.nick}', 'groupchat', body='Grüße, <b>&amp; "quotes"</b> 🐙'))


@scenario('What the user says reaches IRC and comes back under its own id')
async def _(case):
    alice, bob = await together(case)
    number = alice.send_message_to(case.room, 'Hello, world: ü 🐙', 'groupchat')
    await bob.expect_text(case.channel, 'Hello, world: ü 🐙', frm=alice.nick)
    await alice.expect(message(f'{case.room}/{alice.nick}', 'groupchat', id=number, body='Hello, world: ü 🐙'))


@scenario('Actions pass as /me both ways')
async def _(case):
    alice, bob = await together(case)
    bob.say(f'PRIVMSG {case.channel} :\x01ACTION waves\x01')
    await alice.expect(message(f'{case.room}/{bob.nick}', 'groupchat', body='/me waves'))
    alice.send_message_to(case.room, '/me bows', 'groupchat')
    await bob.expect_text(case.channel, '\x01ACTION bows\x01')


@scenario('The topic passes both ways as the subject')
async def _(case):
    alice, bob = await together(case)
    bob.say(f'TOPIC {case.channel} :set on IRC')
    await alice.expect(subject([f'{case.room}/{bob.nick}', case.room], 'set on IRC'))
    await bob.mode(case.channel, f'-t+v {alice.nick}')
    alice.set_subject(case.room, 'set by a Jabber user')
    await bob.expect(rf'^:{alice.nick}!\S+ TOPIC {case.channel} :set by a Jabber user$')
    await alice.expect(subject(f'{case.room}/{alice.nick}', 'set by a Jabber user'))


@scenario('A topic that may not be set is answered with an error')
async def _(case):
    alice, bob = await together(case)
    await bob.mode(case.channel, '+t')
    alice.set_subject(case.room, 'mine now')
    await alice.expect(message(case.room, 'error', error='forbidden'))


@scenario('Who comes and goes on IRC comes and goes in the room')
async def _(case):
    alice, bob = await together(case)
    carol = await case.peer('carol')
    await carol.join(case.channel)
    await alice.expect(presence(f'{case.room}/{carol.nick}', role='participant', affiliation='none'))
    carol.say(f'PART {case.channel} :to the sea')
    await alice.expect(presence(f'{case.room}/{carol.nick}', 'unavailable', role='none', text='to the sea'))
    await bob.quit('the end')
    await alice.expect(presence(f'{case.room}/{bob.nick}', 'unavailable', role='none', text='the end'))
    check(alice.occupants(case.room) == {alice.nick}, f'left in the room: {alice.occupants(case.room)}')


@scenario('A user who leaves the room leaves the channel and is told')
async def _(case):
    alice, bob = await together(case)
    await enter(alice, case.room_of(f'{case.channel}-other'))
    alice.leave(case.room, alice.nick, 'bye now')
    await bob.expect(rf'^:{alice.nick}!\S+ PART {case.channel} :.*bye now')
    await alice.expect(presence(f'{case.room}/{alice.nick}', 'unavailable', status=[110], role='none'))


@scenario('A user who logs out leaves IRC')
async def _(case):
    alice, bob = await together(case)
    await alice.log_out()
    await bob.expect(rf'^:{alice.nick}!\S+ (QUIT|PART)')


@scenario('Two clients of one user share one nick, and each sees everything')
async def _(case):
    alice, bob = await together(case)
    phone = await case.another_client(alice.nick, 'phone')
    taken = await enter(phone, case.room, alice.nick)
    people = [nick_of(stanza) for stanza in taken if presence(type=None)(stanza) and case.room in stanza.get('from')]
    check(people == [bob.nick, alice.nick], f'the second client saw {people}')
    check(len(await bob.names(case.channel)) == 2, 'the second client is a second person on IRC')
    bob.say(f'PRIVMSG {case.channel} :to both')
    number = phone.send_message_to(case.room, 'from the phone', 'groupchat')
    for client in (alice, phone):
        await client.expect(message(f'{case.room}/{bob.nick}', body='to both'))
        await client.expect(message(f'{case.room}/{alice.nick}', 'groupchat', body='from the phone', id=number))
    phone.leave(case.room, alice.nick)
    await phone.expect(presence(f'{case.room}/{alice.nick}', 'unavailable', status=[110]))
    alice.send_message_to(case.room, 'still here', 'groupchat')
    await bob.expect_text(case.channel, 'still here')
    check(not bob.kept(' (PART|QUIT) '), 'IRC saw somebody leave')
    check(not alice.kept(presence(f'{case.room}/{alice.nick}', 'unavailable')), 'the other client was thrown out')


@scenario('A second join of the same client gives the whole room again', INSPIRCD)
async def _(case):
    alice, bob = await together(case)
    taken = await enter(alice, case.room)
    people = [nick_of(stanza) for stanza in taken if presence(f'{case.room}/{bob.nick}')(stanza)]
    check(people == [bob.nick], 'the occupants were not sent again')


@scenario('Presence to a room without the MUC element joins nothing, and its client is told that it is not in', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    alice.rename(case.room, alice.nick)
    await alice.expect(presence(f'{case.room}/{alice.nick}', 'unavailable', status=[110, 307, 333], role='none'))


@scenario('A message to a room one is not in is answered with not-acceptable', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    number = alice.send_message_to(case.room, 'anybody?', 'groupchat')
    await alice.expect(message(case.room, 'error', error='not-acceptable', id=number))


@scenario('N26: Self-ping tells whether one is in the room', INSPIRCD)
async def _(case):
    alice, _bob = await together(case)
    answer = await alice.ping(f'{case.room}/{alice.nick}')
    check(answer.get('type') == 'result', 'the self-ping of an occupant is refused')
    answer = await alice.ping(f'{case.room_of("#elsewhere")}/{alice.nick}')
    check(answer.get('type') == 'error', 'the self-ping of a stranger is answered with a result')


@scenario('A room of 200 people is joined whole')
async def _(case):
    peers = []
    while len(peers) < 200:  # a few at a time: ngIRCd lets ten wait to be accepted
        peers += await asyncio.gather(*(case.peer(f'p{len(peers) + number}x') for number in range(8)))
    for peer in peers:
        peer.say(f'JOIN {case.channel}')
    for peer in peers:
        await peer.settle()
    alice = await case.user('alice')
    await enter(alice, case.room)
    check(len(alice.occupants(case.room)) == 201, f'{len(alice.occupants(case.room))} occupants of 201')


@scenario('A channel is set up by the form of its owner')
async def _(case):
    alice = await case.user('alice')
    await enter(alice, case.room)
    alice.register_plugin('xep_0045')
    form = await alice['xep_0045'].get_room_config(case.room)
    known = form.get_values()
    check(known['muc#roomconfig_moderatedroom'] is False, f'the form says {known}')
    form.set_values({'muc#roomconfig_moderatedroom': True, 'muc#roomconfig_maxusers': '7'})
    await alice['xep_0045'].set_room_config(case.room, form)
    bob = await case.peer('bob')
    await bob.join(case.channel)
    bob.say(f'MODE {case.channel}')
    modes = (await bob.expect(rf'^:\S+ 324 \S+ {case.channel} (.*)$')).group(1)
    check('m' in modes and 'l' in modes and modes.endswith('7'), f'the channel has {modes}')
    form = await alice['xep_0045'].get_room_config(case.room)
    known = form.get_values()
    check(known['muc#roomconfig_maxusers'] == '7', f'the form says {known}')


@scenario('A client library asks for commands and for the archive by its own means', INSPIRCD)
async def _(case):
    alice, bob = await together(case)
    bob.say(f'PRIVMSG {case.channel} :kept for later')
    await alice.expect(message(f'{case.room}/{bob.nick}', 'groupchat', body='kept for later'))
    for plugin in ('xep_0030', 'xep_0050', 'xep_0059', 'xep_0313'):
        alice.register_plugin(plugin)
    offered = await alice['xep_0050'].get_commands(case.room)
    nodes = [item[1] for item in offered['disco_items']['items']]
    check('configure' in nodes, f'the room offers {nodes}')
    turn = await alice['xep_0050'].send_command(case.room, 'configure')
    check(turn['command']['status'] == 'executing', f'the command is {turn}')
    answer = await alice['xep_0313'].retrieve(jid=case.room)
    check(answer['mam_fin'].xml.get('complete') == 'true', f'the archive says {answer}')
    results = alice.kept(message(case.room, child='{urn:xmpp:mam:2}result'))
    bodies = [body.text for result in results for body in result.iter(f'{CLIENT}body')]
    check('kept for later' in bodies, f'the archive has {bodies}')
