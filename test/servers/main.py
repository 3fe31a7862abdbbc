"""Runs the matrix of Jabber servers and IRC servers; see run.sh."""

import argparse
import asyncio
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

import scenarios
from daemons.process import Failure
from scenario import SCENARIOS, Broken
from sms_world import SmsCase, SmsWorld
from world import NETWORKS, ON_POSTGRES, PLACES, Case, World

PHONES = 'sms'
# To the database it is all one which IRC server there is.
MORE_OF_THE_SAME = {(ON_POSTGRES, 'ngircd')}


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def ok(self, place, sentence, seconds):
        self.passed += 1
        print(f'ok - {place} {sentence} ({seconds:.1f} s)', flush=True)

    def not_ok(self, place, sentence, reason, detail=''):
        self.failed += 1
        detail = ''.join(f'    {line}\n' for line in detail.splitlines())
        print(f'not ok - {place} {sentence}: {reason}\n{detail}', end='', flush=True)


async def run_scenario(report, world, ircd, scenario):
    place = f'{world.place} {ircd}'
    started = time.monotonic()
    log_start = 0
    case = None
    try:
        await world.heal()
        log_start = world.gateway.log_size()
        case = (SmsCase if ircd == PHONES else Case)(world, ircd)
        await asyncio.wait_for(scenario.run(case), scenario.timeout)
        report.ok(place, scenario.sentence, time.monotonic() - started)
    except Exception as error:
        reason = f'took over {scenario.timeout:g} s' if isinstance(error, asyncio.TimeoutError) else str(error)
        report.not_ok(place, scenario.sentence, reason, detail_of(error, case, world, log_start))
    finally:
        if case:
            await case.end()


def detail_of(error, case, world, log_start):
    """The way to the line that failed, what everyone said, and what the gateway logged meanwhile."""
    parts = []
    if isinstance(error, (Failure, Broken)):
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if '/scenarios/' in frame.filename]
        parts += [f'{Path(frame.filename).name}:{frame.lineno}: {frame.line}' for frame in frames]
    else:
        parts += traceback.format_exception(error)
    for who, lines in case.transcripts() if case else ():
        parts += [f'--- {who}', *lines[-60:]]
    parts += ['--- log of the gateway', *world.gateway.log(log_start).splitlines()[-30:]]
    return '\n'.join(parts)


async def run_worlds(report, name, networks, folder, chosen):
    """First the world of IRC and mail, then that of phones, each if it is asked for."""
    for kind, group, sub in ((World, list(NETWORKS), folder), (SmsWorld, [PHONES], folder / 'phones')):
        wanted = [network for network in group if network in networks and (name, network) not in MORE_OF_THE_SAME]
        here = [scenario for scenario in chosen if name in (scenario.places or PLACES)]
        if any(network in wanted for scenario in here for network in scenario.ircds):
            await run_world(report, kind, name, wanted, sub, here)


async def run_world(report, kind, name, ircds, folder, chosen):
    world = kind(name, folder)
    try:
        await world.start()
        for scenario in chosen:
            for ircd in scenario.ircds:
                if ircd in ircds:
                    await run_scenario(report, world, ircd, scenario)
    except (Failure, OSError) as error:
        report.not_ok(name, 'everything starts', str(error), logs_of(world))
    finally:
        await world.stop()


def logs_of(world):
    return '\n'.join(f'--- {process.name}\n{process.tail()}' for process in world.processes())


def arguments():
    parser = argparse.ArgumentParser(description='real-server tests')
    parser.add_argument('names', nargs='*', help='prosody ejabberd jabberd2 postgres inspircd ngircd znc mail sms; none: all')
    parser.add_argument('--only', action='append', help='scenarios whose sentence contains this, or that')
    parser.add_argument('--list', action='store_true', help='print the sentences and leave')
    chosen = parser.parse_args()
    unknown = set(chosen.names) - set(PLACES) - {*NETWORKS, PHONES}
    if unknown:
        parser.error(f'unknown: {" ".join(sorted(unknown))}')
    return chosen


async def run():
    options = arguments()
    scenarios.load()
    chosen = [each for each in SCENARIOS if any(words in each.sentence for words in options.only or [''])]
    if options.list:
        print('\n'.join(scenario.sentence for scenario in chosen))
        return 0
    jabbers = [name for name in PLACES if name in options.names] or list(PLACES)
    networks = [*NETWORKS, PHONES]
    ircds = [name for name in networks if name in options.names] or networks
    top = Path(tempfile.mkdtemp(prefix='causeway-servers-'))
    os.chmod(top, 0o755)
    report = Report()
    started = time.monotonic()
    worlds = [asyncio.create_task(run_worlds(report, name, ircds, top / name, chosen)) for name in jabbers]
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, lambda: [world.cancel() for world in worlds])
    await asyncio.wait(worlds)
    for world in worlds:
        if world.cancelled():
            report.not_ok('-', 'everything runs to its end', 'the run was ended from outside')
        elif world.exception():
            report.not_ok('-', 'everything runs to its end', ''.join(traceback.format_exception(world.exception())))
    print(f'# {time.monotonic() - started:.0f} s')
    if report.failed:
        print(f'# logs and data are kept in {top}')
    else:
        shutil.rmtree(top)
    print(f'{report.passed} passed, {report.failed} failed')
    return 1 if report.failed or not report.passed else 0


if __name__ == '__main__':
    logging.getLogger('asyncio').setLevel(logging.CRITICAL)
    sys.exit(asyncio.run(run()))
