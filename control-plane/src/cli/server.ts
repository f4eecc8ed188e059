import type { Command } from 'commander'
import { createLog } from '../runtime/log.ts'
import { systemRandom } from '../runtime/random.ts'
import { examples } from './command.ts'
import { CommandFault, EXIT } from './exit.ts'
import { type Io, painter, type ReadyInfo } from './io.ts'
import type { RunningNode } from './node-port.ts'
import { addSettings, type Config, configOf } from './settings-options.ts'

/** How long a node whose disk failed takes leave of those who wait for it, in milliseconds. */
const FAREWELL_MS = 500

/** `cronclave server`: runs a node until Ctrl-C or SIGTERM. */
export function serverCommand(program: Command, io: Io): void {
  const command = addSettings(program.command('server').description('run a node')).action(
    (options: Record<string, unknown>) => serve(configOf(options).config, io),
  )
  examples(
    command,
    'cronclave server',
    'cronclave server --listen-port 8080 --data-folder /var/lib/cronclave',
    'cronclave server --config /etc/cronclave.yaml --log-target file',
  )
}

async function serve(config: Config, io: Io): Promise<void> {
  const log = createLog(config.log, io.clock, io)
  try {
    const { startNode } = await io.node()
    const { clock, signal } = io
    const node = await startNode(config, { clock, random: systemRandom, logger: log.logger, signal }).catch(
      (error: unknown) => {
        throw listenFault(error, config) ?? error
      },
    )
    if (io.ready) io.ready(readyInfo(node, config))
    else announce(node, config, io)
    const failure = await Promise.race([aborted(io.signal), node.failed])
    if (failure) {
      await farewell(node, io)
      throw failure
    }
    if (!io.ready) io.stderr.write('Stopping; Ctrl-C again stops at once.\n')
    await node.stop()
  } finally {
    await log.close()
  }
}

/** What a person needs to begin, on stderr so that log lines on stdout stay clean. */
function announce(node: RunningNode, config: Config, io: Io): void {
  const paint = painter(io.stderr, io.env)
  const lines = [['Cronclave', `listens on ${node.url}`]]
  if (node.loginLink !== undefined) lines.push(['Dashboard', `${node.loginLink} (works once, for 60 s)`])
  if (node.adminToken !== undefined) {
    lines.push([
      'Token',
      `${node.adminToken} (of the administrator, shown this once; it stands in ${config.dataFolder}/admin.token)`,
    ])
  }
  lines.push(['Data', config.dataFolder])
  for (const [name = '', text = ''] of lines) io.stderr.write(`${paint(name.padEnd(10), 'cyan')} ${text}\n`)
}

/** Nothing can be recorded any more: whoever waits for an answer gets one, calls under way are not waited for. */
async function farewell(node: RunningNode, io: Io): Promise<void> {
  const stopped = node.stop().catch(() => undefined)
  await Promise.race([stopped, new Promise<void>((resolve) => void io.clock.after(FAREWELL_MS, resolve))])
}

function readyInfo({ url, loginLink, adminToken }: RunningNode, { dataFolder }: Config): ReadyInfo {
  return {
    url,
    dataFolder,
    ...(loginLink === undefined ? {} : { loginLink }),
    ...(adminToken === undefined ? {} : { adminToken }),
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

function listenFault(error: unknown, { listen }: Config): CommandFault | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (syscall !== 'listen' && syscall !== 'bind') return undefined
  const address = `${listen.host}:${listen.port}`
  const reasons: Record<string, string> = {
    EADDRINUSE: `Something else listens on ${address} already. Stop it, or give another --listen-port.`,
    EACCES: `This user may not listen on ${address}. Ports below 1024 need a privilege; give another --listen-port.`,
    EADDRNOTAVAIL: `This machine has no address ${listen.host}. Give another --listen-host.`,
  }
  return new CommandFault(
    EXIT.unavailable,
    reasons[code ?? ''] ?? `Cannot listen on ${address}: ${(error as Error).message}`,
  )
}
