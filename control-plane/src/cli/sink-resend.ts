import type { SinkResend, SinkResendReport } from '@cronclave/openapi'
import { type Command, InvalidArgumentError } from 'commander'
import { formatInstant } from '../runtime/instant.ts'
import { present } from '../runtime/present.ts'
import { timeOrAge } from './arguments.ts'
import { examples, type Session, sessionOf } from './command.ts'
import type { Io } from './io.ts'

interface ResendOptions {
  from?: number
  fromSequence?: NonNullable<SinkResend['fromSequence']>
  to?: number
  preview?: boolean
}

/** `cronclave sink resend`: rows that a database lost are delivered to it again. */
export function resendCommand(sink: Command, io: Io): void {
  const when = timeOrAge(() => io.clock.now())
  const command = sink
    .command('resend')
    .description('deliver rows again that the database has lost, as far as the ledger still has them')
    .argument('<name>')
    .option('--from <time>', 'rows that ended then or later: a time, or an age such as 2d', when)
    .option('--from-sequence <index/ordinal>', 'this row, and those behind it', sequence)
    .option('--to <time>', 'rows that ended before; all that were delivered when absent', when)
    .option('--preview', 'deliver nothing; count them, and show which are not in the ledger any more')
    .action(async (name: string, { from, to, preview = false, ...row }: ResendOptions) => {
      const session = sessionOf(io, command)
      const body: SinkResend = { ...row, preview, ...present({ from: textOf(from), to: textOf(to) }) }
      const params = { path: { sink: name } }
      const { client } = session
      const report = await client.ask<SinkResendReport>(client.api.POST('/v1/sinks/{sink}/resend', { params, body }))
      showReport(session, name, report)
    })
  examples(
    command,
    'cronclave sink resend archive --from 2d --preview',
    'cronclave sink resend archive --from 2026-11-20T03:00:00Z --to 2026-11-20T09:00:00Z',
    'cronclave sink resend archive --from-sequence 48121/0',
  )
}

function showReport({ output }: Session, name: string, report: SinkResendReport): void {
  const { preview, rows, more, after, upTo, gaps, gapRows } = report
  output.one(report, {
    rows: more ? `${rows} and more` : rows,
    from: after && `behind ${after.index}/${after.ordinal}`,
    to: upTo && `${upTo.index}/${upTo.ordinal}`,
    'not in the ledger any more': gapRows === 0 ? undefined : `${gapRows} rows`,
    gaps:
      gaps
        .map(
          ({ after: a, before: b, count }) => `between ${a.index}/${a.ordinal} and ${b.index}/${b.ordinal}: ${count}`,
        )
        .join('\n') || undefined,
  })
  if (!preview && rows > 0) output.note(`They go to ${name} again; \`cronclave sink show ${name}\` says how far it is.`)
}

function sequence(text: string): NonNullable<SinkResend['fromSequence']> {
  const [, index, ordinal] = /^(\d{1,15})\/(\d{1,9})$/.exec(text) ?? []
  if (index === undefined) throw new InvalidArgumentError('It is index/ordinal, such as 48121/0.')
  return { index: Number(index), ordinal: Number(ordinal) }
}

function textOf(at: number | undefined): string | undefined {
  return at === undefined ? undefined : formatInstant(at)
}
