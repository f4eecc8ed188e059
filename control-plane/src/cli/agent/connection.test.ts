import { expect, test } from 'vitest'
import { watchedConnection } from './connection.ts'

/** A control plane of two nodes; each answers with its status, or does not. */
function nodes() {
  const status = new Map<string, number | Error | Response>()
  const said: string[] = []
  const note = (fields: object, message: string) => void said.push([...Object.values(fields), message].join(' '))
  const log = { debug: note, info: note, warn: note, error: note }
  const send = (input: Parameters<typeof fetch>[0]) => {
    const answer = status.get(new URL(input as string).origin) ?? 200
    if (answer instanceof Error) return Promise.reject(answer)
    return Promise.resolve(typeof answer === 'number' ? Response.json({}, { status: answer }) : answer.clone())
  }
  const connection = watchedConnection(send, log)
  const ask = (origin: string, init?: RequestInit) => connection.fetch(`${origin}/v1/poll`, init).catch(() => undefined)
  return { status, said, connection, ask }
}

const ONE = 'http://n1:7420'
const TWO = 'http://n2:7420'

test('it says once which node answers, and once that none does', async () => {
  const { status, said, connection, ask } = nodes()
  await ask(ONE)
  await ask(ONE)
  expect(connection.to).toBe(ONE)
  status.set(ONE, new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') }))
  await ask(ONE)
  await ask(ONE)
  expect(connection.to).toBeUndefined()
  await ask(TWO)
  expect(connection.to).toBe(TWO)
  status.set(TWO, 503)
  await ask(TWO)
  expect(said).toEqual([
    `${ONE} connected`,
    `${ONE} connect ECONNREFUSED the control plane does not answer`,
    `${TWO} connected`,
    `${TWO} it answered 503 the control plane does not answer`,
  ])
})

test('nodes that fail in turn are each named once, until one of them answers', async () => {
  const { status, said, ask } = nodes()
  status.set(ONE, new Error('gone'))
  status.set(TWO, 502)
  for (const node of [ONE, TWO, ONE, TWO]) await ask(node)
  expect(said).toHaveLength(2)
  status.delete(TWO)
  await ask(TWO)
  status.set(TWO, 502)
  await ask(TWO)
  expect(said).toHaveLength(4)
})

test('another node that fails is no reason to doubt the one that answers', async () => {
  const { status, said, connection, ask } = nodes()
  await ask(ONE)
  status.set(TWO, 502)
  await ask(TWO)
  expect(connection.to).toBe(ONE)
  expect(said).toHaveLength(1)
})

test('a request that takes too long counts, one that is broken off since nobody wants its answer does not', async () => {
  const { status, said, connection, ask } = nodes()
  await ask(ONE)
  status.set(ONE, new DOMException('aborted', 'AbortError'))
  await ask(ONE, { signal: AbortSignal.abort() })
  expect(connection.to).toBe(ONE)
  await ask(ONE, { signal: AbortSignal.abort(new DOMException('', 'TimeoutError')) })
  expect(connection.to).toBeUndefined()
  expect(said.at(-1)).toContain('it gave no answer in time')
})

test('a proxy that answers in the place of a node is none, and whoever has the keys is not asked about', async () => {
  const { status, said, connection, ask } = nodes()
  status.set(ONE, new Response('<h1>Not Found</h1>', { status: 404, headers: { 'content-type': 'text/html' } }))
  await ask(ONE)
  status.set(ONE, new Response('', { status: 301, headers: { location: 'https://n1/' } }))
  await ask(ONE)
  expect(said).toEqual([
    `${ONE} it answered 404 the control plane does not answer`,
    `${ONE} it answered 301 the control plane does not answer`,
  ])
  await connection.fetch(`${TWO}/.well-known/jwks.json`)
  expect(connection.to).toBeUndefined()
  status.set(ONE, 401)
  await ask(ONE)
  expect(connection.to).toBe(ONE)
})
