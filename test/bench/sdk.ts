/** What the SDK costs its host: CPU to verify a call, and bytes in a bundle. Beside node:crypto and `standardwebhooks` in the same run. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { Webhook } from 'standardwebhooks'
import { generateKeys, publicJwk, signToken, tokenKey } from '../../control-plane/src/signing/token.ts'
import type { Unchecked } from '../../sdk/src/auth.ts'
import { systemClock } from '../../sdk/src/clock.ts'
import { createExecutor } from '../../sdk/src/executor.ts'
import type { Hmac } from '../../sdk/src/hmac.ts'
import { jwt } from '../../sdk/src/jwt.ts'
import { createKeyring } from '../../sdk/src/keys.ts'
import { nodeHmac } from '../../sdk/src/node-hmac.ts'
import { checkSecrets } from '../../sdk/src/signature.ts'
import { createVerifier } from '../../sdk/src/verify.ts'
import { type Figure, median } from './figure.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const KEY = Buffer.alloc(32, 7)
const BODY_BYTES = 1000
const ROUNDS = 5
const CALLS = 5000
const WEB_TARGET_US = 60
const NODE_TARGET_US = 15
const TOKEN_TARGET_US = 250
const CORE_TARGET_BYTES = 8000
const ENTRIES = ['index', 'verify', 'jwt', 'hono', 'express', 'node'] as const
const ISSUER = 'https://cron.example.com'
const NOTHING = {}

/** CPU microseconds per call, all threads counted, medians of interleaved rounds; and sizes of the bundles. */
export async function benchSdk(): Promise<Figure[]> {
  const contestants = [...secretContestants(), ...tokenContestants()]
  const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]))
  for (let round = 0; round <= ROUNDS; round++) {
    for (const contestant of contestants) {
      const us = await cpuPerCall(contestant, round)
      if (round > 0) times.get(contestant.name)?.push(us) // the first one warms up
    }
  }
  const value = (name: string) => median(times.get(name) ?? [])
  const figures = contestants.flatMap(({ name, targetUs, beside = [] }): Figure[] => {
    const figure = { name, value: value(name), unit: 'µs CPU' }
    if (targetUs === undefined) return name.startsWith('whole call') ? [figure] : []
    const judged: Figure = { ...figure, target: targetUs, better: 'less' }
    return beside.map((other) => ({ ...judged, yardstick: { name: other, value: value(other) } }))
  })
  return [...figures, ...(await bundleFigures())]
}

interface Contestant {
  name: string
  task: (signed: Signed) => unknown
  /** Authorization of a call, where a token signs it. */
  token?: (signed: Signed) => string
  targetUs?: number
  /** Who does a part of it without us. */
  beside?: string[]
}

function secretContestants(): Contestant[] {
  const verifier = createVerifier({ secret: SECRET })
  const check = checkSecrets(createKeyring(SECRET), systemClock)
  const executor = createExecutor({ service: 'billing', secret: SECRET }).job('report', () => 1)
  const receive = (signed: Signed, hmac?: Hmac) =>
    executor.receive({ method: 'POST', body: signed.body, header: (name) => signed.headers[name], hmac })
  const byNode = { hmac: nodeHmac }
  return [
    { name: 'standardwebhooks', task: (signed) => new Webhook(SECRET).verify(signed.text, signed.headers) },
    { name: 'node:crypto', task: verifyByNode },
    {
      name: 'verify 1 kB, Web APIs',
      task: (signed) => verifier.verify(signed),
      targetUs: WEB_TARGET_US,
      beside: ['standardwebhooks', 'node:crypto'],
    },
    {
      name: 'verify 1 kB, adapters for Node',
      task: (signed) => check({ ...unchecked(signed), ...byNode }, signed.body, NOTHING),
      targetUs: NODE_TARGET_US,
      beside: ['node:crypto'],
    },
    { name: 'whole call: verify, run, sign; Web APIs', task: (signed) => receive(signed) },
    { name: 'whole call: verify, run, sign; adapters for Node', task: (signed) => receive(signed, nodeHmac) },
  ]
}

function tokenContestants(): Contestant[] {
  return (['EdDSA', 'ES256'] as const).map((alg) => {
    const pair = generateKeys(alg)
    const key = tokenKey({ ...pair, issuer: ISSUER }, pair.secret)
    const auth = jwt({ issuer: ISSUER, jwks: { keys: [publicJwk(pair)] } })
    const check = auth.bind({ service: 'billing', clock: systemClock })
    const about = { audience: 'cronclave:c1/1/billing', subject: 'report', method: 'POST', path: '/jobs' }
    return {
      name: `verify 1 kB, JWT by ${alg}`,
      token: ({ headers, body }) =>
        signToken(key, { ...about, id: headers['webhook-id'], origin: 'http://executor', body, now: Date.now() }),
      task: async (signed) => {
        const verdict = await check(unchecked(signed), signed.body, NOTHING)
        if (!verdict.ok) throw new Error(verdict.fault)
      },
      targetUs: TOKEN_TARGET_US,
      beside: ['node:crypto'],
    }
  })
}

function unchecked({ headers }: Signed): Unchecked {
  return { method: 'POST', header: (name) => headers[name] }
}

interface Signed {
  text: string
  body: Buffer
  headers: Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> & Record<string, string>
}

async function cpuPerCall({ task, token }: Contestant, round: number): Promise<number> {
  const calls = Array.from({ length: CALLS }, (_, index) => signedCall(`b${round}-${index}`))
  if (token) for (const signed of calls) signed.headers['authorization'] = `Bearer ${token(signed)}`
  const before = process.cpuUsage()
  for (const signed of calls) await task(signed)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / CALLS
}

function signedCall(id: string): Signed {
  const now = Date.now()
  const data = {
    namespace: 'default',
    service: 'billing',
    job: 'report',
    handler: 'report',
    runId: 'run1',
    attemptId: id,
    attempt: 1,
    maxAttempts: 1,
    trigger: 'schedule',
    fireTime: '2026-11-20T23:00:00+08:00',
    deadline: new Date(now + 60_000).toISOString(),
    shard: { index: 0, total: 1 },
    fencingToken: '42',
    params: { text: '' },
  }
  const envelope = { type: 'run.dispatch', timestamp: new Date(now).toISOString(), data }
  data.params.text = 'x'.repeat(BODY_BYTES - JSON.stringify(envelope).length)
  const text = JSON.stringify(envelope)
  const timestamp = String(Math.floor(now / 1000))
  const signature = `v1,${createHmac('sha256', KEY).update(`${id}.${timestamp}.${text}`).digest('base64')}`
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature }
  return { text, body: Buffer.from(text), headers }
}

function verifyByNode({ body, headers }: Signed): boolean {
  const head = `${headers['webhook-id']}.${headers['webhook-timestamp']}.`
  const expected = createHmac('sha256', KEY).update(head).update(body).digest()
  return timingSafeEqual(expected, Buffer.from(headers['webhook-signature'].slice(3), 'base64'))
}

/** What is imported with `await import()` is loaded when it is first used, and is no part of what an entry loads. */
const loadedLater: Plugin = {
  name: 'loaded-later',
  setup: (build) =>
    build.onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    ),
}

async function bundleFigures(): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const entry of ENTRIES) {
    const file = fileURLToPath(new URL(`../../sdk/src/${entry}.ts`, import.meta.url))
    const { outputFiles } = await build({
      entryPoints: [file],
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      external: ['node:crypto'],
      plugins: [loadedLater],
    })
    const bytes = outputFiles[0]?.contents ?? new Uint8Array()
    const yardstick = { name: 'gzip', value: gzipSync(bytes).length }
    const figure = {
      name: `bundle of ${entry}, brotli`,
      value: brotliCompressSync(bytes).length,
      unit: 'bytes',
      yardstick,
    }
    figures.push(entry === 'index' ? { ...figure, target: CORE_TARGET_BYTES, better: 'less' } : figure)
  }
  return figures
}
