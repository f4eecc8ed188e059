import { isDeepStrictEqual } from 'node:util'
import type { JobDefinition } from '@cronclave/openapi'
import type { Command } from 'commander'
import { resolveJob } from '../jobs/definition.ts'
import { childrenFirst } from './children-first.ts'
import type { Client } from './client.ts'
import { examples, type Session, sessionOf, several } from './command.ts'
import { readDefinitions, type WrittenDefinition } from './documents.ts'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'
import type { Column } from './output.ts'
import { ago } from './phrases.ts'
import type { Job } from './replies.ts'

/** A definition that was found to be valid, and where it was written. */
export interface Named {
  name: string
  where: string
  definition: JobDefinition
}

interface Applied {
  name: string
  outcome: 'created' | 'updated' | 'unchanged'
  version?: number
  nextFire?: string
}

/** `cronclave job apply`: brings jobs to what files say. Nothing is sent unless all of them are valid. */
export function applyCommand(job: Command, io: Io): void {
  const command = job
    .command('apply')
    .description('create or change jobs to what files say')
    .requiredOption(
      '-f, --file <file>',
      'YAML or JSON: one job, several documents, or a list under `jobs`; - is stdin',
      several,
    )
    .option('--dry-run', 'only say what would be done')
    .action(async ({ file, dryRun = false }: { file: string[]; dryRun?: boolean }) => {
      const definitions = childrenFirst(checked(await readDefinitions(file, io)))
      const session = sessionOf(io, command)
      const applied: Applied[] = []
      try {
        for (const named of definitions) applied.push(await apply(session, named, dryRun))
      } finally {
        session.output.list(applied, columns(io.clock.now()), 'Nothing was applied.')
        if (dryRun) session.output.note('Nothing was changed: it was a dry run.')
      }
    })
  examples(
    command,
    'cronclave job apply -f jobs.yaml',
    'cronclave job apply -f jobs.yaml --dry-run',
    'cronclave job get nightly-report --definition | cronclave job apply -f -',
  )
}

/** All definitions, or one fault that names everything wrong in any of them. */
export function checked(written: readonly WrittenDefinition[]): Named[] {
  const details: string[] = []
  const named: Named[] = []
  const places = new Map<string, string>()
  for (const { where, value } of written) {
    const resolved = resolveJob(value)
    if (!resolved.ok) {
      details.push(...resolved.faults.map(({ pointer, detail }) => `${where}: ${pointer || '/'} ${detail}`))
    } else if (resolved.name === undefined) details.push(`${where}: /name is needed`)
    else if (places.has(resolved.name))
      details.push(`${where}: /name "${resolved.name}" stands in ${places.get(resolved.name)} too`)
    else {
      places.set(resolved.name, where)
      named.push({ name: resolved.name, where, definition: value as JobDefinition })
    }
  }
  if (details.length > 0)
    throw new CommandFault(EXIT.usage, 'Nothing was applied, because not every definition is valid:', details)
  if (named.length === 0) throw new CommandFault(EXIT.usage, 'There is no job in what was given.')
  return named
}

/** Brings one job to its definition. */
export async function apply(
  { client, namespace }: Session,
  { name, where, definition }: Named,
  dryRun: boolean,
): Promise<Applied> {
  const path = { namespace, job: name }
  const present = await jobNamed(client, path)
  if (present && isSame(definition, present)) return { name, outcome: 'unchanged', ...shown(present) }
  const outcome = present ? 'updated' : 'created'
  if (dryRun) return { name, outcome }
  const header = present ? { 'If-Match': `"${present.version}"` } : { 'If-None-Match': '*' as const }
  const put = client.api.PUT('/v1/namespaces/{namespace}/jobs/{job}', {
    params: { path, header },
    body: definition as JobDefinition & { target: NonNullable<JobDefinition['target']> },
  })
  try {
    return { name, outcome, ...shown(await client.ask<Job>(put)) }
  } catch (error) {
    if (!(error instanceof CommandFault)) throw error
    throw new CommandFault(error.exitCode, `${where}: ${name}: ${error.message}`, error.details)
  }
}

/** The job at a path; undefined when there is none. */
export async function jobNamed(client: Client, path: { namespace: string; job: string }): Promise<Job | undefined> {
  const found = await client.api.GET('/v1/namespaces/{namespace}/jobs/{job}', { params: { path } })
  return isMissing(found) ? undefined : await client.ask<Job>(Promise.resolve(found))
}

function isMissing({ response, error }: { response: Response; error?: unknown }): boolean {
  return response.status === 404 && (error as { code?: string }).code === 'job-not-found'
}

/** Whether the server has just this already, defaults filled in on both sides. */
function isSame(definition: JobDefinition, present: Job): boolean {
  const [wanted, had] = [resolveJob(definition), resolveJob(present.definition)]
  if (!wanted.ok || !had.ok || !isDeepStrictEqual(wanted.spec, had.spec)) return false
  return wanted.paused === undefined || wanted.paused === (present.state === 'paused')
}

function shown({ version, nextFire }: Job): Pick<Applied, 'version' | 'nextFire'> {
  return { version, ...(nextFire ? { nextFire: nextFire.fireTime } : {}) }
}

function columns(now: number): Column<Applied>[] {
  return [
    { head: 'job', of: ({ name }) => name },
    { head: 'outcome', of: ({ outcome }) => outcome, state: true },
    { head: 'version', of: ({ version }) => version },
    { head: 'next fire', of: ({ nextFire }) => nextFire && ago(nextFire, now) },
  ]
}
