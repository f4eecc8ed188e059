import type { Executor, Service } from '@cronclave/openapi'
import { formatCount, formatDuration } from '../ui/format.ts'

/** Clocks that are off by more are marked: signatures are refused from five minutes on. */
const FAR_MS = 5000
/** What the way of a heartbeat alone may make of it. */
const SAME_MS = 100

/** In place of a URL: nothing calls it. */
export const PULL = 'pull'
export const PULL_WORDS = 'polls for its calls'

/** What is said where nothing was heard of an executor since the leader took office. */
export function heardOf({ url, status }: Pick<Executor, 'url' | 'status'>): string {
  return url === PULL && status === 'joining' ? 'has not polled yet' : '–'
}

/** How many executors of a service are in which state, those that work first. */
export function countWords(counts: Service['executors']): string {
  const states = ['online', 'joining', 'draining', 'suspect', 'offline'] as const
  const words = states.filter((state) => counts[state] > 0).map((state) => `${formatCount(counts[state])} ${state}`)
  return words.length === 0 ? 'none' : words.join(', ')
}

/** How far a clock is off, in words. */
export function skewWords(ms: number): string {
  if (Math.abs(ms) < SAME_MS) return 'the same'
  return `${formatDuration(Math.abs(ms))} ${ms < 0 ? 'behind' : 'ahead'}`
}

export function isFarOff(ms: number): boolean {
  return Math.abs(ms) >= FAR_MS
}
