import type { PlayOptions } from '../cluster/cluster.ts'
import type { SourceMutant } from './mutant.ts'
import { withMistakes, withMistakesInOne } from './plant.ts'

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

interface HowMany {
  steps: PlayOptions['steps']
  seeds?: number
  /** No more than it takes. @default false */
  untilNoticed?: boolean
}

/** Plays seeds over a mistake. */
export function score(mutant: SourceMutant, { steps, ...how }: HowMany): Promise<Score> {
  const { edits, breaks, says = '', outlets = false, polling = false } = mutant
  if (mutant.oneNode)
    return withMistakesInOne(edits, ({ play }) => scored(mutant, how, play, ({ message }) => message.includes(says)))
  return withMistakes(edits, ({ play }) =>
    scored(
      mutant,
      how,
      (seed) => play({ seed, steps, nodes: 'mix', outlets, polling }),
      ({ promise, message }) => promise === breaks && message.includes(says),
    ),
  )
}

type Broken = Error & { promise?: string }

async function scored(
  { mistake, budget }: SourceMutant,
  { seeds = budget, untilNoticed = false }: Omit<HowMany, 'steps'>,
  play: (seed: number) => Promise<unknown>,
  isNoticed: (broken: Broken) => boolean,
): Promise<Score> {
  const found: Score = { mistake, seeds: 0, noticed: 0, broken: 0, first: undefined, others: [] }
  const others = new Set<string>()
  for (let seed = 1; seed <= seeds; seed++) {
    found.seeds++
    const broken = await play(seed).then(
      () => undefined,
      (error: unknown) => error as Broken,
    )
    if (broken === undefined) continue
    found.broken++
    if (isNoticed(broken)) {
      found.noticed++
      found.first ??= seed
      if (untilNoticed) break
    } else others.add(`${broken.promise ?? ''} ${broken.message.slice(0, 120)}`)
  }
  return { ...found, others: [...others] }
}
