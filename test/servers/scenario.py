"""The register of scenarios: `@scenario('a full sentence')` above an async function of one Case."""

from dataclasses import dataclass
from typing import Callable

EACH = ('inspircd', 'ngircd')
INSPIRCD = ('inspircd',)
NGIRCD = ('ngircd',)
SCENARIOS = []


@dataclass(frozen=True)
class Scenario:
    sentence: str
    ircds: tuple
    run: Callable
    timeout: float


def scenario(sentence, ircds=EACH, timeout=60):
    """`ircds`: the IRC servers on which it says something new."""

    def enter(run):
        SCENARIOS.append(Scenario(sentence, ircds, run, timeout))
        return run

    return enter


class Broken(AssertionError):
    """An expectation about something already at hand."""


def check(holds, otherwise):
    if not holds:
        raise Broken(otherwise)
