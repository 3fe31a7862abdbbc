"""Texts of phones: by Kannel, an SMSC, a modem and Twilio; what arrives, what does not, and what a crash leaves."""

import asyncio
import os
import random

from command import causeway
from daemons.process import HOST, Failure
from matching import CLIENT, Stanza, condition_of, error_text, message, text_of
from scenario import check, scenario
from sms_world import SMS

PHONE = '+15005550010'
RECEIPT = '{urn:xmpp:receipts}received'
SMS_ONLY = ('sms',)
EMOJI = 'Grüße, Привет 🌹'
KILLS = int(os.environ.get('KILLS', '50'))
TEXTS = 10 * KILLS


def receipt(key):
    class Receipt(Stanza):
        def __call__(self, element):
            found = element.find(RECEIPT)
            return found is not None and found.get('id') == key

    return Receipt('message', receipt=key)


def error(key, condition=None):
    return Stanza('message', type='error', id=key, **({'error': condition} if condition else {}))


async def came(case, client, number, body, timeout=20):
    return await client.expect(message(case.jid(number), body=body), timeout)


@scenario('A user finds the gateway, and the address of what she types', SMS_ONLY)
async def _(case):
    kim = await case.user('kannel')
    info = await kim.ask_well('get', SMS, "<query xmlns='http://jabber.org/protocol/disco#info'/>")
    identities = [(one.get('category'), one.get('type')) for one in info if one.tag.endswith('identity')]
    check(identities[0] == ('gateway', 'sms'), f'identities are {identities}')
    prompt = "<query xmlns='jabber:iq:gateway'><prompt>(555) 123-4567</prompt></query>"
    answer = await kim.ask_well('set', SMS, prompt)
    check(answer.findtext('{jabber:iq:gateway}jid') == f'+15551234567@{SMS}', 'the number is not understood')


@scenario('By Kannel texts go both ways, with a receipt', SMS_ONLY)
async def _(case):
    kim = await case.user('kannel')
    key = case.text(kim, PHONE, 'Hello by Kannel')
    wanted = f'{kim.number} {PHONE} text Hello by Kannel'
    await case.until('the text at the phone', lambda: wanted in case.kannel.heard())
    await kim.expect(receipt(key), 20)
    await case.kannel.say(PHONE, kim.number, f'Answer {case.number}')
    await came(case, kim, PHONE, f'Answer {case.number}')


@scenario('By Kannel other letters and emoji arrive whole', SMS_ONLY)
async def _(case):
    kim = await case.user('kannel')
    case.text(kim, PHONE, EMOJI)
    units = ''.join(f'{byte:02X}' for byte in EMOJI.encode('utf-16-be'))

    def heard():
        texts = [line.split(' ucs-2 ')[1] for line in case.kannel.heard() if ' ucs-2 ' in line]
        return units in [hex_of(text) for text in texts]

    await case.until('the emoji at the phone', heard)
    await case.kannel.say(PHONE, kim.number, EMOJI)
    await came(case, kim, PHONE, EMOJI)


def hex_of(text):
    """What Kannel's fake SMSC prints: bytes, those that are no letters in hexadecimal."""
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(text.replace('+', ' ')).hex().upper()


@scenario('By Kannel the lines of a text stay as they are', SMS_ONLY)
async def _(case):
    kim = await case.user('kannel')
    await case.kannel.say_bytes(PHONE, kim.number, f'Two++spaces%0Aand+lines+{case.number}')
    await came(case, kim, PHONE, f'Two  spaces\nand lines {case.number}')


@scenario('By Kannel a text of ten parts arrives whole', SMS_ONLY)
async def _(case):
    kim = await case.user('kannel')
    letter = chr(ord('a') + case.number % 26)
    key = case.text(kim, PHONE, letter * 1530)

    def heard():
        parts = [line for line in case.kannel.heard() if ' udh ' in line and line.endswith(letter * 153)]
        return len(parts) == 10

    await case.until('ten parts at the phone', heard)
    await kim.expect(receipt(key), 20)


@scenario('By Kannel a text waits while the SMSC is away', SMS_ONLY)
async def _(case):
    kim = await case.user('kannel')
    await case.kannel.phones_off()
    body = f'Wait for me {case.number}'
    key = case.text(kim, PHONE, body)
    await asyncio.sleep(1)
    check(not kim.kept(error(key)), 'the text was given up')
    await case.kannel.phones_on()
    await case.until('the text at the phone', lambda: any(body in line for line in case.kannel.heard()), 30)
    await kim.expect(receipt(key), 20)


@scenario('By Kannel short codes can write and be written to', SMS_ONLY)
async def _(case):
    kim = await case.user('kannel')
    await case.kannel.say('72345', kim.number, f'Your code is {case.number}')
    code = '72345;phone-context=us'
    await came(case, kim, code, f'Your code is {case.number}')
    case.text(kim, code, 'STOP')
    await case.until('the answer', lambda: f'{kim.number} 72345 text STOP' in case.kannel.heard())


@scenario('A number that is not allowed, or cannot be one, is refused in words', SMS_ONLY)
async def _(case):
    kim = await case.user('kannel')
    for number, words in (('+19005550100', 'not allowed'), ('911', 'emergency'), ('+15550002', 'no phone')):
        key = case.text(kim, number, 'Hello')
        found = await kim.expect(error(key))
        check(words in error_text(found), f'{number}: {error_text(found)}')
    answer = await kim.ask('get', case.jid('juliet'), "<query xmlns='http://jabber.org/protocol/disco#info'/>")
    check(condition_of(answer) == 'item-not-found', 'there is somebody without a number')


@scenario('Who writes a number as it is dialled is told how it is written', SMS_ONLY)
async def _(case):
    kim = await case.user('kannel')
    for typed in ('5005550010', r'(500)\20555-0010', r'001\20500\20555\200010'):
        found = await kim.expect(error(case.text(kim, typed, 'Hello'), 'item-not-found'))
        check(case.jid(PHONE) in error_text(found), f'{typed}: {error_text(found)}')


@scenario('doctor binds to an SMSC and asks Kannel, but beside a gateway that runs it asks that', SMS_ONLY)
async def _(case):
    config = case.gateway.config_file
    smsc, box = (f'{HOST}:{port}: ' for port in (case.networks.smsc_port, case.kannel.send_port))
    status, beside = await causeway('doctor', '--config', config)
    check(status == 0, beside)
    check(f'{smsc}bound, says the running gateway' in beside and 'takes the bind' not in beside, beside)
    check(f'{box}takes the credentials' in beside, beside)
    await case.gateway.stop()
    before = len(await case.smsc())
    status, alone = await causeway('doctor', '--config', config)
    check(status == 0 and f'{smsc}takes the bind' in alone, alone)
    check(len(await case.smsc()) == before, 'a text was sent')
    await case.gateway.start_ready()


@scenario('By SMPP texts go both ways, with a receipt and all letters', SMS_ONLY)
async def _(case):
    sam = await case.user('smpp')
    await case.networks.do('smsc/tell', stat='DELIVRD')
    for body in (f'Hello by SMPP {case.number}', f'{EMOJI} {case.number}'):
        key = case.text(sam, PHONE, body)
        await sam.expect(receipt(key), 20)
        texts = [one['text'] for one in await case.smsc()]
        check(body in texts, f'{body} is not among {texts[-5:]}')
        status = await case.networks.do('smsc/deliver', **{'from': PHONE[1:], 'to': sam.number[1:], 'text': f'Re: {body}'})
        check(status == 0, f'the gateway answers {status}')
        await came(case, sam, PHONE, f'Re: {body}')


@scenario('By SMPP a text of ten parts is receipted once, when all have arrived', SMS_ONLY)
async def _(case):
    sam = await case.user('smpp')
    await case.networks.do('smsc/tell', stat='DELIVRD')
    before = len(await case.smsc())
    letter = chr(ord('a') + case.number % 26)
    key = case.text(sam, PHONE, letter * 1530)
    await sam.expect(receipt(key), 20)
    parts = [one['text'] for one in (await case.smsc())[before:]]
    check(len(parts) == 10 and ''.join(parts) == letter * 1530, f'{len(parts)} parts')
    check(not sam.kept(receipt(key)), 'a second receipt')


@scenario('By SMPP a text fails with the words of the network, and the id of the message', SMS_ONLY)
async def _(case):
    sam = await case.user('smpp')
    await case.networks.do('smsc/tell', stat='UNDELIV')
    key = case.text(sam, PHONE, f'Into the void {case.number}')
    found = await sam.expect(error(key), 20)
    check('UNDELIV' in error_text(found), error_text(found))


@scenario('By SMPP a text waits while the SMSC is away, and is sent once', SMS_ONLY)
async def _(case):
    sam = await case.user('smpp')
    await case.networks.do('smsc/tell', stat='DELIVRD')
    await case.networks.do('smsc/away')
    body = f'Wait for me {case.number}'
    key = case.text(sam, PHONE, body)
    await asyncio.sleep(1)
    check(not sam.kept(error(key)), 'the text was given up')
    await case.networks.do('smsc/back')
    await sam.expect(receipt(key), 40)
    count = [one['text'] for one in await case.smsc()].count(body)
    check(count == 1, f'sent {count} times')


@scenario('By SMPP senders with names and short codes are seen, and names cannot be answered', SMS_ONLY)
async def _(case):
    sam = await case.user('smpp')
    for sender, ton, local in (('My Bank', '5', r'my\20bank;phone-context=alphanumeric'), ('72345', '3', '72345;phone-context=us')):
        body = f'From {sender} {case.number}'
        await case.networks.do('smsc/deliver', **{'from': sender, 'to': sam.number[1:], 'text': body, 'ton': ton})
        await came(case, sam, local, body)
    key = case.text(sam, r'my\20bank;phone-context=alphanumeric', 'Hello')
    found = await sam.expect(error(key))
    check('cannot be answered' in error_text(found), error_text(found))


@scenario('By a modem texts go both ways, with all letters and in ten parts', SMS_ONLY, 150)
async def _(case):
    mia = await case.user('modem')
    letter = chr(ord('a') + case.number % 26)
    for body in (f'{EMOJI} {case.number}', letter * 1530):
        key = case.text(mia, PHONE, body, receipt=False)
        await case.until('the text on the air', lambda: (PHONE, body) in case.modem.heard(), 60)
        check(not mia.kept(error(key)), 'and an error')
    case.modem.say(PHONE, f'{EMOJI} {case.number}')
    await came(case, mia, PHONE, f'{EMOJI} {case.number}', 60)
    await case.until('an empty inbox', lambda: not list((case.modem.folder / 'inbox').iterdir()))


@scenario('By Twilio texts go both ways, with a receipt', SMS_ONLY)
async def _(case):
    tom = await case.user('twilio')
    body = f'{EMOJI} {case.number}'
    key = case.text(tom, PHONE, body)
    await tom.expect(receipt(key), 20)
    status = await case.networks.do('twilio/text', **{'from': PHONE, 'to': tom.number, 'body': body, 'sid': f'SM{case.number}'})
    check(status == 200, f'the webhook answers {status}')
    await came(case, tom, PHONE, body)
    key = case.text(tom, '+15005550004', 'Hello')
    found = await tom.expect(error(key), 20)
    check('21610' in error_text(found), error_text(found))


@scenario(f'Killed {KILLS} times while {TEXTS} texts go each way, the gateway loses none', SMS_ONLY, 900)
async def _(case):
    tom = await case.user('twilio')
    marks = [f'{case.number}-{number}' for number in range(TEXTS)]
    before = (await case.networks.do('twilio'))['lookedUp']
    is_over = asyncio.Event()

    async def receive(mark):
        """Told again when it was not acknowledged, as Twilio's fallback does."""
        while not is_over.is_set():
            fields = {'from': PHONE, 'to': tom.number, 'body': f'in {mark}', 'sid': f'SMin{mark}'}
            try:
                if await case.networks.do('twilio/text', **fields) == 200:
                    return
            except Exception:
                pass
            await asyncio.sleep(0.2)

    def told(mark):
        """Whether the sender knows what became of her text: a receipt or an error."""
        return bool(tom.kept(receipt(f'out-{mark}')) or tom.kept(error(f'out-{mark}')))

    def send_again(so_far):
        """What the Jabber server wrote to a gateway that died unread is gone: XEP-0114 has no acknowledgements."""
        for mark in so_far:
            if not told(mark):
                case.text(tom, PHONE, f'out {mark}', True, f'out-{mark}')

    # In each round some texts are on their way, both ways, when the process is killed.
    receiving = []
    chance = random.Random(case.number)
    for place in range(0, TEXTS, TEXTS // KILLS):
        here = place + TEXTS // KILLS
        receiving += [asyncio.create_task(receive(mark)) for mark in marks[place:here]]
        send_again(marks[:here])
        await asyncio.sleep(chance.uniform(0, 0.6))
        await case.gateway.kill()
        await case.gateway.start_ready(60)

    async def sent():
        messages = (await case.networks.do('twilio'))['messages']
        return [one['body'][4:] for one in messages if one['body'].startswith(f'out {case.number}-')]

    def bounced():
        return {element.get('id')[4:] for element in tom.kept(Stanza('message', type='error'))}

    def arrived():
        bodies = [text_of(element, 'body') or '' for element in tom.inbox if element.tag == f'{CLIENT}message']
        return [body[3:] for body in bodies if body.startswith(f'in {case.number}-')]

    def arrived_ids():
        """A repetition under the same id is one message to a client."""
        heard = [element for element in tom.inbox if (text_of(element, 'body') or '').startswith(f'in {case.number}-')]
        return [(text_of(element, 'body'), element.get('id')) for element in heard]

    async def is_complete():
        return set(marks) <= set(await sent()) | bounced() and set(marks) <= set(arrived())

    try:
        for _ in range(10):
            send_again(marks)
            try:
                await case.until('all texts', is_complete, 20)
                break
            except Failure:
                continue
    finally:
        is_over.set()
        out, back, bounces = await sent(), arrived(), bounced()
        lookups = (await case.networks.do('twilio'))['lookedUp'] - before
        lost = set(marks) - set(out) - bounces
        twice = len(out) - len(set(out))
        again = len({(mark, place) for mark, place in arrived_ids()}) - len(set(back))
        print(
            f'# {case.world.place}: {KILLS} kills; out: {len(set(out))} sent, {len(bounces)} bounced while it was down, '
            f'{len(lost)} lost, {twice} sent twice, {lookups} looked up; '
            f'in: {len(set(back))} of {TEXTS} arrived, {len(set(marks) - set(back))} lost, {again} under a second id',
            flush=True,
        )
    check(again == 0, f'{again} came under a second id')
    check(not lost and twice == 0, f'lost {len(lost)}, twice {twice}')
    check(set(back) == set(marks), 'some that came in are lost')
