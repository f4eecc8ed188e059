import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take more than half a minute, the longest first: one that begins last would keep a core idle. */
const LONG = ['members', 'storage', 'nemesis', 'crash', 'sinks', 'shards', 'restart', 'shared-dispatch', 'kill']

/** Begins with the files that are known to take long; the others as they come. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b))
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const at = LONG.findIndex((name) => moduleId.endsWith(`/test/e2e/${name}.test.ts`))
  return at < 0 ? LONG.length : at
}
