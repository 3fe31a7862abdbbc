"""Rows of XEP-0077 that need a network with passwords, pages and fields of its own."""

import re

from loopback import LOOP, LOOP2, LOOP3
from matching import CLIENT, Stanza, condition_of, message, presence, show, text_of
from scenario import INSPIRCD, check, scenario
from scenarios.loop import presences, signed_up
from scenarios.register import REGISTER, data_on_file, form_fields, query

OOB = '{jabber:x:oob}'
# XEP-0077 §14.1.
OF_OLD = set(
    'username nick password name first last email address city state zip phone url date misc text key registered'
    ' instructions remove'.split()
)


async def refusal(user, inner, domain=LOOP):
    """The condition with which a set is refused, and None for a result."""
    return condition_of(await user.ask('set', domain, query(inner)))


def plain_names(found):
    return [child.tag.removeprefix(REGISTER) for child in found if child.tag.startswith(REGISTER)]


@scenario('R03: Where there is nothing to register with, registration is unavailable', INSPIRCD)
async def _(case):
    await case.loopback()
    alice = await case.user('alice')
    for place in (f'romeo@{LOOP}', f'#garden@{LOOP}', case.person('bob'), case.room):
        for kind in ('get', 'set'):
            answer = await alice.ask(kind, place, query('<nick>a</nick>' if kind == 'set' else ''))
            check(condition_of(answer) == 'service-unavailable', f'{place} answers {show(answer)}')


@scenario('R09, R12, R13: Fields are those of old, or else there are instructions; a page on the web has its address', INSPIRCD)
async def _(case):
    await case.loopback()
    alice = await case.user('alice')
    for domain in (LOOP, 'irc2.localhost', 'email.localhost'):
        names = plain_names(await data_on_file(alice, domain))
        check(set(names) <= OF_OLD and len(names) > 1, f'{domain} asks for {names}')
    found = await data_on_file(alice, LOOP2)
    check(plain_names(found) == ['instructions'], f'there is {plain_names(found)} beside what the form needs')
    check('shoe-size' in form_fields(found), f'the form has {list(form_fields(found))}')
    check(await refusal(alice, f'<nick>{alice.nick}</nick>', LOOP2) == 'not-acceptable', 'it was not needed')
    found = await data_on_file(alice, LOOP3)
    check(plain_names(found) == ['instructions'], f'there is {plain_names(found)} beside the page')
    url = found.findtext(f'{OOB}x/{OOB}url')
    check(url and url in found.findtext(f'{REGISTER}instructions'), f'the page is at {url}')


@scenario('R07, R14, R27: Fields of old are enough, their key is ignored, and a name of another is a conflict', INSPIRCD)
async def _(case):
    loopback = await case.loopback()
    alice, bob = await case.user('alice'), await case.user('bob')
    await alice.ask_well('set', LOOP, query(f'<key>0123abcd</key><nick>{alice.nick}</nick>'))
    await alice.expect(presence(LOOP, 'subscribe'))
    alice.say(f"<presence to='{LOOP}' type='subscribed'/>")
    await loopback.called(alice.nick, 'run')
    answer = await bob.ask('set', LOOP, query(f'<nick>{alice.nick}</nick>'))
    check(condition_of(answer) == 'conflict' and "code='409'" in show(answer).replace('"', "'"), show(answer))
    check((await data_on_file(bob, LOOP)).find(f'{REGISTER}registered') is None, 'registered all the same')


@scenario('R15, R28: The welcome has the links in and out, and any client of the user can go', INSPIRCD)
async def _(case):
    alice = await signed_up(case)
    welcome = await alice.expect(message(f'causeway@{LOOP}', 'chat'))
    for what in ('register', 'unregister'):
        check(re.search(rf'xmpp:{re.escape(LOOP)}\?{what}\b', text_of(welcome, 'body')), f'no link to {what}')
    phone = await case.another_client(alice.nick, 'phone')
    await phone.ask_well('set', LOOP, query('<remove/>'))
    check((await data_on_file(alice, LOOP)).find(f'{REGISTER}registered') is None, 'still registered')


@scenario('R20, R21, R24: A new password is tried on the network, an empty one keeps the old, none is sent back', INSPIRCD)
async def _(case):
    loopback = await case.loopback()
    alice = await case.user('alice')
    await loopback.do('set password', name=alice.nick, password='old')
    await alice.ask_well('set', LOOP, query(f'<nick>{alice.nick}</nick><name>Alice A.</name><password>old</password>'))
    user = f'<username>{alice.nick}</username>'
    answer = await alice.ask('set', LOOP, query(f'{user}<password>geheim</password>'))
    check(condition_of(answer) == 'not-acceptable', f'another password is {show(answer)}')
    check([child.tag for child in answer] == [f'{CLIENT}error'] and 'geheim' not in show(answer), show(answer))
    for inner in (f'{user}<password/>', f'<nick>{alice.nick}</nick><name>Alice A.</name><password/>'):
        check(await refusal(alice, inner) is None, f'{inner} did not keep the old password')
    await loopback.do('set password', name=alice.nick, password='new')
    check(await refusal(alice, f'{user}<password/>') == 'not-acceptable', 'the old password is good for ever')
    check(await refusal(alice, f'{user}<password>new</password>') is None, 'the new password is refused')
    found = await data_on_file(alice, LOOP)
    check(found.findtext(f'{REGISTER}name') == 'Alice A.', 'the rest of the registration is gone')
    check('new' not in show(found.find(f'{REGISTER}password')), 'the password is shown')


@scenario('R29: Who is asked for a password is told who can read it, and anybody how long what is kept', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    for domain in ('irc2.localhost', 'email.localhost'):
        found = await data_on_file(alice, domain)
        told = found.findtext(f'{REGISTER}instructions')
        check('Your Jabber server can read' in told, f'{domain} says {told}')
        info = await alice.ask_well('get', domain, "<query xmlns='http://jabber.org/protocol/disco#info'/>")
        policy = form_fields(info)
        check(policy.get('FORM_TYPE') == ['urn:xmpp:data-policy:0'], f'{domain} has {policy}')
        check(policy.get('auth_data') == ['plain'] and policy.get('data_retention') == ['720'], f'{domain} has {policy}')


@scenario('R30: A registration that comes twice under one id is done once and answered once', INSPIRCD)
async def _(case):
    loopback = await case.loopback()
    alice = await case.user('alice')
    await loopback.do('slow', method='signIn')
    try:
        for _turn in range(2):
            alice.say(f"<iq type='set' id='twice' to='{LOOP}'>{query(f'<nick>{alice.nick}</nick>')}</iq>")
        await loopback.called(alice.nick, 'signIn')
        await alice.ping(LOOP)
    finally:
        await loopback.do('release', method='signIn')
    await alice.expect(Stanza('iq', id='twice', type='result'))
    await data_on_file(alice, LOOP)
    check(not alice.kept(Stanza('iq', id='twice')), 'it was answered twice')
    check(len(await loopback.calls(alice.nick, 'signIn')) == 1, 'it was done twice')
    check(presences(alice, LOOP).count('subscribe') == 1, 'it did not ask once')
