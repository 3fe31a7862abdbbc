"""Log-in and log-out on the network (XEP-0100 §4.1, §4.4, §4.5), told by the network itself."""

from daemons.process import wait_until
from loopback import LOOP, Refused
from matching import Stanza, message, presence, text_of
from scenario import INSPIRCD, check, scenario
from scenarios.loop import presences, settled, sign_up, signed_up
from scenarios.register import data_on_file, query

ROMEO = f'romeo@{LOOP}'
SEEN = f'{ROMEO}/causeway'


async def is_gone(loopback, user):
    async def look():
        try:
            await loopback.do('tell', user=user.nick, **{'from': 'romeo'}, text='Are you there?')
        except Refused:
            return True
        return False

    await wait_until(f'{user.nick} to be off the network', look, 10)


@scenario('G05, G07, G11, G20: An account is checked before the result; what comes before the log-in waits for it', INSPIRCD)
async def _(case):
    loopback = await case.loopback()
    alice = await case.user('alice')
    await loopback.do('slow', method='signIn')
    await loopback.do('slow', method='run')
    try:
        alice.say(f"<iq type='set' id='reg' to='{LOOP}'>{query(f'<nick>{alice.nick}</nick>')}</iq>")
        await loopback.called(alice.nick, 'signIn')
        await alice.ping(LOOP)
        check(not alice.kept(Stanza('iq', id='reg')), 'answered before the network was')
        await loopback.do('release', method='signIn')
        await alice.expect(Stanza('iq', id='reg', type='result'))
        await alice.expect(presence(LOOP, 'subscribe'))
        check(await loopback.calls(alice.nick, 'run') == [], 'logged in before the user had approved')
        alice.say(f"<presence to='{LOOP}' type='subscribed'/>")
        await loopback.called(alice.nick, 'run')
        await loopback.do('keep', user=alice.nick, **{'from': 'romeo'}, text='But soft')
    finally:
        await loopback.do('release', method='signIn')
        await loopback.do('release', method='run')
    await alice.expect(message(ROMEO, 'chat', body='But soft'))
    await alice.expect(presence(LOOP))


@scenario('G10: Whichever of the two asks first, the gateway asks once; a user who says no has registered all the same', INSPIRCD)
async def _(case):
    loopback = await case.loopback()
    alice, bob = await case.user('alice'), await case.user('bob')
    alice.say(f"<presence to='{LOOP}' type='subscribe'/>")
    await alice.expect(presence(LOOP, 'subscribed'))
    for user in (alice, bob):
        await user.ask_well('set', LOOP, query(f'<nick>{user.nick}</nick>'))
        await user.expect(presence(LOOP, 'subscribe'))
    alice.say(f"<presence to='{LOOP}' type='subscribed'/>")
    await loopback.called(alice.nick, 'run')
    await alice.ask_well('set', LOOP, query(f'<nick>{alice.nick}</nick><name>Alice A.</name>'))
    await settled(alice)
    check('subscribe' not in presences(alice, LOOP), 'it asked a second time')
    bob.say(f"<presence to='{LOOP}' type='unsubscribed'/>")
    bob.send_message_to(ROMEO, 'Hello')
    await loopback.called(bob.nick, 'send')
    check((await data_on_file(bob, LOOP)).find('{jabber:iq:register}registered') is not None, 'not registered')


@scenario('G19, G23: Log-in is once, whatever the presence; the network is told of each change, and of no probe', INSPIRCD)
async def _(case):
    alice = await signed_up(case)
    loopback = await case.loopback()
    alice.say(f"<presence to='{LOOP}'><show>away</show></presence>")
    alice.say(f"<presence to='{ROMEO}'/>")
    alice.say("<presence><show>dnd</show><status>busy</status></presence>")
    await loopback.called(alice.nick, 'presence', wanted=lambda args: args == ['dnd', 'busy'])
    alice.say(f"<presence to='{ROMEO}' type='probe'/>")
    alice.say("<presence><show>dnd</show><status>busy</status></presence>")
    await settled(alice)
    told = await loopback.calls(alice.nick, 'presence')
    check(told.count(['dnd', 'busy']) == 1 and told[-1] == ['dnd', 'busy'], f'the network was told {told}')
    check(len(await loopback.calls(alice.nick, 'run')) == 1, 'more than one log-in')


@scenario('G19, G26, G27, G29: The last resource to say good-bye logs out, each hears it, and presence logs in again', INSPIRCD)
async def _(case):
    alice = await signed_up(case)
    loopback = await case.loopback()
    alice.say(f"<presence to='{ROMEO}' type='subscribe'/>")
    await loopback.called(alice.nick, 'changeContact')
    await loopback.show(alice.nick, 'romeo', show='online')
    await alice.expect(presence(ROMEO, 'subscribed'))
    await alice.expect(presence(SEEN))
    phone = await case.another_client(alice.nick, 'phone')
    await phone.expect(presence(LOOP))
    alice.say(f"<presence to='{LOOP}' type='unavailable'/>")
    await alice.expect(presence(LOOP, 'unavailable'))
    await loopback.do('tell', user=alice.nick, **{'from': 'romeo'}, text='Still there?')
    check(not phone.kept(presence(LOOP, 'unavailable')), 'the phone was told to be off')
    phone.say(f"<presence to='{LOOP}' type='unavailable'/>")
    await phone.expect(presence(SEEN, 'unavailable'))
    await phone.expect(presence(LOOP, 'unavailable'))
    await is_gone(loopback, alice)
    phone.say(f"<presence to='{ROMEO}'/>")
    await loopback.called(alice.nick, 'run', 2)
    await loopback.show(alice.nick, 'romeo', show='chat')
    await phone.expect(presence(SEEN))
    await phone.log_out()
    await alice.log_out()
    await is_gone(loopback, alice)


@scenario('G28: Who is away for one contact alone stays on the network, which cannot tell one alone', INSPIRCD)
async def _(case):
    alice = await signed_up(case)
    loopback = await case.loopback()
    alice.say(f"<presence to='{ROMEO}'/>")
    alice.say(f"<presence to='{ROMEO}' type='unavailable'/>")
    await settled(alice)
    await loopback.do('tell', user=alice.nick, **{'from': 'romeo'}, text='Are you there?')
    await alice.expect(message(ROMEO, 'chat', body='Are you there?'))
    told = await loopback.calls(alice.nick, 'presence')
    check(all(args[0] == 'online' for args in told), f'the network was told {told}')


@scenario('G24: A password that the network refuses later is told once, with what to do in the presence', INSPIRCD)
async def _(case):
    loopback = await case.loopback()
    alice = await case.user('alice')
    await loopback.do('refuse', method='run', kind='credentials', text='Wrong password.')
    await sign_up(alice)
    await alice.expect(presence(LOOP, 'error', error='not-authorized'))
    shown = await alice.expect(presence(LOOP, text='Wrong password.'))
    check('register again' in (text_of(shown, 'status') or ''), 'what to do is not said')
    await settled(alice)
    check('error' not in presences(alice, LOOP), 'it was told twice')


@scenario('G25: A network out of reach is told once, tried again, and told to be back', INSPIRCD)
async def _(case):
    loopback = await case.loopback()
    alice = await case.user('alice')
    await loopback.do('refuse', method='run', kind='unreachable', text='It is dark.')
    await sign_up(alice)
    await alice.expect(presence(LOOP, 'error', error='remote-server-timeout'))
    await alice.expect(presence(LOOP, text='It is dark.'))
    await loopback.called(alice.nick, 'run', 2)
    await alice.expect(lambda element: presence(LOOP)(element) and text_of(element, 'show') is None)
    await settled(alice)
    check('error' not in presences(alice, LOOP), 'it was told twice')
