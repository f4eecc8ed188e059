import { createReadStream } from 'node:fs'
import { access, open, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Problem } from '@cronclave/openapi'
import type { Command } from 'commander'
import { syncFolder } from '../runtime/durable-folder.ts'
import { systemRandom } from '../runtime/random.ts'
import { BrokenState } from '../store/state-stream.ts'
import { type StateSummary, summarise } from '../store/state-summary.ts'
import { type Client, ENDPOINT } from './client.ts'
import { examples, outputOf, sessionOf } from './command.ts'
import { CommandFault, EXIT, faultOf } from './exit.ts'
import type { Io } from './io.ts'
import { offlineDeps, reportNewCluster } from './new-cluster.ts'
import { addSettings, configOf } from './settings-options.ts'

const KEY_NOTE =
  'Secrets in it stay sealed: keep the cluster key (cluster.key in the data folder) too, apart from this file.'

/** `cronclave snapshot`: the whole state of a cluster as a file, and back. */
export function snapshotCommands(program: Command, io: Io): void {
  const snapshot = program.command('snapshot').description('save the state of a cluster, look at it, restore it')
  const save = snapshot
    .command('save <file>')
    .description('save the state of a running cluster, ledger included')
    .action(async (file: string) => {
      const { client, output } = sessionOf(io, save)
      const summary = await saveTo(client, file)
      output.one(summary, fieldsOf(file, summary))
      output.note(KEY_NOTE)
    })
  examples(save, 'cronclave snapshot save cronclave-2026-11-21.state')
  const status = snapshot
    .command('status <file>')
    .description('check every byte of a saved state and say what is in it; needs no server')
    .action(async (file: string) => {
      const summary = await summaryOf(file)
      outputOf(io, status).one(summary, fieldsOf(file, summary))
    })
  examples(status, 'cronclave snapshot status cronclave-2026-11-21.state', 'cronclave snapshot status -o json s.state')
  const restore = addSettings(
    snapshot
      .command('restore <file>')
      .description('make an empty data folder that of a new cluster with a saved state; needs no server'),
  ).action(async (file: string, options: Record<string, unknown>) => {
    const { config } = configOf(options)
    await summaryOf(file)
    const { restoreState } = await import('../offline.ts')
    const made = await restoreState(offlineDeps(config, io.clock, systemRandom), createReadStream(file))
    reportNewCluster(outputOf(io, restore), config, made)
  })
  examples(restore, 'cronclave snapshot restore cronclave-2026-11-21.state --data-folder /var/lib/cronclave')
}

/** Writes beside the file first: what has its name is whole. */
async function saveTo(client: Client, file: string): Promise<StateSummary> {
  if (await exists(file)) throw new CommandFault(EXIT.usage, `${file} is there already; it is not overwritten.`)
  const response = await client.fetch(new Request(`${ENDPOINT}/v1/cluster/snapshot`), { stream: true })
  if (!response.ok || response.body === null)
    throw faultOf(response.status, (await response.json().catch(() => undefined)) as Problem | undefined)
  const part = `${file}.part`
  try {
    const target = await open(part, 'w', 0o600).catch((error: unknown) => {
      throw new CommandFault(EXIT.usage, `${part} cannot be written: ${(error as Error).message}`)
    })
    let summary: StateSummary
    try {
      summary = await summarise(written(response.body, target))
      await target.sync()
    } finally {
      await target.close()
    }
    await rename(part, file)
    await syncFolder(dirname(resolve(file)))
    return summary
  } catch (error) {
    await rm(part, { force: true })
    if (error instanceof BrokenState)
      throw new CommandFault(EXIT.unavailable, `The state did not arrive whole: ${error.message}. Nothing was saved.`)
    throw error
  }
}

/** What passes by is written as well. */
async function* written(
  body: AsyncIterable<Uint8Array>,
  target: { write(bytes: Uint8Array): Promise<unknown> },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    await target.write(chunk)
    yield chunk
  }
}

async function summaryOf(file: string): Promise<StateSummary> {
  try {
    if (!(await exists(file))) throw new CommandFault(EXIT.usage, `There is no file ${file}.`)
    return await summarise(createReadStream(file))
  } catch (error) {
    if (!(error instanceof BrokenState)) throw error
    throw new CommandFault(EXIT.usage, `${file} is not a whole saved state: ${error.message}.`)
  }
}

function fieldsOf(file: string, { header, trailer, ...counts }: StateSummary): Record<string, string | number> {
  const { cluster, index, term, format, clusterVersion, tzdata } = header
  return {
    file,
    cluster,
    index,
    term,
    format,
    'cluster version': clusterVersion,
    tzdata,
    namespaces: counts.namespaces,
    services: counts.services,
    jobs: counts.jobs,
    'open runs': counts.openRuns,
    'finished runs': counts.finishedRuns,
    attempts: counts.attempts,
    keys: counts.keys,
    rows: trailer.rows,
    bytes: trailer.bytes,
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
