"""By Twilio: pictures, webhooks that are none, those who want no texts, numbers of several people, limits."""

import asyncio
import base64
import urllib.error
import urllib.request

from matching import CLIENT, condition_of, error_text, message, presence, show, text_of
from picture_host import PICTURE
from scenario import check, scenario
from scenarios.dialogues import command, note
from scenarios.texts import PHONE, SMS_ONLY, came, error, receipt
from sms_world import SHARED, SMS

OOB_URL = '{jabber:x:oob}x/{jabber:x:oob}url'
INFO = "<query xmlns='http://jabber.org/protocol/disco#info'/>"
FORM_TYPE = 'application/x-www-form-urlencoded'


async def texted(case, number, body, sender=PHONE, **more):
    """A phone writes to a number of Twilio's; answers the status of the webhook."""
    return await case.networks.do('twilio/text', **{'from': sender, 'to': number, 'body': body, **more})


async def sent(case, body):
    """What Twilio was given with this text."""
    return [one for one in (await case.networks.do('twilio'))['messages'] if one['body'] == body and one['direction'] != 'inbound']


async def creations(case):
    return (await case.networks.do('twilio'))['creations']


async def run(asker, to, node, /, **fields):
    """A command with one form, filled in; its last words."""
    first = await asker.ask_well('set', to, command(node))
    if not fields:
        return note(first)[1]
    return note(await asker.ask_well('set', to, command(node, first.get('sessionid'), 'next', **fields)))[1]


def get(url, data=None, method=None, headers=()):
    request = urllib.request.Request(url, data, dict(headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, dict(refusal.headers), refusal.read()


async def fetch(*args, **more):
    """A server may answer, and hang up, before all was said to it; then this client has no answer, and asks again."""
    for turn in range(10):
        try:
            return await asyncio.to_thread(lambda: get(*args, **more))
        except urllib.error.URLError as error:
            if turn == 9 or not isinstance(error.reason, (BrokenPipeError, ConnectionResetError)):
                raise


@scenario('A contact is a telephone, and numbers are read in the country that the user names', SMS_ONLY)
async def _(case):
    tom = await case.user('twilio')
    info = await tom.ask_well('get', case.jid(PHONE), INFO)
    identities = [(one.get('category'), one.get('type')) for one in info if one.tag.endswith('identity')]
    check(('client', 'sms') in identities, f'identities are {identities}')
    form = "<x xmlns='jabber:x:data' type='submit'>{}</x>"
    field = "<field var='{}'><value>{}</value></field>"

    async def register(region):
        fields = field.format('phone', tom.number) + field.format('region', region)
        await tom.ask_well('set', SMS, f"<query xmlns='jabber:iq:register'>{form.format(fields)}</query>", 20)

    async def read(text):
        prompt = f"<query xmlns='jabber:iq:gateway'><prompt>{text}</prompt></query>"
        return (await tom.ask_well('set', SMS, prompt)).findtext('{jabber:iq:gateway}jid')

    await register('DE')
    check(await read('0151 12345678') == f'+4915112345678@{SMS}', 'her country was not heeded')
    await register('US')
    check(await read('(555) 123-4567') == f'+15551234567@{SMS}', 'the number is not understood')


@scenario('Pictures come and go by Twilio, and none is left there', SMS_ONLY)
async def _(case):
    tom = await case.user('twilio')
    data = base64.b64encode(PICTURE).decode()
    check(await texted(case, tom.number, '', type='image/png', data=data) == 200, 'the webhook refuses it')
    found = await tom.expect(lambda one: one.tag == f'{CLIENT}message' and one.find(OOB_URL) is not None, 20)
    url = found.findtext(OOB_URL)
    check(text_of(found, 'body') == url, f'clients show no picture for {show(found)}')
    status, headers, content = await fetch(url)
    check((status, headers.get('content-type'), content) == (200, 'image/png', PICTURE), f'{url} is {status} {headers}')

    async def is_empty():
        return (await case.networks.do('twilio'))['files'] == 0

    await case.until('the picture to be gone at Twilio', is_empty)

    place, mark = f'http://{case.world.pictures.place}', f'Look {case.number}'
    oob = "<x xmlns='jabber:x:oob'><url>{0}</url></x>"
    request = "<request xmlns='urn:xmpp:receipts'/>"
    to = f"to='{case.jid(PHONE)}' type='chat'"
    tom.say(f"<message {to} id='m{mark}'><body>{mark}</body>{oob.format(f'{place}/rose.png')}{request}</message>")
    await tom.expect(receipt(f'm{mark}'), 20)
    [text] = await sent(case, mark)
    [medium] = text['media']
    check((medium['type'], medium['size']) == ('image/png', str(len(PICTURE))), f'it came as {medium["type"]}, {medium["size"]}')
    check(base64.b64decode(medium['data']) == PICTURE, 'it came as something else')

    tom.say(f"<message {to} id='n{mark}'><body>Not {mark}</body>{oob.format(f'{place}/gone.png')}</message>")
    await tom.expect(error(f'n{mark}'), 20)
    check(not await sent(case, f'Not {mark}'), 'the text went without its picture')


@scenario('A text to several is refused in words, however it is written, and nobody gets it alone', SMS_ONLY)
async def _(case):
    for provider in ('twilio', 'kannel', 'smpp', 'modem'):
        user = await case.user(provider)
        before = await creations(case)
        key = case.text(user, f'{PHONE},+15005550011', f'All of you {case.number}')
        found = await user.expect(error(key))
        check(condition_of(found) == 'feature-not-implemented' and 'each of them' in error_text(found), show(found))
        address = "<address type='to' uri='sms:+15005550011'/>"
        addresses = f"<addresses xmlns='http://jabber.org/protocol/address'>{address}</addresses>"
        user.say(f"<message to='{case.jid(PHONE)}' type='chat' id='g{key}'><body>Both of you</body>{addresses}</message>")
        found = await user.expect(error(f'g{key}'))
        check(condition_of(found) == 'feature-not-implemented' and 'each of them' in error_text(found), show(found))
        check(await creations(case) == before, 'something was sent')


@scenario('Who wants no more texts is seen, remembered, and can change it', SMS_ONLY)
async def _(case):
    tom = await case.user('twilio')
    wary, blocked = f'+1500555{2000 + case.number}', '+15005550004'
    check(await texted(case, tom.number, 'STOP', wary, optOut='STOP') == 200, 'the webhook refuses STOP')
    await came(case, tom, wary, 'STOP')
    before = await creations(case)
    for _ in range(2):
        found = await tom.expect(error(case.text(tom, wary, 'One more thing')))
        check(condition_of(found) == 'not-allowed' and 'START' in error_text(found), show(found))
    check(await creations(case) == before, 'Twilio was asked although the answer is known')
    await texted(case, tom.number, 'START', wary, optOut='START')
    await came(case, tom, wary, 'START')
    await tom.expect(receipt(case.text(tom, wary, 'Thank you')), 20)

    # Twilio itself refuses, and is not asked again until the user says so.
    first = await tom.expect(error(case.text(tom, blocked, 'Hello')), 20)
    check(condition_of(first) == 'not-allowed', show(first))
    before = await creations(case)
    await tom.expect(error(case.text(tom, blocked, 'Hello'), 'not-allowed'), 20)
    check(await creations(case) == before, 'Twilio was asked again')
    await run(tom, case.jid(blocked), 'again')
    found = await tom.expect(error(case.text(tom, blocked, 'Hello')), 20)
    check('21610' in error_text(found), show(found))
    check(await creations(case) == before + 1, 'Twilio was not asked again')


@scenario('A webhook that is not of Twilio changes nothing, and says why', SMS_ONLY)
async def _(case):
    tom = await case.user('twilio')
    hook, body = case.world.hook, f'MessageSid=SMx{case.number}&From=%2B15005550010&To=%2B15005550109&Body=forged'.encode()
    form = {'content-type': FORM_TYPE, 'x-twilio-signature': 'AAAAAAAAAAAAAAAAAAAAAAAAAAA='}
    for what, answer, wanted in (
        ('no signature', await fetch(hook, body, headers={'content-type': FORM_TYPE}), 403),
        ('a wrong one', await fetch(hook, body, headers=form), 403),
        ('another host', await fetch(hook, body, headers={**form, 'host': 'evil.example'}), 403),
        ('GET', await fetch(hook), 405),
        ('DELETE', await fetch(hook, method='DELETE'), 405),
        ('another type', await fetch(hook, body, headers={**form, 'content-type': 'application/json'}), 415),
        ('a wrong secret', await fetch(f'{hook}x', body, headers=form), 404),
        ('no secret', await fetch(hook.rpartition('/')[0], body, headers=form), 404),
        ('1 MB', await fetch(hook, b'Body=' + b'x' * 1_000_000, headers=form), 403),
        ('more than 1 MiB', await fetch(hook, b'Body=' + b'x' * 1_100_000, headers=form), 413),
    ):
        check(answer[0] == wanted, f'{what}: {answer[0]} {answer[2][:80]!r}')
        check(wanted != 405 or answer[1].get('allow') == 'POST', f'{what}: allow is {answer[1].get("allow")}')
    for _ in range(3):
        check(await texted(case, tom.number, f'Once {case.number}', sid=f'SMr{case.number}') == 200, 'a repetition is refused')
    await came(case, tom, PHONE, f'Once {case.number}')
    await texted(case, tom.number, f'Then {case.number}')
    await came(case, tom, PHONE, f'Then {case.number}')
    check(not tom.kept(message(body=f'Once {case.number}')), 'a repetition came through')
    check(not tom.kept(message(body='forged')), 'a forgery came through')


@scenario('When there are too many a text waits as long as Twilio says, and is sent once', SMS_ONLY)
async def _(case):
    tom = await case.user('twilio')
    await case.networks.do('twilio/busy', count='1', seconds='2')
    body = f'In a while {case.number}'
    key = case.text(tom, PHONE, body)
    started = asyncio.get_running_loop().time()
    await tom.expect(receipt(key), 30)
    waited = asyncio.get_running_loop().time() - started
    check(waited >= 1.9, f'it waited {waited:.1f} s')
    check(len(await sent(case, body)) == 1, 'it was sent more than once')


@scenario('Texts that come while the Jabber server is away are there when it is back', SMS_ONLY, 150)
async def _(case):
    tom = await case.user('twilio')
    await tom.log_out()
    case.clients.remove(tom)
    await case.world.jabber.stop()
    bodies = [f'While you were away {case.number} {number}' for number in range(20)]
    statuses = [await texted(case, tom.number, body) for body in bodies]
    check(set(statuses) == {200}, f'the webhook answers {statuses}')
    # Stored, it says; then it can be believed.
    await case.gateway.kill()
    await case.world.jabber.start()
    await case.gateway.start_ready(60)
    tom = await case.user('twilio')
    # A server that keeps nothing for those who are away sends it back, and it waits until she shows herself: as the client
    # does of one who has the gateway on her list.
    tom.say(f"<presence to='{SMS}'/>")
    for body in bodies:
        await came(case, tom, PHONE, body, 60)


@scenario('A shared number: the last to write has the answer, a claim comes next, then the operator', SMS_ONLY)
async def _(case):
    sue, ned = await case.person('sue', SHARED), await case.person('ned', SHARED)
    tom = await case.user('twilio')
    phone, other = f'+1500555{3000 + case.number}', f'+1500555{4000 + case.number}'
    await sue.expect(receipt(case.text(sue, phone, 'Sue here')), 20)
    await texted(case, SHARED, 'Hello Sue', phone)
    await came(case, sue, phone, 'Hello Sue')
    await ned.expect(receipt(case.text(ned, phone, 'And Ned')), 20)
    await texted(case, SHARED, 'Hello Ned', phone)
    await came(case, ned, phone, 'Hello Ned')
    await texted(case, SHARED, 'Anybody there?', other)
    await came(case, tom, other, 'Anybody there?')
    third = f'+1500555{5000 + case.number}'
    await run(sue, case.jid(third), 'claim', mine='true')
    await texted(case, SHARED, 'For whom?', third)
    await came(case, sue, third, 'For whom?')


@scenario('A number is claimed with a code that is sent to it, and is then nobody else’s', SMS_ONLY)
async def _(case):
    own = f'+1202555{1000 + case.number}'
    eve, mallory = await case.person(f'eve{case.number}', None), await case.person(f'mal{case.number}', None)
    node = 'jabber:iq:register'
    first = await eve.ask_well('set', SMS, command(node))
    session = first.get('sessionid')
    asks = await eve.ask_well('set', SMS, command(node, session, 'next', phone=own), 20)
    check(asks.get('status') == 'executing', show(asks))
    texts = [one['body'] for one in (await case.networks.do('twilio'))['messages'] if one['to'] == own]
    code = texts[-1][:6]
    wrong = await eve.ask_well('set', SMS, command(node, session, 'next', code='000000' if code != '000000' else '1'))
    check(note(wrong)[0] == 'error', show(wrong))
    done = await eve.ask_well('set', SMS, command(node, session, 'next', code=code))
    check(done.get('status') == 'completed', show(done))
    await texted(case, own, 'To your own')
    await came(case, eve, PHONE, 'To your own')
    first = await mallory.ask_well('set', SMS, command(node))
    answer = await mallory.ask('set', SMS, command(node, first.get('sessionid'), 'next', phone=own))
    check('belongs' in show(answer), show(answer))


@scenario('Administrators limit what a user may send, and to whom; users see what is left', SMS_ONLY)
async def _(case):
    tom, kim = await case.user('twilio'), await case.user('kannel')
    words = await run(tom, SMS, 'quota', user='kim@localhost', day='0')
    check('0 segments a day' in words, words)
    found = await kim.expect(error(case.text(kim, PHONE, 'Too much')))
    check('in one day (0 segments)' in error_text(found), show(found))
    check('of 0 segments today' in await run(kim, SMS, 'status'), 'the status does not tell')
    await run(tom, SMS, 'quota', user='kim@localhost')
    await run(tom, SMS, 'block', prefixes='+1901')
    found = await tom.expect(error(case.text(tom, '+19015550100', 'Hello')))
    check(condition_of(found) == 'not-allowed', show(found))
    refused = await kim.ask('set', SMS, command('quota'))
    check(condition_of(refused) == 'forbidden', show(refused))
    check('twilio: OK' in await run(tom, SMS, 'providers'), 'Twilio is not well')


@scenario('What cannot be a text is refused in words', SMS_ONLY)
async def _(case):
    tom, nobody = await case.user('twilio'), await case.person('nobody', None)
    before = await creations(case)
    for number, body, words in (
        (PHONE, 'x' * 1531, '11 segments'),
        (tom.number, 'Hello me', 'your own number'),
        ('112;phone-context=us', 'Help', 'emergency'),
        (PHONE, ' ', 'nothing'),
    ):
        found = await tom.expect(error(case.text(tom, number, body)), 20)
        check(words in error_text(found), f'{number}: {show(found)}')
    found = await nobody.expect(error(case.text(nobody, PHONE, 'Hello')))
    check(condition_of(found) == 'registration-required', show(found))
    check(await creations(case) == before, 'something was sent')


@scenario('A contact that is added keeps its name, and nobody says that the phone is there', SMS_ONLY)
async def _(case):
    tom = await case.user('twilio')
    jid = case.jid(f'+1500555{6000 + case.number}')
    item = f"<query xmlns='jabber:iq:roster'><item jid='{jid}' name='Nurse'/></query>"
    await tom.ask_well('set', None, item)
    tom.say(f"<presence to='{jid}' type='subscribe'/>")
    await tom.expect(presence(jid, 'subscribed'))
    await texted(case, tom.number, f'I am away {case.number}', jid.partition('@')[0])
    await came(case, tom, jid.partition('@')[0], f'I am away {case.number}')
    await tom.ping(SMS)
    shown = [show(one) for one in tom.inbox if one.tag == f'{CLIENT}presence' and one.get('from', '').startswith(jid) and one.get('type') is None]
    check(not shown, f'the phone is said to be there: {shown}')
    roster = await tom.ask_well('get', None, "<query xmlns='jabber:iq:roster'/>")
    names = [one.get('name') for one in roster if one.get('jid') == jid]
    check(names == ['Nurse'], f'its name is {names}')


@scenario('What phones cannot send, and a form can, arrives without it', SMS_ONLY)
async def _(case):
    tom = await case.user('twilio')
    mark = f'{case.number}'
    check(await texted(case, tom.number, f'zero \x00 half \ud83d end {mark}') == 200, 'the webhook refuses it')
    found = await tom.expect(lambda one: (text_of(one, 'body') or '').endswith(f'end {mark}'), 20)
    check('\x00' not in text_of(found, 'body') and 'zero' in text_of(found, 'body'), show(found))
