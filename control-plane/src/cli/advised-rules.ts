import type { AlertRule } from '@cronclave/openapi'
import type { Command } from 'commander'
import { examples, sessionOf, several } from './command.ts'
import type { Io } from './io.ts'

/** `cronclave alert-rule add-advised` */
export function addAdvisedCommand(rule: Command, io: Io): void {
  const command = rule
    .command('add-advised')
    .description(
      'make the rules of the cluster that there are none of yet: runs are lost, jobs are quarantined, rows miss a sink, clocks step',
    )
    .option('--channel <names>', 'channels of the cluster that are told; without any, alerts are listed only', several)
    .action(async ({ channel: channels = [] }: { channel?: string[] }) => {
      const { client, output } = sessionOf(io, command)
      const { advised = [] } = await client.ask(client.api.GET('/v1/alert-rules', { params: { query: { limit: 1 } } }))
      const made: AlertRule[] = []
      for (const { name, condition } of advised) {
        const params = { path: { rule: name }, header: { 'If-None-Match': '*' as const } }
        made.push(await client.ask(client.api.PUT('/v1/alert-rules/{rule}', { params, body: { condition, channels } })))
      }
      if (output.format !== 'table') output.data(made)
      else for (const { name } of made) output.note(`${name} is there`)
      if (made.length === 0) output.note('Nothing is missing.')
      else if (channels.length === 0)
        output.note('They tell nobody yet: name channels with `alert-rule put --cluster`.')
    })
  examples(command, 'cronclave alert-rule add-advised --channel ops')
}
