"""The register of scenarios: `@scenario('a full sentence')` above an async function of one Case."""

from dataclasses import dataclass
from typing import Callable

EACH = ('inspircd', 'ngircd')
INSPIRCD = ('inspircd',)
NGIRCD = ('ngircd',)
ZNC = ('znc',)
SCENARIOS = []


@dataclass(frozen=True)
class Scenario:
    sentence: str
    ircds: tuple
    run: Callable
    timeout: float
    places: tuple


def scenario(sentence, ircds=EACH, timeout=60, places=None):
    """`ircds`: the IRC servers on which it says something new. `places`: the only ones that have what it is about."""

    def enter(run):
        SCENARIOS.append(Scenario(sentence, ircds, run, timeout, places))
        return run

    return enter


class Broken(AssertionError):
    """An expectation about something already at hand."""


def check(holds, otherwise):
    if not holds:
        raise Broken(otherwise)
