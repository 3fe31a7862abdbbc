"""Names with signs that no address may hold (XEP-0106), as people and servers see them; and who speaks to rosters."""

from xml.sax.saxutils import escape

from loopback import LOOP, LOOP2
from matching import condition_of, message, presence
from scenario import INSPIRCD, check, scenario
from scenarios.entering import enter
from scenarios.loop import signed_up

ASK = 'jabber:iq:gateway'


async def address_of(user, typed, gateway='irc.localhost'):
    """What the gateway makes of what was typed; or the condition with which it refuses."""
    asked = f"<query xmlns='{ASK}'><prompt>{escape(typed)}</prompt></query>"
    answer = await user.ask('set', gateway, asked)
    return answer.findtext(f'{{{ASK}}}query/{{{ASK}}}jid') or condition_of(answer)


@scenario('G52, N09, N10: Channels with strange signs have escaped addresses, which a client can ask for and use')
async def _(case):
    alice = await case.user('alice')
    bob = await case.peer('bob')
    for sign, escaped in (('a/b&c', 'a\\2fb\\26c'), ("d'e\"f", 'd\\27e\\22f'), ('g<h>@', 'g\\3ch\\3e\\40'), ('i\\2fj', 'i\\5c2fj')):
        channel, room = f'{case.channel}{sign}', f'{case.channel}{escaped}%{case.network}@irc.localhost'
        found = await address_of(alice, f'{channel}%{case.network}')
        check(found == room, f'{channel} is at {found}, not at {room}')
        await bob.join(channel)
        await enter(alice, room)
        await bob.expect(rf'^:{alice.nick}!\S+ JOIN')
        alice.send_message_to(room, 'by its address', 'groupchat')
        await bob.expect_text(channel, 'by its address')
        bob.say(f'PRIVMSG {channel} :and back')
        await alice.expect(message(f'{room}/{bob.nick}', 'groupchat', body='and back'))


@scenario('N09: A sign that begins or ends a name, or that needs no escape, makes no address of another', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    number = alice.send_message_to('\\20bob\\20%insp@irc.localhost', 'hello')
    await alice.expect(message('\\20bob\\20%insp@irc.localhost', 'error', error='item-not-found', id=number))
    await case.loopback()
    check(await address_of(alice, 'two words', LOOP) == 'item-not-found', 'a name with a space has an address')
    mail = await address_of(alice, 'o\'hara@example.org', 'email.localhost')
    check(mail == "o\\27hara\\40example.org@email.localhost", f'the mailbox is at {mail}')


@scenario('G51: What changes rosters comes from the host of the gateway, without a resource', INSPIRCD)
async def _(case):
    alice = await signed_up(case, domain=LOOP2)
    await alice.ask_well('set', LOOP2, "<query xmlns='jabber:iq:register'><remove/></query>")
    await alice.expect(presence(LOOP2, 'unavailable'))
    changing = [each for each in alice.everything if 'subscribe' in (each.get('type') or '')]
    check({each.get('from') for each in changing} == {LOOP2}, f'it came from {[each.get("from") for each in changing]}')
    check({'subscribe', 'subscribed'} <= {each.get('type') for each in changing}, 'it said too little')
