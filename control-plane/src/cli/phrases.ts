import { formatInstant } from '../runtime/instant.ts'
import type { Definition } from './replies.ts'

type Schedule = NonNullable<Definition['schedules']>[number]

/** How far an instant is from now: `12s ago`, `in 3m`. */
export function ago(instant: string | number, now: number): string {
  const at = typeof instant === 'number' ? instant : Date.parse(instant)
  const seconds = Math.round((at - now) / 1000)
  const text = span(Math.abs(seconds))
  return seconds > 0 ? `in ${text}` : seconds === 0 ? 'now' : `${text} ago`
}

/** A duration for people, its two greatest units: `2d 4h`, `340ms`. */
export function shortDuration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)}ms` : ms < 60_000 ? `${(ms / 1000).toFixed(1)}s` : span(Math.round(ms / 1000))
}

function span(seconds: number): string {
  if (seconds < 120) return `${seconds}s`
  if (seconds < 7200) return `${Math.round(seconds / 60)}m`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)}h`
  return `${Math.round(seconds / 86_400)}d`
}

/** Schedules in a few words: `0 9 * * 1-5 Asia/Shanghai`. */
export function describeRule(schedules: readonly Schedule[] = []): string {
  return schedules.length === 0 ? 'manual' : schedules.map(ruleOf).join('; ')
}

function ruleOf({ cron, every, after, at, zone = 'UTC' }: Schedule): string {
  if (cron !== undefined) return zone === 'UTC' ? cron : `${cron} ${zone}`
  if (every !== undefined) return `every ${every}`
  if (after !== undefined) return `${after} after the last`
  return at === undefined ? 'manual' : `at ${formatInstant(Date.parse(at))}`
}

/** `billing/nightly-report`, `POST https://…`. */
export function describeTarget(target: Definition['target']): string | undefined {
  if (target === undefined) return undefined
  if (target.kind === 'handler') return `${target.service}/${target.handler}`
  return `${target.method ?? 'GET'} ${target.url ?? `${target.service}:${target.path}`}`
}
