"""Prosody: one host and two components, accounts by in-band registration."""

from pathlib import Path

from .process import HOST, Process, free_port

MODULES = Path(__file__).parent / 'prosody-modules'

CONFIG = """
run_as_root = true
daemonize = false
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
log = {{ {{ levels = {{ min = "info" }}, to = "console" }} }}
modules_enabled = {{ "roster", "saslauth", "disco", "register", "ping", "legacyauth", "version" }}
modules_disabled = {{ "s2s" }}
http_ports = {{ {web_port} }}
https_ports = {{ }}
http_interfaces = {{ "{host}" }}
http_default_host = "upload.localhost"
http_external_url = "http://{host}:{web_port}/"
storage = "internal"
authentication = "internal_plain"
allow_registration = true
c2s_require_encryption = false
c2s_stanza_size_limit = 1048576
allow_unencrypted_plain_auth = true
interfaces = {{ "{host}" }}
c2s_interfaces = {{ "{host}" }}
c2s_ports = {{ {client_port} }}
component_interfaces = {{ "{host}" }}
component_ports = {{ {component_port} }}
plugin_paths = {{ "/usr/lib/prosody/modules"; "{modules}" }}
VirtualHost "localhost"
    modules_enabled = {{ "privilege", "pep", "carbons", "silence" }}
    privileged_entities = {{
        ["loop.localhost"] = {{ roster = "both"; iq = {{ ["http://jabber.org/protocol/pubsub"] = "both" }} }};
        ["email.localhost"] = {{ message = "outgoing" }};
    }}
"""

UPLOADS = """
Component "upload.localhost" "http_file_share"
    http_file_share_access = {{ "loop2.localhost" }}
"""

COMPONENT = """
Component "{domain}"
    component_secret = "{secret}"
    modules_enabled = {{ "privilege" }}
"""


class Prosody:
    name = 'prosody'

    def __init__(self, folder, domains, secret):
        self.client_port, self.component_port, web_port = free_port(), free_port(), free_port()
        file = folder / 'prosody.cfg.lua'
        config = CONFIG.format(
            folder=folder,
            host=HOST,
            client_port=self.client_port,
            component_port=self.component_port,
            web_port=web_port,
            modules=MODULES,
        )
        config += UPLOADS.format()
        config += ''.join(COMPONENT.format(domain=domain, secret=secret) for domain in domains)
        (folder / 'data').mkdir(parents=True)
        file.write_text(config)
        self.processes = [Process(self.name, ['prosody', '-F', '--config', file], folder)]

    async def start(self):
        [process] = self.processes
        await process.start()
        await process.until_listening(self.client_port)
        await process.until_listening(self.component_port)

    async def stop(self):
        await self.processes[0].stop()
