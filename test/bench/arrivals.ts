import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Cluster } from '../support/cluster.ts'
import { HOME, inParallel } from '../support/server.ts'

/** An HTTP endpoint within this process that writes down when each request came, by the monotonic clock. */
export class Arrivals {
  readonly #server = createServer((request, response) => {
    this.#at.push(performance.now())
    request.resume()
    response.end('{"ok":true}')
  })
  readonly #at: number[] = []

  static async listen(): Promise<Arrivals> {
    const arrivals = new Arrivals()
    arrivals.#server.keepAliveTimeout = 60_000
    arrivals.#server.listen(0, '127.0.0.1')
    await once(arrivals.#server, 'listening')
    return arrivals
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  /** The first request at or after an instant. */
  async firstAfter(at: number, withinMs: number): Promise<number> {
    const deadline = performance.now() + withinMs
    for (;;) {
      const first = this.#at.find((one) => one >= at)
      if (first !== undefined) return first
      if (performance.now() > deadline) throw new Error(`no request came within ${withinMs} ms`)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  forget(): void {
    this.#at.length = 0
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

/** Jobs that fire each second, spread so that one is due every so many milliseconds. */
export async function createFiringJobs(cluster: Cluster, url: string, everyMs: number): Promise<void> {
  const count = Math.round(1000 / everyMs)
  const begin = Math.ceil((Date.now() + 3000) / 1000) * 1000
  await inParallel(
    Array.from({ length: count }, (_, i) => i),
    8,
    (i) =>
      cluster.call('PUT', `${HOME}/jobs/bench-${i}`, {
        schedules: [{ id: 'each', every: '1s', startAt: new Date(begin + i * everyMs).toISOString() }],
        target: { kind: 'http', url },
      }),
  )
}
