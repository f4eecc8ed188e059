import type { Fault, Problem } from '@cronclave/openapi'

/** What went wrong, as a sentence for people; places of a faulty body follow in `faults`. */
export interface Explained {
  title: string
  detail?: string
  faults: readonly Fault[]
  code?: string
}

/** Reads a problem document, or whatever else was thrown. */
export function explain(error: unknown): Explained {
  if (isProblem(error)) {
    const detail = error.detail === undefined || error.detail === error.title ? {} : { detail: error.detail }
    return { title: error.title, ...detail, faults: error.errors ?? [], code: error.code }
  }
  if (error instanceof TypeError) {
    return { title: 'The server does not answer', detail: 'It is stopped, or the network is in the way.', faults: [] }
  }
  const detail = error instanceof Error && error.message !== '' ? { detail: error.message } : {}
  return { title: 'Something went wrong', ...detail, faults: [] }
}

export function isProblem(error: unknown): error is Problem {
  return typeof error === 'object' && error !== null && 'code' in error && 'title' in error && 'status' in error
}
