import type { AlertCondition, AlertRule } from './rule.ts'

/** A rule of the cluster that nobody has made. */
export interface AdvisedRule {
  name: string
  condition: AlertCondition
  /** Whether a rule about the same finds what this one would. */
  isFoundBy(condition: AlertCondition): boolean
}

const HOUR_MS = 3_600_000

/** What is to be told wherever it happens. Whom to tell nobody knows but those who run the cluster: they make the rules. */
const ADVISED: readonly AdvisedRule[] = [
  {
    name: 'runs-lost',
    condition: { kind: 'run-ended', states: ['lost'], count: 1, windowMs: HOUR_MS },
    isFoundBy: (by) => by.kind === 'run-ended' && by.count === 1 && by.states.includes('lost'),
  },
  { name: 'jobs-stopped', condition: { kind: 'stopped' }, isFoundBy: ({ kind }) => kind === 'stopped' },
  { name: 'sink-gaps', condition: { kind: 'sink-gap' }, isFoundBy: ({ kind }) => kind === 'sink-gap' },
  { name: 'clocks', condition: { kind: 'clock-skew' }, isFoundBy: ({ kind }) => kind === 'clock-skew' },
]

/**
 * The rules about what would go unsaid: none of the cluster that is in force finds it everywhere, and none has the name,
 * which says that somebody has decided otherwise.
 */
export function advisedRules(rules: Iterable<AlertRule>): AdvisedRule[] {
  const ofCluster = [...rules].filter(({ namespace }) => namespace === 0)
  return ADVISED.filter(
    ({ name, isFoundBy }) =>
      !ofCluster.some(
        (rule) => rule.name === name || (rule.enabled && rule.scope.kind === 'cluster' && isFoundBy(rule.condition)),
      ),
  )
}
