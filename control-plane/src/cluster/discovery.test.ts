import { expect, test } from 'vitest'
import { ADDRESSES_MAX, Discovery, type Lookups } from './discovery.ts'
import { parseDiscovery } from './discovery-source.ts'

const warnings: string[] = []
let said: object
const logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (fields: object, message: string) => {
    warnings.push(message)
    said = fields
  },
  error: () => undefined,
}

const lookups: Lookups = {
  hosts: (name) =>
    name === 'members' ? Promise.resolve(['10.0.0.2', 'fd00::1', '10.0.0.1']) : Promise.reject(new Error('ENOTFOUND')),
  services: () => Promise.resolve([{ name: 'n9.example.', port: 9 }]),
  document: (url) => Promise.resolve(documents[url]),
}
const documents: Record<string, unknown> = {
  'https://a/list.json': ['10.0.0.1:7421', 'h:1'],
  'https://a/object.json': { addresses: ['h:2'] },
  'https://a/wrong.json': ['h:1', 'not an address'],
  'https://a/number.json': 7,
}

function find(...sources: string[]) {
  warnings.length = 0
  return new Discovery(
    sources.flatMap((text) => parseDiscovery(text) ?? []),
    lookups,
    logger,
  )
}

test('addresses of all sources come together, each once', async () => {
  const sources = ['dns://members:7421', 'srv://_c._tcp.example', 'https://a/list.json', 'https://a/object.json', 'h:1']
  expect(await find(...sources).addresses()).toEqual([
    '10.0.0.1:7421',
    '10.0.0.2:7421',
    '[fd00::1]:7421',
    'h:1',
    'h:2',
    'n9.example:9',
  ])
})

test.each([
  'dns://nobody:1',
  'https://a/wrong.json',
  'https://a/number.json',
])('%s finds nothing, which is said once, and the others are taken', async (source) => {
  const discovery = find(source, 'h:1')
  expect(await discovery.addresses()).toEqual(['h:1'])
  expect(await discovery.addresses()).toEqual(['h:1'])
  expect(warnings).toEqual(['discovery found nothing'])
})

test('more addresses than the limit are cut, and that is said', async () => {
  documents['https://a/many.json'] = Array.from({ length: 100 }, (_, at) => `h${at}:1`)
  expect(await find('https://a/many.json').addresses()).toHaveLength(ADDRESSES_MAX)
  expect(warnings).toEqual(['discovery found more addresses than are looked at'])
})

test('what comes after the path of a URL is not written into the log', async () => {
  await find('https://a/wrong.json?token=hunter2').addresses()
  expect(said).toMatchObject({ source: { kind: 'https', url: 'https://a/wrong.json' } })
  expect(JSON.stringify(said)).not.toContain('hunter2')
})
