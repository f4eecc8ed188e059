// Copied by test/packages.mjs into an empty project, and called there on every version of Node that the SDK is for.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'

const KEY = Buffer.alloc(32, 7)

/** A signed call gets the handler's word, signed, by WebCrypto and by node:crypto; with another body it gets nothing. */
export async function callSdk({ createExecutor }, { node }) {
  const secret = `whsec_${KEY.toString('base64')}`
  const executor = createExecutor({ service: 'billing', secret, logger: false }).job('report', (ctx) => ctx.params)
  const server = createServer(node(executor)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${server.address().port}/`
  await check('run1-0-1', (init) => executor.fetch(new Request(url, init)))
  await check('run1-0-2', (init) => fetch(url, init))
  server.closeAllConnections()
  server.close()
  console.log(process.version)
}

async function check(id, send) {
  const body = dispatchBody(id)
  const call = { method: 'POST', headers: headersOf(id, body) }
  assert.equal((await send({ ...call, body: `${body} ` })).status, 401)
  const reply = await send({ ...call, body })
  const text = await reply.text()
  assert.equal(reply.status, 200, text)
  const { outcome, result } = JSON.parse(text).data
  assert.deepEqual({ outcome, result }, { outcome: 'succeeded', result: { text: 'é' } })
  assert.equal(reply.headers.get('webhook-id'), `re_${id}`)
  const signature = sign(`re_${id}`, reply.headers.get('webhook-timestamp'), text)
  assert.equal(reply.headers.get('webhook-signature'), signature)
}

function dispatchBody(attemptId) {
  const now = Date.now()
  const run = { job: 'nightly', handler: 'report', runId: 'run1', attemptId, attempt: 1, maxAttempts: 1 }
  const times = { fireTime: new Date(now).toISOString(), deadline: new Date(now + 60_000).toISOString() }
  const work = { trigger: 'schedule', shard: { index: 0, total: 1 }, params: { text: 'é' }, fencingToken: '1' }
  const data = { namespace: 'default', service: 'billing', ...run, ...times, ...work }
  return JSON.stringify({ type: 'run.dispatch', timestamp: new Date(now).toISOString(), data })
}

function headersOf(id, body) {
  const timestamp = String(Math.floor(Date.now() / 1000))
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': sign(id, timestamp, body) }
}

function sign(id, timestamp, body) {
  return `v1,${createHmac('sha256', KEY).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}
