import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { problem, run } from './run.test-helper.ts'

const folder = mkdtempSync(join(tmpdir(), 'cronclave-agent-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

const CRONCLAVE_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const env = { CRONCLAVE_SECRET }
const DATA = `--data-folder ${folder}/data`

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

test('an agent needs a token and a secret, and takes neither from the command line', async () => {
  const noToken = await run('agent --service near', { env: { ...env, CRONCLAVE_TOKEN: '' } })
  expect(noToken).toMatchObject({ exit: 4, err: expect.stringContaining('set CRONCLAVE_TOKEN') as string })
  const noSecret = await run('agent --service near')
  expect(noSecret).toMatchObject({ exit: 4, err: expect.stringContaining('set CRONCLAVE_SECRET') as string })
  const { out } = await run('agent --help')
  expect(out).not.toMatch(/--token <|--secret </)
})

test('both may stand in files, and every endpoint is asked', async () => {
  const token = file('token', 'cct_of_a_file\n')
  const secret = file('secret', `${CRONCLAVE_SECRET}\n`)
  const { exit, err, calls } = await run(
    `--endpoint http://n1:1,http://n2:2 --token-file ${token} --namespace shop agent --service near --id a1 --slots 3 --secret-file ${secret} ${DATA}`,
    {
      env: { CRONCLAVE_TOKEN: '' },
      answer: ({ url }) =>
        url.startsWith('http://n1') ? new Response('', { status: 502 }) : problem(403, 'forbidden'),
    },
  )
  expect({ exit, err }).toMatchObject({ exit: 1, err: expect.stringContaining('403 forbidden') as string })
  expect(calls.map(({ url }) => url)).toEqual(
    ['http://n1:1', 'http://n2:2'].map((node) => `${node}/v1/namespaces/shop/services/near/executors/a1`),
  )
  expect(calls[1]?.headers.get('authorization')).toBe('Bearer cct_of_a_file')
  expect(calls[1]?.body).toMatchObject({ url: 'pull', slots: 3 })
})

test.each([
  ['--slots 0', '--slots'],
  ['--slots 1001', '--slots'],
  ['--drain soon', '--drain'],
  ['--status-every 2d', '--status-every'],
  ['--log-level loud', '--log-level'],
  ['--plugin gone.mjs', 'gone.mjs'],
  ['--target-ca gone.pem', '--target-ca'],
  ['--target-ca package.json', '--target-ca'],
  ['--allow-host http://ledger.internal', '--allow-host'],
])('%s is a fault of usage', async (flags, named) => {
  const { exit, err } = await run(`agent --service near ${flags} ${DATA}`, { env })
  expect(exit).toBe(2)
  expect(err).toContain(named)
})
