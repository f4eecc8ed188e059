import { array, assert, boolean, constantFrom, integer, nat, noBias, pre, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { isLinearizable } from './brute-force.ts'
import { checkKey } from './check.ts'
import type { Input, Operation, Output } from './history.ts'

const OPERATIONS_MAX = 7
const RUNS = 20_000

/** What a run of a register told its clients, then a few answers changed: near enough to right that it could be. */
const histories = noBias(
  array(
    record({
      kind: constantFrom('get', 'get', 'put', 'put', 'cas', 'cas', 'delete'),
      from: nat(12),
      length: integer({ min: 1, max: 8 }),
      place: nat(100),
      open: integer({ min: 0, max: 3 }),
      happens: boolean(),
      expect: nat(4),
      tells: boolean(),
      lie: nat(3),
    }),
    { minLength: 4, maxLength: OPERATIONS_MAX },
  ),
).map(played)

type Drawn = {
  kind: string
  from: number
  length: number
  place: number
  open: number
  happens: boolean
  expect: number
  tells: boolean
  lie: number
}

/** Plays the calls at a point somewhere within each, so that many histories are good; some tell a lie. */
function played(drawn: Drawn[]): Operation[] {
  const calls = drawn.map((one, i) => ({
    ...one,
    id: i,
    call: one.from * 20 + i,
    end: (one.from + one.length) * 20 + 10 + i,
  }))
  const point = (one: (typeof calls)[number]) => one.call + ((one.end - one.call) * one.place) / 101
  const order = calls.toSorted((a, b) => point(a) - point(b) || a.id - b.id)
  let held: { value: string; index: number } | undefined
  let index = 0
  const shown: number[] = [0]
  const values: { value: string; index: number }[] = []
  const answers = new Map<number, { input: Input; output: Output }>()
  for (const one of order) {
    const input = inputOf(one, shown)
    const matches = input.kind !== 'cas' || input.expect === (held?.index ?? 0)
    const effect = one.open > 0 || one.happens
    let output: Output
    if (input.kind === 'get') output = held ? { kind: 'value', ...held } : { kind: 'absent' }
    else if (!matches) output = { kind: 'mismatch' }
    else {
      const existed = held !== undefined
      if (effect) {
        index++
        held = input.kind === 'delete' ? undefined : { value: input.value, index }
        if (held) values.push(held)
      }
      const told = one.tells ? { index } : {}
      output = input.kind === 'delete' ? { kind: 'deleted', ...told, existed } : { kind: 'written', ...told }
    }
    if (one.lie === 0) output = lieOf(input, values, one.expect)
    if (output.kind === 'value') shown.push(output.index)
    if (output.kind === 'written' && output.index !== undefined) shown.push(output.index)
    answers.set(one.id, { input, output })
  }
  return calls.map(({ id, call, end, open }): Operation => {
    const { input, output } = answers.get(id) as { input: Input; output: Output }
    const operation = { key: 'k', client: id, input, call }
    return open === 0 ? operation : { ...operation, return: end, output }
  })
}

function inputOf({ kind, id, expect }: Drawn & { id: number }, shown: readonly number[]): Input {
  if (kind === 'put') return { kind, value: `v${id}` }
  if (kind === 'cas') return { kind, value: `v${id}`, expect: shown[Math.max(0, shown.length - 1 - expect)] ?? 0 }
  return { kind: kind as 'get' | 'delete' }
}

function lieOf(input: Input, values: readonly { value: string; index: number }[], pick: number): Output {
  const any = values[pick % Math.max(1, values.length)]
  if (input.kind === 'get') return any ? { kind: 'value', ...any } : { kind: 'absent' }
  if (input.kind === 'cas') return pick % 2 === 0 ? { kind: 'mismatch' } : { kind: 'written' }
  return input.kind === 'put' ? { kind: 'written' } : { kind: 'deleted', existed: pick % 2 === 0 }
}

test('the checker and the brute-force twin agree on every small history', () => {
  const counts = { good: 0, bad: 0 }
  assert(
    property(histories, (history) => {
      pre(expectsWhatWasShown(history))
      const twin = isLinearizable(history)
      counts[twin ? 'good' : 'bad']++
      expect(checkKey(history).kind).toBe(twin ? 'linearizable' : 'not-linearizable')
    }),
    { numRuns: RUNS },
  )
  expect(counts.good, 'enough of both').toBeGreaterThan(RUNS / 10)
  expect(counts.bad, 'enough of both').toBeGreaterThan(RUNS / 10)
})

/** Of a call without an answer the play knows an index that no client was told: such a history is none. */
function expectsWhatWasShown(history: readonly Operation[]): boolean {
  const shown = new Set(history.flatMap(({ output }) => (output && 'index' in output ? [output.index] : [])))
  return history.every(({ input }) => input.kind !== 'cas' || input.expect === 0 || shown.has(input.expect))
}
