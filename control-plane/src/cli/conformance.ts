import type { Command } from 'commander'
import { signingKey } from '../signing/secret.ts'
import { examples, type GlobalOptions, outputOf } from './command.ts'
import { accepted, type Finding, runCheck } from './conformance/check.ts'
import { send, type Subject } from './conformance/caller.ts'
import { CONDUCT_CHECKS } from './conformance/conduct-checks.ts'
import { FORGERY_CHECKS } from './conformance/forgery-checks.ts'
import { ECHO, message, WAIT } from './conformance/messages.ts'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'
import type { Column } from './output.ts'
import { secretText } from './secret-text.ts'
import { tlsOptions } from './tls-fetch.ts'

interface Options {
  url: string
  secretFile?: string
  service: string
  executor: string
}

/** `cronclave conformance`: needs no server, only the executor. */
export function conformanceCommand(program: Command, io: Io): void {
  const command = program
    .command('conformance')
    .description(`check an executor in any language that has the handlers ${ECHO} and ${WAIT}; fails when a check does`)
    .requiredOption('--url <url>', 'where the executor takes calls')
    .option('--secret-file <file>', 'file with its secret, - is stdin (default: CRONCLAVE_SECRET)')
    .option('--service <name>', 'the service that it belongs to', 'conformance')
    .option('--executor <id>', 'its id, where it knows one', 'conformance-1')
    .action(async (options: Options) => {
      const output = outputOf(io, command)
      const subject = await subjectOf(io, command, options)
      await reach(subject)
      const findings: Finding[] = []
      // One after the other: some look at how often a handler was called.
      for (const check of [...CONDUCT_CHECKS, ...FORGERY_CHECKS, ALIVE]) findings.push(await runCheck(check, subject))
      output.list(findings, COLUMNS, 'Nothing was checked.')
      const failed = findings.filter(({ ok, level }) => !ok && level === 'must').length
      const passed = findings.filter(({ ok }) => ok).length
      output.note(`${passed} of ${findings.length} checks pass`)
      if (failed > 0) throw new CommandFault(EXIT.refused, `${options.url} is no conforming executor: ${failed} fail.`)
    })
  examples(
    command,
    'cronclave conformance --url http://127.0.0.1:8000/jobs --secret-file executor.secret',
    'CRONCLAVE_SECRET=whsec_… cronclave conformance --url http://127.0.0.1:8000/jobs -o json',
  )
}

const COLUMNS: Column<Finding>[] = [
  { head: 'an executor', of: ({ name }) => name },
  { head: 'level', of: ({ level }) => level },
  { head: 'result', of: ({ ok }) => (ok ? 'pass' : 'fail'), state: true },
  { head: 'found', of: ({ found }) => found },
]

const ALIVE = {
  name: 'is still there after all that',
  run: async (subject: Subject) => void (await accepted(subject, message(subject, 'ping', { challenge: '1' }), 'pong')),
}

async function subjectOf(io: Io, command: Command, { url, secretFile, service, executor }: Options): Promise<Subject> {
  const secret = await secretText(io, { file: secretFile, variable: 'CRONCLAVE_SECRET' })
  if (!secret) throw new CommandFault(EXIT.usage, 'No secret: give --secret-file, or set CRONCLAVE_SECRET.')
  const { namespace, ca, cert, key } = command.optsWithGlobals<GlobalOptions>()
  return {
    url: urlOf(url),
    key: keyOf(secret.trim()),
    namespace,
    service,
    executor,
    tls: tlsOptions({ ca, cert, key }),
    clock: io.clock,
    signal: io.signal,
  }
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.username === '') return url
  throw new CommandFault(EXIT.usage, `--url ${text} is not an http or https address.`)
}

function keyOf(secret: string): Subject['key'] {
  try {
    return signingKey(secret)
  } catch (error) {
    throw new CommandFault(EXIT.usage, `The secret is of no use: ${(error as Error).message}.`)
  }
}

/** One plain answer, whatever it says; otherwise every check would only say the same. */
async function reach(subject: Subject): Promise<void> {
  try {
    await send(subject, message(subject, 'ping', { challenge: 'hello' }))
  } catch (error) {
    subject.signal.throwIfAborted()
    const { message: text, cause } = error as Error
    const detail = cause instanceof Error ? cause.message : text
    throw new CommandFault(EXIT.unavailable, `${subject.url.href} does not answer: ${detail}`)
  }
}
