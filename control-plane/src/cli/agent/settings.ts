import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { AgentOptions } from '../agent.ts'
import { endpointsOf } from '../client.ts'
import type { GlobalOptions } from '../command.ts'
import { CommandFault, EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { secretText } from '../secret-text.ts'
import { agentEgress } from './agent-egress.ts'
import { allowedHosts } from './allowed-hosts.ts'
import { loadPlugins } from './load-plugins.ts'
import { restPlugin } from './rest.ts'
import type { AgentSettings } from './run-agent.ts'

/** Reads the files and secrets that the options name, and loads the plugins. Throws a `CommandFault`. */
export async function agentSettings(io: Io, options: AgentOptions, globals: GlobalOptions): Promise<AgentSettings> {
  const { service, slots, id, weight, label: labels, revision, dataFolder } = options
  const endpoints = endpointsOf(io.env, globals)
  const token = await tokenOf(io, globals.tokenFile)
  const signing = await signingOf(io, options)
  const { allowHost = [], allowLoopback = false, plugin: files = [] } = options
  const egress = agentEgress(endpoints, allowLoopback)
  const hosts = allowedHosts(allowHost)
  const ca = options.targetCa === undefined ? undefined : await certificates(options.targetCa)
  const plugins = await loadPlugins([restPlugin({ egress, allowedHosts: hosts, ca, clock: io.clock })], files, io.clock)
  return {
    ...{ namespace: globals.namespace, service, slots, id, weight, labels, revision, dataFolder },
    ...{ endpoints, token, signing, plugins, drainMs: options.drain, statusMs: options.statusEvery },
  }
}

/** Never the administrator's of this machine: an agent registers, and does nothing else. */
async function tokenOf(io: Io, file: string | undefined): Promise<string> {
  const from = file ?? (io.env['CRONCLAVE_TOKEN'] ? undefined : io.env['CRONCLAVE_TOKEN_FILE'])
  const token = (await secretText(io, { file: from, variable: 'CRONCLAVE_TOKEN' }))?.trim()
  if (token) return token
  throw new CommandFault(EXIT.forbidden, 'A token of the service is needed: set CRONCLAVE_TOKEN, or give --token-file.')
}

async function signingOf(io: Io, { secretFile, issuer }: AgentOptions): Promise<AgentSettings['signing']> {
  if (issuer !== undefined) return { issuer }
  const secret = (await secretText(io, { file: secretFile, variable: 'CRONCLAVE_SECRET' }))?.trim()
  if (secret) return { secret }
  throw new CommandFault(
    EXIT.forbidden,
    'The signing secret of the service is needed: set CRONCLAVE_SECRET, or give --secret-file or --issuer.',
  )
}

async function certificates(file: string): Promise<string> {
  try {
    const pem = await readFile(file, 'utf8')
    // A file that holds none would be taken, and then nobody trusted.
    firstOf(pem)
    return pem
  } catch (error) {
    throw new CommandFault(EXIT.usage, `The certificates of --target-ca cannot be read: ${(error as Error).message}`)
  }
}

function firstOf(pem: string): X509Certificate {
  return new X509Certificate(pem)
}
