import { Command, CommanderError, Option } from 'commander'
import { ClusterRefused } from '../cluster/refused.ts'
import { visible } from '../runtime/visible.ts'
import { TlsFilesFault } from '../runtime/tls-files.ts'
import { StorageError } from '../runtime/storage-error.ts'
import { agentCommand } from './agent.ts'
import { alertCommands } from './alerts.ts'
import { alertRuleCommands } from './alert-rules.ts'
import { channelCommands } from './channels.ts'
import { several } from './command.ts'
import { configCommand } from './config-command.ts'
import { executorCommands } from './executors.ts'
import { checkCommands } from './check-perf.ts'
import { codeCommands } from './code.ts'
import { conformanceCommand } from './conformance.ts'
import { keyCommands } from './cluster-key.ts'
import { compactCommand, endpointCommands } from './endpoints.ts'
import { memberCommands } from './members.ts'
import { CommandFault, EXIT, ProgramEnded } from './exit.ts'
import { type Io, painter } from './io.ts'
import { jobCommands } from './jobs.ts'
import { kvCommands } from './kv.ts'
import { leaseCommands } from './kv-leases.ts'
import { lockCommands } from './kv-locks.ts'
import { namespaceCommands } from './namespaces.ts'
import { nextCommand } from './next.ts'
import { FORMATS } from './output.ts'
import { jobMapCommand, queueCommands } from './queues.ts'
import { noticeCommands } from './notices.ts'
import { schedulerCommands } from './pauses.ts'
import { recoverCommand } from './recover.ts'
import { runCommands } from './runs.ts'
import { serverCommand } from './server.ts'
import { serviceCommands } from './services.ts'
import { signingKeyCommands } from './signing-keys.ts'
import { sinkCommands } from './sinks.ts'
import { snapshotCommands } from './snapshot.ts'
import { statsCommands } from './stats.ts'
import { tokenCommands } from './tokens.ts'

const EXIT_CODES = `
Exit codes:
  0 done   1 refused by the server   2 wrong usage, file or configuration (of diff: 1; 2: it differs)   3 not found
  4 no credential, or not allowed   69 no endpoint answers, or the address is taken   74 the data folder cannot be used
  78 the cluster does not take this node, or has removed it`

/** Runs one command line, without the names of program and script, and answers its exit code. Never throws. */
export async function runCommandLine(argv: readonly string[], io: Io, version: string): Promise<number> {
  const program = createProgram(io, version)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return EXIT.ok
  } catch (error) {
    const code = report(error, io)
    // What cannot be compared does not differ, for scripts that look at the exit code.
    const isFault = code === EXIT.usage && !(error instanceof ProgramEnded)
    return isFault && commandIn(program, argv) === 'diff' ? EXIT.refused : code
  }
}

/** The name of the command that a command line calls. */
function commandIn(program: Command, argv: readonly string[]): string | undefined {
  for (let place = 0; place < argv.length; place++) {
    const word = argv[place] ?? ''
    if (!word.startsWith('-')) return word
    if (program.options.find(({ short, long }) => word === short || word === long)?.required) place += 1
  }
  return undefined
}

function createProgram(io: Io, version: string): Command {
  const program = new Command('cronclave')
    .description('A scheduler for HTTP jobs with a ledger.')
    .version(version, '-V, --version')
    .addOption(new Option('--endpoint <url>', 'server to talk to; several are tried in turn').argParser(several))
    .option('--token-file <file>', 'file with a token; for a server on this machine its own admin.token')
    .addOption(
      new Option('--ca <file>', "who signs the server's certificate (PEM), instead of the public CAs").env(
        'CRONCLAVE_CA',
      ),
    )
    .addOption(
      new Option('--cert <file>', 'own certificate, where the server asks for one (PEM)').env('CRONCLAVE_CERT'),
    )
    .addOption(new Option('--key <file>', 'private key of that certificate').env('CRONCLAVE_KEY'))
    .addOption(new Option('--namespace <name>', 'namespace').env('CRONCLAVE_NAMESPACE').default('default'))
    .addOption(
      new Option('-o, --output <format>', 'how to print').choices(FORMATS).env('CRONCLAVE_OUTPUT').default('table'),
    )
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText('after', EXIT_CODES)
  for (const add of [
    serverCommand,
    configCommand,
    jobCommands,
    codeCommands,
    runCommands,
    schedulerCommands,
    noticeCommands,
    queueCommands,
    jobMapCommand,
    nextCommand,
    statsCommands,
    namespaceCommands,
    serviceCommands,
    signingKeyCommands,
    executorCommands,
    agentCommand,
    kvCommands,
    leaseCommands,
    lockCommands,
    sinkCommands,
    channelCommands,
    alertRuleCommands,
    alertCommands,
    tokenCommands,
    snapshotCommands,
    recoverCommand,
    memberCommands,
    endpointCommands,
    compactCommand,
    checkCommands,
    conformanceCommand,
    keyCommands,
  ]) {
    add(program, io)
  }
  return program
}

function report(error: unknown, io: Io): number {
  if (error instanceof ProgramEnded) return error.exitCode
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  const paint = painter(io.stderr, io.env)
  const say = (text: string) => io.stderr.write(`${text}\n`)
  const mark = paint('error:', 'red')
  if (error instanceof CommandFault) {
    say(`${mark} ${visible(error.message)}`)
    for (const detail of error.details) say(`  ${visible(detail)}`)
    return error.exitCode
  }
  if (error instanceof StorageError) {
    say(`${mark} ${error.message}`)
    say(`  Folder: ${error.folder}`)
    say(`  Next step: ${error.nextStep}`)
    return EXIT.storage
  }
  if (error instanceof TlsFilesFault) {
    say(`${mark} ${visible(error.message)}`)
    return EXIT.usage
  }
  if (error instanceof ClusterRefused) {
    say(`${mark} ${visible(error.message)}`)
    say(`  Next step: ${error.nextStep}`)
    return EXIT.cluster
  }
  if (io.signal.aborted) return INTERRUPTED
  say(`${mark} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  return EXIT.refused
}

/** 128 and the number of SIGINT, as shells have it. */
const INTERRUPTED = 130
