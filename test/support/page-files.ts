import { createReadStream, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type OfflineDeps, restoreState } from '../../control-plane/src/offline.ts'
import { systemClock } from '../../control-plane/src/runtime/clock.ts'
import { systemRandom } from '../../control-plane/src/runtime/random.ts'
import { apply } from '../../control-plane/src/state/apply.ts'
import { Image } from '../../control-plane/src/state/image.ts'
import { emptyState } from '../../control-plane/src/state/state.ts'
import { openLevelStore } from '../../control-plane/src/store/level.ts'
import { exportState } from '../../control-plane/src/store/state-export.ts'
import { PrivateCa } from './private-ca.ts'

export const NOT_FOUND = { type: 'about:blank', title: 'There is no such thing', status: 404, code: 'not-found' }

const MANIFEST = { service: 'billing', revision: 'v1', handlers: [{ name: 'report', job: {} }] }

/** The files, folders and servers that commands of the documentation take for granted, made in a folder of a test. */
export class PageFiles {
  readonly #folder: string
  readonly #jobs: string
  readonly #ca = new PrivateCa()
  readonly #server: Server
  /** What the server behind the private CA was asked. */
  readonly asked: string[] = []

  constructor(folder: string, jobs: string) {
    this.#folder = folder
    this.#jobs = jobs
    const { cert, key } = this.#ca.issue('api', 'IP:127.0.0.1')
    this.#server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
      this.asked.push(`${request.method} ${new URL(`https://host${request.url}`).pathname}`)
      response.writeHead(404, { 'content-type': 'application/problem+json' }).end(JSON.stringify(NOT_FOUND))
    })
  }

  async begin(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    await saveState(this.#path('saved.state'), join(this.#folder, 'store'))
  }

  end(): void {
    this.#server.close()
    this.#ca.remove()
  }

  /** The words of a command, with what is there instead of what the page names. */
  async instead(words: readonly string[]): Promise<string[]> {
    const [command, verb] = words
    const made: string[] = []
    for (const word of words) made.push(await this.#insteadOf(word, command, verb))
    return made
  }

  async #insteadOf(word: string, command = '', verb = ''): Promise<string> {
    if (word === 'jobs.yaml') return this.#written(word, this.#jobs)
    if (word === 'manifest.json' || word === 'v41.json') return this.#written(word, JSON.stringify(MANIFEST))
    if (word === './executor.mjs')
      return this.#written('executor.mjs', `export const executor = { manifest: () => (${JSON.stringify(MANIFEST)}) }`)
    if (word === 'executor.secret') return this.#written(word, `whsec_${Buffer.alloc(32, 7).toString('base64')}\n`)
    // Nobody listens there.
    if (word === 'http://127.0.0.1:8000/jobs') return 'http://127.0.0.1:9/jobs'
    if (word === 'cluster.key') return join(this.#fresh(), word)
    if (word === 'api-ca.pem') return this.#ca.ca
    if (word.startsWith('https://')) return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    if (/^[\w-]+\.state$/.test(word)) return verb === 'save' ? join(this.#fresh(), word) : this.#path('saved.state')
    if (word === '/var/lib/cronclave') return command === 'recover' ? this.#memberFolder() : join(this.#fresh(), 'data')
    return word
  }

  /** The data folder of a member that has stopped. */
  async #memberFolder(): Promise<string> {
    const folder = join(this.#fresh(), 'data')
    await restoreState(offlineDeps(folder), createReadStream(this.#path('saved.state')))
    return folder
  }

  #written(name: string, text: string): string {
    const path = this.#path(name)
    writeFileSync(path, text)
    return path
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }

  #fresh(): string {
    return mkdtempSync(join(this.#folder, 'of-a-page-'))
  }
}

/** A saved state of a cluster that has just begun. */
async function saveState(file: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const clock = systemClock()
  const store = await openLevelStore({ folder, clock, onFatal: () => undefined })
  const state = emptyState()
  const command = { kind: 'cluster-init', at: clock.now(), cluster: 'c'.repeat(16), namespaceSlots: 10 } as const
  new Image(state, store).note(apply(state, { index: 1, term: 1, command }).changes)
  await store.flush()
  const parts: Uint8Array[] = []
  for await (const chunk of (await exportState(store, { tzdata: '2026b' })).chunks) parts.push(chunk)
  writeFileSync(file, Buffer.concat(parts))
  await store.close()
}

function offlineDeps(folder: string): OfflineDeps {
  const clock = systemClock()
  const [nodeName, peerAddress, walSegmentBytes] = ['n1', '127.0.0.1:7421', 8 * 1_048_576]
  return { clock, random: systemRandom, folder, nodeName, peerAddress, walSegmentBytes }
}
