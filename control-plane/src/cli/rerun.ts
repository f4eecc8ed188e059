import type { Run } from '@cronclave/openapi'
import type { Command } from 'commander'
import { pair } from './arguments.ts'
import { examples, type Session, sessionOf } from './command.ts'
import type { Io } from './io.ts'
import { runColumns } from './run-fields.ts'
import { typedParams, type WrittenParams } from './typed-params.ts'

interface RerunOptions {
  failed?: boolean
  param?: WrittenParams
  executor?: string
  idempotencyKey?: string
}

/** `cronclave run rerun` */
export function rerunCommand(run: Command, io: Io): void {
  const command = run
    .command('rerun')
    .description('do finished runs again, for the same fire time and parameters')
    .argument('<ids...>')
    .option('--failed', 'only the parts that failed, with the items that they had')
    .option('-p, --param <key=value>', 'overrides a parameter, written as its handler says; several', pair)
    .option('--executor <id>', 'the only executor that may take them')
    .option('--idempotency-key <key>', 'a repeat with the same key answers the same run')
    .action(async (ids: string[], { failed, param, executor, idempotencyKey: key }: RerunOptions) => {
      const session = sessionOf(io, command)
      const { client, output, namespace } = session
      const made: Run[] = []
      for (const id of ids) {
        const params = param && (await typedParams(session, await jobOf(session, id), param))
        const header =
          key === undefined ? {} : { header: { 'Idempotency-Key': ids.length === 1 ? key : `${key}/${id}` } }
        made.push(
          await client.ask(
            client.api.POST('/v1/namespaces/{namespace}/runs/{run}/rerun', {
              params: { path: { namespace, run: id }, ...header },
              body: {
                only: failed ? 'failed' : 'all',
                ...(params === undefined ? {} : { params }),
                ...(executor === undefined ? {} : { executor }),
              },
            }),
          ),
        )
      }
      output.list(made, runColumns(io.clock.now()), '')
    })
  examples(
    command,
    'cronclave run rerun r8Jw2c0yTqyb1C3mJcXh1w',
    'cronclave run rerun r8Jw2c0yTqyb1C3mJcXh1w --failed --executor billing-2',
  )
}

async function jobOf({ client, namespace }: Session, run: string): Promise<string> {
  const path = { namespace, run }
  return (await client.ask(client.api.GET('/v1/namespaces/{namespace}/runs/{run}', { params: { path } }))).job
}
