"""`causeway` as an administrator calls it, at a terminal or from a script."""

import asyncio
import os
import pty
import select
import signal
import time

from daemons.process import Failure
from gateway import ROOT, START

PROGRAM = [*START[:-1], str(ROOT / START[-1])]
PATIENCE = 20


async def causeway(*words):
    """Gives the exit status, and all that was printed."""
    child = await asyncio.create_subprocess_exec(
        *PROGRAM,
        *map(str, words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await asyncio.wait_for(child.communicate(), PATIENCE)
    return child.returncode, out.decode()


async def at_terminal(words, answers):
    """The same at a terminal: `answers` are pairs of what is waited for and what is then typed."""
    return await asyncio.to_thread(converse, [*PROGRAM, *map(str, words)], answers)


def converse(argv, answers):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(argv[0], argv)
    shown, read = '', 0
    try:
        for words, typed in answers:
            while words not in shown[read:]:
                shown += more(terminal, f'"{words}" in:\n{shown[read:]}')
            read = shown.index(words, read) + len(words)
            os.write(terminal, f'{typed}\r'.encode())
        while piece := more(terminal, f'the end of:\n{shown}'):
            shown += piece
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        raise
    finally:
        os.close(terminal)
        _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), shown


def more(terminal, what):
    """What is shown next; nothing at the end."""
    deadline = time.monotonic() + PATIENCE
    ready, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
    if not ready:
        raise Failure(f'waited {PATIENCE} s for {what}')
    try:
        return os.read(terminal, 65536).decode(errors='replace')
    except OSError:
        return ''
