import type { RunPrune } from '@cronclave/openapi'
import type { Command } from 'commander'
import { formatInstant } from '../runtime/instant.ts'
import { timeOrAge } from './arguments.ts'
import { examples, sessionOf, type Session, several } from './command.ts'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'

interface PruneOptions {
  job?: string
  before?: number
  state?: NonNullable<Query['state']>
  preview?: boolean
}

interface Query {
  job?: string
  before?: string
  state?: ('succeeded' | 'failed' | 'timed-out' | 'cancelled' | 'lost' | 'skipped')[]
  preview?: boolean
}

/** `cronclave run prune` */
export function pruneCommand(run: Command, io: Io): void {
  const command = run
    .command('prune')
    .description('delete finished runs, those that all the options name; open ones stay')
    .option('--job <name>', 'only runs of this job')
    .option(
      '--before <time>',
      'only fire times before it: a time, or an age such as 30d',
      timeOrAge(() => io.clock.now()),
    )
    .option('--state <state>', 'only these: succeeded, failed, timed-out, cancelled, lost, skipped; several', several)
    .option('--preview', 'delete nothing; count them, and show the oldest and the newest')
    .action(async ({ before, ...options }: PruneOptions) => {
      const session = sessionOf(io, command)
      const query: Query = { ...options, ...(before === undefined ? {} : { before: formatInstant(before) }) }
      if (options.preview) return showPreview(session, await ask(session, query))
      await pruneAll(session, query)
    })
  examples(
    command,
    'cronclave run prune --before 30d --preview',
    'cronclave run prune --job nightly-report --state failed,timed-out --before 7d',
  )
}

/** Asks until none is left, and says how far it has come. */
async function pruneAll(session: Session, query: Query): Promise<void> {
  const { output } = session
  const total: RunPrune = { preview: false, runs: 0, spared: 0, done: false }
  while (!total.done) {
    const step = await ask(session, query)
    total.runs += step.runs
    // Those that stay are met again with every request.
    total.spared = step.spared
    total.done = step.done
    if (!step.done && step.runs === 0) {
      throw new CommandFault(EXIT.refused, `${total.runs} runs are deleted, and the others are needed or in use.`)
    }
    if (!step.done) output.note(`${total.runs} runs are deleted so far`)
  }
  output.one(total, { deleted: total.runs, spared: total.spared || undefined })
}

function showPreview({ output }: Session, found: RunPrune): void {
  const { runs, done, oldest, newest, undelivered, keptBy } = found
  output.one(found, {
    runs: done ? runs : `${runs} and more`,
    oldest: oldest && `${oldest.fireTime} ${oldest.job} ${oldest.id} ${oldest.state}`,
    newest: newest && `${newest.fireTime} ${newest.job} ${newest.id} ${newest.state}`,
    'sinks miss': undelivered?.map(({ sink, runs: count }) => `${sink} ${count}`).join(', '),
    'kept by':
      keptBy &&
      `${keptBy.join(', ')}: lists go on showing what sinks have; only you remove it there (docs/sink-tables.md)`,
  })
}

function ask({ client, namespace }: Session, query: Query): Promise<RunPrune> {
  return client.ask(client.api.DELETE('/v1/namespaces/{namespace}/runs', { params: { path: { namespace }, query } }))
}
