export const PUBLIC_URL = "http://localhost:8000"

export const IDEMPOTENCY_SECRET = "test-idempotent-answers-0123456789"
