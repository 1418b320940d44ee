#!/usr/bin/env bash
# Makes a bare Debian or Ubuntu a Gatepost server, or brings one to the version of this checkout: see README.md here.
# Run again, it changes only what is not yet as it should be. Secrets are made once, and kept.
set -euo pipefail
umask 022

SOURCE=$(cd "$(dirname "$0")/../.." && pwd)
ETC=/etc/gatepost
OPT=/opt/gatepost
SETTINGS=$ETC/gatepost.env
UNIT=/etc/systemd/system/gatepost@.service
# What ran before: there from the first change until all is ready.
FORMER=$ETC/former
NODE_MAJOR=24
DRY_RUN='' NO_START='' NO_TLS='' ROLLBACK='' EMAIL='' APPS='' EXAMPLES_GIVEN='' RELEASE='' INTERRUPTED=''
GIVEN_SMTP_URL=${SMTP_URL:-}
DOMAINS=()
CHANGED=()
# Programs get to know no setting, only the way out of the network.
for name in $(compgen -e); do
  case $name in PATH | HOME | LANG | TERM | *_proxy | *_PROXY | npm_config_* | NODE_EXTRA_CA_CERTS) ;; *) export -n "$name" ;; esac
done

usage() {
  cat <<'TEXT'
usage: SMTP_URL=smtp://user:password@host:587 setup-server.sh --domain NAME --email ADDRESS --apps FILE
  --domain NAME      the public name; again for more. The first one is PUBLIC_URL
  --email ADDRESS    whom the certificate authority tells that a certificate expires
  --apps FILE        your apps, as services/auth/apps.example.json
  --examples LIST    social-battery: runs that service too
  --no-tls           no certbot: put fullchain.pem and privkey.pem into /etc/gatepost/tls yourself
  --no-start         where there is no init, in a chroot or an image: installs all, and starts PostgreSQL alone
  --dry-run          says what it would do, and changes nothing
  --rollback         goes back to the release before, and ends
All but the last three are needed once: they are kept in /etc/gatepost.
For certbot after all, remove NO_TLS from gatepost.env there, and your own files from tls.
TEXT
}

fail() { printf 'setup-server.sh: %s\n' "$1" >&2; exit 1; }
say() { printf '%s\n' "$1"; }
run() {
  if [ "$DRY_RUN" ]; then printf 'would run:'; printf ' %q' "$@"; printf '\n'; else "$@"; fi
}
systemd() { if [ "$NO_START" ]; then say "left out: systemctl $*"; else run systemctl "$@"; fi; }
as_gatepost() { setpriv --reuid gatepost --regid gatepost --init-groups env HOME=/var/cache/gatepost "$@"; }

# Writes standard input to $1 with mode $2 and group $3, unless that is what it has; notes a change.
write() {
  local content
  content=$(cat; printf x); content=${content%x}
  if [ -f "$1" ] && [ "$(cat "$1"; printf x)" = "${content}x" ]; then return; fi
  CHANGED+=("$1")
  if [ "$DRY_RUN" ]; then say "would write: $1"; return; fi
  local aside; aside=$(mktemp "$1.XXXXXX")
  chmod "$2" "$aside"; chgrp "$3" "$aside"
  printf '%s' "$content" >"$aside"
  mv "$aside" "$1"
  say "wrote $1"
}

parse() {
  while [ $# -gt 0 ]; do
    case $1 in
      --domain) DOMAINS+=("${2:?}"); shift ;;
      --email) EMAIL=${2:?}; shift ;;
      --apps) APPS=${2:?}; shift ;;
      --examples) EXAMPLES_GIVEN=${2?}; shift ;;
      --no-tls) NO_TLS=1 ;;
      --no-start) NO_START=1 ;;
      --dry-run) DRY_RUN=1 ;;
      --rollback) ROLLBACK=1 ;;
      -h | --help) usage; exit ;;
      *) usage >&2; fail "unknown: $1" ;;
    esac
    shift
  done
}

# Everything that could be refused, before anything is changed.
check() {
  [ "$(id -u)" = 0 ] || fail "must run as root"
  grep -qE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release || fail "needs Debian or Ubuntu"
  if [ -z "$NO_START" ] && [ -z "$DRY_RUN" ] && [ ! -d /run/systemd/system ]; then
    fail "systemd does not run here: --no-start installs without starting"
  fi
  read_settings
  if [ "$ROLLBACK" ]; then return; fi
  SMTP_URL=${GIVEN_SMTP_URL:-${SMTP_URL:-}}
  [ ${#DOMAINS[@]} -gt 0 ] || read -ra DOMAINS <<<"${PUBLIC_DOMAINS:-}"
  [ ${#DOMAINS[@]} -gt 0 ] || { usage >&2; fail "--domain is needed"; }
  local domain label='[a-z0-9]([a-z0-9-]*[a-z0-9])?'
  for domain in "${DOMAINS[@]}"; do
    [[ $domain =~ ^$label(\.$label)*$ ]] || fail "not a domain: $domain"
  done
  EMAIL=${EMAIL:-${CERTIFICATE_EMAIL:-}}
  [ "$NO_TLS" ] || [ "$EMAIL" ] || fail "--email is needed, or --no-tls"
  [ -z "$APPS" ] || [ -f "$APPS" ] || fail "$APPS can't be read"
  [ -z "$APPS" ] || APPS=$(realpath "$APPS")
  [ "$APPS" ] || [ -r "$ETC/apps.json" ] || fail "--apps is needed, the first time"
  [ "${SMTP_URL:-}" ] || fail "SMTP_URL is needed, as smtp://apikey:SG.…@smtp.sendgrid.net:587"
  case "$SMTP_URL$EMAIL$EXAMPLES_GIVEN" in *[\'$'\n']*) fail "no quotes in settings: write %27 in a URL" ;; esac
}

# As the shell reads them, which takes & and the like without quotes for its own.
read_settings() {
  [ -f "$SETTINGS" ] || return 0
  local value="'[^']*'|\"[^\"'\$\`\\]*\"|[[:alnum:]_@%:/.,+=?-]*" odd
  odd=$(grep -nvE "^[[:blank:]]*(#.*)?$|^[[:alpha:]_][[:alnum:]_]*=($value)[[:blank:]]*$" "$SETTINGS" | cut -d : -f 1 | tr '\n' ' ') || true
  [ -z "$odd" ] || fail "$SETTINGS must have NAME='value' in line $odd"
  # shellcheck disable=SC1090
  . "$SETTINGS"
}

new_enough() {
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}

install_packages() {
  local wanted=(ca-certificates curl nginx openssl) missing=() name
  [ "$NO_TLS" ] || wanted+=(certbot)
  if is_local_database; then wanted+=(postgresql); fi
  for name in "${wanted[@]}"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  export DEBIAN_FRONTEND=noninteractive
  if [ ${#missing[@]} -gt 0 ]; then
    run apt-get update -q
    run apt-get install -y -q --no-install-recommends "${missing[@]}"
  fi
  if new_enough; then return; fi
  # Debian 13 has one that is new enough; for the others, NodeSource's.
  local offered; offered=$(apt-cache policy nodejs | sed -n 's/^ *Candidate: //p')
  if ! dpkg --compare-versions "${offered/(none)/0}" ge 20.19; then
    run curl -fsSL https://deb.nodesource.com/gpgkey/nodesource-repo.gpg.key -o /usr/share/keyrings/nodesource.asc
    write /etc/apt/sources.list.d/nodesource.list 644 root <<<"deb [signed-by=/usr/share/keyrings/nodesource.asc] https://deb.nodesource.com/node_$NODE_MAJOR.x nodistro main"
    run apt-get update -q
    run apt-get install -y -q nodejs
  else
    run apt-get install -y -q --no-install-recommends nodejs npm
  fi
  [ "$DRY_RUN" ] || new_enough || fail "Node 20.19 or newer could not be installed"
}

is_local_database() { [[ ${MIGRATION_DATABASE_URL:-@127.0.0.1/} == *@127.0.0.1[:/]* ]]; }

make_user() {
  id -u gatepost >/dev/null 2>&1 ||
    run useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin gatepost
  local group=gatepost
  getent group gatepost >/dev/null || group=root
  run install -d -m 755 "$OPT" "$OPT/releases" /var/www/gatepost
  run install -d -m 750 -g "$group" "$ETC"
  run install -d -m 700 "$ETC/tls"
  run install -d -m 700 -o "$group" -g "$group" /var/cache/gatepost
}

# Copies to $1 what decides how the services run.
copy_state() {
  local file
  rm -rf "$1.partial"
  install -d -m 700 "$1.partial"
  for file in "$ETC"/*.env "$ETC/apps.json" "$UNIT" "$OPT/current" "$OPT/previous"; do
    case $file in *.local.env) continue ;; esac
    [ ! -e "$file" ] || cp -a "$file" "$1.partial"
  done
  rm -rf "$1"
  mv "$1.partial" "$1"
}

# A run that ended before all was ready leaves what ran before it, and the next one restarts the services.
remember() {
  if [ -d "$FORMER" ]; then INTERRUPTED=1; elif [ -z "$DRY_RUN" ]; then copy_state "$FORMER"; fi
}

# Without the link there is nothing to go back to, however far the removal gets.
forget() { rm -f "$FORMER/current"; rm -rf "$FORMER"; }

# Sets $1 to $2 for good, where it has no value yet.
keep() {
  if grep -q "^$1=" "$SETTINGS" 2>/dev/null; then return; fi
  set_to "$1" "${!1:-$2}"
}

# Sets $1 to $2, whatever it was.
set_to() {
  local others line="$1='$2'"
  printf -v "$1" %s "$2"
  if [ "$(grep "^$1=" "$SETTINGS" 2>/dev/null)" = "$line" ]; then return; fi
  if [ "$DRY_RUN" ]; then say "would set $1 in $SETTINGS"; return; fi
  others=$(grep -v "^$1=" "$SETTINGS" || true)
  (umask 077; printf '%s\n' ${others:+"$others"} "$line" >"$SETTINGS.new")
  mv "$SETTINGS.new" "$SETTINGS"
}

make_settings() {
  local port=5432 name part
  if [ ! -f "$SETTINGS" ] && [ -z "$DRY_RUN" ]; then (umask 077; : >"$SETTINGS"); fi
  if [ "$APPS" ]; then write "$ETC/apps.json" 640 gatepost <"$APPS"; fi
  set_to PUBLIC_DOMAINS "${DOMAINS[*]}"
  set_to PUBLIC_URL "https://${DOMAINS[0]}"
  set_to CERTIFICATE_EMAIL "$EMAIL"
  set_to SMTP_URL "$SMTP_URL"
  [ -z "$EXAMPLES_GIVEN" ] || set_to EXAMPLES "$EXAMPLES_GIVEN"
  [ -z "$NO_TLS" ] || set_to NO_TLS "$NO_TLS"
  for name in POSTGRES_OWNER_PASSWORD POSTGRES_AUTH_PASSWORD POSTGRES_NOTIFICATIONS_PASSWORD POSTGRES_MAIL_PASSWORD \
    POSTGRES_SOCIAL_BATTERY_PASSWORD KEY_ENCRYPTION_SECRET REFRESH_TOKEN_SECRET MAIL_ENCRYPTION_SECRET \
    COOKIE_SECRET AUTH_IDEMPOTENCY_SECRET NOTIFICATIONS_IDEMPOTENCY_SECRET SERVICE_CLIENT_SECRET; do
    keep "$name" "$(od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n')"
  done
  # A number of 32 bytes (RFC 8292).
  keep VAPID_PRIVATE_KEY "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n')"
  if command -v pg_lsclusters >/dev/null; then port=$(pg_lsclusters -h | awk '$2 == "main" { print $3; exit }'); fi
  keep MIGRATION_DATABASE_URL "postgres://gatepost_owner:$POSTGRES_OWNER_PASSWORD@127.0.0.1:${port:-5432}/gatepost"
  for part in AUTH NOTIFICATIONS MAIL SOCIAL_BATTERY; do
    name=POSTGRES_${part}_PASSWORD
    keep "${part}_DATABASE_URL" "postgres://gatepost_${part,,}:${!name}@127.0.0.1:${port:-5432}/gatepost"
  done
}

# Standard output: what one of the services gets, and nothing else.
environment_of() {
  local name common=(NODE_ENV=production HOST=127.0.0.1 "PUBLIC_URL=$PUBLIC_URL" JWKS_URL=http://127.0.0.1:8001/.well-known/jwks.json)
  local api=(TRUSTED_PROXY_HOPS=1)
  case $1 in
    auth) set -- "${common[@]}" "${api[@]}" PORT=8001 METRICS_PORT=9101 AUTH_ADMIN_PORT=8004 AUTH_ADMIN_HOST=127.0.0.1 "APPS_FILE=$ETC/apps.json" \
      "DEFAULT_APP=${DEFAULT_APP:-$(first_app)}" "DATABASE_URL=$AUTH_DATABASE_URL" \
      NOTIFICATIONS_URL=http://127.0.0.1:8002 \
      "IDEMPOTENCY_SECRET=$AUTH_IDEMPOTENCY_SECRET" KEY_ENCRYPTION_SECRET REFRESH_TOKEN_SECRET \
      MAIL_ENCRYPTION_SECRET COOKIE_SECRET SERVICE_CLIENT_SECRET REDIS_URL ;;
    notifications) set -- "${common[@]}" "${api[@]}" PORT=8002 METRICS_PORT=9102 "CORS_ORIGINS=$(origins)" \
      "DATABASE_URL=$NOTIFICATIONS_DATABASE_URL" "IDEMPOTENCY_SECRET=$NOTIFICATIONS_IDEMPOTENCY_SECRET" \
      MAIL_ENCRYPTION_SECRET SERVICE_CLIENT_SECRET VAPID_PRIVATE_KEY ;;
    mail-worker) set -- "${common[@]}" METRICS_PORT=9103 "DATABASE_URL=$MAIL_DATABASE_URL" SMTP_URL \
      MAIL_ENCRYPTION_SECRET REDIS_URL ;;
    social-battery) set -- "${common[@]}" PORT=8003 METRICS_PORT=9104 "CORS_ORIGINS=$(origins)" \
      "DATABASE_URL=$SOCIAL_BATTERY_DATABASE_URL" SERVICE_CLIENT_SECRET ;;
    migrate) set -- MIGRATION_DATABASE_URL REDIS_URL EXAMPLES ;;
  esac
  say "# Made by setup-server.sh from gatepost.env at each run; settings of your own: <service>.local.env."
  for name; do
    if [[ $name == *=* ]]; then printf "%s='%s'\n" "${name%%=*}" "${name#*=}"
    elif [ "${!name:-}" ]; then printf "%s='%s'\n" "$name" "${!name}"; fi
  done
}

first_app() { apps 'apps[0].client_id'; }
origins() { apps '[...new Set(apps.flatMap((app) => app.allowed_origins ?? []))].join()'; }
apps() {
  # A bare machine has no Node yet, and a dry run installs none.
  if [ "$DRY_RUN" ] && ! command -v node >/dev/null; then return; fi
  local file=$ETC/apps.json
  node -p "const apps = JSON.parse(require('fs').readFileSync(process.argv[1])); $1" "${APPS:-$file}"
}
judge_apps() {
  local verdict
  verdict=$(apps 'Array.isArray(apps) && apps[0] && apps.every((app) => app?.client_id) ? "" : "no list of apps with a client_id each"' 2>&1) ||
    verdict=$(grep -m 1 '^[A-Za-z]*Error' <<<"$verdict")
  [ -z "$verdict" ] || fail "${APPS:-$ETC/apps.json}: $verdict"
}

services() {
  say auth; say notifications; say mail-worker
  case ",${EXAMPLES:-}," in *,social-battery,*) say social-battery ;; esac
}

make_database() {
  if ! is_local_database; then return; fi
  if [ "$DRY_RUN" ]; then say "would make: PostgreSQL's database gatepost and its roles, where missing"; return; fi
  if [ "$NO_START" ]; then
    pg_lsclusters -h | awk '$2 == "main" && $4 != "online" { print $1 }' | while read -r version; do
      pg_ctlcluster "$version" main start
    done
  else
    systemctl enable --now -q postgresql
  fi
  local psql=(setpriv --reuid postgres --regid postgres --init-groups psql -X -q -v ON_ERROR_STOP=1 -At)
  cd /
  [ "$("${psql[@]}" -c "select 1 from pg_database where datname = 'gatepost'")" ] ||
    "${psql[@]}" -c "create database gatepost encoding 'UTF8' template template0"
  [ "$("${psql[@]}" -c "select 1 from pg_roles where rolname = 'gatepost_owner'")" ] ||
    (export POSTGRES_{OWNER,AUTH,NOTIFICATIONS,MAIL,SOCIAL_BATTERY}_PASSWORD; "${psql[@]}" -1 -d gatepost <"$SOURCE/infra/docker/roles.sql")
}

# What a release is built from, each file ended by a zero: what git knows, asked as who owns the clone. Without git, no hidden
# files, and nothing that looks like what an operator keeps beside them.
sources() {
  if [ -e .git ] && command -v git >/dev/null; then
    setpriv --reuid "$(stat -c %u .git)" --regid "$(stat -c %g .git)" --clear-groups env -u HOME git ls-files -z
  else
    find . \( -name '.?*' ! -name .npmrc -o -name node_modules -o -name dist -o -name dist-test -o -path ./site \) -prune -o \
      -type f ! -name apps.json ! -name '*.pem' ! -name '*.key' ! -name '*.env' ! -name '*.dump' ! -name '*.tsbuildinfo' -print0 | sort -z
  fi
}

pack() {
  sources | tar --null --no-recursion --ignore-failed-read -T - --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u+rwX,go+rX,go-w -cf -
}

# The sources decide its name, so that the same ones are built once.
build() {
  cd "$SOURCE"
  RELEASE=$(pack | sha256sum | cut -c 1-12)
  local release=$OPT/releases/$RELEASE partial=$OPT/releases/.$RELEASE
  if [ -d "$release" ]; then say "release $RELEASE is built"; return; fi
  if [ "$DRY_RUN" ]; then say "would build: $release"; return; fi
  say "building $release …"
  rm -rf "$partial"
  install -d -o gatepost -g gatepost "$partial"
  pack | as_gatepost tar -C "$partial" -xf -
  (
    cd "$partial"
    as_gatepost npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
    as_gatepost npx --no-install tsc -b services/auth services/notifications services/mail-worker \
      services/social-battery infra/local
    # Then without what only builds and tests need, as infra/docker/Dockerfile has it.
    rm -rf node_modules packages/bench packages/client packages/testkit
    find infra -mindepth 1 -maxdepth 1 ! -name local ! -name docker ! -name nginx ! -name systemd -exec rm -r {} +
    rm -f infra/local/package.json
    as_gatepost npm ci --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error --prefer-offline
  )
  # What runs can't change itself.
  chown -R root:root "$partial"
  mv "$partial" "$release"
}

migrate() {
  if [ "$DRY_RUN" ]; then say "would run: the migrations of $RELEASE"; return; fi
  # shellcheck disable=SC1091
  (cd "$OPT/releases/$RELEASE" && env -i PATH="$PATH" bash -c 'set -a; . "$1"; shift; exec "$@"' migrate "$ETC/migrate.env" \
    setpriv --reuid gatepost --regid gatepost --init-groups node infra/docker/migrate.mjs)
}

link() {
  if [ "$(readlink "$OPT/$1" || true)" = "$2" ]; then return; fi
  run ln -sfn "$2" "$OPT/.$1"
  run mv -T "$OPT/.$1" "$OPT/$1"
}

former_link() { readlink "$FORMER/$1" || readlink "$OPT/$1" || true; }

# Starts the services on release $1 and waits until they are ready; goes back to what ran before where they are not.
activate() {
  local target=releases/$1 before earlier name restart=$INTERRUPTED
  before=$(former_link current)
  earlier=$(former_link previous)
  if [ "$(readlink "$OPT/current" || true)" != "$target" ]; then
    # A rollback that is interrupted has to find its target again.
    [ -z "$before" ] || [ "$target" = "$earlier" ] || link previous "$before"
    link current "$target"
    restart=1
  fi
  case " ${CHANGED[*]} " in *".env "* | *"apps.json "* | *"@.service "*) restart=1 ;; esac
  for name in $(services); do
    systemd enable -q "gatepost@$name"
    # Whether it runs, are_ready tells.
    if [ "$restart" ]; then systemd restart "gatepost@$name"; else systemd start "gatepost@$name"; fi || true
  done
  if [ "$DRY_RUN" ]; then return; fi
  if [ -z "$NO_START" ] && ! are_ready; then
    [ "$restart" ] || forget
    [ -L "$FORMER/current" ] || fail "not ready: journalctl -u 'gatepost@*'"
    go_back
    fail "$target did not get ready, $before runs again with the settings of before: journalctl -u 'gatepost@*'. What was refused is in $ETC/refused"
  fi
  [ "$before" != "$target" ] || before=$earlier
  [ -z "$before" ] || link previous "$before"
  forget
}

# Release and settings are again what they were; what did not work is kept aside, to be looked at.
go_back() {
  local name
  copy_state "$ETC/refused"
  for name in $(services); do
    [ -e "$FORMER/$name.env" ] || { systemctl disable -q --now "gatepost@$name"; rm "$ETC/$name.env"; }
  done
  cp -a --remove-destination "$FORMER"/*.env "$FORMER/apps.json" "$ETC"
  cp -a --remove-destination "$FORMER/${UNIT##*/}" "$UNIT"
  systemctl daemon-reload
  link current "$(readlink "$FORMER/current")"
  if [ -L "$FORMER/previous" ]; then link previous "$(readlink "$FORMER/previous")"; else rm -f "$OPT/previous"; fi
  EXAMPLES=''
  read_settings
  for name in $(services); do systemctl restart "gatepost@$name" || true; done
  are_ready || fail "neither the new release or settings nor those of before got ready: journalctl -u 'gatepost@*'"
  forget
}

are_ready() {
  local name port
  for name in $(services); do
    port=$(sed -n "s/^METRICS_PORT='\(.*\)'/\1/p" "$ETC/$name.env")
    curl -fsS -o /dev/null --retry 60 --retry-delay 1 --retry-all-errors "http://127.0.0.1:$port/readyz" 2>/dev/null || return 1
  done
}

make_units() {
  write "$UNIT" 644 root <"$SOURCE/infra/systemd/gatepost@.service"
  systemd daemon-reload
  local name file
  for name in $(services) migrate; do write "$ETC/$name.env" 600 root < <(environment_of "$name"); done
  # systemd reads them as root.
  for file in "$ETC"/*.local.env; do
    if [ -f "$file" ]; then run chown root:root "$file"; run chmod 600 "$file"; fi
  done
}

make_site() {
  run install -d -m 755 /etc/nginx/gatepost
  write /etc/nginx/gatepost/routes.conf 644 root <"$SOURCE/infra/nginx/routes.conf"
  write /etc/nginx/gatepost/gateway.conf 644 root <"$SOURCE/infra/nginx/gateway.conf"
  write /etc/nginx/sites-available/gatepost 644 root < <(sed "s/DOMAINS/${DOMAINS[*]}/" "$SOURCE/infra/nginx/site.conf")
  run ln -sfn ../sites-available/gatepost /etc/nginx/sites-enabled/gatepost
  # nginx wants one to start, and certbot wants nginx.
  if [ ! -e "$ETC/tls/fullchain.pem" ] && ! is_own_certificate; then
    run openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=${DOMAINS[0]}" \
      -keyout "$ETC/tls/self-signed.key" -out "$ETC/tls/self-signed.pem" 2>/dev/null
    link_certificate self-signed.pem self-signed.key
  fi
  run nginx -t -q
  systemd enable -q --now nginx
  systemd reload nginx
}

# What the operator put there is a file, where the script makes links.
is_own_certificate() {
  local file
  for file in "$ETC"/tls/{fullchain,privkey}.pem; do
    if [ -f "$file" ] && [ ! -L "$file" ]; then return; fi
  done
  return 1
}

link_certificate() {
  run ln -sfn "$1" "$ETC/tls/fullchain.pem"
  run ln -sfn "$2" "$ETC/tls/privkey.pem"
}

make_certificate() {
  if [ "$NO_TLS" ]; then return; fi
  if is_own_certificate; then say "left out: certbot, as the certificate in $ETC/tls is your own"; return; fi
  local live=/etc/letsencrypt/live/${DOMAINS[0]}
  run install -d /etc/letsencrypt/renewal-hooks/deploy
  write /etc/letsencrypt/renewal-hooks/deploy/gatepost 755 root <<<$'#!/bin/sh\nsystemctl reload nginx'
  if [ "$NO_START" ]; then say "left out: certbot"; return; fi
  run certbot certonly --non-interactive --agree-tos -m "$EMAIL" --webroot -w /var/www/gatepost --keep-until-expiring \
    --expand --cert-name "${DOMAINS[0]}" $(printf -- '-d %s ' "${DOMAINS[@]}")
  link_certificate "$live/fullchain.pem" "$live/privkey.pem"
  systemd reload nginx
}

# Neither what runs, nor what it would go back to.
remove_old_releases() {
  local folder
  rm -rf "$OPT"/releases/.[!.]*
  for folder in "$OPT"/releases/*/; do
    folder=${folder%/}
    case "releases/${folder##*/}" in "$(readlink "$OPT/current")" | "$(readlink "$OPT/previous" || true)" | 'releases/*') ;;
      *) run rm -rf "$folder" ;; esac
  done
}

parse "$@"
check
if [ "$ROLLBACK" ]; then
  former=$(readlink "$OPT/previous") || fail "there is no release to go back to"
  remember
  activate "${former#releases/}"
  say "Gatepost runs $former. The database stays as it is: each release serves the schema of the next one, too."
  exit
fi
install_packages
judge_apps
make_user
remember
make_settings
make_database
build
make_units
migrate
activate "$RELEASE"
make_site
make_certificate
[ "$DRY_RUN" ] || remove_old_releases
say "Gatepost $RELEASE${DRY_RUN:+ would be} at $PUBLIC_URL"
