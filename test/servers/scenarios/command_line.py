"""What administrators call: `causeway init` and `causeway doctor`, on real servers."""

import asyncio
import json
import re

from command import at_terminal, causeway
from gateway import Gateway
from scenario import INSPIRCD, check, scenario
from world import SECRET

SPARE = 'spare.localhost'
AT_ONCE = 5


def has(out, verdict, about, text):
    found = re.search(rf'^{verdict} +{re.escape(about)} +{text}', out, re.MULTILINE)
    check(found, f'no "{verdict} {about} {text}" in:\n{out}')


def spare(case, **changes):
    """The configuration of a gateway that nobody has started."""
    settings = case.world.settings()
    settings.pop('http')
    settings['data'] += f'-doctor{case.number}'
    gateway = {**settings['gateways'][0], 'domain': SPARE, **changes}
    insp = gateway['options']['servers']['insp']
    settings['gateways'] = [{**gateway, 'options': {'servers': {'insp': insp}}}]
    file = case.gateway.folder / f'doctor-{case.number}.yaml'
    file.write_text(json.dumps(settings))
    return file


@scenario('doctor asks a gateway that runs, which stays attached and loses nothing', INSPIRCD)
async def _(case):
    alice = await case.user('alice')
    start = case.gateway.log_size()
    doctor = asyncio.create_task(causeway('doctor', '--config', case.gateway.config_file))
    pings = 0
    while not doctor.done():
        answer = await alice.ping('irc.localhost', AT_ONCE)
        check(answer.get('type') == 'result', 'a ping is not answered while doctor looks')
        pings += 1
    _, out = await doctor
    check(pings > 0, 'doctor was gone before anybody asked')
    has(out, 'ok', 'database', 'in order, and a gateway is running on it')
    has(out, 'ok', 'http.publicUrl', '.* leads here')
    for domain in ('irc.localhost', 'irc2.localhost', 'email.localhost'):
        has(out, 'ok', domain, 'attached, says the running gateway')
    check('takes the secret' not in out, f'doctor has attached beside the gateway:\n{out}')
    has(out, 'ok', 'irc.localhost', rf'127\.0\.0\.1:{case.ircd.port}: answers, without TLS')
    has(out, 'ok', 'irc.localhost', r'localhost:\d+: answers, certificate in order')
    has(out, 'trouble', 'irc.localhost', r'localhost:\d+: .*certificate')
    check(SECRET not in out, 'the secret is shown')
    check('attached' not in case.gateway.log(start), 'the gateway lost its stream')
    answer = await alice.ping('irc.localhost', AT_ONCE)
    check(answer.get('type') == 'result', 'the gateway is gone')


@scenario('doctor attaches where no gateway runs, finds all in order, and leaves', INSPIRCD)
async def _(case):
    file = spare(case)
    for _ in range(2):
        status, out = await causeway('doctor', '--config', file)
        check(status == 0, f'status {status}:\n{out}')
        has(out, 'ok', 'database', 'is made at the first start')
        has(out, 'ok', SPARE, 'the Jabber server takes the secret')
        has(out, 'ok', SPARE, 'localhost answers')
        has(out, 'ok', SPARE, 'localhost gives no privileges')
        if case.world.name == 'jabberd2':
            has(out, 'ok', SPARE, 'localhost has no service for files')
        else:
            has(out, 'ok', SPARE, 'localhost has files at upload.localhost')
    alice = await case.user('alice')
    answer = await alice.ask('get', SPARE, "<ping xmlns='urn:xmpp:ping'/>", AT_ONCE)
    check(answer.get('type') == 'error', 'somebody is attached still')


@scenario('doctor tells what is wrong with the secret, and with the port', INSPIRCD)
async def _(case):
    status, out = await causeway('doctor', '--config', spare(case, secret='not-the-secret'))
    check(status == 1, f'status {status}')
    has(out, 'trouble', SPARE, 'the server refuses the secret')
    check('not-the-secret' not in out, 'the secret is shown')
    file = spare(case)
    settings = json.loads(file.read_text())
    settings['jabber']['port'] = case.jabber.client_port
    file.write_text(json.dumps(settings))
    status, out = await causeway('doctor', '--config', file)
    check(status == 1, f'status {status}')
    check(re.search(rf'^trouble +{SPARE} ', out, re.MULTILINE), f'the port of clients is fine:\n{out}')


@scenario('init at a terminal makes a configuration that doctor is content with, and a gateway attaches by', INSPIRCD)
async def _(case):
    folder = case.gateway.folder / f'init-{case.number}'
    file = folder / 'causeway.yaml'
    status, shown = await at_terminal(
        ['init', '--config', file],
        [
            ('Your Jabber server', case.world.name),
            ('The domain of your users', 'localhost'),
            ('listens for components', ''),
            ('port for components', case.jabber.component_port),
            ('Networks', ''),
            ('gateway for irc', SPARE),
            ('Administrators', ''),
            ('IRC servers', f'insp=127.0.0.1:{case.ircd.port}'),
        ],
    )
    check(status == 0, f'status {status}:\n{shown}')
    secret = (folder / 'secrets' / 'irc').read_text().strip()
    check(secret in shown, 'what goes into the Jabber server is not shown')
    # That one was set up before.
    (folder / 'secrets' / 'irc').write_text(SECRET)
    # This IRC server is not at the port that goes without TLS by custom.
    file.write_text(file.read_text().replace('tls: true', 'tls: false'))
    status, out = await causeway('doctor', '--config', file)
    check(status == 0, f'status {status}:\n{out}')
    gateway = Gateway(folder, {}, 'unused')
    gateway.argv[-1] = str(file)
    await gateway.start_ready()
    try:
        alice = await case.user('alice')
        answer = await alice.ping(SPARE, AT_ONCE)
        check(answer.get('type') == 'result', 'the ping is refused')
    finally:
        await gateway.stop()
