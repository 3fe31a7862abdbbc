"""A provider's authorization server (RFC 6749), whose access tokens Dovecot and Exim take."""

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from .dovecot import TOKEN_KEY
from .process import HOST, free_port

CLIENT_ID, CLIENT_SECRET = 'causeway', 'client-secret'
# Barely longer than the time before its end at which a token is fetched anew.
LIFE_SECONDS = 62


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


class AuthorizationServer:
    name = 'authorization server'
    # It has no process of its own.
    processes = ()

    def __init__(self, issued):
        self.port = free_port()
        self.issued = issued
        self.serial = itertools.count(1)
        self.codes = {}
        self.refresh_tokens = {}
        self.refreshed = []
        self.server = None

    def options(self):
        return {
            'clientId': CLIENT_ID,
            'clientSecret': CLIENT_SECRET,
            'authorizeUrl': f'http://{HOST}:{self.port}/authorize',
            'tokenUrl': f'http://{HOST}:{self.port}/token',
            'scope': 'mail',
        }

    def consent(self, link, address):
        """What the page of the provider does when the user says yes: the address to send her back to."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
        assert query['client_id'] == CLIENT_ID and query['response_type'] == 'code', query
        code = f'code{next(self.serial)}'
        self.codes[code] = (address, query['code_challenge'], query['redirect_uri'])
        return f'{query["redirect_uri"]}?code={code}&state={query["state"]}'

    def revoke(self, address):
        self.refresh_tokens = {token: owner for token, owner in self.refresh_tokens.items() if owner != address}

    def answer(self, form):
        """RFC 6749 §4.1.3, §6; RFC 7636 §4.6."""
        if (form.get('client_id'), form.get('client_secret')) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {'error': 'invalid_client'}
        if form.get('grant_type') == 'authorization_code':
            address, challenge, redirect = self.codes.pop(form.get('code'), (None, None, None))
            verifier = form.get('code_verifier', '').encode()
            is_same = encoded(hashlib.sha256(verifier).digest()) == challenge and form.get('redirect_uri') == redirect
            if not is_same:
                return 400, {'error': 'invalid_grant'}
            refresh = f'refresh{next(self.serial)}'
            self.refresh_tokens[refresh] = address
            return 200, {**self.access(address), 'refresh_token': refresh}
        address = self.refresh_tokens.get(form.get('refresh_token'))
        if form.get('grant_type') != 'refresh_token' or address is None:
            return 400, {'error': 'invalid_grant'}
        self.refreshed.append(address)
        return 200, self.access(address)

    def access(self, address):
        now = int(time.time())
        claims = {'sub': address, 'email': address, 'iat': now, 'exp': now + LIFE_SECONDS, 'jti': next(self.serial)}
        parts = [encoded(json.dumps(part).encode()) for part in ({'alg': 'HS256', 'typ': 'JWT'}, claims)]
        text = '.'.join(parts)
        token = f'{text}.{encoded(hmac.digest(TOKEN_KEY, text.encode(), "sha256"))}'
        self.issued(token, address)
        return {'access_token': token, 'token_type': 'Bearer', 'expires_in': LIFE_SECONDS}

    async def start(self):
        answer = self.answer

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length'])).decode()
                status, said = answer({name: values[0] for name, values in parse_qs(body).items()})
                content = json.dumps(said).encode()
                self.send_response(status)
                self.send_header('Content-Type', 'application/json')
                self.send_header('Content-Length', str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer((HOST, self.port), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()

    async def stop(self):
        if self.server is not None:
            await asyncio.to_thread(self.server.shutdown)
            self.server.server_close()
