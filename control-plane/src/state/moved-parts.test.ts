import { expect, test } from 'vitest'
import { Board } from '../scheduler/board.ts'
import { OWN_URL } from './executors.ts'
import { ShardWorld } from './shard-world.test-helper.ts'

const DEAD = { code: 'e', message: 'it was down' }
const ELSEWHERE = { target: { kind: 'handler', service: 'other', handler: 'h' } }
const BY_URL = { target: { kind: 'http', method: 'POST', url: 'https://example.com/' } }

/** Two services, each with an executor `e1`. */
function twoServices() {
  const w = new ShardWorld()
  const { namespace } = w.state.services.get(w.service) ?? { namespace: 0 }
  w.run({ kind: 'service-put', namespace, name: 'other', change: { description: '', allowedHosts: [] } })
  const service = w.state.serviceNames.get(`${namespace}/other`) ?? 0
  const change = { kind: 'static', url: 'http://e1', weight: 1, slots: 1, labels: {}, status: 'online' }
  w.run({ kind: 'executor-put', service, id: 'e1', change })
  w.executor('e1', { slots: 1 })
  const choose = (run: string) => {
    const board = new Board(w.state)
    board.begin(w.state)
    const { job } = w.open(run)
    const found = w.state.jobs.get(job)
    return found && board.choose(found, { now: 0, chance: () => 0 }, w.shard(run, 0))
  }
  const heldElsewhere = () => w.state.executors.get(service)?.get('e1')?.held
  return { w, choose, heldElsewhere }
}

test('a retry goes to the service that its job calls by now, and holds no slot of the other', () => {
  const { w, choose, heldElsewhere } = twoServices()
  const run = w.fire(w.job({ retry: { max: 1 } }), [], ['e1'])
  w.finish(run, 0, 'failed', { error: DEAD })
  expect([w.held('e1'), w.namespaceHeld]).toEqual([1, 1])
  w.job({ ...ELSEWHERE, retry: { max: 1 } })
  expect(w.applied.at(-1)?.changes).toContainEqual({ kind: 'run', id: run })
  expect([w.held('e1'), w.namespaceHeld]).toEqual([0, 0])
  expect(choose(run)).toBe('e1')
  expect(w.place(run, 0, 'e1')).toBe('started')
  expect([w.held('e1'), heldElsewhere(), w.namespaceHeld]).toEqual([0, 1, 1])
})

test('who was tried in one service is none of those of another, though their names be the same', () => {
  const { w, choose } = twoServices()
  w.executor('e2', { slots: 1 })
  const run = w.fire(w.job({}), [], ['e1'])
  w.finish(run, 0, 'failed', { error: DEAD })
  expect(w.shard(run, 0)).toMatchObject({ tried: ['e1'], spent: ['e1'] })
  w.job(ELSEWHERE)
  expect(choose(run)).toBe('e1')
  expect(w.place(run, 0, 'e1')).toBe('started')
  w.finish(run, 0, 'failed', { error: DEAD })
  expect(w.ended(run)).toMatchObject({ state: 'failed', attempts: 2, error: DEAD })
})

test('an attempt that fails after its job was moved is taken over there, with retries of its own', () => {
  const { w, choose, heldElsewhere } = twoServices()
  const retry = { retry: { max: 1 } }
  const run = w.fire(w.job(retry), [], ['e1'])
  w.finish(run, 0, 'failed', { error: DEAD })
  w.place(run, 0, 'e1')
  w.job({ ...ELSEWHERE, ...retry })
  w.finish(run, 0, 'failed', { error: DEAD })
  expect(w.shard(run, 0)).toMatchObject({ state: 'waiting', tried: [], retries: 0 })
  expect([w.held('e1'), w.namespaceHeld]).toEqual([0, 0])
  expect(choose(run)).toBe('e1')
  w.place(run, 0, 'e1')
  expect(heldElsewhere()).toBe(1)
  w.finish(run, 0, 'failed', { error: DEAD })
  expect(w.shard(run, 0)).toMatchObject({ state: 'waiting', retries: 1 })
})

test('likewise to a URL of its own, and back', () => {
  const { w, choose } = twoServices()
  w.executor('e2', { slots: 1 })
  const run = w.fire(w.job({}), [], ['e1'])
  w.finish(run, 0, 'failed', { error: DEAD })
  w.job(BY_URL)
  expect(choose(run)).toBe(OWN_URL)
  expect(w.place(run, 0, OWN_URL)).toBe('started')
  expect(w.namespaceHeld).toBe(1)
  w.job({})
  w.finish(run, 0, 'failed', { error: DEAD })
  expect(w.namespaceHeld).toBe(0)
  expect(w.place(run, 0, 'e1')).toBe('started')
  expect([w.held('e1'), w.namespaceHeld]).toEqual([1, 1])
})

test('a URL of its own is the same place, whichever service lends it a secret', () => {
  const { w } = twoServices()
  const lent = { target: { ...BY_URL.target, service: 'work' }, retry: { max: 1 } }
  const run = w.fire(w.job(lent), undefined, [OWN_URL])
  w.finish(run, 0, 'failed', { error: DEAD })
  w.job({ ...BY_URL, retry: { max: 1 } })
  expect(w.shard(run, 0)).toMatchObject({ retries: 1, placedOn: OWN_URL })
})

test('without failover, whoever may have done the work in the other service is named', () => {
  const { w } = twoServices()
  const run = w.fire(w.job({ failover: false }), [], ['e1'])
  w.finish(run, 0, 'uncertain')
  w.job({ ...ELSEWHERE, failover: false })
  expect(w.place(run, 0, 'e1')).toBe('skipped')
  expect(w.ended(run)).toMatchObject({ state: 'lost', error: { code: 'executor-gone' } })
  expect(w.ended(run)?.error?.message).toContain('Executor e1 has gone')
})
