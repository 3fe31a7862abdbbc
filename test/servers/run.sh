#!/usr/bin/env bash
# The scenarios on real servers: Prosody, ejabberd and jabberd2, with InspIRCd, ngIRCd and ZNC, Dovecot and Exim, Kannel and
# gammu-smsd; and Prosody once more with a gateway on PostgreSQL (postgres).
#
#   test/servers/run.sh                       everything
#   test/servers/run.sh prosody inspircd      only these servers (any of these names, and mail, sms, postgres)
#   test/servers/run.sh --only kick           only scenarios whose sentence contains this; may be given again
#   test/servers/run.sh --list                the sentences
#
# Installs from Debian what is absent, which takes root. All servers run from a temporary folder on
# loopback and are ended at the end; after a failure the folder is kept and named.
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=(
  prosody prosody-modules ejabberd jabberd2 inspircd ngircd znc dovecot-imapd dovecot-lmtpd kannel kannel-extras gammu-smsd
  postgresql python3-slixmpp openssl
)

say() { printf '# %s\n' "$*"; }

fail() {
  printf 'test:servers: %s\n' "$*" >&2
  exit 1
}

# Small images of Debian leave all documents out, and jabberd2 keeps its database schema among them.
schema=/usr/share/doc/jabberd2/db-setup.sqlite.gz

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ] || return 1
  [ "$1" != jabberd2 ] || [ -e "$schema" ]
}

install_packages() {
  local missing=() package policy=/usr/sbin/policy-rc.d
  command -v dpkg-query >/dev/null || fail "needs Debian or Ubuntu, and there: ${packages[*]}"
  for package in "${packages[@]}"; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || fail "not root; please run: apt-get install --no-install-recommends ${missing[*]}"
  command -v apt-get >/dev/null || fail "no apt-get here to install: ${missing[*]}"
  say "installing ${missing[*]}"
  # The packages would start their services; only the tests' own may run.
  if [ ! -e "$policy" ]; then
    trap "rm -f $policy" EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq || fail "apt-get update failed: is this machine offline?"
  apt-get install -y -qq --no-install-recommends --reinstall \
    -o Dpkg::Options::="--path-include=$schema" "${missing[@]}" >/dev/null ||
    fail "apt-get could not install: ${missing[*]}"
  for package in "${missing[@]}"; do
    is_installed "$package" || fail "$package is still missing after apt-get"
  done
}

# Exim is only unpacked: installed, it would drive any other mail server out.
unpack_exim() {
  local folder=${XDG_CACHE_HOME:-/var/cache}/causeway-exim
  if [ ! -x "$folder/usr/sbin/exim4" ]; then
    say 'unpacking exim4-daemon-light'
    mkdir -p "$folder"
    (cd "$folder" && apt-get download -qq exim4-daemon-light >/dev/null && dpkg-deb -x exim4-daemon-light_*.deb .) ||
      fail 'could not fetch exim4-daemon-light'
    chmod -R a+rX "$folder"
  fi
  # Exim looks this user up before it reads its configuration.
  getent passwd Debian-exim >/dev/null ||
    useradd --system --no-create-home --shell /usr/sbin/nologin Debian-exim ||
    fail 'needs a system user named Debian-exim'
  export CAUSEWAY_EXIM=$folder/usr/sbin/exim4
}

install_packages
unpack_exim
say 'building'
npm run --silent build
[ -e dist/src/main.js ] || fail 'the build gave no dist/src/main.js'
# Not exec: the trap above has to run. -B: no __pycache__ in the checkout.
/usr/bin/python3 -B test/servers/main.py "$@"
