import type { Claim } from '@cronclave/openapi'
import { type Command, InvalidArgumentError } from 'commander'
import { parseDuration } from '../runtime/duration.ts'
import { examples, sessionOf, type Session } from './command.ts'
import { ProgramEnded } from './exit.ts'
import type { Io } from './io.ts'
import { holding, type Wanted } from './kv-hold.ts'

/** Without a wait of their own, commands wait this long. */
const WAIT_MS = 10 * 60_000
const TTL_MS = 15_000

interface HoldOptions {
  ttl: number
  wait: number
  value?: string
  who?: boolean
}

/** `cronclave lock` and `cronclave elect` */
export function lockCommands(program: Command, io: Io): void {
  const lock = withTimes(program.command('lock'))
    .description('run a program while holding a lock')
    .argument('<name>')
    .argument('<command...>', 'the program and its arguments, after --')
    .action(async (name: string, words: string[], { ttl, wait }: HoldOptions) => {
      await runHolding(sessionOf(io, lock), io, { kind: 'lock', name, ttlMs: ttl, waitMs: wait }, words)
    })
  examples(
    lock,
    'cronclave lock nightly-import -- ./import.sh --full',
    `cronclave lock nightly-import --wait 0s -- sh -c 'echo "my token is $CRONCLAVE_FENCING_TOKEN"'`,
  )
  const elect = withTimes(program.command('elect'))
    .description('lead: run a program, or stay until Ctrl-C, while nobody else does')
    .argument('<name>')
    .argument('[command...]', 'the program and its arguments, after --')
    .option('--value <text>', 'what others read of the leader')
    .option('--who', 'print who leads, and who would be next')
    .action(async (name: string, words: string[], { ttl, wait, value, who = false }: HoldOptions) => {
      const session = sessionOf(io, elect)
      if (who) return await show(session, name)
      const wanted = {
        kind: 'election',
        name,
        ttlMs: ttl,
        waitMs: wait,
        ...(value === undefined ? {} : { value }),
      } as const
      if (words.length > 0) return await runHolding(session, io, wanted, words)
      await holding(session, io, wanted, (claim, signal) => stay(session, claim, signal))
    })
  examples(
    elect,
    'cronclave elect scheduler --value http://10.0.0.7:8080 -- ./serve',
    'cronclave elect scheduler --who -o json | jq .leader.value',
  )
}

function withTimes(command: Command): Command {
  return command
    .option('--ttl <duration>', 'how soon others get it when this machine dies', duration, TTL_MS)
    .option('--wait <duration>', 'how long to wait for it; 0s is not at all', duration, WAIT_MS)
}

/** The exit code is that of the program. */
async function runHolding(session: Session, io: Io, wanted: Wanted, words: readonly string[]): Promise<void> {
  const code = await holding(session, io, wanted, ({ fencingToken = '', lease }, signal) =>
    io.run(words, { CRONCLAVE_FENCING_TOKEN: fencingToken, CRONCLAVE_LEASE: lease }, signal),
  )
  if (code !== 0) throw new ProgramEnded(code)
}

async function stay({ output }: Session, claim: Claim, signal: AbortSignal): Promise<void> {
  if (output.format === 'table') output.line(`leads ${claim.name} with token ${claim.fencingToken}`)
  else output.data(claim)
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

async function show({ client, output, namespace }: Session, name: string): Promise<void> {
  const params = { path: { namespace, name } }
  const election = await client.ask(client.api.GET('/v1/namespaces/{namespace}/elections/{name}', { params }))
  const { leader, queue } = election
  output.one(election, {
    leader: leader ? (leader.value ?? leader.by) : '-',
    'fencing token': leader?.fencingToken,
    since: leader?.since,
    waiting: queue.length,
  })
}

function duration(text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined) return ms
  throw new InvalidArgumentError('It is a duration such as 30s or 10m.')
}
