#!/bin/sh
# Gives each app its secrets, staged for the next deploy. The databases' URLs, SMTP_URL and APPS (a file) come from the
# environment. The keys are made once and kept in .env.$PREFIX: what is encrypted needs them, and Fly shows none again.
set -eu
umask 077
for name in MIGRATION_DATABASE_URL AUTH_DATABASE_URL NOTIFICATIONS_DATABASE_URL MAIL_DATABASE_URL SMTP_URL APPS; do
  eval "[ -n \"\${$name:-}\" ]" || { echo "$name is needed: see README.md" >&2; exit 1; }
done
prefix=${PREFIX:-gatepost}
keys=$PWD/.env.$prefix
touch "$keys"
present=$(fly secrets list --app "$prefix-auth")

random() { od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'; }
# A number of 32 bytes (RFC 8292).
vapid() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }

kept() { sed -n "s/^$1=//p" "$keys"; }

# What the file has stays; else the environment's; else a new one, for apps that have none yet.
keep() {
  [ -z "$(kept "$1")" ] || return 0
  eval "value=\${$1:-}"
  case $value,$present in
    ,*KEY_ENCRYPTION_SECRET*)
      echo "$prefix-auth has its keys: put the file of its first run back to $keys, or give $1" >&2
      exit 1 ;;
  esac
  printf '%s=%s\n' "$1" "${value:-$2}" >>"$keys"
}

secrets_of() {
  app=$prefix-$1
  shift
  while [ $# -gt 0 ]; do
    [ -z "$2" ] || printf '%s=%s\n' "$1" "$2"
    shift 2
  done | fly secrets import --stage --app "$app"
}

for name in KEY_ENCRYPTION_SECRET REFRESH_TOKEN_SECRET MAIL_ENCRYPTION_SECRET COOKIE_SECRET AUTH_IDEMPOTENCY_SECRET \
  NOTIFICATIONS_IDEMPOTENCY_SECRET SERVICE_CLIENT_SECRET; do
  keep "$name" "$(random)"
done
keep VAPID_PRIVATE_KEY "$(vapid)"

mail=$(kept MAIL_ENCRYPTION_SECRET) service=$(kept SERVICE_CLIENT_SECRET)
secrets_of auth DATABASE_URL "$AUTH_DATABASE_URL" MIGRATION_DATABASE_URL "$MIGRATION_DATABASE_URL" \
  EXAMPLES "${SOCIAL_BATTERY_DATABASE_URL:+social-battery}" REDIS_URL "${REDIS_URL:-}" APPS_JSON "$(base64 -w 0 <"$APPS")" \
  KEY_ENCRYPTION_SECRET "$(kept KEY_ENCRYPTION_SECRET)" REFRESH_TOKEN_SECRET "$(kept REFRESH_TOKEN_SECRET)" \
  MAIL_ENCRYPTION_SECRET "$mail" COOKIE_SECRET "$(kept COOKIE_SECRET)" \
  IDEMPOTENCY_SECRET "$(kept AUTH_IDEMPOTENCY_SECRET)" SERVICE_CLIENT_SECRET "$service"
secrets_of notifications DATABASE_URL "$NOTIFICATIONS_DATABASE_URL" \
  IDEMPOTENCY_SECRET "$(kept NOTIFICATIONS_IDEMPOTENCY_SECRET)" MAIL_ENCRYPTION_SECRET "$mail" \
  SERVICE_CLIENT_SECRET "$service" VAPID_PRIVATE_KEY "$(kept VAPID_PRIVATE_KEY)"
secrets_of mail-worker DATABASE_URL "$MAIL_DATABASE_URL" REDIS_URL "${REDIS_URL:-}" SMTP_URL "$SMTP_URL" \
  MAIL_ENCRYPTION_SECRET "$mail"
[ -z "${SOCIAL_BATTERY_DATABASE_URL:-}" ] ||
  secrets_of social-battery DATABASE_URL "$SOCIAL_BATTERY_DATABASE_URL" SERVICE_CLIENT_SECRET "$service"
echo "The keys are in $keys: keep it where you keep secrets, too."
