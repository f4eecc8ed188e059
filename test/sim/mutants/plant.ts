import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import type * as Simulation from '../cluster/cluster.ts'
import type * as OneNode from '../one-node.ts'
import type { SourceMutant } from './mutant.ts'

const ROOT = join(import.meta.dirname, '../../..')
const SOURCE = join(ROOT, 'control-plane/src')
/** Beside the packages, which the bundle takes from there. */
const SCRATCH = join(ROOT, 'node_modules/.cache/cronclave-mutants')

/** The simulation of a cluster with mistakes in its source, as a module of its own; `use` gets it, then it is gone. */
export function withMistakes<T>(
  edits: SourceMutant['edits'],
  use: (simulation: typeof Simulation) => Promise<T>,
): Promise<T> {
  return withModule('../cluster/cluster.ts', edits, (module) => use(module as typeof Simulation))
}

/** The same of the simulation of one node. */
export function withMistakesInOne<T>(
  edits: SourceMutant['edits'],
  use: (simulation: typeof OneNode) => Promise<T>,
): Promise<T> {
  return withModule('../one-node.ts', edits, (module) => use(module as typeof OneNode))
}

async function withModule<T>(
  entry: string,
  edits: SourceMutant['edits'],
  use: (module: unknown) => Promise<T>,
): Promise<T> {
  await mkdir(SCRATCH, { recursive: true })
  const folder = await mkdtemp(join(SCRATCH, 'm-'))
  try {
    const outfile = join(folder, 'simulation.mjs')
    const made = new Set<SourceMutant['edits'][number]>()
    await build({
      entryPoints: [join(import.meta.dirname, entry)],
      outfile,
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      logLevel: 'silent',
      plugins: [planted(edits, made)],
    })
    const missed = edits.find((edit) => !made.has(edit))
    if (missed !== undefined) throw new Error(`the mutant does not apply: nothing of the simulation is ${missed.file}`)
    return await use(await import(pathToFileURL(outfile).href))
  } finally {
    await rm(folder, { recursive: true })
  }
}

function planted(edits: SourceMutant['edits'], made: Set<SourceMutant['edits'][number]>): Plugin {
  return {
    name: 'mutant',
    setup(bundle) {
      bundle.onLoad({ filter: /(control-plane\/src|test\/sim)\/.*\.ts$/ }, async ({ path }) => {
        const own = edits.filter(({ file }) => path === join(SOURCE, file))
        if (own.length === 0) return undefined
        let contents = await readFile(path, 'utf8')
        for (const edit of own) {
          const found = contents.split(edit.find).length - 1
          if (found !== 1) throw new Error(`the mutant does not apply: ${edit.file} has ${found} times ${edit.find}`)
          contents = contents.replace(edit.find, () => edit.replace)
          made.add(edit)
        }
        return { contents, loader: 'ts' }
      })
    },
  }
}
