import type { Core } from '../../../control-plane/src/core.ts'
import type { NodeProcess } from './machine.ts'
import type { World } from './world.ts'

/** How often something that has to be there is asked for again, in milliseconds. */
const AGAIN_MS = 200

/** What people ask of a cluster, through any node that is up. */
export class Errands {
  readonly #world: World
  readonly #anyNode: () => NodeProcess | undefined

  constructor(world: World, anyNode: () => NodeProcess | undefined) {
    this.#world = world
    this.#anyNode = anyNode
  }

  /** What comes of it is nobody's business. */
  once(task: (core: Core) => Promise<void>): void {
    const process = this.#anyNode()
    if (process === undefined) return
    this.#world.laterIn(
      () => process,
      1,
      'people',
      () => void (process.core && task(process.core).catch(() => undefined)),
    )
  }

  /** Again and again until it was done. */
  untilDone(task: (core: Core) => Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      let done = false
      const attempt = () => {
        if (done) return
        this.once((core) =>
          task(core).then(() => {
            done = true
            resolve()
          }),
        )
        this.#world.later(AGAIN_MS, 'setup', attempt)
      }
      attempt()
    })
  }
}
