import { strict as assert } from 'node:assert'
import type { Applied } from '../../../control-plane/src/state/applied.ts'
import type { State } from '../../../control-plane/src/state/state.ts'

/** What is promised of slots: as many are held as shards are placed, and none is given that is not there. */
export class Slots {
  /** Slots held before this entry, by service and executor. */
  readonly #held = new Map<string, number>()

  check({ events }: Applied, state: State): void {
    for (const event of events) {
      if (event.type !== 'attempt-started') continue
      const run = state.runs.get(event.run)
      const { placedIn } = run?.shards[event.shard] ?? {}
      if (placedIn === undefined) continue
      const executor = state.executors.get(placedIn)?.get(event.attempt.executor)
      if (executor === undefined || executor.slots === 0) continue
      const most = Math.max(executor.slots, this.#held.get(`${placedIn}/${executor.id}`) ?? 0)
      assert(executor.held <= most, `${event.attempt.id}: ${executor.id} gives away no slot that it does not have`)
    }
    for (const [service, executors] of state.executors)
      for (const { id, held } of executors.values()) this.#held.set(`${service}/${id}`, held)
  }

  /** The slots held are those of placed shards, one by one. */
  checkState(state: State): void {
    const held = new Map<string, number>()
    const perNamespace = new Map<number, number>()
    const queued = new Map<number, number>()
    for (const run of state.runs.values()) {
      if (run.state === 'queued') queued.set(run.namespace, (queued.get(run.namespace) ?? 0) + 1)
      for (const shard of run.shards) {
        const name = `run ${run.id}, shard ${shard.index}`
        if (shard.state === 'succeeded' || shard.state === 'failed')
          assert.equal(shard.placedOn, undefined, `${name}: what has ended holds no slot`)
        if (shard.attempt) assert.equal(shard.placedOn, shard.attempt.executor, `${name}: it is where its slot is`)
        if (shard.placedOn === undefined) continue
        const key = `${shard.placedIn}/${shard.placedOn}`
        held.set(key, (held.get(key) ?? 0) + 1)
        perNamespace.set(run.namespace, (perNamespace.get(run.namespace) ?? 0) + 1)
      }
    }
    for (const namespace of state.namespaces.values()) {
      assert.equal(namespace.held, perNamespace.get(namespace.uid) ?? 0, 'the slots held are those of placed shards')
      assert(namespace.held <= namespace.slots, 'a namespace holds no more slots than it has')
      assert.equal(namespace.queued, queued.get(namespace.uid) ?? 0, 'the runs waiting are counted')
    }
    for (const executors of state.executors.values()) {
      for (const executor of executors.values()) {
        const shards = held.get(`${executor.service}/${executor.id}`) ?? 0
        assert.equal(executor.held, shards, `the shards on ${executor.id} are counted`)
      }
    }
  }
}
