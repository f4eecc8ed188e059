import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'

/** A module in a process of its own, and what it says, line by line. It waits by `goAhead()` until it is told `go()`. */
function processOf(code: string) {
  const all = `
    import { createServer } from 'node:http'
    import { createExecutor } from '${new URL('index.ts', import.meta.url)}'
    import { node, start } from '${new URL('node.ts', import.meta.url)}'
    import { harness, testControlPlane, testSecret } from '${new URL('testing.ts', import.meta.url)}'
    const secret = testSecret()
    const { stdin } = process
    const goAhead = () => new Promise((resolve) => stdin.once('data', () => resolve(stdin.pause())).resume())
    const told = (body) => Promise.resolve(Response.json(body))
    const options = { service: 'billing', secret, logger: false, controlPlane: 'http://n1.test' }
    ${code}`
  const args = ['--import', 'tsx', '--input-type=module', '-e', all]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const go = () => child.stdin.write('go')
  return { child, go, ended: once(child, 'exit'), lines: createInterface(child.stdout)[Symbol.asyncIterator]() }
}

test('a process whose server is closed ends, though its executor still announces itself', async () => {
  const { ended } = processOf(`
    const heartbeats = { answer: 'ok', leaseTtlMs: 3_600_000, heartbeatMs: 1_200_000 }
    const executor = createExecutor({ ...options, fetch: () => told(heartbeats) })
    const server = createServer(node(executor)).listen(0, '127.0.0.1')
    await executor.start({ url: 'http://127.0.0.1:3000', token: 'cct_1' })
    server.close()`)
  expect(await ended).toEqual([0, null])
})

test('one that has no server, and asks for its calls, goes on asking while no node answers', async () => {
  const { child, ended, lines } = processOf(`
    const fetch = (url) => {
      console.log(new URL(url).pathname)
      return Promise.reject(new Error('nobody there'))
    }
    void createExecutor({ ...options, id: 'e1', fetch }).listen({ token: 'cct_1' })`)
  const path = '/v1/namespaces/default/services/billing/executors/e1'
  for (let tries = 0; tries < 3; tries++) expect(await lines.next()).toEqual({ done: false, value: path })
  child.kill('SIGKILL')
  expect(await ended).toEqual([null, 'SIGKILL'])
})

test('one whose handler was answered 202 ends once its outcome is acknowledged, and not before', async () => {
  const { ended, lines } = processOf(`
    const controlPlane = testControlPlane()
    let results = 0
    const fetch = (url, init) => {
      if (!String(url).endsWith('/result')) return controlPlane.fetch(url, init)
      console.log(++results)
      return results < 3 ? Promise.reject(new Error('nobody there')) : controlPlane.fetch(url, init)
    }
    let finish
    const executor = createExecutor({ ...options, fetch }).job('report', () => new Promise((resolve) => (finish = resolve)))
    const fetchAndFinish = async (request, runtime) => {
      const reply = await executor.fetch(request, runtime)
      console.log(reply.status)
      finish()
      return reply
    }
    void harness({ fetch: fetchAndFinish }, { ...options, controlPlane, waitMs: 1 }).start('report')`)
  const said: string[] = []
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) said.push(line.value)
  expect(said).toEqual(['202', '1', '2', '3'])
  expect(await ended).toEqual([0, null])
})

/** Two executors, of which the second leaves when it is told to, and says so. */
const TWO_EXECUTORS = `
    const executorOf = (id, leave) => {
      const fetch = async (url, { method }) => {
        if (method === 'DELETE') await leave()
        return Response.json({ leaseTtlMs: 30_000, heartbeatMs: 10_000 })
      }
      return start(createExecutor({ ...options, id, fetch }), { url: 'http://127.0.0.1:3000', token: 'cct_1' })
    }
    const first = await executorOf('a', async () => console.log('a has left'))
    const second = await executorOf('b', async () => {
      await goAhead()
      console.log('b has left')
    })
    const server = createServer().listen(0, '127.0.0.1', () => console.log('ready'))`

test.each([
  ['both are asked to', ''],
  ['one of them leaves already', 'void second.stop()'],
])('one with two executors ends by the signal once the last of them has left, when %s', async (_, code) => {
  const { child, go, ended, lines } = processOf(`${TWO_EXECUTORS}\n${code}`)
  expect((await lines.next()).value).toBe('ready')
  child.kill('SIGTERM')
  expect((await lines.next()).value).toBe('a has left')
  go()
  expect((await lines.next()).value).toBe('b has left')
  expect(await ended).toEqual([null, 'SIGTERM'])
})

test('one that was told to wait for no duration stays, and leaves by the signal', async () => {
  const code = `await second.stop()
    await first.stop({ drain: '25 sec' }).catch(({ message }) => console.log(message))`
  const { child, go, ended, lines } = processOf(`${TWO_EXECUTORS}\n${code}`)
  expect((await lines.next()).value).toBe('ready')
  go()
  expect((await lines.next()).value).toBe('b has left')
  expect((await lines.next()).value).toMatch('not a duration: 25 sec')
  child.kill('SIGTERM')
  expect((await lines.next()).value).toBe('a has left')
  expect(await ended).toEqual([null, 'SIGTERM'])
})

test('one that listens for the signal itself decides when it ends', async () => {
  const code = `process.once('SIGTERM', async () => {
      await Promise.all([first.stop(), second.stop()])
      console.log('goes on')
      await goAhead()
      process.exit(3)
    })`
  const { child, go, ended, lines } = processOf(`${TWO_EXECUTORS}\n${code}`)
  expect((await lines.next()).value).toBe('ready')
  child.kill('SIGTERM')
  for (const line of ['a has left', 'b has left', 'goes on']) {
    expect((await lines.next()).value).toBe(line)
    if (line !== 'b has left') go()
  }
  expect(await ended).toEqual([3, null])
})
