import type { JobMap, MapExecutor, MapRun, MapState, Queues } from '@cronclave/openapi'
import type { Command } from 'commander'
import { wholeNumber } from './arguments.ts'
import { examples, sessionOf, several } from './command.ts'
import type { Io } from './io.ts'
import type { Column } from './output.ts'
import { ago, shortDuration } from './phrases.ts'

/** `cronclave queue …` */
export function queueCommands(program: Command, io: Io): void {
  const queue = program.command('queue').description('what waits to be placed')
  const command = queue
    .command('status')
    .description('what the leader has to schedule, who works on it, and which runs wait')
    .action(async () => {
      const { client, output } = sessionOf(io, command)
      const queues = await client.ask(client.api.GET('/v1/queues'))
      if (output.format !== 'table') return output.data(queues)
      const now = Date.parse(queues.now)
      output.one(queues, { leader: queues.leader, 'catch-up per second': queues.catchUpPerSecond })
      output.line('')
      output.list(queues.evaluations, evaluationColumns(now), 'Nothing is to be placed.')
      output.line('')
      output.list(queues.nodes, WORKER_COLUMNS, 'No worker has asked for work yet.')
      output.line('')
      output.list(queues.waiting, waitingColumns(now), 'No run waits.')
    })
  examples(command, 'cronclave queue status', 'cronclave queue status -o json')
}

function evaluationColumns(now: number): Column<Queues['evaluations'][number]>[] {
  return [
    { head: 'evaluations', of: ({ kind }) => kind },
    { head: 'state', of: ({ state }) => state },
    { head: 'count', of: ({ count }) => count },
    { head: 'oldest', of: ({ oldestAt }) => oldestAt && ago(oldestAt, now) },
  ]
}

const WORKER_COLUMNS: Column<Queues['nodes'][number]>[] = [
  { head: 'node', of: ({ node }) => node },
  { head: 'workers', of: ({ workers }) => workers },
  { head: 'out', of: ({ out }) => out },
  { head: 'taken', of: ({ taken }) => taken },
  { head: 'nacked', of: ({ nacked }) => nacked },
  { head: 'lapsed', of: ({ lapsed }) => lapsed },
  { head: 'placed', of: ({ placed }) => placed },
  { head: 'refused', of: ({ refused }) => refused },
]

function waitingColumns(now: number): Column<Queues['waiting'][number]>[] {
  return [
    { head: 'namespace', of: ({ namespace }) => namespace },
    { head: 'service', of: ({ service }) => service },
    { head: 'priority', of: ({ priority }) => priority },
    { head: 'runs', of: ({ runs }) => runs },
    { head: 'catch-up', of: ({ catchUp }) => catchUp },
    { head: 'oldest', of: ({ oldestAt }) => ago(oldestAt, now) },
  ]
}

interface MapOptions {
  allNamespaces?: boolean
  service?: string
  job?: string
  label?: string[]
  state?: MapState[]
  limit: number
}

/** `cronclave job-map` */
export function jobMapCommand(program: Command, io: Io): void {
  const command = program
    .command('job-map')
    .description('slots of every executor, and what runs in them or waits for them')
    .option('--all-namespaces', 'every namespace that may be read')
    .option('--service <name>', 'only this service')
    .option('--job <name>', 'name only runs of this job')
    .option('--label <key=value>', 'name only runs of jobs with this label; several', several)
    .option('--state <state>', 'name only these: running, accepted, retrying, waiting; several', several)
    .option('--limit <number>', 'runs named at most', wholeNumber(0, 10_000), 200)
    .action(async ({ allNamespaces = false, ...query }: MapOptions) => {
      const { client, output, namespace } = sessionOf(io, command)
      const where = allNamespaces ? {} : { namespace }
      const map = await client.ask(client.api.GET('/v1/job-map', { params: { query: { ...where, ...query } } }))
      if (output.format !== 'table') return output.data(map)
      output.one(map, { slots: slotsWords(map.slots), running: map.running, waiting: map.waiting })
      output.line('')
      output.list(slotRows(map), SLOT_COLUMNS, 'There are no services.')
      const runs = runRows(map)
      if (runs.length > 0) output.line('')
      if (runs.length > 0) output.list(runs, runColumns(Date.parse(map.now)), '')
      if (map.more > 0) output.note(`There are more runs than these ${map.named}: --limit shows them.`)
    })
  examples(command, 'cronclave job-map', 'cronclave job-map --all-namespaces --state waiting --label team=payments')
}

interface SlotRow {
  namespace: string
  service: string | undefined
  waiting: number | undefined
  executor: MapExecutor | undefined
}

function slotRows({ namespaces }: JobMap): SlotRow[] {
  return namespaces.flatMap(({ name: namespace, services }) =>
    services.flatMap(({ name: service, waiting, executors }): SlotRow[] => [
      ...executors.map((executor, i) => ({ namespace, service, executor, waiting: i === 0 ? waiting : undefined })),
      ...(executors.length === 0 ? [{ namespace, service, executor: undefined, waiting }] : []),
    ]),
  )
}

const SLOT_COLUMNS: Column<SlotRow>[] = [
  { head: 'namespace', of: ({ namespace }) => namespace },
  { head: 'service', of: ({ service }) => service },
  { head: 'waiting', of: ({ waiting }) => waiting },
  { head: 'executor', of: ({ executor }) => executor?.id },
  { head: 'status', of: ({ executor }) => executor?.status, state: true },
  { head: 'slots', of: ({ executor }) => executor && slotsWords(executor.slots) },
  { head: 'held', of: ({ executor }) => executor?.slots.held },
  { head: 'free', of: ({ executor }) => executor?.slots.free },
]

function slotsWords({ slots }: JobMap['slots']): string | number {
  return slots === 0 ? 'no limit' : slots
}

interface RunRow extends MapRun {
  executor?: string
}

function runRows({ namespaces }: JobMap): RunRow[] {
  return namespaces.flatMap(({ services }) =>
    services.flatMap(({ executors, runs }): RunRow[] => [
      ...executors.flatMap(({ id: executor, runs: held }) => held.map((run) => ({ ...run, executor }))),
      ...runs,
    ]),
  )
}

function runColumns(now: number): Column<RunRow>[] {
  return [
    { head: 'run', of: ({ run }) => run },
    { head: 'job', of: ({ job }) => job },
    { head: 'shard', of: ({ shard, shards }) => (shard === undefined ? undefined : `${shard} (of ${shards})`) },
    { head: 'state', of: ({ state }) => state, state: true },
    { head: 'executor', of: ({ executor }) => executor },
    { head: 'for', of: ({ since }) => shortDuration(Math.max(0, now - Date.parse(since))) },
    { head: 'priority', of: ({ priority }) => priority },
  ]
}
