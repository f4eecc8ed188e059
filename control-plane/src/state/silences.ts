import type { AlertSubject } from '../alerts/episode.ts'
import { type AlertRule, type Silence, SILENCES_MAX, SILENCES_OF_NAMESPACE_MAX } from '../alerts/rule.ts'
import type { Millis } from '../runtime/clock.ts'
import { wide } from '../store/key-number.ts'
import type { CommandOf } from './commands.ts'
import type { State } from './state.ts'
import { type Answer, refuse, type Turn } from './turn.ts'

export function putSilence(turn: Turn, command: CommandOf<'silence-put'>): Answer {
  const { state } = turn
  const { namespace, match, from, until, reason, by } = command
  if (namespace !== 0 && !state.namespaces.has(namespace))
    return refuse('namespace-not-found', 'the namespace has gone')
  forgetOver(turn)
  let its = 0
  for (const silence of state.silences.values()) if (silence.namespace === namespace) its += 1
  if (its >= SILENCES_OF_NAMESPACE_MAX || state.silences.size >= SILENCES_MAX)
    return refuse('alerts-full', `there are ${its} silences already: remove some`)
  const id = wide(turn.index)
  state.silences.set(id, { id, namespace, match, from, until, reason, createdBy: by })
  silenceChanged(turn, id)
  return { silence: id }
}

export function deleteSilence(turn: Turn, command: CommandOf<'silence-delete'>): Answer {
  if (!turn.state.silences.delete(command.silence))
    return refuse('silence-not-found', `there is no silence ${command.silence}`)
  silenceChanged(turn, command.silence)
  return {}
}

/** Forgets the silences of a namespace that has gone. */
export function forgetSilences(turn: Turn, namespace: number): void {
  for (const [id, silence] of turn.state.silences) if (silence.namespace === namespace) forget(turn, id)
}

/** The oldest silence under which nobody is told of a subject by a rule. One of the cluster is over every namespace. */
export function silenceOver(
  state: Pick<State, 'silences' | 'jobs' | 'serviceNames'>,
  rule: Pick<AlertRule, 'uid' | 'namespace'>,
  subject: AlertSubject,
  at: Millis,
): Silence | undefined {
  for (const silence of state.silences.values()) {
    if (silence.namespace !== 0 && silence.namespace !== rule.namespace) continue
    if (at < silence.from || at >= silence.until) continue
    if (matches(state, silence.match, rule.uid, subject)) return silence
  }
  return undefined
}

function matches(
  state: Pick<State, 'jobs' | 'serviceNames'>,
  { rule, job, service, node }: Silence['match'],
  of: number,
  subject: AlertSubject,
): boolean {
  if (rule !== undefined && rule !== of) return false
  if (job !== undefined && (subject.kind !== 'job' || subject.id !== String(job))) return false
  if (node !== undefined && (subject.kind !== 'node' || subject.id !== node)) return false
  return service === undefined || serviceOf(state, subject) === service
}

function serviceOf(state: Pick<State, 'jobs' | 'serviceNames'>, { kind, id }: AlertSubject): number | undefined {
  if (kind === 'service') return Number(id)
  if (kind === 'executor') return Number(id.slice(0, id.indexOf('/')))
  const job = kind === 'job' ? state.jobs.get(Number(id)) : undefined
  return job && state.serviceNames.get(`${job.namespace}/${job.spec.target.service}`)
}

function forgetOver(turn: Turn): void {
  for (const [id, { until }] of turn.state.silences) if (until <= turn.at) forget(turn, id)
}

function forget(turn: Turn, id: string): void {
  turn.state.silences.delete(id)
  silenceChanged(turn, id)
}

function silenceChanged({ changes, events }: Turn, id: string): void {
  changes.push({ kind: 'silence', id })
  events.push({ type: 'definitions-changed', what: 'alerting' })
}
