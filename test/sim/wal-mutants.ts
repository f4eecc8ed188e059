import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import type * as Sweeps from './wal-sweeps.ts'

/** A mistake in the log, made in a copy of its source: the text stands there exactly once. */
export interface WalMutant {
  mistake: string
  file: string
  find: string
  replace: string
}

const FOLDER = join(import.meta.dirname, '../../control-plane/src/wal')

export const walMutants: readonly WalMutant[] = [
  {
    mistake: 'a start takes what overwrites as what continues',
    file: 'recover.ts',
    find: 'map.add(index, entries, 0, count, record.bytes)',
    replace: 'map.add(map.lastIndex + 1, entries, 0, count, record.bytes)',
  },
  {
    mistake: 'an overwrite reaches back behind the head of its segment',
    file: 'segmented-wal.ts',
    find: 'index < this.#map.segments.at(-1)!.firstIndex ? undefined : this.#fit(records, from, overhead)',
    replace: 'this.#fit(records, from, overhead)',
  },
  {
    mistake: 'readers still find what was overwritten',
    file: 'places.ts',
    find: 'this.#cut = true',
    replace: 'this.#cut = false',
  },
  {
    mistake: 'the terms of what was overwritten stay',
    file: 'terms.ts',
    find: 'while (this.#runs.at(-1)!.index >= from) this.#runs.pop()',
    replace: '',
  },
  {
    mistake: 'a snapshot is not synced',
    file: 'segmented-wal.ts',
    find: 'await fileSystem.syncFolder(folder)',
    replace: 'if (!head.voids) await fileSystem.syncFolder(folder)',
  },
  {
    mistake: 'a segment has its name before its head is durable',
    file: 'segmented-wal.ts',
    find: 'await handle.writeDurably(0, bytes)\n      await fileSystem.rename(spare, this.#path(head))',
    replace: 'await fileSystem.rename(spare, this.#path(head))\n      await handle.writeDurably(0, bytes)',
  },
  {
    mistake: 'a snapshot voids nothing',
    file: 'segment.ts',
    find: '(head.voids ? VOIDS : 0)',
    replace: '0',
  },
  {
    mistake: 'a snapshot is not repeated by the segments after it',
    file: 'segmented-wal.ts',
    find: 'snapshot: this.#snapshot,\n',
    replace: 'snapshot: undefined,\n',
  },
  {
    mistake: 'the term before a segment is forgotten',
    file: 'segmented-wal.ts',
    find: '#roll({ firstIndex: index, previousTerm })',
    replace: '#roll({ firstIndex: index, previousTerm: 0 })',
  },
  {
    mistake: 'the head of a segment forgets the vote',
    file: 'segmented-wal.ts',
    find: 'hardState: this.#hardState,\n      voids',
    replace: "hardState: { ...this.#hardState, vote: '' },\n      voids",
  },
  {
    mistake: 'a part of an append promises what its next part holds',
    file: 'segmented-wal.ts',
    find: 'commit: Math.min(hardState.commit, index + count - 1)',
    replace: 'commit: hardState.commit',
  },
  {
    mistake: 'compaction takes more than it was told',
    file: 'log-map.ts',
    find: 'next.firstIndex > index)',
    replace: 'next.firstIndex > index + 4)',
  },
]

/** The sweeps over the log with one mistake in it, as a module of their own; `use` gets it, then it is gone. */
export async function withMutant<T>(
  mutant: WalMutant | undefined,
  use: (sweeps: typeof Sweeps) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cronclave-mutant-'))
  try {
    const outfile = join(folder, 'sweeps.mjs')
    await build({
      entryPoints: [join(import.meta.dirname, 'wal-sweeps.ts')],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      logLevel: 'silent',
      plugins: mutant === undefined ? [] : [planted(mutant)],
    })
    return await use((await import(outfile)) as typeof Sweeps)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function planted({ file, find, replace }: WalMutant): Plugin {
  return {
    name: 'mutant',
    setup(bundle) {
      bundle.onLoad({ filter: /control-plane\/src\/wal\/[^/]+\.ts$/ }, async ({ path }) => {
        if (path !== join(FOLDER, file)) return undefined
        const source = await readFile(path, 'utf8')
        const found = source.split(find).length - 1
        if (found !== 1) throw new Error(`the mutant does not apply: ${file} has ${found} times ${find}`)
        return { contents: source.replace(find, () => replace), loader: 'ts' }
      })
    },
  }
}
