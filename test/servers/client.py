"""A Jabber user's client: slixmpp, with every stanza kept in order until a test takes it."""

import asyncio
import itertools
import logging
from xml.sax.saxutils import escape, quoteattr

logging.getLogger('slixmpp').setLevel(logging.CRITICAL)  # it warns while it is being imported
import slixmpp

from daemons.process import HOST, Failure
from matching import CLIENT, MUC_USER, Stanza, nick_of, show, statuses

MUC = 'http://jabber.org/protocol/muc'
SERIAL = itertools.count(1)


async def register(port, user, password):
    """Makes an account on the server, in-band, before any log-in (XEP-0077 §3.1).

    jabberd2 makes the account and then ends the stream with an internal error, or hangs up, when the number of the connection
    has just been that of another, which a late answer was for. Asked again, it says that the account is there.
    """
    for turn in range(5):
        seen = await ask_for_account(port, user, password)
        is_made = b"'result'" in seen or b'"result"' in seen or (turn > 0 and b'<conflict' in seen)
        if is_made:
            return
        if b'<iq' in seen and b'internal-server-error' not in seen:
            break
        await asyncio.sleep(0.2)
    raise Failure(f'the server gave no account to {user}: {seen.decode(errors="replace")}')


async def ask_for_account(port, user, password):
    """What the server says to it."""
    reader, writer = await asyncio.open_connection(HOST, port)
    header = "<stream:stream to='localhost' xmlns='jabber:client' version='1.0' xmlns:stream='http://etherx.jabber.org/streams'>"
    writer.write(header.encode())
    writer.write(
        f"<iq type='set' id='reg' to='localhost'><query xmlns='jabber:iq:register'><username>{user}</username>"
        f'<password>{password}</password></query></iq>'.encode()
    )
    seen = b''
    try:
        while b'reg' not in seen.replace(b'register', b'') or b'<iq' not in seen:
            data = await asyncio.wait_for(reader.read(4096), 10)
            if not data:
                break
            seen += data
    except (asyncio.TimeoutError, ConnectionResetError):
        pass
    finally:
        writer.close()
    return seen


class Client(slixmpp.ClientXMPP):
    def __init__(self, user, password, port, resource='desk'):
        super().__init__(f'{user}@localhost/{resource}', password, sasl_mech='PLAIN')
        self.port = port
        self.bare = f'{user}@localhost'
        self.full = f'{user}@localhost/{resource}'
        self.inbox = []
        # The same, with what was taken.
        self.everything = []
        self.transcript = []
        self.arrived = asyncio.Condition()
        self.auto_authorize = None
        self.auto_subscribe = False
        self.roster.auto_authorize = None
        self.roster.auto_subscribe = False
        self['feature_mechanisms'].unencrypted_plain = True
        self.add_filter('in', self.keep)
        self.occupants_by_room = {}

    # --- life

    async def log_in(self, timeout=15):
        started = None

        def settle(answer):
            if not started.done():
                started.set_result(answer)

        self.add_event_handler('session_start', lambda _: settle('in'))
        self.add_event_handler('failed_auth', lambda _: settle('refused'))
        # jabberd2 hangs up now and then on somebody who comes again at once, before a word is said.
        self.add_event_handler('disconnected', lambda _: settle('again'))
        answer = 'again'
        while answer == 'again':
            started = self.loop.create_future()
            self.connect((HOST, self.port), disable_starttls=True, force_starttls=False)
            try:
                answer = await asyncio.wait_for(started, timeout)
            except asyncio.TimeoutError:
                raise Failure(f'waited {timeout} s for {self.bare} to log in') from None
            if answer == 'again':
                timeout -= 1
                await asyncio.sleep(0.3)
        if answer == 'refused':
            raise Failure(f'the server refused the log-in of {self.bare}')
        await self.ask('get', None, "<query xmlns='jabber:iq:roster'/>")
        self.say('<presence/>')
        return self

    async def log_out(self):
        if self.transport is None:
            return
        gone = self.loop.create_future()
        self.add_event_handler('disconnected', lambda _: gone.done() or gone.set_result(None))
        self.send_raw("<presence type='unavailable'/></stream:stream>")
        try:
            await asyncio.wait_for(gone, 1)
        except asyncio.TimeoutError:
            self.abort()

    # --- what comes in

    def keep(self, stanza):
        element = stanza.xml
        if element.tag in (f'{CLIENT}message', f'{CLIENT}presence', f'{CLIENT}iq'):
            self.transcript.append(f'<-- {show(element)}')
            self.inbox.append(element)
            self.everything.append(element)
            self.follow_occupants(element)
            asyncio.ensure_future(self.tell())
        return stanza

    async def tell(self):
        async with self.arrived:
            self.arrived.notify_all()

    def follow_occupants(self, element):
        """What a client would show as the list of people in a room."""
        if element.tag != f'{CLIENT}presence' or element.find(f'{MUC_USER}x') is None:
            return
        room = element.get('from').partition('/')[0]
        people = self.occupants_by_room.setdefault(room, set())
        if element.get('type') is None:
            people.add(nick_of(element))
        elif element.get('type') == 'unavailable':
            people.discard(nick_of(element))
            if 110 in statuses(element) and 303 not in statuses(element):
                people.clear()

    def occupants(self, room):
        return self.occupants_by_room.get(room, set())

    async def expect(self, wanted, timeout=10):
        """Takes the first kept stanza that is wanted out of the inbox; waits for it if need be."""
        taken = await self.take_through(wanted, timeout, keep_others=True)
        return taken[-1]

    async def take_through(self, wanted, timeout=10, keep_others=False):
        """Takes everything up to and with the first wanted stanza, in order."""

        def find():
            return next((place for place, element in enumerate(self.inbox) if wanted(element)), None)

        async def look():
            async with self.arrived:
                await self.arrived.wait_for(lambda: find() is not None)

        try:
            await asyncio.wait_for(look(), timeout)
        except asyncio.TimeoutError:
            raise Failure(f'{self.bare} waited {timeout:g} s for {wanted}') from None
        place = find()
        if keep_others:
            return [self.inbox.pop(place)]
        taken, self.inbox = self.inbox[: place + 1], self.inbox[place + 1 :]
        return taken

    def kept(self, wanted):
        """All kept stanzas that are wanted; they stay."""
        return [element for element in self.inbox if wanted(element)]

    # --- what goes out

    def say(self, xml):
        self.transcript.append(f'--> {xml}')
        self.send_raw(xml)

    async def ask(self, type, to, payload='', timeout=10):
        """Sends an IQ; gives the answer, be it a result or an error."""
        number = f'ask{next(SERIAL)}'
        address = f' to={quoteattr(to)}' if to else ''
        self.say(f"<iq type='{type}' id='{number}'{address}>{payload}</iq>")
        return await self.expect(
            Stanza('iq', id=number, frm=[to] if to else [None, self.bare, self.full]), timeout
        )

    async def ask_well(self, type, to, payload='', timeout=10):
        """The payload of a result; an error is a failure."""
        answer = await self.ask(type, to, payload, timeout)
        if answer.get('type') != 'result':
            raise Failure(f'{to} refused {payload}: {show(answer)}')
        return next(iter(answer), None)

    async def ping(self, to, timeout=10):
        return await self.ask('get', to, "<ping xmlns='urn:xmpp:ping'/>", timeout)

    def send_message_to(self, to, body, type='chat', number=None):
        number = number or f'm{next(SERIAL)}'
        self.say(f"<message to={quoteattr(to)} type='{type}' id='{number}'><body>{escape(body)}</body></message>")
        return number

    def set_subject(self, room, text):
        self.say(f"<message to={quoteattr(room)} type='groupchat' id='s{next(SERIAL)}'><subject>{escape(text)}</subject></message>")

    def enter(self, room, nick, password=None):
        key = f'<password>{escape(password)}</password>' if password else ''
        self.say(f"<presence to={quoteattr(f'{room}/{nick}')}><x xmlns='{MUC}'>{key}</x></presence>")

    def leave(self, room, nick, why=''):
        status = f'<status>{escape(why)}</status>' if why else ''
        self.say(f"<presence to={quoteattr(f'{room}/{nick}')} type='unavailable'>{status}</presence>")

    def rename(self, room, nick):
        self.say(f'<presence to={quoteattr(f"{room}/{nick}")}/>')
