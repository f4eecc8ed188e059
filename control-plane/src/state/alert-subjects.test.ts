import { expect, test } from 'vitest'
import type { AlertCondition } from '../alerts/rule.ts'
import { EPISODES_OPEN_MAX } from '../alerts/episode.ts'
import { AlertWorld } from './alert-world.test-helper.ts'

const FAILED: AlertCondition = { kind: 'run-ended', states: ['failed'], count: 1, windowMs: 60_000 }
const RARELY: AlertCondition = { ...FAILED, count: 9 }

/** A job that calls a service, which a rule watches that fires and one that remembers. */
function serving() {
  const world = new AlertWorld()
  const { namespace } = world
  const service = (name: string) =>
    world.run({ kind: 'service-put', namespace, name, change: { description: '', allowedHosts: [] } }).value?.uid ?? 0
  const one = service('one')
  service('two')
  const target = (name: string) => ({ kind: 'handler', service: name, handler: 'h' }) as never
  const job = world.job('job', { target: target('one') })
  const executor = { kind: 'static', url: 'http://e1', weight: 1, slots: 0, labels: {}, status: 'online' }
  world.run({ kind: 'executor-put', service: one, id: 'e1', change: executor })
  const scope = { kind: 'service', namespace, service: one } as const
  world.rule(FAILED, { scope, channels: [world.channel()] })
  world.rule(RARELY, { scope, name: 'rarely' })
  world.rule(FAILED, { name: 'all' })
  world.pass(1000)
  world.run({ kind: 'run-request', job: job.uid, run: 'r', cause: 'api', by: 't' })
  world.run({ kind: 'place-shards', node: 'n', placements: [{ run: 'r', shard: 0, attempts: 0, executor: 'e1' }] })
  world.finish('r', 'failed')
  return { world, move: (name: string) => world.job('job', { target: target(name) }) }
}

test('rules on a service let go of a job that calls another one from now on, and no others do', () => {
  const { world, move } = serving()
  expect(world.summary).toEqual(['firing 1', 'firing 1'])
  expect(world.state.alertTallies.size).toBe(1)
  move('one')
  expect(world.summary).toEqual(['firing 1', 'firing 1'])
  move('two')
  expect(world.summary).toEqual(['firing 1', 'resolved 1 subject-gone'])
  expect(world.told).toEqual(['firing', 'resolved'])
  expect(world.state.alertTallies.size).toBe(0)
})

test('alerts go by the new name of a namespace, and those of others do not', () => {
  const world = new AlertWorld()
  const change = { description: '', slots: 1, queuedRunsMax: 1 }
  world.run({ kind: 'namespace-put', name: 'other', change })
  world.rule(FAILED)
  world.rule({ kind: 'node-gone', forMs: 1 }, { name: 'nodes', namespace: 0 })
  world.ends(world.job(), 'failed')
  const nodes = world.state.alertRules.get(world.state.alertIndex.ruleNames.get('0/nodes') ?? 0)?.uid ?? 0
  world.observe({ rule: nodes })
  world.run({ kind: 'namespace-rename', name: 'other', to: 'another' })
  expect(world.episodes.map(({ subject }) => subject.namespace)).toEqual(['default', undefined])
  const { changes } = world.run({ kind: 'namespace-rename', name: 'default', to: 'fresh' })
  expect(world.episodes.map(({ subject }) => subject.namespace)).toEqual(['fresh', undefined])
  expect(changes).toContainEqual({ kind: 'episode', id: world.episodes[0]?.id })
})

test('what rules remember of a job goes with it, and nothing else does', () => {
  const world = new AlertWorld()
  world.rule(RARELY)
  world.rule(RARELY, { namespace: 0, name: 'cluster' })
  const [one, two] = [world.job('one'), world.job('two')]
  for (const job of [one, two]) world.ends(job, 'failed')
  expect(world.state.alertTallies.size).toBe(4)
  world.run({ kind: 'job-delete', job: one.uid, force: true })
  expect([...world.state.alertTallies.values()].map(({ subject }) => subject)).toEqual(
    [two, two].map(({ uid }) => `${uid}`),
  )
})

test('what is not recorded for want of room is not told of under a silence either, and is summed up without one', () => {
  const world = new AlertWorld()
  const rule = world.rule({ kind: 'node-gone', forMs: 1 }, { channels: [world.channel('ops', 1)] })
  const subject = (id: number) => ({ kind: 'node' as const, id: `n${id}`, name: 'n' })
  for (let at = 0; at < EPISODES_OPEN_MAX; at++) world.observe({ rule, subject: subject(at) })
  const heldBack = () => [...world.state.channels.values()][0]?.window?.firing
  const before = heldBack() ?? 0
  world.observe({ rule, subject: subject(-1) })
  expect(heldBack()).toBe(before + 1)
  const { namespace, now } = world
  world.run({ kind: 'silence-put', namespace, match: {}, from: now, until: now + 9, reason: 'r', by: 't' })
  world.observe({ rule, subject: subject(-1) })
  expect(heldBack()).toBe(before + 1)
})
