import type { AlertCondition, AlertScope } from '../alerts/rule.ts'
import type { Command } from './commands.ts'
import type { State } from './state.ts'

type Loose = { kind: Command['kind'] } & Record<string, unknown>

const HOUR = 3_600_000
const CONDITIONS: AlertCondition[] = [
  { kind: 'run-ended', states: ['failed', 'lost', 'timed-out'], count: 1, windowMs: HOUR },
  { kind: 'run-ended', states: ['failed', 'cancelled'], count: 2, windowMs: HOUR },
  { kind: 'failures-in-row', count: 2 },
  { kind: 'missed', reasons: ['coalesced', 'no-slot', 'paused'], count: 3, windowMs: HOUR },
  { kind: 'not-finished', cron: '* * * * *', zone: 'UTC', withinMs: 60_000 },
  { kind: 'not-started', cron: '* * * * *', zone: 'UTC', withinMs: 60_000 },
  { kind: 'slow', durationMs: 1000 },
  { kind: 'late', latenessMs: 1 },
  { kind: 'stopped' },
  { kind: 'signature-refused' },
  { kind: 'node-gone', forMs: 1000 },
  { kind: 'no-leader', forMs: 1000 },
]

/** Commands about rules, channels, silences and what is observed, most of which fit the state that they meet. */
export function drawAlert(state: State, int: (max: number) => number): Loose {
  const one = <T>(those: Iterable<T>): T | undefined => {
    const items = [...those]
    return items[int(Math.max(1, items.length))]
  }
  const namespace = int(4) === 0 ? 0 : (one(state.namespaces.keys()) ?? 0)
  const job = one(state.jobs.values())
  const rule = one(state.alertRules.values())
  const channel = one([...state.channels.values()].filter((each) => each.namespace === namespace))
  const open = one(state.alertIndex.open.values())
  const message = one(state.alertMessages.keys()) ?? 0
  const subject = rule && job ? subjectOf(rule.condition, job.uid, job.name) : { kind: 'node', id: 'x', name: 'x' }
  const scopes: AlertScope[] = namespace === 0 ? [{ kind: 'cluster' }] : [{ kind: 'namespace', namespace }]
  if (job?.namespace === namespace) scopes.push({ kind: 'job', namespace, job: job.uid })
  const draws: Loose[] = [
    ...Array.from({ length: 3 }, () => ({
      kind: 'alert-rule-put' as const,
      namespace,
      name: `r${int(4)}`,
      change: {
        scope: scopes[int(scopes.length)],
        condition: CONDITIONS[int(CONDITIONS.length)],
        channels: channel ? [channel.uid] : [],
        notifyResolved: int(4) > 0,
        ...(int(2) > 0 ? { repeatMs: 60_000 } : {}),
        enabled: int(5) > 0,
      },
      by: 't',
    })),
    {
      kind: 'channel-put',
      namespace,
      name: `c${int(2)}`,
      change: { target: { kind: 'slack' }, secret: 'sealed', messagesMax: 1 + int(3), windowMs: HOUR / 6 },
      by: 't',
    },
    { kind: 'channel-test', channel: channel?.uid ?? 0, by: 't' },
    {
      kind: 'silence-put',
      namespace,
      match: int(2) > 0 ? {} : { job: job?.uid ?? 0 },
      from: state.now,
      until: state.now + HOUR,
      reason: 'r',
      by: 't',
    },
    { kind: 'silence-delete', silence: one(state.silences.keys()) ?? '' },
    ...Array.from({ length: 3 }, () => ({
      kind: 'alerts-observed' as const,
      observations: [
        {
          rule: rule?.uid ?? 0,
          subject,
          firing: int(3) > 0,
          summary: 's',
          ...(rule?.condition.kind.startsWith('not-') ? { instant: state.now } : {}),
          ...(rule?.condition.kind === 'no-leader' ? saidAlone(state.now, int) : {}),
          ...(int(4) === 0 ? { gone: true } : {}),
        },
      ],
    })),
    { kind: 'alerts-repeated', episodes: open === undefined ? [] : [open] },
    {
      kind: 'alert-messages-sent',
      results: [{ message, ...(int(2) > 0 ? { error: 'e', nextAt: state.now + 1, ...leftOver(int) } : {}) }],
    },
    { kind: 'alert-tallies-forget', tallies: [...state.alertTallies.keys()].slice(0, 2) },
    { kind: 'alert-summaries', channels: [...state.channels.keys()] },
    { kind: 'alert-rule-delete', rule: int(3) === 0 ? (rule?.uid ?? 0) : 0 },
    { kind: 'channel-delete', channel: int(3) === 0 ? (channel?.uid ?? 0) : 0 },
  ]
  return draws[int(draws.length)] ?? { kind: 'hash-mark' }
}

/** What a node told by itself, which is over. */
function saidAlone(now: number, int: (max: number) => number): object {
  return {
    firing: true,
    since: now - 9,
    until: now - int(9),
    key: `k${int(3)}`,
    ...(int(2) > 0 ? { isSaid: true } : {}),
  }
}

/** Recipients who are to be told once more, alone. */
function leftOver(int: (max: number) => number): object {
  return int(2) > 0 ? {} : { partly: true, left: { to: [`a${int(3)}`], ...(int(2) > 0 ? { refused: 'b' } : {}) } }
}

function subjectOf({ kind }: AlertCondition, job: number, name: string): object {
  return kind === 'node-gone' ? { kind: 'node', id: `n${job % 3}`, name: 'n' } : { kind: 'job', id: String(job), name }
}
