import type { ClassicLevel } from 'classic-level'
import { openDatabase } from '../../control-plane/src/store/level.ts'
import type { Database } from '../../control-plane/src/store/level-store.ts'

/** What happens to the batches of a database: all writes pass through here before they reach LevelDB. */
export class Faults {
  /** Batches written so far. */
  batches = 0
  /** The batch that fails, counted from 1, and whether it reaches the disk before it does. */
  failAt = Number.POSITIVE_INFINITY
  failsAfterwards = false
  /** While set, batches wait for it before they are written. */
  gate: Promise<void> | undefined

  /** Opens LevelDB with these faults in front of its batches. */
  readonly open = async (path: string): Promise<Database> => {
    const database = await openDatabase(path)
    return new Proxy(database, {
      get: (target, name) => {
        if (name === 'batch') return () => this.#batch(target)
        const member = Reflect.get(target, name, target)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  }

  #batch(database: Database): ReturnType<ClassicLevel<string, Uint8Array>['batch']> {
    const batch = database.batch()
    return new Proxy(batch, {
      get: (target, name) => {
        if (name !== 'write') return Reflect.get(target, name, target).bind(target)
        return async (options: { sync: boolean }) => {
          this.batches += 1
          await this.gate
          const fails = this.batches >= this.failAt
          if (!fails || this.failsAfterwards) await target.write(options)
          if (fails) throw Object.assign(new Error('IO error: No space left on device'), { code: 'LEVEL_IO_ERROR' })
        }
      },
    })
  }
}
