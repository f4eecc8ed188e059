import { type Command, Option } from 'commander'
import { createLog } from '../runtime/log.ts'
import { duration, pair, wholeNumber } from './arguments.ts'
import { examples, type GlobalOptions, several } from './command.ts'
import type { Io } from './io.ts'
import { fetchOver } from './tls-fetch.ts'

/** What the command line says of an agent. */
export interface AgentOptions {
  service: string
  slots: number
  id?: string
  weight?: number
  label?: Record<string, string>
  revision?: string
  secretFile?: string
  issuer?: string
  plugin?: string[]
  allowHost?: string[]
  allowLoopback?: boolean
  targetCa?: string
  dataFolder: string
  drain: number
  statusEvery: number
  logLevel: Level
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
type Level = (typeof LEVELS)[number]

/** Slots of one agent, at most. */
const SLOTS_MAX = 1000
const DAY_MS = 86_400_000

/** `cronclave agent`: an executor for networks that nothing may enter. It asks for its work, and calls what is near it. */
export function agentCommand(program: Command, io: Io): void {
  const command = program
    .command('agent')
    .description('take work for a service from within a network that nothing may enter, until Ctrl-C or SIGTERM')
    .requiredOption('--service <name>', 'the service whose runs it takes')
    .option('--slots <number>', 'runs that it takes at once', wholeNumber(1, SLOTS_MAX), 10)
    .option('--id <id>', 'its id within the service (default: another one after every start)')
    .option('--weight <number>', 'share of the traffic; 0 takes none', wholeNumber(0, 10_000))
    .option('--label <key=value>', 'labels that jobs can ask for; may be given several times', pair)
    .option('--revision <text>', 'of what it runs; is shown')
    .option('--secret-file <file>', "file with the service's secret, - is stdin (default: CRONCLAVE_SECRET)")
    .option('--issuer <url>', 'who signs its calls, for a service that is signed for by tokens instead of a secret')
    .option('--plugin <file>', 'a module with more plugins; may be given several times', several)
    .option('--allow-host <host>', 'hosts that `rest` may call; any when absent', several)
    .option('--allow-loopback', 'let `rest` call this machine itself')
    .option('--target-ca <file>', 'who signs the certificates of what `rest` calls (PEM), instead of the public CAs')
    .option('--data-folder <folder>', 'where results are kept until they are acknowledged', 'cronclave-agent')
    .addOption(durationOption('--drain <duration>', 'how long runs may go on once it is asked to end', '25s'))
    .addOption(durationOption('--status-every <duration>', 'how often it says how it is; 0s is never', '60s'))
    .addOption(new Option('--log-level <level>', 'what it says').choices(LEVELS).default('info'))
    .action(async (options: AgentOptions) => {
      const globals = command.optsWithGlobals<GlobalOptions>()
      const { agentSettings } = await import('./agent/settings.ts')
      // A plugin may hold a timer or a connection that nobody closes.
      io.endWithCommand?.()
      const settings = await agentSettings(io, options, globals)
      const log = createLog(logConfig(options.logLevel, globals.output), io.clock, io)
      try {
        const { runAgent } = await import('./agent/run-agent.ts')
        const say = (line: string) => io.stderr.write(`${line}\n`)
        const { clock, signal } = io
        await runAgent(settings, { clock, signal, say, fetch: fetchOver(io, globals), log: log.logger })
      } finally {
        await log.close()
      }
    })
  examples(
    command,
    'CRONCLAVE_TOKEN=cct_… CRONCLAVE_SECRET=whsec_… cronclave agent --service billing --slots 8',
    'cronclave --endpoint https://cron-1.example.com,https://cron-2.example.com --token-file agent.token \\\n' +
      '      agent --service billing --secret-file billing.secret --allow-host "*.billing.internal"',
    'cronclave agent --service billing --plugin ./mail.mjs --data-folder /var/lib/cronclave-agent',
  )
}

function durationOption(flags: string, description: string, byDefault: string): Option {
  const read = duration(0, DAY_MS)
  return new Option(flags, description).argParser(read).default(read(byDefault), byDefault)
}

function logConfig(level: Level, output: GlobalOptions['output']): Parameters<typeof createLog>[0] {
  const format = output === 'table' ? 'auto' : 'json'
  return { target: 'stdout', path: '', level, format, maxSizeBytes: 0, maxAgeMs: 0, maxFiles: 0 }
}
