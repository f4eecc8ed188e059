import { expect, test } from 'vitest'
import { jobPut, schedule, spec } from '../../../test/sim/jobs.ts'
import { apply } from '../state/apply.ts'
import { emptyState } from '../state/state.ts'
import { handOver } from './hand-over.ts'

const NOON = Date.UTC(2026, 9, 31, 12)

test('a schedule that may fire three times leaves no fourth one waiting when it is replaced', () => {
  const state = emptyState()
  apply(state, { index: 1, term: 1, command: { kind: 'cluster-init', at: NOON, cluster: 'test', namespaceSlots: 100 } })
  const [namespace = 0] = state.namespaces.keys()
  const work = { description: '', allowedHosts: [] }
  apply(state, { index: 2, term: 1, command: { kind: 'service-put', at: NOON, namespace, name: 'work', change: work } })
  const old = spec({ schedules: [schedule({ cron: '* * * * * *', jitterMs: 20_000, maxFires: 3 })] })
  apply(state, { index: 3, term: 1, command: jobPut(namespace, 'job', old, NOON) })

  const at = NOON + 10_000
  const put = handOver(state, jobPut(namespace, 'job', spec(), at, 7), at)
  expect(put).toMatchObject({
    fires: { from: NOON + 1000, to: NOON + 2000, count: 2 },
    waiting: { fireTime: NOON + 3000 },
  })
})
