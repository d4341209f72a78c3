/**
 * Drizzle in its CommonJS build. Node reads a package's manifest anew for each ES module in it, and this one's has 180 kB and 200 modules:
 * 380 ms and 200 MB at every start, against 70 ms and 15 MB here (Node 26.10, drizzle-orm 0.45.4).
 */
import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

export const { drizzle }: typeof import('drizzle-orm/node-postgres') = load('drizzle-orm/node-postgres')
export const { migrate: applyMigrations }: typeof import('drizzle-orm/node-postgres/migrator') = load(
  'drizzle-orm/node-postgres/migrator',
)
