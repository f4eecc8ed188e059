import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compileSchedule, type CompiledSchedule, nextFire } from '../../control-plane/src/jobs/schedule.ts'

interface Vector {
  rule: string
  cron: string
  zone?: string
  gap?: 'next' | 'skip'
  fold?: 'first' | 'last' | 'both'
  quartzWeekdays?: boolean
  after: string
  fires: { at: string; moved?: string; skip?: string }[]
  end?: boolean
}

const vectors = JSON.parse(readFileSync(new URL('cron.json', import.meta.url), 'utf8')) as {
  fires: Vector[]
  refused: { rule: string; cron: string }[]
}

describe('cron vectors', () => {
  test.each(vectors.fires)('$rule: $cron', ({ after, fires, end, ...vector }) => {
    const schedule = compile(vector)
    let at = Date.parse(after)
    for (const expected of fires) {
      const fire = nextFire([schedule], { after: at, spread: 0, fireCount: 0, createdAt: 0 })
      const { fireTime, moved, skip } = { moved: undefined, skip: undefined, ...fire }
      expect({ at: fireTime, moved, skip }).toEqual({ ...expected, at: Date.parse(expected.at) })
      at = Date.parse(expected.at)
    }
    if (end) expect(nextFire([schedule], { after: at, spread: 0, fireCount: 0, createdAt: 0 })).toBeUndefined()
  })

  test.each(vectors.refused)('refused, $rule: $cron', (vector) => {
    expect(() => compile(vector)).toThrow(/^\/cron: /)
  })
})

function compile({
  cron,
  zone = 'UTC',
  gap = 'next',
  fold = 'first',
  quartzWeekdays = false,
}: Partial<Vector> & { cron: string }): CompiledSchedule {
  return compileSchedule({ id: 'vector', cron, zone, gap, fold, jitterMs: 0, quartzWeekdays }, 0)
}
