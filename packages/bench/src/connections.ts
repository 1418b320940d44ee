/**
 * How many requests are in flight, for every subject of a scenario. Enough that nobody waits for the
 * load, and few enough for our sign-in's queue of 32; but in a storm.
 */
export const CONNECTIONS = { signIn: 8, refresh: 16, me: 16, protectedRoute: 16, storm: 64 } as const
