"""The scenarios, one file for each subject; the order is the order in which they run."""

import importlib

SUBJECTS = (
    'attach',
    'register',
    'dialogues',
    'rooms',
    'people',
    'online',
    'messages',
    'history',
    'bouncer',
    'conformance',
    'connections',
    'logging_in',
    'registering',
    'contacts',
    'chats',
    'addresses',
    'component',
    'roster',
    'bookmarks',
    'mail',
    'mail_services',
    'mail_names',
    'mail_crashes',
    'resilience',
    'texts',
    'twilio',
    'command_line',
    'postgres',
)


def load():
    for subject in SUBJECTS:
        importlib.import_module(f'{__name__}.{subject}')
