"""Descriptions of the stanzas that a test waits for: each can judge an element, and print itself."""

from slixmpp.xmlstream import tostring

CLIENT = '{jabber:client}'
MUC_USER = '{http://jabber.org/protocol/muc#user}'
STANZA_ERRORS = '{urn:ietf:params:xml:ns:xmpp-stanzas}'

ANY = object()


def text_of(element, name):
    child = element.find(CLIENT + name)
    return None if child is None else child.text or ''


def condition_of(element):
    """The defined condition of an error stanza, or None."""
    error = element.find(f'{CLIENT}error')
    conditions = [child.tag for child in error if child.tag.startswith(STANZA_ERRORS)] if error is not None else []
    conditions = [tag[len(STANZA_ERRORS) :] for tag in conditions]
    return next((name for name in conditions if name != 'text'), None)


def error_text(element):
    error = element.find(f'{CLIENT}error')
    return '' if error is None else error.findtext(f'{STANZA_ERRORS}text') or ''


def statuses(element):
    return {int(status.get('code')) for status in element.iter(f'{MUC_USER}status')}


def item_of(element):
    """The MUC item of a presence or message, or None."""
    return element.find(f'{MUC_USER}x/{MUC_USER}item')


def nick_of(element):
    return element.get('from', '').partition('/')[2]


def show(element):
    return tostring(element, xmlns='jabber:client')


class Stanza:
    """`name` is presence, message or iq; every other argument that is given has to agree."""

    def __init__(self, name, frm=ANY, type=ANY, error=ANY, **wanted):
        self.wanted = {'frm': frm, 'type': type, 'error': error, **wanted}
        self.wanted = {key: value for key, value in self.wanted.items() if value is not ANY}
        self.name = name

    def __call__(self, element):
        if element.tag != CLIENT + self.name:
            return False
        return all(CHECKS[key](element, value) for key, value in self.wanted.items())

    def __str__(self):
        return f'{self.name}({", ".join(f"{key}={value!r}" for key, value in self.wanted.items())})'


def has_item(attribute):
    def check(element, value):
        item = item_of(element)
        return item is not None and item.get(attribute) == value

    return check


def has_actor(element, nick):
    item = item_of(element)
    actor = None if item is None else item.find(f'{MUC_USER}actor')
    return actor is not None and actor.get('nick') == nick


def is_from(element, wanted):
    """One address or a list of them; the server may have prepared the local part's case."""
    wanted = [wanted] if isinstance(wanted, str) else wanted
    return element.get('from') in wanted


CHECKS = {
    'frm': is_from,
    'type': lambda element, value: element.get('type') == value,
    'id': lambda element, value: element.get('id') == value,
    'error': lambda element, value: element.get('type') == 'error' and (value is True or condition_of(element) == value),
    'status': lambda element, value: set(value) <= statuses(element),
    'without_status': lambda element, value: not set(value) & statuses(element),
    'role': has_item('role'),
    'affiliation': has_item('affiliation'),
    'nick': has_item('nick'),
    'actor': has_actor,
    'body': lambda element, value: text_of(element, 'body') == value,
    'body_has': lambda element, value: value in (text_of(element, 'body') or ''),
    'subject': lambda element, value: text_of(element, 'subject') == value,
    'text': lambda element, value: value in (text_of(element, 'status') or ''),
    'child': lambda element, value: element.find(value) is not None,
}


def presence(frm=ANY, type=None, **wanted):
    """Available presence unless a type is given."""
    return Stanza('presence', frm, type, **wanted)


def message(frm=ANY, type=ANY, **wanted):
    return Stanza('message', frm, type, **wanted)


def subject(frm=ANY, text=ANY):
    """A room's subject: a subject and no body (XEP-0045 §7.2.15)."""
    stanza = Stanza('message', frm, 'groupchat', subject=text)
    if text is ANY:
        stanza.wanted['child'] = f'{CLIENT}subject'
    stanza.wanted['body'] = None
    return stanza


def one_of(*choices):
    class Choice:
        def __call__(self, element):
            return any(choice(element) for choice in choices)

        def __str__(self):
            return ' or '.join(str(choice) for choice in choices)

    return Choice()
