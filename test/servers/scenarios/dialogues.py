"""Commands (XEP-0050) and the bot: the same dialogues in forms and in words."""

from xml.sax.saxutils import escape

from loopback import LOOP
from matching import CLIENT, condition_of, presence, show, text_of
from scenario import INSPIRCD, check, scenario
from scenarios.loop import signed_up

NS = 'http://jabber.org/protocol/commands'
COMMAND = f'{{{NS}}}'
FORM = '{jabber:x:data}'
ITEMS = 'http://jabber.org/protocol/disco#items'
GATEWAY = 'irc2.localhost'
BOT = f'causeway@{GATEWAY}'


def command(node, session=None, action=None, **fields):
    more = (f" sessionid='{session}'" if session else '') + (f" action='{action}'" if action else '')
    values = ''.join(f"<field var='{name}'><value>{escape(value)}</value></field>" for name, value in fields.items())
    form = f"<x xmlns='jabber:x:data' type='submit'>{values}</x>" if fields else ''
    return f"<command xmlns='{NS}' node='{node}'{more}>{form}</command>"


async def words(user, text, to=BOT):
    """What the bot says to this."""
    user.say(f"<message type='chat' to='{to}' id='{user.nick}-{len(user.transcript)}'><body>{escape(text)}</body></message>")
    found = await user.expect(
        lambda element: element.tag == f'{CLIENT}message'
        and (element.get('from') or '').partition('/')[0] == to
        and text_of(element, 'body') is not None
    )
    check(found.get('type') != 'error', f'the bot refused {text!r}: {show(found)}')
    return text_of(found, 'body')


def note(found):
    element = found.find(f'{COMMAND}note')
    return (None, None) if element is None else (element.get('type'), element.text)


@scenario('N04, N08: The list of commands has those that the user may run', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    found = await alice.ask_well('get', GATEWAY, f"<query xmlns='{ITEMS}' node='{NS}'/>")
    nodes = [item.get('node') for item in found]
    check('jabber:iq:register' in nodes and 'causeway:status' in nodes, f'the list is {nodes}')
    check(not any('admin' in node for node in nodes), f'the list has commands of administrators: {nodes}')
    answer = await alice.ask('set', GATEWAY, command('http://jabber.org/protocol/admin#delete-user', accountjids='bob@localhost'))
    check(condition_of(answer) == 'forbidden', f'answered {show(answer)}')


@scenario('A registration by command asks again for what is wrong, and is then complete', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    node = 'jabber:iq:register'
    first = await alice.ask_well('set', GATEWAY, command(node))
    check(first.get('status') == 'executing' and first.find(f'{FORM}x') is not None, f'began with {show(first)}')
    session = first.get('sessionid')
    again = await alice.ask_well('set', GATEWAY, command(node, session, nick='not a nick'))
    check(again.get('status') == 'executing' and note(again)[0] == 'error', f'went on with {show(again)}')
    done = await alice.ask_well('set', GATEWAY, command(node, session, 'next', nick=alice.nick))
    check(done.get('status') == 'completed' and note(done)[0] == 'info', f'ended with {show(done)}')
    await alice.expect(presence(GATEWAY, 'subscribe'))
    past = await alice.ask('set', GATEWAY, command(node, session, nick=alice.nick))
    check(condition_of(past) == 'not-allowed', f'a session that is over answered {show(past)}')


@scenario('The bot registers somebody question by question, and ends the registration in words', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    check('register' in await words(alice, 'help'), 'no register in the help')
    check('1' in await words(alice, 'register'), 'no first question')
    await words(alice, alice.nick)
    done = await words(alice, 'done')
    check(done == 'You are registered.', f'the bot said {done!r}')
    await alice.expect(presence(GATEWAY, 'subscribe'))
    welcome = await alice.expect(lambda element: element.tag == f'{CLIENT}message' and '?register' in (text_of(element, 'body') or ''))
    check(welcome.get('from') == BOT, f'the welcome is from {welcome.get("from")}')
    status = await words(alice, 'status')
    check('Registered: yes' in status, f'the bot said {status!r}')
    await words(alice, 'unregister')
    check('no longer registered' in await words(alice, 'yes'), 'the registration did not end')


@scenario('The bot can be put on the list, and speaks German with those who do', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    alice.say(f"<presence to='{BOT}' type='subscribe'/>")
    await alice.expect(presence(BOT, 'subscribed'))
    await alice.expect(presence(BOT))
    alice.say(f"<message type='chat' to='{BOT}' id='de1' xml:lang='de'><body>hilfe</body></message>")
    found = await alice.expect(lambda element: element.tag == f'{CLIENT}message' and element.get('from') == BOT)
    check('anmelden' in (text_of(found, 'body') or ''), f'the bot said {show(found)}')


@scenario('N05: A session has an id of its own, which is never used again, and one at a time may be open', INSPIRCD)
async def _(case):
    await case.loopback()
    alice = await case.user('alice')
    node = 'jabber:iq:register'
    sessions = [(await alice.ask_well('set', LOOP, command(node))).get('sessionid') for _turn in range(3)]
    check(len(set(sessions)) == 3 and all(sessions), f'the sessions are {sessions}')
    for session in sessions[:2]:
        answer = await alice.ask('set', LOOP, command(node, session, 'next', nick=alice.nick))
        check(condition_of(answer) == 'not-allowed', f'a session of before answered {show(answer)}')
    phone = await case.another_client(alice.nick, 'phone')
    answer = await phone.ask('set', LOOP, command(node, sessions[2], 'next', nick=alice.nick))
    check(answer.get('type') == 'error', f'the session of another client answered {show(answer)}')
    done = await alice.ask_well('set', LOOP, command(node, sessions[2], 'next', nick=alice.nick))
    check(done.get('status') == 'completed', f'the open one answered {show(done)}')


@scenario('N06: What fails is completed with a note of type error, in the words of the network', INSPIRCD)
async def _(case):
    alice = await signed_up(case)
    done = await alice.ask_well('set', f'nobody@{LOOP}', command('poke'))
    check(done.get('status') == 'completed', f'it is {show(done)}')
    check(note(done) == ('error', 'Nobody is there to be poked.'), f'it says {note(done)}')
