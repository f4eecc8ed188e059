import { type Command, Option } from 'commander'
import { type SigningKey, signingKey } from '../signing/secret.ts'
import { examples, type GlobalOptions, outputOf } from './command.ts'
import { accepted, type Check, type Finding, runCheck } from './conformance/check.ts'
import { send, type Subject } from './conformance/caller.ts'
import { CONDUCT_CHECKS } from './conformance/conduct-checks.ts'
import { Desk } from './conformance/desk.ts'
import { ECHO, message, WAIT } from './conformance/messages.ts'
import { refusalChecks } from './conformance/refusal-checks.ts'
import { reportChecks } from './conformance/report-checks.ts'
import { secretChecks } from './conformance/secret-checks.ts'
import { secretSigner, type Signer } from './conformance/signer.ts'
import { tokenChecks } from './conformance/token-checks.ts'
import { TokenIssuer } from './conformance/token-signer.ts'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'
import type { Column } from './output.ts'
import { secretText } from './secret-text.ts'
import { tlsOptions } from './tls-fetch.ts'

/** Where the kit listens: for who fetches its keys, and for callbacks. */
const LISTEN = '127.0.0.1:7440'
/** An executor may have looked for keys, and found those of an earlier run, so shortly before, in milliseconds. */
const KEYS_MS = 35_000
const KEYS_EVERY_MS = 1000
const WAITS_FOR_KEYS = 'The executor answers 401: it may know the keys of an earlier run, and look again within 30 s …'

interface Options {
  url: string
  auth: 'hmac' | 'jwt'
  secretFile?: string
  reports?: true
  listen: string
  listenUrl?: string
  service: string
  executor: string
}

/** `cronclave conformance`: needs no server, only the executor. */
export function conformanceCommand(program: Command, io: Io): void {
  const command = program
    .command('conformance')
    .description(`check an executor in any language that has the handlers ${ECHO} and ${WAIT}; fails when a check does`)
    .requiredOption('--url <url>', 'where the executor takes calls')
    .addOption(new Option('--auth <scheme>', 'what it verifies').choices(['hmac', 'jwt']).default('hmac'))
    .option('--secret-file <file>', 'file with its secret, - is stdin (default: CRONCLAVE_SECRET)')
    .option('--reports', 'it answers 202 to what takes long, and reports: check that too')
    .option('--listen <host:port>', 'where keys are served, with --auth jwt, and callbacks, with --reports', LISTEN)
    .option('--listen-url <url>', 'how it reaches that, which is also the issuer (default: http://<host:port>)')
    .option('--service <name>', 'the service that it belongs to', 'conformance')
    .option('--executor <id>', 'its id, where it knows one', 'conformance-1')
    .action(async (options: Options) => {
      const output = outputOf(io, command)
      const key = options.auth === 'hmac' ? await secretKey(io, options) : undefined
      const subject = subjectOf(io, command, options)
      const desk = options.auth === 'jwt' || options.reports ? await openDesk(io, options) : undefined
      const findings: Finding[] = []
      try {
        const [signer, checks] = planOf(options, key, desk)
        const patience = options.auth === 'jwt' ? KEYS_MS : 0
        await reach({ ...subject, signer }, patience, () => output.note(WAITS_FOR_KEYS))
        // One after the other: some look at how often a handler was called.
        for (const check of checks) findings.push(await runCheck(check, { ...subject, signer }))
      } finally {
        desk?.close()
      }
      output.list(findings, COLUMNS, 'Nothing was checked.')
      const failed = findings.filter(({ ok, level }) => !ok && level === 'must').length
      const passed = findings.filter(({ ok }) => ok).length
      output.note(`${passed} of ${findings.length} checks pass`)
      if (failed > 0) throw new CommandFault(EXIT.refused, `${options.url} is no conforming executor: ${failed} fail.`)
    })
  examples(
    command,
    'cronclave conformance --url http://127.0.0.1:8000/jobs --secret-file executor.secret',
    'CRONCLAVE_SECRET=whsec_… cronclave conformance --url http://127.0.0.1:8000/jobs --reports -o json',
    'cronclave conformance --url http://127.0.0.1:8000/jobs --auth jwt   # its issuer is http://127.0.0.1:7440',
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

/** How calls are signed, and what is checked. */
function planOf({ auth, service, reports }: Options, key?: SigningKey, desk?: Desk): [Signer, readonly Check[]] {
  const always = [...CONDUCT_CHECKS, ...refusalChecks(auth)]
  const later = desk && reports ? reportChecks(desk) : []
  if (key) return [secretSigner(key), [...always, ...secretChecks(key), ...later, ALIVE]]
  const issuer = new TokenIssuer(desk?.url ?? '', service)
  if (desk) desk.jwks = issuer.jwks
  return [issuer.signer(), [...always, ...tokenChecks(issuer), ...later, ALIVE]]
}

async function openDesk(io: Io, { listen, listenUrl }: Options): Promise<Desk> {
  const [, host, port] = /^\[?([^\]]+)\]?:(\d{1,5})$/.exec(listen) ?? []
  if (host === undefined || Number(port) > 65_535)
    throw new CommandFault(EXIT.usage, `--listen ${listen} is not a host and a port.`)
  const url = listenUrl === undefined ? undefined : urlOf(listenUrl, '--listen-url').href.replace(/\/$/, '')
  try {
    return await Desk.open(host, Number(port), url, io.clock)
  } catch (error) {
    throw new CommandFault(EXIT.unavailable, `The kit cannot listen on ${listen}: ${(error as Error).message}`)
  }
}

async function secretKey(io: Io, { secretFile }: Options): Promise<SigningKey> {
  const secret = await secretText(io, { file: secretFile, variable: 'CRONCLAVE_SECRET' })
  if (!secret) throw new CommandFault(EXIT.usage, 'No secret: give --secret-file, or set CRONCLAVE_SECRET.')
  return keyOf(secret.trim())
}

function subjectOf(io: Io, command: Command, { url, service, executor }: Options): Omit<Subject, 'signer'> {
  const { namespace, ca, cert, key } = command.optsWithGlobals<GlobalOptions>()
  return {
    url: urlOf(url, '--url'),
    namespace,
    service,
    executor,
    tls: tlsOptions({ ca, cert, key }),
    clock: io.clock,
    signal: io.signal,
  }
}

function urlOf(text: string, option: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.username === '') return url
  throw new CommandFault(EXIT.usage, `${option} ${text} is not an http or https address.`)
}

function keyOf(secret: string): SigningKey {
  try {
    return signingKey(secret)
  } catch (error) {
    throw new CommandFault(EXIT.usage, `The secret is of no use: ${(error as Error).message}.`)
  }
}

/** One plain answer, whatever it says; otherwise every check would only say the same. For so long 401 is not the last word. */
async function reach(subject: Subject, withinMs: number, waits: () => void): Promise<void> {
  const { clock, signal } = subject
  const until = clock.now() + withinMs
  try {
    for (let tries = 1; ; tries++) {
      const { status } = await send(subject, message(subject, 'ping', { challenge: 'hello' }))
      if (status !== 401 || clock.now() >= until) return
      if (tries === 1) waits()
      await new Promise<void>((resolve) => void clock.after(KEYS_EVERY_MS, resolve))
      signal.throwIfAborted()
    }
  } catch (error) {
    subject.signal.throwIfAborted()
    const { message: text, cause } = error as Error
    const detail = cause instanceof Error ? cause.message : text
    throw new CommandFault(EXIT.unavailable, `${subject.url.href} does not answer: ${detail}`)
  }
}
