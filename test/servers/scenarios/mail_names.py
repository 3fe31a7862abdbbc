"""What the DNS and the pages of mail domains say: where their servers are, and whether a mail is from them."""

import asyncio
import copy
import email
import re
import smtplib

from daemons.process import HOST
from mail import GATEWAY, PASSWORD, jid_of, text_in
from matching import CLIENT, error_text, show
from scenario import check, scenario
from scenarios.mail import MAIL, from_bare, peer_of, with_name
from scenarios.mail_services import administrator, run
from scenarios.register import query

NICK = '{http://jabber.org/protocol/nick}nick'


async def asks_here(case, **own_domain):
    """A gateway that asks the name server of the tests, and may reach hosts of this machine."""
    settings = copy.deepcopy(case.gateway.settings)
    options = next(one for one in settings['gateways'] if one['use'] == 'email')['options']
    options['dns'] = [f'{HOST}:{case.mail.names.port}']
    options['trustedHosts'] = ['localhost', 'autoconfig.auto.test', 'known.test']
    options['ownDomain'].update(own_domain)
    await case.gateway.restart(settings, {'NODE_EXTRA_CA_CERTS': str(case.mail.trust_file())})


@scenario('address and password are enough where a mail domain says where its servers are', MAIL, 120)
async def discovery(case):
    case.mail.publish_servers()
    await asks_here(case)
    domains = ['srv.test', 'auto.test', 'known.test'] if case.mail.pages.is_open else ['srv.test']
    for domain in domains:
        user = await case.user(domain.partition('.')[0])
        address = f'{user.nick}@{domain}'
        case.mail.add_user(address)
        await user.ask_well('set', GATEWAY, query(f'<email>{address}</email><password>{PASSWORD}</password>'), 30)
        peer = peer_of(case, f'peer-{user.nick}')
        user.send_message_to(jid_of(peer), f'From {domain}')
        mail = await case.mail.arrived(peer, 'the mail', lambda mail: text_in(mail) == f'From {domain}')
        check(address in mail['From'], f'it is from {mail["From"]}')
        await asyncio.to_thread(case.mail.put, address, case.mail.write(peer, address, 'An answer'), 'INBOX')
        await user.expect(from_bare(jid_of(peer), 'An answer'), 20)
    stranger = await case.user('stranger')
    form = query(f'<email>{stranger.nick}@silent.test</email><password>{PASSWORD}</password>')
    answer = await stranger.ask('set', GATEWAY, form, 30)
    check(answer.get('type') == 'error' and 'server' in error_text(answer), f'it is {show(answer)}')
    check('_imaps._tcp.silent.test' in case.mail.names.asked, 'it was not looked for')


@scenario('what SPF, DKIM and DMARC say of a mail decides whether it is taken, and is shown', MAIL, 120)
async def verdicts(case):
    names = case.mail.names
    for domain, policy in (('good.test', f'ip4:{HOST} -all'), ('forged.test', '-all')):
        names.publish(domain, 'TXT', f'v=spf1 {policy}')
        names.publish(f'_dmarc.{domain}', 'TXT', 'v=DMARC1; p=reject')
    await asks_here(case, verify=True)
    user = await with_name(case)

    def hand_in(message, sender):
        with smtplib.SMTP(HOST, case.mail.own_port, local_hostname='mx.test') as server:
            server.sendmail(sender, [user.address], message)

    def asks(address):
        return lambda element: (
            element.tag == f'{CLIENT}presence'
            and element.get('type') == 'subscribe'
            and element.get('from') == jid_of(address)
        )

    async def name_shown(message, sender, address):
        await asyncio.to_thread(hand_in, message, sender)
        return (await user.expect(asks(address), 20)).findtext(NICK) or ''

    def written(sender):
        return case.mail.write(f'Ann <{sender}>', user.address, 'Hello').as_bytes()

    async def refused(message, sender):
        try:
            await asyncio.to_thread(hand_in, message, sender)
        except smtplib.SMTPDataError as error:
            return error.smtp_code == 550 and b'DMARC' in error.smtp_error
        return False

    proven = await name_shown(written('ann@good.test'), 'ann@good.test', 'ann@good.test')
    check(proven == 'Ann', f'a proven sender is shown as {proven}')
    silent = await name_shown(written('ann@silent.test'), 'ann@silent.test', 'ann@silent.test')
    check(silent.startswith('Ann (') and silent != proven, f'an unproven sender is shown as {silent}')
    check(await refused(written('ann@forged.test'), 'ann@forged.test'), 'a forged mail was not refused')

    # What the gateway signs is good by the records that it tells its administrator to publish, wherever it comes from.
    said = await run(await administrator(case), 'dns-records')
    for name, text in re.findall(r'^(\S+)\. TXT "(.*)"$', said, re.M):
        names.publish(name, 'TXT', text.replace('p=quarantine', 'p=reject'))
    peer = peer_of(case)
    writer = await with_name(case, 'dora')
    writer.send_message_to(jid_of(peer), 'Signed')
    await case.mail.arrived(peer, 'the mail', lambda mail: text_in(mail) == 'Signed')
    maildir = case.mail.dovecot.maildir(peer)
    [file] = [*(maildir / 'new').glob('*'), *(maildir / 'cur').glob('*')]
    signed = b'\r\n'.join(file.read_bytes().splitlines()) + b'\r\n'
    check('d=chat.test' in (email.message_from_bytes(signed)['DKIM-Signature'] or ''), 'it is not signed')
    again = await name_shown(signed, 'list@silent.test', writer.address)
    check('(' not in again, f'a signed mail is shown as {again}')
    changed = signed.replace(b'Signed', b'Forged').replace(b'Message-ID: <', b'Message-ID: <x')
    check(changed != signed, 'nothing was changed')
    check(await refused(changed, 'list@silent.test'), 'a changed mail was not refused')
