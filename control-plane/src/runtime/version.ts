import { createRequire } from 'node:module'

/** Version of this build. */
export const VERSION: string = (createRequire(import.meta.url)('cronclave/package.json') as { version: string }).version
