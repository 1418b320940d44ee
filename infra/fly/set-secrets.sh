#!/bin/sh
# Gives each app its secrets, once: what is encrypted needs these keys. The databases' URLs, SMTP_URL and APPS (a file)
# come from the environment. Staged, so that the next deploy brings them.
set -eu
for name in MIGRATION_DATABASE_URL AUTH_DATABASE_URL NOTIFICATIONS_DATABASE_URL MAIL_DATABASE_URL SMTP_URL APPS; do
  eval "[ -n \"\${$name:-}\" ]" || { echo "$name is needed: see README.md" >&2; exit 1; }
done
prefix=${PREFIX:-gatepost}

random() { od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'; }

secrets_of() {
  app=$prefix-$1
  shift
  while [ $# -gt 0 ]; do
    [ -z "$2" ] || printf '%s=%s\n' "$1" "$2"
    shift 2
  done | fly secrets import --stage --app "$app"
}

mail=$(random) service=$(random)
secrets_of auth DATABASE_URL "$AUTH_DATABASE_URL" MIGRATION_DATABASE_URL "$MIGRATION_DATABASE_URL" \
  EXAMPLES "${SOCIAL_BATTERY_DATABASE_URL:+social-battery}" REDIS_URL "${REDIS_URL:-}" APPS_JSON "$(base64 -w 0 <"$APPS")" \
  KEY_ENCRYPTION_SECRET "$(random)" REFRESH_TOKEN_SECRET "$(random)" MAIL_ENCRYPTION_SECRET "$mail" \
  COOKIE_SECRET "$(random)" IDEMPOTENCY_SECRET "$(random)" SERVICE_CLIENT_SECRET "$service"
secrets_of notifications DATABASE_URL "$NOTIFICATIONS_DATABASE_URL" IDEMPOTENCY_SECRET "$(random)" \
  SERVICE_CLIENT_SECRET "$service"
secrets_of mail-worker DATABASE_URL "$MAIL_DATABASE_URL" REDIS_URL "${REDIS_URL:-}" SMTP_URL "$SMTP_URL" \
  MAIL_ENCRYPTION_SECRET "$mail"
[ -z "${SOCIAL_BATTERY_DATABASE_URL:-}" ] ||
  secrets_of social-battery DATABASE_URL "$SOCIAL_BATTERY_DATABASE_URL" SERVICE_CLIENT_SECRET "$service"
