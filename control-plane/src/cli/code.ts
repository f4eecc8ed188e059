import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ManifestReport } from '@cronclave/openapi'
import type { Command } from 'commander'
import { isObject } from '../jobs/fields.ts'
import { wholeNumber } from './arguments.ts'
import { examples, outputOf, type Session, sessionOf } from './command.ts'
import { type CodeInput, readCode } from './code-input.ts'
import { differs, showReport } from './code-report.ts'
import { CommandFault, EXIT, ProgramEnded } from './exit.ts'
import type { Io } from './io.ts'
import { applyJobs, planJobs } from './planned-jobs.ts'

interface Options {
  service?: string
  rollback?: true
  prune?: true
  adopt?: true
  json?: true
}

/** `cronclave diff`, `apply` and `manifest`: jobs that are kept in code. */
export function codeCommands(program: Command, io: Io): void {
  diffCommand(program, io)
  applyCommand(program, io)
  manifestCommand(program, io)
}

function diffCommand(program: Command, io: Io): void {
  const command = withOptions(
    program
      .command('diff')
      .description('what apply would change, and the fires that would: ends with 2 when there is anything')
      .argument('<file or url>', INPUT),
  ).action(async (from: string, options: Options) => {
    const session = sessionFor(io, command, options)
    const report = await reportOn(session, await readCode(from, io, options), options, true)
    showReport(session.output, report)
    if (differs(report)) throw new ProgramEnded(EXIT.differs)
  })
  examples(
    command,
    'cronclave diff manifest.json',
    'cronclave manifest ./executor.mjs | cronclave diff -',
    'cronclave diff https://billing.example.com/api/cronclave --service billing',
    'cronclave diff jobs.yaml --json',
  )
}

function applyCommand(program: Command, io: Io): void {
  const command = withOptions(
    program
      .command('apply')
      .description('bring jobs to what code says: all of a manifest, or nothing')
      .argument('<file or url>', INPUT),
  ).action(async (from: string, options: Options) => {
    const session = sessionFor(io, command, options)
    showReport(session.output, await reportOn(session, await readCode(from, io, options), options, false))
  })
  examples(
    command,
    'cronclave apply manifest.json',
    'cronclave apply manifest.json --prune',
    'cronclave apply v41.json --rollback',
    'cronclave apply https://billing.example.com/api/cronclave --service billing',
  )
}

const INPUT =
  'a manifest or jobs, in YAML or JSON, - is stdin; or the URL of an executor, which is asked for its manifest'

function withOptions(command: Command): Command {
  return command
    .option('--service <name>', 'the service, where the manifest does not name it')
    .option('--rollback', 'although a newer revision is known')
    .option('--prune', 'delete jobs that the code names no more; one that runs is paused instead')
    .option('--adopt', 'take jobs back that were detached, and over from another service whose code names them no more')
    .option('--json', 'print JSON, as -o json does')
}

function sessionFor(io: Io, command: Command, { json }: Options): Session {
  if (json) command.parent?.setOptionValue('output', 'json')
  return sessionOf(io, command)
}

async function reportOn(
  session: Session,
  input: CodeInput,
  options: Options,
  dryRun: boolean,
): Promise<ManifestReport> {
  const { client, namespace } = session
  const { rollback = false, prune = false, adopt = false } = options
  if (input.kind === 'jobs') {
    if (rollback || prune || adopt)
      throw new CommandFault(EXIT.usage, '--rollback, --prune and --adopt are for manifests, not for jobs.')
    return dryRun ? planJobs(session, input.jobs) : applyJobs(session, input.jobs)
  }
  const params = { path: { namespace, service: input.service }, query: { dryRun, rollback, prune, adopt } }
  if (input.kind === 'url') {
    const body = { url: input.url }
    return client.ask(client.api.POST('/v1/namespaces/{namespace}/services/{service}/sync', { params, body }))
  }
  const { manifest: body } = input
  return client.ask(client.api.PUT('/v1/namespaces/{namespace}/services/{service}/manifest', { params, body }))
}

function manifestCommand(program: Command, io: Io): void {
  const command = program
    .command('manifest')
    .description('print what the executor of a module says of itself: its handlers, and the jobs that it keeps')
    .argument('<module>', 'a file that exports an executor, by default or by any name')
    .option('--revision <text>', 'of the program, instead of what it says')
    .option('--revision-order <number>', 'which revision is newer: the larger', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .action(async (file: string, options: { revision?: string; revisionOrder?: number }) => {
      const manifest = { ...(await executorIn(file)), ...options }
      outputOf(io, command).data(manifest)
    })
  examples(
    command,
    'cronclave manifest ./executor.mjs > manifest.json',
    'cronclave manifest ./executor.mjs --revision "$GIT_SHA" --revision-order "$(git log -1 --format=%ct)" | cronclave apply -',
  )
}

async function executorIn(file: string): Promise<object> {
  let module: Record<string, unknown>
  try {
    module = (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>
  } catch (error) {
    throw new CommandFault(
      EXIT.usage,
      `${file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  for (const value of [module['default'], ...Object.values(module)]) {
    if (!isObject(value) || typeof value['manifest'] !== 'function') continue
    return (await (value['manifest'] as () => Promise<object>).call(value)) satisfies object
  }
  throw new CommandFault(EXIT.usage, `${file} exports no executor: what createExecutor of @cronclave/sdk made`)
}
