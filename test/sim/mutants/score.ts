import type { PlayOptions } from '../cluster/cluster.ts'
import type { SourceMutant } from './mutants.ts'
import { withMistakes } from './plant.ts'

/** What became of a planted mistake. */
export interface Score {
  mistake: string
  seeds: number
  /** Seeds that broke the promise that names it, and seeds that broke any. */
  noticed: number
  broken: number
  /** Seed at which it was noticed first, counted from one. */
  first: number | undefined
  /** Other promises that broke. */
  others: string[]
}

/** Plays seeds over a mistake; with `untilNoticed` no more than it takes. */
export function score(
  { mistake, edits, breaks, says = '', budget, outlets = false, polling = false }: SourceMutant,
  {
    steps,
    seeds = budget,
    untilNoticed = false,
  }: Pick<PlayOptions, 'steps'> & { seeds?: number; untilNoticed?: boolean },
): Promise<Score> {
  return withMistakes(edits, async ({ play }) => {
    const found: Score = { mistake, seeds: 0, noticed: 0, broken: 0, first: undefined, others: [] }
    const others = new Set<string>()
    for (let seed = 1; seed <= seeds; seed++) {
      found.seeds++
      const broken = await play({ seed, steps, nodes: 'mix', outlets, polling }).then(
        () => undefined,
        (error: unknown) => error as Error & { promise?: string },
      )
      if (broken === undefined) continue
      found.broken++
      if (broken.promise === breaks && broken.message.includes(says)) {
        found.noticed++
        found.first ??= seed
        if (untilNoticed) break
      } else others.add(`${broken.promise ?? ''} ${broken.message.slice(0, 120)}`)
    }
    return { ...found, others: [...others] }
  })
}
