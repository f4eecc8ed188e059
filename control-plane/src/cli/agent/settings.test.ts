import { expect, test } from 'vitest'
import { systemClock } from '../../runtime/clock.ts'
import type { AgentOptions } from '../agent.ts'
import type { Io } from '../io.ts'
import { agentSettings } from './settings.ts'

const env = { CRONCLAVE_TOKEN: 'cct_x', CRONCLAVE_SECRET: 'whsec_x' }
const options: AgentOptions = {
  ...{ service: 'near', slots: 3, dataFolder: 'data', drain: 25_000, statusEvery: 0, logLevel: 'info' },
  allowLoopback: true,
}

/** What is wrong with a URL for an agent of these endpoints. */
async function faultOf(url: string, endpoint: string[], more: Partial<AgentOptions> = {}): Promise<string | undefined> {
  const io = { env, clock: systemClock() } as unknown as Io
  const globals = { endpoint, namespace: 'default', output: 'table' } as const
  const { plugins } = await agentSettings(io, { ...options, ...more }, globals)
  const result = await plugins[0]?.schema['~standard'].validate({ url })
  return result?.issues?.[0]?.message
}

test('no job has an agent call the control plane that it talks to', async () => {
  const endpoints = ['http://127.0.0.1:7420', 'https://[fd00::7]', 'http://10.0.0.9', 'https://cron.example.com']
  const own = ['http://127.0.0.1:7420/v1', 'http://127.0.0.2:7420', 'http://localhost:7420', 'http://[::1]:7420']
  const named = ['https://cron.example.com/v1', 'https://CRON.example.com.:443', 'http://cron.example.com:443']
  for (const url of [...own, ...named, 'https://[fd00::7]/', 'http://10.0.0.9:80/', 'http://[::ffff:10.0.0.9]/']) {
    expect(await faultOf(url, endpoints), url).toContain("this cluster's own listener")
  }
  for (const url of ['http://127.0.0.1:7421/v1', 'http://[fd00::7]/', 'https://10.0.0.9/', 'http://cron.example.com']) {
    expect(await faultOf(url, endpoints), url).toBeUndefined()
  }
})

test('an agent calls the hosts that were named, and any where none were', async () => {
  const allowHost = ['*.shop.internal', 'ledger.internal']
  expect(await faultOf('http://a.shop.internal/', [], { allowHost })).toBeUndefined()
  expect(await faultOf('http://LEDGER.internal/', [], { allowHost })).toBeUndefined()
  for (const host of ['shop.internal', 'ledger.internal.evil.example', 'notledger.internal', '10.0.0.1']) {
    expect(await faultOf(`http://${host}/`, [], { allowHost }), host).toContain('this agent calls *.shop.internal')
  }
  expect(await faultOf('http://anything.example/', [])).toBeUndefined()
})

test('hosts are compared as a URL has them, and what is none is refused before anything can be shut out by it', async () => {
  const allowHost = ['*.BÜCHER.example', '::1', '[fd00::7]', '10.1']
  for (const url of ['http://a.xn--bcher-kva.example/', 'http://[::1]/', 'http://[fd00:0::7]/', 'http://10.0.0.1/'])
    expect(await faultOf(url, [], { allowHost }), url).toBeUndefined()
  for (const wrong of [
    '*',
    '',
    '*.',
    'a.internal:8080',
    'http://a.internal',
    'a.internal/x',
    'a,b',
    'u@a',
    'a b',
    '*.*.a',
  ]) {
    await expect(faultOf('http://a/', [], { allowHost: [wrong] }), wrong).rejects.toThrow('--allow-host')
  }
})

test('an agent leaves its own machine alone unless it is told otherwise', async () => {
  const url = 'http://localhost:8080/'
  expect(await faultOf(url, [], { allowLoopback: false })).toContain('a loopback address')
  expect(await faultOf(url, [])).toBeUndefined()
})
