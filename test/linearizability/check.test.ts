import { describe, expect, test } from 'vitest'
import { isLinearizable } from './brute-force.ts'
import { checkHistory, checkKey } from './check.ts'
import { written } from './written-history.ts'

const BAD: Record<string, string> = {
  'a stale read: an acknowledged write is not seen by who asks later': `
    A 0-1 put a = 5
    A 2-3 put b = 6
    B 4-5 get = a@5`,
  'a client does not read its own write': `
    A 0-1 put a = 5
    A 2-3 get = nothing`,
  'a lost write: acknowledged and gone': `
    A 0-1 put a = 5
    B 0-1 get = nothing
    B 2-3 get = nothing`,
  'a lost update: the second of two increments started from what the first had overwritten': `
    A 0-1 put a = 5
    A 2-4 cas 5 b = 6
    B 3-6 cas 5 c = 7
    C 7-8 get = c@7`,
  'reads go back: new, then old, by one client': `
    A 0-1 put a = 5
    A 2-9 put b = 6
    B 3-4 get = b@6
    B 5-6 get = a@5`,
  'reads go back between clients': `
    A 0-1 put a = 5
    A 2-9 put b = 6
    B 3-4 get = b@6
    C 5-6 get = a@5`,
  'two readers see two writes in different orders': `
    A 0-20 put a = 5
    B 0-20 put b = 6
    C 1-2 get = a@5
    C 3-4 get = b@6
    D 1-2 get = b@6
    D 3-4 get = a@5`,
  'a value that nobody wrote': `
    A 0-1 put a = 5
    B 2-3 get = z@6`,
  'a read from the future': `
    B 0-1 get = a@5
    A 2-3 put a = 5`,
  'an unknown write is seen before it was called': `
    B 0-1 get = a@5
    A 2-? put a`,
  'a write applied twice: it comes back with another index': `
    A 0-1 put a = 5
    A 2-3 put b = 6
    B 4-5 get = a@7`,
  'a write applied twice: it comes back after what overwrote it': `
    A 0-? put a
    B 1-2 get = a@5
    B 3-4 put b = 6
    B 5-6 get = a@5`,
  'an unknown write applied twice, around a delete': `
    A 0-? put a
    B 1-2 get = a@5
    B 3-4 delete = 6 existed
    B 5-6 get = a@5`,
  'both of two compare-and-sets on one index win': `
    A 0-1 put a = 5
    B 2-5 cas 5 b = 6
    C 2-5 cas 5 c = 7`,
  'both of two creations win': `
    A 0-3 cas 0 a = 5
    B 0-3 cas 0 b = 6`,
  'a compare-and-set wins against an index that is gone': `
    A 0-1 put a = 5
    A 2-3 put b = 6
    B 4-5 cas 5 c = 7`,
  'a compare-and-set fails although nothing else happened': `
    A 0-1 put a = 5
    B 2-3 cas 5 b = mismatch`,
  'a compare-and-set that failed is seen': `
    A 0-1 put a = 5
    A 2-3 put b = 6
    B 4-5 cas 5 c = mismatch
    B 6-7 get = c@7`,
  'a creation fails on an empty key': `
    A 0-1 cas 0 a = mismatch`,
  'a creation wins on a key that is there': `
    A 0-1 put a = 5
    B 2-3 cas 0 b = 6`,
  'a compare-and-set wins after a delete': `
    A 0-1 put a = 5
    A 2-3 delete = 6
    B 4-5 cas 5 b = 7`,
  'a deleted value is back': `
    A 0-1 put a = 5
    A 2-3 delete = 6
    B 4-5 get = a@5`,
  'a delete that is not seen by who asks later, with an unknown one before': `
    A 0-1 put a = 5
    B 2-? delete
    A 3-4 delete = 6
    C 5-6 get = a@5`,
  'one unknown delete takes effect twice': `
    A 0-1 put a = 5
    B 2-? delete
    A 3-4 get = nothing
    A 5-6 put b = 7
    A 7-8 get = nothing`,
  'a delete finds what nobody wrote': `
    A 0-1 delete = 5 existed`,
  'a delete finds nothing where a write was acknowledged': `
    A 0-1 put a = 5
    B 2-3 delete = 6 nothing`,
  'a read shows another index than the write was told': `
    A 0-1 put a = 5
    B 2-3 get = a@6`,
  'two writes have one index': `
    A 0-1 put a = 5
    B 2-3 put b = 5`,
  'two deletes have one index': `
    A 0-1 delete = 5
    B 2-3 delete = 5`,
  'indexes fall': `
    A 0-1 put a = 6
    A 2-3 put b = 5
    B 4-5 get = b@5`,
  'an unknown write comes and goes and comes': `
    A 0-1 put a = 5
    B 2-? put b
    C 3-4 get = b@6
    C 5-6 get = a@5
    C 7-8 get = b@6`,
  'an unknown compare-and-set takes effect although its index was gone before it was called': `
    A 0-1 put a = 5
    A 2-3 put b = 6
    B 4-? cas 5 c
    C 5-6 get = c@7`,
  'an unknown compare-and-set and another one on the same index both take effect': `
    A 0-1 put a = 5
    B 2-? cas 5 b
    C 2-9 cas 5 c = 6
    D 10-11 get = b@7`,
  'a read during a write shows what was overwritten long before': `
    A 0-1 put a = 5
    A 2-3 put b = 6
    A 4-9 put c = 7
    B 5-6 get = a@5`,
  'a circle over three clients': `
    A 0-10 put a = 5
    B 0-10 put b = 6
    C 0-10 put c = 7
    D 1-2 get = c@7
    D 3-4 get = a@5`,
  'nothing is read between two writes that were not deleted': `
    A 0-1 put a = 5
    A 2-9 put b = 6
    B 3-4 get = nothing`,
}

const GOOD: Record<string, string> = {
  'no operation': ``,
  'one after the other': `
    A 0-1 get = nothing
    A 2-3 put a = 5
    B 4-5 get = a@5
    B 6-7 cas 5 b = 6
    A 8-9 cas 5 c = mismatch
    A 10-11 delete = 7 existed
    B 12-13 get = nothing
    B 14-15 delete = 8 nothing
    B 16-17 cas 0 d = 9`,
  'a read during a write may see either': `
    A 0-1 put a = 5
    A 2-9 put b = 6
    B 3-4 get = a@5
    C 5-6 get = b@6`,
  'concurrent writes in the order of their indexes, not of their calls': `
    A 0-9 put a = 6
    B 1-9 put b = 5
    C 10-11 get = a@6`,
  'an unknown write that happened': `
    A 0-? put a
    B 1-2 get = nothing
    B 3-4 get = a@5`,
  'an unknown write that never happened': `
    A 0-? put a
    B 1-2 get = nothing
    B 3-4 get = nothing`,
  'an unknown write that takes effect much later': `
    A 0-? put a
    B 1-2 put b = 5
    B 3-4 get = b@5
    B 5-6 put c = 6
    B 7-8 get = a@7`,
  'an unknown compare-and-set explains why another one failed': `
    A 0-1 put a = 5
    B 2-? cas 5 b
    C 3-4 cas 5 c = mismatch`,
  'an unknown write that nobody saw explains why a compare-and-set failed': `
    A 0-1 put a = 5
    B 2-? put b
    C 3-4 cas 5 c = mismatch
    C 5-6 put d = 9
    C 7-8 get = d@9`,
  'an unknown delete explains an empty key': `
    A 0-1 put a = 5
    B 2-? delete
    A 3-4 get = a@5
    A 5-6 get = nothing
    A 7-8 cas 0 c = 9`,
  'an unknown delete, then a creation that wins': `
    A 0-1 put a = 5
    B 2-? delete
    C 3-4 cas 0 c = 7`,
  'an unknown write explains a delete that found something': `
    A 0-? put a
    B 1-2 delete = 6 existed`,
  'two unknown creations explain two deletes that found something': `
    A 0-? cas 0 a
    B 1-? cas 0 b
    C 2-3 delete = 5 existed
    C 4-5 delete = 7 existed`,
  'an unknown read says nothing': `
    A 0-? get
    B 1-2 put a = 5`,
  'one of two concurrent compare-and-sets wins': `
    A 0-1 put a = 5
    B 2-5 cas 5 b = 6
    C 2-5 cas 5 c = mismatch`,
  'a mismatch in the middle of a write': `
    A 0-1 put a = 5
    A 2-9 put b = 6
    B 3-4 cas 5 c = mismatch`,
  'writes whose indexes nobody was told': `
    A 0-9 put a = ?
    B 0-9 put b = ?
    C 10-11 get = a@5`,
}

describe('histories that cannot be', () => {
  test.each(Object.entries(BAD))('%s', (_, text) => {
    expect(checkKey(written(text))).toMatchObject({ kind: 'not-linearizable' })
  })

  test('there are enough of them, and the brute-force twin finds the same', () => {
    expect(Object.keys(BAD).length).toBeGreaterThanOrEqual(20)
    for (const [name, text] of Object.entries(BAD)) expect(isLinearizable(written(text)), name).toBe(false)
  })
})

describe('histories that can be', () => {
  test.each(Object.entries(GOOD))('%s', (_, text) => {
    expect(checkKey(written(text))).toMatchObject({ kind: 'linearizable' })
  })

  test('the brute-force twin finds the same', () => {
    for (const [name, text] of Object.entries(GOOD)) {
      const history = written(text)
      if (history.length <= 8) expect(isLinearizable(history), name).toBe(true)
    }
  })
})

test('keys are judged one by one, and a fault names what could not be next', () => {
  const good = written('A 0-1 put a = 5')
  const bad = written(BAD['a client does not read its own write'] ?? '').map((one) => ({ ...one, key: 'other' }))
  const verdicts = checkHistory([...good, ...bad])
  expect(verdicts.get('k')).toMatchObject({ kind: 'linearizable' })
  expect(verdicts.get('other')).toMatchObject({ kind: 'not-linearizable', why: expect.stringContaining('get: absent') })
})

test('a history whose answers cannot come from clients like ours is refused, not judged', () => {
  expect(() => checkKey(written('A 0-1 put a = 5\nB 2-3 put a = 6'))).toThrow('two writes of one value')
  expect(() => checkKey(written('A 0-1 cas 7 a = mismatch'))).toThrow('which no answer shows')
})

test('a checker that runs out of moves or of time says unknown, never pass', () => {
  const history = written(GOOD['one after the other'] ?? '')
  expect(checkKey(history, { stepsMax: 3 })).toMatchObject({ kind: 'unknown' })
  let now = 0
  const slow = { now: () => (now += 1000), timeMsMax: 1, stepsMax: 100_000 }
  expect(checkKey(manyOpen(20_000), slow)).toMatchObject({ kind: 'unknown' })
})

test('thousands of operations by ten clients are judged in a moment, however many outcomes are unknown', () => {
  const verdict = checkKey(manyOpen(5000))
  expect(verdict).toMatchObject({ kind: 'linearizable' })
  expect(verdict.steps).toBeLessThan(200_000)
})

test('one wrong answer at the end of thousands is found', () => {
  const history = manyOpen(5000)
  const last = history.length * 10
  const wrong = written(`A ${last}-${last + 1} get = v0@1`).map((one) => ({ ...one, client: 99 }))
  expect(checkKey([...history, ...wrong])).toMatchObject({ kind: 'not-linearizable' })
})

/** Overlapping puts, reads and compare-and-sets in rounds of ten, every seventh write without an answer. */
function manyOpen(count: number): ReturnType<typeof written> {
  const lines: string[] = []
  let index = 0
  let seen = 0
  for (let round = 0; lines.length < count; round++) {
    const at = round * 100
    for (let i = 0; i < 3; i++) {
      const [client, value] = [String.fromCharCode(65 + i), `v${round * 10 + i}`]
      index++
      const open = round > 0 && (round * 3 + i) % 7 === 0
      lines.push(
        open ? `${client} ${at + i}-? put ${value}` : `${client} ${at + i}-${at + 50 + i} put ${value} = ${index}`,
      )
      if (!open) seen = index
    }
    const last = [2, 1, 0].find((i) => round === 0 || (round * 3 + i) % 7 !== 0) ?? 0
    for (let i = 3; i < 7; i++) {
      lines.push(`${String.fromCharCode(65 + i)} ${at + 60 + i}-${at + 70 + i} get = v${round * 10 + last}@${seen}`)
    }
    for (let i = 7; i < 10; i++) {
      lines.push(`${String.fromCharCode(65 + i)} ${at + 80 + i}-${at + 99} cas 0 x${round}c${i} = mismatch`)
    }
  }
  return written(lines.join('\n'))
}
