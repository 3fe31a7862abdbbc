"""How a scenario gets people into a room."""

import asyncio

from matching import subject


async def enter(user, room, nick=None, timeout=15):
    """Joins, and gives everything that came up to the subject, in order."""
    user.enter(room, nick or user.nick)
    return await user.take_through(subject(), timeout)


async def together(case, *peers):
    """A user in the room with peers who were there before, the first of them as its operator."""
    user, *peers = await asyncio.gather(
        case.user('alice'), *(case.peer(name) for name in peers or ('bob',))
    )
    for peer in peers:
        await peer.join(case.channel)
    await enter(user, case.room)
    return user, *peers
