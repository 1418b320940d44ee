#!/bin/sh
# Writes .env, which docker-compose.yml takes its secrets from. What stands in it already is kept: the volumes
# know these passwords, and what was encrypted needs these keys.
set -eu
umask 077
cd "$(dirname "$0")/../.."

touch .env
# An editor may have left the last line open.
[ -z "$(tail -c 1 .env)" ] || echo >>.env

random() {
  od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'
}

add() {
  grep -q "^$1=" .env || printf '%s=%s\n' "$1" "$2" >>.env
}

add PORT 8000
add PUBLIC_URL "http://localhost:$(sed -n 's/^PORT=//p' .env)"
for name in \
  POSTGRES_PASSWORD POSTGRES_OWNER_PASSWORD \
  POSTGRES_AUTH_PASSWORD POSTGRES_NOTIFICATIONS_PASSWORD POSTGRES_MAIL_PASSWORD \
  POSTGRES_SOCIAL_BATTERY_PASSWORD REDIS_PASSWORD \
  KEY_ENCRYPTION_SECRET REFRESH_TOKEN_SECRET MAIL_ENCRYPTION_SECRET COOKIE_SECRET \
  AUTH_IDEMPOTENCY_SECRET NOTIFICATIONS_IDEMPOTENCY_SECRET SERVICE_CLIENT_SECRET
do
  add "$name" "$(random)"
done
# Web Push's private key is a number of 32 bytes (RFC 8292).
add VAPID_PRIVATE_KEY "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n')"
echo ".env is complete."
