"""A gateway that keeps everything in PostgreSQL."""

import asyncio
import os
import time

from command import causeway
from daemons.process import wait_until
from gateway import ROOT, Gateway
from mail import PASSWORD, jid_of
from matching import message, presence
from scenario import INSPIRCD, check, scenario
from scenarios.entering import enter, together
from scenarios.history import archived
from scenarios.mail import MAIL, peer_of, with_mailbox, written
from scenarios.mail_crashes import Correspondence, all_arrived, counts_of, said
from world import ON_POSTGRES

HERE = (ON_POSTGRES,)
# What keeps things, without a gateway around it.
TESTS = ('test/store/*.test.ts', 'test/delivery/*.test.ts')
MAILS = 40
DOWN_SECONDS = 3


@scenario('What keeps things does so in PostgreSQL as it does in SQLite', MAIL, 480, HERE)
async def _(case):
    files = [str(file) for pattern in TESTS for file in sorted(ROOT.glob(pattern))]
    tests = await asyncio.create_subprocess_exec(
        'npx', 'tsx', '--test', *files,
        cwd=ROOT,
        env={**os.environ, 'CAUSEWAY_TEST_DATABASE': case.world.database.url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await tests.communicate()
    text = out.decode()
    check(tests.returncode == 0 and '# fail 0' in text, text[-8000:])


@scenario('No credential, address or text is in clear in the database', MAIL, 60, HERE)
async def _(case):
    alice = await with_mailbox(case)
    await written(case, alice, peer_of(case, 'bob'), 'a-secret-between-us')
    database = case.world.database
    tables = database.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    check({'outbox', 'inbox', 'registrations', 'archived'} <= set(tables), f'the tables are {tables}')
    for table in tables:
        rows = '\n'.join(database.ask(f'SELECT * FROM {table}'))
        for secret in ('a-secret-between-us', PASSWORD):
            check(secret not in rows and secret.encode().hex() not in rows, f'{table} has it in clear')
    log = case.gateway.log()
    check(database.url not in log and 'the-password-of-the-database' not in log, 'the log has the password')


@scenario('A second gateway on the same database does not start, and says why', INSPIRCD, 60, HERE)
async def _(case):
    settings = case.world.settings()
    settings.pop('http')
    settings['gateways'] = [gateway for gateway in settings['gateways'] if gateway['use'] == 'irc']
    url = case.world.database.url
    second = Gateway(case.gateway.folder, settings, f'second-here-{case.number}', url)
    await second.start()
    await second.until_ended(20)
    check('another Causeway is running on the database' in second.log(), second.tail())
    check(second.child.returncode != 0, 'it ended as if all were well')
    check('the-password-of-the-database' not in second.log(), 'it shows the password')
    _, out = await causeway('check', '--config', second.config_file)
    check('database and key in order' in out, out)
    alice = await case.user('alice')
    check((await alice.ping('irc.localhost')).get('type') == 'result', 'the first gateway is gone')


async def while_mails_go(case, trouble):
    """Something befalls the database while mails go both ways: all arrive, and are sent once."""
    alice = await with_mailbox(case)
    talk = Correspondence(case, alice, peer_of(case, 'bob'))
    await written(case, alice, talk.peer, 'Before')
    troubled = None
    for number in range(MAILS):
        talk.write(number)
        await asyncio.to_thread(talk.post)
        if number == MAILS // 4:
            troubled = asyncio.create_task(trouble())
        await asyncio.sleep(0.05)
    await troubled
    await wait_until('the gateway to be healthy again', lambda: answers(case, alice), 30)
    await all_arrived([talk])
    out = counts_of(talk.mails(), talk.written)
    back = counts_of(talk.heard(), talk.written)
    print(f'# {case.world.place}, {alice.nick}: out: {said(out)}; in: {said(back)}', flush=True)
    for counts in (out, back):
        check(counts['arrived'] == MAILS and counts['lost'] == 0, f'out: {said(out)}; in: {said(back)}')
    check(out['again under another id'] == 0, f'a mail went out twice: {said(out)}')
    case.gateway.must_run()


async def answers(case, alice):
    return (await alice.ping(f'email.localhost')).get('type') == 'result'


@scenario('The database is killed and comes back while mails go both ways, and none is lost', MAIL, 240, HERE)
async def _(case):
    database = case.world.database

    async def trouble():
        await database.kill()
        await asyncio.sleep(DOWN_SECONDS)
        await database.start()

    await while_mails_go(case, trouble)


@scenario('Connections to the database break again and again while mails go both ways, and none is lost', MAIL, 240, HERE)
async def _(case):
    database = case.world.database

    async def trouble():
        for _ in range(20):
            ours = "application_name LIKE 'causeway %'"
            await asyncio.to_thread(database.ask, f'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}')
            await asyncio.sleep(0.1)

    await while_mails_go(case, trouble)


@scenario('What was said in a room is there again after a restart of the database and of the gateway', INSPIRCD, 120, HERE)
async def _(case):
    alice, bob = await together(case)
    for number in range(30):
        bob.say(f'PRIVMSG {case.channel} :line {number}')
    await alice.expect(said_by(case, bob, 'line 29'))
    await case.world.database.stop()
    bob.say(f'PRIVMSG {case.channel} :while it was away')
    await alice.expect(said_by(case, bob, 'while it was away'))
    await case.world.database.start()
    await wait_until('the archive to be written', lambda: is_kept(case, 'while it was away'), 20)
    await case.gateway.restart()
    await enter(alice, case.room)
    found = [body for body in await archived(alice, case.room) if body]
    expected = [*(f'line {number}' for number in range(30)), 'while it was away']
    check(found == expected, f'the archive has {found}')


@scenario('SIGTERM while the database hangs says unavailable to everybody and ends within five seconds', MAIL, 120, HERE)
async def _(case):
    alice = await with_mailbox(case)
    bob = peer_of(case, 'bob')
    await written(case, alice, bob, 'Before')
    database = case.world.database
    database.hang()
    try:
        number = alice.send_message_to(jid_of(bob), 'Never kept')
        await asyncio.sleep(0.2)
        started = time.monotonic()
        status = await case.gateway.stop(timeout=6)
        took = time.monotonic() - started
    finally:
        database.go_on()
    check(took < 5, f'it took {took:.1f} s')
    check(status == 0, f'exit status {status}')
    check('the database does not answer' in case.gateway.log(), case.gateway.tail())
    await alice.expect(presence('email.localhost', 'unavailable'))
    await alice.expect(message(jid_of(bob), 'error', id=number))
    await case.gateway.start_ready()
    await written(case, alice, bob, 'After')


def said_by(case, peer, text):
    return message(f'{case.room}/{peer.nick}', 'groupchat', body=text)


def is_kept(case, text):
    return bool(case.world.database.ask(f"SELECT 1 FROM archived WHERE content LIKE '%{text}%'"))
