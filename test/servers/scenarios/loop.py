"""How a scenario gets users onto the loopback network."""

from loopback import LOOP
from matching import presence
from scenarios.register import form


async def sign_up(user, domain=LOOP, nick=None):
    """Registers, lets the gateway see presence, and is on the network then."""
    await user.ask_well('set', domain, form(**{'nick': nick or user.nick, 'shoe-size': '38'}))
    await user.expect(presence(domain, 'subscribe'))
    user.say(f"<presence to='{domain}' type='subscribed'/>")
    user.say(f"<presence to='{domain}' type='subscribe'/>")
    await user.expect(presence(domain, 'subscribed'))


async def signed_up(case, name='alice', domain=LOOP):
    """A new user who is on the network, under her own name."""
    loopback = await case.loopback()
    user = await case.user(name)
    await sign_up(user, domain)
    await loopback.called(user.nick, 'run')
    await user.expect(presence(domain))
    return user


async def settled(user, domain=LOOP):
    """The gateway has dealt with all that the user has said, and what came of it has arrived."""
    await user.ask('get', domain, "<query xmlns='jabber:iq:register'/>")


def presences(user, jid):
    """The types of all presence that came from an address or its resources; it is taken."""
    def is_of(element):
        return element.tag.endswith('}presence') and (element.get('from') or '').partition('/')[0] == jid

    found = user.kept(is_of)
    user.inbox = [element for element in user.inbox if not is_of(element)]
    return [element.get('type') or 'available' for element in found]
