import type { Explanation } from '@cronclave/openapi'
import type { Command } from 'commander'
import { formatInstant } from '../runtime/instant.ts'
import { timeOrAge } from './arguments.ts'
import { examples, sessionOf } from './command.ts'
import type { Io } from './io.ts'

/** `cronclave job explain` */
export function explainCommand(job: Command, io: Io): void {
  const command = job
    .command('explain')
    .description('why a job did, did not, will or will not run at a time')
    .argument('<name>')
    .argument(
      '<time>',
      'when it was, or was not, due',
      timeOrAge(() => io.clock.now()),
    )
    .action(async (name: string, at: number) => {
      const { client, output, namespace } = sessionOf(io, command)
      const params = { path: { namespace, job: name }, query: { at: formatInstant(at) } }
      const found = await client.ask(client.api.GET('/v1/namespaces/{namespace}/jobs/{job}/explain', { params }))
      output.one(found, fields(found))
    })
  examples(
    command,
    'cronclave job explain nightly-report 2026-11-20T03:00:00Z',
    'cronclave job explain nightly-report 2026-11-20T03:00:00+08:00 -o json',
  )
}

function fields(found: Explanation): Record<string, string | number | undefined> {
  const { at, verdict, detail, reason, rule, run, stretch, entry, lastEntry, before, after } = found
  return {
    at,
    verdict,
    detail,
    reason,
    'decided by': rule,
    'log entry': lastEntry === undefined ? entry : `${entry} to ${lastEntry}`,
    run,
    'skipped with it': stretch && `${stretch.count}, from ${stretch.from} to ${stretch.to}`,
    'fire before': before,
    'fire after': after,
  }
}
