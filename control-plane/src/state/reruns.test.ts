import { describe, expect, test } from 'vitest'
import { rerunId } from '../runs/ids.ts'
import { T0, World } from './lineage-world.test-helper.ts'

function again(world: World, name: string, original: string, more: object = {}) {
  const row = world.ended.find(({ id }) => id === original)
  return world.run({
    kind: 'run-rerun',
    job: world.jobNamed(name).uid,
    original: {
      id: original,
      fireTime: row?.fireTime ?? 0,
      schedules: row?.schedules ?? [],
      ...(row?.parent && { parent: row.parent }),
    },
    params: row?.params ?? {},
    by: 'ada',
    ...more,
  })
}

describe('a rerun', () => {
  test('is a run of its own for the same fire time and parameters, with an id from the original and the count', () => {
    const world = new World()
    world.job('x')
    const { uid } = world.jobNamed('x')
    world.run({ kind: 'run-request', job: uid, run: 'r', cause: 'api', fireTime: 5, params: { day: 1 }, by: 't' })
    world.end(world.place('r'), 'failed')
    world.now = T0 + 60_000
    const ids = [1, 2].map(() => again(world, 'x', 'r').value?.run)
    expect(ids).toEqual([rerunId('r', 1), rerunId('r', 2)])
    expect(world.state.runs.get(ids[0] ?? '')).toMatchObject({
      cause: 'rerun',
      rerunOf: 'r',
      fireTime: 5,
      dueTime: T0 + 60_000,
      params: { day: 1 },
      requestedBy: 'ada',
    })
    expect(world.jobNamed('x').progress.reruns).toBe(2)
  })

  test('of a run that ended as fast as it could never gets the id of another', () => {
    const world = new World()
    world.job('x', [], { overlap: 'skip' })
    world.end(world.started('x', 'r'))
    world.started('x', 'in the way')
    const ids = Array.from({ length: 20 }, () => again(world, 'x', 'r').value?.run)
    expect(new Set(ids).size).toBe(20)
    expect(world.rowsOf('x').filter(({ rerunOf }) => rerunOf === 'r')).toHaveLength(20)
  })

  test('begins with the parts that it is given, and keeps the parent of the original', () => {
    const world = new World()
    world.job('x')
    world.job('parent', ['x'])
    world.end(world.started('parent', 'p'))
    const [child] = world.openOf('x')
    world.end(world.place(child?.id ?? ''), 'failed')
    const shards = [{ items: ['b', 'c'] }, { items: ['e'], bound: 'e2' }]
    const { value } = again(world, 'x', child?.id ?? '', { shards })
    expect(world.state.runs.get(value?.run ?? '')).toMatchObject({
      parent: { run: 'p', moment: 'success' },
      shards: [
        { index: 0, items: ['b', 'c'], state: 'waiting' },
        { index: 1, items: ['e'], bound: 'e2', state: 'waiting' },
      ],
    })
  })

  test('of a run that is open is refused, and so is one for an executor that is not there', () => {
    const world = new World()
    world.job('x')
    world.started('x', 'r')
    expect(again(world, 'x', 'r').rejection?.code).toBe('run-open')
    world.end('r')
    expect(again(world, 'x', 'r', { executor: 'nobody' }).rejection?.code).toBe('executor-not-found')
    expect(world.jobNamed('x').progress.reruns).toBeUndefined()
  })

  test('asked for twice under one key is one', () => {
    const world = new World()
    world.job('x')
    world.end(world.started('x', 'r'))
    const idempotency = { key: 'k', principal: 'p', bodyHash: 'h' }
    const first = again(world, 'x', 'r', { idempotency }).value
    const second = again(world, 'x', 'r', { idempotency }).value
    expect([second?.run, second?.replayed]).toEqual([first?.run, true])
    expect(world.jobNamed('x').progress.reruns).toBe(1)
  })
})
