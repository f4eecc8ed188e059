import type { Executor } from './executor.ts'

/** What an executor registers as its URL that nothing can call: it gets its calls from polls. */
export const PULL_URL = 'pull'
/** Slots of one that says nothing of them: what waits for it is no burden to it, so it has a limit all the same. */
export const PULL_SLOTS = 10

const SCHEME = 'pull://'

/** Whether an executor gets its calls from polls. */
export function pulls({ url }: Pick<Executor, 'url'>): boolean {
  return url === PULL_URL
}

/** Where calls of an executor go: its URL, or a name of its own at the desk where it polls. */
export function addressOf({ url, service, id }: Pick<Executor, 'url' | 'service' | 'id'>): string {
  return url === PULL_URL ? `${SCHEME}${service}/${id}` : url
}

/** Whether an origin is the name of one that polls. */
export function isPulled(origin: string): boolean {
  return origin.startsWith(SCHEME)
}

/** Whom such an origin names. */
export function pulledBy(origin: string): Pick<Executor, 'service' | 'id'> {
  const [service = '', id = ''] = origin.slice(SCHEME.length).split('/', 2)
  return { service: Number(service), id }
}
