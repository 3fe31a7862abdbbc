"""ejabberd: one listener for both components, each connection for its own."""

import glob
import json

from .process import HOST, Failure, Process, free_port


def settings(ports, uploads, domains, secret):
    """The configuration; JSON is YAML too. `uploads`: where files are put."""
    client_port, component_port, web_port = ports
    return {
        'hosts': ['localhost'],
        'loglevel': 'info',
        'auth_method': 'internal',
        'auth_password_format': 'plain',
        'registration_timeout': 'infinity',
        'acl': {'privileged': {'server': 'loop.localhost'}, 'writer': {'server': 'email.localhost'}},
        'access_rules': {'privileged': [{'allow': 'privileged'}], 'writer': [{'allow': 'writer'}]},
        'listen': [
            {'port': client_port, 'ip': HOST, 'module': 'ejabberd_c2s'},
            {
                'port': component_port,
                'ip': HOST,
                'module': 'ejabberd_service',
                # Else every connection gets the traffic of all domains, in turns, and order is lost.
                'global_routes': False,
                'hosts': {domain: {'password': secret} for domain in domains},
            },
            {
                'port': web_port,
                'ip': HOST,
                'module': 'ejabberd_http',
                'request_handlers': {'/upload': 'mod_http_upload'},
            },
        ],
        'modules': {
            'mod_disco': {},
            'mod_http_upload': {
                'access': 'all',
                'docroot': str(uploads),
                'put_url': f'http://{HOST}:{web_port}/upload',
            },
            'mod_legacy_auth': {},
            'mod_ping': {},
            'mod_carboncopy': {},
            'mod_privilege': {'roster': {'both': 'privileged'}, 'message': {'outgoing': 'writer'}},
            'mod_register': {'ip_access': 'all', 'access': 'all', 'password_strength': 0},
            'mod_roster': {},
            'mod_version': {},
        },
    }


class Ejabberd:
    name = 'ejabberd'

    def __init__(self, folder, domains, secret):
        ports = self.client_port, self.component_port, _ = free_port(), free_port(), free_port()
        file = folder / 'ejabberd.yml'
        spool = folder / 'spool'
        spool.mkdir(parents=True)
        file.write_text(
            json.dumps(settings(ports, folder / 'uploads', domains, secret), indent=1)
        )
        libraries = [path for path in glob.glob('/usr/lib/*/ejabberd-*/ebin') if glob.glob(f'{path}/*.beam')]
        if not libraries:
            raise Failure('ejabberd is installed nowhere under /usr/lib')
        # Without -sname there is no distribution: no epmd is started, and several may run at once.
        argv = ['erl', '-noinput', '+sbwt', 'none', '-mnesia', 'dir', f'"{spool}"']
        argv += ['-pa', *libraries, '-s', 'ejabberd']
        env = {
            'HOME': str(folder),
            'EJABBERD_CONFIG_PATH': str(file),
            'EJABBERD_LOG_PATH': str(folder / 'ejabberd-own.log'),
            'SPOOL_DIR': str(spool),
        }
        self.processes = [Process(self.name, argv, folder, env)]

    async def start(self):
        [process] = self.processes
        await process.start()
        await process.until_listening(self.client_port)
        await process.until_listening(self.component_port)

    async def stop(self):
        await self.processes[0].stop()
