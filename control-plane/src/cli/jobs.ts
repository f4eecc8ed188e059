import type { JobState } from '@cronclave/openapi'
import type { Command } from 'commander'
import { applyCommand } from './apply.ts'
import { pair, timeOrAge, wholeNumber } from './arguments.ts'
import { backfillCommands } from './backfills.ts'
import { examples, sessionOf, type Session, several } from './command.ts'
import { explainCommand } from './explain.ts'
import type { Io } from './io.ts'
import { versionsCommand } from './job-versions.ts'
import { type Column, yamlOf } from './output.ts'
import { gather, type PagingOptions } from './paging.ts'
import { ago, describeRule, describeTarget } from './phrases.ts'
import type { Job } from './replies.ts'
import { triggerJob } from './trigger.ts'

/** `cronclave job …` */
export function jobCommands(program: Command, io: Io): void {
  const job = program.command('job').description('define, list, trigger, pause and resume jobs')
  applyCommand(job, io)
  listCommand(job, io)
  getCommand(job, io)
  versionsCommand(job, io)
  explainCommand(job, io)
  triggerCommand(job, io)
  backfillCommands(job, io)
  for (const verb of ['pause', 'resume'] as const) stateCommand(job, io, verb)
  detachCommand(job, io)
  removeCommand(job, io)
}

interface ListOptions extends PagingOptions {
  label?: string[]
  state?: JobState[]
  service?: string
  name?: string
  sort?: 'name' | 'next' | 'created' | 'updated'
}

function listCommand(job: Command, io: Io): void {
  const command = job
    .command('ls')
    .description('list jobs')
    .option('--name <part>', 'only names that contain it')
    .option('--label <key=value>', 'only jobs with this label; may be given several times', several)
    .option('--state <state>', 'active, paused, ended, quarantined; several separated by commas', several)
    .option('--service <name>', 'only jobs that call this service')
    .option('--sort <field>', 'name, next, created, updated; a leading - turns it round')
    .option('--limit <number>', 'jobs shown at most', wholeNumber(1, 1_000_000), 50)
    .option('--all', 'all of them')
    .action(async (options: ListOptions) => {
      const { client, output, namespace } = sessionOf(io, command)
      const { limit, all = false, ...filters } = options
      const page = (query: { limit: number; cursor?: string }) =>
        client.ask(
          client.api.GET('/v1/namespaces/{namespace}/jobs', {
            params: { path: { namespace }, query: { ...filters, ...query } },
          }),
        )
      output.list(await gather(page, { limit, all }, output), columns(io), 'There are no such jobs.')
    })
  examples(
    command,
    'cronclave job ls',
    'cronclave job ls --state paused,quarantined --label team=payments',
    'cronclave job ls --sort next -o json',
  )
}

function columns(io: Io): Column<Job>[] {
  const now = io.clock.now()
  return [
    { head: 'name', of: (job) => job.name },
    { head: 'state', of: (job) => job.state, state: true },
    { head: 'rule', of: (job) => describeRule(job.definition.schedules) },
    { head: 'target', of: (job) => describeTarget(job.definition.target) },
    { head: 'next', of: (job) => job.nextFire && ago(job.nextFire.fireTime, now) },
    { head: 'last run', of: (job) => job.lastRun && `${job.lastRun.state} ${ago(job.lastRun.at, now)}` },
  ]
}

function getCommand(job: Command, io: Io): void {
  const command = job
    .command('get')
    .description('show a job')
    .argument('<name>')
    .option('--definition', 'only its definition, as job apply takes it')
    .action(async (name: string, options: { definition?: boolean }) => {
      const session = sessionOf(io, command)
      const found = await getJob(session, name)
      if (options.definition) {
        const definition = { ...found.definition, name }
        return session.output.format === 'json'
          ? session.output.data(definition)
          : session.output.line(yamlOf(definition))
      }
      const now = io.clock.now()
      session.output.one(found, {
        name,
        state: found.state,
        fault: found.fault,
        warnings: found.warnings?.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; '),
        'paused by': found.pausedBy && [found.pausedBy, found.pausedWhy].filter(Boolean).join(': '),
        description: found.definition.description || undefined,
        rule: describeRule(found.definition.schedules),
        target: describeTarget(found.definition.target),
        'next fire': found.nextFire && `${found.nextFire.local} (${ago(found.nextFire.fireTime, now)})`,
        'last fire': found.lastFire && `${found.lastFire} (${ago(found.lastFire, now)})`,
        'last run': found.lastRun && `${found.lastRun.id} ${found.lastRun.state} ${ago(found.lastRun.at, now)}`,
        fires: found.fireCount,
        'failures in a row': found.failuresInARow || undefined,
        'open runs': found.openRuns || undefined,
        skipping:
          found.openStretch &&
          `${found.openStretch.count} since ${found.openStretch.from}: ${found.openStretch.reason}`,
        version: found.version,
        created: `${found.createdAt} by ${found.createdBy}`,
        updated: `${found.updatedAt} by ${found.updatedBy}`,
      })
    })
  examples(command, 'cronclave job get nightly-report', 'cronclave job get nightly-report --definition > report.yaml')
}

function triggerCommand(job: Command, io: Io): void {
  const time = timeOrAge(() => io.clock.now())
  const command = job
    .command('trigger')
    .description('run a job now')
    .argument('<name>')
    .option('-p, --param <key=value>', 'overrides a parameter, written as its handler says; several', pair)
    .option('--executor <id>', 'the only executor that may take it')
    .option('--fire-time <time>', 'the nominal time handed to the handler: a time, or an age such as 2h', time)
    .option('--idempotency-key <key>', 'a repeat with the same key answers the same run')
    .option('--wait', 'until the run has ended; exits with 1 unless it succeeded')
    .action(async (name: string, options: Parameters<typeof triggerJob>[3]) => {
      await triggerJob(sessionOf(io, command), io, name, options)
    })
  examples(
    command,
    'cronclave job trigger nightly-report',
    'cronclave job trigger greet -p name=Ada -p times=3 --wait',
    'cronclave job trigger nightly-report --executor billing-2 --fire-time 24h',
  )
}

function stateCommand(job: Command, io: Io, verb: 'pause' | 'resume'): void {
  const about = { pause: 'stop jobs from firing; what runs goes on', resume: 'let jobs fire again, from now on' }
  const command = job
    .command(verb)
    .description(about[verb])
    .argument('<names...>')
    .action(async (names: string[]) => {
      const { client, output, namespace } = sessionOf(io, command)
      const changed: Job[] = []
      for (const job of names) {
        const path = { namespace, job }
        changed.push(
          await client.ask(
            verb === 'pause'
              ? client.api.POST('/v1/namespaces/{namespace}/jobs/{job}/pause', { params: { path } })
              : client.api.POST('/v1/namespaces/{namespace}/jobs/{job}/resume', { params: { path } }),
          ),
        )
      }
      output.list(changed, columns(io), '')
    })
  examples(command, `cronclave job ${verb} nightly-report warm-cache`)
}

function detachCommand(job: Command, io: Io): void {
  const command = job
    .command('detach')
    .description('take jobs out of the code that keeps them, as they are; cronclave apply --adopt gives them back')
    .argument('<names...>')
    .action(async (names: string[]) => {
      const session = sessionOf(io, command)
      const changed: Job[] = []
      for (const name of names) {
        const { definition: body, version } = await getJob(session, name)
        const header = { 'If-Match': `"${version}"` }
        const params = { path: { namespace: session.namespace, job: name }, query: { detach: true }, header }
        const put = session.client.api.PUT('/v1/namespaces/{namespace}/jobs/{job}', { params, body: body as never })
        changed.push(await session.client.ask<Job>(put))
      }
      session.output.list(changed, columns(io), '')
    })
  examples(command, 'cronclave job detach nightly-report')
}

function removeCommand(job: Command, io: Io): void {
  const command = job
    .command('rm')
    .description('delete jobs; their runs stay in the ledger')
    .argument('<names...>')
    .option('--force', 'also when it is active; its open runs are cancelled')
    .option('--detach', 'also when the code of its service names it, which makes it again later')
    .action(async (names: string[], { force = false, detach = false }: { force?: boolean; detach?: boolean }) => {
      const { client, output, namespace } = sessionOf(io, command)
      for (const job of names) {
        const params = { path: { namespace, job }, query: { force, detach } }
        await client.ask(client.api.DELETE('/v1/namespaces/{namespace}/jobs/{job}', { params }))
        output.note(`${job} is deleted`)
      }
    })
  examples(command, 'cronclave job pause old-job && cronclave job rm old-job', 'cronclave job rm old-job --force')
}

function getJob({ client, namespace }: Session, job: string): Promise<Job> {
  return client.ask(client.api.GET('/v1/namespaces/{namespace}/jobs/{job}', { params: { path: { namespace, job } } }))
}
