import type { Problem, SinkProgress, SinkReport } from '@cronclave/openapi'
import type { Command } from 'commander'
import { examples, type Session, sessionOf } from './command.ts'
import { CommandFault, EXIT, faultOf } from './exit.ts'
import type { Io } from './io.ts'
import type { Column } from './output.ts'
import { serverSentEvents } from './sse.ts'

/** `cronclave sink verify`: says how far it is on stderr, and fails when the two differ. */
export function verifySinkCommand(sink: Command, io: Io): void {
  const command = sink
    .command('verify')
    .description('compare counts and checksums of a sink with the ledger, hour by hour; fails when they differ')
    .argument('<name>')
    .action(async (name: string) => {
      const session = sessionOf(io, command)
      const report = await reportOf(session, name, io)
      showReport(session, name, report)
      if (!report.equal) throw new CommandFault(EXIT.refused, `${name} is not what the ledger is.`)
    })
  examples(command, 'cronclave sink verify archive')
}

async function reportOf({ client, output }: Session, name: string, io: Io): Promise<SinkReport> {
  const path = `/v1/sinks/${encodeURIComponent(name)}/verify`
  const reply = await client.fetch(new Request(`http://endpoint${path}`, { method: 'POST' }), { stream: true })
  if (!reply.ok || !reply.body)
    throw faultOf(reply.status, (await reply.json().catch(() => undefined)) as Problem | undefined)
  for await (const { event, data } of serverSentEvents(reply.body)) {
    if (event === 'report') return JSON.parse(data) as SinkReport
    if (event === 'failed') {
      const { detail } = JSON.parse(data) as { detail: string }
      throw new CommandFault(EXIT.refused, `${name} could not be compared: ${detail}`)
    }
    if (event === 'progress' && io.stderr.isTTY === true) {
      const { phase, rows } = JSON.parse(data) as SinkProgress
      output.note(`${rows.toLocaleString('en-GB')} rows of the ${phase} are counted`)
    }
  }
  throw new CommandFault(EXIT.unavailable, 'The server ended the stream.')
}

function showReport({ output }: Session, name: string, report: SinkReport): void {
  if (output.format !== 'table') return output.data(report)
  const { equal, rows, hours, upTo, differences, more } = report
  if (equal)
    return output.line(
      `${name} is equal: ${rows} rows of ${hours} ${hours === 1 ? 'hour' : 'hours'}, up to ${upTo.index}/${upTo.ordinal}`,
    )
  const columns: Column<SinkReport['differences'][number]>[] = [
    { head: 'hour', of: ({ hour }) => hour },
    { head: 'kind', of: ({ kind }) => kind },
    { head: 'rows', of: ({ ledger }) => ledger },
    { head: 'as they are', of: ({ sink }) => sink },
    { head: 'missing or changed', of: ({ ledger, sink }) => ledger - sink },
    { head: 'never of the ledger', of: ({ extra = 0 }) => extra },
  ]
  output.list(differences, columns, '')
  if (more > 0) output.note(`${more} more differences are not shown`)
}
