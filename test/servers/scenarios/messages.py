"""Private messages, errors, long and hostile text."""

from irc_peer import is_utf8
from matching import condition_of, message, presence, subject
from scenario import INSPIRCD, check, scenario
from scenarios.entering import enter, together


@scenario('Private messages go both ways by the occupant address')
async def _(case):
    alice, bob = await together(case)
    alice.send_message_to(f'{case.room}/{bob.nick}', 'a word in your ear')
    await bob.expect_text(bob.nick, 'a word in your ear', frm=alice.nick)
    bob.say(f'PRIVMSG {alice.nick} :I am all ears')
    places = [f'{case.room}/{bob.nick}', case.person(bob.nick)]
    await alice.expect(message(places, 'chat', body='I am all ears'))


@scenario('G42, G48: Private messages go both ways by the address of a nick')
async def _(case):
    alice, _bob = await together(case)
    dave = await case.peer('dave')
    alice.send_message_to(case.person(dave.nick), 'we share no channel')
    await dave.expect_text(dave.nick, 'we share no channel', frm=alice.nick)
    dave.say(f'PRIVMSG {alice.nick} :indeed')
    await alice.expect(message(case.person(dave.nick), 'chat', body='indeed'))


@scenario('G43: A message to a nick that nobody has comes back as item-not-found')
async def _(case):
    alice, _bob = await together(case)
    for place in (case.person('nobody99'), f'{case.room}/nobody99'):
        number = alice.send_message_to(place, 'is anybody there?')
        await alice.expect(message(place, 'error', error='item-not-found', id=number))


@scenario('A message that a moderated channel refuses comes back with its id')
async def _(case):
    alice, bob = await together(case)
    await bob.mode(case.channel, '+m')
    number = alice.send_message_to(case.room, 'may I?', 'groupchat')
    refusal = await alice.expect(message(case.room, 'error', id=number))
    check(condition_of(refusal) in ('forbidden', 'not-allowed'), f'refused as {condition_of(refusal)}')
    await bob.mode(case.channel, f'+v {alice.nick}')
    number = alice.send_message_to(case.room, 'thank you', 'groupchat')
    await bob.expect_text(case.channel, 'thank you')
    check(not bob.kept('may I'), 'the refused message was said')


@scenario('1500 bytes of long characters arrive on IRC whole, in lines of valid UTF-8')
async def _(case):
    alice, bob = await together(case)
    for text in ('ü€😀' * 167, 'Füße größer € 😀 ' * 70):
        number = alice.send_message_to(case.room, text, 'groupchat')
        alice.send_message_to(case.room, 'over', 'groupchat')
        await bob.expect_text(case.channel, 'over')
        await alice.expect(message(f'{case.room}/{alice.nick}', 'groupchat', id=number))
        pieces = bob.take_texts(case.channel)
        check(len(pieces) > 2, f'{len(pieces)} lines for {len(text.encode())} bytes')
        check(all(is_utf8(piece) for piece in pieces), 'a line ends or begins with half a character')
        squeezed = ''.join(pieces).replace(' ', '')
        check(squeezed == text.replace(' ', ''), f'sent {len(text)}, arrived {len("".join(pieces))} characters')


@scenario('A private text of 1500 bytes arrives whole')
async def _(case):
    alice, bob = await together(case)
    text = 'ü€😀' * 167
    alice.send_message_to(f'{case.room}/{bob.nick}', text)
    alice.send_message_to(f'{case.room}/{bob.nick}', 'over')
    await bob.expect_text(bob.nick, 'over')
    check(''.join(bob.take_texts(bob.nick)) == text, 'the text is not the same')


@scenario('Twenty lines at once all arrive, in order')
async def _(case):
    alice, bob = await together(case)
    for number in range(20):
        alice.send_message_to(case.room, f'line {number}', 'groupchat')
    for number in range(20):
        match = await bob.expect(rf' PRIVMSG {case.channel} :line (\d+)$', timeout=40)
        check(int(match.group(1)) == number, f'line {match.group(1)} came for line {number}')


@scenario('A line end in a message cannot make an IRC command')
async def _(case):
    alice, bob = await together(case)
    alice.say(
        f"<message to='{case.room}' type='groupchat' id='evil'>"
        f'<body>one&#13;&#10;QUIT :injected&#10;PART {case.channel}&#13;KICK {case.channel} {bob.nick}</body></message>'
    )
    alice.send_message_to(case.room, 'after', 'groupchat')
    await bob.expect_text(case.channel, 'after', frm=alice.nick)
    said = ' '.join(bob.kept(f' PRIVMSG {case.channel} :'))
    for part in ('one', 'QUIT :injected', f'PART {case.channel}', f'KICK {case.channel}'):
        check(part in said, f'"{part}" was not said as text')
    check(not bob.kept(r'^:\S+ (QUIT|PART|KICK) '), 'a command was injected')


@scenario('A line end in a subject, a reason or a key cannot make an IRC command')
async def _(case):
    alice, bob = await together(case)
    await bob.mode(case.channel, '-t')
    alice.say(f"<message to='{case.room}' type='groupchat'><subject>a&#10;QUIT :injected</subject></message>")
    await bob.expect(rf' TOPIC {case.channel} :a')
    other = case.room_of(f'{case.channel}-other')
    alice.say(
        f"<presence to='{other}/{alice.nick}'><x xmlns='http://jabber.org/protocol/muc'>"
        '<password>key&#13;&#10;QUIT :injected</password></x></presence>'
    )
    alice.say(f"<presence to='{case.room}/{alice.nick}' type='unavailable'><status>bye&#10;QUIT :injected</status></presence>")
    await alice.expect(presence(f'{case.room}/{alice.nick}', 'unavailable', status=[110]))
    await enter(alice, case.room)
    check(not bob.kept(r'^:\S+ QUIT :?(Quit: )?"?injected'), 'a command was injected')


@scenario('A nick with a space, or a body with nothing in it, does no harm', INSPIRCD)
async def _(case):
    alice, bob = await together(case)
    alice.rename(case.room, 'two words')
    await alice.expect(presence(f'{case.room}/two words', 'error', error=True))
    alice.send_message_to(case.room, '', 'groupchat')
    alice.say(f"<message to='{case.room}' type='groupchat' id='empty'/>")
    number = alice.send_message_to(case.room, 'fine', 'groupchat')
    await alice.expect(message(f'{case.room}/{alice.nick}', 'groupchat', id=number))
    await bob.expect_text(case.channel, 'fine')


@scenario('Latin-1 from IRC arrives as text, and control characters do not end the stream')
async def _(case):
    alice, bob = await together(case)
    bob.say_bytes(f'PRIVMSG {case.channel} :caf'.encode() + b'\xe9 cr\xe8me')
    await alice.expect(message(f'{case.room}/{bob.nick}', 'groupchat', body='café crème'))
    bob.say_bytes(f'PRIVMSG {case.channel} :'.encode() + b'\x02bold\x02 \x07\x1b\x7f\xff\xfe end')
    await alice.expect(message(f'{case.room}/{bob.nick}', 'groupchat', body_has=' end'))
    bob.say_bytes(f'TOPIC {case.channel} :'.encode() + b'd\xe9j\xe0')
    await alice.expect(subject([f'{case.room}/{bob.nick}', case.room], 'déjà'))


@scenario('A notice to the channel and a notice to the user both arrive')
async def _(case):
    alice, bob = await together(case)
    bob.say(f'NOTICE {case.channel} :mind the gap')
    await alice.expect(message(f'{case.room}/{bob.nick}', 'groupchat', body_has='mind the gap'))
    bob.say(f'NOTICE {alice.nick} :for you alone')
    await alice.expect(message(body_has='for you alone'))


@scenario('A message without a recipient of ours is answered, never swallowed', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    for place in (f'%{case.network}@irc.localhost', 'x%no-such-preset.invalid@irc.localhost'):
        number = alice.send_message_to(place, 'hello?')
        await alice.expect(message(place, 'error', id=number), timeout=30)
