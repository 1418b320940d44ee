#!/bin/sh
# Writes the secrets as manifests to standard output, for `kubectl create -f` or a sealing tool; never into git.
# What is encrypted needs these keys: one that the environment has is taken, and only the others are made. The
# databases' URLs and SMTP_URL come from the environment.
set -eu
for name in MIGRATION_DATABASE_URL AUTH_DATABASE_URL NOTIFICATIONS_DATABASE_URL MAIL_DATABASE_URL SMTP_URL APPS; do
  eval "[ -n \"\${$name:-}\" ]" || { echo "$name is needed: see README.md" >&2; exit 1; }
done

random() { od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'; }
# A number of 32 bytes (RFC 8292).
vapid() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }
quoted() { printf '"%s"' "$(printf %s "$1" | sed 's/[\\"]/\\&/g')"; }

secret() {
  printf -- '---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\n  namespace: gatepost\nstringData:\n' "$1"
  shift
  while [ $# -gt 0 ]; do
    [ -z "$2" ] || printf '  %s: %s\n' "$1" "$(quoted "$2")"
    shift 2
  done
}

mail=${MAIL_ENCRYPTION_SECRET:-$(random)} service=${SERVICE_CLIENT_SECRET:-$(random)}
secret auth DATABASE_URL "$AUTH_DATABASE_URL" REDIS_URL "${REDIS_URL:-}" \
  KEY_ENCRYPTION_SECRET "${KEY_ENCRYPTION_SECRET:-$(random)}" REFRESH_TOKEN_SECRET "${REFRESH_TOKEN_SECRET:-$(random)}" \
  MAIL_ENCRYPTION_SECRET "$mail" COOKIE_SECRET "${COOKIE_SECRET:-$(random)}" \
  IDEMPOTENCY_SECRET "${AUTH_IDEMPOTENCY_SECRET:-$(random)}" SERVICE_CLIENT_SECRET "$service"
secret notifications DATABASE_URL "$NOTIFICATIONS_DATABASE_URL" \
  IDEMPOTENCY_SECRET "${NOTIFICATIONS_IDEMPOTENCY_SECRET:-$(random)}" MAIL_ENCRYPTION_SECRET "$mail" \
  SERVICE_CLIENT_SECRET "$service" VAPID_PRIVATE_KEY "${VAPID_PRIVATE_KEY:-$(vapid)}"
secret mail-worker DATABASE_URL "$MAIL_DATABASE_URL" REDIS_URL "${REDIS_URL:-}" SMTP_URL "$SMTP_URL" \
  MAIL_ENCRYPTION_SECRET "$mail"
secret migrate MIGRATION_DATABASE_URL "$MIGRATION_DATABASE_URL" REDIS_URL "${REDIS_URL:-}" \
  EXAMPLES "${SOCIAL_BATTERY_DATABASE_URL:+social-battery}"
[ -z "${SOCIAL_BATTERY_DATABASE_URL:-}" ] ||
  secret social-battery DATABASE_URL "$SOCIAL_BATTERY_DATABASE_URL" SERVICE_CLIENT_SECRET "$service"
printf -- '---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: apps\n  namespace: gatepost\ndata:\n  apps.json: %s\n' \
  "$(base64 -w 0 <"$APPS")"
