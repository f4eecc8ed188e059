import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{sdk,control-plane,openapi,control-plane/dashboard}/src/**/*.test.ts',
            'test/*.test.ts',
            'test/vectors/**/*.test.ts',
            'test/linearizability/**/*.test.ts',
            'test/nemesis/**/*.test.ts',
            'test/conformance/**/*.test.ts',
            'test/bench/**/*.test.ts',
          ],
          testTimeout: 20_000,
        },
      },
      { test: { name: 'sim', include: ['test/sim/**/*.test.ts'], testTimeout: 120_000 } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/frameworks/quick.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Each starts processes of its own, and waits for most of the time: three of them keep two cores busy.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
