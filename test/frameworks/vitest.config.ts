import { defineConfig } from 'vitest/config'

/** `npm run frameworks`: the projects that take a while to install or build. Those of quick.test.ts belong to `npm test`. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/frameworks/frameworks.test.ts'],
    testTimeout: 60_000,
  },
})
