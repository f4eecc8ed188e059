import type { AlertCondition, AlertMessage, AlertScope, AlertSubject, Channel, Silence } from '@cronclave/openapi'
import { reasonWords } from '../runs/run-words.ts'
import { stateWord } from '../ui/state-badge.tsx'

export type Kind = AlertCondition['kind']

/** What a rule can watch for, in the order of the list to choose from. */
export const KINDS: Record<Kind, string> = {
  'run-ended': 'Runs fail',
  'failures-in-row': 'Failures in a row',
  missed: 'Fires are missed',
  'not-started': 'Did not start by a time',
  'not-finished': 'Did not finish by a time',
  slow: 'Takes too long',
  late: 'Begins too late',
  stopped: 'Quarantined, or paused by itself',
  'executor-gone': 'An executor is gone',
  'service-gone': 'A service has no executor',
  'signature-refused': 'A signature is refused',
  'node-gone': 'A node is gone',
  'no-leader': 'There is no leader',
  'sink-gone': 'A sink is gone',
  'sink-gap': 'A sink misses rows',
  'channel-failing': 'A channel fails',
  'disk-full': 'A disk is nearly full',
  'clock-skew': 'Clocks differ',
  'certificate-ends': 'A certificate ends soon',
  'token-ends': 'A token ends soon',
}

/** Those that are about the cluster as a whole, so that only its own rules have them. */
const OF_CLUSTER: ReadonlySet<Kind> = new Set([
  'node-gone',
  'no-leader',
  'sink-gone',
  'sink-gap',
  'channel-failing',
  'disk-full',
  'clock-skew',
  'certificate-ends',
  'token-ends',
])

export function kindsFor(cluster: boolean): { value: Kind; label: string }[] {
  const all = Object.entries(KINDS) as [Kind, string][]
  return all.filter(([kind]) => cluster || !OF_CLUSTER.has(kind)).map(([value, label]) => ({ value, label }))
}

/** When a rule fires, in one line. */
export function conditionWords(condition: AlertCondition): string {
  const { kind, count = 1, window = '', states = [], reasons = [] } = condition
  const often = count === 1 ? '' : `${count} times within ${window}`
  switch (kind) {
    case 'run-ended':
      return joined(states.map((state) => stateWord(state).toLowerCase()).join(', '), often)
    case 'failures-in-row':
      return `${count} failed in a row`
    case 'missed':
      return joined(`Not started: ${reasons.map(reasonWords).join(', ')}`, often)
    case 'not-started':
      return `Nothing started within ${condition.within} before ${condition.cron} ${condition.zone}`
    case 'not-finished':
      return `Nothing succeeded within ${condition.within} before ${condition.cron} ${condition.zone}`
    case 'slow':
      return `Takes longer than ${condition.duration}`
    case 'late':
      return `Begins more than ${condition.lateness} late`
    case 'certificate-ends':
    case 'token-ends':
      return `${KINDS[kind]}, within ${condition.before}`
    default:
      return condition.for === undefined ? KINDS[kind] : `${KINDS[kind]}, for ${condition.for}`
  }
}

function joined(what: string, often: string): string {
  const words = often === '' ? what : `${what}, ${often}`
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** What a rule watches. */
export function scopeWords({ namespace, service, job }: AlertScope, cluster: boolean): string {
  const where = namespace === undefined ? '' : ` of ${namespace}`
  if (job !== undefined) return `job ${job}${where}`
  if (service !== undefined) return `service ${service}${where}`
  if (namespace !== undefined) return `namespace ${namespace}`
  return cluster ? 'everything' : 'the namespace'
}

export function subjectWords({ kind, name, namespace }: AlertSubject): string {
  const of = namespace === undefined || kind === 'job' ? '' : ` of ${namespace}`
  return kind === 'cluster' ? 'The cluster' : `${kind.charAt(0).toUpperCase()}${kind.slice(1)} ${name}${of}`
}

export const CHANNEL_KINDS: Record<Channel['target']['kind'], string> = {
  email: 'E-mail',
  webhook: 'Webhook',
  slack: 'Slack',
  dingtalk: 'DingTalk',
  feishu: 'Feishu',
  wecom: 'WeCom',
}

/** Where a channel leads. */
export function targetWords({ kind, to = [], host, origin }: Channel['target']): string {
  if (kind === 'email') return `${to.join(', ')} by ${host}`
  return origin ?? 'its incoming webhook'
}

const MESSAGE_KINDS: Record<AlertMessage['kind'], string> = {
  firing: 'It fires',
  resolved: 'It is over',
  repeated: 'It still fires',
  summary: 'Summary',
  test: 'Test',
}

export function messageWords({ kind, firing = 0, resolved = 0, by }: AlertMessage): string {
  if (kind === 'summary') return `Summary: ${firing} began, ${resolved} ended`
  return kind === 'test' && by !== undefined ? `Test, asked for by ${by}` : MESSAGE_KINDS[kind]
}

/** What is silenced. */
export function matchWords({ rule, job, service, node }: Silence['match']): string {
  const parts = Object.entries({ rule, job, service, node }).filter(([, name]) => name !== undefined)
  return parts.length === 0 ? 'Everything' : parts.map(([what, name]) => `${what} ${name}`).join(', ')
}
