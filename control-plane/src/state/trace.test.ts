import { expect, test } from 'vitest'
import { readTrace } from '../runs/trace.ts'
import { World } from './lineage-world.test-helper.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const ASKED = { parent: `00-${TRACE}-b7ad6b7169203331-01`, state: 'vendor=1' }
const ATTEMPT = { parent: `00-${TRACE}-00f067aa0ba902b7-01` }

function asked(world: World, more: object = {}): string {
  world.run({ kind: 'run-request', job: world.jobNamed('p').uid, run: 'r', cause: 'api', by: 't', ...more })
  return world.place('r')
}

function withChain(): World {
  const world = new World()
  world.job('c')
  world.job('p', ['c:completion'])
  return world
}

test('a run keeps where it belongs, and its child goes on where its last attempt was', () => {
  const world = withChain()
  world.end(asked(world, { trace: ASKED }), 'failed', { trace: ATTEMPT })
  expect(world.rowsOf('p')).toMatchObject([{ trace: ATTEMPT }])
  expect(world.openOf('c')).toMatchObject([{ trace: ATTEMPT }])
})

test('an attempt that another follows leaves the run where it was', () => {
  const world = new World()
  world.job('p', [], { retry: { max: 1, delayMs: 1, backoff: 'fixed', maxDelayMs: 1, jitter: 0 } })
  world.end(asked(world, { trace: ASKED }), 'failed', { trace: ATTEMPT, retryable: true })
  expect(world.openOf('p')).toMatchObject([{ trace: ASKED }])
})

test('what is not traced holds nothing of it, and one that is has another digest', () => {
  const [plain, traced] = [withChain(), withChain()]
  asked(plain)
  asked(traced, { trace: ASKED })
  expect(plain.openOf('p')[0]).not.toHaveProperty('trace')
  expect(traced.state.digest).not.toBe(plain.state.digest)
  plain.end('r')
  expect(plain.rowsOf('p')[0]).not.toHaveProperty('trace')
  expect(plain.openOf('c')[0]).not.toHaveProperty('trace')
})

test.each([
  ['nothing', undefined],
  ['another version', `01-${TRACE}-b7ad6b7169203331-01`],
  ['no trace', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
  ['no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['upper case', `00-${TRACE.toUpperCase()}-b7ad6b7169203331-01`],
  ['more', `00-${TRACE}-b7ad6b7169203331-01-extra`],
  ['a line', `00-${TRACE}-b7ad6b7169203331-01\r\nx: y`],
])('a caller that sends %s is in no trace', (_, parent) => {
  expect(readTrace(parent, 'a=1')).toBeUndefined()
})

test('a state that is too long, or no header, is left out', () => {
  expect(readTrace(ASKED.parent, 'a=1')).toEqual({ parent: ASKED.parent, state: 'a=1' })
  for (const state of [undefined, '', 'x'.repeat(513), 'a=\r\nb: c', 'ü'])
    expect(readTrace(ASKED.parent, state)).toEqual({ parent: ASKED.parent })
})
