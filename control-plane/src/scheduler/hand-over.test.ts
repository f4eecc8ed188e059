import { expect, test } from 'vitest'
import { jobPut, schedule, spec } from '../../../test/sim/jobs.ts'
import { apply } from '../state/apply.ts'
import { emptyState } from '../state/state.ts'
import type { Command } from '../state/commands.ts'
import { changedJobs, handOver } from './hand-over.ts'

const NOON = Date.UTC(2026, 9, 31, 12)

/** A cluster with one service and one job, whose schedule is this. */
function withJob(schedules: Parameters<typeof schedule>[0]) {
  const state = emptyState()
  let index = 0
  const run = (command: Command) => apply(state, { index: ++index, term: 1, command })
  run({ kind: 'cluster-init', at: NOON, cluster: 'test', namespaceSlots: 100 })
  const [namespace = 0] = state.namespaces.keys()
  run({ kind: 'service-put', at: NOON, namespace, name: 'work', change: { description: '', allowedHosts: [] } })
  run(jobPut(namespace, 'job', spec({ schedules: [schedule(schedules)] }), NOON))
  const [service = 0] = state.services.keys()
  const [job = 0] = state.jobs.keys()
  return { state, run, namespace, service, job }
}

test('a schedule that may fire three times leaves no fourth one waiting when it is replaced', () => {
  const { state, namespace } = withJob({ cron: '* * * * * *', jitterMs: 20_000, maxFires: 3 })
  const at = NOON + 10_000
  const put = handOver(state, jobPut(namespace, 'job', spec(), at, 7), at)
  expect(put).toMatchObject({
    fires: { from: NOON + 1000, to: NOON + 2000, count: 2 },
    waiting: { fireTime: NOON + 3000 },
  })
})

test('what a manifest changes is handed over as an edit is, each job of it', () => {
  const { state, run, namespace, service, job } = withJob({ cron: '* * * * * *', jitterMs: 20_000 })
  const at = NOON + 10_000
  const jobs = ['job', 'new'].map((name) =>
    jobPut(namespace, name, spec({ schedules: [schedule({ cron: '@hourly' })] }), at),
  )
  const manifest = { hash: 'h', handlers: [] }
  const command: Command = { kind: 'manifest-reconcile', at, service, manifest, by: 't', ifVersion: 0, jobs }
  expect(changedJobs(state, command)).toEqual([job])
  const handed = handOver(state, command, at + 500)
  expect(handed).toMatchObject({
    at: at + 500,
    jobs: [
      { name: 'job', from: at, waiting: { fireTime: at }, fires: { from: NOON + 1000, to: at - 1000 } },
      { name: 'new', from: at, next: { fireTime: NOON + 3_600_000 } },
    ],
  })
  expect(run(handed).rejection).toBeUndefined()
  // The last of the fires that wait out their jitter stays the next one.
  expect(state.jobs.get(job)?.progress.nextFire?.fireTime).toBe(at)
})

test('a fire that was decided since an edit was asked for counts as one, and the first of the new ones comes after it', () => {
  const { state, run, namespace, job } = withJob({ cron: '* * * * * *' })
  const fireTime = NOON + 1000
  const fire = { run: 'r', fireTime, dueTime: fireTime, schedules: ['s0'], cause: 'schedule' as const }
  const decisions = [{ job, version: 1, fires: [fire] }]
  run({ kind: 'decide-fires', at: fireTime, node: 'n', decisions })
  expect(state.jobs.get(job)?.progress).toMatchObject({ decidedUpTo: fireTime, fireCount: 1 })

  const twice = spec({ schedules: [schedule({ cron: '* * * * * *', maxFires: 2 })] })
  const put = handOver(state, jobPut(namespace, 'job', twice, NOON + 500), fireTime + 60)
  expect(put).toMatchObject({ from: NOON + 500, next: { fireTime: fireTime + 1000 } })
})
