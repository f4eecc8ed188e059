import type { Problem, RunEvent } from '@cronclave/openapi'
import type { Command } from 'commander'
import { visible } from '../runtime/visible.ts'
import { examples, sessionOf } from './command.ts'
import { CommandFault, EXIT, faultOf } from './exit.ts'
import { type Io, painter, stateColour } from './io.ts'
import { shortDuration } from './phrases.ts'
import { serverSentEvents } from './sse.ts'

/** `cronclave run watch`: a line for every change of a run, until Ctrl-C. With `-o json` a JSON document on each line. */
export function watchCommand(run: Command, io: Io): void {
  const command = run
    .command('watch')
    .description('show runs as they happen, until Ctrl-C')
    .option('--job <name>', 'only runs of this job')
    .action(async ({ job }: { job?: string }) => {
      const { client, output, namespace } = sessionOf(io, command)
      const query = new URLSearchParams({ namespace, ...(job === undefined ? {} : { job }) })
      const request = new Request(`http://endpoint/v1/events?${query.toString()}`, {
        headers: { accept: 'text/event-stream' },
      })
      const reply = await client.fetch(request, { stream: true })
      if (!reply.ok || !reply.body)
        throw faultOf(reply.status, (await reply.json().catch(() => undefined)) as Problem | undefined)
      try {
        for await (const { event, data } of serverSentEvents(reply.body)) {
          if (event === 'dropped')
            throw new CommandFault(EXIT.refused, 'The server closed the stream: this end was too slow.')
          if (!event.startsWith('run.')) continue
          if (output.format === 'table') output.line(lineOf(JSON.parse(data) as RunEvent, io))
          else output.line(data)
        }
      } catch (error) {
        if (!io.signal.aborted) throw error
      }
      if (!io.signal.aborted) throw new CommandFault(EXIT.unavailable, 'The server ended the stream.')
    })
  examples(command, 'cronclave run watch', 'cronclave run watch --job nightly-report -o json | jq .run.state')
}

function lineOf({ job, run }: RunEvent, io: Io): string {
  const paint = painter(io.stdout, io.env)
  const at = run.endedAt ?? run.startedAt ?? run.createdAt
  const took = run.durationMs === undefined ? '' : ` in ${shortDuration(run.durationMs)}`
  const why = run.reason ?? run.error?.message
  const state = paint(run.state.padEnd(9), stateColour(run.state))
  return `${paint(at, 'grey')} ${state} ${visible(job)} ${paint(run.id, 'grey')}${took}${why === undefined ? '' : `: ${visible(why)}`}`
}
