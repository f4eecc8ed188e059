import type { Job } from '../../control-plane/src/jobs/job.ts'
import type { Command } from '../../control-plane/src/state/commands.ts'
import type { State } from '../../control-plane/src/state/state.ts'
import type { Mutant } from './log.ts'

/** Bugs that the promises must notice, each with the number of seeds within which at least one has to. */
export const MUTANTS: readonly { name: string; budget: number; mutant: Mutant }[] = [
  {
    name: 'a fire is decided without moving decidedUpTo',
    budget: 40,
    mutant: {
      spoil(state, { command }) {
        if (command.kind !== 'decide-fires') return
        for (const { job, fires } of command.decisions) {
          const progress = state.jobs.get(job)?.progress
          const first = fires[0]
          if (progress && first) progress.decidedUpTo = Math.min(progress.decidedUpTo, first.fireTime - 1)
        }
      },
    },
  },
  {
    name: 'a fencing token is given twice',
    budget: 5,
    mutant: {
      spoil(state, entry) {
        if (entry.index % 50 === 0) state.fencingToken -= 1
      },
    },
  },
  {
    name: 'a slot leaks when a run ends',
    budget: 5,
    mutant: {
      spoil(state, entry, { changes }) {
        if (entry.index % 50 !== 0 || !changes.some(({ kind }) => kind === 'ended-run')) return
        for (const namespace of state.namespaces.values()) namespace.held += 1
      },
    },
  },
  {
    name: 'a skipped fire leaves no record',
    budget: 20,
    mutant: {
      spoil(state, entry, { events }) {
        if (entry.index % 20 !== 0) return
        for (const event of events)
          if (event.type === 'fires-decided') delete state.jobs.get(event.job)?.progress.stretch
      },
    },
  },
  { name: 'a crash loses an entry that was acknowledged', budget: 40, mutant: { lost: 1 } },
  {
    name: 'a deadline is forgotten',
    budget: 40,
    mutant: {
      spoil(_state, _entry, { events }) {
        for (const event of events)
          if (event.type === 'attempt-started') event.attempt.deadline = Number.MAX_SAFE_INTEGER
      },
    },
  },
  {
    name: 'a start begins with the slots of executors uncounted',
    budget: 40,
    mutant: {
      loaded(state) {
        for (const executors of state.executors.values()) for (const executor of executors.values()) executor.held = 0
      },
    },
  },
  {
    name: 'a start forgets what was decided last',
    budget: 40,
    mutant: {
      loaded(state) {
        for (const { progress } of state.jobs.values()) progress.decidedUpTo -= 20_000
      },
    },
  },
  {
    name: 'a resume passes over what fell due while it was computed',
    budget: 400,
    mutant: {
      before(command) {
        if (command.kind === 'job-resume') delete command.from
      },
    },
  },
  {
    name: 'an edit drops the fire that waits out its jitter',
    budget: 150,
    mutant: {
      before(command, state) {
        if (command.kind !== 'job-put') return
        delete command.waiting
        delete command.fires
        const job = state.jobs.get(state.jobNames.get(`${command.namespace}/${command.name}`) ?? 0)
        if (job) delete job.progress.nextFire
      },
    },
  },
  {
    name: 'a manifest is taken as it was worked out, and not as it is handed over',
    budget: 150,
    mutant: {
      before(command, { now }) {
        if (command.kind !== 'manifest-reconcile') return
        for (const put of command.jobs) {
          put.from = now
          delete put.waiting
          delete put.fires
        }
      },
    },
  },
  {
    name: 'missed fires do not count towards maxFires',
    budget: 150,
    mutant: {
      spoil(state, { command }) {
        if (command.kind !== 'decide-fires') return
        for (const { job, skipped } of command.decisions) {
          const progress = state.jobs.get(job)?.progress
          for (const { count } of skipped ?? []) if (progress) progress.fireCount -= count
        }
      },
    },
  },
  {
    name: 'another instance is told what a call stands for',
    budget: 400,
    mutant: {
      before(command, state) {
        if (command.kind !== 'executor-put') return
        for (const { shards } of state.runs.values())
          for (const shard of shards)
            if (shard.placedOn === command.id && command.change.bootId) shard.bootId = command.change.bootId
      },
    },
  },
  {
    name: 'retries are not counted',
    budget: 40,
    mutant: {
      spoil(state) {
        for (const { shards } of state.runs.values()) for (const shard of shards) shard.retries = 0
      },
    },
  },
  {
    name: 'two runs of a job start at once',
    budget: 20,
    mutant: {
      before(command, state) {
        for (const job of decidedJobs(command, state)) job.spec = { ...job.spec, overlap: 'allow' }
      },
      spoil(state, { command }) {
        for (const job of decidedJobs(command, state)) job.spec = { ...job.spec, overlap: 'skip' }
      },
    },
  },
]

function decidedJobs(command: Command, state: State): Job[] {
  if (command.kind !== 'decide-fires') return []
  return command.decisions.flatMap(({ job }) => state.jobs.get(job) ?? [])
}
