import type { JobVersion } from '@cronclave/openapi'
import type { Command } from 'commander'
import { wholeNumber } from './arguments.ts'
import { examples, sessionOf } from './command.ts'
import type { Io } from './io.ts'
import { type Column, yamlOf } from './output.ts'
import { gather } from './paging.ts'
import { ago } from './phrases.ts'

type Version = Pick<JobVersion, 'version' | 'at' | 'by' | 'revision' | 'changes'>

/** Characters of a value that a table shows. */
const VALUE_MAX = 60

/** `cronclave job versions` */
export function versionsCommand(job: Command, io: Io): void {
  const command = job
    .command('versions')
    .description('the definitions that a job has had, and what changed from one to the next')
    .argument('<name>')
    .option(
      '--show <version>',
      'the definition that was in force in a version, as job apply takes it',
      wholeNumber(1, 999_999_999_999),
    )
    .action(async (name: string, { show }: { show?: number }) => {
      const { client, output, namespace } = sessionOf(io, command)
      const path = { namespace, job: name }
      if (show !== undefined) {
        const found = await client.ask(
          client.api.GET('/v1/namespaces/{namespace}/jobs/{job}/versions/{version}', {
            params: { path: { ...path, version: show } },
          }),
        )
        return output.format === 'json' ? output.data(found.definition) : output.line(yamlOf(found.definition))
      }
      const page = (query: { limit: number; cursor?: string }) =>
        client.ask(client.api.GET('/v1/namespaces/{namespace}/jobs/{job}/versions', { params: { path, query } }))
      const versions = await gather(page, { limit: 1, all: true }, output)
      output.list(versions, columns(io.clock.now()), 'There are no versions.')
    })
  examples(
    command,
    'cronclave job versions nightly-report',
    'cronclave job versions nightly-report --show 3 | cronclave job apply -f -',
  )
}

function columns(now: number): Column<Version>[] {
  return [
    { head: 'version', of: ({ version }) => version },
    { head: 'when', of: ({ at }) => ago(at, now) },
    { head: 'by', of: ({ by, revision }) => (revision === undefined ? by : `${by}, revision ${revision}`) },
    { head: 'changes', of: ({ changes }) => changes.map(changeText).join('; ') },
  ]
}

function changeText({ pointer, from, to, large }: Version['changes'][number]): string {
  if (large) return `${pointer} (long)`
  return `${pointer}: ${valueText(from)} → ${valueText(to)}`
}

function valueText(value: unknown): string {
  if (value === undefined) return '(none)'
  const text = JSON.stringify(value)
  return text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX)}…` : text
}
