import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ManifestName, SeenManifest, ServiceManifest } from '../discovery/manifest.ts'
import { judgeManifest } from './manifest-verdict.ts'

function known(current: string | undefined, ...seen: (ManifestName & { outcome?: SeenManifest['outcome'] })[]) {
  const all = seen.map((one): SeenManifest => ({ outcome: 'reconciled', at: 0, ...one }))
  const found = all.find(({ hash }) => hash === current)
  const manifest: ServiceManifest = { service: 1, version: 1, seen: all, kept: [] }
  if (found) manifest.current = { ...found, handlers: [], by: 't' }
  return manifest
}

test.each<[string, ServiceManifest | undefined, ManifestName, ReturnType<typeof judgeManifest>]>([
  ['the first is taken', undefined, { hash: 'a' }, 'newer'],
  [
    'the first after one that was refused is taken',
    known(undefined, { hash: 'a', outcome: 'refused' }),
    { hash: 'b' },
    'newer',
  ],
  ['the same is the same', known('a', { hash: 'a' }), { hash: 'a' }, 'same'],
  ['what was never seen is newer', known('a', { hash: 'a' }), { hash: 'b' }, 'newer'],
  ['what had its turn is older', known('b', { hash: 'a' }, { hash: 'b' }), { hash: 'a' }, 'older'],
  ['after a rollback what came later is older', known('a', { hash: 'a' }, { hash: 'b' }), { hash: 'b' }, 'older'],
  ['after a rollback what was never seen is newer', known('a', { hash: 'a' }, { hash: 'b' }), { hash: 'c' }, 'newer'],
  [
    'a smaller number is older, also when it is seen later',
    known('b', { hash: 'b', order: 2 }),
    { hash: 'a', order: 1 },
    'older',
  ],
  ['a larger number is newer', known('a', { hash: 'a', order: 1 }), { hash: 'b', order: 2 }, 'newer'],
  [
    'of equal numbers the one seen later is newer',
    known('a', { hash: 'a', order: 1 }),
    { hash: 'b', order: 1 },
    'newer',
  ],
  ['a number says nothing against one without', known('a', { hash: 'a', order: 9 }), { hash: 'b' }, 'newer'],
  [
    'one that was refused may be tried again',
    known('a', { hash: 'a' }, { hash: 'b', outcome: 'refused' }),
    { hash: 'b' },
    'newer',
  ],
  [
    'one that was refused is not tried again once something later was taken',
    known('c', { hash: 'b', outcome: 'refused' }, { hash: 'c' }),
    { hash: 'b' },
    'older',
  ],
])('%s', (_, before, manifest, verdict) => {
  expect(judgeManifest(before, manifest)).toBe(verdict)
})

/** What registrations in this order come to; nothing that is older is taken. */
function after(names: readonly ManifestName[]): ServiceManifest | undefined {
  let state: ServiceManifest | undefined
  for (const name of names) {
    const verdict = judgeManifest(state, name)
    const seen = state?.seen ?? []
    const isSeen = seen.some(({ hash }) => hash === name.hash)
    const outcome = verdict === 'older' ? 'older' : 'reconciled'
    state = {
      service: 1,
      version: 1,
      kept: [],
      seen: isSeen ? seen : [...seen, { ...name, outcome, at: 0 }],
      ...(verdict === 'older'
        ? { ...(state?.current && { current: state.current }) }
        : { current: { ...name, handlers: [], at: 0, by: 't' } }),
    }
  }
  return state
}

test('in whichever order executors of two numbered revisions register, the newer one stays', () => {
  const one = { hash: 'a', revision: 'r1', order: 1 }
  const two = { hash: 'b', revision: 'r2', order: 2 }
  fc.assert(
    fc.property(fc.array(fc.constantFrom(one, two), { minLength: 1 }), (names) => {
      expect(after(names)?.current?.revision).toBe(names.includes(two) ? 'r2' : 'r1')
    }),
  )
})

test('without numbers the revision that was seen first last stays, whoever registers again', () => {
  const all = ['r1', 'r2', 'r3'].map((revision) => ({ hash: revision, revision }))
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...all), { minLength: 1 }), (names) => {
      const firsts = [...new Set(names)]
      expect(after(names)?.current?.revision).toBe(firsts.at(-1)?.revision)
    }),
  )
})
