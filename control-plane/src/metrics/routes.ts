import { Buckets, FAST_MS } from '../runtime/buckets.ts'

/** Requests to one operation since this process started. */
export class RouteTally {
  readonly method: string
  /** As the contract has it: `/v1/namespaces/{namespace}/jobs`. */
  readonly route: string
  readonly statuses = new Map<number, number>()
  readonly durations = new Buckets(FAST_MS)

  constructor(method: string, route: string) {
    this.method = method
    this.route = route
  }

  add(status: number, ms: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
    this.durations.add(ms)
  }
}

/** Requests by operation: as many as the contract has, and one for everything else. */
export class Routes {
  readonly all: RouteTally[] = []
  /** Pages and assets, methods that an operation does not know, and paths that are nothing. */
  readonly elsewhere = this.route('any', 'other')

  route(method: string, route: string): RouteTally {
    const tally = new RouteTally(method, route)
    this.all.push(tally)
    return tally
  }
}
