import { describe, expect, test } from 'vitest'
import { childRunId } from '../runs/ids.ts'
import { apply } from './apply.ts'
import { World } from './lineage-world.test-helper.ts'
import { emptyState } from './state.ts'

describe('S044 the end of a run', () => {
  test.each([
    ['succeeded', ['ok', 'always']],
    ['failed', ['bad', 'always']],
    ['cancelled', []],
  ] as const)('that %s starts the children of that moment, in the same entry', (outcome, started) => {
    const world = new World()
    for (const name of ['ok', 'bad', 'always']) world.job(name)
    world.job('parent', ['ok:success', 'bad:failure', 'always:completion'])
    const parent = world.started('parent')
    const { changes, events } = world.end(parent, outcome)
    expect(changes.filter(({ kind }) => kind === 'ended-run')).toHaveLength(1)
    const queued = events.flatMap((event) => (event.type === 'run-queued' ? [event.job] : []))
    expect(queued).toEqual(started.map((name) => world.jobNamed(name).uid))
    for (const name of started) {
      const [child] = world.openOf(name)
      expect(child).toMatchObject({ cause: 'child', state: 'queued', parent: { run: parent } })
      expect(child?.id).toBe(childRunId(parent, world.jobNamed(name).uid, child?.parent?.moment ?? 'success'))
    }
  })

  test('by a timeout of the whole run, or as lost, is a failure', () => {
    const world = new World()
    for (const name of ['late', 'unknown']) world.job(name)
    world.job('slow', ['late:failure'])
    world.job('unsure', ['unknown:failure'], { onUncertain: 'fail' })
    world.run({ kind: 'runs-expired', runs: [{ id: world.started('slow'), why: 'run-timeout' }] })
    world.end(world.started('unsure'), 'uncertain')
    expect(world.rowsOf('slow')[0]?.state).toBe('timed-out')
    expect(world.rowsOf('unsure')[0]?.state).toBe('lost')
    expect([world.openOf('late').length, world.openOf('unknown').length]).toEqual([1, 1])
  })

  test('without ever having run starts none: it expired, was cancelled, or was skipped', () => {
    const world = new World()
    world.job('child')
    world.job('parent', ['child:success', 'child:failure', 'child:completion'], { overlap: 'skip' })
    const ask = (id: string) =>
      world.run({ kind: 'run-request', job: world.jobNamed('parent').uid, run: id, cause: 'api', by: 't' })
    ask('waits')
    ask('overlaps')
    world.run({ kind: 'runs-expired', runs: [{ id: 'waits', why: 'queue-ttl' }] })
    ask('stopped')
    world.run({ kind: 'run-cancel', run: 'stopped', by: 't' })
    expect(world.rowsOf('parent').map(({ id, state }) => [id, state])).toEqual([
      ['overlaps', 'skipped'],
      ['waits', 'skipped'],
      ['stopped', 'cancelled'],
    ])
    expect(world.openOf('child')).toEqual([])
  })

  test('that failed because nobody could take it starts what follows a failure', () => {
    const world = new World()
    world.run({
      kind: 'service-put',
      namespace: world.namespace,
      name: 'work',
      change: { description: '', allowedHosts: [] },
    })
    world.job('alarm')
    const target = { kind: 'handler' as const, service: 'work', handler: 'h' }
    world.job('parent', ['alarm:failure'], { target, whenFull: 'fail' })
    world.run({ kind: 'run-request', job: world.jobNamed('parent').uid, run: 'r', cause: 'api', by: 't' })
    expect(world.rowsOf('parent')[0]?.state).toBe('failed')
    expect(world.openOf('alarm')).toHaveLength(1)
  })

  test('goes down a chain as far as its runs end at once, all in one entry', () => {
    const world = new World()
    world.run({
      kind: 'service-put',
      namespace: world.namespace,
      name: 'work',
      change: { description: '', allowedHosts: [] },
    })
    const target = { kind: 'handler' as const, service: 'work', handler: 'h' }
    world.job('last')
    world.job('third', ['last:completion'], { target, whenFull: 'fail' })
    world.job('second', ['third:failure'], { target, whenFull: 'fail' })
    world.job('first', ['second'])
    const { changes } = world.end(world.started('first'))
    const rows = changes.flatMap((change) => (change.kind === 'ended-run' ? [change.row.jobName] : []))
    expect(rows).toEqual(['first', 'second', 'third'])
    expect(world.openOf('last')[0]?.parent).toEqual({ run: world.rowsOf('third')[0]?.id, moment: 'completion' })
  })
})

describe('a child', () => {
  test('that is paused is recorded as skipped, with its parent', () => {
    const world = new World()
    world.job('child')
    world.job('parent', ['child'])
    world.run({ kind: 'job-pause', job: world.jobNamed('child').uid, by: 't' })
    const parent = world.started('parent')
    world.end(parent)
    expect(world.rowsOf('child')).toMatchObject([
      { state: 'skipped', reason: 'paused', cause: 'child', parent: { run: parent, moment: 'success' } },
    ])
  })

  test('is judged by its own overlap like any request', () => {
    const world = new World()
    world.job('child', [], { overlap: 'skip' })
    world.job('parent', ['child'])
    world.end(world.started('parent', 'a'))
    world.end(world.started('parent', 'b'))
    expect(world.openOf('child').map(({ parent }) => parent?.run)).toEqual(['a'])
    expect(world.rowsOf('child')).toMatchObject([{ state: 'skipped', reason: 'overlap', parent: { run: 'b' } }])
  })

  test('that has gone is said to be missing, and nothing else happens', () => {
    const world = new World()
    world.job('child')
    world.job('parent', ['child'])
    world.run({ kind: 'job-delete', job: world.jobNamed('child').uid, force: true })
    const parent = world.started('parent')
    const { events, rejection } = world.end(parent)
    expect(rejection).toBeUndefined()
    expect(events.filter(({ type }) => type === 'child-missing')).toEqual([
      { type: 'child-missing', run: parent, job: world.jobNamed('parent').uid, child: 'child' },
    ])
    expect(world.state.runs.size).toBe(0)
  })

  test('gets a run for each moment that it is named for, with an id for each', () => {
    const world = new World()
    world.job('child')
    world.job('parent', ['child:success', 'child:completion'])
    world.end(world.started('parent'))
    const runs = world.openOf('child')
    expect(runs.map(({ parent }) => parent?.moment)).toEqual(['success', 'completion'])
    expect(new Set(runs.map(({ id }) => id)).size).toBe(2)
  })
})

test('whatever cuts the log, the end of a parent and the run of its child are there together or not at all', () => {
  const world = new World()
  world.job('child')
  world.job('parent', ['child'])
  world.end(world.started('parent', 'p'))
  const twin = emptyState()
  for (const entry of world.entries) {
    const applied = apply(twin, entry)
    const ended = applied.changes.some((change) => change.kind === 'ended-run' && change.row.id === 'p')
    const child = [...twin.runs.values()].some(({ parent }) => parent?.run === 'p')
    expect(child, `after entry ${entry.index}`).toBe(ended)
  }
  expect(twin.digest).toBe(world.state.digest)
  expect([...twin.runs]).toEqual([...world.state.runs])
})

describe('a definition is refused by the entry itself', () => {
  test('when it makes a circle with what was saved meanwhile', () => {
    const world = new World()
    world.job('a')
    world.job('b', ['a'])
    const { rejection, changes } = world.job('a', ['b'])
    expect(rejection).toEqual({ code: 'invalid-job', detail: 'the children of job a: makes a circle: a → b → a' })
    expect(changes).toEqual([])
    expect(world.jobNamed('a').spec.children).toEqual([])
  })

  test('when a child has gone meanwhile', () => {
    const world = new World()
    expect(world.job('a', ['none']).rejection?.detail).toContain('there is no job none')
  })
})

describe('a job that others name as their child', () => {
  test('is deleted by force only', () => {
    const world = new World()
    world.job('child')
    world.job('parent', ['child'])
    const { uid } = world.jobNamed('child')
    world.run({ kind: 'job-pause', job: uid, by: 't' })
    expect(world.run({ kind: 'job-delete', job: uid, force: false }).rejection).toEqual({
      code: 'in-use',
      detail: 'job child is a child of parent: force to delete it',
    })
    expect(world.run({ kind: 'job-delete', job: uid, force: true }).rejection).toBeUndefined()
  })

  test('is free again when they name it no more, or are gone', () => {
    const world = new World()
    world.job('child')
    world.job('one', ['child'])
    world.job('two', ['child'])
    world.job('one')
    world.run({ kind: 'job-delete', job: world.jobNamed('two').uid, force: true })
    const { uid } = world.jobNamed('child')
    world.run({ kind: 'job-pause', job: uid, by: 't' })
    expect(world.run({ kind: 'job-delete', job: uid, force: false }).rejection).toBeUndefined()
    expect(world.state.parents.size).toBe(0)
  })
})
