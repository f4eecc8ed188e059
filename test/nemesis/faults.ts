import type { SeededRandom } from '../sim/seeded-random.ts'

/** Whom a fault strikes: a role, looked up when it strikes, and a number that picks among those who have it. */
export interface Victim {
  role: 'leader' | 'follower' | 'any'
  pick: number
}

/** How a link is cut: what is sent is held back, or connections break. */
export type Cut = 'hold' | 'break'

/** Something that goes wrong and is put right `ms` later. */
export type Fault = { ms: number } & (
  | { kind: 'kill'; victim: Victim }
  | { kind: 'kill-twice'; victim: Victim; againMs: number }
  | { kind: 'kill-majority'; pick: number }
  | { kind: 'kill-all' }
  | { kind: 'stop'; victim: Victim }
  | { kind: 'pause'; victim: Victim }
  | { kind: 'pause-majority'; pick: number }
  | { kind: 'isolate'; victim: Victim; cut: Cut }
  | { kind: 'mute'; victim: Victim; cut: Cut }
  | { kind: 'deafen'; victim: Victim; cut: Cut }
  | { kind: 'cut-link'; from: Victim; to: number; cut: Cut }
  | { kind: 'halve'; withLeader: boolean; cut: Cut }
  | { kind: 'ring'; cut: Cut }
  | { kind: 'flap'; victim: Victim; everyMs: number }
  | { kind: 'delay'; victim: Victim; delayMs: number }
  | { kind: 'kill-behind-cut'; cut: Cut }
)

type Kind = Fault['kind']

/** Every kind that there is. In a bag, so that each strikes as often as any other. */
export const KINDS = [
  'kill',
  'pause',
  'isolate',
  'cut-link',
  'mute',
  'kill-twice',
  'deafen',
  'kill-majority',
  'halve',
  'stop',
  'flap',
  'pause-majority',
  'ring',
  'delay',
  'kill-behind-cut',
  'kill-all',
] as const satisfies readonly Kind[]

/** The faults of a run, from its seed alone: bags of every kind in a shuffled order, so that a short run sees many and a long one all. Fewer rounds are the first of more. */
export function planFaults(random: SeededRandom, rounds: number): Fault[] {
  const faults: Fault[] = []
  while (faults.length < rounds) faults.push(...shuffled(KINDS, random).map((kind) => drawn(kind, random)))
  return faults.slice(0, rounds)
}

function drawn(kind: Kind, random: SeededRandom): Fault {
  const ms = random.integer(1500, 5000)
  const pick = random.integer(0, 1000)
  const cut: Cut = random.chance(0.6) ? 'hold' : 'break'
  const victim = drawVictim(random)
  switch (kind) {
    case 'kill-all':
      return { kind, ms: random.integer(0, 1000) }
    case 'kill-majority':
    case 'pause-majority':
      return { kind, ms, pick }
    case 'kill':
      // From at once, which is faster than anybody notices, to long after.
      return { kind, victim, ms: random.integer(0, 5000) }
    case 'kill-twice':
      return { kind, victim, ms, againMs: random.integer(50, 1500) }
    case 'stop':
    case 'pause':
      return { kind, victim, ms }
    case 'isolate':
    case 'mute':
    case 'deafen':
      return { kind, victim, cut, ms }
    case 'cut-link':
      return { kind, from: victim, to: pick, cut, ms }
    case 'halve':
      return { kind, withLeader: random.chance(0.7), cut, ms }
    case 'ring':
    case 'kill-behind-cut':
      return { kind, cut, ms }
    case 'flap':
      return { kind, victim, everyMs: random.integer(50, 600), ms }
    case 'delay':
      return { kind, victim, delayMs: random.integer(20, 400), ms }
  }
}

/** Half of them strike the leader, where they hurt most. */
function drawVictim(random: SeededRandom): Victim {
  return { role: random.pick(['leader', 'leader', 'follower', 'any'] as const), pick: random.integer(0, 1000) }
}

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  const left = [...items]
  for (let i = left.length - 1; i > 0; i--) {
    const j = random.integer(0, i)
    ;[left[i], left[j]] = [left[j] as T, left[i] as T]
  }
  return left
}

/** A fault as a person reads it. */
export function saidOf(fault: Fault): string {
  const { kind, ms, ...rest } = fault
  return [kind, ...Object.entries(rest).map(([name, value]) => wordFor(name, value)), `${ms} ms`].join(' ')
}

function wordFor(name: string, value: Victim | Cut | number | boolean): string {
  if (typeof value === 'object') return value.role
  if (typeof value === 'boolean') return value ? 'with leader' : 'without leader'
  return typeof value === 'number' ? `${name} ${value}` : value
}
